/** What random configurations are drawn with: choices, and texts that are awkward in YAML. */
import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../generator/model/json.ts';

/** Strings that are something else to a careless writer or reader of YAML. */
export const awkwardTexts = [
  'yes',
  'no',
  'on',
  'y',
  'n',
  'true',
  'null',
  '~',
  '1.10',
  '1e3',
  '0755',
  '0x1f',
  '1_000',
  '12:30:45',
  '2024-01-01',
  '.inf',
  '-',
  '- a',
  '? a',
  ': a',
  'a: b',
  'a #b',
  '#a',
  '{a}',
  '[a]',
  '*a',
  '&a',
  '!a',
  '|',
  '>',
  '%a',
  '@a',
  '`a`',
  "it's",
  "'",
  "''",
  '"',
  '\\',
  '\\n',
  '"quoted"',
  ' a',
  'a ',
  'a\n',
  '\na',
  'a\n\nb\n',
  '\ta',
  'a\tb\n\tc\n',
  'a\r\nb',
  '---',
  '...',
  '--- a',
  '<<',
  '=',
  '$(HOME)',
  '$$(HOME)',
  '$HOME',
  '{{ a }}',
  'SESSION_ID',
  'é',
  '日本語',
  '🎲',
  'a\u00a0b',
  'a\u200bb',
  'x'.repeat(200),
];

/** Any text that a value may hold. */
export const arbitraryText = fc
  .oneof(
    { weight: 3, arbitrary: fc.constantFrom(...awkwardTexts) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme-composite', minLength: 1, maxLength: 20 }) },
    { weight: 2, arbitrary: fc.constantFrom('a', 'Grimjaw', 'a longer text with a few words', 'a\nb\n') },
  )
  .filter((text) => !unkept.test(text));

// biome-ignore lint/suspicious/noControlCharactersInRegex: characters that are refused in a resource
const unkept = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]|^$/;

/** An object in which every key may be absent. */
export const some = <T>(values: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(values as { [key: string]: fc.Arbitrary<Json> }, {
    requiredKeys: [],
  }) as fc.Arbitrary<JsonObject>;

/** One of some values. */
export const pick = fc.constantFrom;
/** Yes or no. */
export const flag = fc.boolean();
/** A value or none. */
export const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** A value in one of five draws. */
export const rarely = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });

/** Some items of a menu in any order: two draws share items, so that lists grow, shrink and change order. */
export const from = <T extends Json>(...menu: T[]) => fc.shuffledSubarray(menu);
