import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fingerprint } from '../../generator/model/fingerprint.ts';

describe('fingerprint', () => {
  // as another implementation of MurmurHash3 x86 128 gives them
  for (const [text, expected] of [
    ['', '00000000000000000000000000000000'],
    ['a', 'a794933c5556b01b5556b01b5556b01b'],
    ['hello', '2b2444a0db91def79adb31b69adb31b6'],
    ['The quick brown fox jumps over the lazy dog', '2f1583c3ecee2c675d7bf66ce5e91d2c'],
    ['ä'.repeat(33), '2944dbdbcdb8b3c3e533738dcec5b2b9'],
  ] as const) {
    it(`of ${JSON.stringify(text.slice(0, 20))} is that of MurmurHash3`, () =>
      assert.equal(fingerprint(text), expected));
  }

  it('changes with every character', () => {
    const text = 'apiVersion: batch/v1\nkind: Job\n'.repeat(20);
    const all = Array.from(text, (_, index) =>
      fingerprint(`${text.slice(0, index)}~${text.slice(index + 1)}`),
    );
    assert.equal(new Set(all).size, text.length);
  });
});
