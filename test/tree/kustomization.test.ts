/** The `kustomization.yaml` of an environment: whose each entry is, and how ours are kept in step. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../generator/model/finding.ts';
import type { Json, JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import type { Managed } from '../../generator/tree/environment.ts';
import {
  managedPart,
  managedValue,
  newKustomization,
  readKustomization,
  updateKustomization,
} from '../../generator/tree/kustomization.ts';

const ownership = { owns: (path: string) => path === 'own.yaml' };
const none: Managed = {
  namespace: 'ns',
  resources: [],
  components: [],
  patches: [],
  secretGenerator: [],
  replacements: [],
};

const ours: [field: string, entry: Json][] = [
  ['resources', '../../base'],
  ['resources', './../../base/'],
  ['resources', 'own.yaml'],
  ['resources', './own.yaml'],
  ['components', '../../components/network-policy'],
  ['components', '../../components/network-policy/'],
  ['patches', { path: 'own.yaml' }],
  ['configMapGenerator', { name: 'a', files: ['other', 'own.yaml'] }],
  ['secretGenerator', { name: 'a', envs: ['secrets.env'] }],
  ['secretGenerator', { name: 'a', files: ['secrets/admin-key'] }],
  ['secretGenerator', { name: 'a', files: ['other', 'secrets/config.yaml'] }],
  ['replacements', { path: './own.yaml' }],
  [
    'replacements',
    {
      source: { kind: 'Deployment', name: 'a-gateway' },
      targets: [{ select: { kind: 'ConfigMap', name: 'a-worker-job-template' } }],
    },
  ],
  [
    'replacements',
    {
      source: { kind: 'RoleBinding', name: 'a-job-manager' },
      targets: [{ select: { kind: 'RoleBinding', name: 'a-job-manager' } }],
    },
  ],
];
const theirs: [field: string, entry: Json][] = [
  ['resources', '../../bases'],
  ['resources', 'base'],
  ['resources', 'other.yaml'],
  ['resources', { path: 'own.yaml' }],
  ['components', '../../components/mine'],
  ['components', 'network-policy'],
  ['patches', { path: 'other.yaml' }],
  ['patches', { patch: 'own.yaml' }],
  ['patches', 'own.yaml'],
  ['configMapGenerator', { name: 'a', files: ['other'] }],
  ['configMapGenerator', { name: 'own.yaml' }],
  ['secretGenerator', { name: 'a', envs: ['other.env'] }],
  ['secretGenerator', { name: 'a', files: ['secrets/mine'] }],
  ['secretGenerator', 'secrets.env'],
  ['replacements', { path: 'other.yaml' }],
  [
    'replacements',
    {
      source: { kind: 'Deployment', name: 'a-gateway' },
      targets: [{ select: { kind: 'ConfigMap', name: 'b-worker-job-template' } }],
    },
  ],
  ['replacements', { source: { kind: 'Deployment', name: 'a-gateway' } }],
];

for (const [field, entry] of ours) {
  test(`ours: ${field} ${JSON.stringify(entry)}`, () => {
    assert.deepEqual(managedPart({ [field]: ['x.yaml', entry] }, ownership), { [field]: [entry] });
  });
}
for (const [field, entry] of theirs) {
  test(`theirs: ${field} ${JSON.stringify(entry)}`, () => {
    assert.deepEqual(managedPart({ [field]: [entry] }, ownership), {});
  });
}

test('the namespace is ours, and of the lists what has an entry', () => {
  assert.deepEqual(managedPart({ namespace: 'a', resources: null, images: [] }, ownership), {
    namespace: 'a',
  });
  assert.deepEqual(managedValue({ ...none, components: ['a'] }), { namespace: 'ns', components: ['a'] });
});

const wanted: Managed = {
  ...none,
  resources: ['../../base', 'own.yaml'],
  components: ['../../components/network-policy'],
};
const updated = (text: string, managed = wanted) =>
  updateKustomization(readKustomization(text, 'k'), managed, ownership);
const valuesOf = (text: string) => parseYaml(text)[0] as JsonObject;

test('a new kustomization is its kind and our entries', () => {
  assert.deepEqual(valuesOf(newKustomization(wanted)), {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: 'ns',
    resources: wanted.resources,
    components: wanted.components,
  });
});

test('our entries stand before the user’s in each list, and all else stays as it is written', () => {
  const text =
    'kind: Kustomization # mine\nnamespace: old\nresources:\n- theirs.yaml # why\n- own.yaml\nimages: [{name: a}]\n';
  assert.equal(
    updated(text),
    'kind: Kustomization # mine\nnamespace: ns\nresources:\n- ../../base\n- own.yaml\n- theirs.yaml # why\ncomponents:\n- ../../components/network-policy\nimages: [{name: a}]\n',
  );
  assert.match(
    updated(text.replace('resources:\n- theirs.yaml # why\n- own.yaml', 'resources:\n  - theirs.yaml')),
    /\n {2}- own\.yaml\n {2}- theirs\.yaml\n/,
  );
});

test('what is in step is not written anew, and what is not wanted any more goes', () => {
  const text =
    'namespace:   ns\nresources: [ ../../base,own.yaml ]\ncomponents: [ "../../components/network-policy" ]\n';
  assert.equal(updated(text), text);
  assert.deepEqual(valuesOf(updated(text, none)), { namespace: 'ns' });
  assert.deepEqual(valuesOf(updated('namespace: ns\nresources: [a.yaml, own.yaml]\n', none)), {
    namespace: 'ns',
    resources: ['a.yaml'],
  });
  assert.deepEqual(valuesOf(updated('')), valuesOf(newKustomization(wanted)));
  assert.deepEqual(Object.keys(valuesOf(updated('kind: Kustomization\nimages: []\n'))), [
    'kind',
    'images',
    'namespace',
    'resources',
    'components',
  ]);
});

test('what is no kustomization is refused', () => {
  for (const text of ['- a\n', 'a: [\n', 'resources: {a: b}\n', 'configMapGenerator: x\n', 'a: 1\na: 2\n'])
    assert.throws(() => readKustomization(text, 'k'), Failure, text);
  assert.throws(
    () => readKustomization('kind: A\nresources: {a: b}\n', 'k'),
    ({ findings: [found] }: Failure) =>
      [found?.severity, found?.code, found?.path.join(), found?.position?.line].join(' ') ===
      'error wrong-kustomization resources 2',
  );
  assert.deepEqual(readKustomization('resources:\r\n- a\r\n', 'k').value, { resources: ['a'] });
  assert.deepEqual(readKustomization('resources: null\n', 'k').value, { resources: null });
});
