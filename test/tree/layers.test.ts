import assert from 'node:assert/strict';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { checkFolder } from '../../generator/tree/check/check.ts';
import { findTool, type Kustomizer, requireKustomizers } from '../support/tools.ts';
import { get, layer, makeTree, minimal, put } from './folder.ts';
import { build } from './law.ts';

/** Puts a kustomization of the user's around an overlay, and says what `check` finds. */
async function around(
  t: TestContext,
  text: string,
  files: { [file: string]: string } = {},
): Promise<{ codes: string[]; folder: string }> {
  const folder = await makeTree(t, { 'overlays/prod/config.yaml': layer('prod'), ...files });
  put(folder, 'outer/kustomization.yaml', text);
  return { codes: await codesOf(folder), folder };
}

/** The codes of what `check` finds in `outer/`, with the pinned kustomize on the PATH. */
async function codesOf(folder: string): Promise<string[]> {
  const program = findTool('kustomize') as string;
  const findings = await checkFolder('outer', folder, { ...process.env, PATH: path.dirname(program) });
  return [...new Set(findings.map(({ code }) => code))].sort();
}

const onTop = 'resources:\n  - ../overlays/prod\n';

for (const [what, text] of [
  ['nothing of its own', onTop],
  ['a namespace', `${onTop}namespace: elsewhere\n`],
  ['labels', `${onTop}labels:\n  - pairs: { team: bards }\n`],
  ['annotations', `${onTop}commonAnnotations: { team: bards }\n`],
  [
    'a patch',
    `${onTop}patches:\n  - target: { kind: Deployment, name: glyphoxa-gateway }\n    patch: |-\n      - { op: replace, path: /spec/replicas, value: 9 }\n`,
  ],
  ['more resources', `${onTop}configMapGenerator:\n  - name: mine\n    literals: [a=b]\n`],
] as const) {
  test(`a layer with ${what} works, in all versions`, async (t) => {
    const kustomizers = requireKustomizers(t);
    if (kustomizers === undefined) return;
    const { codes, folder } = await around(t, text);
    assert.deepEqual(codes, []);
    const results = new Set<string>();
    for (const kustomize of kustomizers) {
      results.add(JSON.stringify(await build(kustomize, path.join(folder, 'outer'))));
    }
    assert.equal(results.size, 1, 'all versions build the same');
  });
}

const images = 'images:\n  - name: ghcr.io/mrwong99/glyphoxa\n    newTag: 9a1b2c3\n';

for (const [what, text, codes] of [
  ['images without the replacement', `${onTop}${images}`, ['worker-image']],
  ['a namePrefix', `${onTop}namePrefix: my-\n`, ['no-config-map', 'no-service', 'no-template']],
  [
    'a generated Secret with a hash',
    `${onTop}namespace: prod\nsecretGenerator:\n  - { name: glyphoxa-secrets, literals: [admin-key=a] }\n`,
    ['name-hash'],
  ],
  ['labels in selectors', `${onTop}commonLabels: { team: bards }\n`, ['no-pods']],
  [
    'replicas beside a scaler',
    `${onTop}namespace: prod\ncomponents: [../components/autoscaling]\nreplicas:\n  - { name: glyphoxa-gateway, count: 3 }\n`,
    ['replicas-and-scaler'],
  ],
  ['a component and no namespace', `${onTop}components: [../components/autoscaling]\n`, ['no-namespace']],
  [
    'another text in the template',
    `${onTop}patches:\n  - target: { kind: ConfigMap, name: glyphoxa-config }\n    patch: |-\n      - { op: replace, path: /data/config.yaml, value: "server: {}" }\n`,
    ['stale-checksum'],
  ],
] as const) {
  test(`a layer with ${what} is told of`, async (t) => {
    if (requireKustomizers(t) === undefined) return;
    assert.deepEqual((await around(t, text)).codes, codes);
  });
}

test('images with the replacement copied beside them work', async (t) => {
  if (requireKustomizers(t) === undefined) return;
  const { folder } = await around(t, onTop);
  put(folder, 'outer/replacements.yaml', get(folder, 'overlays/prod/replacements.yaml'));
  put(folder, 'outer/kustomization.yaml', `${onTop}${images}replacements:\n  - path: replacements.yaml\n`);
  assert.deepEqual(await codesOf(folder), []);
});

