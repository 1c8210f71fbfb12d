/** Tenants published to a real registry, and pulled and built by what Flux pulls and builds with. */
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { type Ran, runCli } from '../support/fake-io.ts';
import { skipWithout } from '../support/find-tool.ts';
import { filesIn, folderOf } from '../support/folder.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { findTool, requireKustomize, requireTool, runTool, type ToolName } from '../support/tools.ts';
import { generateIn, get, layer, put } from '../tree/folder.ts';
import { commit, git, repository } from './repository.ts';

let started: Promise<Registry> | undefined;

/** A repository of its own in the registry of this file; undefined where a tool is missing. */
async function address(t: TestContext): Promise<string | undefined> {
  const needed: ToolName[] = ['docker-registry', 'flux-oci', 'kustomize'];
  const missing = needed.find((tool) => findTool(tool) === undefined);
  if (missing !== undefined) return void skipWithout(t, missing);
  started ??= startRegistry();
  const name = t.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 60);
  return `oci://${(await started).host}/fleet/${name}x`;
}

const tenants = `waves: [canary, rest]
tenants:
  acme: { wave: canary }
  big_corp: { spec: { gateway: { replicaCount: 2 } } }
  moved: { release: glyphoxa-moved }
`;

function fleetFile(url: string, rest = tenants): string {
  const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: GlyphoxaFleet\ntemplate: prod\n';
  return `${head}engine: { flux: { registry: { url: "${url}" } } }\n${rest}`;
}

/** A committed fleet whose file names the address. */
function fleet(url: string, rest = tenants): Promise<string> {
  return repository({ 'tenants.yaml': fleetFile(url, rest), 'overlays/other/config.yaml': layer('other') });
}

function publish(cwd: string, ...words: string[]): Promise<Ran> {
  const env = { PATH: process.env.PATH, HOME: path.join(cwd, '.git'), GIT_CONFIG_GLOBAL: '/dev/null' };
  return runCli(['publish', ...words], { cwd, env });
}

interface Told {
  readonly done: number;
  readonly failed: number;
  readonly notBegun: number;
  readonly tenants: readonly {
    readonly tenant: string;
    readonly wave?: string;
    readonly state: string;
    readonly reference: string;
    readonly digest: string;
    readonly path: string;
    readonly sent: boolean;
    readonly moved: boolean;
    readonly findings?: readonly { readonly code: string }[];
  }[];
}

async function told(cwd: string, ...words: string[]): Promise<Told & { exitCode: number }> {
  const ran = await publish(cwd, ...words, '-o', 'json');
  assert.notEqual(ran.stdout, '', ran.stderr);
  return { ...JSON.parse(ran.stdout), exitCode: ran.exitCode };
}

/** The tenants that were sent. */
const sent = ({ tenants: all }: Told) => all.filter((one) => one.sent).map(({ tenant }) => tenant);

async function pulled(t: TestContext, place: string): Promise<string> {
  const folder = folderOf(t, {});
  const flux = await runTool(findTool('flux-oci') as string, [place.replace('oci://', ''), folder]);
  assert.equal(flux.exitCode, 0, flux.stderr);
  return folder;
}

for (const rendered of [[], ['--rendered']]) {
  test(`what Flux pulls ${rendered.join('')} of each tenant builds where nothing else is, to what it builds to here`, async (t) => {
    const kustomize = requireKustomize(t);
    const url = await address(t);
    if (kustomize === undefined || url === undefined) return;
    const cwd = await fleet(url);
    const first = await told(cwd, '--all', ...rendered);
    assert.equal(first.exitCode, 0);
    assert.deepEqual(sent(first), ['acme', 'big_corp', 'moved']);
    for (const { tenant } of first.tenants) {
      // as the objects that generate wrote for Flux say it
      const file = (name: string) =>
        parseYaml(get(cwd, `tenants/${tenant}/flux/${name}.yaml`))[0] as JsonObject;
      const source = file('source').spec as { url: string; ref: { tag: string } };
      const sync = file('sync').spec as { path: string };
      const got = await pulled(t, `${source.url}:${source.ref.tag}`);
      const there = await kustomize.build(path.join(got, sync.path));
      const here = await kustomize.build(path.join(cwd, 'tenants', tenant));
      assert.equal(there.exitCode, 0, there.stderr);
      assert.equal(there.stdout, here.stdout);
      const others = [...filesIn(got).keys()].filter((name) => /tenants\/(?!_shared)/.test(name));
      assert.ok(others.every((name) => name.startsWith(`tenants/${tenant}/`) && !name.includes('flux')));
    }
  });
}

