/** How YAML is laid out when it is written, and how deep it may go when it is read. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import type { Json } from '../../generator/model/json.ts';
import { conflictIn, parseYaml, readYaml, type WriteOptions, writeYaml } from '../../generator/model/yaml.ts';
import { tooDeep } from '../../generator/model/yaml-depth.ts';

const layouts: { [name: string]: [value: Json, text: string, options?: WriteOptions] } = {
  'a scalar': ['a', 'a\n'],
  'a text of several lines': ['a\n\nb\n', '|\n  a\n\n  b\n'],
  'empty lists and maps on one line': [{ a: [], b: {}, c: [[], {}] }, 'a: []\nb: {}\nc:\n  - []\n  - {}\n'],
  'lists in lists and maps': [
    { a: [{ b: 1, c: [2, [3]] }, 'x'] },
    'a:\n  - b: 1\n    c:\n      - 2\n      - - 3\n  - x\n',
  ],
  'lists below their keys': [
    { a: [{ b: [1] }, [2]], c: { d: ['x'] } },
    'a:\n- b:\n  - 1\n- - 2\nc:\n  d:\n  - x\n',
    { flushLists: true },
  ],
  'literal texts with and without a last line end': [
    { a: 'x\ny\n', b: ['x\ny'] },
    'a: |\n  x\n  y\nb:\n  - |-\n    x\n    y\n',
  ],
  'texts that a literal would change in quotes': [
    { a: ' x\ny', b: 'x \ny', c: 'x\n\n', d: '\nx', e: 'x\ny ' },
    'a: " x\\ny"\nb: "x \\ny"\nc: "x\\n\\n"\nd: "\\nx"\ne: "x\\ny "\n',
  ],
  'keys of several lines in quotes': [{ 'a\nb': 1 }, '"a\\nb": 1\n'],
  'numbers that every reader takes for numbers': [
    [1e21, -1e-7, 1.5e300, 0.1, -0],
    '- 1.0e+21\n- -1.0e-7\n- 1.5e+300\n- 0.1\n- 0\n',
  ],
  'keys in the order that is wanted, and the rest by code units': [
    { b: 1, a: 2, Z: 3, kind: { name: 1, b: 1, kind: 2 }, z: 4 },
    'kind:\n  kind: 2\n  name: 1\n  b: 1\nz: 4\nZ: 3\na: 2\nb: 1\n',
    { keyOrder: ['kind', 'name', 'none', 'z'] },
  ],
  'the one text in single quotes': [
    { a: "it's", b: "it's all", c: 'x' },
    "a: 'it''s'\nb: \"it\\u0027s all\"\nc: x\n",
    { singleQuoted: "it's" },
  ],
};

for (const [name, [value, text, options]] of Object.entries(layouts)) {
  test(`writeYaml writes ${name}`, () => assert.equal(writeYaml(value, options), text));
}

test('keys that come first do so in every order of the rest', () => {
  const names = ['apiVersion', 'kind', 'metadata', 'name', 'spec', 'a', 'B', 'zz'];
  fc.assert(
    fc.property(fc.shuffledSubarray(names), fc.shuffledSubarray(names), (keys, keyOrder) => {
      const text = writeYaml(Object.fromEntries(keys.map((key) => [key, 1])), { keyOrder });
      const first = keyOrder.filter((key) => keys.includes(key));
      const rest = keys.filter((key) => !first.includes(key)).sort();
      const written = text === '{}\n' ? [] : text.trimEnd().split('\n');
      assert.deepEqual(
        written,
        [...first, ...rest].map((key) => `${key}: 1`),
      );
    }),
  );
});

describe('depth', () => {
  /** Texts that go `depth` levels deep, and where the last level begins. */
  const nested: { [name: string]: (depth: number) => [text: string, last: string] } = {
    'flow lists': (depth) => [`${'['.repeat(depth)}${']'.repeat(depth)}`, ']'],
    'flow maps': (depth) => [`${'{a: '.repeat(depth)}1${'}'.repeat(depth)}`, '1'],
    'block lists': (depth) => [`${'- '.repeat(depth)}a`, 'a'],
    'block maps': (depth) => [
      `${Array.from({ length: depth }, (_, i) => `${' '.repeat(i)}k:`).join('\n')} v`,
      'v',
    ],
    'flow lists in block maps': (depth) => [
      `${Array.from({ length: depth - 1 }, (_, i) => `${' '.repeat(i)}k:`).join('\n')} [v]`,
      'v',
    ],
  };
  for (const [name, make] of Object.entries(nested)) {
    test(`is counted in ${name}`, () => {
      for (const limit of [64, 80]) {
        assert.equal(tooDeep(make(limit)[0], limit), undefined, `${limit}`);
        const [text, last] = make(limit + 2);
        const at = tooDeep(text, limit);
        assert.ok(at !== undefined && at < text.lastIndexOf(last), `${at}`);
      }
    });
  }

  test('ends where a collection ends', () => {
    const limit = 64;
    const item = `- ${'['.repeat(limit - 1)}${']'.repeat(limit - 1)}\n`;
    const block = `${Array.from({ length: limit }, (_, i) => `${' '.repeat(i)}k:`).join('\n')} v\n`;
    for (const text of [
      item.repeat(3),
      block + block.replaceAll('k:', 'l:'),
      `${'# ['.repeat(100)}\na: 1\n`,
      `a: "${'['.repeat(100)}"\nb: '${'{'.repeat(100)}'\n`,
      `a: |\n${' '.repeat(70)}text\n`,
      `${Array.from({ length: 99 }, (_, i) => `k${i}:\n  - [x]\n`).join('')}`,
    ]) {
      assert.equal(tooDeep(text, limit), undefined, text.slice(0, 40));
    }
  });

  test('of what programs write may be 256', () => {
    const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    assert.doesNotThrow(() => parseYaml(deep(256)));
    assert.throws(() => parseYaml(deep(257)), /256/);
    assert.deepEqual(readYaml(deep(64), 'f').findings, []);
    assert.deepEqual(
      readYaml(deep(65), 'f').findings.map(({ code }) => code),
      ['too-deep'],
    );
  });
});

