import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mentionsIn } from '../../generator/model/mentions.ts';

const spec = {
  containers: [
    {
      env: [
        { valueFrom: { secretKeyRef: { name: 'env', key: 'k', optional: true } } },
        { valueFrom: { configMapKeyRef: { name: 'env', key: 'k' } } },
        { value: 'plain' },
      ],
      envFrom: [{ secretRef: { name: 'from', optional: true } }, { configMapRef: { name: 'from' } }],
    },
  ],
  initContainers: [{ env: [{ valueFrom: { secretKeyRef: { name: 'init', key: 'k' } } }] }],
  volumes: [
    { secret: { secretName: 'files', items: [{ key: 'a' }, { key: 'b' }] } },
    { configMap: { name: 'files', optional: true } },
    { projected: { sources: [{ secret: { name: 'source' } }, { configMap: { name: 'source' } }, {}] } },
    { csi: { nodePublishSecretRef: { name: 'csi' } } },
    { cephfs: { secretRef: { name: 'ceph' } } },
    { azureFile: { secretName: 'azure' } },
    { secret: {} },
  ],
  imagePullSecrets: [{ name: 'pull' }],
};

test('every place where a pod names a Secret or a ConfigMap counts, with the keys that it asks for', () => {
  const shown = mentionsIn({ spec }).map(({ kind, name, keys, optional, pulls }) =>
    [kind, name, ...keys, ...(optional ? ['?'] : []), ...(pulls ? ['pulls'] : [])].join(' '),
  );
  assert.deepEqual(shown.sort(), [
    'ConfigMap env k',
    'ConfigMap files ?',
    'ConfigMap from',
    'ConfigMap source',
    'Secret azure',
    'Secret ceph',
    'Secret csi',
    'Secret env k ?',
    'Secret files a b',
    'Secret from ?',
    'Secret init k',
    'Secret pull pulls',
    'Secret source',
  ]);
  assert.deepEqual(mentionsIn({}), []);
});
