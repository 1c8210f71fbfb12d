import { isObject, type Json, type JsonObject } from './json.ts';

/** How a value is written. */
export interface WriteOptions {
  /** Text for the top of the document, without `#`. */
  readonly header?: string;
  /**
   * The one text that is written in single quotes, wherever it stands. No apostrophe stands anywhere else, so
   * that a program can find it by its quotes.
   */
  readonly singleQuoted?: string;
  /** Whether the dashes of a list stand below their key, not to the right of it. @default false */
  readonly flushLists?: boolean;
  /**
   * Keys that come first, in this order; all others then follow in code-unit order. So the text depends on
   * nothing but the value. @default keys in the order that they were set in
   */
  readonly keyOrder?: readonly string[];
}

/**
 * Writes a JSON value as YAML that every reader, of YAML 1.1 or 1.2, reads back as the same value: block
 * style, no anchors, no folded lines, double quotes wherever a plain string could be taken for something
 * else. A writer of our own, since it stands on the path of every build and this subset is small.
 */
export function writeYaml(value: Json, options: WriteOptions = {}): string {
  const { header } = options;
  const comment =
    header === undefined
      ? ''
      : header
          .replace(/^(?=.)/gm, '# ')
          .replace(/^$/gm, '#')
          .concat('\n');
  const writer = new Writer(options);
  return comment + (isBlock(value) ? writer.block(value, '') : `${writer.scalar(value, '  ')}\n`);
}

/** Writes several values as one YAML stream, each document behind a `---` line but the first. */
export function writeYamlStream(values: readonly Json[]): string {
  return values.map((value) => writeYaml(value)).join('---\n');
}

/** A map or list that is written over several lines. */
function isBlock(value: Json): value is JsonObject | Json[] {
  return Array.isArray(value) ? value.length > 0 : isObject(value) && Object.keys(value).length > 0;
}

class Writer {
  readonly #singleQuoted: string | undefined;
  readonly #keyOrder: readonly string[] | undefined;
  readonly #flushLists: boolean;

  constructor({ singleQuoted, keyOrder, flushLists = false }: WriteOptions) {
    this.#singleQuoted = singleQuoted;
    this.#keyOrder = keyOrder;
    this.#flushLists = flushLists;
  }

  #keys(value: JsonObject): string[] {
    const keys = Object.keys(value);
    if (this.#keyOrder === undefined || keys.length < 2) return keys;
    keys.sort();
    let front = 0;
    for (const key of this.#keyOrder) {
      const index = keys.indexOf(key, front);
      if (index === -1) continue;
      keys.copyWithin(front + 1, front, index);
      keys[front] = key;
      front += 1;
    }
    return keys;
  }

  /** The lines of a map or list. The first has another indentation than the rest where it follows a dash. */
  block(value: JsonObject | Json[], indent: string, first = indent): string {
    let text = '';
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length; index += 1) {
        const item = value[index] as Json;
        text += `${index === 0 ? first : indent}- ${this.#item(item, `${indent}  `)}`;
      }
      return text;
    }
    for (const key of this.#keys(value)) {
      const item = value[key] as Json;
      const start = text === '' ? first : indent;
      text += `${start}${this.#string(key, '', true)}:${this.#value(item, indent)}`;
    }
    return text;
  }

  #item(item: Json, indent: string): string {
    return isBlock(item) ? this.block(item, indent, '') : `${this.scalar(item, indent)}\n`;
  }

  #value(item: Json, indent: string): string {
    const deeper = this.#flushLists && Array.isArray(item) ? indent : `${indent}  `;
    return isBlock(item) ? `\n${this.block(item, deeper)}` : ` ${this.scalar(item, `${indent}  `)}\n`;
  }

  /** A value on one line, or a literal block without its last line end. */
  scalar(value: Json, indent: string): string {
    if (typeof value === 'string') return this.#string(value, indent, false);
    if (typeof value === 'number') return writeNumber(value);
    if (Array.isArray(value)) return '[]';
    return isObject(value) ? '{}' : String(value);
  }

  #string(text: string, indent: string, isKey: boolean): string {
    if (text === this.#singleQuoted && !isKey) return `'${text.replaceAll("'", "''")}'`;
    const apostrophe = this.#singleQuoted !== undefined && text.includes("'");
    if (!apostrophe) {
      if (isPlain(text)) return text;
      if (!isKey && text.includes('\n') && !unkept.test(text) && !fragile.test(text))
        return writeLiteral(text, indent);
    }
    const quoted = JSON.stringify(text).replace(unprintable, (character) => {
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
    return apostrophe ? quoted.replaceAll("'", '\\u0027') : quoted;
  }
}

/** Words and references that no reader takes for anything but a string. */
const plain = /^(?:\.{1,2}\/|[A-Za-z/])[\w./@+-]*(?::[\w./@+-]+)*(?: [\w./@+(-][\w./@+(),-]*)*$/;
const amount = /^\d+(?:m|[KMGT]i)$/;
const reserved = /^(?:y|n|yes|no|on|off|true|false|null|e[-+]?\d+)$/i;

/** Short strings that were found to be plain: the same keys and words come again and again. */
const knownPlain = new Set<string>();

/** Whether a text is a text to every reader without quotes. */
export function isPlain(text: string): boolean {
  if (knownPlain.has(text)) return true;
  if (!(plain.test(text) || amount.test(text)) || reserved.test(text)) return false;
  if (text.length <= 40 && knownPlain.size < 512) knownPlain.add(text);
  return true;
}

/** Characters that YAML does not allow, or that some reader changes, and so are escaped. */
const unprintable = /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g;

/** The same, and whatever else a literal block cannot hold: control characters and surrogate halves. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const unkept = /[\u0000-\u0009\u000b-\u001f\u007f-\u00a0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/;

/** Line ends and spaces that a literal block would lose, or that would decide its indentation. */
const fragile = /^[ \n]| (?:\n|$)|\n\n$/;

function writeLiteral(text: string, indent: string): string {
  const ended = text.endsWith('\n');
  const lines = (ended ? text.slice(0, -1) : text).split('\n');
  return `${ended ? '|' : '|-'}\n${lines.map((line) => (line === '' ? '' : `${indent}${line}`)).join('\n')}`;
}

/** Numbers with an exponent get a point, without which YAML 1.1 takes them for strings. */
function writeNumber(value: number): string {
  const text = String(value);
  return /^-?\d+e/.test(text) ? text.replace('e', '.0e') : text;
}
