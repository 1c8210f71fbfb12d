/** What `generate` does with a fleet. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseYaml } from '../../../generator/model/yaml.ts';
import { runCli } from '../../support/fake-io.ts';
import { tells } from '../../support/findings.ts';
import { findTool, type Kustomizer, requireKustomizers } from '../../support/tools.ts';
import { generateIn, get, layer, makeFolder, minimal, put, snapshot } from '../folder.ts';
import { build, differences } from '../law.ts';

const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: GlyphoxaFleet\ntemplate: prod\n';
const inputs = (fleet: string) => ({
  'glyphoxa.yaml': minimal,
  'overlays/prod/config.yaml': layer('prod', 'spec:\n  core: { topology: dedicated }\n'),
  'tenants.yaml': `${head}${fleet}`,
});

/** The files below `tenants/`. */
function written(folder: string): Map<string, string> {
  return new Map([...snapshot(folder)].filter(([file]) => file.startsWith('tenants/')));
}

/** The files that differ. */
function changed(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all].filter((file) => before.get(file) !== after.get(file)).sort();
}

test('each tenant gets a small folder, and what all have in common stands once', async (t) => {
  const folder = makeFolder(
    t,
    inputs('defaults: { spec: { gateway: { replicaCount: 2 } } }\ntenants:\n  acme:\n  big_corp:\n'),
  );
  const { changes } = await generateIn(folder);
  const files = changes.map((change) => change.path).filter((file) => file.startsWith('tenants/'));
  assert.deepEqual(files, [
    'tenants/_shared/kustomization.yaml',
    'tenants/acme/kustomization.yaml',
    'tenants/big_corp/kustomization.yaml',
  ]);
  assert.match(get(folder, 'tenants/_shared/kustomization.yaml'), /replicas: 2/);
  assert.doesNotMatch(get(folder, 'tenants/acme/kustomization.yaml'), /patches:/);
  assert.match(get(folder, 'tenants/big_corp/kustomization.yaml'), /^namespace: glyphoxa-tenant-big-corp$/m);
  const again = await generateIn(folder, { check: true });
  assert.deepEqual(again.changes, []);
});

test('a change touches the files of what it is about, and no others', async (t) => {
  const folder = makeFolder(t, inputs('tenants:\n  acme:\n  other:\n    release: glyphoxa-other\n'));
  await generateIn(folder);
  const first = written(folder);
  put(
    folder,
    'tenants.yaml',
    `${head}tenants:\n  acme: { spec: { gateway: { replicaCount: 2 } } }\n  other:\n    release: glyphoxa-other\n`,
  );
  await generateIn(folder);
  const second = written(folder);
  assert.deepEqual(changed(first, second), ['tenants/acme/kustomization.yaml']);
  put(folder, 'glyphoxa.yaml', `${minimal}spec: { worker: { ttlSecondsAfterFinished: 9 } }\n`);
  await generateIn(folder);
  assert.deepEqual(changed(second, written(folder)), [
    'tenants/other/kustomization.yaml',
    'tenants/other/objects.yaml',
  ]);
});

test('a tenant that is taken out of the file loses what was written for it, and nothing else', async (t) => {
  const folder = makeFolder(
    t,
    inputs('tenants:\n  acme:\n  other: { spec: { core: { createNamespace: true } } }\n'),
  );
  await generateIn(folder);
  put(folder, 'tenants/other/notes.txt', 'mine');
  put(folder, 'tenants.yaml', `${head}tenants: {}\n`);
  await generateIn(folder);
  assert.ok(!existsSync(path.join(folder, 'tenants/acme')));
  assert.deepEqual(
    [...written(folder).keys()].filter((file) => !file.includes('_shared')),
    ['tenants/other/notes.txt'],
  );
});

test('without the file the folders stay, and it is told', async (t) => {
  const folder = makeFolder(t, inputs('tenants:\n  acme:\n'));
  await generateIn(folder);
  const before = written(folder);
  put(folder, 'moved.yaml', '');
  const cwd = makeFolder(
    t,
    Object.fromEntries([...snapshot(folder)].filter(([file]) => file !== 'tenants.yaml')),
  );
  const { findings } = await generateIn(cwd);
  assert.deepEqual(
    findings.map(({ code }) => code).filter((code) => code === 'no-fleet'),
    ['no-fleet'],
  );
  assert.deepEqual(written(cwd), before);
});

