import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { sourceLine } from '../../generator/cli/print/source-line.ts';
import {
  equal,
  isObject,
  type Json,
  type JsonObject,
  type Path,
  setKey,
} from '../../generator/model/json.ts';
import { parseYaml, readYaml, writeYaml, writeYamlStream } from '../../generator/model/yaml.ts';
import { awkwardTexts } from '../support/gene-choices.ts';

/** What is found, as `LINE:COL CODE`. */
const found = (text: string): string[] =>
  readYaml(text, 'f.yaml').findings.map(({ position, code }) => `${position?.line}:${position?.col} ${code}`);

/** Texts that are refused, and where. */
const refused: { [name: string]: [text: string, ...expected: string[]] } = {
  'an empty file': ['', '1:1 empty-document'],
  'a file of comments': ['# a\n# b\n', '1:1 empty-document'],
  'a NUL byte': ['a: b\nc: d\u0000e\n', '2:5 control-character'],
  'a control character in a comment': ['a: b # \u0007\n', '1:8 control-character'],
  'a delete character': ['a: "\u007f"\n', '1:5 control-character'],
  'a next-line character': ['a: b\u0085c\n', '1:5 control-character'],
  'a line separator': ['a: "b\u2028"\n', '1:6 control-character'],
  'half of a surrogate pair': ['a: "\ud800"\n', '1:5 control-character'],
  'a byte order mark': ['\ufeffa: b\n', '1:1 byte-order-mark'],
  'CRLF line ends': ['a: b\r\nc: d\r\n', '1:5 carriage-return'],
  'CR line ends': ['a: b\rc: d\r', '1:5 carriage-return'],
  'a tab as indentation': ['a:\n\tb: c\n', '2:1 syntax'],
  'a second document': ['a: b\n---\nc: d\n', '2:1 several-documents'],
  'an empty second document': ['a: b\n---\n', '2:1 several-documents'],
  'a directive': ['# x\n%YAML 1.1\n---\na: b\n', '2:1 directive'],
  'an anchor': ['a: &x b\n', '1:7 anchor'],
  'an anchor on a map': ['a: &x\n  b: c\n', '2:3 anchor'],
  'an anchor on a key': ['&x a: b\n', '1:4 anchor'],
  'an alias': ['a: &x b\nc: *x\n', '1:7 anchor', '2:4 anchor'],
  'an alias of nothing': ['a: *x\n', '1:4 anchor'],
  'a merge key': ['a:\n  <<: {b: c}\n', '2:3 anchor'],
  'a cyclic document': ['a: &x\n  b: *x\n', '2:3 anchor', '2:6 anchor'],
  'a bomb of aliases': [
    `a: &a [x]\nb: &b [${'*a,'.repeat(9)}]\nc: [${'*b,'.repeat(9)}]\n`,
    ...['1:7', '2:7', ...Array.from({ length: 9 }, (_, i) => `2:${8 + 3 * i}`)].map((at) => `${at} anchor`),
    ...Array.from({ length: 9 }, (_, i) => `3:${5 + 3 * i} anchor`),
  ],
  'a tag of its own': ['a: !x b\n', '1:7 tag'],
  'a tag for binary data': ['a: !!binary aGk=\n', '1:13 tag'],
  'a duplicate key': ['a: 1\nb: 2\na: 3\n', '3:1 duplicate-key'],
  'a duplicate key in a flow map': ['x: [{}, {a: 1, "a": 2}]\n', '1:16 duplicate-key'],
  'a duplicate __proto__': ['__proto__: 1\n__proto__: 2\n', '2:1 duplicate-key'],
  'a map as a key': ['{a: b}: c\n', '1:1 syntax'],
  'a bracket that stays open': ['a: [1, 2\nb: 3\n', '2:1 syntax'],
  'a quote that stays open': ['a: "b\n', '2:1 syntax'],
  'a map on the line of a key': ['a: b: c\n', '1:4 syntax'],
  'indentation that fits nothing': ['a:\n    b: 1\n  c: 2\n', '3:1 syntax'],
  'an unknown escape': ['a: "\\q"\n', '1:5 syntax'],
  'flow lists too deep': [`a: ${'['.repeat(100)}`, '1:67 too-deep'],
  'flow lists too deep by far': ['['.repeat(200_000), '1:65 too-deep'],
  'flow maps too deep by far': ['{'.repeat(200_000), '1:65 too-deep'],
  'flow lists too deep, with closing brackets in strings': ['["]",'.repeat(100_000), '1:321 too-deep'],
  'a map that the tag calls ordered': ['a: !!omap [b: 1]\n', '1:11 tag'],
  'flow maps too deep': ['{a: '.repeat(100), '1:257 too-deep'],
  'block lists too deep': [`${'- '.repeat(100)}a\n`, '1:129 too-deep'],
  'block maps too deep': [
    Array.from({ length: 80 }, (_, i) => `${' '.repeat(i)}a:\n`).join(''),
    '65:65 too-deep',
  ],
  'a file of more than a mebibyte': [`a: ${'x'.repeat(1024 * 1024)}\n`, '1:1 too-large'],
  ...Object.fromEntries(
    [
      'yes',
      'No',
      'on',
      'OFF',
      'y',
      'N',
      '0755',
      '0o17',
      '0b1',
      '0x1F',
      '1_000',
      '12:30',
      '1:2:3.5',
      '2024-01-01',
      '1e3',
      '1.5E3',
      '.5e-3',
      '.inf',
      '-.INF',
      '.nan',
      '=',
    ].map((text) => [`the plain scalar ${text}`, [`a:\n  - {b: ${text}}\n`, '2:9 ambiguous-scalar']]),
  ),
};