test('only what a commit changed is pushed again, in a clone without history too', async (t) => {
  const url = await address(t);
  if (url === undefined) return;
  const cwd = await fleet(url);
  const first = await told(cwd, '--all');
  const change = async (file: string, from: string | RegExp, to: string) => {
    put(cwd, file, get(cwd, file).replace(from, to));
    await generateIn(cwd);
    commit(cwd);
  };
  put(cwd, 'notes.txt', 'of no tenant');
  commit(cwd);
  const again = await told(cwd, '--all');
  assert.deepEqual(sent(again), []);
  assert.deepEqual(
    again.tenants.map(({ digest }) => digest),
    first.tenants.map(({ digest }) => digest),
  );
  await change('tenants.yaml', 'replicaCount: 2', 'replicaCount: 1');
  const clone = path.join(folderOf(t, {}), 'clone');
  git(cwd, 'clone', '--quiet', '--depth=1', `file://${cwd}`, clone);
  assert.deepEqual(sent(await told(clone, '--all')), ['big_corp']);
  assert.deepEqual(sent(await told(cwd, '--all')), []);
  await change('glyphoxa.yaml', /$/, 'spec: { worker: { ttlSecondsAfterFinished: 9 } }\n');
  assert.deepEqual(sent(await told(cwd, '--all')), ['acme', 'big_corp', 'moved']);
  await change('overlays/other/config.yaml', /$/, 'spec: { worker: { ttlSecondsAfterFinished: 8 } }\n');
  assert.deepEqual(sent(await told(cwd, '--all')), []);
});

test('a wave and a tenant are published alone, to another address too', async (t) => {
  const url = await address(t);
  if (url === undefined) return;
  const cwd = await fleet('oci://registry.invalid/nobody');
  assert.deepEqual(sent(await told(cwd, '--wave', 'canary', url)), ['acme']);
  const ran = await publish(cwd, '--tenant', 'moved', url);
  assert.equal(ran.exitCode, 0, ran.stderr);
  assert.match(ran.stdout, new RegExp(`^${url}:moved@sha256:[0-9a-f]{64}\n$`));
  const all = await told(cwd, '--all', url, '--dry-run');
  assert.deepEqual([sent(all), all.done], [[], 3]);
  assert.deepEqual(sent(await told(cwd, '--all', url)), ['big_corp']);
});

test('a tag that somebody moved is set right, and nothing is sent for it', async (t) => {
  const url = await address(t);
  if (url === undefined) return;
  const cwd = await fleet(url);
  await told(cwd, '--all');
  const place = url.replace('oci://', 'http://').replace('/fleet/', '/v2/fleet/');
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const other = await (await fetch(`${place}/manifests/acme`, { headers: { accept: type } })).text();
  const put = { method: 'PUT', headers: { 'content-type': type }, body: other };
  assert.equal((await fetch(`${place}/manifests/moved`, put)).status, 201);
  const { tenants: all } = await told(cwd, '--all');
  assert.deepEqual(
    all.map(({ moved, sent }) => [moved, sent]),
    [
      [false, false],
      [false, false],
      [true, false],
    ],
  );
});

test('a tenant that may not be published stops the waves after its own, and the others of its wave go on', async (t) => {
  const url = await address(t);
  if (url === undefined) return;
  const cwd = await fleet(
    url,
    tenants.replace('acme: { wave: canary }', 'acme: { wave: canary }\n  fine: { wave: canary }'),
  );
  put(cwd, 'tenants/acme/kustomization.yaml', `${get(cwd, 'tenants/acme/kustomization.yaml')}# mine\n`);
  const { tenants: all, exitCode, failed, notBegun } = await told(cwd, '--all');
  assert.deepEqual([exitCode, failed, notBegun], [1, 1, 2]);
  assert.deepEqual(
    all.map(({ tenant, state }) => [tenant, state]),
    [
      ['acme', 'failed'],
      ['fine', 'done'],
      ['big_corp', 'not-begun'],
      ['moved', 'not-begun'],
    ],
  );
  assert.deepEqual(
    all[0]?.findings?.map(({ code }) => code),
    ['not-committed'],
  );
});

