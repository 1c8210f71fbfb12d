/** Deployments on a test cluster: a tree of their own, the commands on it, and what every apply needs to be there. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isObject, type JsonObject } from '../../generator/model/json.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { freshNamespace, type TestCluster } from './cluster.ts';
import { type Ran, runCli } from './fake-io.ts';
import { findTool, toolEnv } from './find-tool.ts';
import { folderOf } from './folder.ts';
import { program } from './program.ts';

/** The environment that a tree of the tests has, unless a test asks for others. */
export const environment = 'test';

/** A tree whose environment `test` is for a fresh namespace. */
export interface Deployment {
  readonly cluster: TestCluster;
  readonly namespace: string;
  /** The folder of `glyphoxa.yaml`. */
  readonly folder: string;
  /** The environment variables of its commands: kubeconfig and PATH, and nothing of the machine's. */
  readonly env: { readonly [name: string]: string };
  /** Runs a command line in this process, in {@link folder}. */
  run(...argv: string[]): Promise<Ran>;
  /** Starts a command line as a process of its own, from `dist/`; it ends with the test at the latest. */
  spawn(...argv: string[]): Spawned;
  /** Starts a process that holds the release's lease until it is killed, with a word for what it does. */
  hold(doing: string): Promise<Spawned>;
  /** Writes the environment's `spec` anew, and the tree from it. */
  configure(spec: JsonObject): Promise<void>;
  /** Sends a request to the namespace: `path` follows `/namespaces/NAME`, `api` is `/api/v1` by default. */
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<JsonObject>;
}

/** A command that runs. */
export interface Spawned {
  readonly child: ChildProcess;
  /** Waits until standard error has a text that matches. Fails where the command ends before. */
  says(pattern: RegExp): Promise<void>;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** What a deployment is made of. */
export interface DeploymentOptions {
  /** The `spec` of the environment. @default {} */
  readonly spec?: JsonObject;
  /** @default glyphoxa */
  readonly release?: string;
  /** Whether the Secret `<release>-secrets` is made, with an admin key and a DSN. @default true */
  readonly secret?: boolean;
}

/** The values of that Secret: no output may have them. */
export const secretValues = {
  'admin-key': 'kSecretAdminKey42',
  'database-dsn': 'postgres://u:kSecretPw42@db.example/g',
};

/** Makes a namespace, a Secret in it, and a tree for it. */
export async function makeDeployment(
  t: TestContext,
  cluster: TestCluster,
  { spec = {}, release = 'glyphoxa', secret = true }: DeploymentOptions = {},
): Promise<Deployment> {
  const namespace = await freshNamespace(cluster);
  const folder = folderOf(t, {});
  const env = { ...lifecycleEnv(), KUBECONFIG: cluster.kubeconfig, HOME: folder };
  const run = (...argv: string[]) => runCli(argv, { cwd: folder, env });
  const configure = async (next: JsonObject) => {
    const head = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' };
    // Where the API server of the tests listens, as its admin would say it.
    const apiServerPorts = [443, Number(new URL(cluster.server).port)];
    const resource = {
      metadata: { name: release },
      spec: {
        core: { image: { repository: 'registry.example.com/glyphoxa', tag: 'build-17' } },
        networkPolicy: { apiServerPorts },
      },
    };
    write(join(folder, 'glyphoxa.yaml'), writeYaml({ ...head, ...resource }));
    const layer = {
      ...head,
      metadata: { namespace },
      ...(Object.keys(next).length === 0 ? {} : { spec: next }),
    };
    write(join(folder, 'overlays', environment, 'config.yaml'), writeYaml(layer));
    const { exitCode, stderr } = await run('generate');
    if (exitCode !== 0) throw new Error(stderr);
  };
  await configure(spec);
  const request: Deployment['request'] = async (method, path, body, contentType) => {
    const [, api = '/api/v1', rest = path] = /^(\/apis\/[^/]+\/[^/]+)(\/.*)$/.exec(path) ?? [];
    const answer = await cluster.request(method, `${api}/namespaces/${namespace}${rest}`, body, contentType);
    if (answer.status >= 400)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return isObject(answer.body) ? answer.body : {};
  };
  if (secret) {
    const metadata = { name: `${release}-secrets` };
    await request('POST', '/secrets', { metadata, stringData: secretValues });
  }
  const spawnCli = (...argv: string[]) =>
    start(t, program.command, [...program.words, ...argv], { cwd: folder, env });
  const hold = async (doing: string) => {
    const holder = fileURLToPath(new URL('lease-holder.ts', import.meta.url));
    const args = ['--import=tsx', holder, folder, doing];
    const held = start(t, process.execPath, args, { cwd: dirname(holder), env });
    await held.says(/^held$/m);
    return held;
  };
  return { cluster, namespace, folder, env, run, spawn: spawnCli, hold, configure, request };
}

/** Writes the kustomization `top`: the environment with objects of somebody's own. */
export function writeTop({ folder }: Deployment, objects: readonly JsonObject[]): void {
  const files = objects.map((object, index) => [`${index}.json`, JSON.stringify(object)] as const);
  for (const [name, text] of files) write(join(folder, 'top', name), text);
  const resources = [`../overlays/${environment}`, ...files.map(([name]) => name)];
  write(join(folder, 'top', 'kustomization.yaml'), writeYaml({ resources }));
}

/** Starts a program, which ends with the test at the latest. */
export function start(
  t: TestContext,
  command: string,
  args: readonly string[],
  world: { readonly cwd: string; readonly env: { readonly [name: string]: string } },
): Spawned {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe'];
  const child: ChildProcess = spawn(command, args, { ...world, stdio });
  t.after(() => child.kill('SIGKILL'));
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
    });
  }
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, ...said }));
  });
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const says = async (pattern: RegExp) => {
    while (!pattern.test(said.stderr)) {
      if (!isRunning()) throw new Error(`it ended and never said ${pattern}: ${said.stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { child, says, ended };
}

/** Variables with the tested kustomize first on the PATH, and what quickens it. */
export function lifecycleEnv(): { [name: string]: string } {
  const kustomize = findTool('kustomize') ?? findTool('kubectl-1.36');
  if (kustomize === undefined)
    throw new Error('missing tool kustomize (get it: node scripts/tools.mjs kustomize)');
  const { PATH = '', GOGC = '' } = toolEnv();
  return { GOGC, PATH: [dirname(kustomize), dirname(process.execPath), PATH].join(delimiter) };
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
