/** What is written for Flux: by its CRDs, as a graph, and as kustomize builds it. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { readFleet, type Tenant } from '../../../generator/config/fleet.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import { type PublishedCrd, requireCrd } from '../../support/published-crds.ts';
import { type Kustomizer, requireKustomizers } from '../../support/tools.ts';
import { generateIn, get, put } from '../folder.ts';
import { build } from '../law.ts';
import { makeFleet } from './fleet.ts';

interface Sync extends JsonObject {
  readonly kind: string;
  readonly metadata: JsonObject & {
    readonly name: string;
    readonly namespace: string;
    readonly labels: { readonly [label: string]: string };
  };
  readonly spec: JsonObject & {
    readonly path: string;
    readonly dependsOn?: { readonly name: string }[];
    readonly sourceRef: JsonObject;
    readonly url?: string;
    readonly ref?: { readonly tag: string };
  };
}

/** The objects that kustomize builds for Flux; undefined where there is no kustomize. */
async function syncsOf(t: TestContext, tree: string): Promise<Sync[] | undefined> {
  const kustomizers = requireKustomizers(t);
  if (kustomizers === undefined) return undefined;
  return (await build(kustomizers.at(-1) as Kustomizer, path.join(tree, 'engine/flux'))) as unknown as Sync[];
}

function tenantsIn(tree: string): readonly Tenant[] {
  return readFleet(get(tree, 'tenants.yaml'), 'tenants.yaml').tenants;
}

/** The objects by the tenants' ids. */
function byTenant(syncs: readonly Sync[], kind: string): Map<string, Sync> {
  const own = syncs.filter((sync) => sync.kind === kind);
  return new Map(
    own.flatMap((sync) => {
      const id = sync.metadata.labels['glyphoxa.io/tenant'];
      return id === undefined ? [] : [[id, sync] as const];
    }),
  );
}

for (const [what, engine] of [
  ['a git source', 'engine: { flux: {} }\n'],
  [
    'shards and a folder',
    'engine: { flux: { shards: [a, b, c], path: deploy/games, serviceAccountName: x } }\n',
  ],
  [
    'a registry',
    'engine: { flux: { registry: { url: "oci://registry.example.com/deploy/tenants", secretName: pull } } }\n',
  ],
] as const) {
  test(`all objects of Flux with ${what} are valid by its CRDs, and lead to what builds`, async (t) => {
    const below = what === 'shards and a folder' ? 'deploy/games' : '';
    const kustomizations = requireCrd(t, 'crd-flux-kustomization');
    const repositories = requireCrd(t, 'crd-oci-repository');
    const { tree, repository } = await makeFleet(t, engine, { below });
    const syncs = await syncsOf(t, tree);
    if (syncs === undefined || kustomizations === undefined || repositories === undefined) return;
    for (const sync of syncs) {
      const crd: PublishedCrd = sync.kind === 'OCIRepository' ? repositories : kustomizations;
      assert.deepEqual(crd.errorsIn(sync), [], sync.metadata.name);
    }
    const kustomizer = (requireKustomizers(t) ?? []).at(-1) as Kustomizer;
    const tenants = tenantsIn(tree);
    const found = byTenant(syncs, 'Kustomization');
    assert.deepEqual([...found.keys()].sort(), tenants.map(({ id }) => id).sort());
    for (const { id, namespace, labels } of tenants) {
      const sync = found.get(id) as Sync;
      for (const [label, value] of Object.entries(labels)) assert.equal(sync.metadata.labels[label], value);
      assert.equal(sync.metadata.name, namespace);
      const root = what === 'a registry' ? tree : repository;
      assert.equal(path.join(root, sync.spec.path), path.join(tree, 'tenants', id));
      assert.equal(sync.spec.prune, true);
      assert.equal(sync.spec.deletionPolicy, 'Orphan');
      await build(kustomizer, path.join(root, sync.spec.path));
    }
  });
}

