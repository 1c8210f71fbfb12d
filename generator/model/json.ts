/** Plain JSON values: what YAML files, Kubernetes objects and patches are made of. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object. Keys keep the order they were set in. */
export interface JsonObject {
  [key: string]: Json;
}

/** The way to a value inside a document: object keys and list indexes, outermost first. */
export type Path = readonly (string | number)[];

/** Whether a value is a JSON object (neither null nor a list). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a number is the one that was written: integers beyond 2^53 and what overflows to infinity are rounded. */
export function keepsDigits(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) : Number.isFinite(value);
}

/** Where a number was read that is not the one that was written. */
export function roundedAt(value: Json, path: Path = []): Path | undefined {
  if (typeof value === 'number') return keepsDigits(value) ? undefined : path;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
    const found = roundedAt(item, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A deep copy of a JSON value. */
export function clone<T extends Json>(value: T): T {
  if (Array.isArray(value)) return value.map(clone) as T;
  if (!isObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) setKey(copy, key, clone(value[key] as Json));
  return copy as T;
}

/** Whether two JSON values are the same; the order of an object's keys does not matter, that of lists does. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let index = 0; index < a.length; index += 1) if (!equal(a[index], b[index])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) if (!Object.hasOwn(b, key) || !equal(a[key], b[key])) return false;
  return true;
}

/** Sets a key on an object, also where the key is `__proto__`, which a plain assignment would lose. */
export function setKey(object: JsonObject, key: string, value: Json): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  } else object[key] = value;
}

/** The fields that have a value: what is not there is left out, and never undefined. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** The value at a path; undefined where there is none. */
export function dig(value: Json | undefined, path: Path): Json | undefined {
  let at = value;
  for (const part of path) {
    if (Array.isArray(at) && typeof part === 'number') at = at[part];
    else if (isObject(at) && Object.hasOwn(at, part)) at = at[part];
    else return undefined;
  }
  return at;
}

/** A path as people write it: `spec.gateway.tolerations[0].key`; keys that are no plain words are quoted. */
export function formatPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(part)) text += text === '' ? part : `.${part}`;
    else text += `[${JSON.stringify(part)}]`;
  }
  return text;
}

/** A copy whose keys are in code-unit order, at every depth. */
export function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isObject(value)) return value;
  const sorted: JsonObject = {};
  for (const key of Object.keys(value).sort()) setKey(sorted, key, sortKeys(value[key] as Json));
  return sorted;
}

/** The maps in a list; none where it is no list. */
export function maps(value: Json | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
