/** Writes values as different people write YAML: comments everywhere, every style of lists, maps and quotes. */
import { isObject, type Json, type JsonObject, type Path } from '../../generator/model/json.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { Chance } from './chance.ts';

/** A line, and the value that it speaks of; undefined for what is about the file. */
export interface WrittenLine {
  readonly text: string;
  readonly owner: Path | undefined;
  /** Whether the line holds parts of its owner, as braces and blocks of text do. */
  readonly isWhole: boolean;
}

interface Habits {
  readonly step: number;
  readonly isFlush: boolean;
  /** In a hundred entries. */
  readonly comments: number;
  readonly blanks: number;
  readonly flows: number;
  readonly quotes: number;
  readonly pad: string;
}

/** Writes a map in a hand that depends on the seed alone. A last line without an end is one of the habits. */
export function handwritten(value: JsonObject, seed: number): { lines: WrittenLine[]; text: string } {
  const chance = new Chance(seed);
  const habits: Habits = {
    step: chance.pick([2, 2, 2, 4, 3]),
    isFlush: chance.below(2) === 0,
    comments: chance.pick([0, 20, 60]),
    blanks: chance.pick([0, 10, 30]),
    flows: chance.pick([0, 15, 50]),
    quotes: chance.pick([0, 30, 100]),
    pad: chance.pick(['', ' ']),
  };
  const hand = new Hand(chance, habits);
  if (chance.below(2) === 0) hand.line('# yaml-language-server: $schema=schema.json', undefined);
  if (chance.below(3) === 0) hand.line('---', undefined);
  hand.map(value, 0, []);
  const { lines } = hand;
  const end = chance.below(4) === 0 ? '' : '\n';
  return { lines, text: lines.map(({ text }) => text).join('\n') + end };
}

class Hand {
  readonly lines: WrittenLine[] = [];
  readonly #chance: Chance;
  readonly #habits: Habits;
  #comments = 0;

  constructor(chance: Chance, habits: Habits) {
    this.#chance = chance;
    this.#habits = habits;
  }

  line(text: string, owner: Path | undefined, isWhole = false): void {
    this.lines.push({ text, owner, isWhole });
  }

  #is(percent: number): boolean {
    return this.#chance.below(100) < percent;
  }

  #comment(): string {
    this.#comments += 1;
    return `# note ${this.#comments}: it's "so" {a: b}`;
  }

  /** A comment behind a value. */
  #aside(): string {
    return this.#is(this.#habits.comments / 2)
      ? `${' '.repeat(1 + this.#chance.below(4))}${this.#comment()}`
      : '';
  }

  #above(indent: string, path: Path, container: Path): void {
    if (this.#is(this.#habits.blanks)) this.line('', container);
    while (this.#is(this.#habits.comments / 2)) this.line(`${indent}${this.#comment()}`, path, true);
  }

  map(value: JsonObject, indent: number, path: Path, first = ' '.repeat(indent)): void {
    for (const [index, [key, each]] of Object.entries(value).entries()) {
      const start = index === 0 ? first : ' '.repeat(indent);
      const at = [...path, key];
      if (start.trim() === '') this.#above(start, at, path);
      this.#member(`${start}${keyOf(key)}:`, each, indent, at);
    }
    if (path.length > 0 && this.#is(this.#habits.comments / 4))
      this.line(`${' '.repeat(indent)}${this.#comment()}`, path);
  }

  #member(head: string, value: Json, indent: number, path: Path): void {
    const { step, isFlush } = this.#habits;
    if (this.#inline(head, value, indent, path)) return;
    if (Array.isArray(value)) {
      this.line(`${head}${this.#aside()}`, path);
      this.#list(value, isFlush ? indent : indent + step, path);
    } else if (isObject(value)) {
      this.line(`${head}${this.#aside()}`, path);
      this.map(value, indent + step, path);
    }
  }

  #list(value: readonly Json[], indent: number, path: Path): void {
    for (const [index, each] of value.entries()) {
      const at = [...path, index];
      const start = ' '.repeat(indent);
      this.#above(start, at, path);
      if (this.#inline(`${start}-`, each, indent, at)) continue;
      if (isObject(each)) this.map(each, indent + 2, at, `${start}- `);
      else if (Array.isArray(each)) {
        this.line(`${start}-`, at);
        this.#list(each, indent + 2, at);
      }
    }
  }

  /** Writes what stands behind a colon or dash, unless it is a block of entries. */
  #inline(head: string, value: Json, indent: number, path: Path): boolean {
    const isCollection = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
    if (isCollection && !this.#is(this.#habits.flows)) return false;
    if (isCollection && this.#is(40)) {
      this.#tall(head, value, indent, path);
      return true;
    }
    const multiline = typeof value === 'string' && value.includes('\n') ? writeYaml(value) : '';
    if (multiline.startsWith('|') && this.#is(80)) {
      const [mark = '', ...lines] = multiline.trimEnd().split('\n');
      this.line(`${head} ${mark}${this.#aside()}`, path, true);
      for (const each of lines)
        this.line(each === '' ? '' : ' '.repeat(indent + 2) + each.slice(2), path, true);
    } else this.line(`${head} ${this.#flow(value)}${this.#aside()}`, path, true);
    return true;
  }

  /** A map or list in braces or brackets over several lines. */
  #tall(head: string, value: Json, indent: number, path: Path): void {
    const [open, close] = Array.isArray(value) ? '[]' : '{}';
    const inner = ' '.repeat(indent + 2 + this.#chance.below(3));
    this.line(`${head} ${open}${this.#aside()}`, path, true);
    const parts: [string | number, string][] = Array.isArray(value)
      ? value.map((each, index) => [index, this.#flow(each)])
      : Object.entries(value as JsonObject).map(([key, each]) => [key, `${keyOf(key)}: ${this.#flow(each)}`]);
    const isLastWithComma = this.#is(50);
    for (const [index, [part, text]] of parts.entries()) {
      const comma = index < parts.length - 1 || isLastWithComma ? ',' : '';
      if (this.#is(this.#habits.comments / 2)) this.line(`${inner}${this.#comment()}`, [...path, part], true);
      this.line(`${inner}${text}${comma}${this.#aside()}`, [...path, part], true);
    }
    this.line(`${' '.repeat(indent + 1)}${close}${this.#aside()}`, path, true);
  }

  #flow(value: Json): string {
    const { pad } = this.#habits;
    if (Array.isArray(value))
      return value.length === 0 ? '[]' : `[${pad}${value.map((each) => this.#flow(each)).join(', ')}${pad}]`;
    if (isObject(value)) {
      const parts = Object.entries(value).map(([key, each]) => `${keyOf(key)}: ${this.#flow(each)}`);
      return parts.length === 0 ? '{}' : `{${pad}${parts.join(', ')}${pad}}`;
    }
    return typeof value === 'string' ? this.#text(value) : writeYaml(value).trimEnd();
  }

  #text(value: string): string {
    const isSimple = /^[ -~]*$/.test(value);
    const isPlain = writeYaml(value) === `${value}\n` && !/[,[\]{}]/.test(value);
    if (isPlain && !this.#is(this.#habits.quotes)) return value;
    if (isSimple && this.#chance.below(2) === 0) return `'${value.replaceAll("'", "''")}'`;
    return JSON.stringify(value).replace(
      /[\u007f-\u00a0\u2028\u2029\ufeff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  }
}

function keyOf(key: string): string {
  const text = writeYaml({ [key]: 0 });
  return text.slice(0, text.lastIndexOf(': 0'));
}
