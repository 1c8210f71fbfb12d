/** Which folders of a fleet are written, which are emptied, and what is told; and what is remembered of it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { Failure } from '../../../generator/model/finding.ts';
import { loadInputs } from '../../../generator/tree/load.ts';
import { sumOf, sumsFile, withSums } from '../../../generator/tree/sums.ts';
import {
  buildTenant,
  findTenant,
  openFleet,
  tenantDeployments,
} from '../../../generator/tree/tenants/build.ts';
import { planFleet } from '../../../generator/tree/tenants/plan-fleet.ts';
import { type FleetRecord, keepRecord, readRecord } from '../../../generator/tree/tenants/record.ts';
import { generateIn, get, layer, makeFolder, minimal, put, treeIn } from '../folder.ts';

type Files = { readonly [file: string]: string };

const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: GlyphoxaFleet\ntemplate: prod\n';
const inputs = (fleet: string, more: Files = {}) => ({
  'glyphoxa.yaml': minimal,
  'overlays/prod/config.yaml': layer('prod'),
  'tenants.yaml': `${head}${fleet}`,
  ...more,
});

/** A fleet that is planned: the folders with files, those that are emptied, and what is told of whom. */
async function plan(t: TestContext, files: Files, known?: FleetRecord, folder = makeFolder(t, files)) {
  const tree = treeIn(folder);
  const { plans, findings, record } = await planFleet(tree, await loadInputs(tree), [], new Map(), known);
  return {
    written: plans.filter((each) => each.files.size > 0).map((each) => each.folder),
    emptied: plans.filter((each) => each.files.size === 0).map((each) => each.folder),
    told: findings.map(({ code, severity, tenants = [] }) => [severity, code, ...tenants].join(' ')),
    record,
    paths: findings.map(({ path }) => path.join('.')),
    places: findings.map(({ position }) => position?.file),
  };
}

const [shared, a, b] = ['tenants/_shared', 'tenants/a', 'tenants/b'];
const deny = 'defaults: { defaultDeny: true }\n';
const off = '{ spec: { networkPolicy: { enabled: false } } }';

const cases: { readonly [what: string]: readonly [fleet: string, written: string[], told: string[]] } = {
  'two tenants': ['tenants:\n  a:\n  b:\n', [shared, a, b], []],
  'no tenants': ['tenants: {}\n', [shared], []],
  'tenants that are null': ['tenants:\n', [shared], []],
  'a wrong value': [
    'tenants:\n  a: { spec: { gateway: { replicaCount: -1 } } }\n  b:\n',
    [shared, b],
    ['error out-of-range a'],
  ],
  'two in one namespace': [
    'tenants:\n  a:\n  b: { namespace: glyphoxa-tenant-a }\n',
    [shared],
    ['error same-namespace a b'],
  ],
  'one in that of an environment': [
    'tenants:\n  a: { namespace: prod }\n  b:\n',
    [shared, b],
    ['error same-namespace a'],
  ],
  'secrets from files': [
    'tenants:\n  a: { spec: { secrets: { provider: kubernetes } } }\n  b:\n',
    [shared, b],
    ['error admin-key-missing a', 'error dsn-missing a', 'error tenant-secrets a'],
  ],
  'a database of its own': [
    'tenants:\n  a: { spec: { postgresql: { enabled: true } } }\n',
    [shared, a],
    ['warning tenant-database a'],
  ],
  'a default-deny without policies': [
    `${deny}tenants:\n  a: ${off}\n  b:\n`,
    [shared, b],
    ['error deny-without-policies a'],
  ],
  'no policies, and no default-deny': [`tenants:\n  a: ${off}\n`, [shared, a], []],
  'policies, and a default-deny': [`${deny}tenants:\n  a:\n`, [shared, a], []],
  'a default-deny that a tenant takes back': [
    `${deny}tenants:\n  a: { defaultDeny: false, spec: { networkPolicy: { enabled: false } } }\n`,
    [shared, a],
    [],
  ],
  'defaults that lack what each tenant supplies': [
    'defaults: { spec: { secrets: { provider: sealed-secrets } } }\ntenants:\n  a: { spec: { secrets: { sealed: { admin-key: AgBy, database-dsn: AgBy } } } }\n',
    [shared, a],
    ['warning sealed-form a', 'warning sealed-form a'],
  ],
  'wrong defaults': [
    'defaults: { spec: { gateway: { replicas: 1 } } }\ntenants:\n  a:\n',
    [],
    ['error unknown-field'],
  ],
  'an engine that is wrong': ['engine: { argocd: {} }\ntenants:\n  a:\n', [], ['error required']],
};

