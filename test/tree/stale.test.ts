/** What is told of one environment, and of one tenant, whose files are not what the configuration says. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Finding } from '../../generator/model/finding.ts';
import { staleFindings } from '../../generator/tree/stale.ts';
import { findTenant, openFleet } from '../../generator/tree/tenants/build.ts';
import { fleetStaleness } from '../../generator/tree/tenants/stale.ts';
import { fleetText } from './engine/fleet.ts';
import { generateIn, get, layer, makeTree, minimal, put, treeIn } from './folder.ts';

const two = (t: TestContext) =>
  makeTree(t, { 'overlays/prod/config.yaml': layer('prod'), 'overlays/other/config.yaml': layer('other') });
const told = (findings: readonly Finding[]) =>
  findings.map(({ code, details = [], environments, tenants }) => [
    code,
    ...(environments ?? tenants ?? []),
    ...details,
  ]);
const stale = async (folder: string, name = 'prod') => told(await staleFindings(treeIn(folder), name));

test('of an environment that is as it should be nothing is told', async (t) => {
  assert.deepEqual(await stale(await two(t)), []);
});

test('files of an environment and of what it is built from are told by their names, and no others', async (t) => {
  const folder = await two(t);
  put(folder, 'base/gateway-service.yaml', 'kind: Mine\n');
  put(folder, 'overlays/other/config.yaml', layer('other', 'spec: { gateway: { replicaCount: 5 } }\n'));
  assert.deepEqual(await stale(folder), [['tree-stale', 'prod', 'base/gateway-service.yaml']]);
  assert.deepEqual(await stale(folder, 'other'), [
    [
      'tree-stale',
      'other',
      'base/gateway-service.yaml',
      'overlays/other/patches/gateway-deployment.yaml',
      'overlays/other/kustomization.yaml',
    ],
  ]);
  const [one, more] = [
    await staleFindings(treeIn(folder), 'prod'),
    await staleFindings(treeIn(folder), 'other'),
  ];
  assert.match(one[0]?.message ?? '', /: 1 file out\b/);
  assert.match(more[0]?.message ?? '', /: 3 files out\b/);
});

test('while a configuration has errors nothing is told', async (t) => {
  const wrong = 'spec: { gateway: { replicaCount: -1 } }\n';
  const [ofLayer, ofResource] = [await two(t), await two(t)];
  put(ofLayer, 'overlays/prod/config.yaml', layer('prod', wrong));
  put(ofResource, 'glyphoxa.yaml', `${minimal}${wrong}`);
  put(ofLayer, 'base/gateway-service.yaml', '');
  put(ofResource, 'base/gateway-service.yaml', '');
  assert.deepEqual(await stale(ofLayer), []);
  assert.deepEqual(await stale(ofLayer, 'other'), [['tree-stale', 'other', 'base/gateway-service.yaml']]);
  assert.deepEqual(await stale(ofResource), []);
  // a rule that only says of both together that something is wrong
  const lacking = await two(t);
  put(lacking, 'overlays/prod/config.yaml', layer('prod', 'spec: { secrets: { provider: kubernetes } }\n'));
  assert.deepEqual(await stale(lacking), []);
});

test('what cannot be compared is told of the environment', async (t) => {
  const folder = await two(t);
  put(folder, 'overlays/prod/kustomization.yml', '');
  assert.deepEqual(await stale(folder), [['two-kustomizations', 'prod']]);
});

test('of a fleet is told what all tenants are built on, and each tenant by itself', async (t) => {
  const folder = await makeTree(t, {
    'overlays/prod/config.yaml': layer('prod'),
    'tenants.yaml': fleetText('', 'tenants:\n  acme:\n  other:\n'),
  });
  const at = async () => {
    const open = await openFleet(treeIn(folder), new Map());
    const { below, of } = await fleetStaleness(open);
    const own = async (id: string) => told(of(await findTenant(open, id)));
    return [told(below), await own('acme'), await own('other')];
  };
  assert.deepEqual(await at(), [[], [], []]);
  const [own, shared] = ['tenants/acme/kustomization.yaml', 'tenants/_shared/kustomization.yaml'];
  put(folder, own, get(folder, own).replace('glyphoxa-tenant-acme', 'mine'));
  put(folder, shared, `${get(folder, shared)}namePrefix: mine\n`);
  assert.deepEqual(await at(), [[['tree-stale', 'prod', shared]], [['tree-stale', 'acme', own]], []]);
  await generateIn(folder, { force: true });
  const wrong = 'tenants:\n  acme: { spec: { gateway: { replicaCount: -1 } } }\n  other: { wave: none }\n';
  put(folder, 'tenants.yaml', fleetText('', wrong).replace(', wave: none', ''));
  put(folder, own, get(folder, own).replace('glyphoxa-tenant-acme', 'mine'));
  const open = await openFleet(treeIn(folder), new Map());
  assert.deepEqual((await fleetStaleness(open)).of(await findTenant(open, 'acme')), []);
});
