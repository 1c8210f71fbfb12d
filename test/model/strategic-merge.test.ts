import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { equal, isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { podTemplate, schemaOf } from '../../generator/model/merge-keys.ts';
import { strategicDiff } from '../../generator/model/strategic-diff.ts';
import { strategicMerge } from '../../generator/model/strategic-merge.ts';
import { newestKustomize, requireKustomizers } from '../support/tools.ts';
import { type Pair, pairs } from './strategic-arbitraries.ts';
import { type Patched, patchAll } from './strategic-build.ts';

/** Pod specs: the one that is patched, the patch, what comes of it. */
const cases: Record<string, [spec: JsonObject, patch: JsonObject, merged: JsonObject]> = {
  'a new item comes first': [
    { containers: [{ name: 'a' }, { name: 'b' }] },
    { containers: [{ name: 'new' }] },
    { containers: [{ name: 'new' }, { name: 'a' }, { name: 'b' }] },
  ],
  'a changed item comes first': [
    { containers: [{ name: 'a' }, { name: 'b', image: '1' }, { name: 'c' }] },
    { containers: [{ name: 'b', image: '2' }] },
    { containers: [{ name: 'b', image: '2' }, { name: 'a' }, { name: 'c' }] },
  ],
  'naming items puts them in order': [
    { imagePullSecrets: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
    { imagePullSecrets: [{ name: 'c' }, { name: 'a' }, { name: 'b' }] },
    { imagePullSecrets: [{ name: 'c' }, { name: 'a' }, { name: 'b' }] },
  ],
  'an item is removed by a directive': [
    { containers: [{ name: 'a', env: [{ name: 'A' }, { name: 'B' }] }] },
    {
      containers: [
        {
          name: 'a',
          env: [
            { name: 'A', $patch: 'delete' },
            { name: 'NONE', $patch: 'delete' },
          ],
        },
      ],
    },
    { containers: [{ name: 'a', env: [{ name: 'B' }] }] },
  ],
  'a keyed list is replaced by an item of its own': [
    { volumes: [{ name: 'a', emptyDir: {} }, { name: 'b' }] },
    { volumes: [{ name: 'a', secret: { secretName: 's' } }, { $patch: 'replace' }] },
    { volumes: [{ name: 'a', secret: { secretName: 's' } }] },
  ],
  'a keyed list is removed by an item of its own': [
    { volumes: [{ name: 'a' }], nodeName: 'n' },
    { volumes: [{ $patch: 'delete' }] },
    { nodeName: 'n' },
  ],
  'replace inside an item drops what else the patch says of it': [
    { containers: [{ name: 'a', image: '1' }, { name: 'b' }] },
    { containers: [{ name: 'b' }, { name: 'a', image: '2', $patch: 'replace' }] },
    { containers: [{ name: 'b' }, { name: 'a', image: '1' }] },
  ],
  'an empty list takes nothing out of a keyed list': [
    { containers: [{ name: 'a', env: [{ name: 'A' }] }] },
    { containers: [{ name: 'a', env: [] }] },
    { containers: [{ name: 'a', env: [{ name: 'A' }] }] },
  ],
  'other lists are replaced, by an empty one too': [
    {
      containers: [{ name: 'a', args: ['x', 'y'], envFrom: [{ prefix: 'A' }] }],
      tolerations: [{ key: 'a' }],
    },
    { containers: [{ name: 'a', args: ['z'], envFrom: [{ prefix: 'B' }] }], tolerations: [] },
    { containers: [{ name: 'a', args: ['z'], envFrom: [{ prefix: 'B' }] }], tolerations: [] },
  ],
  'directives and nulls in a list without keys are plain values': [
    { tolerations: [{ key: 'a' }] },
    { tolerations: [{ key: 'b', $patch: 'delete' }] },
    { tolerations: [{ key: 'b', $patch: 'delete' }] },
  ],
  'ports go by number and protocol, new ones first and the others in their old order': [
    { containers: [{ name: 'a', ports: ports('80 TCP', '81 TCP', '80 UDP') }] },
    {
      containers: [
        { name: 'a', ports: [...ports('90 TCP'), { containerPort: 80, protocol: 'UDP', name: 'u' }] },
      ],
    },
    {
      containers: [
        {
          name: 'a',
          ports: [...ports('90 TCP', '80 TCP', '81 TCP'), { containerPort: 80, protocol: 'UDP', name: 'u' }],
        },
      ],
    },
  ],
  'spread constraints go by both their keys': [
    { topologySpreadConstraints: [{ topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', maxSkew: 1 }] },
    { topologySpreadConstraints: [{ topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 2 }] },
    {
      topologySpreadConstraints: [
        { topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 2 },
        { topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', maxSkew: 1 },
      ],
    },
  ],
  'maps are merged and null removes a key': [
    { nodeSelector: { a: '1', b: '2' }, hostname: 'h', dnsPolicy: 'None' },
    { nodeSelector: { b: '3', c: '4', none: null }, hostname: null },
    { nodeSelector: { a: '1', b: '3', c: '4' }, dnsPolicy: 'None' },
  ],
  'null for the last key leaves an empty map, and so it does in a map that is not there': [
    { nodeSelector: { a: '1' } },
    { nodeSelector: { a: null }, securityContext: { fsGroup: null } },
    { nodeSelector: {}, securityContext: {} },
  ],
  'a map is replaced or removed by a directive': [
    { nodeSelector: { a: '1' }, securityContext: { fsGroup: 1 }, affinity: { podAffinity: {} } },
    {
      nodeSelector: { $patch: 'replace', b: '2' },
      securityContext: { $patch: 'replace' },
      affinity: { $patch: 'delete' },
    },
    { nodeSelector: { b: '2' }, securityContext: {} },
  ],
  'the old branch of a union stays unless it is removed': [
    {
      volumes: [
        { name: 'a', emptyDir: {} },
        { name: 'b', emptyDir: {} },
      ],
    },
    {
      volumes: [
        { name: 'a', configMap: { name: 'c' } },
        { name: 'b', emptyDir: null, secret: { secretName: 's' } },
      ],
    },
    {
      volumes: [
        { name: 'a', emptyDir: {}, configMap: { name: 'c' } },
        { name: 'b', secret: { secretName: 's' } },
      ],
    },
  ],
  'directives and nulls in what is new are obeyed': [
    {},
    {
      containers: [
        {
          name: 'a',
          env: [
            { name: 'A', value: null },
            { name: 'B', $patch: 'delete' },
          ],
          args: null,
        },
        { name: 'b', $patch: 'delete' },
      ],
      nodeSelector: { $patch: 'merge', a: '1' },
    },
    { containers: [{ name: 'a', env: [{ name: 'A' }] }], nodeSelector: { a: '1' } },
  ],
};

function ports(...texts: string[]): JsonObject[] {
  return texts.map((text) => ({
    containerPort: Number.parseInt(text, 10),
    protocol: text.split(' ')[1] as string,
  }));
}

function deployment(spec: JsonObject): JsonObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec: { template: { spec } } };
}

for (const [name, [spec, patch, merged]] of Object.entries(cases)) {
  test(`merge: ${name}`, () => {
    assert.deepEqual(strategicMerge(freeze({ spec }), freeze({ spec: patch }), podTemplate), {
      spec: merged,
    });
  });
}

test('every Kustomize merges the same', async (t) => {
  const all = requireKustomizers(t);
  if (all === undefined) return;
  const list = Object.values(cases).map(([spec, patch]) => ({
    base: deployment(spec),
    patch: deployment(patch),
  }));
  for (const kustomize of all) {
    const built = await patchAll(kustomize, list);
    for (const [i, [name, [, , merged]]] of Object.entries(cases).entries()) {
      assert.deepEqual(built[i], deployment(merged), `${kustomize.name}: ${name}`);
    }
  }
});

test('$setElementOrder is ignored', () => {
  const patch = { spec: { '$setElementOrder/containers': [{ name: 'a' }], nodeName: 'n' } };
  assert.deepEqual(strategicMerge({}, patch, podTemplate), { spec: { nodeName: 'n' } });
});

test('a list that is not there yet takes the items that are to replace it', () => {
  const patch = { spec: { volumes: [{ $patch: 'replace' }, { name: 'a' }] } };
  assert.deepEqual(strategicMerge({ spec: {} }, patch, podTemplate), { spec: { volumes: [{ name: 'a' }] } });
});

/** Pod specs that are patched, patches, and what is said about them. */
const refused: [spec: JsonObject, patch: JsonObject, message: RegExp][] = [
  [{}, { volumes: [{ emptyDir: {} }] }, /^spec\.volumes\[0\]: .*\bname$/],
  [{}, { volumes: ['a'] }, /^spec\.volumes\[0\]: .*\bname$/],
  [{}, { volumes: [{ name: null }] }, /^spec\.volumes\[0\]: .*\bname$/],
  [{}, { volumes: [{ name: 'a' }, { name: 'a' }] }, /^spec\.volumes\[1\]: .*\bname$/],
  [
    { containers: [{ name: 'a', ports: [{ containerPort: 80, protocol: 'TCP' }] }] },
    { containers: [{ name: 'a', ports: [{ containerPort: 80, $patch: 'delete' }] }] },
    /^spec\.containers\[0\]\.ports: .*\bcontainerPort 80\b.*\bprotocol$/,
  ],
  [{ nodeSelector: { a: '1' } }, { nodeSelector: 'a' }, /^spec\.nodeSelector: .*\bscalar\b.*\bmap$/],
  [{ hostname: 'h' }, { hostname: ['h'] }, /^spec\.hostname: .*\blist\b.*\bscalar$/],
  [
    {},
    { nodeSelector: { $patch: 'remove' } },
    /^spec\.nodeSelector\.\$patch: .*\bdelete, .*\bmerge$|^spec\.nodeSelector\["\$patch"\]: /,
  ],
  [{}, { $retainKeys: ['a'] }, /\$retainKeys\b.*: .*directive$/],
  [{}, { '$deleteFromPrimitiveList/x': ['a'] }, /\$deleteFromPrimitiveList\/x\b.*: .*directive$/],
];

for (const [spec, patch, message] of refused) {
  test(`refused: ${JSON.stringify(patch)}`, () => {
    assert.throws(() => strategicMerge({ spec }, { spec: patch }, podTemplate), { message });
  });
}

test('a patch that removes the whole template is refused', () => {
  assert.throws(() => strategicMerge({ spec: {} }, { $patch: 'delete' }, podTemplate), /whole object/);
});

test('patches made for one object change another as Kustomize changes it', async (t) => {
  const kustomize = newestKustomize();
  if (kustomize === undefined) return t.skip('no kustomize');
  const seed = Number(process.env.STRATEGIC_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const samples = fc.sample(pairs, { numRuns: 400, seed });
  const list = samples.flatMap((pair, i) => strangers(pair, samples.slice(i + 1)));
  assert.ok(list.length > 50, `seed ${seed}: too few pairs of a kind`);
  for (let start = 0; start < list.length; start += 60) {
    const batch = list.slice(start, start + 60);
    const built = await patchAll(kustomize, batch);
    for (const [i, { base, patch }] of batch.entries()) {
      const merged = withoutEmptyAnnotations(strategicMerge(base, patch, schemaOf(base)));
      assert.deepEqual(
        built[i],
        merged,
        `STRATEGIC_SEED=${seed}, pair ${start + i}: ${JSON.stringify({ base, patch })}`,
      );
    }
  }
});

/** A patch between the states of one object, laid over the next object of its kind, where Kustomize can. */
function strangers(pair: Pair, others: readonly Pair[]): Patched[] {
  const patch = strategicDiff(pair.before, pair.after);
  const base = others.find(({ before }) => before.kind === pair.before.kind)?.before;
  return patch === undefined || base === undefined || isGarbled(base, patch) ? [] : [{ base, patch }];
}

/** Whether Kustomize fails on the patch, or does to it what strategicMerge does better. */
function isGarbled(base: Json | undefined, patch: Json): boolean {
  if (Array.isArray(patch)) {
    const replaces = patch.some((item) => isObject(item) && equal(item, { $patch: 'replace' }));
    if (replaces && base === undefined) return true;
    const old = Array.isArray(base) ? base : [];
    return patch.some((item) => isObject(item) && old.some((other) => isGarbled(other, item)));
  }
  if (!isObject(patch)) {
    if (typeof base !== 'string' || patch === null) return false;
    return typeof patch !== 'string' || (base.includes('\n') && patch.startsWith('\t'));
  }
  return Object.entries(patch).some(([key, value]) =>
    isGarbled(isObject(base) && Object.hasOwn(base, key) ? base[key] : undefined, value),
  );
}

/** Kustomize removes an object's annotations when none is left. */
function withoutEmptyAnnotations(object: JsonObject): JsonObject {
  const { annotations, ...metadata } = object.metadata as JsonObject;
  return equal(annotations, {}) ? { ...object, metadata } : object;
}

function freeze<T extends Json>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const item of Object.values(value)) freeze(item as Json);
  return Object.freeze(value);
}
