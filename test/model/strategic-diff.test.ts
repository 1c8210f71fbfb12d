import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { equal, isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { schemaOf } from '../../generator/model/merge-keys.ts';
import { strategicDiff } from '../../generator/model/strategic-diff.ts';
import { strategicMerge } from '../../generator/model/strategic-merge.ts';
import { type Kustomizer, requireKustomizers } from '../support/tools.ts';
import { pairs } from './strategic-arbitraries.ts';
import { patchAll } from './strategic-build.ts';

/** How many times the usual number of random pairs are tried. */
const factor = Number(process.env.STRATEGIC_FACTOR ?? 1);

type Case = [base: JsonObject, target: JsonObject, patch: JsonObject];

/** Pod specs and the patch that leads from the first to the second. */
const podCases: Record<string, Case> = {
  'a list that grows names all before the new item': [
    { containers: [{ name: 'a', env: items('A', 'B', 'C') }] },
    { containers: [{ name: 'a', env: [...items('A', 'B'), { name: 'N', value: 'n' }, ...items('C')] }] },
    { containers: [{ name: 'a', env: [{ name: 'A' }, { name: 'B' }, { name: 'N', value: 'n' }] }] },
  ],
  'an item at the front is all there is to say': [
    { initContainers: items('a', 'b') },
    { initContainers: items('n', 'a', 'b') },
    { initContainers: items('n') },
  ],
  'a changed item keeps its place': [
    {
      imagePullSecrets: items('a', 'b', 'c'),
      volumes: [{ name: 'a' }, { name: 'b', secret: { secretName: 's', optional: true } }],
    },
    {
      imagePullSecrets: items('a', 'b', 'c'),
      volumes: [{ name: 'a' }, { name: 'b', secret: { secretName: 't', optional: true } }],
    },
    { volumes: [{ name: 'a' }, { name: 'b', secret: { secretName: 't' } }] },
  ],
  'another order names the items up to the last that moved': [
    { imagePullSecrets: items('a', 'b', 'c', 'd') },
    { imagePullSecrets: items('b', 'a', 'c', 'd') },
    { imagePullSecrets: items('b') },
  ],
  'the last item first': [
    { volumes: [{ name: 'a' }, { name: 'b' }, { name: 'c', emptyDir: {} }] },
    { volumes: [{ name: 'c', emptyDir: {} }, { name: 'a' }, { name: 'b' }] },
    { volumes: [{ name: 'c' }] },
  ],
  'items that go are deleted by name': [
    { containers: [{ name: 'a', volumeMounts: [mount('/a'), mount('/b'), mount('/c')] }] },
    { containers: [{ name: 'a', volumeMounts: [mount('/b')] }] },
    {
      containers: [
        {
          name: 'a',
          volumeMounts: [
            { mountPath: '/a', $patch: 'delete' },
            { mountPath: '/c', $patch: 'delete' },
          ],
        },
      ],
    },
  ],
  'a list of which nothing stays is replaced': [
    { volumes: items('a', 'b') },
    { volumes: items('c') },
    { volumes: [{ $patch: 'replace' }, { name: 'c' }] },
  ],
  'a list that goes is removed': [
    { containers: [{ name: 'a', env: items('A'), args: ['x'] }], volumes: items('a') },
    { containers: [{ name: 'a' }] },
    { containers: [{ name: 'a', env: null, args: null }], volumes: null },
  ],
  'a new port at the front is said alone, one that goes with its protocol': [
    { containers: [{ name: 'a', ports: [port(80, 'TCP'), port(80, 'UDP')] }] },
    { containers: [{ name: 'a', ports: [port(90, 'TCP'), port(80, 'UDP')] }] },
    { containers: [{ name: 'a', ports: [port(90, 'TCP'), { ...port(80, 'TCP'), $patch: 'delete' }] }] },
  ],
  'a changed port is said alone': [
    { containers: [{ name: 'a', ports: [port(80, 'TCP'), port(81, 'TCP')] }] },
    { containers: [{ name: 'a', ports: [port(80, 'TCP'), { ...port(81, 'TCP'), name: 'm' }] }] },
    { containers: [{ name: 'a', ports: [{ ...port(81, 'TCP'), name: 'm' }] }] },
  ],
  'a port behind the others replaces the list, since new ones come first': [
    { containers: [{ name: 'a', ports: [port(80, 'TCP')] }] },
    { containers: [{ name: 'a', ports: [port(80, 'TCP'), port(90, 'TCP')] }] },
    { containers: [{ name: 'a', ports: [{ $patch: 'replace' }, port(80, 'TCP'), port(90, 'TCP')] }] },
  ],
  'another port number replaces the list': [
    { containers: [{ name: 'a', ports: [{ ...port(80, 'TCP'), name: 'h' }] }] },
    { containers: [{ name: 'a', ports: [{ ...port(81, 'TCP'), name: 'h' }] }] },
    { containers: [{ name: 'a', ports: [{ $patch: 'replace' }, { ...port(81, 'TCP'), name: 'h' }] }] },
  ],
  'ports without a protocol are replaced': [
    { containers: [{ name: 'a', ports: [{ containerPort: 80 }, { containerPort: 81 }] }] },
    { containers: [{ name: 'a', ports: [{ containerPort: 80 }, { containerPort: 81, name: 'm' }] }] },
    {
      containers: [
        {
          name: 'a',
          ports: [{ $patch: 'replace' }, { containerPort: 80 }, { containerPort: 81, name: 'm' }],
        },
      ],
    },
  ],
  'lists without keys are written out': [
    { tolerations: [{ key: 'a' }, { key: 'b' }], containers: [{ name: 'a', args: ['x', 'y'] }] },
    { tolerations: [{ key: 'b' }], containers: [{ name: 'a', args: ['y', 'x'] }] },
    { tolerations: [{ key: 'b' }], containers: [{ name: 'a', args: ['y', 'x'] }] },
  ],
  'another probe handler takes the old one away': [
    { containers: [{ name: 'a', livenessProbe: { exec: { command: ['a'] }, periodSeconds: 5 } }] },
    { containers: [{ name: 'a', livenessProbe: { httpGet: { port: 'http' }, periodSeconds: 5 } }] },
    { containers: [{ name: 'a', livenessProbe: { httpGet: { port: 'http' }, exec: null } }] },
  ],
  'another type of volume and another source of a variable take the old one away': [
    {
      containers: [{ name: 'a', env: [{ name: 'A', value: 'v' }] }],
      volumes: [{ name: 'v', configMap: { name: 'c' } }],
    },
    {
      containers: [
        { name: 'a', env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
      ],
      volumes: [{ name: 'v', emptyDir: {} }],
    },
    {
      containers: [
        {
          name: 'a',
          env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } }, value: null }],
        },
      ],
      volumes: [{ name: 'v', emptyDir: {}, configMap: null }],
    },
  ],
  'an empty map that means something is kept': [
    {
      volumes: [
        { name: 'v', emptyDir: { medium: 'Memory' } },
        { name: 'w', emptyDir: {} },
      ],
    },
    {
      volumes: [
        { name: 'v', emptyDir: {} },
        { name: 'w', emptyDir: { sizeLimit: '1Gi' } },
      ],
    },
    {
      volumes: [
        { name: 'v', emptyDir: { medium: null } },
        { name: 'w', emptyDir: { sizeLimit: '1Gi' } },
      ],
    },
  ],
  'a map of free keys': [
    { nodeSelector: { a: '1', 'b.io/x~y': '2' } },
    { nodeSelector: { a: 'yes', 'c.io/x': '3' } },
    { nodeSelector: { a: 'yes', 'c.io/x': '3', 'b.io/x~y': null } },
  ],
  'keys like numbers, booleans and null that stay or go': [
    { nodeSelector: { '0755': '1', true: '2', null: '3', '2024-01-01': '4' } },
    { nodeSelector: { '0755': '9', true: '2', null: '0' } },
    { nodeSelector: { '0755': '9', null: '0', '2024-01-01': null } },
  ],
  'a map to which a key like a number is added is replaced': [
    { nodeSelector: { a: '1' } },
    { nodeSelector: { a: '1', '1e3': '2' } },
    { nodeSelector: { $patch: 'replace', a: '1', '1e3': '2' } },
  ],
  'but not one to which any other key is added': [
    { nodeSelector: { a: '1' } },
    { nodeSelector: { a: '1', '1.io/x': '2', yes: '3', '.a': '4', '-': '5', 'e: #': '6' } },
    { nodeSelector: { '1.io/x': '2', yes: '3', '.a': '4', '-': '5', 'e: #': '6' } },
  ],
  'a number that takes the place of a string replaces the map, or the list around it': [
    {
      containers: [{ name: 'a', livenessProbe: { tcpSocket: { port: 'http' } } }],
      hostUsers: 'x',
      volumes: [{ name: 'v', x: 'y' }],
    },
    {
      containers: [{ name: 'a', livenessProbe: { tcpSocket: { port: 80 } } }],
      hostUsers: 'y',
      volumes: [{ name: 'v', x: true }],
    },
    {
      containers: [{ name: 'a', livenessProbe: { tcpSocket: { $patch: 'replace', port: 80 } } }],
      hostUsers: 'y',
      volumes: [{ $patch: 'replace' }, { name: 'v', x: true }],
    },
  ],
  'a value of another type replaces the map or list around it': [
    { affinity: { x: ['a'] }, volumes: [{ name: 'v', x: { y: 'z' } }] },
    { affinity: { x: { a: 'b' } }, volumes: [{ name: 'v', x: 'z' }] },
    {
      affinity: { $patch: 'replace', x: { a: 'b' } },
      volumes: [{ $patch: 'replace' }, { name: 'v', x: 'z' }],
    },
  ],
};

