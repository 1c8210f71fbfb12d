/** The kustomizations that a build reads, and ciphertexts that one around them moves away from their namespace. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import type { JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';
import {
  checkSealed,
  checkSecretFiles,
  layersOf,
  localSecretFiles,
} from '../../../generator/tree/check/layers.ts';
import { folderOf } from '../../support/folder.ts';

test('layers are read from the folder on, each once, by what it names on the disk', (t) => {
  const root = folderOf(t, {
    'a/kustomization.yaml': 'resources: [../b, ../c, https://example.com/d, file.yaml]\ncomponents: [../e]\n',
    'b/kustomization.yml': 'bases: [../c, ../g]\n',
    'g/kustomization.yaml': 'resources: [3, {a: b}]\ncomponents: ../f\n',
    'c/Kustomization': 'resources: [../a]\n',
    'e/kustomization.yaml': 'kind: Component\n',
    'f/kustomization.yaml': '- no map\n',
  });
  const names = (folder: string) =>
    layersOf(path.join(root, folder)).map((layer) => path.basename(layer.folder));
  assert.deepEqual(names('a'), ['a', 'b', 'c', 'g', 'e']);
  assert.deepEqual([names('e'), names('f'), names('none')], [['e'], [], []]);
});

const sealed = (namespace: string, annotations?: JsonObject, kind = 'SealedSecret'): KubernetesObject => ({
  apiVersion: 'bitnami.com/v1alpha1',
  kind,
  metadata: { name: 'a', namespace, ...(annotations && { annotations }) },
});
const layersWith = (...values: JsonObject[]) =>
  values.map((value, index) => ({ folder: `/${index}`, value }));

test('a ciphertext is told where a namespace around the environment moves it', () => {
  const two = layersWith({ namespace: 'outer' }, {}, { namespace: 'inner' });
  const codes = (layers: ReturnType<typeof layersWith>, object: KubernetesObject) =>
    checkSealed(layers, [object]).map(({ code }) => code);
  const wide = (value: string) => ({ 'sealedsecrets.bitnami.com/cluster-wide': value });
  const told = ['sealed-for-another-namespace'];
  assert.deepEqual(codes(two, sealed('outer')), told);
  assert.deepEqual(codes(two, sealed('outer', wide('false'))), told);
  assert.deepEqual(codes(two, sealed('outer', wide('true'))), []);
  assert.deepEqual(codes(two, sealed('elsewhere')), []);
  assert.deepEqual(codes(two, sealed('outer', undefined, 'Secret')), []);
  assert.deepEqual(codes(layersWith({ namespace: 'a' }, { namespace: 'a' }), sealed('a')), []);
  assert.deepEqual(codes(layersWith({ namespace: 'a' }), sealed('a')), []);
  assert.deepEqual(codes(layersWith({ namespace: 'outer' }, { namespace: 3 }), sealed('outer')), []);
  const patches = [{ patch: 'kind: SealedSecret\nmetadata: {name: a}\n' }];
  assert.deepEqual(
    codes(layersWith({ namespace: 'outer', patches }, { namespace: 'inner' }), sealed('outer')),
    [],
  );
});

test('files of secret values are those of the environment’s own places', () => {
  const secretGenerator = [{ envs: ['secrets.env', 'other.env'] }, { files: ['secrets/a', 'secretsb'] }, 'x'];
  assert.deepEqual(localSecretFiles({ folder: '/', value: { secretGenerator } }), [
    'secrets.env',
    'secrets/a',
  ]);
  assert.deepEqual(localSecretFiles({ folder: '/', value: {} }), []);
  const told = (value: JsonObject) =>
    checkSecretFiles([{ folder: '/', value }]).map(({ code, severity }) => `${severity} ${code}`);
  assert.deepEqual(told({ secretGenerator }), ['warning secret-files']);
  assert.deepEqual(told({ secretGenerator: secretGenerator.slice(2) }), []);
});
