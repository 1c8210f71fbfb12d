/** Selectors of a release: which select pods, and which policies let workers reach the MCP gateway. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';
import { codes, objectsOf, without } from '../spoilt.ts';

const name = 'app.kubernetes.io/name';
const component = 'app.kubernetes.io/component';
const nowhere = { matchLabels: { [name]: 'glyphoxa', a: 'b' } };
const workers = { matchLabels: { [component]: 'worker' } };

/** An object of ours beside the others. */
const ours = (kind: string, spec: JsonObject, partOf = 'glyphoxa'): KubernetesObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'own', namespace: 'glyphoxa', labels: { 'app.kubernetes.io/part-of': partOf } },
  spec,
});
const budget = (selector: JsonObject) => ours('PodDisruptionBudget', { selector });
const expressing = (key: string, operator: string, values?: string[]) =>
  budget({ matchExpressions: [{ key, operator, ...(values && { values }) }] });
const policy = (more: JsonObject) => ours('NetworkPolicy', { podSelector: {}, ...more });
const peer = (direction: string, side: string, more: JsonObject) =>
  policy({ [direction]: [{ [side]: [more] }] });

const all = ['gateway', 'worker', 'mcp-gateway'];
const cases: readonly (readonly [what: string, object: KubernetesObject, selects: boolean])[] = [
  ['workers', budget(workers), true],
  ['what is nowhere', budget(nowhere), false],
  ['all', budget({}), true],
  ['one of a list', expressing(component, 'In', ['worker', 'x']), true],
  ['none of a list', expressing(component, 'In', ['x']), false],
  ['in a list, of a label that is nowhere', expressing('a', 'In', ['x']), false],
  ['in no list', expressing(component, 'In'), false],
  ['others than some', expressing(component, 'NotIn', ['worker']), true],
  ['others than all', expressing(component, 'NotIn', all), false],
  ['not in a list, of a label that is nowhere', expressing('a', 'NotIn', ['x']), true],
  ['a label that is there', expressing(component, 'Exists'), true],
  ['a label that is nowhere', expressing('a', 'Exists'), false],
  ['without a label that is there', expressing(component, 'DoesNotExist'), false],
  ['without a label that is nowhere', expressing('a', 'DoesNotExist'), true],
  [
    'labels and an expression that no pod meets together',
    budget({ ...workers, matchExpressions: [{ key: component, operator: 'In', values: ['gateway'] }] }),
    false,
  ],
  ['by a Service', ours('Service', { selector: { [component]: 'x' } }), false],
  ['by a Service without a selector', ours('Service', {}), true],
  ['by a policy', policy({ podSelector: nowhere }), false],
  ['as a peer that is let in', peer('ingress', 'from', { podSelector: nowhere }), false],
  ['as a peer that is let out to', peer('egress', 'to', { podSelector: nowhere }), false],
  ['as a peer that is there', peer('egress', 'to', { podSelector: workers }), true],
  [
    'as a peer of somebody else',
    peer('egress', 'to', { podSelector: { matchLabels: { [name]: 'postgresql' } } }),
    true,
  ],
  [
    'as a peer of other namespaces',
    peer('egress', 'to', { podSelector: nowhere, namespaceSelector: {} }),
    true,
  ],
  ['as addresses', peer('egress', 'to', { ipBlock: { cidr: '10.0.0.0/8' } }), true],
  ['by what is not ours', ours('Service', { selector: { a: 'b' } }, 'other'), true],
];

for (const [what, object, selects] of cases) {
  test(`what selects ${what} is ${selects ? 'not told' : 'told'}`, () => {
    assert.deepEqual(codes([...objectsOf(), object]), selects ? [] : ['no-pods']);
  });
}

test('pods of other workloads of a release are selected, too', () => {
  const template = { metadata: { labels: { a: 'b' } } };
  for (const kind of ['StatefulSet', 'DaemonSet', 'Job']) {
    const objects = [...objectsOf(), budget({ matchLabels: { a: 'b' } }), ours(kind, { template })];
    assert.deepEqual(codes(objects), kind === 'Job' ? ['no-pods'] : [], kind);
  }
});

test('workers that policies narrow reach the MCP gateway by a policy of each side', () => {
  const [toServer, server, worker] = ['glyphoxa-worker-mcp', 'glyphoxa-mcp-gateway', 'glyphoxa-worker'];
  const left = (...names: string[]) =>
    codes(names.reduce((objects, each) => without(objects, 'NetworkPolicy', each), [...objectsOf()]));
  assert.deepEqual(left(), []);
  assert.deepEqual(left(toServer), ['mcp-policy']);
  assert.deepEqual(left(server), ['mcp-policy']);
  assert.deepEqual(left(toServer, worker), []);
  assert.deepEqual(left(toServer, worker, server), []);
  const spec = { mcpGateway: { enabled: false } };
  assert.deepEqual(codes(objectsOf(spec)), []);
});
