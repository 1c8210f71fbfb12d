import { suggest } from '../../config/suggest.ts';
import type { Fault } from '../../model/finding.ts';
import { isObject, type Json, type JsonObject, type Path } from '../../model/json.ts';
import type { ValueProblem } from '../../model/kubernetes-values.ts';
import { quote } from '../../model/quote.ts';

/** Something that the API server would refuse in a pod template, or that could never run. */
export interface PodProblem extends ValueProblem {
  /**
   * The first Kubernetes version that takes it, where it is only too new for the oldest one supported. Such
   * an object is fine on a newer cluster.
   */
  readonly since?: string;
}

/**
 * A value in a pod template, with its path and the list that problems go to. A value that is absent, null
 * or of a wrong JSON type reads as absent: the check of the structure reports the types.
 */
export class Place {
  readonly #value: Json | undefined;
  readonly path: Path;
  readonly #problems: PodProblem[];

  constructor(value: Json | undefined, path: Path, problems: PodProblem[]) {
    this.#value = value === null ? undefined : value;
    this.path = path;
    this.#problems = problems;
  }

  /** Whether there is a value. */
  get given(): boolean {
    return this.#value !== undefined;
  }

  /** A field of this object. */
  at(key: string): Place {
    const object = this.object;
    const value = Object.hasOwn(object, key) ? object[key] : undefined;
    return new Place(value, [...this.path, key], this.#problems);
  }

  /** The items of this list. */
  get items(): Place[] {
    if (!Array.isArray(this.#value)) return [];
    return this.#value.map((item, index) => new Place(item, [...this.path, index], this.#problems));
  }

  /** The fields of this object that have a value. */
  get fields(): Place[] {
    return Object.keys(this.object)
      .map((key) => this.at(key))
      .filter((field) => field.given);
  }

  /** This object; an empty one where it is none. */
  get object(): JsonObject {
    return isObject(this.#value) ? this.#value : {};
  }

  /** This text; empty where it is none. */
  get text(): string {
    return typeof this.#value === 'string' ? this.#value : '';
  }

  /** This number, if it is one. */
  get number(): number | undefined {
    return typeof this.#value === 'number' ? this.#value : undefined;
  }

  /** Whether this is `true`. */
  get isTrue(): boolean {
    return this.#value === true;
  }

  /** Whether this is `false`, rather than absent. */
  get isFalse(): boolean {
    return this.#value === false;
  }

  /** The last part of the path: a field's own name. */
  get name(): string {
    return String(this.path.at(-1));
  }

  /** Reports a problem with this value. */
  refuse(message: string, hint: string): void {
    this.#problems.push({ path: this.path, message, hint });
  }

  /** Reports what a check of a scalar said, if it said anything. */
  verify(fault: Fault | undefined): void {
    if (fault !== undefined) this.refuse(fault.message, fault.hint);
  }

  /** Reports problems whose paths begin at this value. */
  adopt(problems: readonly ValueProblem[]): void {
    for (const problem of problems) {
      this.#problems.push({ ...problem, path: [...this.path, ...problem.path] });
    }
  }

  /** Reports an absent or empty text; says whether there is one. */
  required(): boolean {
    if (this.text === '' && (!this.given || typeof this.#value === 'string'))
      this.refuse('this value is required', `add ${this.name}`);
    return this.text !== '';
  }

  /** Checks a text where there is one that is not empty. */
  whenGiven(check: (text: string) => Fault | undefined): void {
    if (this.text !== '') this.verify(check(this.text));
  }

  /** Checks a text that must be there. */
  needs(check: (text: string) => Fault | undefined): void {
    if (this.required()) this.verify(check(this.text));
  }

  /** Reports a text that is not one of these words. An absent or empty one is fine. */
  oneOf(choices: readonly string[]): void {
    if (this.text === '' || choices.includes(this.text)) return;
    const close = suggest(this.text, choices);
    const hint = close === undefined ? `use ${list(choices)}` : `did you mean ${quote(close)}?`;
    this.refuse(`${quote(this.text)} is not supported`, hint);
  }

  /** Reports a number outside these bounds. */
  between(lowest: number, highest: number): void {
    const value = this.number;
    if (value === undefined || (value >= lowest && value <= highest)) return;
    if (highest === Number.POSITIVE_INFINITY)
      this.refuse(`${value} is below the minimum ${lowest}`, `use ${lowest} or more`);
    else this.refuse(`${value} is out of range`, `use a number from ${lowest} to ${highest}`);
  }
}

/** Reports texts that came before in a list; `where` is the place whose text must be unique. */
export function unique(places: readonly Place[], what: string): void {
  const seen = new Set<string>();
  for (const place of places) {
    if (place.text === '') continue;
    if (seen.has(place.text))
      place.refuse(`${quote(place.text)} is already the ${what}`, 'choose another name');
    seen.add(place.text);
  }
}

/** Reports a name that none of the items of a list has. */
export function findNamed(name: Place, items: readonly Place[], what: string): void {
  const names = items.map((item) => item.at('name').text).filter((text) => text !== '');
  if (names.includes(name.text)) return;
  const close = suggest(name.text, names);
  const known = names.length === 0 ? 'add one with this name' : `use one of ${names.map(quote).join(', ')}`;
  const hint = close === undefined ? known : `did you mean ${quote(close)}?`;
  name.refuse(`no ${what} is called ${quote(name.text)}`, hint);
}

/** Words as a sentence lists them: `a, b or c`. */
export function list(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} or ${items.at(-1)}`;
}
