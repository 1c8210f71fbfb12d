/** What a kustomization is built from: every file that it names, however it names it, and what is not in the tree. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { contentsOf } from '../../generator/tree/contents.ts';
import { makeFolder, treeIn } from './folder.ts';

type Files = { readonly [file: string]: string };

/** What a folder is built from: files, the kustomizations among them, and the codes of what is told. */
function contents(t: TestContext, files: Files, folder = 'a') {
  const found = contentsOf(treeIn(makeFolder(t, files)), folder);
  return {
    files: [...found.files.keys()].sort(),
    kustomizations: [...found.kustomizations.keys()].sort(),
    told: found.findings.map(({ code, severity }) => `${severity} ${code}`),
    messages: found.findings.map(({ message }) => message),
  };
}

/** A kustomization that names `file.yaml`, and nothing else that is there. */
const mentions: { readonly [how: string]: string } = {
  'a path': 'resources: [file.yaml, "", 1, {path: other.yaml}]',
  'a path from here': 'resources: [./file.yaml]',
  'a path over there': 'resources: [../a/file.yaml]',
  'one text for a list': 'resources: file.yaml',
  'an older field': 'bases: [file.yaml]',
  components: 'components: [file.yaml]',
  crds: 'crds: [file.yaml]',
  configurations: 'configurations: [file.yaml]',
  'a strategic patch': 'patchesStrategicMerge: [file.yaml, "a: b\\nc: other.yaml\\n"]',
  patches: 'patches: [{path: file.yaml}, {patch: other.yaml}, other.yaml, null]',
  'a JSON patch': 'patchesJson6902: [{path: file.yaml}]',
  replacements: 'replacements: [{path: file.yaml}, {path: ""}, {path: 1}]',
  'a schema': 'openapi: {path: file.yaml}',
  'a file of a ConfigMap': 'configMapGenerator: [{files: [file.yaml, 3]}, other.yaml]',
  'a file of a Secret, by a key': 'secretGenerator: [{files: [key=file.yaml]}]',
  'variables of a Secret': 'secretGenerator: [{envs: [file.yaml, 3]}]',
  'variables, in the older way': 'configMapGenerator: [{env: file.yaml}, {env: 3}]',
};

for (const [how, text] of Object.entries(mentions)) {
  test(`a file is part of what is built that is named as ${how}`, (t) => {
    const kustomization = 'a/kustomization.yaml';
    const found = contents(t, { [kustomization]: text, 'a/file.yaml': 'a', 'a/other.yaml': 'b' });
    assert.deepEqual(found.files, ['a/file.yaml', kustomization]);
    assert.deepEqual([found.kustomizations, found.told], [[kustomization], []]);
  });
}

test('folders are followed to each kustomization once, under any of its names', (t) => {
  const files = {
    'kustomization.yaml': 'resources: [a, own.yaml, .]',
    'own.yaml': '',
    'a/kustomization.yml': 'resources: [../b/, .]\ncomponents: [../c]',
    'b/Kustomization': 'resources: [../a, ../]',
    'c/kustomization.yaml': '- no map',
    'd/kustomization.yaml': 'resources: [../a]',
  };
  const all = ['a/kustomization.yml', 'b/Kustomization', 'c/kustomization.yaml', 'kustomization.yaml'];
  const found = contents(t, files);
  assert.deepEqual([found.kustomizations, found.told], [all, []]);
  assert.deepEqual(found.files, [...all, 'own.yaml']);
});

test('the first of its names is the kustomization, and a folder is none', (t) => {
  const both = { 'a/kustomization.yaml': '', 'a/kustomization.yml': '' };
  assert.deepEqual(contents(t, both).files, ['a/kustomization.yaml']);
  const folder = { 'a/kustomization.yaml/b': '', 'a/Kustomization': '' };
  assert.deepEqual(contents(t, folder).files, ['a/Kustomization']);
});

const missing: readonly (readonly [name: string, isOutside: boolean])[] = [
  ['none.yaml', false],
  ['https://example.com/a', false],
  ['git@example.com:a/b', false],
  ['../../other', true],
  ['../..', true],
  ['/etc/passwd', true],
];

for (const [name, isOutside] of missing) {
  test(`${name} is told, as what is ${isOutside ? 'outside of' : 'not in'} the tree`, (t) => {
    const found = contents(t, { 'a/kustomization.yaml': `resources: ["${name}"]` });
    assert.deepEqual(found.told, ['error not-in-tree']);
    assert.deepEqual(found.files, ['a/kustomization.yaml']);
    const [message = ''] = found.messages;
    assert.ok(message.startsWith(`a/kustomization.yaml names ${name}, `), message);
    assert.equal(/\boutside\b/.test(message), isOutside);
  });
}

test('a folder without a kustomization is told, and one whose kustomization is no YAML is left to the build', (t) => {
  assert.deepEqual(contents(t, { 'a/b.yaml': '' }).told, ['error not-in-tree']);
  assert.deepEqual(contents(t, { 'a/kustomization.yaml': 'resources: [../b]', 'b/c': '' }).told, [
    'error not-in-tree',
  ]);
  const broken = contents(t, { 'a/kustomization.yaml': 'a: [' });
  assert.deepEqual([broken.files, broken.told], [['a/kustomization.yaml'], []]);
});

test('charts and plugins are told where they are asked for', (t) => {
  for (const field of ['helmCharts', 'helmChartInflationGenerator'])
    assert.deepEqual(contents(t, { 'a/kustomization.yaml': `${field}: []` }).told, ['error charts'], field);
  const plugin = 'apiVersion: viaduct.ai/v1\nkind: ksops\n';
  const found = contents(t, { 'a/kustomization.yaml': 'generators: [p.yaml]', 'a/p.yaml': plugin });
  assert.deepEqual(found.told, ['error plugin-unseen']);
  assert.ok(found.messages[0]?.includes('(ksops)'));
  assert.deepEqual(found.files, ['a/kustomization.yaml', 'a/p.yaml']);
});

test('what is known of a folder is taken without reading it again', (t) => {
  const root = 'resources: [../b, file.yaml]';
  const files = { 'a/kustomization.yaml': root, 'a/file.yaml': '', 'b/kustomization.yaml': 'a: [' };
  const other = { 'b/kustomization.yaml': 'resources: [c.yaml, d.yaml]', 'b/c.yaml': '' };
  const known = new Map([['b', contentsOf(treeIn(makeFolder(t, other)), 'b')]]);
  const found = contentsOf(treeIn(makeFolder(t, files)), 'a', known);
  const [a, b] = ['a/kustomization.yaml', 'b/kustomization.yaml'];
  assert.deepEqual([...found.files.keys()].sort(), ['a/file.yaml', a, 'b/c.yaml', b]);
  assert.deepEqual([...found.kustomizations.keys()].sort(), [a, b]);
  assert.deepEqual(
    found.findings.map(({ code }) => code),
    ['not-in-tree'],
  );
});