for (const [what, [fleet, written, told]] of Object.entries(cases)) {
  test(`a fleet with ${what}: ${written.length} folders, ${told.join(', ') || 'nothing told'}`, async (t) => {
    const found = await plan(t, inputs(fleet));
    assert.deepEqual([found.written, found.told], [written, told]);
  });
}

test('a template that is not there, has errors, or has a Secret of files takes no tenant', async (t) => {
  const told = async (more: Files) => (await plan(t, inputs('tenants:\n  a:\n', more))).told;
  const fleet = (template: string) => ({ 'tenants.yaml': `${head.replace('prod', template)}tenants: {}\n` });
  assert.deepEqual(await told(fleet('prd')), ['error no-template']);
  const wrong = layer('prod', 'spec: { gateway: { replicaCount: -1 } }\n');
  assert.deepEqual(await told({ 'overlays/prod/config.yaml': wrong, 'overlays/b/config.yaml': layer('b') }), [
    'error out-of-range',
  ]);
  const own =
    'spec:\n  secrets: { provider: kubernetes }\n  database: { dsn: { fromEnv: DSN } }\n  gateway: { adminKey: { fromEnv: KEY } }\n';
  assert.deepEqual(await told({ 'overlays/prod/config.yaml': layer('prod', own) }), [
    'error template-secrets',
  ]);
});

test('what no tenant may have is told at the value that says it', async (t) => {
  const spec =
    '{ secrets: { provider: kubernetes }, postgresql: { enabled: true }, networkPolicy: { enabled: false } }';
  const { told, paths } = await plan(t, inputs(`${deny}tenants:\n  a: { spec: ${spec} }\n`));
  const at = (code: string) => paths[told.findIndex((each) => each.includes(` ${code} `))];
  assert.deepEqual(['tenant-secrets', 'tenant-database', 'deny-without-policies'].map(at), [
    'tenants.a.spec.secrets.provider',
    'tenants.a.spec.postgresql.enabled',
    'tenants.a.spec.networkPolicy.enabled',
  ]);
});

test('the engine of a fleet with errors stays as it is', async (t) => {
  const engine = 'engine: { flux: {} }\n';
  assert.deepEqual((await plan(t, inputs(`${engine}tenants:\n  a:\n`))).written, [shared, a, 'engine']);
  const wrong = 'tenants:\n  a:\n  b: { spec: { gateway: { replicaCount: -1 } } }\n';
  const { written, emptied } = await plan(t, inputs(`${engine}${wrong}`));
  assert.deepEqual([written, emptied], [[shared, a], []]);
});

const sums = withSums('kind: Kustomization\n', new Map([['x.yaml', new Set([sumOf('')])]]));

test('folders of tenants that are gone are emptied, where this tool wrote or began to write them', async (t) => {
  const { written, emptied } = await plan(
    t,
    inputs('tenants:\n  a:\n  wrong: { spec: { gateway: { replicaCount: -1 } } }\n  Odd:\n', {
      'tenants/gone/kustomization.yaml': sums,
      'tenants/begun/.kustomization.yaml.999999999.glyphoxa-tmp': '',
      'tenants/theirs/kustomization.yaml': 'kind: Kustomization\n',
      'tenants/other/objects.yaml': sums,
      'tenants/bare/mine/kustomization.yaml': sums,
      'tenants/wrong/kustomization.yaml': sums,
      'tenants/Odd/kustomization.yaml': sums,
      'tenants/Name/kustomization.yaml': sums,
      'tenants/a-b/kustomization.yaml': sums,
      'tenants/file': sums,
      'tenants/_shared/kustomization.yaml': sums,
    }),
  );
  assert.deepEqual(
    [written, emptied],
    [
      [shared, a],
      ['tenants/begun', 'tenants/gone'],
    ],
  );
});

