import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../generator/model/finding.ts';
import { openTree } from '../../generator/tree/disk.ts';
import { createOverlay } from '../../generator/tree/overlay.ts';
import { runCli } from '../support/fake-io.ts';
import { runTool } from '../support/tools.ts';
import { generateIn, get, layer, makeFolder, makeTree, minimal, put, snapshot, treeIn } from './folder.ts';

const kustomization = 'overlays/prod/kustomization.yaml';

async function codes(work: () => Promise<unknown>): Promise<string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    assert.ok(error instanceof Failure, `a Failure, not ${String(error)}`);
    for (const { message, hint } of error.findings) {
      assert.match(message, /[^.]$/);
      assert.ok(hint !== undefined && hint.length > 0, `a hint for: ${message}`);
    }
    return [...new Set(error.findings.map(({ code }) => code))];
  }
}

/** A change that must be refused as a whole. */
type Spoil = (folder: string) => void;

const cases: readonly (readonly [what: string, spoil: Spoil, codes: readonly string[]])[] = [
  ['no resource', (folder) => rmSync(path.join(folder, 'glyphoxa.yaml')), ['no-resource']],
  ['a folder for a resource', (folder) => replace(folder, 'glyphoxa.yaml', undefined), ['no-file']],
  ['400 MB for a resource', (folder) => truncateSync(path.join(folder, 'glyphoxa.yaml'), 4e8), ['too-large']],
  ['a resource that is no YAML', (folder) => put(folder, 'glyphoxa.yaml', 'a: [b\n'), ['syntax']],
  [
    'a layer of another release',
    (folder) =>
      put(
        folder,
        'overlays/prod/config.yaml',
        layer('prod').replace('metadata:', 'metadata:\n  name: other'),
      ),
    ['other-release'],
  ],
  [
    'a layer with an unknown component',
    (folder) => put(folder, 'overlays/prod/config.yaml', `${layer('prod')}components: [mcp]\n`),
    ['unknown-field'],
  ],
  [
    'a kustomization with an unknown component',
    (folder) =>
      put(
        folder,
        kustomization,
        get(folder, kustomization).replace('components/mcp-gateway', 'components/mcp-gatway'),
      ),
    ['unknown-component'],
  ],
  [
    'two environments with one namespace',
    (folder) => put(folder, 'overlays/twin/config.yaml', layer('prod')),
    ['same-target'],
  ],
  [
    'control characters that kustomize does not keep',
    (folder) =>
      put(
        folder,
        'overlays/prod/config.yaml',
        layer('prod', 'spec:\n  config:\n    campaign:\n      name: "a\\u0085b"\n'),
      ),
    ['control-character'],
  ],
  ['a kustomization that is no YAML', (folder) => put(folder, kustomization, 'a: [b\n'), ['syntax']],
  [
    'a kustomization that is a list',
    (folder) => put(folder, kustomization, '- a\n'),
    ['wrong-kustomization'],
  ],
  [
    'resources that are no list',
    (folder) => put(folder, kustomization, 'resources: ../base\n'),
    ['wrong-kustomization'],
  ],
  [
    'a second kustomization',
    (folder) => put(folder, 'overlays/prod/kustomization.yml', '{}\n'),
    ['two-kustomizations'],
  ],
  ['a file for a folder', (folder) => replace(folder, 'base', 'x'), ['cannot-read']],
  ['a folder for a file', (folder) => replace(folder, 'base/gateway-service.yaml', undefined), ['no-file']],
  [
    'text that is not UTF-8',
    (folder) => put(folder, 'overlays/prod/config.yaml', Buffer.from([0x61, 0x3a, 0xff])),
    ['not-utf8'],
  ],
];

/** Puts a file, or a folder for undefined, where something else is. */
function replace(folder: string, file: string, text: string | undefined): void {
  rmSync(path.join(folder, file), { recursive: true });
  if (text === undefined) mkdirSync(path.join(folder, file));
  else put(folder, file, text);
}

