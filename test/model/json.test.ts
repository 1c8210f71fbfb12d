import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import {
  clone,
  dig,
  equal,
  formatPath,
  given,
  isObject,
  type Json,
  type JsonObject,
  keepsDigits,
  maps,
  type Path,
  roundedAt,
  setKey,
  sortKeys,
} from '../../generator/model/json.ts';

/** Values that are often the same as one another, with keys of every kind. */
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, false, 0, 1, '', 'a', '1', [], {}),
    fc.array(tie('json'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom('a', 'b', '1', '__proto__', 'toString'), tie('json')), { maxLength: 3 })
      .map((entries): Json => {
        const object: JsonObject = {};
        for (const [key, value] of entries) setKey(object, key, value);
        return object;
      }),
  ),
}));

test('equal says of two values what Node says', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      assert.equal(equal(a, b), isDeepStrictEqual(a, b));
      assert.ok(equal(a, clone(a)));
    }),
    { numRuns: 500 },
  );
  assert.ok(equal({ a: 1, b: 2 }, { b: 2, a: 1 }));
  for (const [a, b] of [
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 2]],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1 }, { b: 1 }],
    [{ toString: 1 }, { constructor: 1 }],
    [[], {}],
    [{}, []],
    [null, {}],
    [{}, null],
    [undefined, null],
    ['1', 1],
    [{ a: { b: [1, { c: 2 }] } }, { a: { b: [1, { c: 3 }] } }],
  ] as [Json | undefined, Json | undefined][]) {
    assert.ok(!equal(a, b), JSON.stringify([a, b]));
    assert.ok(!equal(b, a), JSON.stringify([b, a]));
  }
});

test('a clone is the same and shares nothing', () => {
  fc.assert(
    fc.property(json, (value) => {
      const copy = clone(value);
      assert.deepEqual(copy, value);
      const parts = (part: Json): object[] =>
        typeof part === 'object' && part !== null ? [part, ...Object.values(part).flatMap(parts)] : [];
      const own = new Set(parts(value));
      for (const part of parts(copy)) assert.ok(!own.has(part));
    }),
  );
});

test('sorting goes into every map and changes nothing else', () => {
  const value: Json = { b: [{ d: 1, c: { z: 0, Z: 1 } }], a: ['y', 'x'], 10: 1, '': null };
  assert.equal(
    JSON.stringify(sortKeys(value)),
    '{"10":1,"":null,"a":["y","x"],"b":[{"c":{"Z":1,"z":0},"d":1}]}',
  );
});

test('a number that is not the one that was written is found', () => {
  for (const kept of [0, -1, 1.5, 2 ** 53 - 1, -(2 ** 53) + 1, 1e-7])
    assert.ok(keepsDigits(kept), String(kept));
  for (const lost of [2 ** 53, -(2 ** 53), Number.POSITIVE_INFINITY, Number.NaN])
    assert.ok(!keepsDigits(lost), String(lost));
  const cases: [Json, Path | undefined][] = [
    [2 ** 53, []],
    [{ a: [1, { b: 2 ** 53 }], c: 2 ** 60 }, ['a', 1, 'b']],
    [[1, 'x', null, true, { a: 0.5 }], undefined],
    ['9007199254740993', undefined],
  ];
  for (const [value, path] of cases) assert.deepEqual(roundedAt(value), path);
});

test('what is dug for is found by own keys and by places in lists', () => {
  const value: Json = { a: [{ b: 1 }], 0: 'zero', __proto__: null };
  const cases: [Path, Json | undefined][] = [
    [[], value],
    [['a', 0, 'b'], 1],
    [['a', 1], undefined],
    [['a', '0'], undefined],
    [['a', 'length'], undefined],
    [[0], 'zero'],
    [['toString'], undefined],
    [['a', 0, 'b', 'c'], undefined],
    [['x', 'y'], undefined],
  ];
  for (const [path, found] of cases) assert.deepEqual(dig(value, path), found, formatPath(path));
  assert.equal(dig(undefined, ['a']), undefined);
});

test('a path is written as people write it', () => {
  const cases: [Path, string][] = [
    [[], ''],
    [['a'], 'a'],
    [['a', 'b-c', 0, '_d'], 'a.b-c[0]._d'],
    [[1, 'a'], '[1].a'],
    [['a.b'], '["a.b"]'],
    [['a', ''], 'a[""]'],
    [['a', '1b'], 'a["1b"]'],
    [['a', '0'], 'a["0"]'],
    [['a"b'], '["a\\"b"]'],
  ];
  for (const [path, text] of cases) assert.equal(formatPath(path), text);
});

test('objects are neither lists nor null, and maps are those of a list', () => {
  assert.deepEqual([{}, [], null, undefined, 'a', 1].map(isObject), [
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
  assert.deepEqual(maps([{ a: 1 }, [], null, 'x', {}]), [{ a: 1 }, {}]);
  for (const other of [undefined, null, { a: {} }, 'x']) assert.deepEqual(maps(other), []);
});

test('a key like a prototype is set as any other', () => {
  const object: JsonObject = { a: 1 };
  setKey(object, '__proto__', 1);
  setKey(object, '__proto__', { b: 2 });
  setKey(object, 'a', 3);
  assert.deepEqual(Object.entries(object), [
    ['a', 3],
    ['__proto__', { b: 2 }],
  ]);
  assert.ok(Reflect.deleteProperty(object, '__proto__'));
});

test('of fields only those are given that have a value, in their order', () => {
  const text = JSON.stringify(given({ b: 0, a: undefined, d: null, c: false, e: '' }));
  assert.equal(text, '{"b":0,"d":null,"c":false,"e":""}');
  assert.ok(!Object.hasOwn(given({ a: undefined }), 'a'));
});