test('without a file of a fleet nothing is planned, and folders that were written are told', async (t) => {
  const files = { 'glyphoxa.yaml': minimal, 'overlays/prod/config.yaml': layer('prod') };
  const [none, left] = [await plan(t, files), await plan(t, { ...files, [`${shared}/${sumsFile}`]: '' })];
  assert.deepEqual([none.told, none.written], [[], []]);
  assert.deepEqual([left.told, left.written, left.emptied], [['warning no-fleet'], [], []]);
  assert.deepEqual((await plan(t, { ...files, 'tenants/mine': '' })).told, []);
});

/** A written tree of a fleet, and what is remembered of it. */
async function remembered(t: TestContext, fleet: string, more: Files = {}) {
  const folder = makeFolder(t, inputs(fleet, more));
  const file = path.join(makeFolder(t), 'record.json');
  await generateIn(folder, { record: file });
  const record = readRecord(file);
  assert.ok(record);
  return { folder, record };
}

test('what is remembered is not planned again, and what changed is', async (t) => {
  const fleet = 'waves: [first]\ntenants:\n  a: { wave: first }\n  b: { wave: first }\n';
  const { folder, record } = await remembered(t, fleet);
  assert.deepEqual(Object.keys(record.tenants), ['a', 'b']);
  assert.deepEqual([record.tenants.a?.wave, record.tenants.a?.namespace], ['first', 'glyphoxa-tenant-a']);
  assert.deepEqual(Object.keys(record.tenants.a?.files ?? {}), ['kustomization.yaml']);
  const again = () => plan(t, {}, record, folder);
  assert.deepEqual((await again()).written, [shared]);
  assert.deepEqual((await again()).record, record);
  const own = `${b}/kustomization.yaml`;
  const was = get(folder, own);
  put(folder, own, `${was}# mine\n`);
  assert.deepEqual((await again()).written, [shared, b]);
  put(folder, own, was);
  put(folder, 'tenants.yaml', `${head}${fleet.replace('b: { ', 'b: { labels: { plan: gold }, ')}`);
  const changed = await again();
  assert.deepEqual(
    [changed.written, Object.keys(changed.record?.tenants ?? {})],
    [
      [shared, b],
      ['a', 'b'],
    ],
  );
  assert.notEqual(changed.record?.tenants.b?.slice, record.tenants.b?.slice);
  put(folder, 'tenants.yaml', `${head}${fleet.replace('[first]', '[first, last]')}`);
  assert.deepEqual((await again()).written, [shared, a, b]);
});

test('a tenant that takes the namespace of one that is remembered is told with it', async (t) => {
  const { folder, record } = await remembered(t, 'tenants:\n  a:\n  b:\n');
  put(folder, 'tenants.yaml', `${head}tenants:\n  a: { namespace: glyphoxa-tenant-b }\n  b:\n`);
  const { written, told } = await plan(t, {}, record, folder);
  assert.deepEqual([written, told], [[shared], ['error same-namespace a b']]);
});

test('only what has no finding in the file of the fleet is remembered, with what is told elsewhere', async (t) => {
  const database = layer('prod', 'spec: { postgresql: { enabled: true } }\n');
  const fleet = 'tenants:\n  a:\n  b: { spec: { postgresql: { enabled: true } } }\n';
  const { folder, record } = await remembered(t, fleet, { 'overlays/prod/config.yaml': database });
  assert.deepEqual(Object.keys(record.tenants), ['a']);
  const { told, places } = await plan(t, {}, record, folder);
  assert.deepEqual(told, ['warning tenant-database a', 'warning tenant-database b']);
  assert.deepEqual(places, ['overlays/prod/config.yaml', 'tenants.yaml']);
});

