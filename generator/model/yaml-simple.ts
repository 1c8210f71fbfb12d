/**
 * Reads the YAML that people mostly write: maps and lists as blocks, plain words, numbers, and texts in quotes without
 * escapes. Nothing in it can be wrong, and every reader takes it for the same. The library reads such a text in a hundred
 * times the time, since it keeps where each part stands.
 */
import { isObject, type Json, type JsonObject, setKey } from './json.ts';
import { isPlain } from './yaml-writer.ts';

/** A part of the text that is more than simple: whole lines, one value of a map or list in them. */
type ReadPart = (text: string) => Json | undefined;

interface Line {
  /** How many spaces, and dashes of lists, stand before its text. */
  indent: number;
  /** What stands behind them, without the comment and white space at its end. */
  text: string;
  readonly number: number;
}

/**
 * The value of a text; undefined where the text, or a part of it, is not so simple.
 *
 * @param readPart reads a part that is not; undefined where it is wrong, or the same is not certain for every reader
 */
export function readSimple(text: string, readPart: ReadPart): Json | undefined {
  const all = text.split('\n');
  const lines = linesOf(all);
  if (lines === undefined || lines.length === 0) return undefined;
  try {
    const reader = new Reader(all, lines, readPart);
    const value = reader.block(lines[0]?.indent ?? 0);
    return reader.isAtEnd() ? value : undefined;
  } catch (error) {
    if (error === notSimple) return undefined;
    throw error;
  }
}

/** The lines with something on them; undefined where one begins as only other texts do. */
function linesOf(all: readonly string[]): Line[] | undefined {
  const lines: Line[] = [];
  for (let number = 0; number < all.length; number += 1) {
    const line = all[number] as string;
    let indent = 0;
    while (line.charCodeAt(indent) === 32) indent += 1;
    if (indent === line.length || line.charCodeAt(indent) === 35) continue;
    if (/[\t\r]/.test(line) || (indent === 0 && /^(?:---|\.\.\.|%)/.test(line))) return undefined;
    lines.push({ indent, text: line.slice(indent), number });
  }
  return lines;
}

const notSimple = Symbol();

/** `key:` and what follows on its line. */
const entry = /^([A-Za-z_][\w./-]*):(?: +(.*))?$/;
const dash = /^- +(?=[^ #])/;

class Reader {
  readonly #all: readonly string[];
  readonly #lines: readonly Line[];
  readonly #readPart: ReadPart;
  #at = 0;

  constructor(all: readonly string[], lines: readonly Line[], readPart: ReadPart) {
    this.#all = all;
    this.#lines = lines;
    this.#readPart = readPart;
  }

  isAtEnd(): boolean {
    return this.#at === this.#lines.length;
  }

  /** The map or list whose entries have this indentation. */
  block(indent: number): Json {
    return this.#lines[this.#at]?.text.startsWith('- ') ? this.#list(indent) : this.#map(indent);
  }

  #map(indent: number): JsonObject {
    const map: JsonObject = {};
    for (let line = this.#lines[this.#at]; line?.indent === indent; line = this.#lines[this.#at]) {
      const [, key, rest] = entry.exec(line.text) ?? [];
      if (key === undefined || !isPlain(key) || Object.hasOwn(map, key)) throw notSimple;
      setKey(
        map,
        key,
        this.#value(line, rest, () => this.#part(line, key)),
      );
    }
    return map;
  }

  /** The value behind a key, on its line or below. */
  #value({ indent }: Line, rest: string | undefined, part: () => Json): Json {
    const text = rest ?? '';
    if (text !== '' && text.charCodeAt(0) !== 35) {
      const value = scalarOf(text);
      if (value === undefined) return part();
      this.#at += 1;
      return value;
    }
    this.#at += 1;
    const next = this.#lines[this.#at];
    if (next === undefined || next.indent < indent) return null;
    const isFlush = next.indent === indent && next.text.startsWith('- ');
    if (next.indent === indent) return isFlush ? this.#list(indent) : null;
    return this.block(next.indent);
  }

  #list(indent: number): Json[] {
    const list: Json[] = [];
    for (let line = this.#lines[this.#at]; line?.indent === indent; line = this.#lines[this.#at]) {
      const width = dash.exec(line.text)?.[0].length;
      // behind a list that stands below its key, on the same level, the map continues
      if (width === undefined && entry.test(line.text)) break;
      if (width === undefined) throw notSimple;
      const text = line.text.slice(width);
      const value = scalarOf(text);
      if (value !== undefined) {
        list.push(value);
        this.#at += 1;
        continue;
      }
      if (!entry.test(text) && !text.startsWith('- ')) throw notSimple;
      line.indent += width;
      line.text = text;
      list.push(this.block(line.indent));
    }
    return list;
  }

  /** A value that is not simple, with all lines that belong to it. */
  #part({ indent, number, text }: Line, key: string): Json {
    let end = number + 1;
    for (; end < this.#all.length; end += 1) {
      const line = this.#all[end] as string;
      if (line.trim() !== '' && line.search(/[^ ]/) <= indent) break;
    }
    // behind the dash of a list the line begins where its text does
    const first = `${' '.repeat(indent)}${text}`;
    const below = this.#all.slice(number + 1, end);
    const isLast = end === this.#all.length;
    const value = this.#readPart([first, ...below, ...(isLast ? [] : [''])].join('\n'));
    while ((this.#lines[this.#at]?.number ?? end) < end) this.#at += 1;
    if (!isObject(value) || !Object.hasOwn(value, key)) throw notSimple;
    return value[key] as Json;
  }
}

const withComment = /^(.*?) +#.*$/;

/** A value on one line; undefined where it is none of those that are simple. */
function scalarOf(written: string): Json | undefined {
  const text = withComment.exec(written)?.[1] ?? written;
  if (/^(?:0|-?[1-9]\d{0,14})$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (isPlain(text)) return text;
  if (text === '{}') return {};
  if (text === '[]') return [];
  return /^(?:"[^"\\]*"|'[^']*')$/.test(written) ? written.slice(1, -1) : undefined;
}
