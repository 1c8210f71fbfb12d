/** The server's defaults in what came or went as a whole. */

import type { FieldPath } from '../../model/diff.ts';
import { isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { managedFieldsOf, union } from '../api/managers.ts';
import { isPart } from '../state/field-set.ts';

/**
 * A part of an object without the fields that no manager has set: those the server has filled in.
 *
 * @param object the object that has it, with its `managedFields`; without them the part is left as it is
 */
export function withoutDefaults(value: Json, path: FieldPath, object: KubernetesObject): Json {
  const all = managedFieldsOf(object)
    .map(({ fieldsV1 }) => fieldsV1)
    .reduce<JsonObject>(union, {});
  return ownedOf(value, setAt(all, path));
}

/** The set of a part; undefined where it is in no set by itself, as in a list that is set as a whole. */
function setAt(set: Json | undefined, [first, ...rest]: FieldPath): Json | undefined {
  if (first === undefined || !isObject(set)) return set;
  if (typeof first === 'number') return undefined;
  const part = typeof first === 'string' ? `f:${first}` : partOf(first.keys, set);
  return part !== undefined && Object.hasOwn(set, part) ? setAt(set[part], rest) : undefined;
}

function partOf(item: Json, set: JsonObject): string | undefined {
  return Object.keys(set).find((part) => isPart(item, part));
}

function ownedOf(value: Json, set: Json | undefined): Json {
  if (!isObject(set) || Object.keys(set).every((part) => part === '.')) return value;
  if (Array.isArray(value)) return value.map((item) => ownedOf(item, set[partOf(item, set) ?? '']));
  if (!isObject(value)) return value;
  const owned = Object.entries(value).filter(([name]) => Object.hasOwn(set, `f:${name}`));
  return Object.fromEntries(owned.map(([name, item]) => [name, ownedOf(item, set[`f:${name}`])]));
}
