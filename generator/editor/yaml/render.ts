/** Writes values as they stand in a text already: its indentation, its lists, its quotes. */
import { isMap, isScalar, isSeq, type Node, type Scalar, visit } from 'yaml';
import { isObject, type Json } from '../../model/json.ts';
import { writeYaml } from '../../model/yaml-writer.ts';
import { type Collection, columnOf, entriesOf, isFlow, type Parsed } from './source.ts';

/** How a text is written. */
export interface Style {
  /** How much deeper a map stands than its key. */
  readonly step: number;
  /** Whether the dashes of a list stand below their key. */
  readonly flush: boolean;
  /** What stands between a dash and its value. */
  readonly gap: string;
  readonly quote: 'single' | 'double';
  /** Whether there are spaces inside braces and inside brackets. */
  readonly padded: { readonly map: boolean; readonly seq: boolean };
  /** Whether texts get quotes that need none. @default false */
  readonly quoteAll?: boolean;
  /** Whether keys get double quotes, as in JSON. @default false */
  readonly quoteKeys?: boolean;
  /** Whether texts of several lines are written on one. @default false */
  readonly oneLine?: boolean;
}

/** Finds out how a text is written; where it does not say, as this tool writes. */
export function styleOf({ text, root }: Parsed): Style {
  const found = { step: 0, flush: undefined as boolean | undefined, gap: '', single: 0, double: 0 };
  const padded: { map?: boolean; seq?: boolean } = {};
  visit(root, {
    Scalar: (_, { type }) => {
      if (type === 'QUOTE_SINGLE') found.single += 1;
      if (type === 'QUOTE_DOUBLE') found.double += 1;
    },
    Collection: (_, node) => {
      if (!isMap(node) && !isSeq(node)) return;
      const [first] = entriesOf(node);
      if (isFlow(node) && first !== undefined) {
        const kind = isMap(node) ? 'map' : 'seq';
        padded[kind] ??= /^[{[][ \t]/.test(text.slice(node.range?.[0] ?? 0));
      }
      if (isSeq(node) && first?.indicator !== undefined)
        found.gap ||= /^ */.exec(text.slice(first.indicator + 1))?.[0] ?? '';
      if (!isMap(node) || isFlow(node)) return;
      for (const entry of entriesOf(node)) {
        const inner = entry.value;
        if ((!isMap(inner) && !isSeq(inner)) || isFlow(inner)) continue;
        const deeper =
          columnOf(text, entriesOf(inner)[0]?.start ?? entry.start) - columnOf(text, entry.start);
        if (isMap(inner) && deeper > 0) found.step ||= deeper;
        if (isSeq(inner)) found.flush ??= deeper === 0;
      }
    },
  });
  return {
    step: found.step || 2,
    flush: found.flush ?? false,
    gap: found.gap || ' ',
    quote: found.single > found.double ? 'single' : 'double',
    padded: { map: padded.map ?? false, seq: padded.seq ?? false },
  };
}

/** Where all texts of siblings have quotes though one at least needs none, new ones get them too. */
function likeSiblings(style: Style, siblings: readonly (Node | null)[]): Style {
  const texts = siblings.filter(
    (node): node is Scalar<string> => isScalar(node) && typeof node.value === 'string',
  );
  const [first] = texts;
  const isQuoted = ({ type }: Scalar) => type === 'QUOTE_SINGLE' || type === 'QUOTE_DOUBLE';
  if (first === undefined || !texts.every(isQuoted) || !texts.some(({ value }) => isPlain(value)))
    return style;
  return { ...style, quoteAll: true, quote: first.type === 'QUOTE_SINGLE' ? 'single' : 'double' };
}

/** The style with the quotes of a collection's keys and values. */
export function likeEntries(style: Style, collection: Collection): Style {
  const keys = isMap(collection) ? collection.items.map(({ key }) => key) : [];
  const quoteKeys = keys.length > 0 && keys.every((key) => isScalar(key) && key.type === 'QUOTE_DOUBLE');
  const values = entriesOf(collection).map(({ value }) => value);
  return { ...likeSiblings(style, values), ...(quoteKeys ? { quoteKeys } : {}) };
}

/** A scalar in the quotes of the one whose place it takes. */
export function likeFormer(style: Style, former: Scalar): Style {
  if (former.type !== 'QUOTE_SINGLE' && former.type !== 'QUOTE_DOUBLE') return style;
  return { ...style, quoteAll: true, quote: former.type === 'QUOTE_SINGLE' ? 'single' : 'double' };
}

function isPlain(text: string): boolean {
  return writeYaml(text) === `${text}\n`;
}

/** A value on one line. */
export function inline(value: Json, style: Style, isInFlow = true): string {
  if (typeof value === 'string') return inlineText(value, style, isInFlow);
  if (Array.isArray(value))
    return brackets(
      value.map((item) => inline(item, style)),
      '[]',
      style.padded.seq,
    );
  if (!isObject(value)) return writeYaml(value).trimEnd();
  const members = Object.entries(value).map(
    ([key, item]) => `${keyText(key, style)}: ${inline(item, style)}`,
  );
  return brackets(members, '{}', style.padded.map);
}

function brackets(parts: readonly string[], ends: string, isPadded: boolean): string {
  const pad = isPadded && parts.length > 0 ? ' ' : '';
  return `${ends[0]}${pad}${parts.join(', ')}${pad}${ends[1]}`;
}

function inlineText(value: string, { quote, quoteAll }: Style, isInFlow: boolean): string {
  const isBare = isPlain(value) && !(isInFlow && /[,[\]{}]/.test(value));
  if (isBare && quoteAll !== true) return value;
  if (quote === 'single' && /^[\x20-\x7e\u00a1-\ud7ff]*$/.test(value))
    return `'${value.replaceAll("'", "''")}'`;
  return doubleQuoted(value);
}

function doubleQuoted(value: string): string {
  return JSON.stringify(value).replace(/[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** A key, in quotes where it needs them. */
export function keyText(key: string, { quoteKeys }: Style): string {
  if (quoteKeys === true) return doubleQuoted(key);
  const text = writeYaml({ [key]: 0 });
  return text.slice(0, text.lastIndexOf(': 0'));
}

/** A key with its value, over as many lines as it takes, without the last line end. The first is not indented. */
export function member(key: string, value: Json, column: number, style: Style): string {
  return `${keyText(key, style)}:${behindColon(value, column, style)}`;
}

/** A dash with its value. */
export function item(value: Json, column: number, style: Style): string {
  return `-${style.gap}${behindDash(value, column + 1 + style.gap.length, style)}`;
}

/** What stands behind a colon whose key stands at a column. */
export function behindColon(value: Json, column: number, style: Style): string {
  if (!isBlock(value)) return ` ${scalar(value, column + style.step, style)}`;
  const deeper = Array.isArray(value) && style.flush ? column : column + style.step;
  return `\n${' '.repeat(deeper)}${block(value, deeper, style)}`;
}

/** What stands behind a dash, at a column. */
export function behindDash(value: Json, column: number, style: Style): string {
  return isBlock(value) ? block(value, column, style) : scalar(value, column, style);
}

/** Whether a value is written over several lines. */
export function isBlock(value: Json): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}

/** A map or list whose lines begin at a column, but for the first. */
export function block(value: Json, column: number, style: Style): string {
  const lines = Array.isArray(value)
    ? value.map((each) => item(each, column, style))
    : Object.entries(isObject(value) ? value : {}).map(([key, each]) => member(key, each, column, style));
  return lines.join(`\n${' '.repeat(column)}`);
}

/** A value without parts; a text of several lines as a literal block whose lines begin at a column. */
function scalar(value: Json, column: number, style: Style): string {
  if (typeof value === 'string' && value.includes('\n') && style.oneLine !== true) {
    const written = writeYaml(value).trimEnd();
    if (written.startsWith('|')) {
      const [header = '', ...lines] = written.split('\n');
      const indented = lines.map((line) => (line === '' ? '' : `${' '.repeat(column)}${line.slice(2)}`));
      return [header, ...indented].join('\n');
    }
  }
  return inline(value, style, false);
}
