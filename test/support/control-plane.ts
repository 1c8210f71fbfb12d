/** A real Kubernetes control plane on loopback, for tests that must know what a cluster says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findTool, skipWithout, type ToolName, toolEnv } from './find-tool.ts';

/** A part of the control plane that {@link startControlPlane} can start; etcd comes with the API server. */
export type Component = 'apiserver';

/** What to start. */
export interface ControlPlaneOptions {
  components: readonly Component[];
  /** Makes the API server behave as an earlier minor version, such as `1.33`. @default its own version */
  emulatedVersion?: string;
}

/** The API server's answer. */
export interface Answer {
  status: number;
  /** The parsed JSON body, or the text where it is none. */
  body: unknown;
}

/** A running control plane. */
export interface ControlPlane {
  /** `https://127.0.0.1:PORT`. */
  server: string;
  /** The bearer token of a cluster admin. */
  token: string;
  /** The certificate to trust for {@link server}, PEM. */
  ca: string;
  /** Sends a request as the cluster admin. `path` begins with `/`; `body` is sent as JSON. */
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer>;
  /** Ends all processes and removes their files. */
  stop(): Promise<void>;
}

const tools: Record<Component, readonly ToolName[]> = { apiserver: ['etcd', 'kube-apiserver'] };

/** How long the API server may take to get ready; slow where other tests run beside it. */
const READY_LIMIT_MS = 90_000;

/** Whether the tools for these components are there. */
export function hasControlPlane(components: readonly Component[]): boolean {
  return missingTool(components) === undefined;
}

/**
 * Whether the tools for these components are there. Where they are not, the test is marked as skipped and
 * must return; with `CI=true` this throws.
 */
export function requireControlPlane(t: TestContext, components: readonly Component[]): boolean {
  const missing = missingTool(components);
  if (missing !== undefined) skipWithout(t, missing);
  return missing === undefined;
}

function missingTool(components: readonly Component[]): ToolName | undefined {
  return components.flatMap((component) => tools[component]).find((name) => findTool(name) === undefined);
}

/**
 * Starts etcd and the API server on free loopback ports, with files of their own, and waits until the server
 * is ready. Throws where a tool is missing or the server does not come up.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const folder = mkdtempSync(join(tmpdir(), 'control-plane-'));
  const processes: Started[] = [];
  const stop = async () => {
    for (const started of processes.reverse()) await started.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [client, peer, secure] = await freePorts(3);
    processes.push(start('etcd', etcdArgs(folder, client ?? 0, peer ?? 0), folder));
    const token = randomBytes(16).toString('hex');
    const args = apiserverArgs(folder, client ?? 0, secure ?? 0, token);
    if (options.emulatedVersion !== undefined) args.push(`--emulated-version=${options.emulatedVersion}`);
    const apiserver = start('kube-apiserver', args, folder);
    processes.push(apiserver);
    const plane = await connect(folder, `https://127.0.0.1:${secure}`, token, apiserver);
    const agent = plane.agent;
    return {
      ...plane.access,
      stop: async () => {
        agent.destroy();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function etcdArgs(folder: string, client: number, peer: number): string[] {
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${client}`,
    `--advertise-client-urls=http://127.0.0.1:${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    '--unsafe-no-fsync',
  ];
}

function apiserverArgs(folder: string, etcd: number, port: number, token: string): string[] {
  const key = join(folder, 'sa.key');
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(key, privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
  const tokens = join(folder, 'tokens.csv');
  writeFileSync(tokens, `${token},admin,1,system:masters\n`, { mode: 0o600 });
  mkdirSync(join(folder, 'certificates'));
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    `--secure-port=${port}`,
    '--bind-address=127.0.0.1',
    `--cert-dir=${join(folder, 'certificates')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    `--token-auth-file=${tokens}`,
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    '--service-cluster-ip-range=10.0.0.0/24',
  ];
}

interface Started {
  /** Why the process ended, once it has. */
  ended(): string | undefined;
  stop(): Promise<void>;
}

function start(tool: ToolName, args: string[], folder: string): Started {
  const path = findTool(tool);
  if (path === undefined) throw new Error(`missing tool ${tool} (get it: node scripts/tools.mjs ${tool})`);
  const child = spawn(path, args, { cwd: folder, env: toolEnv(), stdio: ['ignore', 'ignore', 'pipe'] });
  // Whatever ends this process must not leave servers behind.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log = `${log}${text}`.slice(-4000);
  });
  return {
    ended: () => (running(child) ? undefined : `${tool} ended early:\n${log}`),
    stop: async () => {
      process.off('exit', kill);
      await end(child);
    },
  };
}

function running(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess): Promise<void> {
  if (!running(child)) return;
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  await gone;
  clearTimeout(timer);
}

/** Waits until the API server is ready and gives access to it. */
async function connect(folder: string, server: string, token: string, apiserver: Started) {
  const deadline = Date.now() + READY_LIMIT_MS;
  for (;;) {
    const problem = apiserver.ended();
    if (problem !== undefined) throw new Error(problem);
    const agent = agentFor(join(folder, 'certificates', 'apiserver.crt'));
    if (agent !== undefined) {
      const send: ControlPlane['request'] = (...args) => exchange(server, agent, token, ...args);
      const answer = await send('GET', '/readyz').catch(() => undefined);
      if (answer?.status === 200 && (await send('GET', '/api/v1/namespaces/default')).status === 200) {
        return { agent, access: { server, token, ca: String(agent.options.ca), request: send } };
      }
      agent.destroy();
    }
    if (Date.now() > deadline) throw new Error(`the API server was not ready after ${READY_LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** An agent that trusts the certificate which the API server writes for itself; undefined until it has. */
function agentFor(certificate: string): Agent | undefined {
  try {
    return new Agent({ ca: readFileSync(certificate, 'utf8'), keepAlive: true, maxSockets: 8 });
  } catch {
    return undefined;
  }
}

function exchange(
  server: string,
  agent: Agent,
  token: string,
  method: string,
  path: string,
  body?: unknown,
  contentType = 'application/json',
): Promise<Answer> {
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, accept: 'application/json' };
  if (body !== undefined) {
    headers['content-type'] = contentType;
    headers['content-length'] = String(Buffer.byteLength(text));
  }
  return new Promise((resolve, reject) => {
    const sent = request(`${server}${path}`, { method, agent, headers, timeout: 30_000 }, (response) => {
      let received = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        received += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parse(received) }));
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer after 30 s`)));
    sent.on('error', reject);
    sent.end(text);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Ports that nothing listened on a moment ago, all different. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
