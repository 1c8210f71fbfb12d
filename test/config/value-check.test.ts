/** What the schema says of one value, and how it says it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SchemaNode } from '../../generator/config/schema/node.ts';
import { wrongValue } from '../../generator/config/value-check.ts';
import type { Json } from '../../generator/model/json.ts';

/** What is found, whether the value is in it, and whether its line is hidden. */
function found(node: SchemaNode, value: Json, hidden = false, written?: string) {
  const wrong = wrongValue(node, value, hidden, () => written);
  return wrong && { ...wrong, hidden: wrong.hidden === true };
}

const source: SchemaNode = { type: 'object', maxProperties: 1, secret: true };

const types: [node: SchemaNode, value: Json, quoted: boolean, hint: RegExp][] = [
  [{ type: 'string' }, 1, true, /quotes: "1"/],
  [{ type: 'string' }, true, true, /quotes: "true"/],
  [{ type: 'string' }, [], false, /text/],
  [{ type: 'integer' }, '12', true, /: 12$/],
  [{ type: 'integer' }, 'x', true, /whole number$/],
  [{ type: 'integer' }, 1.5, true, /whole number$/],
  [{ type: 'number' }, 'x', true, /number$/],
  [{ type: 'boolean' }, 'yes', true, /true .*false/],
  [{ type: 'boolean' }, {}, false, /true .*false/],
  [{ type: 'object' }, [], false, /map/],
  [{ type: 'array' }, {}, false, /list/],
  [{ type: 'array' }, 1, false, /list/],
  [{ type: ['integer', 'string'] }, {}, false, /number or .*text/],
  [source, true, false, /fromEnv/],
  [{ ...source, maxProperties: 2 }, true, false, /map/],
  [{ type: 'object', maxProperties: 1 }, true, false, /map/],
];

for (const [node, value, quoted, hint] of types) {
  test(`${JSON.stringify(value)} where ${node.type} is meant`, () => {
    const shown = found(node, value);
    assert.equal(shown?.code, 'wrong-type');
    assert.match(shown.hint, hint);
    assert.equal(shown.message.startsWith(`${value} is `), quoted);
    const hidden = found(node, value, true);
    assert.deepEqual([hidden?.code, hidden?.hidden], ['wrong-type', true]);
    if (quoted) assert.ok(!`${hidden?.message} ${hidden?.hint}`.includes(`${value}`) || value === true);
  });
}

test('a text in the place of a map or a list is not shown, since it may be all that was meant to stand in it', () => {
  for (const type of ['object', 'array']) {
    assert.equal(found({ type }, 'pasted')?.hidden, true);
    assert.doesNotMatch(found({ type }, 'pasted')?.message ?? '', /pasted/);
    assert.equal(found({ type }, 5)?.hidden, false);
  }
});

test('a number is quoted as it is written', () => {
  assert.match(found({ type: 'string' }, 1.1, false, '1.10')?.hint ?? '', /"1.10"/);
});

test('each type has its own values, and a number is of no type where it is none', () => {
  const of: [type: string, value: Json][] = [
    ['string', ''],
    ['integer', 0],
    ['number', 0.5],
    ['boolean', false],
    ['array', []],
    ['object', {}],
  ];
  for (const [type, value] of of) assert.equal(found({ type }, value), undefined);
  for (const value of ['1', Number.NaN, Number.POSITIVE_INFINITY])
    assert.equal(found({ type: 'number' }, value)?.code, 'wrong-type');
  assert.match(found({ type: 'string' }, 1)?.message ?? '', /number/);
  assert.match(found({ type: 'string' }, [])?.message ?? '', /list/);
  assert.match(found({ type: 'string' }, true)?.message ?? '', /boolean/);
});

const values: [node: SchemaNode, value: Json, code: string | undefined][] = [
  [{ const: 'a' }, 'b', 'wrong-kind'],
  [{ const: 'a' }, 'a', undefined],
  [{ type: 'string', enum: ['a'] }, 'b', 'not-a-choice'],
  [{ type: 'string', enum: ['a'] }, 'a', undefined],
  [{ type: 'string' }, 'a\u0001', 'control-character'],
  [{ type: 'string', minLength: 1 }, '', 'empty-value'],
  [{ type: 'string' }, '', undefined],
  [{ type: 'string', maxLength: 2 }, 'abc', 'too-long'],
  [{ type: 'string', maxLength: 2 }, 'ab', undefined],
  [{ type: 'string', maxLength: 2, check: 'dns-label' }, 'abc', undefined],
  [{ type: 'string', pattern: '^a$' }, 'b', 'invalid-value'],
  [{ type: 'string', pattern: '^a$' }, 'a', undefined],
  [{ type: 'number' }, 2 ** 60, 'digits-lost'],
  [{ type: 'integer', minimum: 1 }, 0, 'out-of-range'],
  [{ type: 'integer', minimum: 1 }, 1, undefined],
  [{ type: 'integer', maximum: 1 }, 2, 'out-of-range'],
  [{ type: 'integer', maximum: 1 }, 1, undefined],
];

for (const [node, value, code] of values) {
  test(`${JSON.stringify(value)} is ${code ?? 'fine'} for ${JSON.stringify(node)}`, () => {
    assert.equal(found(node, value)?.code, code);
    const hidden = wrongValue(node, value, true);
    assert.equal(hidden?.code, code);
    if (typeof value === 'string' && value.length > 1 && hidden !== undefined)
      assert.ok(!`${hidden.message} ${hidden.hint}`.includes(value));
  });
}

test('the line of a number out of its range is shown, secret or not: it is no secret', () => {
  assert.equal(wrongValue({ type: 'integer', minimum: 1 }, 0, true)?.hidden, false);
  assert.equal(wrongValue({ type: 'integer', maximum: 1 }, 2, true)?.hidden, false);
});
