import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editYaml, type YamlEdit } from '../../../generator/editor/yaml/edit.ts';
import type { Json, Path } from '../../../generator/model/json.ts';

const set = (path: Path, value: Json): YamlEdit => ({ path, value });
const unset = (...path: Path): YamlEdit => ({ path, value: undefined });

const cases: [name: string, before: string, edits: YamlEdit[], after: string][] = [
  ['a number', 'a: 1  # one\nb: 2\n', [set(['a'], 3)], 'a: 3  # one\nb: 2\n'],
  ['quotes stay', "a: 'x' # c\n", [set(['a'], "it's")], "a: 'it''s' # c\n"],
  ['a text that looks like a number', 'a: x\n', [set(['a'], '0755')], 'a: "0755"\n'],
  ['where nothing stands', 'a: # c\nb: 1\n', [set(['a'], 'x')], 'a: x # c\nb: 1\n'],
  ['an empty text', 'a: ""\n', [set(['a'], 'x')], 'a: "x"\n'],
  ['a map that is missing', 'a: 1\nb:\n    c: 2\n', [set(['d', 'e'], 3)], 'a: 1\nb:\n    c: 2\nd:\n    e: 3\n'],
  ['a key behind the comments below', 'a:\n  b: 1\n    # deep\n# of c\nc: 1\n', [set(['a', 'd'], 2)], 'a:\n  b: 1\n    # deep\n  d: 2\n# of c\nc: 1\n'],
  ['an item of a flush list', 'a:\n- x\n# tail\nb: 1\n', [set(['a', 1], { k: 1, l: [2] })], 'a:\n- x\n- k: 1\n  l:\n  - 2\n# tail\nb: 1\n'],
  ['no line end', 'a:\n  b: 1', [set(['a', 'c'], 2)], 'a:\n  b: 1\n  c: 2'],
  ['braces', 'a: {b: 1} # c\n', [set(['a', 'c'], ['x, y', 'z'])], 'a: {b: 1, c: ["x, y", z]} # c\n'],
  ['padded braces', 'a: { b: 1 }\n', [set(['a', 'c'], { d: 1 })], 'a: { b: 1, c: { d: 1 } }\n'],
  ['braces over lines', 'a: {\n  b: 1, # one\n}\n', [set(['a', 'c'], 2)], 'a: {\n  b: 1, # one\n  c: 2,\n}\n'],
  ['empty braces', 'a: {} # c\n', [set(['a', 'b'], 1)], 'a: # c\n  b: 1\n'],
  ['JSON', '{"a":{"b":"x"}}', [set(['a', 'c'], 'y')], '{"a":{"b":"x", "c": "y"}}'],
  ['quotes of the siblings', 'a:\n  b: "x"\n  c: "y"\n', [set(['a', 'd'], 'z')], 'a:\n  b: "x"\n  c: "y"\n  d: "z"\n'],
  ['a text of lines', 'a: old # c\nb: 1\n', [set(['a'], 'x\ny\n')], 'a: | # c\n  x\n  y\nb: 1\n'],
  ['a block of lines gives way', 'a: | # c\n  x\n\nb: 1\n', [set(['a'], 'word')], 'a: word # c\n\nb: 1\n'],
  ['a map in the place of a word', 'a: x # c\nb: 1\n', [set(['a'], { c: 1 })], 'a: # c\n  c: 1\nb: 1\n'],
  ['a word in the place of a map', 'a: # c\n  b: 1\nd: 1\n', [set(['a'], 'x')], 'a: x # c\nd: 1\n'],
  ['a removed key takes its comments', 'a: 1\n\n# of b\nb: 2 # too\n  # deeper\n# of c\nc: 3\n', [unset('b')], 'a: 1\n\n# of c\nc: 3\n'],
  ['the header stays', '# about the file\na: 1\nb: 2\n', [unset('a')], '# about the file\nb: 2\n'],
  ['the first of an item', '- a: 1\n  b: 2\n', [unset(0, 'a')], '- b: 2\n'],
  ['the only key', 'a:\n  b: 1 # gone\nc: 1\n', [unset('a', 'b')], 'a: {}\nc: 1\n'],
  ['the only item', 'a:\n- b: 1\nc: 1\n', [unset('a', 0)], 'a: []\nc: 1\n'],
  ['in braces', 'a: {b: 1, c: 2, d: 3}\n', [unset('a', 'c'), unset('a', 'd')], 'a: {b: 1}\n'],
  ['of lists no more than what differs', 'a:\n  - 1 # one\n  - 2 # two\n  - 3 # three\n', [set(['a'], [1, 4, 5, 3])], 'a:\n  - 1 # one\n  - 4 # two\n  - 5\n  - 3 # three\n'],
  ['anchors elsewhere', 'x: &x {a: 1}\ny: *x\nz: 1\n', [set(['z'], 2)], 'x: &x {a: 1}\ny: *x\nz: 2\n'],
  ['a file without a value', '# nothing yet\n', [set(['a', 'b'], 1)], '# nothing yet\na:\n  b: 1\n'],
  ['nothing to take out of null', 'a: null\nb:\n  - null\n', [unset('a', 'c'), unset('b', 0, 'c'), unset('a', 2)], 'a: null\nb:\n  - null\n'],
  ['nothing to do', 'a:   1\n', [set(['a'], 1), unset('b', 'c')], 'a:   1\n'],
  ['a key of JavaScript', 'a: 1\n', [set(['__proto__', 'b'], 1)], 'a: 1\n"__proto__":\n  b: 1\n'],
]; // biome-ignore format: a row for each case