test('a namespace around a foreign ServiceAccount is told of', async (t) => {
  if (requireKustomizers(t) === undefined) return;
  const account = 'spec:\n  gateway:\n    serviceAccount: { create: false, name: foreign }\n';
  const files = { 'overlays/prod/config.yaml': layer('prod', account) };
  assert.deepEqual((await around(t, onTop, files)).codes, []);
  assert.deepEqual((await around(t, `${onTop}namespace: elsewhere\n`, files)).codes, ['other-namespace']);
});

test('a namespace around strict-scope sealed secrets is told of, around cluster-wide ones not', async (t) => {
  if (requireKustomizers(t) === undefined) return;
  const sealed = (scope: string) =>
    layer(
      'prod',
      `spec:\n  secrets:\n    provider: sealed-secrets\n    sealedScope: ${scope}\n    sealed: { admin-key: QUJD, database-dsn: QUJD }\n`,
    );
  const files = { 'overlays/prod/config.yaml': sealed('strict') };
  assert.deepEqual((await around(t, onTop, files)).codes, []);
  const moved = `${onTop}namespace: elsewhere\n`;
  assert.deepEqual((await around(t, moved, files)).codes, ['sealed-for-another-namespace']);
  assert.deepEqual(
    (await around(t, moved, { 'overlays/prod/config.yaml': sealed('cluster-wide') })).codes,
    [],
  );
});

/** Every order of some items. */
function orders<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) => orders(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]));
}

test('the components work by hand on the base, in any order', async (t) => {
  const kustomizers = requireKustomizers(t);
  if (kustomizers === undefined) return;
  const autoscaled = `${minimal}spec:\n  autoscaling: { enabled: true }\n`;
  const folder = await makeTree(t, {
    'glyphoxa.yaml': autoscaled,
    'overlays/prod/config.yaml': layer('prod'),
  });
  const names = ['mcp-gateway', 'network-policy', 'mcp-network-policy', 'autoscaling'];
  const all = orders(names);
  for (const [i, order] of all.entries()) {
    const components = order.map((name) => `../../components/${name}`);
    const text = { namespace: `by-hand-${i}`, resources: ['../../base'], components };
    put(folder, `hand/${i}/kustomization.yaml`, JSON.stringify(text));
  }
  put(folder, 'hand/kustomization.yaml', JSON.stringify({ resources: all.map((_, i) => String(i)) }));
  const expected = await byNamespace(kustomizers.at(-1) as Kustomizer, path.join(folder, 'overlays/prod'));
  for (const kustomize of new Set([...kustomizers.slice(0, 2), ...kustomizers.slice(-1)])) {
    const built = await byNamespace(kustomize, path.join(folder, 'hand'));
    assert.equal(built.length, all.length);
    for (const text of built) assert.equal(text, expected[0], kustomize.name);
  }
});

/** The objects of each namespace of a build, as text that does not name it. */
async function byNamespace(kustomize: Kustomizer, folder: string): Promise<string[]> {
  const { stdout, stderr, exitCode } = await kustomize.build(folder);
  assert.equal(exitCode, 0, stderr);
  const objects = parseYaml(stdout) as KubernetesObject[];
  const namespaces = [...new Set(objects.map(({ metadata }) => String(metadata.namespace)))];
  return namespaces.map((namespace) =>
    JSON.stringify(objects.filter(({ metadata }) => metadata.namespace === namespace)).replaceAll(
      `"${namespace}"`,
      '""',
    ),
  );
}

test('a conflict of a merge that keeps a folder from being built is told as such', async (t) => {
  if (requireKustomizers(t) === undefined) return;
  const spec = `spec:
  secrets: { provider: kubernetes }
  gateway: { adminKey: { fromEnv: A } }
  database: { dsn: { fromEnv: B } }
`;
  const conflict = (text: string) => `<<<<<<< HEAD\n${text}=======\n${text}>>>>>>> other\n`;
  const { folder } = await around(t, onTop, {
    'overlays/prod/config.yaml': layer('prod', spec),
    'overlays/prod/secrets.env': 'admin-key=a\ndatabase-dsn=b\n',
  });
  for (const file of ['overlays/prod/secrets.env', 'outer/kustomization.yaml']) {
    const text = get(folder, file);
    put(folder, file, conflict(text));
    await assert.rejects(codesOf(folder), new RegExp(`merge-conflict: .* in ${file};`));
    put(folder, file, text);
  }
});
