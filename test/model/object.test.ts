import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type KubernetesObject, namespaceOf, objectId, sortObjects } from '../../generator/model/object.ts';
import { containerOf, containersIn, containersOf, variableOf } from '../../generator/model/workload.ts';

const object = (kind: string, name: string, namespace?: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

test('objects stand in the order of kustomize build: what others need first, unknown kinds last', () => {
  const ordered = [
    ['Namespace', 'z'],
    ['ResourceQuota', 'z'],
    ['ServiceAccount', 'z'],
    ['Role', 'z'],
    ['RoleBinding', 'z'],
    ['ConfigMap', 'B'],
    ['ConfigMap', 'a'],
    ['ConfigMap', 'b'],
    ['Secret', 'z'],
    ['Service', 'z'],
    ['LimitRange', 'z'],
    ['Deployment', 'z'],
    ['PodDisruptionBudget', 'z'],
    ['Cluster', 'z'],
    ['Job', 'a'],
    ['NetworkPolicy', 'a'],
  ].map(([kind = '', name = '']) => object(kind, name));
  assert.deepEqual(sortObjects(ordered.toReversed()), ordered);
  assert.deepEqual(sortObjects(ordered), ordered);
  const same = [object('Job', 'a', 'x'), object('Job', 'a', 'y')];
  assert.deepEqual(sortObjects(same), same);
});

test('an object is told by version, kind, namespace and name', () => {
  assert.equal(objectId(object('Service', 'a', 'n')), 'v1/Service n/a');
  assert.equal(objectId(object('Service', 'a')), 'v1/Service a');
  assert.equal(objectId(object('Service', 'a', '')), 'v1/Service a');
  assert.equal(namespaceOf(object('Service', 'a', 'n')), 'n');
  assert.equal(namespaceOf(object('Service', 'a', '')), undefined);
  assert.equal(
    namespaceOf({ ...object('Service', 'a'), metadata: { name: 'a', namespace: null } }),
    undefined,
  );
});

test('the containers of a workload are found, those that run first in front', () => {
  const [first, main] = [
    { name: 'first', env: [{ name: 'A', value: '1' }, { name: 'B' }, { name: 'C', value: 1 }] },
    { name: 'main' },
  ];
  const template = { spec: { containers: [main], initContainers: [first] } };
  const workload = { ...object('Job', 'a'), spec: { template } };
  assert.deepEqual(containersIn(template), [first, main]);
  assert.deepEqual(containersOf(workload), [first, main]);
  assert.deepEqual(containersOf(object('Job', 'a')), []);
  assert.equal(containerOf(workload, 'main'), main);
  assert.equal(containerOf(workload, 'none'), undefined);
  assert.deepEqual(
    ['A', 'B', 'C', 'D'].map((name) => variableOf(first, name)),
    ['1', undefined, undefined, undefined],
  );
  assert.equal(variableOf(undefined, 'A'), undefined);
});
