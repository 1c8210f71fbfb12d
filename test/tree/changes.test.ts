/** What has to be written into a folder, and what in it counts as edited by hand, by what is on the disk. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Failure } from '../../generator/model/finding.ts';
import type { JsonObject } from '../../generator/model/json.ts';
import { compareFolder } from '../../generator/tree/changes.ts';
import type { Managed } from '../../generator/tree/environment.ts';
import type { FolderPlan } from '../../generator/tree/plan.ts';
import { type Sums, sumOf, withSums, writeSums } from '../../generator/tree/sums.ts';
import { formattedSum, writtenSum } from '../../generator/tree/written.ts';
import { makeFolder, treeIn } from './folder.ts';

type Files = { readonly [file: string]: string };

const release = 'glyphoxa';
const [wanted, old, mine] = [
  '# head\nkind: A\nlist:\n  - a\n',
  '# head\nkind: Old\n',
  '# head\nkind: Mine\n',
];
const conflict = 'kind: A\n<<<<<<< ours\na: 1\n=======\na: 2\n>>>>>>> theirs\n';

/** A plan of a folder with one file. */
const onePlan: FolderPlan = { folder: 'base', release, files: new Map([['a.yaml', wanted]]) };

/** A folder of a tree, with files in it and their checksums. */
function compare(
  t: TestContext,
  plan: FolderPlan,
  files: Files,
  sums: { readonly [file: string]: readonly string[] } = {},
  { force = false, elsewhere = {} }: { force?: boolean; elsewhere?: Files } = {},
) {
  const known = new Map(Object.entries(sums).map(([file, all]) => [file, new Set(all)]));
  const all = { ...files, ...(known.size > 0 && { '.glyphoxa-kustomize.sum': writeSums(known) }) };
  const inFolder = Object.entries(all).map(([file, text]) => [`${plan.folder}/${file}`, text]);
  const folder = makeFolder(t, { ...Object.fromEntries(inFolder), ...elsewhere });
  return compareFolder(treeIn(folder), plan, force);
}

/** Each change and edit in few words. */
function inWords({ changes, edits }: ReturnType<typeof compareFolder>): string[] {
  return [
    ...changes.map(({ what, path }) => `${what} ${path}`),
    ...edits.map(({ path, written, obsolete }) => {
      return `${obsolete ? 'obsolete ' : ''}edit of ${written ? 'ours' : 'theirs'} ${path}`;
    }),
  ];
}

const written: readonly (readonly [
  what: string,
  onDisk: string | undefined,
  sums: readonly string[],
  then: readonly string[],
])[] = [
  ['missing', undefined, [], ['create']],
  ['missing, and written before', undefined, [sumOf('x')], ['create']],
  ['as planned', wanted, [], []],
  ['as planned below another head', `# other\n# lines\n${wanted.slice(7)}`, [], []],
  ['as planned, in another format', 'kind:   "A"\nlist: [a]\n', [], []],
  ['as written before', old, [writtenSum(old)], ['change']],
  ['as an earlier version wrote it, by all its bytes', old, [sumOf(old)], ['change']],
  ['as written before, in another format', 'kind:  "Old"\n', [formattedSum(old) ?? ''], ['change']],
  ['empty', '', [], ['change']],
  ['of a merge of two branches', mine, [sumOf('x'), sumOf('y')], ['change']],
  ['a conflict in what was written', conflict, [sumOf('x')], ['change']],
  ['a conflict in what was not written', conflict, [], ['change', 'edit of theirs']],
  ['edited since', mine, [writtenSum(old)], ['change', 'edit of ours']],
  ['never written', mine, [], ['change', 'edit of theirs']],
  [
    'edited, by its head',
    `# Written by "glyphoxa-kustomize generate"\n${mine}`,
    [],
    ['change', 'edit of ours'],
  ],
  ['no YAML, and not ours', 'a: [', [], ['change', 'edit of theirs']],
];

for (const [what, onDisk, sums, then] of written) {
  test(`a file that is ${what}: ${then.join(' and ') || 'nothing to do'}`, (t) => {
    const files: Files = { 'b.yaml': '', ...(onDisk !== undefined && { 'a.yaml': onDisk }) };
    const compared = compare(t, onePlan, files, sums.length > 0 ? { 'a.yaml': sums } : {});
    assert.deepEqual(
      inWords(compared),
      then.map((each) => `${each} base/a.yaml`),
    );
    for (const { text } of compared.changes) assert.equal(text, wanted);
    for (const edit of compared.edits) assert.deepEqual([edit.onDisk, edit.planned], [onDisk, wanted]);
    assert.deepEqual(compared.after, new Map([['a.yaml', new Set([writtenSum(wanted)])]]));
    assert.equal(compared.isNew, false);
  });
}