/** Whole objects, each without apiVersion, kind and name in the patch. */
const objectCases: Record<string, Case> = {
  'replicas that go': [
    object('apps/v1', 'Deployment', {
      spec: { replicas: 1, strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%' } } },
    }),
    object('apps/v1', 'Deployment', { spec: { strategy: { type: 'Recreate' } } }),
    { spec: { strategy: { type: 'Recreate', rollingUpdate: null }, replicas: null } },
  ],
  'annotations and labels': [
    object('v1', 'Namespace', { metadata: { annotations: { 'a.io/x': '1', b: '2' }, labels: { a: 'b' } } }),
    object('v1', 'Namespace', {
      metadata: { annotations: { 'a.io/x': 'yes\n"\u{1f600}"', 'c.io/y': '0755' } },
    }),
    { metadata: { annotations: { 'a.io/x': 'yes\n"\u{1f600}"', 'c.io/y': '0755', b: null }, labels: null } },
  ],
  'the port of a Service': [
    object('v1', 'Service', { spec: { ports: [servicePort(80, 'http'), servicePort(81, 'metrics')] } }),
    object('v1', 'Service', { spec: { ports: [servicePort(80, 'http'), servicePort(81, 8081)] } }),
    { spec: { ports: [{ $patch: 'replace' }, servicePort(80, 'http'), servicePort(81, 8081)] } },
  ],
  'rules of a NetworkPolicy': [
    object('networking.k8s.io/v1', 'NetworkPolicy', {
      spec: { podSelector: { matchLabels: { a: 'b' } }, egress: [{}], policyTypes: ['Egress'] },
    }),
    object('networking.k8s.io/v1', 'NetworkPolicy', {
      spec: { podSelector: {}, egress: [{ to: [{ podSelector: {} }] }], policyTypes: ['Egress'] },
    }),
    { spec: { podSelector: { matchLabels: null }, egress: [{ to: [{ podSelector: {} }] }] } },
  ],
  'rules of a Role': [
    object('rbac.authorization.k8s.io/v1', 'Role', { rules: [{ verbs: ['get'] }, { verbs: ['list'] }] }),
    object('rbac.authorization.k8s.io/v1', 'Role', { rules: [{ verbs: ['get'] }] }),
    { rules: [{ verbs: ['get'] }] },
  ],
  'the lists of a ServiceAccount, of which one has keys': [
    object('v1', 'ServiceAccount', { secrets: items('a', 'b'), imagePullSecrets: items('a', 'b') }),
    object('v1', 'ServiceAccount', { secrets: items('b'), imagePullSecrets: items('b') }),
    { secrets: [{ name: 'a', $patch: 'delete' }], imagePullSecrets: items('b') },
  ],
  'metrics of an autoscaler': [
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: { minReplicas: 1, metrics: [{ type: 'Resource' }] },
    }),
    object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: { minReplicas: 2, metrics: [{ type: 'Resource' }, { type: 'Pods' }] },
    }),
    { spec: { minReplicas: 2, metrics: [{ type: 'Resource' }, { type: 'Pods' }] } },
  ],
  finalizers: [
    object('v1', 'ConfigMap', { metadata: { finalizers: ['a', 'b'] }, data: { a: '1\n2\n' } }),
    object('v1', 'ConfigMap', { metadata: { finalizers: ['b', 'c'] }, data: { a: '1' } }),
    { metadata: { finalizers: [{ $patch: 'replace' }, 'b', 'c'] }, data: { a: '1' } },
  ],
  'a text that begins with a tab, where lines stood': [
    object('v1', 'ConfigMap', { data: { a: '1\n2\n', b: '1' } }),
    object('v1', 'ConfigMap', { data: { a: '\tx', b: '1' } }),
    { data: { $patch: 'replace', a: '\tx', b: '1' } },
  ],
  'lists of a custom resource': [
    object('postgresql.cnpg.io/v1', 'Cluster', { spec: { env: items('A', 'B'), instances: 1 } }),
    object('postgresql.cnpg.io/v1', 'Cluster', { spec: { env: items('A'), instances: 1 } }),
    { spec: { env: items('A') } },
  ],
};