for (const [what, spoil, expected] of cases) {
  test(`${what}: a finding, and nothing is written`, async (t) => {
    const folder = await makeTree(t);
    put(folder, 'glyphoxa.yaml', `${minimal}spec:\n  gateway:\n    replicaCount: 6\n`);
    spoil(folder);
    const before = snapshot(folder);
    assert.deepEqual(await codes(() => generateIn(folder)), expected);
    assert.deepEqual(await codes(() => generateIn(folder, { check: true })), expected);
    assert.deepEqual(await codes(() => generateIn(folder, { force: true })), expected);
    assert.deepEqual(snapshot(folder), before);
  });
}

/** An environment that is wrong in itself. */
const invalid: readonly (readonly [
  what: string,
  name: string,
  files: { [file: string]: string },
  code: string,
])[] = [
  ['a name with spaces', 'my bad', { 'config.yaml': layer('bad') }, 'environment-name'],
  ['a name with shell characters', '$(id);x', { 'config.yaml': layer('bad') }, 'environment-name'],
  ['a layer that is no YAML', 'bad', { 'config.yaml': 'a: [b\n' }, 'syntax'],
  ['a wrong value', 'bad', { 'config.yaml': layer('bad', 'spec: {gateway: 1}\n') }, 'wrong-type'],
  [
    'a merge that lacks something',
    'bad',
    { 'config.yaml': layer('bad', 'spec: {secrets: {provider: kubernetes}}\n') },
    'dsn-missing',
  ],
  [
    'a kustomization that is no YAML',
    'bad',
    { 'config.yaml': layer('bad'), 'kustomization.yaml': 'a: [b\n' },
    'syntax',
  ],
];

for (const [what, name, files, code] of invalid) {
  test(`${what} blocks only its own environment, and is told with its name`, async (t) => {
    const folder = await makeTree(t);
    put(folder, 'overlays/prod/config.yaml', layer('prod', 'spec: {gateway: {replicaCount: 6}}\n'));
    for (const [file, text] of Object.entries(files)) put(folder, `overlays/${name}/${file}`, text);
    const { changes, findings } = await generateIn(folder);
    assert.deepEqual(
      changes.map((change) => change.path),
      ['overlays/prod/patches/gateway-deployment.yaml', 'overlays/prod/kustomization.yaml'],
    );
    const error = findings.find((finding) => finding.code === code);
    assert.equal(error?.severity, 'error');
    assert.deepEqual(error?.environments, [name]);
    const printed = await runCli(['generate'], { cwd: folder });
    assert.equal(printed.exitCode, 1);
    assert.ok(printed.stderr.includes(`(environment ${name})`), printed.stderr);
  });
}

test('no folder: a finding', async (t) => {
  const folder = makeFolder(t, { file: 'x' });
  assert.deepEqual(await codes(async () => openTree('missing', folder)), ['cannot-read']);
  assert.deepEqual(await codes(async () => openTree('file', folder)), ['no-folder']);
});

for (const [link, needsNew] of [
  ['base', false],
  ['overlays', false],
  ['overlays/prod', false],
  ['overlays/prod/config.yaml', false],
  ['overlays/prod/patches', true],
  ['base/gateway-service.yaml', false],
  ['base/.glyphoxa-kustomize.sum', false],
] as const) {
  test(`a symbolic link at ${link} is not followed out of the tree`, async (t) => {
    const folder = await makeTree(t);
    const outside = makeFolder(t, { 'victim.yaml': 'precious: true\n' });
    if (!needsNew) {
      cpSync(path.join(folder, link), path.join(outside, 'copy'), { recursive: true });
      rmSync(path.join(folder, link), { recursive: true });
    } else mkdirSync(path.join(outside, 'copy'));
    symlinkSync(path.join(outside, 'copy'), path.join(folder, link));
    put(folder, 'glyphoxa.yaml', minimal);
    if (needsNew)
      put(folder, 'overlays/prod/config.yaml', layer('prod', 'spec:\n  gateway:\n    replicaCount: 5\n'));
    const before = snapshot(outside);
    assert.deepEqual(await codes(() => generateIn(folder, { force: true })), ['symbolic-link']);
    assert.deepEqual(snapshot(outside), before);
  });
}

