import type { Position } from '../model/finding.ts';
import type { Json, JsonObject, Path } from '../model/json.ts';

/** Where each value of a document, or of several that were laid over each other, was written. */
export class Places {
  readonly #places = new Map<string, Position>();

  /** Says where a value stands; a later word wins. */
  set(path: Path, position: Position): void {
    this.#places.set(JSON.stringify(path), position);
  }

  /** Where a value stands, or the nearest thing around it that was written; undefined where nothing was. */
  at(path: Path): Position | undefined {
    for (let length = path.length; length >= 0; length -= 1) {
      const position = this.#places.get(JSON.stringify(path.slice(0, length)));
      if (position !== undefined) return position;
    }
    return undefined;
  }

  /** Whether exactly this value was written. */
  has(path: Path): boolean {
    return this.#places.has(JSON.stringify(path));
  }

  /** Takes over the places of another document that is laid over this one. */
  take(other: Places): void {
    for (const [path, position] of other.#places) this.#places.set(path, position);
  }
}

/** Values that an operator wrote, and where. */
export interface Values {
  readonly value: JsonObject;
  readonly places: Places;
  /** What a value is called where it was written. @default its path */
  readonly nameOf?: (path: Path) => string;
}

/** Every value below another one, maps and lists before what is in them. */
export function* everyValue(value: Json, path: Path = []): Generator<{ path: Path; value: Json }> {
  yield { path, value };
  if (typeof value !== 'object' || value === null) return;
  const items = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, item] of items as Iterable<[string | number, Json]>)
    yield* everyValue(item, [...path, key]);
}
