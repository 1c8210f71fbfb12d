/**
 * Sets of fields as `metadata.managedFields` has them (FieldsV1): `f:NAME` is a field, `k:{…}` the item of a list with
 * these keys, `v:…` a value of a set, and an empty map a whole. And what becomes of an object's fields when their owner
 * changes: the API server says it only for owners as they are, here it is worked out for owners as they will be.
 */
import { equal, isObject, type Json, type JsonObject, setKey } from '../../model/json.ts';

/** The default of the one key of a list that objects may leave out: the protocol of a port. */
const keyDefaults: JsonObject = { protocol: 'TCP' };

/**
 * A value without the fields of a set that are neither wanted nor others' too.
 *
 * @param wanted the value as it will be applied; undefined where it is not listed
 * @param others the sets of owners that stay
 */
export function withoutUnlisted(
  value: Json,
  set: JsonObject,
  wanted: Json | undefined,
  others: readonly JsonObject[],
): Json {
  let left = value;
  for (const [part, below] of Object.entries(set)) {
    if (part === '.' || !isObject(below)) continue;
    const current = partOf(left, part);
    if (current === undefined) continue;
    const listed = wanted === undefined ? undefined : partOf(wanted, part);
    const owned = others.flatMap((other) => setAt(other, part));
    if (listed === undefined && owned.length === 0) left = withoutPart(left, part);
    else if (Object.keys(below).length > 0)
      left = withPart(left, part, withoutUnlisted(current, below, listed, owned));
  }
  return left;
}

/**
 * A value with what is wanted laid over it, as a server-side apply merges: maps field by field, lists by their
 * keys where an owner has them so, all else as a whole.
 */
export function merged(value: Json | undefined, wanted: Json, sets: readonly JsonObject[]): Json {
  if (isObject(value) && isObject(wanted)) {
    if (sets.some((set) => Object.keys(set).length === 0)) return wanted;
    const result: JsonObject = { ...value };
    for (const [name, item] of Object.entries(wanted)) {
      setKey(result, name, merged(partOf(value, `f:${name}`), item, below(sets, `f:${name}`)));
    }
    return result;
  }
  if (!Array.isArray(value) || !Array.isArray(wanted)) return wanted;
  const parts = [...new Set(sets.flatMap((set) => Object.keys(set)))].filter((part) => part !== '.');
  if (parts.length === 0) return wanted;
  return mergedLists(value, wanted, sets, keyNames(parts));
}

/**
 * Whether an owner has left a value as it was: each field that was and is the owner's has its value, and none was added.
 * Fields that the owner has lost were changed by somebody else, which is not asked here.
 *
 * @param was the owner's set before
 * @param is the owner's set after
 */
export function isLeft(before: Json, after: Json, was: JsonObject, is: JsonObject): boolean {
  return Object.entries(is).every(([part, now]) => {
    if (part === '.') return true;
    const [then] = setAt(was, part);
    if (then === undefined || !isObject(now)) return false;
    const [old, current] = [partOf(before, part), partOf(after, part)];
    if (old === undefined || current === undefined || Object.keys(now).length === 0)
      return equal(old, current);
    return isLeft(old, current, then, now);
  });
}

/** The order is that of structured-merge-diff: the wanted items in theirs, others beside their old neighbours. */
function mergedLists(
  value: readonly Json[],
  wanted: readonly Json[],
  sets: readonly JsonObject[],
  keys: readonly string[] | undefined,
): Json[] {
  const nameOf = (item: Json) => partName(item, keys);
  const [old, now] = [value.map(nameOf), wanted.map(nameOf)];
  const shared = now.filter((name) => old.includes(name));
  const done = new Set<string>();
  const result: Json[] = [];
  const take = (name: string) => {
    const [before, after] = [value[old.indexOf(name)], wanted[now.indexOf(name)] as Json];
    result.push(merged(before, after, below(sets, name)));
    done.add(name);
    if (shared[0] === name) shared.shift();
  };
  for (let [left, right] = [0, 0]; left < old.length || right < now.length; ) {
    const [mine, theirs] = [old[left], now[right]];
    if (mine !== undefined && theirs !== undefined) {
      if (mine === theirs) {
        take(theirs);
        left += 1;
        right += 1;
        continue;
      }
      if (now.includes(mine) && shared[0] !== undefined && shared[0] !== mine) {
        left += 1;
        continue;
      }
    }
    if (mine !== undefined && !now.includes(mine)) {
      result.push(value[left] as Json);
      left += 1;
      continue;
    }
    if (mine !== undefined && done.has(mine)) left += 1;
    if (theirs !== undefined) {
      take(theirs);
      right += 1;
    }
  }
  return result;
}

/** The names of the keys of a list's items; undefined for a set of values. */
function keyNames(parts: readonly string[]): readonly string[] | undefined {
  const part = parts.find((name) => name.startsWith('k:'));
  return part === undefined ? undefined : Object.keys(JSON.parse(part.slice(2)) as JsonObject);
}

function partName(item: Json, keys: readonly string[] | undefined): string {
  if (keys === undefined) return `v:${JSON.stringify(item)}`;
  const pairs = keys.map((key) => [key, keyOf(item, key)]);
  return `k:${JSON.stringify(Object.fromEntries(pairs))}`;
}

function keyOf(item: Json, key: string): Json {
  return (isObject(item) ? item[key] : undefined) ?? keyDefaults[key] ?? null;
}

/** Whether an item of a list is the one that a part of a set means. */
export function isPart(item: Json, part: string): boolean {
  if (part.startsWith('v:')) return equal(item, JSON.parse(part.slice(2)) as Json);
  if (!part.startsWith('k:')) return false;
  const keys = JSON.parse(part.slice(2)) as JsonObject;
  return Object.entries(keys).every(([key, value]) => equal(keyOf(item, key), value));
}

/** The field or item of a value that a part of a set means; undefined where it has none. */
export function partOf(value: Json, part: string): Json | undefined {
  if (Array.isArray(value)) return value.find((item) => isPart(item, part));
  if (!isObject(value) || !part.startsWith('f:')) return undefined;
  const name = part.slice(2);
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function withPart(value: Json, part: string, item: Json): Json {
  if (Array.isArray(value)) return value.map((old) => (isPart(old, part) ? item : old));
  return isObject(value) ? { ...value, [part.slice(2)]: item } : value;
}

function withoutPart(value: Json, part: string): Json {
  if (Array.isArray(value)) return value.filter((item) => !isPart(item, part));
  if (!isObject(value)) return value;
  const { [part.slice(2)]: _, ...rest } = value;
  return rest;
}

function below(sets: readonly JsonObject[], part: string): JsonObject[] {
  return sets.flatMap((set) => setAt(set, part));
}

/** The set of a part, as a list that is empty where the set has no such part. */
function setAt(set: JsonObject, part: string): JsonObject[] {
  const found = Object.hasOwn(set, part) ? set[part] : undefined;
  return isObject(found) ? [found] : [];
}