test('a tenant folder that was edited is refused, shown, and overwritten with --force alone', async (t) => {
  const cwd = makeFolder(t, inputs('tenants:\n  acme:\n'));
  await generateIn(cwd);
  const file = 'tenants/acme/kustomization.yaml';
  const right = get(cwd, file);
  put(cwd, file, right.replace('glyphoxa-tenant-acme', 'mine'));
  const { exitCode, stderr } = await runCli(['generate'], { cwd });
  assert.equal(exitCode, 1);
  assert.match(stderr, /^\+namespace: mine$/m);
  tells(stderr, 'error edited', 'tenants/acme/kustomization.yaml');
  assert.equal((await runCli(['generate', '--check'], { cwd })).exitCode, 1);
  assert.equal((await runCli(['generate', '--force'], { cwd })).exitCode, 0);
  assert.equal(get(cwd, file), right);
});

const wrong: { readonly [what: string]: readonly [fleet: string, code: string, at: string] } = {
  'an id twice': ['tenants:\n  acme:\n  acme:\n', 'duplicate-key', '6:3'],
  'an id of the wrong form': ['tenants:\n  Acme:\n', 'tenant-id', '5:3'],
  'an id that is no value of a label': ['tenants:\n  a_: { namespace: a }\n', 'tenant-id', '5:3'],
  'two tenants in one namespace': [
    'tenants:\n  a:\n  b: { namespace: glyphoxa-tenant-a }\n',
    'same-namespace',
    '6:19',
  ],
  'ids that are one namespace': [
    'namespacePrefix: x-\ntenants:\n  a_b:\n  c: { namespace: x-a-b }\n',
    'same-namespace',
    '7:19',
  ],
  'a tenant in the namespace of an environment': [
    'tenants:\n  a: { namespace: prod }\n',
    'same-namespace',
    '5:19',
  ],
  'a namespace that is too long': [`tenants:\n  ${'a'.repeat(60)}:\n`, 'invalid-value', '5:3'],
  'a wave that is none': ['waves: [first]\ntenants:\n  a: { wave: last }\n', 'unknown-wave', '6:14'],
  'a wrong value': ['tenants:\n  a: { spec: { gateway: { replicaCount: -1 } } }\n', 'out-of-range', '5:41'],
  'a wrong default': [
    'defaults: { spec: { gateway: { replicas: 1 } } }\ntenants: {}\n',
    'unknown-field',
    '4:32',
  ],
  'values that are none': ['tenants:\n  a: { spec: 3 }\n', 'wrong-type', '5:14'],
  'a label of the tool': ['tenants:\n  a: { labels: { glyphoxa.io/tenant: b } }\n', 'taken-label', '5:18'],
  'secrets from files': [
    'tenants:\n  a: { spec: { secrets: { provider: kubernetes } } }\n',
    'tenant-secrets',
    '5:37',
  ],
  'a default-deny that nothing opens': [
    'defaults: { defaultDeny: true }\ntenants:\n  a: { spec: { networkPolicy: { enabled: false } } }\n',
    'deny-without-policies',
    '6:42',
  ],
  'a release that is too long': [`tenants:\n  a: { release: ${'a'.repeat(48)} }\n`, 'invalid-value', '5:17'],
};

for (const [what, [fleet, code, at]] of Object.entries(wrong)) {
  test(`${what} is told with its place, and the other tenants are written`, async (t) => {
    const cwd = makeFolder(t, inputs(`${fleet}  fine:\n`.replace('tenants: {}\n  fine', 'tenants:\n  fine')));
    const validated = await runCli(['validate', 'tenants.yaml'], { cwd });
    assert.equal(validated.exitCode, 1);
    assert.match(validated.stdout, new RegExp(`^tenants.yaml:${at}: error ${code}: `, 'm'));
    const { exitCode } = await runCli(['generate'], { cwd });
    assert.equal(exitCode, 1);
    const isShared = what === 'a wrong default';
    assert.equal(existsSync(path.join(cwd, 'tenants/fine/kustomization.yaml')), !isShared);
    assert.equal(existsSync(path.join(cwd, 'overlays/prod/kustomization.yaml')), true);
  });
}

