import { clone, equal, isObject, type Json, type JsonObject } from './json.ts';
import { pointAt, type SchemaPoint, schemaOf } from './merge-keys.ts';
import { itemId, mergeValue, strategicMerge } from './strategic-merge.ts';

/**
 * The smallest strategic merge patch that makes every Kustomize turn `base` into `target`, lists in the
 * target's order; undefined if they are equal. It names the object and otherwise says nothing that the base
 * already says, save for the items that a list's order needs. Where Kustomize cannot merge a change, the patch
 * replaces the list or map around it.
 *
 * Neither object may hold a null.
 *
 * @throws Error if the two are not the same object, or if no patch leads from one to the other
 */
export function strategicDiff(base: JsonObject, target: JsonObject): JsonObject | undefined {
  if (equal(base, target)) return undefined;
  const [identity, targetIdentity] = [identityOf(base), identityOf(target)];
  if (!equal(identity, targetIdentity)) {
    throw new Error(`a patch cannot turn ${describe(base)} into ${describe(target)}`);
  }
  const at = schemaOf(base);
  const wholeOf = (patch: JsonObject | undefined) => {
    const metadata = patch?.metadata;
    const named = { ...(identity.metadata as JsonObject), ...(isObject(metadata) ? metadata : {}) };
    return { ...identity, ...patch, metadata: named };
  };
  // Where the patch as a whole leads there, so does each part of it, and none needs to be tried by itself.
  const quick = diffMap(base, target, at, () => true);
  if (quick !== undefined) {
    const whole = wholeOf(quick);
    if ((isSimple(base, quick, at) && isInert(base, at)) || leadsTo(base, whole, target, at)) return whole;
  }
  const patch = diffMap(base, target, at, leadsTo);
  const whole = wholeOf(patch);
  try {
    if (patch !== undefined && equal(strategicMerge(base, whole, at), target)) return whole;
  } catch (cause) {
    throw new Error(`no patch leads to the new ${describe(base)}: ${(cause as Error).message}`, { cause });
  }
  throw new Error(`no patch leads to the new ${describe(base)}`);
}

/** Whether a patch of a part is known to lead to its target. */
type Leads = (base: Json, patch: Json, target: Json, at: SchemaPoint | undefined) => boolean;

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
function diffMap(
  base: JsonObject,
  target: JsonObject,
  at: SchemaPoint | undefined,
  leads: Leads,
): JsonObject | undefined {
  const entries: [string, Json][] = [];
  for (const [key, value] of Object.entries(target)) {
    const old = Object.hasOwn(base, key) ? base[key] : undefined;
    if (equal(old, value)) continue;
    if (old === undefined ? isMisread(key) : keepsStyle(old, value)) return undefined;
    entries.push([key, old === undefined ? clone(value) : diffValue(old, value, pointAt(at, key), leads)]);
  }
  for (const key of Object.keys(base)) if (!Object.hasOwn(target, key)) entries.push([key, null]);
  return Object.fromEntries(entries);
}

/**
 * Whether a key that a patch adds to a map breaks the build: Kustomize writes it without quotes, and up to
 * kubectl 1.30 what is then a number, a date, null or a boolean is no string any more.
 */
function isMisread(key: string): boolean {
  return /^(?:~?|<<|null|true|false|[-+]?\.?\d[^/]*|[-+]?\.(?:inf|nan))$/i.test(key);
}

/**
 * Whether the style that a scalar takes over from the one it replaces spoils it: a number in quotes is a
 * string, and the build fails where a text that begins with a tab is written as a block.
 */
function keepsStyle(old: Json, value: Json): boolean {
  if (typeof old !== 'string') return false;
  return typeof value !== 'string' || (old.includes('\n') && value.startsWith('\t'));
}

/** The patch for a value that differs. Where the fine one would not do, the whole map or list is replaced. */
function diffValue(base: Json, target: Json, at: SchemaPoint | undefined, leads: Leads): Json {
  if (isObject(base) && isObject(target)) {
    const patch = diffMap(base, target, at, leads);
    return patch !== undefined && leads(base, patch, target, at)
      ? patch
      : { $patch: 'replace', ...clone(target) };
  }
  if (Array.isArray(base) && Array.isArray(target) && at?.keys !== undefined) {
    const patch = diffItems(base, target, at, at.keys, leads);
    return patch !== undefined && leads(base, patch, target, at)
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
 * Whether a patch says nothing but values of maps, so that it leads wherever it is meant to, if only the rest of the object
 * stays as it is: most patches do, and to try one takes a copy of the whole object.
 */
function isSimple(base: JsonObject, patch: JsonObject, at: SchemaPoint | undefined): boolean {
  return Object.keys(patch).every((key) => {
    const [old, change] = [Object.hasOwn(base, key) ? base[key] : undefined, patch[key] as Json];
    if (key.startsWith('$')) return false;
    if (change === null) return true;
    if (typeof change !== 'object') return typeof old !== 'object' || old === null;
    if (Array.isArray(change)) return Array.isArray(old) && pointAt(at, key)?.keys === undefined;
    return isObject(old) && isSimple(old, change, pointAt(at, key));
  });
}

/** Whether Kustomize leaves all of an object as it is that a patch does not speak of. */
function isInert(base: JsonObject, at: SchemaPoint): boolean {
  const known = inert.get(base) ?? leadsTo(base, {}, base, at);
  inert.set(base, known);
  return known;
}

/** Of objects that were compared with others: tenants of a fleet all have the same below them. */
const inert = new WeakMap<JsonObject, boolean>();

/**
 * The patch for a list that is merged item by item; undefined where replacing the list is simpler, or where
 * versions of Kustomize disagree because an item lacks a key.
 */
function diffItems(
  base: Json[],
  target: Json[],
  at: SchemaPoint,
  keys: readonly string[],
  leads: Leads,
): Json[] | undefined {
  if (keys.length === 0) return base.every((item) => target.includes(item)) ? target : undefined;
  const complete = (item: Json): item is JsonObject =>
    isObject(item) && keys.every((key) => Object.hasOwn(item, key));
  if (!base.every(complete) || !target.every(complete)) return undefined;
  const olds = new Map(base.map((item) => [itemId(item, keys), item]));
  const news = new Map(target.map((item) => [itemId(item, keys), item]));
  if (![...news.keys()].some((id) => olds.has(id))) return undefined;

  const patches: JsonObject[] = [];
  // The order of a list with two keys is not the patch's to say: new items come first, the others stay.
  const ordered = keys.length === 1;
  for (const item of ordered ? target.slice(0, unchangedTail(base, target)) : target) {
    const old = olds.get(itemId(item, keys));
    if (!ordered && equal(old, item)) continue;
    const patch = old === undefined ? clone(item) : diffMap(old, item, { fields: at.fields ?? {} }, leads);
    if (patch === undefined) return undefined;
    patches.push({ ...pick(item, keys), ...patch });
  }
  const gone = base.filter((item) => !news.has(itemId(item, keys)));
  return [...patches, ...gone.map((item) => ({ ...pick(item, keys), $patch: 'delete' }))];
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

function pick(item: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.map((key) => [key, item[key] as Json]));
}
