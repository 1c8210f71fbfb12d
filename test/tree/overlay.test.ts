/** New environments, and the list of those that are there. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { Failure, type Finding } from '../../generator/model/finding.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { createOverlay, listOverlays, type NewOverlay } from '../../generator/tree/overlay.ts';
import { get, layer, makeFolder, minimal, put, snapshot, treeIn } from './folder.ts';

const inputs = { 'glyphoxa.yaml': minimal, 'overlays/prod/config.yaml': layer('prod') };

/** What the layer of a new environment says. */
async function layerOf(t: TestContext, options: Partial<NewOverlay>, resource = minimal) {
  const folder = makeFolder(t, { ...inputs, 'glyphoxa.yaml': resource });
  const { changes } = await createOverlay(treeIn(folder), { name: 'new', ...options });
  const file = `overlays/${options.name ?? 'new'}/config.yaml`;
  assert.deepEqual(changes[0], { path: file, what: 'create' });
  assert.ok(existsSync(path.join(folder, file.replace('config', 'kustomization'))));
  const { apiVersion, kind, ...rest } = parseYaml(get(folder, file))[0] as { [key: string]: unknown };
  assert.deepEqual([apiVersion, kind], ['deploy.glyphoxa.io/v1alpha1', 'Glyphoxa']);
  return { ...rest, schema: /\$schema=(\S+)/.exec(get(folder, file))?.[1] };
}

test('a new environment has a namespace of its own and what it was given', async (t) => {
  const metadata = { namespace: 'glyphoxa-new' };
  assert.deepEqual(await layerOf(t, {}), { metadata, schema: undefined });
  assert.deepEqual(await layerOf(t, { schema: '../x.json', topology: 'dedicated' }), {
    metadata,
    spec: { core: { topology: 'dedicated' } },
    schema: '../x.json',
  });
  const set = ['spec.gateway.replicaCount=2', 'spec.gateway.logLevel=debug', 'metadata.namespace=mine'];
  assert.deepEqual(await layerOf(t, { set: [set[0] ?? '', set[2] ?? ''] }), {
    metadata: { namespace: 'mine' },
    spec: { gateway: { replicaCount: 2 } },
    schema: undefined,
  });
  assert.deepEqual((await layerOf(t, { name: 'a.b_c' })).schema, undefined);
});

test('the namespace of a new environment is made of the names of release and environment', async (t) => {
  const namespaceOf = async (name: string, release = 'glyphoxa') =>
    (
      (await layerOf(t, { name }, minimal.replace('name: glyphoxa', `name: ${release}`))) as {
        metadata?: unknown;
      }
    ).metadata;
  assert.deepEqual(await namespaceOf('a.b_c', 'voice'), { namespace: 'voice-a-b-c' });
  const long = `${'x'.repeat(53)}.y${'z'.repeat(8)}`;
  assert.deepEqual(await namespaceOf(long), { namespace: `glyphoxa-${'x'.repeat(53)}` });
});

/** What a new environment is refused with; then nothing is left of it. */
async function refusal(t: TestContext, options: NewOverlay, more: { [file: string]: string } = {}) {
  const folder = makeFolder(t, { ...inputs, ...more });
  const before = snapshot(folder);
  const texts = new Map<string, string>();
  const error = await createOverlay(treeIn(folder), { ...options, texts }).catch((reason: unknown) => reason);
  assert.ok(error instanceof Failure, String(error));
  assert.deepEqual(snapshot(folder), before);
  return [error.findings.map(({ code }) => code).join(), ...texts.keys()];
}

test('a new environment is refused as a whole', async (t) => {
  const texts = ['glyphoxa.yaml', 'overlays/new/config.yaml', 'overlays/prod/config.yaml'];
  assert.deepEqual(await refusal(t, { name: 'No' }), ['environment-name']);
  assert.deepEqual(await refusal(t, { name: 'prod' }), ['overlay-exists']);
  assert.deepEqual(await refusal(t, { name: 'mine' }, { 'overlays/mine/a': '' }), ['overlay-exists']);
  const wrong = { name: 'new', set: ['spec.gateway.replicaCount=-1'] };
  assert.deepEqual(await refusal(t, wrong), ['out-of-range', ...texts]);
  const same = { name: 'new', set: ['metadata.namespace=prod'] };
  assert.deepEqual(await refusal(t, same), ['same-target', ...texts]);
  const third = { 'overlays/third/config.yaml': layer('third') };
  assert.deepEqual((await refusal(t, same, third))[0], 'same-target');
  const other = { 'overlays/other/config.yaml': layer('other', 'spec: { gateway: { replicaCount: x } }\n') };
  assert.deepEqual((await refusal(t, wrong, other))[0], 'out-of-range');
  const edited = { 'base/gateway-service.yaml': 'mine: true\n' };
  assert.deepEqual((await refusal(t, { name: 'new' }, edited))[0], 'not-ours');
});

test('environments are listed with what they run, but for those with errors', async (t) => {
  const folder = makeFolder(t, {
    ...inputs,
    'overlays/other/config.yaml': layer(
      'other',
      'spec: { core: { topology: dedicated }, mcpGateway: { enabled: false } }\n',
    ),
    'overlays/wrong/config.yaml': layer('wrong', 'spec: { gateway: { replicaCount: -1 } }\n'),
  });
  put(
    folder,
    'overlays/other/kustomization.yaml',
    'images: [{name: ghcr.io/mrwong99/glyphoxa, newTag: mine}]\n',
  );
  const told: Finding[] = [];
  assert.deepEqual(await listOverlays(treeIn(folder), told), [
    {
      name: 'other',
      namespace: 'other',
      topology: 'dedicated',
      image: 'ghcr.io/mrwong99/glyphoxa:mine',
      components: ['network-policy'],
    },
    {
      name: 'prod',
      namespace: 'prod',
      topology: 'shared',
      image: 'ghcr.io/mrwong99/glyphoxa:no-image-chosen',
      components: ['mcp-gateway', 'network-policy', 'mcp-network-policy'],
    },
  ]);
  assert.deepEqual(
    told.map(({ code }) => code),
    ['out-of-range'],
  );
});
