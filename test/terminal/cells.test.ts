import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeBuffer } from '../../generator/terminal/buffer.ts';
import { clipped, escaped, padded, widthOf, wrappedText } from '../../generator/terminal/cells.ts';
import { keysIn } from '../../generator/terminal/keys.ts';

describe('texts in cells', () => {
  it('write out what a terminal would obey or hide, and keep joined pictures', () => {
    assert.equal(
      escaped('a\u001b]0;b\u0007\n\u202e\ufeff\u009b\ud800'),
      'a\\u001b]0;b\\u0007\\n\\u202e\\ufeff\\u009b\\ud800',
    );
    assert.equal(escaped('👩‍👩‍👧 🧙🏽‍♂️'), '👩‍👩‍👧 🧙🏽‍♂️');
    assert.equal(escaped('a\u200db'), 'a\\u200db');
  });

  it('know how wide they are, and are never wider than they may be', () => {
    const widths = { abc: 3, 日本: 4, 'e\u0301': 1, '🧙🏽‍♂️': 2, 한: 2, '❤️': 2, ﾊ: 1, '': 0 };
    for (const [text, width] of Object.entries(widths)) assert.equal(widthOf(text), width, text);
    for (const text of [
      '日本語の酒場',
      'abcdefghij',
      '👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧',
      'e\u0301e\u0301e\u0301e\u0301e\u0301',
    ])
      for (let width = 0; width < 12; width += 1) {
        assert.ok(widthOf(clipped(text, width)) <= width, `${text} in ${width}`);
        assert.equal(widthOf(padded(text, width)), width);
        assert.ok(wrappedText(text, Math.max(2, width)).every((line) => widthOf(line) <= Math.max(2, width)));
      }
  });
});

describe('keys', () => {
  const names = (sent: string, isLast = true) => keysIn(sent, isLast).keys.map(({ name }) => name);

  it('are known from every terminal, in pieces and in one', () => {
    assert.deepEqual(names('\x1b[A\x1bOB\x1b[5~\x1b[1~\x1b[1;5C\x1b[Z'), [
      'up',
      'down',
      'page-up',
      'home',
      'ctrl-right',
      'shift-tab',
    ]);
    assert.deepEqual(names('j\r\x03\x7f\t\x13ü🧙'), [
      'j',
      'enter',
      'ctrl-c',
      'backspace',
      'tab',
      'ctrl-s',
      'ü',
      '🧙',
    ]);
    assert.deepEqual(names('\x1b'), ['escape']);
    assert.deepEqual(names('\x1b\x1b[B'), ['escape', 'down']);
    assert.deepEqual(keysIn('\x1b[', false), { keys: [], rest: '\x1b[' });
  });

  it('that are unknown are no text', () => {
    assert.deepEqual(names('\x1b[15~\x1b[?1;2c\x1b[<0;1;1M\x1bOPx'), ['x']);
  });

  it('take what is pasted as one text, whatever is in it', () => {
    const sent = '\x1b[200~a: 1\r\n  b: \x1b[A\x03\x1b[201~q';
    const { keys } = keysIn(sent, false);
    assert.deepEqual(
      keys.map(({ text }) => text),
      ['a: 1\n  b: \x1b[A\x03', 'q'],
    );
    assert.deepEqual(keysIn(sent.slice(0, 20), true).keys, []);
  });
});

describe('a text that is typed', () => {
  const typed = (begun: string, ...keys: string[]) => {
    const buffer = makeBuffer(begun);
    for (const key of keys)
      for (const name of key.length > 1 && /^[a-z-]+$/.test(key) ? [key] : [...key])
        buffer.press(name.length === 1 || !/^[a-z-]+$/.test(name) ? { name, text: name } : { name });
    return buffer.text();
  };

  it('keeps the indentation of YAML, and deepens it behind a colon and in items', () => {
    assert.equal(
      typed('', 'a:', 'enter', 'b: 1', 'enter', 'c: |', 'enter', 'x'),
      'a:\n  b: 1\n  c: |\n    x',
    );
    assert.equal(typed('', '- k: 1', 'enter', 'l:', 'enter', '- m'), '- k: 1\n  l:\n    - m');
    assert.equal(typed('', '- one', 'enter', '- two'), '- one\n- two');
    assert.equal(typed('', 'a:', 'enter', 'backspace', 'b:'), 'a:\nb:');
    assert.equal(typed('', 'tab', 'a', 'shift-tab'), 'a');
  });

  it('is taken apart between characters, never in one', () => {
    assert.equal(typed('👩‍👩‍👧b', 'right', 'backspace'), 'b');
    assert.equal(typed('e\u0301b', 'delete'), 'b');
    assert.equal(typed('日本\nab', 'right', 'down', 'x'), '日本\nabx');
  });

  it('takes what is pasted as it stands', () => {
    const buffer = makeBuffer('a:');
    buffer.press({ name: 'end' });
    buffer.press({ name: 'paste', text: '\n  b:\n    c: 1\n' });
    assert.equal(buffer.text(), 'a:\n  b:\n    c: 1\n');
    const line = makeBuffer('', { isLine: true });
    line.press({ name: 'paste', text: 'one\ntwo\n' });
    assert.equal(line.text(), 'one two');
  });
});