test('a conflict of a merge is one from its beginning to its end', () => {
  assert.equal(conflictIn('a: 1\n<<<<<<< ours\nb: 1\n=======\nb: 2\n>>>>>>> theirs\n'), 5);
  for (const text of [
    '<<<<<<< ours\n',
    '>>>>>>> b\n<<<<<<< a\n',
    'a <<<<<<< b\n>>>>>>> c\n',
    '<<<<<<<< a\n>>>>>>> b\n',
  ])
    assert.equal(conflictIn(text), undefined, text);
  assert.equal(conflictIn('<<<<<<< a\n>>>>>>> b\n'), 0);
});

test('each kind of wrong text has its code', () => {
  const codes = (text: string) => [...new Set(readYaml(text, 'f').findings.map(({ code }) => code))];
  const cases: [text: string, ...codes: string[]][] = [
    ['a:\n\tb: 1\n', 'syntax'],
    ['a: "b\n', 'syntax'],
    ['? [a]\n: b\n', 'syntax'],
    ['a: "\\x"\n', 'syntax'],
    ['a: b\n  c: d\n', 'syntax'],
    ['a: *b\n', 'anchor'],
    ['a: !!foo b\n', 'tag'],
    ['<<<<<<< a\nb: 1\n>>>>>>> b\n', 'merge-conflict'],
    ['\ufeff%YAML 1.1\n---\na: 1\n', 'byte-order-mark', 'directive'],
  ];
  for (const [text, ...expected] of cases) assert.deepEqual(codes(text), expected, JSON.stringify(text));
  const many = readYaml(`${'a: "\\q"\n'.repeat(150)}`, 'f').findings;
  assert.equal(many.length, 100);
});

test('the line of a finding may be shown where it is known what stands there', () => {
  const shown = (text: string) => readYaml(text, 'f').findings.map(({ showSource }) => showSource);
  assert.deepEqual(shown('a: yes\nb: {c: no}\n'), [true, true]);
  assert.deepEqual(shown('a: "b\n'), [false]);
  assert.deepEqual(shown('a: 1\n--- \nb: 2\n'), [false]);
});

test('what is not there is nothing, and stands at the beginning', () => {
  assert.deepEqual(readYaml('? a\n? b\n', 'f').value, { a: null, b: null });
  for (const text of ['', '# c\n']) {
    assert.deepEqual(readYaml(text, 'f').locate(['a', 0]), { file: 'f', line: 1, col: 1 });
  }
});

test('what a program wrote plain is a text, unless it is a number with an exponent', () => {
  const read = (plainAsText: boolean) => readYaml('a: 0755\nb: 1e3\nc: yes\nd: 5\n', 'f', plainAsText);
  assert.deepEqual(read(true).value, { a: '0755', b: 1000, c: 'yes', d: 5 });
  assert.deepEqual(read(true).findings, []);
  assert.equal(read(false).findings.length, 3);
});