for (const [fleet, code] of [
  [
    'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: GlyphoxaFleet\ntemplate: prd\ntenants: {}\n',
    'no-template',
  ],
  ['apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: GlyphoxaFleet\ntenants: {}\n', 'required'],
  ['kind: ConfigMap\n', 'wrong-kind'],
  ['', 'empty-document'],
  ['a: [\n', 'syntax'],
] as const) {
  test(`a fleet with ${code} is told, and the environments are written`, async (t) => {
    const cwd = makeFolder(t, { ...inputs(''), 'tenants.yaml': fleet });
    const { exitCode, stderr } = await runCli(['generate'], { cwd });
    assert.equal(exitCode, 1);
    assert.match(stderr, new RegExp(`^tenants.yaml:\\d+:\\d+: error ${code}: `, 'm'));
    assert.ok(existsSync(path.join(cwd, 'overlays/prod/kustomization.yaml')));
    assert.ok(!existsSync(path.join(cwd, 'tenants')));
  });
}

test('a template whose Secret is made from files is refused: all tenants would get it', async (t) => {
  const cwd = makeFolder(t, {
    ...inputs('tenants:\n  acme:\n'),
    'overlays/prod/config.yaml': layer(
      'prod',
      'spec:\n  secrets: { provider: kubernetes }\n  database: { dsn: { fromEnv: DSN } }\n  gateway: { adminKey: { fromEnv: KEY } }\n',
    ),
  });
  const { exitCode, stderr } = await runCli(['generate'], { cwd });
  assert.equal(exitCode, 1);
  assert.match(stderr, /error template-secrets: /);
});

test('ten thousand tenants with an error each are all counted, and some are shown', async (t) => {
  const tenants = Array.from(
    { length: 10_000 },
    (_, i) => `  t${i}: { spec: { gateway: { replicaCount: -1 } } }\n`,
  );
  const cwd = makeFolder(t, inputs(`tenants:\n${tenants.join('')}`));
  const { exitCode, stdout, stderr } = await runCli(['validate', 'tenants.yaml'], { cwd });
  assert.equal(exitCode, 1);
  assert.match(stdout, /\nand 9980 more: 9980 out-of-range\n$/);
  assert.ok(stdout.split('\n').length < 100);
  assert.match(stderr, /10000 errors, 0 warnings/);
});

test('two runs at once leave the tree that each of them would', async (t) => {
  const tenants = Array.from({ length: 60 }, (_, i) => `  t${i}: { labels: { number: "${i}" } }\n`).join('');
  const folder = makeFolder(t, inputs(`tenants:\n${tenants}`));
  const script = fileURLToPath(new URL('../generate-in.ts', import.meta.url));
  const runs = [1, 2, 3].map(() => spawn(process.execPath, ['--import=tsx', script, folder]));
  await Promise.all(runs.map((run) => once(run, 'exit')));
  const { changes } = await generateIn(folder);
  const alone = makeFolder(t, inputs(`tenants:\n${tenants}`));
  await generateIn(alone);
  assert.deepEqual(written(folder), written(alone));
  assert.ok(changes.length < 5, 'little was left to do');
});

