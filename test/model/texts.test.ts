/** How names, values and what others say stand in messages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { printable, unkeptCharacter } from '../../generator/model/characters.ts';
import { nameSome } from '../../generator/model/names.ts';
import { oneLine, said } from '../../generator/model/one-line.ts';
import { quote } from '../../generator/model/quote.ts';
import { listen, trace } from '../../generator/model/trace.ts';

test('the first names are told, and how many more there are', () => {
  assert.equal(nameSome([]), '');
  assert.equal(nameSome(['a', 'b', 'c']), 'a, b, c');
  assert.equal(nameSome(['a', 'b', 'c', 'd', 'e']), 'a, b, c and 2 more');
  assert.equal(nameSome(['a', 'b'], 1), 'a and 1 more');
});

test('a value is quoted, and cut where it is long', () => {
  assert.equal(quote('a"b'), '"a\\"b"');
  assert.equal(quote(1.5), '1.5');
  assert.equal(quote('x'.repeat(78)), `"${'x'.repeat(78)}"`);
  assert.equal(quote('x'.repeat(79)), `"${'x'.repeat(75)}…"`);
});

test('what others say is one line of 500 characters at most', () => {
  assert.equal(oneLine(' a\n\t b \r\n'), 'a b');
  assert.equal(oneLine('x'.repeat(500)), 'x'.repeat(500));
  assert.equal(oneLine('x'.repeat(501)), `${'x'.repeat(499)}…`);
  assert.deepEqual([said(undefined), said(' \n'), said('a')], ['', '', ': a']);
});

test('a character that YAML tools do not keep is named where it first stands', () => {
  assert.equal(unkeptCharacter('a\tb\nc\rd ü🎲'), undefined);
  const cases: [text: string, name: string, index: number][] = [
    ['a\u0000\u0001', 'U+0000', 1],
    ['\u0008', 'U+0008', 0],
    ['\u000b', 'U+000B', 0],
    ['ab\u001f', 'U+001F', 2],
    ['\u007f', 'U+007F', 0],
    ['\u009f', 'U+009F', 0],
    ['\u2028', 'U+2028', 0],
    ['\uffff', 'U+FFFF', 0],
  ];
  for (const [text, name, index] of cases) assert.deepEqual(unkeptCharacter(text), { name, index });
});

test('nothing that is printed moves the cursor or hides what follows', () => {
  assert.equal(printable('a\tb\u001b[1m ü🎲\n'), 'a b\ufffd[1m ü🎲\ufffd');
  assert.equal(printable('\u202e\u200b\ufeff\ud83d \udfb2'), '\ufffd\ufffd\ufffd\ufffd \ufffd');
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
      const shown = printable(text);
      assert.equal(shown.length, text.length);
      assert.doesNotMatch(shown, /\p{Cc}|\p{Cs}|\p{Bidi_Control}/u);
    }),
  );
});

test('steps are told to who listens, and put together for nobody else', () => {
  const heard: string[] = [];
  let made = 0;
  const tell = (words: string) =>
    trace(() => {
      made += 1;
      return words;
    });
  tell('before');
  const stop = listen((words) => heard.push(words));
  tell('a step');
  stop();
  tell('after');
  assert.deepEqual([heard, made], [['a step'], 1]);
});