test('in a new folder each file is created, and nothing of it is known', (t) => {
  const about = { environments: ['a'] };
  const compared = compare(t, { ...onePlan, about }, {});
  assert.deepEqual(inWords(compared), ['create base/a.yaml']);
  assert.deepEqual([compared.isNew, compared.before.size, compared.about], [true, 0, about]);
  assert.equal('about' in compare(t, onePlan, {}), false);
});

const obsolete: readonly (readonly [what: string, files: Files, sum: string, then: readonly string[]])[] = [
  ['is gone', {}, sumOf('x'), []],
  ['has become a folder', { 'gone.yaml/mine': 'x' }, sumOf('x'), []],
  ['is as it was written', { 'gone.yaml': old }, writtenSum(old), ['delete base/gone.yaml']],
  [
    'is edited',
    { 'gone.yaml': mine },
    writtenSum(old),
    ['delete base/gone.yaml', 'obsolete edit of ours base/gone.yaml'],
  ],
];

for (const [what, files, sum, then] of obsolete) {
  test(`a file that is not needed any more and ${what}: ${then.join(', ') || 'nothing to do'}`, (t) => {
    const compared = compare(t, onePlan, { ...files, 'a.yaml': wanted }, { 'gone.yaml': [sum] });
    assert.deepEqual(inWords(compared), then);
    assert.deepEqual([...compared.before.keys()], ['gone.yaml']);
    for (const { onDisk, planned } of compared.edits) assert.deepEqual([onDisk, planned], [mine, '']);
    for (const { text } of compared.changes) assert.equal(text, '');
  });
}

/** The code and the names in the hints of what a comparison is refused with. */
function refusal(work: () => unknown): { codes: string[]; hints: string } {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { findings } = error;
    return { codes: findings.map(({ code }) => code), hints: findings.map(({ hint }) => hint).join('\n') };
  }
  return { codes: [], hints: '' };
}

test('a folder of a newer version is refused unless by force, wherever its checksums stand', (t) => {
  const newer = (text: string) => text.replace(/glyphoxa-kustomize \d+/, 'glyphoxa-kustomize 99');
  const sums: Sums = new Map([['a.yaml', new Set([sumOf('x')])]]);
  const files = { '.glyphoxa-kustomize.sum': newer(writeSums(sums)), 'a.yaml': wanted };
  assert.deepEqual(refusal(() => compare(t, onePlan, files)).codes, ['newer-tool']);
  assert.deepEqual(inWords(compare(t, onePlan, files, {}, { force: true })), []);
  const head = `# glyphoxa-kustomize 99.0.0\n${withSums('kind: A\n', sums)}`;
  const tenant: FolderPlan = { folder: 'tenants/a', release, files: new Map() };
  assert.deepEqual(refusal(() => compare(t, tenant, { 'kustomization.yaml': head })).codes, ['newer-tool']);
  assert.deepEqual(inWords(compare(t, tenant, { '.glyphoxa-kustomize.sum': newer(writeSums(sums)) })), []);
});

const managed: Managed = {
  namespace: 'prod',
  resources: ['../../base'],
  components: ['../../components/network-policy'],
  patches: [],
  secretGenerator: [],
  replacements: [{ path: 'replacements.yaml' }],
};
const environment: FolderPlan = {
  folder: 'overlays/prod',
  release,
  files: new Map([['replacements.yaml', wanted]]),
  about: { environments: ['prod'] },
  managed,
};
const kustomization = (more: JsonObject = {}) => ({
  resources: ['../../base', 'mine.yaml'],
  namespace: 'prod',
  components: ['./../../components/network-policy/'],
  replacements: [{ path: 'replacements.yaml' }],
  ...more,
});
const compareEnvironment = (
  t: TestContext,
  value: JsonObject | undefined,
  sums: readonly string[] = [],
  elsewhere: Files = {},
) =>
  compare(
    t,
    environment,
    {
      'replacements.yaml': wanted,
      ...(value !== undefined && { 'kustomization.yaml': JSON.stringify(value) }),
    },
    sums.length > 0 ? { 'kustomization.yaml': sums } : {},
    { elsewhere },
  );

