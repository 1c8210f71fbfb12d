import { clone, equal, isObject, type Json, type JsonObject } from './json.ts';
import { pointAt, type SchemaPoint, schemaOf } from './merge-keys.ts';
import { itemId, mergeValue, strategicMerge } from './strategic-merge.ts';

/**
 * The smallest strategic merge patch that makes Kustomize turn `base` into `target`, lists in the target's
 * order; undefined if they are equal. It names the object and otherwise says nothing that the base already
 * says, save for the items that a list's order needs.
 *
 * Neither object may hold a null. What is left of a list or map when all of it goes is removed with it:
 * Kustomize cannot make an empty list, and the target should hold none.
 *
 * @throws Error if the two are not the same object, or if no patch leads from one to the other
 */
export function strategicDiff(base: JsonObject, target: JsonObject): JsonObject | undefined {
  const [identity, targetIdentity] = [identityOf(base), identityOf(target)];
  if (!equal(identity, targetIdentity)) {
    throw new Error(`a patch cannot turn ${describe(base)} into ${describe(target)}`);
  }
  if (equal(base, target)) return undefined;
  const at = schemaOf(base);
  const patch = diffMap(base, target, at);
  const metadata = patch?.metadata;
  const whole = {
    ...identity,
    ...patch,
    metadata: { ...(identity.metadata as JsonObject), ...(isObject(metadata) ? metadata : {}) },
  };
  if (patch === undefined || !equal(strategicMerge(base, whole, at), target)) {
    throw new Error(`no patch leads from ${describe(base)} to what it should be`);
  }
  return whole;
}

/** What Kustomize finds an object by, and what no patch changes. */
function identityOf(object: JsonObject): JsonObject {
  const { apiVersion, kind, metadata } = object;
  const { name, namespace } = isObject(metadata) ? metadata : {};
  return {
    apiVersion: apiVersion ?? null,
    kind: kind ?? null,
    metadata: { name: name ?? null, ...(namespace === undefined ? {} : { namespace }) },
  };
}

function describe(object: JsonObject): string {
  const { apiVersion, kind, metadata } = identityOf(object);
  return `${apiVersion} ${kind} ${(metadata as JsonObject).name}`;
}

/**
 * The patch that merges a map's changes in, field by field; undefined where Kustomize would garble one of
 * them, so that the map, or the list whose item it is, has to be replaced.
 */
function diffMap(base: JsonObject, target: JsonObject, at: SchemaPoint | undefined): JsonObject | undefined {
  const entries: [string, Json][] = [];
  for (const [key, value] of Object.entries(target)) {
    const old = Object.hasOwn(base, key) ? base[key] : undefined;
    if (old === undefined ? isMisread(key) : keepsQuotes(old, value)) return undefined;
    if (old === undefined) entries.push([key, clone(value)]);
    else if (!equal(old, value)) entries.push([key, diffValue(old, value, pointAt(at, key))]);
  }
  for (const key of Object.keys(base)) if (!Object.hasOwn(target, key)) entries.push([key, null]);
  return Object.fromEntries(entries);
}

/**
 * Whether a key that a patch adds to a map breaks the build: Kustomize writes it without quotes, and up to
 * kubectl 1.30 what is then a number, a date, null or a boolean is no string any more.
 */
function isMisread(key: string): boolean {
  return !/^[A-Za-z_]|\//.test(key) || /^(?:null|true|false)$/i.test(key);
}

/** Whether a number or boolean comes out as a string: a scalar keeps the quotes of the one it replaces. */
function keepsQuotes(old: Json, value: Json): boolean {
  return typeof old === 'string' && typeof value !== 'string';
}

/** The patch for a value that differs. Where the fine one would not do, the whole map or list is replaced. */
function diffValue(base: Json, target: Json, at: SchemaPoint | undefined): Json {
  if (isObject(base) && isObject(target)) {
    const patch = diffMap(base, target, at);
    return patch !== undefined && leadsTo(base, patch, target, at)
      ? patch
      : { $patch: 'replace', ...clone(target) };
  }
  if (Array.isArray(base) && Array.isArray(target) && at?.keys !== undefined) {
    const patch = diffItems(base, target, at, at.keys);
    return patch !== undefined && leadsTo(base, patch, target, at)
      ? patch
      : [{ $patch: 'replace' }, ...clone(target)];
  }
  return clone(target);
}

function leadsTo(base: Json, patch: Json, target: Json, at: SchemaPoint | undefined): boolean {
  try {
    return equal(mergeValue(base, patch, at, []), target);
  } catch {
    return false;
  }
}

/**
 * The patch for a list that is merged item by item; undefined if replacing it is simpler, or if versions of
 * Kustomize may disagree because an item lacks a key.
 */
function diffItems(
  base: Json[],
  target: Json[],
  at: SchemaPoint,
  keys: readonly string[],
): Json[] | undefined {
  const complete = (item: Json) => isObject(item) && keys.every((key) => Object.hasOwn(item, key));
  if (keys.length === 0 || ![...base, ...target].every(complete)) return undefined;
  const [olds, items] = [base as JsonObject[], target as JsonObject[]];
  const find = (list: JsonObject[], item: JsonObject) =>
    list.find((other) => itemId(other, keys) === itemId(item, keys));
  const named = (item: JsonObject): JsonObject =>
    Object.fromEntries(keys.map((key) => [key, item[key] as Json]));

  if (!items.some((item) => find(olds, item))) return undefined;
  const removed = olds.filter((item) => !find(items, item));
  const tail = keys.length > 1 ? items.length : unchangedTail(olds, items);
  const changed: JsonObject[] = [];
  for (const item of items.slice(0, tail)) {
    const old = find(olds, item);
    if (old !== undefined && keys.length > 1 && equal(old, item)) continue;
    const patch = old === undefined ? clone(item) : diffMap(old, item, { fields: at.fields ?? {} });
    if (patch === undefined) return undefined;
    changed.push({ ...named(item), ...patch });
  }
  return [...changed, ...removed.map((item) => ({ ...named(item), $patch: 'delete' }))];
}

/**
 * Where the part of the list begins that a patch need not name: items that stand unchanged and in the base's
 * order. All before it have to be named in their order, as Kustomize puts a patch's items first.
 */
function unchangedTail(base: JsonObject[], target: JsonObject[]): number {
  let start = target.length;
  let before = base.length;
  while (start > 0) {
    const index = base.findIndex((item) => equal(item, target[start - 1]));
    if (index === -1 || index >= before) break;
    before = index;
    start--;
  }
  return start;
}