test('build --tenant prints what kustomize builds, with the image that was set in the template environment', async (t) => {
  const kustomizers = requireKustomizers(t);
  if (kustomizers === undefined) return;
  const cwd = makeFolder(
    t,
    inputs(
      'defaults: { defaultDeny: true, resourceQuota: { hard: { pods: 9 } } }\ntenants:\n  a_b: { labels: { plan: gold } }\n  own: { spec: { core: { image: { tag: own } } } }\n  moved: { release: moved }\n',
    ),
  );
  await generateIn(cwd);
  const file = 'overlays/prod/kustomization.yaml';
  put(cwd, file, `${get(cwd, file)}images:\n- name: ghcr.io/mrwong99/glyphoxa\n  newTag: set-by-hand\n`);
  await generateIn(cwd);
  for (const [id, tag] of [
    ['a_b', 'set-by-hand'],
    ['own', 'own'],
    ['moved', 'set-by-hand'],
  ] as const) {
    const { stdout, exitCode } = await runCli(['build', '--tenant', id], { cwd });
    assert.equal(exitCode, 0);
    assert.match(stdout, new RegExp(`image: ghcr.io/mrwong99/glyphoxa:${tag}\n`));
    assert.match(stdout, new RegExp(`'ghcr.io/mrwong99/glyphoxa:${tag}'`));
    const built = await build(kustomizers.at(-1) as Kustomizer, path.join(cwd, 'tenants', id));
    assert.deepEqual(differences(built, parseYaml(stdout) as never), []);
  }
});

test('build and explain of a tenant that is not there offer one that is', async (t) => {
  const cwd = makeFolder(t, inputs('tenants:\n  acme:\n'));
  for (const words of [
    ['build', '--tenant', 'acm'],
    ['explain', 'gateway.replicaCount', '--tenant', 'acm'],
  ]) {
    const { exitCode, stderr } = await runCli(words, { cwd });
    assert.equal(exitCode, 1);
    assert.match(stderr, /error no-tenant: .*"acm" .*\n {4}hint: .*\bacme\?/);
  }
});

test('explain --tenant says which layer set a value', async (t) => {
  const cwd = makeFolder(t, {
    ...inputs(
      'defaults: { spec: { gateway: { replicaCount: 2 } } }\ntenants:\n  acme: { spec: { worker: { resourceProfile: local-llm } } }\n',
    ),
    'glyphoxa.yaml': `${minimal}spec: { core: { runAsUser: 1234 } }\n`,
  });
  const by = async (value: string) =>
    /set by +(.*)/.exec((await runCli(['explain', value, '--tenant', 'acme'], { cwd })).stdout)?.[1];
  assert.equal(await by('worker.resourceProfile'), 'tenants.yaml:6:46');
  assert.equal(await by('gateway.replicaCount'), 'tenants.yaml:4:46');
  assert.equal(await by('core.topology'), 'overlays/prod/config.yaml:6:21');
  assert.equal(await by('core.runAsUser'), 'glyphoxa.yaml:5:28');
  assert.equal(await by('core.fsGroup'), 'the default');
});

test('no secret of a tenant is shown where it is wrong', async (t) => {
  const cwd = makeFolder(
    t,
    inputs(
      'tenants:\n  acme: { spec: { database: { dsn: { value: "postgres://u:hunter22@db/x", fromEnv: X } } } }\n',
    ),
  );
  const { stdout, stderr } = await runCli(['validate', 'tenants.yaml'], { cwd });
  assert.match(stdout, /secret-source/);
  assert.doesNotMatch(stdout + stderr, /hunter22/);
});

test('check finds nothing wrong with a tenant, whose ciphertexts are its own', async (t) => {
  if (requireKustomizers(t) === undefined) return;
  const sealed = (text: string) => `{ sealed: { admin-key: ${text}, database-dsn: ${text} } }`;
  const cwd = makeFolder(t, {
    ...inputs(`tenants:\n  acme: { spec: { secrets: ${sealed('AgBy')} } }\n`),
    'overlays/prod/config.yaml': layer(
      'prod',
      `spec:\n  core: { topology: dedicated, image: { repository: ghcr.io/me/glyphoxa, tag: main } }\n  secrets: { provider: sealed-secrets, sealed: { admin-key: AgAx, database-dsn: AgAx } }\n`,
    ),
  });
  await generateIn(cwd);
  const env = { PATH: path.dirname(findTool('kustomize') as string) };
  const { exitCode, stdout, stderr } = await runCli(['check', 'tenants/acme'], { cwd, env });
  assert.equal(exitCode, 0, stdout + stderr);
});
