import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SealingTarget } from '../../generator/secrets/seal.ts';
import {
  holds,
  holdsAnother,
  otherTarget,
  readRecord,
  remember,
  writeRecord,
} from '../../generator/secrets/sealed-record.ts';

const target: SealingTarget = { scope: 'strict', namespace: 'voices', name: 'secrets' };
const sealed = remember('value', 'ciphertext', target);
const record = new Map([['key', sealed]]);

test('what was sealed is known by its value, its ciphertext and what it is bound to', () => {
  assert.ok(holds(record, 'key', 'value', 'ciphertext', target));
  assert.ok(!holds(record, 'other', 'value', 'ciphertext', target));
  assert.ok(!holds(record, 'key', 'values', 'ciphertext', target));
  assert.ok(!holds(record, 'key', 'value', 'another', target));
  for (const other of others) assert.ok(!holds(record, 'key', 'value', 'ciphertext', other));
});

/** Each differs from the target in one thing. */
const others: SealingTarget[] = [
  { ...target, namespace: 'games' },
  { ...target, name: 'other' },
  { ...target, scope: 'namespace-wide' },
  { ...target, scope: 'cluster-wide' },
];

test('another value is told only of a ciphertext that was sealed here, for this target', () => {
  const another = (key: string, value: string, ciphertext: string, bound = target) =>
    holdsAnother(record, key, value, { ciphertext, target: bound });
  assert.equal(another('key', 'new', 'ciphertext'), true);
  assert.equal(another('key', 'value', 'ciphertext'), false);
  assert.equal(another('key', 'new', 'another'), false);
  assert.equal(another('other', 'new', 'ciphertext'), false);
  for (const other of others) assert.equal(another('key', 'new', 'ciphertext', other), false);
});

test('the target that a ciphertext was sealed for is told where it is another', () => {
  assert.equal(otherTarget(record, 'key', 'ciphertext', target), undefined);
  assert.equal(otherTarget(record, 'other', 'ciphertext', others[0] as SealingTarget), undefined);
  assert.equal(otherTarget(record, 'key', 'another', others[0] as SealingTarget), undefined);
  for (const other of others) assert.equal(otherTarget(record, 'key', 'ciphertext', other), 'voices/secrets');
  const wide = new Map([['key', remember('value', 'ciphertext', { ...target, scope: 'cluster-wide' })]]);
  assert.notEqual(otherTarget(wide, 'key', 'ciphertext', target), '');
});

test('a record comes back as it was, sorted by key, and what is no record is nothing remembered', () => {
  const both = new Map([
    ['b', sealed],
    ['a', sealed],
  ]);
  const text = writeRecord(both);
  assert.deepEqual(
    [...readRecord(text)].map(([key]) => key),
    ['a', 'b'],
  );
  assert.deepEqual(readRecord(text), new Map([...both].reverse()));
  for (const broken of [undefined, '', '[]', 'null', '{"a"', '{"a": 1}', '{"a": {}}'])
    assert.equal(readRecord(broken).size, 0, broken);
  for (const field of Object.keys(sealed)) {
    const lacking = JSON.stringify({ a: { ...sealed, [field]: 1 }, b: sealed });
    assert.deepEqual([...readRecord(lacking).keys()], ['b'], field);
  }
});