/** The checksum that the entries of a kustomization have where it is planned with other values. */
function entriesSumOf(t: TestContext, other: Partial<Managed>): string {
  const plan = { ...environment, managed: { ...managed, ...other } };
  const sums = compare(t, plan, {}).after.get('kustomization.yaml') ?? new Set();
  assert.equal(sums.size, 1);
  return [...sums].join();
}

const [change, edit] = [
  'change overlays/prod/kustomization.yaml',
  'edit of ours overlays/prod/kustomization.yaml',
];

test('a kustomization is created, or left alone while our entries are in it', (t) => {
  assert.deepEqual(inWords(compareEnvironment(t, undefined)), ['create overlays/prod/kustomization.yaml']);
  const plain = kustomization({ components: managed.components, images: [{ name: 'a' }] });
  assert.deepEqual(inWords(compareEnvironment(t, plain)), []);
});

test('our entries in a kustomization are brought in step, where nobody has edited them', (t) => {
  const value = kustomization({ components: [] });
  const was = entriesSumOf(t, { components: [] });
  assert.notEqual(was, entriesSumOf(t, {}));
  assert.deepEqual(inWords(compareEnvironment(t, value, [was])), [change]);
  assert.deepEqual(inWords(compareEnvironment(t, value, [sumOf('x'), sumOf('y')])), [change]);
  assert.deepEqual(inWords(compareEnvironment(t, { resources: ['mine.yaml'] })), [change]);
  for (const sums of [[], [sumOf('x')], [entriesSumOf(t, {})]])
    assert.deepEqual(inWords(compareEnvironment(t, value, sums)), [change, edit]);
  const { changes, edits } = compareEnvironment(t, value);
  for (const kept of ['network-policy', 'mine.yaml']) assert.ok(changes[0]?.text.includes(kept), kept);
  assert.match(edits[0]?.planned ?? '', /network-policy/);
  assert.doesNotMatch(edits[0]?.onDisk ?? '', /network-policy|mine\.yaml/);
});

test('an edit of nothing but the namespace is known as such', (t) => {
  const own = kustomization({ components: managed.components });
  const namespaceOf = (value: JsonObject, sums?: readonly string[]) => {
    const { changes, edits } = compareEnvironment(t, value, sums);
    assert.deepEqual([changes.length, edits.length], [1, 1]);
    return edits[0]?.namespace;
  };
  assert.equal(namespaceOf({ ...own, namespace: 'other' }), 'other');
  assert.equal(namespaceOf({ ...own, namespace: 'other' }, [sumOf('x')]), 'other');
  assert.equal(namespaceOf({ ...own, namespace: 'other', components: [] }), undefined);
  const before = entriesSumOf(t, { components: [] });
  assert.equal(namespaceOf({ ...own, namespace: 'other', components: [] }, [before]), 'other');
  assert.equal(namespaceOf({ ...own, namespace: 1 }), undefined);
  const { namespace: _, ...without } = own;
  assert.equal(namespaceOf(without), undefined);
});

test('a second kustomization is refused by either of its names, and one that is no map', (t) => {
  for (const name of ['kustomization.yml', 'Kustomization'])
    assert.deepEqual(refusal(() => compare(t, environment, { [name]: '' })).codes, ['two-kustomizations']);
  const list = { 'kustomization.yaml': '- a\n' };
  assert.deepEqual(refusal(() => compare(t, environment, list)).codes, ['wrong-kustomization']);
  assert.deepEqual(inWords(compare(t, onePlan, { 'a.yaml': wanted, ...list, Kustomization: '' })), []);
});

test('components of the tree that are not there are refused, and those elsewhere are not looked at', (t) => {
  const named = (...components: string[]) =>
    refusal(() =>
      compareEnvironment(t, kustomization({ components }), [], { 'components/own/kustomization.yaml': '' }),
    );
  for (const path of ['../../components/network-polcy', '././../../components/network-polcy//']) {
    const { codes, hints } = named(path, '../../components/nothing-like-it');
    assert.deepEqual(codes, ['unknown-component', 'unknown-component']);
    assert.match(hints.split('\n')[0] ?? '', / network-policy\?$/);
    assert.match(hints.split('\n')[1] ?? '', /\bmcp-gateway, .*ingress\b/);
  }
  for (const path of [
    '../../components/own',
    '../../components/mcp-gateway',
    '../x',
    '../../components/a/b',
    'https://a/components/b',
  ])
    assert.deepEqual(named(path).codes, [], path);
});
