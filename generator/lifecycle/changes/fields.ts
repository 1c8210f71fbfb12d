/** What differs between two versions of an object: field by field, list items matched by what tells them apart. */
import { diffArrays } from 'diff';
import { equal, isObject, type Json, type JsonObject } from '../../model/json.ts';
import { pointAt, type SchemaPoint, schemaOf } from '../../model/merge-keys.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { type FieldPath, type ItemKey, itemName } from './field-path.ts';

/** A field that differs; `before` or `after` is absent where only one side has it. */
export interface FieldDifference {
  readonly path: FieldPath;
  readonly before?: Json;
  readonly after?: Json;
  /** Whether the items of a list are the same and only their order differs; the sides then have their names. */
  readonly isOrder?: true;
}

/** Compares two versions of an object. */
export function diffFields(before: KubernetesObject, after: KubernetesObject): FieldDifference[] {
  return diffValues(before, after, [], schemaFor(after));
}

/** Objects of kinds whose keys are not known are matched by the names of their lists' items. */
function schemaFor(object: KubernetesObject): SchemaPoint | undefined {
  try {
    return schemaOf(object);
  } catch {
    return undefined;
  }
}

function diffValues(
  before: Json,
  after: Json,
  path: FieldPath,
  at: SchemaPoint | undefined,
): FieldDifference[] {
  if (equal(before, after)) return [];
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) =>
      diffMember(own(before, name), own(after, name), [...path, name], pointAt(at, name)),
    );
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const keys = keysOf([...before, ...after], at?.keys);
    const [old, now] = keys === undefined ? [] : [keyed(before, keys), keyed(after, keys)];
    if (old !== undefined && now !== undefined) return diffKeyed(old, now, path, at);
    return diffList(before, after, path, at);
  }
  return [{ path, before, after }];
}

function diffMember(
  before: Json | undefined,
  after: Json | undefined,
  path: FieldPath,
  at: SchemaPoint | undefined,
): FieldDifference[] {
  if (before !== undefined && after !== undefined) return diffValues(before, after, path, at);
  return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
}

interface KeyedItem {
  readonly key: ItemKey;
  readonly item: JsonObject;
}

/** The keys of a list's items: those of the schema, else `name` where all have one. */
function keysOf(items: readonly Json[], known: readonly string[] | undefined): readonly string[] | undefined {
  const keys = known === undefined || known.length === 0 ? ['name'] : known;
  return items.every((item) => isObject(item) && keys.every((key) => isPlain(item[key]))) ? keys : undefined;
}

function isPlain(value: Json | undefined): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

/** The items by their keys; undefined where two have the same. */
function keyed(items: readonly Json[], keys: readonly string[]): Map<string, KeyedItem> | undefined {
  const found = new Map<string, KeyedItem>();
  for (const item of items as readonly JsonObject[]) {
    const key = { keys: Object.fromEntries(keys.map((name) => [name, item[name] as Json])) };
    found.set(itemName(key), { key, item });
  }
  return found.size === items.length ? found : undefined;
}

function diffKeyed(
  before: ReadonlyMap<string, KeyedItem>,
  after: ReadonlyMap<string, KeyedItem>,
  path: FieldPath,
  at: SchemaPoint | undefined,
): FieldDifference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const differences = names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    const key = (old ?? now)?.key as ItemKey;
    return diffMember(old?.item, now?.item, [...path, key], at);
  });
  if (differences.length > 0) return differences;
  return [{ path, before: [...before.keys()], after: [...after.keys()], isOrder: true }];
}

/** Lists without keys: item by item where none came or went, else the items that did. */
function diffList(
  before: readonly Json[],
  after: readonly Json[],
  path: FieldPath,
  at: SchemaPoint | undefined,
): FieldDifference[] {
  if (before.length === after.length) {
    return before.flatMap((item, index) => diffValues(item, after[index] as Json, [...path, index], at));
  }
  const differences: FieldDifference[] = [];
  let [old, now] = [0, 0];
  for (const { value, added, removed } of diffArrays([...before], [...after], { comparator: equal })) {
    for (const item of value) {
      if (removed) differences.push({ path: [...path, old], before: item });
      if (added) differences.push({ path: [...path, now], after: item });
      if (!added) old += 1;
      if (!removed) now += 1;
    }
  }
  return differences;
}

function own(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