test('nothing is remembered of a text whose tenants cannot be told apart', async (t) => {
  const { record } = await plan(t, inputs('tenants: { a: {} }\n'));
  assert.equal(record, undefined);
  assert.deepEqual(Object.keys((await plan(t, inputs('tenants:\n  a:\n'))).record?.tenants ?? {}), ['a']);
});

test('a record is read as it was kept, and none where there is no such file', (t) => {
  const folder = makeFolder(t, { file: '' });
  const file = path.join(folder, 'deep/record.json');
  const record = { from: 'x', tenants: {} };
  keepRecord(file, record);
  assert.deepEqual(readRecord(file), record);
  for (const text of [
    '',
    '[]',
    '{"from":1,"tenants":{}}',
    '{"from":"x","tenants":null}',
    '{"from":"x","tenants":3}',
  ]) {
    put(folder, 'deep/record.json', text);
    assert.equal(readRecord(file), undefined, text);
  }
  keepRecord(path.join(folder, 'file/record.json'), record);
  assert.equal(readRecord(path.join(folder, 'file/record.json')), undefined);
});

/** The codes that work fails with. */
async function refusal(work: () => Promise<unknown>): Promise<string[]> {
  const error = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error === undefined || error instanceof Failure);
  return error?.findings.map(({ code }) => code) ?? [];
}

test('a tenant is found by its id, but for those that share a namespace', async (t) => {
  const fleet = 'tenants:\n  a:\n  b:\n  c: { namespace: glyphoxa-tenant-b }\n';
  const texts = new Map<string, string>();
  const open = await openFleet(treeIn(makeFolder(t, inputs(fleet))), texts);
  assert.deepEqual([...texts.keys()].sort(), ['glyphoxa.yaml', 'overlays/prod/config.yaml', 'tenants.yaml']);
  assert.deepEqual(await refusal(() => findTenant(open, 'a')), []);
  for (const id of ['b', 'c'])
    assert.deepEqual(await refusal(() => findTenant(open, id)), ['same-namespace']);
  assert.deepEqual(await refusal(() => findTenant(open, 'x')), ['no-tenant']);
  const none = makeFolder(t, { 'glyphoxa.yaml': minimal });
  assert.deepEqual(await refusal(() => openFleet(treeIn(none), texts)), ['no-fleet']);
});

test('the objects of a tenant have its labels, its bounds and the images of the template environment', async (t) => {
  const fleet =
    'defaults: { defaultDeny: true }\ntenants:\n  a: { labels: { plan: gold } }\n  moved: { release: moved }\n  own: { spec: { core: { image: { tag: own } } } }\n';
  const images = 'images:\n- name: ghcr.io/mrwong99/glyphoxa\n  newTag: by-hand\n';
  const folder = makeFolder(t, inputs(fleet, { 'overlays/prod/kustomization.yaml': images }));
  const open = await openFleet(treeIn(folder), new Map());
  for (const [id, tag] of [
    ['a', 'by-hand'],
    ['moved', 'by-hand'],
    ['own', 'own'],
  ] as const) {
    const found = await findTenant(open, id);
    const from = { env: {}, readFile: () => '' } as never;
    const { objects, config } = buildTenant(open, found, from);
    const deployments = objects.filter(({ kind }) => kind === 'Deployment');
    assert.deepEqual(tenantDeployments(open, found, config), deployments);
    assert.ok(deployments.length > 0);
    assert.ok(deployments.every((each) => JSON.stringify(each).includes(`glyphoxa:${tag}"`)));
    assert.ok(objects.every(({ metadata }) => metadata.labels?.['glyphoxa.io/tenant' as never] === id));
    assert.equal(
      objects.every(({ metadata }) => metadata.labels?.['plan' as never] === 'gold'),
      id === 'a',
    );
    assert.equal(objects.filter(({ metadata }) => /default-deny/.test(metadata.name)).length, 1);
  }
});