for (const [what, file, text, code] of [
  [
    'out of date',
    'tenants.yaml',
    fleetFile(
      'oci://127.0.0.1:1/x',
      tenants.replace('{ wave: canary }', '{ wave: canary, labels: { a: b } }'),
    ),
    'tree-stale',
  ],
  [
    'out of date in what all share',
    'glyphoxa.yaml',
    'spec: { worker: { ttlSecondsAfterFinished: 9 } }\n',
    'tree-stale',
  ],
  ['without an engine', 'tenants.yaml', fleetFile('').replace(/^engine.*\n/m, ''), 'registry-address'],
  ['with a wrong engine', 'tenants.yaml', fleetFile('oci://x:y@z/x'), 'invalid-value'],
  ['that is none', 'tenants.yaml', 'kind: ConfigMap\n', 'wrong-kind'],
] as const) {
  test(`a fleet ${what} is told, and no registry is asked`, async () => {
    const cwd = await fleet('oci://127.0.0.1:1/x');
    put(cwd, file, file === 'glyphoxa.yaml' ? get(cwd, file) + text : text);
    const { exitCode, stderr, stdout } = await publish(cwd, '--all');
    assert.equal(exitCode, 1);
    assert.match(stderr + stdout, new RegExp(`error ${code}: `));
    assert.doesNotMatch(stderr, /registry-unreachable/);
  });
}

test('a registry that does not answer is asked for some tenants, and not for all', async () => {
  const many = Array.from({ length: 20 }, (_, i) => `  t${i}:\n`).join('');
  const cwd = await fleet('oci://127.0.0.1:1/x', `tenants:\n${many}`);
  const { exitCode, failed, notBegun, done } = await told(cwd, '--all', '--parallel', '4');
  assert.deepEqual([exitCode, done, notBegun], [1, 0, 16]);
  assert.ok(failed >= 1);
});

/** Of the user `deployer` with the password `canary-password`, as Apache's htpasswd writes it. */
const users = 'deployer:$2b$05$abcdefghijklmnopqrstuuTvmw3qcMpAvEgQGhbFMhqjD3R/evDDW\n';

test('whoever logs in to a registry does so once for all tenants', async (t) => {
  if (requireTool(t, 'docker-registry') === undefined) return;
  const registry = await startRegistry({ users });
  t.after(() => registry.stop());
  const cwd = await fleet(`oci://${registry.host}/deploy/tenants`);
  assert.match((await publish(cwd, '--all')).stderr, /error registry-login: /);
  const configs = folderOf(t, {});
  const answer = '{"Username":"deployer","Secret":"canary-password"}';
  const helper = 'bin/docker-credential-counted';
  put(
    configs,
    helper,
    `#!/bin/sh\necho asked >>${JSON.stringify(path.join(configs, 'log'))}\necho '${answer}'\n`,
  );
  chmodSync(path.join(configs, helper), 0o755);
  put(configs, 'config.json', JSON.stringify({ credsStore: 'counted' }));
  const PATH = `${path.join(configs, 'bin')}:${process.env.PATH}`;
  const env = { PATH, HOME: configs, DOCKER_CONFIG: configs, GIT_CONFIG_GLOBAL: '/dev/null' };
  const ran = await runCli(['publish', '--all'], { cwd, env });
  assert.equal(ran.exitCode, 0, ran.stderr);
  assert.doesNotMatch(ran.stdout + ran.stderr, /canary-password/);
  assert.equal(get(configs, 'log'), 'asked\n');
});

test('a wave, a tenant and an address that are none are told', async () => {
  const cwd = await fleet('oci://127.0.0.1:1/x');
  for (const [words, code] of [
    [['--wave', 'noon'], 'unknown-wave'],
    [['--tenant', 'acm'], 'no-tenant'],
    [['--all', 'oci://127.0.0.1:1/x:tag'], 'registry-address'],
    [['--all', 'https://127.0.0.1:1/x'], 'registry-address'],
  ] as const) {
    const { exitCode, stderr } = await publish(cwd, ...words);
    assert.equal(exitCode, 1);
    assert.match(stderr, new RegExp(`error ${code}: `));
  }
  for (const words of [[], ['prod'], ['--all', '--wave', 'canary'], ['--all', 'oci://h/x', 'more']])
    assert.equal((await publish(cwd, ...words)).exitCode, 2);
});