test('checksums of files elsewhere do not get them deleted', async (t) => {
  const folder = await makeTree(t);
  put(folder, 'victim.yaml', 'precious: true\n');
  put(folder, 'overlays/other/victim.yaml', 'precious: true\n');
  const sum = (await import('../../generator/tree/sums.ts')).sumOf('precious: true\n');
  const sums = 'base/.glyphoxa-kustomize.sum';
  const lines = ['../victim.yaml', '../overlays/other/victim.yaml', '/etc/passwd', './../victim.yaml'];
  put(folder, sums, get(folder, sums) + lines.map((file) => `${sum}  ${file}\n`).join(''));
  await generateIn(folder, { force: true });
  assert.equal(get(folder, 'victim.yaml'), 'precious: true\n');
  assert.equal(get(folder, 'overlays/other/victim.yaml'), 'precious: true\n');
});

for (const name of [
  '..',
  '.',
  '',
  'a/b',
  '/etc',
  'A',
  'a b',
  '$(id)',
  'a;b',
  '-rf',
  'a\nb',
  'ünï',
  'x'.repeat(64),
]) {
  test(`${JSON.stringify(name)} is no name for an environment`, async (t) => {
    const folder = await makeTree(t);
    const before = snapshot(folder);
    assert.deepEqual(await codes(() => createOverlay(treeIn(folder), { name })), ['environment-name']);
    assert.deepEqual(snapshot(folder), before);
  });
}

const launcher = fileURLToPath(new URL('generate-in.ts', import.meta.url));

/** Runs generate in a process of its own, as a user who may not write everywhere, or under a limit. */
async function generateElsewhere(folder: string, limit = ''): Promise<{ exitCode: number; stderr: string }> {
  const command = `${limit} exec "${process.execPath}" --import=tsx "${launcher}" "${folder}"`;
  const root = fileURLToPath(new URL('../..', import.meta.url));
  if (process.getuid?.() !== 0 || limit !== '') return runTool('/bin/sh', ['-c', command], { cwd: root });
  return runTool(
    '/usr/bin/setpriv',
    ['--reuid=65534', '--regid=65534', '--clear-groups', '/bin/sh', '-c', command],
    {
      cwd: root,
      env: { HOME: folder, TMPDIR: '/tmp' },
    },
  );
}

for (const [what, file, mode] of [
  ['an unreadable resource', 'glyphoxa.yaml', 0o000],
  ['a read-only folder', 'base', 0o555],
] as const) {
  test(`${what}: a finding, and nothing half-written`, async (t: TestContext) => {
    const folder = await makeTree(t);
    put(folder, 'glyphoxa.yaml', `${minimal}spec:\n  gateway:\n    replicaCount: 6\n`);
    chmodSync(folder, 0o755);
    chmodSync(path.join(folder, file), mode);
    const before = snapshot(folder);
    const { exitCode, stderr } = await generateElsewhere(folder);
    assert.equal(exitCode, 1, stderr);
    assert.match(stderr, /^error cannot-(?:read|write): /m);
    assert.deepEqual(snapshot(folder), before);
  });
}

test('a full disk: a finding, each file old or new, and the next run does the rest', async (t) => {
  const folder = await makeTree(t);
  const old = snapshot(folder);
  put(
    folder,
    'glyphoxa.yaml',
    `${minimal}spec:\n  gateway:\n    replicaCount: 6\n  worker:\n    nodeSelector: { a: b }\n`,
  );
  const { exitCode, stderr } = await generateElsewhere(folder, "trap '' XFSZ; ulimit -f 2;");
  assert.equal(exitCode, 1, stderr);
  assert.match(stderr, /^error cannot-write: .*; /m);
  const after = snapshot(folder);
  await generateIn(folder);
  const repaired = snapshot(folder);
  for (const [file, text] of after) {
    if (!file.endsWith('.sum')) assert.ok([old.get(file), repaired.get(file)].includes(text), file);
  }
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
});
