import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { equal, type Json } from '../../generator/model/json.ts';
import { readSimple } from '../../generator/model/yaml-simple.ts';

/** What the library makes of a text by both versions of YAML; undefined where they differ, or something is wrong. */
function read(text: string): Json | undefined {
  const [first, second] = (['1.1', '1.2'] as const).map((version): Json | undefined => {
    const documents = parseAllDocuments(text, {
      version,
      prettyErrors: false,
      logLevel: 'silent',
      stringKeys: true,
    });
    if (!Array.isArray(documents) || documents.length !== 1) return undefined;
    const [document] = documents;
    if (document === undefined || document.errors.length > 0) return undefined;
    try {
      return document.toJS() as Json;
    } catch {
      return undefined;
    }
  });
  return first !== undefined && second !== undefined && equal(first, second) ? first : undefined;
}

const values = [
  ...[
    '',
    ' ',
    'word',
    'two words',
    'a - b',
    'a: b',
    'a:b',
    'x #y',
    '#c',
    '# c',
    '"q"',
    "'q'",
    '"q" # c',
    '"q\\n"',
    "'it''s'",
  ],
  ...[
    '0',
    '7',
    '-7',
    '-0',
    '07',
    '1_0',
    '1.5',
    '1e3',
    '1:30',
    '2026-01-02',
    '0x1f',
    '250m',
    '.5',
    '~',
    'null',
    'yes',
    'true',
    'On',
  ],
  ...[
    '{}',
    '[]',
    '{a: 1}',
    '[a, b]',
    '|',
    '|-',
    '|+',
    '>',
    '&x a',
    '*x',
    '!t a',
    'https://a.example/b',
    '/x',
    './x',
    '- a',
    '-',
    'ü',
  ],
];
const keys = ['a', 'b', 'c-d', 'e.f/g', '_h', 'y', 'true', '1', '"k"', '? k', '<<', '__proto__', 'a b'];

/** Lines as people and accidents write them. */
const lines = fc.array(
  fc.record({
    indent: fc.constantFrom(0, 0, 1, 2, 2, 2, 4, 4, 6),
    dashes: fc.constantFrom('', '', '', '- ', '-   ', '- - ', '-'),
    key: fc.option(fc.constantFrom(...keys, ...'abcabcabc'), { freq: 6 }),
    colon: fc.constantFrom(':', ':', ':', ': ', ':  ', ' :'),
    value: fc.constantFrom(...values, '', '', '', 'word', 'word'),
    end: fc.constantFrom('\n', '\n', '\n', '\n', '\n\n', ' \n', '\n# c\n', '\n    # c\n', '\t\n', '\n---\n'),
  }),
  { minLength: 1, maxLength: 6 },
);

test('a text that reads as simple is the same to every reader', () => {
  const seen = { simple: 0, withParts: 0 };
  fc.assert(
    fc.property(lines, fc.boolean(), (all, isEnded) => {
      const written = all
        .map(({ indent, dashes, key, colon, value, end }) => {
          const start = `${' '.repeat(indent)}${dashes}${key === null ? '' : `${key}${colon}`}`;
          return `${start}${value === '' || key === null ? '' : ' '}${value}${end}`;
        })
        .join('');
      const text = isEnded ? written : written.trimEnd();
      let parts = 0;
      const simple = readSimple(text, (part) => {
        parts += 1;
        return read(part);
      });
      if (simple === undefined) return;
      seen.simple += 1;
      if (parts > 0) seen.withParts += 1;
      assert.deepEqual(simple, read(text), JSON.stringify(text));
    }),
    { numRuns: 2000 },
  );
  assert.ok(seen.simple > 40 && seen.withParts > 5, JSON.stringify(seen));
});
