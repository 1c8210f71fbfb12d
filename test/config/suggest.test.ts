import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fold, suggest } from '../../generator/config/suggest.ts';

const cases: [word: string, known: string[], found: string | undefined][] = [
  ['Replica-Count', ['replicaCount'], 'replicaCount'],
  ['replica_count', ['replicaCounts', 'replicaCount'], 'replicaCount'],
  // one edit of a short word, two of a longer one, three of a long one
  ['dnn', ['dsn'], 'dsn'],
  ['dxy', ['dsn'], undefined],
  ['gtaway', ['gateway'], 'gateway'],
  ['gatxxay', ['gateway'], 'gateway'],
  ['gaxxxay', ['gateway'], undefined],
  ['autoscaxxxg', ['autoscaling'], 'autoscaling'],
  ['autoscxxxxg', ['autoscaling'], undefined],
  ['dn', ['dsn'], 'dsn'],
  ['abc', ['ab'], 'ab'],
  // neighbours that are swapped are one edit
  ['nda', ['dna'], 'dna'],
  ['adn', ['dna'], undefined],
  ['abcd', ['badc'], 'badc'],
  ['gxtewya', ['gateway'], 'gateway'],
  ['gxxewya', ['gateway'], undefined],
  // the nearest of several, the first of equals
  ['porrts', ['port', 'ports'], 'ports'],
  ['pxrt', ['part', 'port'], 'part'],
  // no word is all edits
  ['a', ['b'], undefined],
  ['ab', ['b'], undefined],
  ['x'.repeat(64), [`${'x'.repeat(63)}y`], `${'x'.repeat(63)}y`],
  ['x'.repeat(65), [`${'x'.repeat(64)}y`], undefined],
  ['X'.repeat(65), ['x'.repeat(65)], 'x'.repeat(65)],
  ['', ['port'], undefined],
  ['port', [], undefined],
];
for (const [word, known, found] of cases) {
  test(`${JSON.stringify(word.slice(0, 20))} is ${found === undefined ? 'none' : 'one'} of ${known.join().slice(0, 20)}`, () => {
    assert.equal(suggest(word, known), found);
  });
}

test('case and separators do not count', () => assert.equal(fold('A-b_c D'), 'abcd'));
