/** Whether a pod template has only fields that Kubernetes knows, each of the right type. */

import { suggest } from '../../config/suggest.ts';
import { isObject, type Json, type JsonObject, type Path } from '../../model/json.ts';
import { checkQuantity } from '../../model/quantity.ts';
import { quote } from '../../model/quote.ts';
import schema from '../pod-schema.json' with { type: 'json' };
import type { PodProblem } from './place.ts';

const types: Readonly<Record<string, Readonly<Record<string, string>>>> = schema.types;

/** A field's type in the notation that scripts/pod-schema.mjs describes. */
const NOTATION = /^([\w-]+)(\{\}|\[[^\]]*\])?(?: >=(\d\.\d+))?(?: <=(\d\.\d+))?$/;

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  int32: 'a whole number',
  int64: 'a whole number',
  quantity: 'a quantity',
  'int-or-string': 'a whole number or text',
  time: 'a time',
  object: 'a map',
};

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/**
 * What is wrong with the fields and types of a pod template. A null stands for an absent field. Values are
 * never quoted, since they may be secret. Two items with the same key in a list that has keys are refused,
 * as server-side apply does.
 */
export function checkStructure(template: JsonObject, problems: PodProblem[]): void {
  checkType(template, 'PodTemplateSpec', [], problems);
}

function checkType(value: Json, notation: string, path: Path, problems: PodProblem[]): void {
  const [, type = '', container = ''] = NOTATION.exec(notation) ?? [];
  const fields = types[type];
  if (container === '{}') {
    if (!isObject(value)) wrongType(value, 'a map', path, problems);
    else for (const [key, item] of Object.entries(value)) checkType(item, type, [...path, key], problems);
  } else if (container !== '') {
    if (!Array.isArray(value)) wrongType(value, 'a list', path, problems);
    else {
      for (const [index, item] of value.entries()) checkType(item, type, [...path, index], problems);
      checkKeys(value, container.slice(1, -1), path, problems);
    }
  } else if (fields === undefined) checkPlain(value, type, path, problems);
  else if (!isObject(value)) wrongType(value, 'a map', path, problems);
  else checkFields(value, type, fields, path, problems);
}

function checkFields(
  value: JsonObject,
  type: string,
  fields: Readonly<Record<string, string>>,
  path: Path,
  problems: PodProblem[],
): void {
  for (const [key, item] of Object.entries(value)) {
    const at = [...path, key];
    const notation = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (notation === undefined) {
      const close = suggest(key, Object.keys(fields));
      const hint = close === undefined ? `remove it: ${type} has no such field` : `did you mean "${close}"?`;
      problems.push({ path: at, message: 'this field does not exist', hint, at: 'key' });
      continue;
    }
    if (item === null) continue;
    const [, , , since, until] = NOTATION.exec(notation) ?? [];
    if (since !== undefined) {
      problems.push({
        path: at,
        message: `Kubernetes before ${since} does not know this field`,
        hint: 'remove it, or make sure that no older cluster is used',
        at: 'key',
        since,
      });
    }
    if (until !== undefined) {
      problems.push({
        path: at,
        message: `Kubernetes after ${until} does not know this field`,
        hint: 'remove it',
        at: 'key',
      });
    }
    checkType(item, notation, at, problems);
  }
}

function checkPlain(value: Json, type: string, path: Path, problems: PodProblem[]): void {
  if (!isOfType(value, type)) {
    wrongType(value, WORDS[type] ?? type, path, problems);
  } else if (typeof value === 'number' && type !== 'quantity') {
    const limit = type === 'int64' ? 2 ** 63 : 2 ** 31;
    if (value < -limit || value >= limit)
      problems.push({ path, message: 'this number is too large', hint: 'use a smaller one' });
  } else if (type === 'quantity' && (typeof value === 'string' || typeof value === 'number')) {
    const fault = checkQuantity(value);
    if (fault !== undefined) problems.push({ path, ...fault });
  } else if (type === 'time' && !TIME.test(String(value))) {
    problems.push({ path, message: 'this is not a time', hint: 'write it like 2025-01-31T12:00:00Z' });
  }
}

function isOfType(value: Json, type: string): boolean {
  switch (type) {
    case 'string':
    case 'time':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'int32':
    case 'int64':
      return Number.isInteger(value);
    case 'quantity':
      return typeof value === 'string' || typeof value === 'number';
    case 'int-or-string':
      return typeof value === 'string' || Number.isInteger(value);
    default:
      return isObject(value);
  }
}

function wrongType(value: Json, wanted: string, path: Path, problems: PodProblem[]): void {
  const message = `${nameOf(value)} where ${wanted} is meant`;
  const scalar = typeof value === 'number' || typeof value === 'boolean';
  problems.push({
    path,
    message,
    hint: scalar && wanted === 'text' ? 'put it in quotes' : `write ${wanted}`,
  });
}

function nameOf(value: Json): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return typeof value === 'string' ? 'text' : typeof value === 'number' ? 'a number' : 'true or false';
}

/**
 * Reports items of a list that are known by the same keys as an earlier one. `keys` is empty, `*` where the
 * items are known by themselves, or like `containerPort,protocol=TCP`.
 */
function checkKeys(items: readonly Json[], keys: string, path: Path, problems: PodProblem[]): void {
  if (keys === '') return;
  const names = keys.split(',').map((key) => key.split('='));
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const values =
      keys === '*' ? [item] : names.map(([name = '', other]) => keyOf(item, name) ?? other ?? null);
    if (values.includes(null)) continue;
    const identity = JSON.stringify(values);
    if (seen.has(identity)) {
      const shown = values.map((value, i) => `${keys === '*' ? '' : `${names[i]?.[0]} `}${show(value)}`);
      problems.push({
        path: [...path, index],
        message: `${shown.join(' and ')} stands in this list already`,
        hint: 'remove one of the two',
      });
    }
    seen.add(identity);
  }
}

function keyOf(item: Json, name: string): Json | undefined {
  return isObject(item) ? item[name] : undefined;
}

function show(value: Json | undefined): string {
  return typeof value === 'string' ? quote(value) : String(value);
}
