/** What two deployments differ in, field by field, without namespaces, checksums and secrets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../generator/model/finding.ts';
import type { JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { diffObjects, diffOverlays } from '../../generator/tree/overlay-diff.ts';
import { layer, makeFolder, minimal, treeIn } from './folder.ts';

const object = (kind: string, more: JsonObject, metadata: JsonObject = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'a', ...metadata },
  ...more,
});

/** The fields that differ of one object, as `path: before -> after`. */
function fields(before: KubernetesObject, after: KubernetesObject): string[] {
  const found = diffObjects([before], [after]);
  assert.ok(found.every(({ what }) => what === 'changed'));
  return found.flatMap(({ fields }) =>
    fields.map((field) => {
      const [a, b] = [field.before, field.after].map((value) => JSON.stringify(value) ?? 'none');
      return `${field.path.join('.')}: ${a} -> ${b}`;
    }),
  );
}

const cases: {
  readonly [what: string]: readonly [before: KubernetesObject, after: KubernetesObject, told: string[]];
} = {
  'a value': [object('A', { spec: { x: 1 } }), object('A', { spec: { x: 2 } }), ['spec.x: 1 -> 2']],
  'a value that comes': [object('A', { spec: {} }), object('A', { spec: { x: 2 } }), ['spec.x: none -> 2']],
  'a value that goes': [object('A', { spec: { x: 1 } }), object('A', { spec: {} }), ['spec.x: 1 -> none']],
  'the namespace': [object('A', {}, { namespace: 'a' }), object('A', {}, { namespace: 'b' }), []],
  'the name of a Namespace': [
    object('Namespace', {}),
    object('Namespace', {}, { name: 'b' }),
    ['metadata.name: "a" -> "b"'],
  ],
  'a checksum': [
    object('A', {}, { annotations: { 'checksum/config': '1', x: '1' } }),
    object('A', {}, { annotations: { 'checksum/config': '2', x: '2' } }),
    ['metadata.annotations.x: "1" -> "2"'],
  ],
  'what is called so and is no annotation': [
    object('A', {}, { labels: { 'checksum/config': '1' } }),
    object('A', {}, { labels: { 'checksum/config': '2' } }),
    ['metadata.labels.checksum/config: "1" -> "2"'],
  ],
  'a value of a Secret': [
    object('Secret', { data: { k: 'YQ==' } }),
    object('Secret', { data: { k: 'Yg==' } }),
    [],
  ],
  'a key of a Secret': [
    object('Secret', { data: {} }),
    object('Secret', { data: { k: 'hunter22' } }),
    ['data.k: none -> "(hidden)"'],
  ],
  'a file in a ConfigMap': [
    object('ConfigMap', { data: { 'config.yaml': 'a: {b: 1}\n', other: 'a: 1\n' } }),
    object('ConfigMap', { data: { 'config.yaml': 'a:\n  b: 2 # x\n', other: 'a:  1\n' } }),
    ['data.config.yaml.a.b: 1 -> 2', 'data.other: "a: 1\\n" -> "a:  1\\n"'],
  ],
  'a worker template': [
    object('ConfigMap', { data: { 'job-template.yaml': 'a: 1\n' } }),
    object('ConfigMap', { data: { 'job-template.yaml': 'a: 2\n' } }),
    ['data.job-template.yaml.a: 1 -> 2'],
  ],
  'such a file elsewhere': [
    object('A', { data: { 'config.yaml': 'a: 1\n' } }),
    object('A', { data: { 'config.yaml': 'a: 2\n' } }),
    ['data.config.yaml: "a: 1\\n" -> "a: 2\\n"'],
  ],
  'the namespace of a subject': [
    object('RoleBinding', { subjects: [{ name: 's', namespace: 'a' }] }),
    object('RoleBinding', { subjects: [{ name: 's', namespace: 'b' }] }),
    [],
  ],
  'an item by its name': [
    object('A', { spec: { l: [{ name: 'x', v: 1 }] } }),
    object('A', { spec: { l: [{ name: 'y' }, { name: 'x', v: 2 }] } }),
    ['spec.l.x.v: 1 -> 2', 'spec.l.y: none -> {"name":"y"}'],
  ],
  'an item by its port, where names are missing': [
    object('A', { spec: { l: [{ port: 1 }, { port: 2, name: 'b' }] } }),
    object('A', { spec: { l: [{ port: 2, name: 'c' }, { port: 1 }] } }),
    ['spec.l.2.name: "b" -> "c"'],
  ],
};

for (const [what, [before, after, told]] of Object.entries(cases)) {
  test(`${what}: ${told.length === 0 ? 'no difference' : told.length}`, () => {
    assert.deepEqual(fields(before, after).sort(), [...told].sort());
    assert.deepEqual(diffObjects([before], [structuredClone(before)]), []);
  });
}

test('an object on one side is told as such, by kind and name', () => {
  const [a, b] = [object('A', { x: 1 }), object('B', {})];
  assert.deepEqual(diffObjects([a], [b]), [
    { object: 'A a', what: 'removed', fields: [] },
    { object: 'B a', what: 'added', fields: [] },
  ]);
});

test('environments are compared with their images, and with the resource alone', async (t) => {
  const files = {
    'glyphoxa.yaml': minimal,
    'overlays/a/config.yaml': layer('a'),
    'overlays/b/config.yaml': layer('b', 'spec: { gateway: { replicaCount: 2 } }\n'),
    'overlays/c/config.yaml': layer('c', 'spec: { gateway: { replicaCount: -1 } }\n'),
    'overlays/b/kustomization.yaml': 'images: [{name: ghcr.io/mrwong99/glyphoxa, newTag: mine}]\n',
  };
  const tree = treeIn(makeFolder(t, files));
  assert.deepEqual(await diffOverlays(tree, '-', 'a'), []);
  const found = await diffOverlays(tree, 'a', 'b');
  const told = found.flatMap(({ object, fields }) => fields.map(({ path }) => `${object} ${path.join('.')}`));
  assert.ok(told.includes('Deployment glyphoxa-gateway spec.replicas'));
  assert.ok(told.includes('Deployment glyphoxa-gateway spec.template.spec.containers.gateway.image'));
  const refused = async (name: string) => {
    const error = await diffOverlays(tree, 'a', name).catch((reason: unknown) => reason);
    assert.ok(error instanceof Failure);
    return error.findings.map(({ code, hint = '' }) =>
      `${code} ${/\b([ab])\?$/.exec(hint)?.[1] ?? ''}`.trim(),
    );
  };
  assert.deepEqual(await refused('c'), ['out-of-range']);
  assert.deepEqual(await refused('nothing'), ['unknown-overlay']);
});