for (const [name, before, edits, after] of cases) {
  test(`edit: ${name}`, () => {
    assert.deepEqual(editYaml(before, edits, { file: 'f.yaml' }), { text: after });
  });
}

test('a new key stands where the order has it', () => {
  const order = () => ['a', 'b', 'c'];
  const put = (text: string, key: string) => editYaml(text, [set([key], 1)], { file: 'f.yaml', order });
  assert.deepEqual(put('# file\na: 1\nz: 1\n# of c\nc: 1\n', 'b'), {
    text: '# file\na: 1\nb: 1\nz: 1\n# of c\nc: 1\n',
  });
  assert.deepEqual(put('# file\n\nb: 1\nc: 1\n', 'a'), { text: '# file\n\na: 1\nb: 1\nc: 1\n' });
  assert.deepEqual(put('b: 1\na: 1\n', 'c'), { text: 'b: 1\na: 1\nc: 1\n' });
});

const refused: [name: string, text: string, edits: YamlEdit[], code: string][] = [
  ['carriage returns', 'a: 1\r\nb: 2\r\n', [set(['a'], 2)], 'carriage-return'],
  ['a byte order mark', '\uFEFFa: 1\n', [set(['a'], 2)], 'byte-order-mark'],
  ['bad syntax', 'a: [\n', [set(['a'], 2)], 'syntax'],
  ['two documents', 'a: 1\n---\nb: 1\n', [set(['a'], 2)], 'several-documents'],
  ['a key twice', 'a: 1\na: 2\n', [set(['a'], 3)], 'duplicate-key'],
  ['through an alias', 'a: &a {b: 1}\nc: *a\n', [set(['c', 'b'], 2)], 'not-editable'],
  ['what an alias repeats', 'a: &a {b: 1}\nc: *a\n', [set(['a', 'b'], 2)], 'not-editable'],
  ['a removed anchor', 'a: &a {b: 1}\nc: *a\n', [unset('a')], 'not-editable'],
  ['parts of a word', 'a: x\n', [set(['a', 'b'], 2)], 'no-place'],
  ['an item beyond the end', 'a: [1]\n', [set(['a', 2], 2)], 'no-place'],
];

for (const [name, text, edits, code] of refused) {
  test(`${name}: a finding instead of a text`, () => {
    const result = editYaml(text, edits, { file: 'f.yaml' });
    assert.deepEqual('findings' in result && result.findings.map((finding) => finding.code), [code]);
  });
}
