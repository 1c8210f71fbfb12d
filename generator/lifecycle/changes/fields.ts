/** What differs between two versions of an object, lists matched as the API server does. */
import { diffArrays } from 'diff';
import { type DiffRules, diffValues, type FieldDifference } from '../../model/diff.ts';
import { equal, isObject, type Json } from '../../model/json.ts';
import { type SchemaPoint, schemaOf } from '../../model/merge-keys.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { itemName } from './field-path.ts';

/** Compares two versions of an object. */
export function diffFields(before: KubernetesObject, after: KubernetesObject): FieldDifference[] {
  return diffValues(before, after, rules, schemaFor(after));
}

/** Objects of kinds whose keys are not known are matched by the names of their lists' items. */
function schemaFor(object: KubernetesObject): SchemaPoint | undefined {
  try {
    return schemaOf(object);
  } catch {
    return undefined;
  }
}

const rules: DiffRules = {
  /** The keys of the schema, else `name` where all have one. */
  keysOf(before, after, at) {
    const keys = at?.keys === undefined || at.keys.length === 0 ? ['name'] : at.keys;
    const have = (item: Json) => isObject(item) && keys.every((key) => isPlain(item[key]));
    return [...before, ...after].every(have) ? keys : undefined;
  },
  nameOf: itemName,
  /** Item by item where none came or went, else the items that did. */
  lists(before, after, path, item) {
    if (before.length === after.length)
      return before.flatMap((each, index) => item(each, after[index] as Json, [...path, index]));
    const differences: FieldDifference[] = [];
    let [old, now] = [0, 0];
    for (const { value, added, removed } of diffArrays([...before], [...after], { comparator: equal })) {
      for (const each of value) {
        if (removed) differences.push({ path: [...path, old], before: each });
        if (added) differences.push({ path: [...path, now], after: each });
        if (!added) old += 1;
        if (!removed) now += 1;
      }
    }
    return differences;
  },
};

function isPlain(value: Json | undefined): boolean {
  return typeof value === 'string' || typeof value === 'number';
}