describe('readYaml refuses', () => {
  for (const [name, [text, ...expected]] of Object.entries(refused)) {
    test(name, () => {
      const start = process.cpuUsage();
      assert.deepEqual(found(text), expected);
      const { user, system } = process.cpuUsage(start);
      assert.ok(user + system < 5_000_000, 'it took too long');
    });
  }
});

test('readYaml takes what is the same to every reader', () => {
  const texts = [
    '---\na: b\n',
    'a: b\n...\n',
    'a: b',
    '{"a": "b"}\n',
    "a: 'b'\n",
    'a: !!str b\n',
    'a: b # c\n',
    'a:   b\n',
    '# c\n\na: b\n',
  ];
  for (const text of texts) {
    const { value, findings } = readYaml(text, 'f.yaml');
    assert.deepEqual(findings, [], text);
    assert.deepEqual(value, { a: 'b' }, text);
  }
  const numbers = readYaml(
    '[0, -1, 1.5, 10, 1.10, "yes", true, null, ~, "0755", a:b, 1.2.3, 1.5e-3]',
    'f.yaml',
  );
  assert.deepEqual(numbers.value, [
    0,
    -1,
    1.5,
    10,
    1.1,
    'yes',
    true,
    null,
    null,
    '0755',
    'a:b',
    '1.2.3',
    0.0015,
  ]);
});

test('readYaml holds nothing for deep that is only long', () => {
  for (const line of ['- [a]\n', '- {a: b}\n', '- a:\n    b: {}\n']) {
    // the last is what makes the depth be looked at in all of them
    const text = `${line.repeat(200)}- ${'['.repeat(40)}${']'.repeat(40)}\n`;
    assert.deepEqual(readYaml(text, 'f.yaml').findings, [], line);
  }
});

test('readYaml shows no text of the file but words that are no secrets', () => {
  for (const text of [
    'a: 0127001\n',
    'a: 12_34\n',
    'a: "canary\n',
    'a: [canary\n',
    'a: *canary\n',
    'a: !canary b\n',
    'canary: 1\ncanary: 2\n',
  ]) {
    for (const finding of readYaml(text, 'f.yaml').findings) {
      assert.doesNotMatch(`${finding.message} ${finding.hint}`, /canary|0127001|12_34|83|1234/);
      assert.doesNotMatch(sourceLine(finding, text)?.text ?? '', /0127001|12_34|: .*canary/);
    }
  }
});

test('keys of Object.prototype are keys like any other', () => {
  const { value, findings, locate } = readYaml('a:\n  __proto__: {b: c}\n  constructor: 1\n', 'f.yaml');
  assert.deepEqual(findings, []);
  assert.ok(isObject(value) && isObject(value.a));
  assert.deepEqual(Object.keys(value.a), ['__proto__', 'constructor']);
  assert.equal(Object.getPrototypeOf(value.a), Object.prototype);
  assert.deepEqual(locate(['a', '__proto__', 'b']), { file: 'f.yaml', line: 2, col: 18 });
});

describe('locate', () => {
  const text = 'a:\n  b: [1, {c: 2}]\n"d e": |\n  text\nf:\n🎲: {🎲: 1, g: 2}\n';
  const cases: [path: Path, value: string, key: string][] = [
    [[], '1:1', '1:1'],
    [['a'], '2:3', '1:1'],
    [['a', 'b'], '2:6', '2:3'],
    [['a', 'b', 0], '2:7', '2:7'],
    [['a', 'b', 1, 'c'], '2:14', '2:11'],
    [['d e'], '3:8', '3:1'],
    [['f'], '5:3', '5:1'],
    [['🎲', 'g'], '6:16', '6:13'],
    // what is not there stands where its nearest parent does
    [['a', 'x'], '1:1', '1:1'],
    [['a', 'b', 5], '2:3', '2:3'],
    [['a', 'b', 1, 'x', 'y'], '2:10', '2:10'],
    [['x', 'y'], '1:1', '1:1'],
  ];
  for (const [path, value, key] of cases) {
    test(JSON.stringify(path), () => {
      const source = readYaml(text, 'f.yaml');
      const show = ({ line, col }: { line: number; col: number }) => `${line}:${col}`;
      assert.deepEqual([show(source.locate(path)), show(source.locate(path, 'key'))], [value, key]);
    });
  }

  test('finds every value and key of a random document', () => {
    let count = 0;
    const leaf = fc.constant(null).map((): Json => `v${count++}x`);
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('tree'), { minLength: 1, maxLength: 4 }) as fc.Arbitrary<Json>,
        fc
          .array(tie('tree'), { minLength: 1, maxLength: 4 })
          .map((items): Json => Object.fromEntries(items.map((item, i) => [`k${i} ${count++}x`, item]))),
      ),
    }));
    fc.assert(
      fc.property(tree, fc.boolean(), (value, flow) => {
        const text = flow ? `# c\n${JSON.stringify(value)}\n` : `# c\n\n${writeYaml(value)}`;
        const source = readYaml(text, 'f.yaml');
        assert.deepEqual(source.findings, []);
        const lines = text.split('\n');
        const check = (part: Json, path: Path): void => {
          const at = (what: 'key' | 'value') => {
            const { line, col } = source.locate(path, what);
            return lines[line - 1]?.slice(col - 1).replace(/^"/, '') ?? '';
          };
          const key = path.at(-1);
          if (typeof key === 'string') assert.ok(at('key').startsWith(key));
          if (typeof part === 'string') {
            assert.ok(at('value').startsWith(part));
            assert.equal(source.written(path), part);
          } else
            for (const [name, item] of Object.entries(part as object)) {
              check(item, [...path, Array.isArray(part) ? Number(name) : name]);
            }
        };
        check(value, []);
      }),
      { numRuns: 200 },
    );
  });
});