test('a tenant depends on the wave before, through one gate that depends on all tenants of that wave', async (t) => {
  const { tree } = await makeFleet(t, 'engine: { flux: {} }\n');
  const syncs = await syncsOf(t, tree);
  if (syncs === undefined) return;
  const named = new Map(syncs.map((sync) => [sync.metadata.name, sync]));
  const needed = (name: string): string[] => (named.get(name)?.spec.dependsOn ?? []).map((one) => one.name);
  for (const name of named.keys()) for (const other of needed(name)) assert.ok(named.has(other), other);
  const edges = [...named.keys()].flatMap(needed).length;
  assert.ok(edges <= tenantsIn(tree).length * 2 + 2, `${edges} edges`);
  const all = (name: string): string[] => needed(name).flatMap((other) => [other, ...all(other)]);
  const waves = ['canary', 'early', 'rest'];
  for (const { namespace, wave = '' } of tenantsIn(tree)) {
    const before = tenantsIn(tree).filter((one) => waves.indexOf(one.wave ?? '') < waves.indexOf(wave));
    const reached = all(namespace).filter((name) => !name.startsWith('wave.'));
    assert.deepEqual([...new Set(reached)].sort(), before.map((one) => one.namespace).sort());
  }
  const sources = new Set(syncs.map(({ spec }) => JSON.stringify(spec.sourceRef)));
  assert.equal(sources.size, 1, 'Flux compares revisions only where the source is the same');
});

test('the gates of waves apply one object each, in the namespace of Flux', async (t) => {
  const kustomizers = requireKustomizers(t);
  const { tree } = await makeFleet(t, 'engine: { flux: { namespace: fleet } }\n');
  const syncs = await syncsOf(t, tree);
  if (syncs === undefined || kustomizers === undefined) return;
  const gates = syncs.filter(({ metadata }) => metadata.name.startsWith('wave.'));
  assert.deepEqual(gates.map(({ metadata }) => metadata.name).sort(), ['wave.canary', 'wave.early']);
  for (const { spec } of gates) {
    const objects = await build(kustomizers.at(-1) as Kustomizer, path.join(tree, spec.path));
    assert.deepEqual(
      objects.map(({ kind }) => kind),
      ['ConfigMap'],
    );
    assert.equal(spec.targetNamespace, 'fleet');
  }
  assert.equal(new Set(gates.map(({ spec }) => spec.nameSuffix)).size, 2);
});

test('shards are told by the id alone, and one more moves no tenant between the others', async (t) => {
  const rest = `tenants:\n${Array.from({ length: 60 }, (_, i) => `  t${i}:\n`).join('')}`;
  const { tree } = await makeFleet(t, 'engine: { flux: { shards: [a, b] } }\n', { rest });
  const shards = async () => {
    const syncs = await syncsOf(t, tree);
    if (syncs === undefined) return undefined;
    return new Map(
      [...byTenant(syncs, 'Kustomization')].map(([id, { metadata }]) => [
        id,
        metadata.labels['sharding.fluxcd.io/key'] ?? '',
      ]),
    );
  };
  const before = await shards();
  if (before === undefined) return;
  assert.ok([...before.values()].filter((shard) => shard === 'a').length > 15);
  put(tree, 'tenants.yaml', get(tree, 'tenants.yaml').replace('[a, b]', '[c, b, a]'));
  await generateIn(tree);
  const after = await shards();
  const moved = [...(after ?? [])].filter(([id, shard]) => shard !== before.get(id));
  assert.ok(moved.length > 5 && moved.length < 40, `${moved.length} moved`);
  assert.ok(moved.every(([, shard]) => shard === 'c'));
});

test('with a registry each tenant has a source with a tag of its own, and waits for no other', async (t) => {
  const url = 'oci://registry.example.com/deploy/tenants';
  const { tree } = await makeFleet(t, `engine: { flux: { shards: [a], registry: { url: "${url}" } } }\n`);
  const syncs = await syncsOf(t, tree);
  if (syncs === undefined) return;
  const sources = byTenant(syncs, 'OCIRepository');
  for (const [id, sync] of byTenant(syncs, 'Kustomization')) {
    const source = sources.get(id) as Sync;
    assert.equal(source.spec.url, url);
    assert.equal(source.spec.ref?.tag, id);
    assert.equal(source.metadata.labels['sharding.fluxcd.io/key'], 'a');
    assert.deepEqual(sync.spec.sourceRef, {
      kind: 'OCIRepository',
      name: source.metadata.name,
      namespace: 'flux-system',
    });
    assert.equal(sync.spec.dependsOn, undefined);
  }
  assert.equal(sources.size, 5);
});
