/** What is not published, with every reason at once, and before anything is asked of a registry. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { runCli } from '../support/fake-io.ts';
import { tells } from '../support/findings.ts';
import { folderOf } from '../support/folder.ts';
import { requireKustomize } from '../support/tools.ts';
import { get, layer, makeTree, put } from '../tree/folder.ts';
import { commit, publish, repository } from './repository.ts';

const place = 'oci://127.0.0.1:9/deploy/glyphoxa:prod';
const file = 'overlays/prod/kustomization.yaml';

async function refusal(files: { readonly [file: string]: string }, words: string[] = []) {
  const folder = await repository();
  for (const [name, text] of Object.entries(files)) {
    // "+" adds lines, and "+resources: " adds to those that are there
    const present = text.startsWith('+') ? get(folder, name) : '';
    const [, resources, rest = ''] = /^\+resources: \[(.*?)\]\n(.*)$/s.exec(text) ?? [];
    const added = (resources ?? '').split(', ').map((entry) => `- ${entry}\n`);
    if (resources === undefined) put(folder, name, `${present}${text.replace(/^\+/, '')}`);
    else put(folder, name, present.replace('resources:\n', `resources:\n${added.join('')}`) + rest);
  }
  commit(folder);
  const ran = await publish(folder, place, ['--dry-run', ...words]);
  assert.deepEqual([ran.stdout, ran.exitCode], ['', 1], ran.stderr);
  assert.doesNotMatch(ran.stderr, /canary/);
  return ran.stderr;
}

const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: mine}\nstringData: {a: canary}\n';

for (const [what, files, expected] of [
  [
    'a Secret among the resources',
    { [file]: '+resources: [mine.yaml]\n', 'overlays/prod/mine.yaml': secret },
    'overlays/prod/mine.yaml',
  ],
  [
    'a Secret in a list',
    {
      [file]: '+crds: [mine.yaml]\n',
      'overlays/prod/mine.yaml': `apiVersion: v1\nkind: List\nitems:\n- ${secret.replaceAll('\n', '\n  ')}\n`,
    },
    'overlays/prod/mine.yaml',
  ],
  [
    'a patch in place with a Secret',
    { [file]: `+patches:\n- patch: |\n    ${secret.replaceAll('\n', '\n    ')}\n` },
    'overlays/prod/kustomization.yaml',
  ],
  [
    'a generator of Secrets',
    { [file]: '+secretGenerator:\n- {name: mine, literals: [a=canary]}\n' },
    'overlays/prod/kustomization.yaml makes',
  ],
  [
    'a private key',
    {
      [file]: '+configMapGenerator:\n- {name: mine, files: [tls.key]}\n',
      'overlays/prod/tls.key': '-----BEGIN EC PRIVATE KEY-----\ncanary\n',
    },
    'overlays/prod/tls.key',
  ],
  [
    'a URL with a password',
    { [file]: '+configMapGenerator:\n- {name: mine, literals: ["url=https://user:canary@example.com/"]}\n' },
    'URL',
  ],
  [
    'a file for secret values',
    {
      [file]: '+configMapGenerator:\n- {name: mine, envs: [values/secrets.env]}\n',
      'overlays/prod/values/secrets.env': 'a=canary\n',
    },
    'overlays/prod/values/secrets.env',
  ],
] as const) {
  test(`${what} is refused`, async () => {
    tells(await refusal(files), 'error secret-published', expected);
  });
}

test('a Secret that only the build shows is refused, and references to Secrets are not', async (t) => {
  if (requireKustomize(t) === undefined) return;
  // written in a form that a look at the file does not know
  const odd = 'apiVersion: v1\nkind: Thing\nmetadata: {name: mine}\nstringData: {a: canary}\n';
  const patch =
    '+resources: [mine.yaml]\npatches:\n- target: {kind: Thing}\n  options: {allowKindChange: true}\n  patch: |\n    - op: replace\n      path: /kind\n      value: Secret\n';
  const stderr = await refusal({ [file]: patch, 'overlays/prod/mine.yaml': odd }, ['--rendered']);
  tells(stderr, 'error secret-published', 'Secret mine');
});

test('plugins are told, and what SOPS has encrypted is no secret value', async () => {
  const ksops = 'apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata: {name: s}\nfiles: [./enc.yaml]\n';
  const encrypted = (value: string) =>
    `apiVersion: v1\nkind: Secret\nmetadata: {name: mine}\nstringData: {a: "${value}"}\nsops: {version: 3.9.0}\n`;
  for (const flags of [[], ['--rendered']]) {
    const stderr = await refusal(
      {
        [file]: '+resources: [enc.yaml]\ngenerators: [ksops.yaml]\n',
        'overlays/prod/ksops.yaml': ksops,
        'overlays/prod/enc.yaml': encrypted('ENC[AES256_GCM,data:x,type:str]'),
      },
      flags,
    );
    assert.match(stderr, /error plugin-unseen: .*\(ksops\)/);
    assert.doesNotMatch(stderr, /secret-published/);
  }
  const plain = { [file]: '+resources: [enc.yaml]\n', 'overlays/prod/enc.yaml': encrypted('canary') };
  assert.match(await refusal(plain), /error secret-published/);
});

test('what is not in the tree is told, all at once', async () => {
  const long = `${'n'.repeat(98)}.yaml`;
  const stderr = await refusal({
    [file]: `+resources: ["https://example.com/x.yaml", "../../../outside", missing.yaml, empty, ${long}]\nhelmCharts: [{name: x}]\n`,
    'overlays/prod/empty/readme.txt': 'nothing',
    [`overlays/prod/${long}`]: 'kind: X\n',
  });
  for (const [code, name] of [
    ['not-in-tree', 'https://example.com/x.yaml'],
    ['not-in-tree', '../../../outside'],
    ['not-in-tree', 'missing.yaml'],
    ['not-in-tree', 'overlays/prod/empty'],
    ['name-too-long', long],
    ['charts', 'helmCharts'],
  ] as const)
    tells(stderr, `error ${code}`, name);
});

test('the provider that makes a Secret from files here is refused', async (t) => {
  const folder = await makeTree(t, {
    'overlays/prod/config.yaml': layer(
      'prod',
      'spec: {secrets: {provider: kubernetes}, gateway: {adminKey: {fromEnv: A}}, database: {dsn: {fromEnv: B}}}\n',
    ),
  });
  const ran = await publish(folder, place);
  tells(ran.stderr, 'error secret-published', 'overlays/prod/kustomization.yaml', 'secretGenerator');
});

test('a tree that is out of date, and one that is not committed, are refused', async (t) => {
  const folder = await repository();
  put(folder, 'overlays/prod/config.yaml', layer('prod', 'spec: {gateway: {replicaCount: 4}}\n'));
  const stale = await publish(folder, place);
  assert.match(stale.stderr, /^error tree-stale: .*\n.*\|.*gateway-deployment\.yaml\n/m);
  assert.equal((await runCli(['generate'], { cwd: folder })).exitCode, 0);
  const changed = await publish(folder, place);
  const uncommitted = ['patches/gateway-deployment.yaml', 'kustomization.yaml'];
  tells(changed.stderr, 'error not-committed', '2 files', ...uncommitted);
  commit(folder);
  assert.equal((await publish(folder, place, ['--dry-run'])).exitCode, 0);
  rmSync(path.join(folder, '.git'), { recursive: true });
  assert.match((await publish(folder, place)).stderr, /^error no-commit: /m);
  assert.match((await publish(folder, place, [], { PATH: folderOf(t, {}) })).stderr, /^error no-git: /m);
});

test('a tree in a folder of its repository is published from there', async (t) => {
  const folder = await repository();
  const inner = await makeTree(t);
  await runCli(['init', 'inner', '--image', 'registry.example.com/glyphoxa:1a2b3c4'], { cwd: folder });
  commit(folder);
  const argv = ['publish', 'production', place, '--dry-run', '-o', 'json'];
  const env = { PATH: process.env.PATH };
  const ran = await runCli([...argv, '--dir', 'inner'], { cwd: folder, env });
  assert.equal(ran.exitCode, 0, ran.stderr);
  assert.equal((await runCli(argv, { cwd: path.join(folder, 'inner'), env })).stdout, ran.stdout);
  put(folder, 'inner/base/kustomization.yaml', `${get(folder, 'inner/base/kustomization.yaml')}# more\n`);
  const changed = await runCli([...argv, '--dir', 'inner'], { cwd: folder, env });
  tells(changed.stderr, 'error not-committed', 'inner/base/kustomization.yaml');
  assert.equal((await publish(inner, place, ['--dry-run'])).exitCode, 1);
});

test('what is no environment or no address is told', async () => {
  const folder = await repository();
  const env = { PATH: process.env.PATH };
  const unknown = await runCli(['publish', 'prd', place], { cwd: folder, env });
  tells(unknown.stderr, 'error no-environment', 'prod');
  for (const address of [
    'registry.example.com/a:b',
    'https://registry.example.com/a',
    'oci://registry.example.com',
    'oci://registry.example.com/Upper',
    'oci://registry.example.com/a/../b',
    'oci://registry.example.com/a:no tag',
    'oci://registry.example.com/a@sha256:00',
    'oci://user:canary@registry.example.com/a',
    'oci:///a',
    `oci://registry.example.com/a:${'t'.repeat(129)}`,
  ]) {
    const ran = await publish(folder, address);
    assert.deepEqual([ran.exitCode, ran.stdout], [1, ''], address);
    assert.match(ran.stderr, /^error registry-address: /, address);
    assert.doesNotMatch(ran.stderr, /canary/);
  }
});
