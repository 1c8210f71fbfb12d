import { clone, formatPath, isObject, type Json, type JsonObject, type Path, setKey } from './json.ts';
import { pointAt, type SchemaPoint } from './merge-keys.ts';

/** A patch that cannot be applied. The message names the value, by its path in the patched object. */
export class PatchError extends Error {
  /** What to do. */
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * Applies a strategic merge patch as Kustomize (kyaml's merge2) does; neither argument is changed.
 *
 * - A map is merged field by field; null removes a field; `$patch: replace` in a map keeps only what the
 *   patch says, `$patch: delete` removes the map.
 * - A list with merge keys is merged item by item; `$patch: delete` in an item removes it, an item that says
 *   `$patch: replace` and nothing else replaces the list. The patch's items come first, in its order; in a
 *   list with two keys only its new items do.
 * - Any other list, and any scalar, is replaced.
 * - `$setElementOrder` is ignored.
 *
 * In two things it does what is meant, unlike Kustomize: `$patch: replace` in a list that is not there yet
 * keeps the list's items, and a number that takes the place of a string stays a number.
 *
 * @throws PatchError with the path of the value where Kustomize fails, or where it drops or garbles something in
 *   silence: items without their keys or with the same ones, values of different types, unknown directives
 */
export function strategicMerge(target: JsonObject, patch: JsonObject, at: SchemaPoint): JsonObject {
  const merged = mergeMap(target, patch, at, []);
  if (merged === undefined)
    throw new PatchError('the patch removes the whole object', 'remove $patch: delete at its top');
  return merged;
}

/** Merges one value. Undefined means "not there": of the base, of the patch and of the result. */
export function mergeValue(
  base: Json | undefined,
  patch: Json | undefined,
  at: SchemaPoint | undefined,
  path: Path,
): Json | undefined {
  if (patch === null) return undefined;
  const type = typeOf(base ?? patch);
  if (base != null && patch !== undefined && typeOf(patch) !== type) {
    throw new PatchError(
      `${formatPath(path)}: a ${typeOf(patch)} cannot be merged into a ${type}`,
      `write a ${type}`,
    );
  }
  if (type === 'map') return mergeMap((base ?? {}) as JsonObject, (patch ?? {}) as JsonObject, at, path);
  if (type === 'list' && at?.keys !== undefined) {
    return mergeItems((base ?? []) as Json[], (patch ?? []) as Json[], at, at.keys, path);
  }
  return clone(patch ?? base ?? null);
}

function typeOf(value: Json | undefined): 'map' | 'list' | 'scalar' {
  return isObject(value) ? 'map' : Array.isArray(value) ? 'list' : 'scalar';
}

function mergeMap(
  base: JsonObject,
  patch: JsonObject,
  at: SchemaPoint | undefined,
  path: Path,
): JsonObject | undefined {
  const directive = directiveOf(patch, path);
  if (directive === 'delete') return undefined;
  const merged: JsonObject = {};
  const kept = directive === 'replace' ? {} : base;
  for (const key of new Set([...Object.keys(kept), ...Object.keys(patch)])) {
    if (key === '$patch' || key.startsWith('$setElementOrder/')) continue;
    if (key === '$retainKeys' || key.startsWith('$deleteFromPrimitiveList/')) {
      throw new PatchError(
        `${formatPath([...path, key])}: Kustomize does not know this directive`,
        'use $patch',
      );
    }
    const [old, change] = [own(kept, key), own(patch, key)];
    // most of what a patch does not speak of are plain values
    const isKept = change === undefined && (typeof old !== 'object' || old === null);
    const value = isKept ? old : mergeValue(old, change, pointAt(at, key), [...path, key]);
    if (value !== undefined) setKey(merged, key, value);
  }
  return merged;
}

function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function directiveOf(patch: JsonObject, path: Path): 'delete' | 'replace' | 'merge' {
  const directive = own(patch, '$patch') ?? 'merge';
  if (directive === 'delete' || directive === 'replace' || directive === 'merge') return directive;
  throw new PatchError(
    `${formatPath([...path, '$patch'])}: this is no directive`,
    'use delete, replace or merge',
  );
}

function mergeItems(
  base: Json[],
  patch: Json[],
  at: SchemaPoint,
  keys: readonly string[],
  path: Path,
): Json[] | undefined {
  const directed = patch.find((item) => isObject(item) && Object.hasOwn(item, '$patch'));
  if (isObject(directed) && Object.keys(directed).length === 1) {
    const directive = directiveOf(directed, path);
    if (directive === 'delete') return undefined;
    const rest = patch.filter((item) => !isObject(item) || item.$patch !== directive);
    return mergeItems(directive === 'replace' ? [] : base, rest, at, keys, path);
  }

  const old = indexItems(base, keys, path);
  const changes = indexItems(patch, keys, path);
  refuseHalfMatches([...new Set([...old.keys(), ...changes.keys()])], keys, path);
  const order =
    keys.length > 1
      ? [...[...changes.keys()].filter((id) => !old.has(id)), ...old.keys()]
      : [...new Set([...changes.keys(), ...old.keys()])];
  const merged: Json[] = [];
  for (const id of order) {
    const [item, change] = [old.get(id), changes.get(id)];
    // Kustomize puts the old item back over what `$patch: replace` in an item made.
    const dropped = item !== undefined && isObject(change) && change.$patch === 'replace';
    const itemPath = [...path, change === undefined ? base.indexOf(item as Json) : patch.indexOf(change)];
    const value = mergeValue(item, dropped ? undefined : change, { fields: at.fields ?? {} }, itemPath);
    if (value !== undefined) merged.push(value);
  }
  return merged;
}

/** A list's items by the values of their keys. */
function indexItems(items: Json[], keys: readonly string[], path: Path): Map<string, Json> {
  const index = new Map<string, Json>();
  for (const [i, item] of items.entries()) {
    const id = itemId(item, keys);
    if (id === undefined) {
      throw new PatchError(
        `${formatPath([...path, i])}: an item of this list needs ${keys[0] ?? 'to be a string'}`,
        keys[0] === undefined ? 'write a string' : `add ${keys[0]}`,
      );
    }
    if (index.has(id)) {
      throw new PatchError(
        `${formatPath([...path, i])}: another item has the same ${keys.join(' and ') || 'value'}`,
        'remove one of the two',
      );
    }
    index.set(id, item);
  }
  return index;
}

/** The values of an item's merge keys as one text; undefined if it lacks the first of them. */
export function itemId(item: Json, keys: readonly string[]): string | undefined {
  if (keys.length === 0) return typeof item === 'string' ? item : undefined;
  if (!isObject(item)) return undefined;
  const values = keys.map((key) => own(item, key) ?? '');
  return values[0] === '' || values.some((value) => typeOf(value) !== 'scalar')
    ? undefined
    : JSON.stringify(values.map(String));
}

/**
 * Where one item of a list with two keys says both and another says only one of them, with the same value,
 * Kustomize drops one of the two in silence.
 */
function refuseHalfMatches(ids: string[], keys: readonly string[], path: Path): void {
  if (keys.length < 2) return;
  const all = ids.map((id) => JSON.parse(id) as string[]);
  for (const values of all) {
    const lacking = values.indexOf('');
    if (lacking === -1) continue;
    const half = all.find(
      (other) => other !== values && other.every((v, i) => i === lacking || v === values[i]),
    );
    if (half !== undefined) {
      const [key, other] = [keys[0], keys[lacking]];
      throw new PatchError(
        `${formatPath(path)}: several items have ${key} ${values[0]}, and not all of them say their ${other}`,
        `add ${other} to each`,
      );
    }
  }
}
