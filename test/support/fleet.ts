/** Fleets on a test cluster: a tree with tenants, whose namespaces and Secrets are there. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import type { TestCluster } from './cluster.ts';
import { type Ran, runCli } from './fake-io.ts';
import { folderOf } from './folder.ts';
import { lifecycleEnv, type Spawned, secretValues, start } from './lifecycle.ts';
import { program } from './program.ts';

/** A tree with a fleet. */
export interface TestFleet {
  readonly folder: string;
  readonly env: { readonly [name: string]: string };
  /** The namespace of a tenant. */
  namespaceOf(id: string): string;
  /** Runs a command line in this process, in {@link folder}. */
  run(...argv: string[]): Promise<Ran>;
  /** Starts one as a process of its own. */
  spawn(...argv: string[]): Spawned;
  /** Writes `tenants.yaml` anew, and the tree. */
  configure(tenants: JsonObject, more?: JsonObject): Promise<void>;
  /** Sends a request to a tenant's namespace. */
  request(
    id: string,
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<JsonObject>;
}

/** What all fleets of the tests have. */
const head = { apiVersion: 'deploy.glyphoxa.io/v1alpha1' };

/**
 * Makes a fleet, with a namespace for each tenant that {@link TestFleet.configure} is given, and a Secret in each.
 *
 * @param spec the values of the template environment. @default none
 */
export async function makeFleet(
  t: TestContext,
  cluster: TestCluster,
  { tenants, more = {}, spec = {} }: { tenants: JsonObject; more?: JsonObject; spec?: JsonObject },
): Promise<TestFleet> {
  const prefix = `fleet-${randomBytes(3).toString('hex')}-`;
  const folder = folderOf(t, {});
  const env = { ...lifecycleEnv(), KUBECONFIG: cluster.kubeconfig, HOME: folder };
  const made = new Set<string>();
  const namespaceOf = (id: string) => `${prefix}${id.replaceAll('_', '-')}`;
  t.after(async () => {
    for (const name of made) await cluster.request('DELETE', `/api/v1/namespaces/${name}`).catch(() => {});
  });
  const run = (...argv: string[]) => runCli(argv, { cwd: folder, env });
  const put = (file: string, value: JsonObject) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), writeYaml(value));
  };
  const makeNamespace = async (name: string) => {
    if (made.has(name)) return;
    made.add(name);
    await cluster.request('POST', '/api/v1/namespaces', { metadata: { name } });
    const secret = { metadata: { name: 'glyphoxa-secrets' }, stringData: secretValues };
    await cluster.request('POST', `/api/v1/namespaces/${name}/secrets`, secret);
  };
  const configure = async (next: JsonObject, settings: JsonObject = more) => {
    put('glyphoxa.yaml', {
      ...head,
      kind: 'Glyphoxa',
      metadata: { name: 'glyphoxa' },
      spec: {
        core: { image: { repository: 'registry.example.com/glyphoxa', tag: 'build-17' } },
        networkPolicy: { apiServerPorts: [443, Number(new URL(cluster.server).port)] },
      },
    });
    const layer = { ...head, kind: 'Glyphoxa', metadata: { namespace: `${prefix}template` } };
    put('overlays/dedicated/config.yaml', { ...layer, spec: { core: { topology: 'dedicated' }, ...spec } });
    const fleet = { ...head, kind: 'GlyphoxaFleet', template: 'dedicated', namespacePrefix: prefix };
    put('tenants.yaml', { ...fleet, ...settings, tenants: next });
    for (const id of Object.keys(next)) await makeNamespace(namespaceOf(id));
    const { exitCode, stderr } = await run('generate');
    if (exitCode !== 0) throw new Error(stderr);
  };
  await configure(tenants);
  return {
    folder,
    env,
    namespaceOf,
    run,
    spawn: (...argv) => start(t, program.command, [...program.words, ...argv], { cwd: folder, env }),
    configure,
    async request(id, method, path, body, contentType) {
      const [, api = '/api/v1', rest = path] = /^(\/apis\/[^/]+\/[^/]+)(\/.*)$/.exec(path) ?? [];
      const full = `${api}/namespaces/${namespaceOf(id)}${rest}`;
      const answer = await cluster.request(method, full, body, contentType);
      if (answer.status >= 400) throw new Error(`${method} ${full}: ${answer.status}`);
      return answer.body as JsonObject;
    },
  };
}
