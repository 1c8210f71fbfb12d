/** How layers are laid over each other, and how defaults are filled in. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type DefaultsContext,
  defaultOf,
  mergeLayer,
  patchesIn,
  withDefaults,
} from '../../generator/config/layers.ts';
import type { SchemaNode } from '../../generator/config/schema/node.ts';
import { isObject, type Json, type JsonObject } from '../../generator/model/json.ts';

const patch: SchemaNode = { type: 'object', strategic: true };
const schema: SchemaNode = { type: 'object', properties: { patch, map: { type: 'object' } } };

describe('a layer over another', () => {
  const cases: [what: string, base: Json | undefined, layer: Json, merged: Json][] = [
    [
      'adds and replaces keys',
      { a: 1, b: { c: 2 } },
      { b: { d: 3 }, e: [4] },
      { a: 1, b: { c: 2, d: 3 }, e: [4] },
    ],
    [
      'removes what it says is null',
      { a: 1, b: { c: 2, d: 3 } },
      { a: null, b: { c: null } },
      { b: { d: 3 } },
    ],
    ['removes nothing that is not there', {}, { a: null, b: { c: null } }, { b: {} }],
    [
      'replaces what is no map',
      { a: [1], b: 'c' },
      { a: { d: 1 }, b: { e: 2 } },
      { a: { d: 1 }, b: { e: 2 } },
    ],
    ['replaces a map by what is none', { a: { b: 1 } }, { a: [2] }, { a: [2] }],
    ['is all there is over nothing', undefined, { a: { b: 1, c: null } }, { a: { b: 1 } }],
    [
      'takes a key of any name',
      {},
      JSON.parse('{"__proto__": {"a": 1}}'),
      JSON.parse('{"__proto__": {"a": 1}}'),
    ],
  ];
  for (const [what, base, layer, merged] of cases)
    it(what, () => assert.deepEqual(mergeLayer(undefined, base, layer), merged));

  it('shares no value with what lies above it', () => {
    const layer = { a: [{ b: 1 }], patch: { c: [{ d: 1 }] } };
    const merged = mergeLayer(schema, {}, layer);
    assert.ok(isObject(merged) && isObject(merged.patch));
    assert.notEqual(merged.a, layer.a);
    assert.notEqual(merged.patch.c, layer.patch.c);
  });
});

describe('strategic merge patches', () => {
  const a = { spec: { x: null } };
  const b = { spec: { x: 1 } };
  const over = (...patches: JsonObject[]) =>
    patches.reduce<JsonObject>((base, each) => mergeLayer(schema, base, { patch: each }) as JsonObject, {})
      .patch;

  it('are applied one after the other', () => {
    assert.deepEqual(patchesIn(over(a, b) as JsonObject), [a, b]);
    assert.deepEqual(patchesIn(over(a, b, a) as JsonObject), [a, b, a]);
  });

  it('stay as they are where there is one', () => {
    assert.deepEqual(over(a), a);
    assert.deepEqual(over(a, {}), a);
    assert.deepEqual(over({}, b), b);
    assert.deepEqual(over({}, {}), {});
    assert.deepEqual(patchesIn(a), [a]);
  });

  it('are one where what looks like several is something else', () => {
    for (const $layers of ['a', [a, 'b']]) assert.deepEqual(patchesIn({ $layers }), [{ $layers }]);
  });

  it('are removed by null, and replaced where they lie over none', () => {
    assert.deepEqual(mergeLayer(schema, { patch: a, map: {} }, { patch: null }), { map: {} });
    assert.deepEqual(mergeLayer(schema, { patch: 'none' }, { patch: a }), { patch: a });
  });
});

describe('a default', () => {
  const shared: DefaultsContext = { topology: 'shared', release: 'tavern' };
  const dedicated: DefaultsContext = { topology: 'dedicated', release: 'inn' };
  const preset: SchemaNode = { type: 'integer', preset: { shared: 3, dedicated: 1 }, default: 2 };
  const derived: SchemaNode = { type: 'string', derived: '<release>-key', default: 'b' };
  const plain: SchemaNode = { type: 'integer', default: 7 };
  const group = (properties: { [name: string]: SchemaNode }): SchemaNode => ({
    type: 'object',
    properties,
    default: {},
  });
  const tree = group({
    preset,
    own: group({ preset }),
    named: group({ deep: group({ derived }) }),
    bare: {},
  });

  it('is a preset, derived from the release, or stated', () => {
    for (const [node, ofShared, ofDedicated] of [
      [preset, 3, 1],
      [derived, 'tavern-key', 'inn-key'],
      [plain, 7, 7],
      [{}, undefined, undefined],
    ] as const)
      assert.deepEqual([defaultOf(node, shared), defaultOf(node, dedicated)], [ofShared, ofDedicated]);
  });

  it('fills in each group for its topology and its release, whatever was asked before', () => {
    for (const [context, count, name] of [
      [shared, 3, 'tavern-key'],
      [dedicated, 1, 'inn-key'],
      [{ ...shared, release: 'inn' }, 3, 'inn-key'],
      [shared, 3, 'tavern-key'],
    ] as const)
      assert.deepEqual(withDefaults(tree, {}, context), {
        preset: count,
        own: { preset: count },
        named: { deep: { derived: name } },
      });
  });

  it('of one value follows the schema, the topology and the release that are asked for', () => {
    const value = { own: {} };
    const ask = (node: SchemaNode, context: DefaultsContext) =>
      withDefaults(node, value, context) as JsonObject;
    assert.deepEqual(ask(tree, shared).own, { preset: 3 });
    assert.deepEqual(ask(tree, dedicated).own, { preset: 1 });
    assert.deepEqual(ask(tree, { ...dedicated, release: 'b' }).named, { deep: { derived: 'b-key' } });
    assert.deepEqual(ask(group({ own: group({ plain }) }), dedicated).own, { plain: 7 });
    assert.equal(ask(tree, shared), ask(tree, shared));
  });

  it('leaves what is set, of any name and at any depth', () => {
    const node = group({
      list: { type: 'array', items: group({ plain }) },
      loose: { type: 'array' },
      map: { type: 'object', additionalProperties: group({ plain }) },
      free: { type: 'object' },
    });
    const value = {
      list: [{}, { plain: 1 }],
      loose: [{}],
      map: { a: {}, b: { plain: 2, c: 3 } },
      free: { d: {} },
      unknown: { e: 4 },
    };
    assert.deepEqual(withDefaults(node, value, shared), {
      list: [{ plain: 7 }, { plain: 1 }],
      loose: [{}],
      map: { a: { plain: 7 }, b: { plain: 2, c: 3 } },
      free: { d: {} },
      unknown: { e: 4 },
    });
    assert.deepEqual(value.list[0], {});
  });

  it('is not taken from what every object has', () => {
    const node = group({ toString: { type: 'string', default: 'a' }, constructor: { type: 'string' } });
    assert.deepEqual({ ...(withDefaults(node, {}, shared) as JsonObject) }, { toString: 'a' });
  });
});
