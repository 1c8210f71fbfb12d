/** Deployments on a test cluster: a tree of their own, the commands on it, and what every apply needs to be there. */
import { type ChildProcess, spawn } from 'node:child_process';
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
  /** Starts a command line as a process of its own, from `dist/`; the caller ends it or waits for it. */
  spawn(...argv: string[]): ChildProcess;
  /** Writes the environment's `spec` anew, and the tree from it. */
  configure(spec: JsonObject): Promise<void>;
  /** Sends a request to the namespace: `path` follows `/namespaces/NAME`, `api` is `/api/v1` by default. */
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<JsonObject>;
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
    write(join(folder, 'glyphoxa.yaml'), writeYaml({ ...head, metadata: { name: release }, spec: {} }));
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
    spawn(process.execPath, [launcher, ...argv], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return { cluster, namespace, folder, env, run, spawn: spawnCli, configure, request };
}

const launcher = fileURLToPath(new URL('../../generator/bin/glyphoxa-kustomize.js', import.meta.url));

/** Variables with the tested kustomize first on the PATH. */
export function lifecycleEnv(): { [name: string]: string } {
  const kustomize = findTool('kustomize') ?? findTool('kubectl-1.36');
  if (kustomize === undefined)
    throw new Error('missing tool kustomize (get it: node scripts/tools.mjs kustomize)');
  const { PATH = '' } = toolEnv();
  return { PATH: [dirname(kustomize), dirname(process.execPath), PATH].join(delimiter) };
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