function items(...names: string[]): JsonObject[] {
  return names.map((name) => ({ name }));
}

function mount(mountPath: string): JsonObject {
  return { mountPath, name: 'v' };
}

function port(containerPort: number, protocol: string): JsonObject {
  return { containerPort, protocol };
}

function servicePort(number: number, targetPort: string | number): JsonObject {
  return { port: number, protocol: 'TCP', name: `p${number}`, targetPort };
}

function object(apiVersion: string, kind: string, fields: JsonObject): JsonObject {
  return { apiVersion, kind, ...fields, metadata: { name: 'x', ...((fields.metadata as JsonObject) ?? {}) } };
}

function deployment(spec: JsonObject): JsonObject {
  return object('apps/v1', 'Deployment', { spec: { template: { spec } } });
}

const cases: Record<string, Case> = {
  ...Object.fromEntries(
    Object.entries(podCases).map(([name, [base, target, patch]]): [string, Case] => [
      name,
      [deployment(base), deployment(target), deployment(patch)],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(objectCases).map(([name, [base, target, patch]]): [string, Case] => [
      name,
      [base, target, object(base.apiVersion as string, base.kind as string, patch)],
    ]),
  ),
};

for (const [name, [base, target, patch]] of Object.entries(cases)) {
  test(`diff: ${name}`, () => assert.deepEqual(strategicDiff(base, target), patch));
}

test('every Kustomize makes the target of the base', async (t) => {
  const all = requireKustomizers(t);
  if (all === undefined) return;
  const list = Object.values(cases).map(([base, , patch]) => ({ base, patch }));
  for (const kustomize of all) {
    const built = await patchAll(kustomize, list);
    for (const [i, [name, [, target]]] of Object.entries(cases).entries()) {
      assert.deepEqual(built[i], target, `${kustomize.name}: ${name}`);
    }
  }
});

test('there is no patch between equal objects', () => {
  const base = object('v1', 'ConfigMap', { data: { a: '1', b: '2' } });
  assert.equal(strategicDiff(base, object('v1', 'ConfigMap', { data: { b: '2', a: '1' } })), undefined);
});

test('a namespace is part of what a patch names', () => {
  const base = object('v1', 'ConfigMap', { metadata: { namespace: 'n' }, data: { a: '1' } });
  const patch = object('v1', 'ConfigMap', { metadata: { namespace: 'n' }, data: { a: '2' } });
  assert.deepEqual(strategicDiff(base, patch), patch);
});

test('a patch does not make one object of another', () => {
  const base = object('v1', 'ConfigMap', {});
  for (const other of [
    object('v1', 'Secret', {}),
    object('v2', 'ConfigMap', {}),
    object('v1', 'ConfigMap', { metadata: { name: 'y' } }),
    object('v1', 'ConfigMap', { metadata: { namespace: 'y' } }),
  ]) {
    assert.throws(() => strategicDiff(base, other), /\bv1 ConfigMap x .*\bv[12] /);
  }
});

test('where no patch leads there is none', () => {
  const base = deployment({ containers: [{ name: 'a', env: items('A', 'A') }], nodeName: 'a' });
  const target = deployment({ containers: [{ name: 'a', env: items('A', 'A') }], nodeName: 'b' });
  assert.throws(() => strategicDiff(base, target), {
    message:
      'no patch leads to the new apps/v1 Deployment x: spec.template.spec.containers[0].env[1]: another item has the same name',
  });
});

test('merge keys are not guessed', () => {
  assert.throws(() => schemaOf({ apiVersion: 'apps/v1', kind: 'StatefulSet' }), /apps\/v1 StatefulSet/);
  assert.throws(() => schemaOf({ apiVersion: 'v1', kind: 'Pod' }), /v1 Pod/);
  assert.throws(() => schemaOf({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }), /StorageClass/);
});

test('a patch leads from one state to the other and says no more than that takes', () => {
  fc.assert(
    fc.property(pairs, ({ before, after }) => {
      const [base, target] = [freeze(before), freeze(after)];
      const patch = strategicDiff(base, target);
      if (patch === undefined) return equal(base, target);
      assert.deepEqual(strategicMerge(base, patch, schemaOf(base)), target);
      for (const shorter of shortened(patch)) {
        assert.ok(!leadsTo(base, shorter, target), `more than needed: ${JSON.stringify({ patch, shorter })}`);
      }
      assert.ok(!replacesItem(patch), `Kustomize drops what stands beside it: ${JSON.stringify(patch)}`);
      return true;
    }),
    { numRuns: 300 * factor },
  );
});

function leadsTo(base: JsonObject, patch: JsonObject, target: JsonObject): boolean {
  try {
    return equal(strategicMerge(base, patch, schemaOf(base)), target);
  } catch {
    return false;
  }
}

/** The patch without one of its fields or list items, each in turn; names and replacements stay. */
function* shortened(patch: JsonObject): Generator<JsonObject> {
  for (const [key, value] of Object.entries(patch)) {
    const { [key]: _, ...rest } = patch;
    if (!['apiVersion', 'kind', 'name', 'metadata', '$patch'].includes(key)) yield rest;
    if (isObject(value)) for (const shorter of shortened(value)) yield { ...patch, [key]: shorter };
    if (!Array.isArray(value)) continue;
    for (const [i, item] of value.entries()) {
      if (!isObject(item) || equal(item, { $patch: 'replace' })) continue;
      yield { ...patch, [key]: value.toSpliced(i, 1) };
      for (const shorter of shortened(item)) yield { ...patch, [key]: value.toSpliced(i, 1, shorter) };
    }
  }
}

function replacesItem(patch: Json): boolean {
  if (Array.isArray(patch)) {
    return patch.some(
      (item) =>
        replacesItem(item) || (isObject(item) && item.$patch === 'replace' && Object.keys(item).length > 1),
    );
  }
  return isObject(patch) && Object.values(patch).some(replacesItem);
}

test('every Kustomize makes random targets of random bases', async (t) => {
  const all = requireKustomizers(t);
  if (all === undefined) return;
  const seed = Number(process.env.STRATEGIC_SEED ?? Math.floor(Math.random() * 2 ** 31));
  for (const [i, kustomize] of all.reverse().entries()) {
    await checkPairs(kustomize, factor * (i === 0 ? 330 : 66), seed + i);
  }
});

/** Has patches between random pairs applied; some pairs are equal and give none. */
async function checkPairs(kustomize: Kustomizer, count: number, seed: number): Promise<void> {
  const list = fc.sample(pairs, { numRuns: count, seed }).flatMap(({ before, after }) => {
    const patch = strategicDiff(before, after);
    return patch === undefined ? [] : [{ base: before, patch, target: after }];
  });
  for (let start = 0; start < list.length; start += 66) {
    const batch = list.slice(start, start + 66);
    const built = await patchAll(kustomize, batch).catch((error: Error) => {
      throw new Error(`${kustomize.name}, seed ${seed} (STRATEGIC_SEED): ${error.message}`);
    });
    for (const [i, { base, patch, target }] of batch.entries()) {
      const told = `${kustomize.name}, seed ${seed} (STRATEGIC_SEED), pair ${start + i}`;
      assert.deepEqual(built[i], target, `${told}: ${JSON.stringify({ base, patch })}`);
    }
  }
}

function freeze<T extends Json>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) freeze(item as Json);
  return Object.freeze(value);
}
