/**
 * The grammar of helm's `--set` and `--set-string`: `a=b,c=d`, `a.b=c`, `a\.b=c`, `a[0].b=c`, `a={b,c}`. It was written
 * after what helm does (`pkg/strvals`), and a test holds the two together.
 */
import { clone, isObject, type Json, type JsonObject, setKey } from '../model/json.ts';

/** The largest index of a list, and the deepest name, that helm takes. */
const [maxIndex, maxDepth] = [65_536, 30];

/** What is wrong with an assignment, and behind how many characters. Quotes nothing of it, since it may be a secret. */
export class SetError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/**
 * Lays the assignments of one option over values.
 *
 * @param asText whether every value is a text, as with `--set-string`
 * @returns a copy with the assignments
 * @throws SetError where helm would refuse it
 */
export function applySet(values: JsonObject, text: string, asText = false): JsonObject {
  const changed = clone(values);
  const parser = new Parser([...text], asText);
  while (!parser.isAtEnd) parser.assignment(changed, 1);
  return changed;
}

class Parser {
  readonly #characters: readonly string[];
  readonly #asText: boolean;
  #at = 0;

  constructor(characters: readonly string[], asText: boolean) {
    this.#characters = characters;
    this.#asText = asText;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#characters.length;
  }

  /** Reads `name=value`, `name.rest` or `name[index]rest` into a map. */
  assignment(map: JsonObject, depth: number): void {
    const { text: name, stop } = this.#until('=[,.');
    switch (stop) {
      case undefined:
        if (name === '') return;
        throw this.#wrong('a key has no value');
      case ',':
        throw this.#wrong('a key has no value, and a "," follows');
      case '=':
        assign(map, name, this.#value());
        return;
      case '[': {
        const present = own(map, name);
        if (present !== undefined && !Array.isArray(present))
          throw this.#wrong('what stands before the index is no list');
        assign(map, name, this.#item(present ?? [], this.#index(), depth));
        return;
      }
      default: {
        if (depth > maxDepth) throw this.#wrong(`a name is more than ${maxDepth} levels deep`);
        const present = own(map, name);
        if (present !== undefined && !isObject(present))
          throw this.#wrong('what stands before the "." is no map');
        const inner = present ?? {};
        this.assignment(inner, depth + 1);
        if (Object.keys(inner).length === 0) throw this.#wrong('a key has no value');
        assign(map, name, inner);
      }
    }
  }

  #wrong(message: string): SetError {
    return new SetError(message, this.#at);
  }

  /** Reads what follows `[index]` and puts it into a list. */
  #item(list: readonly Json[], index: number, depth: number): Json[] {
    const { text, stop } = this.#until('[.=');
    if (text !== '') throw this.#wrong('something stands behind the "]" of an index');
    if (stop === undefined) throw this.#wrong('an index has no value');
    const present = index < list.length ? (list[index] as Json) : null;
    const placed = (value: Json): Json[] => {
      const longer = [...list, ...Array<Json>(Math.max(0, index + 1 - list.length)).fill(null)];
      longer[index] = value;
      return longer;
    };
    if (stop === '=') return placed(this.#value());
    if (stop === '[') {
      if (present !== null && !Array.isArray(present))
        throw this.#wrong('an item is no list, so it has no items');
      return placed(this.#item(present ?? [], this.#index(), depth));
    }
    const inner = isObject(present) ? present : {};
    this.assignment(inner, depth);
    return placed(inner);
  }

  #index(): number {
    const { text, stop } = this.#until(']');
    if (stop === undefined || !/^[-+]?\d+$/.test(text)) throw this.#wrong('an index is a number in brackets');
    const index = Number(text);
    if (index < 0) throw this.#wrong('an index cannot be negative');
    if (index > maxIndex) throw this.#wrong(`an index is at most ${maxIndex}`);
    return index;
  }

  #value(): Json {
    if (this.#characters[this.#at] !== '{') return this.#typed(this.#until(',').text);
    this.#at += 1;
    const list: Json[] = [];
    for (;;) {
      const { text, stop } = this.#until(',}');
      if (stop === undefined) throw this.#wrong('a list must end with "}"');
      // helm: an empty list is one of an empty text
      list.push(this.#typed(text));
      if (stop === ',') continue;
      if (this.#characters[this.#at] === ',') this.#at += 1;
      return list;
    }
  }

  /** The text up to one of some characters, which is passed; a backslash makes the next character an ordinary one. */
  #until(stops: string): { text: string; stop: string | undefined } {
    let text = '';
    while (!this.isAtEnd) {
      const character = this.#characters[this.#at] as string;
      this.#at += 1;
      if (stops.includes(character)) return { text, stop: character };
      if (character !== '\\') text += character;
      else {
        text += this.#characters[this.#at] ?? '';
        this.#at += 1;
      }
    }
    return { text, stop: undefined };
  }

  /** A value as helm takes it: whole numbers, booleans and null; what begins with a zero is a text. */
  #typed(text: string): Json {
    if (this.#asText) return text;
    const word = text.toLowerCase();
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'null') return null;
    if (text === '0') return 0;
    const number = /^[-+]?\d+$/.test(text) && !text.startsWith('0') ? Number(text) : Number.NaN;
    return Number.isSafeInteger(number) ? number : text;
  }
}

function own(map: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** helm sets nothing under an empty name. */
function assign(map: JsonObject, name: string, value: Json): void {
  if (name !== '') setKey(map, name, value);
}
