/** What differs between two values: field by field, items of lists matched by what tells them apart. */
import { equal, isObject, type Json, type JsonObject } from './json.ts';
import { pointAt, type SchemaPoint } from './merge-keys.ts';

/** An item of a list by what tells it apart: `{name: 'gateway'}`. */
export interface ItemKey {
  readonly keys: JsonObject;
}

/** A field's name, a place in a list, or an item by its key. */
export type FieldPath = readonly (string | number | ItemKey)[];

/** A field that differs; `before` or `after` is absent where only one side has it. */
export interface FieldDifference {
  readonly path: FieldPath;
  readonly before?: Json;
  readonly after?: Json;
  /** Whether the items of a list are the same and only their order differs; the sides then have their names. */
  readonly isOrder?: true;
}

/** How values are compared. */
export interface DiffRules {
  /** The fields that tell the items of two lists apart; undefined where the lists are not matched by items. */
  keysOf(
    before: readonly Json[],
    after: readonly Json[],
    at: SchemaPoint | undefined,
  ): readonly string[] | undefined;
  /** What an item is called where only the order differs. */
  nameOf(item: ItemKey): Json;
  /** Compares lists without keys. @default as a whole */
  lists?(before: readonly Json[], after: readonly Json[], path: FieldPath, item: DiffItem): FieldDifference[];
  /** Whether a field is left out. @default none is */
  isLeftOut?(path: FieldPath): boolean;
}

/** Compares the items of two lists at one place. */
export type DiffItem = (before: Json, after: Json, path: FieldPath) => FieldDifference[];

/**
 * Compares two values.
 *
 * @param at what is known of them; @default nothing
 */
export function diffValues(before: Json, after: Json, rules: DiffRules, at?: SchemaPoint): FieldDifference[] {
  return diffAt(before, after, [], at, rules);
}

function diffAt(
  before: Json | undefined,
  after: Json | undefined,
  path: FieldPath,
  at: SchemaPoint | undefined,
  rules: DiffRules,
): FieldDifference[] {
  if (rules.isLeftOut?.(path)) return [];
  if (before === undefined || after === undefined)
    return [{ path, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) }];
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) =>
      diffAt(own(before, name), own(after, name), [...path, name], pointAt(at, name), rules),
    );
  }
  // maps are compared once, on the way down
  if (equal(before, after)) return [];
  if (!Array.isArray(before) || !Array.isArray(after)) return [{ path, before, after }];
  const keys = rules.keysOf(before, after, at);
  const [old, now] = keys === undefined ? [] : [keyed(before, keys), keyed(after, keys)];
  if (old !== undefined && now !== undefined) return diffKeyed(old, now, path, at, rules);
  const item: DiffItem = (a, b, place) => diffAt(a, b, place, at, rules);
  return rules.lists?.(before, after, path, item) ?? [{ path, before, after }];
}

interface KeyedItem {
  readonly key: ItemKey;
  readonly item: JsonObject;
}

/** The items by their keys; undefined where two have the same. */
function keyed(items: readonly Json[], keys: readonly string[]): Map<string, KeyedItem> | undefined {
  const found = new Map<string, KeyedItem>();
  for (const item of items as readonly JsonObject[]) {
    const values = Object.fromEntries(keys.map((name) => [name, item[name] as Json]));
    found.set(JSON.stringify(values), { key: { keys: values }, item });
  }
  return found.size === items.length ? found : undefined;
}

function diffKeyed(
  before: ReadonlyMap<string, KeyedItem>,
  after: ReadonlyMap<string, KeyedItem>,
  path: FieldPath,
  at: SchemaPoint | undefined,
  rules: DiffRules,
): FieldDifference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const differences = names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    return diffAt(old?.item, now?.item, [...path, (old ?? now)?.key as ItemKey], at, rules);
  });
  if (differences.length > 0) return differences;
  const order = (items: ReadonlyMap<string, KeyedItem>) =>
    [...items.values()].map(({ key }) => rules.nameOf(key));
  return [{ path, before: order(before), after: order(after), isOrder: true }];
}

function own(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