/** Characters that some tool changes or refuses, and white space before a line's end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const unkept = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]|[ \t]$/m;

/** What an image reference has none of. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const noImage = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff']|^\s|\s$/;

/** Strings that YAML may take for something else, or that it cannot hold as they are. */
const hostileText = fc.oneof(
  fc.constantFrom(
    ...awkwardTexts,
    '',
    ' ',
    '\n',
    '\n\n',
    '\u0000',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\u007f',
    'a\u00a0',
    '__proto__',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...' \n\t\'":#-?,[]{}&*!|>%@`~=<0179aenoyxTfE._+\\\r'), maxLength: 14 }),
  fc.array(fc.constantFrom(...awkwardTexts), { maxLength: 3 }).map((parts) => parts.join('\n')),
);

const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    hostileText,
    fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom<Json>(1e21, 1e-7, -5e-324, 0.1, 2 ** 53),
    ),
    fc.constantFrom<Json>(null, true, false, [], {}),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.array(fc.tuple(hostileText, tie('json')), { maxLength: 4 }).map((entries): Json => {
      const object: JsonObject = {};
      for (const [key, value] of entries) setKey(object, key, value);
      return object;
    }),
  ),
}));

describe('writeYaml', () => {
  test('is read back as the same value, in YAML 1.1 and 1.2', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = writeYaml(value);
        for (const version of ['1.1', '1.2'] as const) {
          const back = parse(text, { version, prettyErrors: false, logLevel: 'silent' }) as Json;
          assert.ok(equal(value, back), `${version}: ${JSON.stringify(text)}`);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('writes nothing that readYaml refuses, where the strings are fit for a resource', () => {
    fc.assert(
      fc.property(json, (value) => {
        const { findings, value: back } = readYaml(writeYaml(value), 'f.yaml');
        const codes = findings.map(({ code }) => code).filter((code) => code !== 'empty-document');
        assert.deepEqual(codes, []);
        assert.ok(equal(value, back ?? null));
      }),
      { numRuns: 1000 },
    );
  });

  test('writes only lines that no tool folds or strips', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = writeYaml(value);
        assert.ok(text.endsWith('\n'));
        assert.doesNotMatch(text, unkept);
      }),
      { numRuns: 1000 },
    );
  });

  test('writes the one text in single quotes wherever it stands, and no other apostrophe', () => {
    fc.assert(
      fc.property(json, hostileText, hostileText, json, (before, key, image, after) => {
        fc.pre(!noImage.test(image));
        const value: JsonObject = {
          "it's": before,
          list: [{ a: before }, { b: 1, image, c: after }],
          key: after,
        };
        setKey(value, `${key}'`, "'");
        const text = writeYaml(value, { singleQuoted: image, header: 'a header' });
        const parts = text.split("'");
        assert.ok(parts.length >= 3 && parts.length % 2 === 1, text);
        for (let index = 1; index < parts.length; index += 2) assert.equal(parts[index], image);
        assert.ok(equal(value, parse(text, { version: '1.1' }) as Json));
        assert.ok(equal(value, parse(text, { version: '1.2' }) as Json));
      }),
      { numRuns: 1000 },
    );
  });

  test('puts a header before the value, as comments', () => {
    assert.equal(writeYaml({ a: 1 }, { header: 'one\n\ntwo' }), '# one\n#\n# two\na: 1\n');
  });

  test('writes several values as one stream', () => {
    const values: Json[] = [{ a: '---' }, { b: '---\n...\n' }, ['x']];
    assert.deepEqual(parseYaml(writeYamlStream(values)), values);
  });
});

test('parseYaml says where a text is wrong without showing it', () => {
  assert.throws(
    () => parseYaml('a: "canary\n'),
    (error: Error) => !error.message.includes('canary'),
  );
});
