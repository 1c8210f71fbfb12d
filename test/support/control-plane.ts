/** A real Kubernetes control plane on loopback, for tests that must know what a cluster says. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  apiserverArgs,
  auditFile,
  certificateFile,
  controllerManagerArgs,
  etcdArgs,
  kubeconfigFile,
  kwokArgs,
  schedulerArgs,
  writeFiles,
} from './control-plane/arguments.ts';
import { type Access, type Client, clientOf, kubeconfigText, type Send } from './control-plane/client.ts';
import { addNodes } from './control-plane/node.ts';
import { freePorts, removeAtExit, type Started, startTool } from './control-plane/process.ts';
import { findTool, skipWithout, type ToolName } from './find-tool.ts';

export type { Answer } from './control-plane/client.ts';

/** A part of the control plane that {@link startControlPlane} can start; etcd comes with the API server. */
export type Component = 'apiserver' | 'controller-manager' | 'scheduler' | 'kwok';

/** All parts: Deployments roll out, and Jobs run, on fake nodes. */
export const allComponents: readonly Component[] = ['apiserver', 'controller-manager', 'scheduler', 'kwok'];

/** What to start. */
export interface ControlPlaneOptions {
  /** The API server is always among them. */
  components: readonly Component[];
  /** Makes the API server behave as an earlier minor version, such as `1.33`. @default its own version */
  emulatedVersion?: string;
  /** Whether {@link ControlPlane.auditLog} is written. @default false */
  isAudited?: boolean;
}

/** A running control plane, and the access of a cluster admin. */
export interface ControlPlane extends Access {
  /** Path of a kubeconfig file of the cluster admin, context `test`. */
  kubeconfig: string;
  /**
   * Path of a file with a line of JSON (`audit.k8s.io/v1`) for each request of a ServiceAccount, once answered.
   * Undefined where it is not audited.
   */
  auditLog?: string;
  /** Sends a request as the cluster admin. */
  request: Send;
  /** Takes the API server away; its data and the other parts stay. */
  stopApiServer(): Promise<void>;
  /** Starts the API server again on the same port, and waits until it is ready. */
  startApiServer(): Promise<void>;
  /** Takes the API server away and brings it back. */
  restartApiServer(): Promise<void>;
  /** Ends all processes and removes their files. */
  stop(): Promise<void>;
}

const tools: Record<Component, readonly ToolName[]> = {
  apiserver: ['etcd', 'kube-apiserver'],
  'controller-manager': ['kube-controller-manager'],
  scheduler: ['kube-scheduler'],
  kwok: ['kwok', 'kwok-stages'],
};

/** How long a part may take to get ready; slow where other tests run beside it. */
const READY_LIMIT_MS = 180_000;

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
 * Starts a control plane on free loopback ports, with files of its own, and waits until it is ready: with the
 * controller manager, until the default ServiceAccount is there, with kwok, until its nodes are. It ends with
 * this process at the latest. Throws where a tool is missing or a part does not come up.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { components, emulatedVersion, isAudited = false } = options;
  const folder = mkdtempSync(join(tmpdir(), 'control-plane-'));
  const removeFolder = removeAtExit(folder);
  const [etcd = 0, peer = 0, apiserver = 0, kubelet = 0] = await freePorts(4);
  const ports = { etcd, peer, apiserver, kubelet };
  const server = `https://127.0.0.1:${apiserver}`;
  const token = randomBytes(16).toString('hex');
  const others: Started[] = [];
  let api: Started | undefined;
  let client: Client | undefined;

  const stopApiServer = async () => {
    client?.close();
    await api?.stop();
    api = undefined;
  };
  const startApiServer = async (): Promise<Access> => {
    api ??= startTool('kube-apiserver', apiserverArgs(folder, ports, { emulatedVersion, isAudited }), folder);
    const ready = await connect(api, { server, token, certificate: certificateFile(folder) });
    client = ready.client;
    return ready.access;
  };
  const stop = async () => {
    for (const started of others.splice(1).reverse()) await started.stop();
    await stopApiServer();
    await others.pop()?.stop();
    removeFolder();
  };

  try {
    writeFiles(folder, token);
    others.push(startTool('etcd', etcdArgs(folder, ports), folder));
    const access = await startApiServer();
    const kubeconfig = kubeconfigFile(folder);
    writeFileSync(kubeconfig, kubeconfigText(access), { mode: 0o600 });
    const has = (component: Component) => components.includes(component);
    const add = (tool: ToolName, args: string[]) => others.push(startTool(tool, args, folder));
    if (has('controller-manager')) add('kube-controller-manager', controllerManagerArgs(folder));
    if (has('scheduler')) add('kube-scheduler', schedulerArgs(folder));
    if (has('kwok')) add('kwok', kwokArgs(folder, ports));
    const request: Send = (...args) => {
      if (client === undefined) throw new Error('the API server is stopped');
      return client.request(...args);
    };
    const check = () => {
      const problem = others.map((started) => started.ended()).find(Boolean);
      if (problem !== undefined) throw new Error(problem);
    };
    if (has('controller-manager')) {
      await until('the default ServiceAccount', check, async () => {
        const { status } = await request('GET', '/api/v1/namespaces/default/serviceaccounts/default');
        return status === 200 ? true : undefined;
      });
    }
    if (has('kwok')) {
      await until('the nodes', check, await addNodes(request));
    }
    return {
      ...access,
      kubeconfig,
      ...(isAudited ? { auditLog: auditFile(folder) } : {}),
      request,
      stopApiServer,
      startApiServer: async () => void (await startApiServer()),
      restartApiServer: async () => {
        await stopApiServer();
        await startApiServer();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until the API server is ready and gives access to it. */
function connect(
  apiserver: Started,
  { server, token, certificate }: { server: string; token: string; certificate: string },
): Promise<{ client: Client; access: Access }> {
  const check = () => {
    const problem = apiserver.ended();
    if (problem !== undefined) throw new Error(problem);
  };
  return until('the API server', check, async () => {
    const ca = textOf(certificate);
    if (ca === undefined) return undefined;
    const access = { server, token, ca };
    const client = clientOf(access);
    const answer = await client.request('GET', '/readyz').catch(() => undefined);
    if (answer?.status === 200 && (await client.request('GET', '/api/v1/namespaces/default')).status === 200)
      return { client, access };
    client.close();
    return undefined;
  });
}

/** Asks until there is an answer; throws what `check` throws, or where it takes too long. */
async function until<T>(what: string, check: () => void, probe: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + READY_LIMIT_MS;
  for (;;) {
    check();
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what} was not ready after ${READY_LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A file's text; undefined where it is not there yet. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
