import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '@kubernetes/client-node';
import type { Json, JsonObject } from '../../generator/model/json.ts';
import { pointAt, type SchemaPoint, schemaOf } from '../../generator/model/merge-keys.ts';
import { strategicMerge } from '../../generator/model/strategic-merge.ts';
import { requireKustomizers } from '../support/tools.ts';
import { named, type Patched, patchAll } from './strategic-build.ts';

/** The kinds of the table, and the client's class that lists each one's fields. */
const kinds = [
  ['apps/v1', 'Deployment', 'V1Deployment'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler', 'V2HorizontalPodAutoscaler'],
  ['batch/v1', 'Job', 'V1Job'],
  ['networking.k8s.io/v1', 'NetworkPolicy', 'V1NetworkPolicy'],
  ['policy/v1', 'PodDisruptionBudget', 'V1PodDisruptionBudget'],
  ['rbac.authorization.k8s.io/v1', 'Role', 'V1Role'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding', 'V1RoleBinding'],
  ['v1', 'ConfigMap', 'V1ConfigMap'],
  ['v1', 'Namespace', 'V1Namespace'],
  ['v1', 'Secret', 'V1Secret'],
  ['v1', 'Service', 'V1Service'],
  ['v1', 'ServiceAccount', 'V1ServiceAccount'],
] as const;

interface Field {
  readonly baseName: string;
  readonly type: string;
}

/** The fields of one of the client's classes; none of a scalar or a map of free keys. */
function fieldsOf(type: string): readonly Field[] {
  const model = (client as Record<string, unknown>)[type] as { attributeTypeMap?: Field[] } | undefined;
  return model?.attributeTypeMap ?? [];
}

/** A scalar that is another one for every number. */
function scalar(field: string, type: string, i: number): Json | undefined {
  if (type === 'number' || type === 'IntOrString') return i;
  if (type === 'boolean') return true;
  return type === 'string' || type === 'Date' ? `${field.toLowerCase()}-${i}` : undefined;
}

/** A list item with all its scalars, each another one for every number. */
function item(type: string, i: number): Json {
  const fields = fieldsOf(type);
  if (fields.length === 0) return scalar('v', type, i) ?? { x: `x-${i}` };
  return Object.fromEntries(
    fields.flatMap(({ baseName, type }): [string, Json][] => {
      const value = scalar(baseName, type, i);
      return value === undefined ? [] : [[baseName, value]];
    }),
  );
}

/** A list somewhere in an object: where, of what, what the table says of it, and how to put a value there. */
interface ListField {
  readonly path: string;
  readonly type: string;
  readonly point: SchemaPoint | undefined;
  put(value: Json): JsonObject;
}

/** Every list field of a class, in whatever depth; a class inside itself is not gone into again. */
function* listFields(
  type: string,
  point: SchemaPoint | undefined,
  put: (value: JsonObject) => JsonObject = (value) => value,
  parents: readonly string[] = [],
  path = '',
): Generator<ListField> {
  for (const field of fieldsOf(type)) {
    if (path === '' && field.baseName === 'status') continue;
    const element = /^Array<(.*)>$/.exec(field.type)?.[1];
    const inner = element ?? field.type;
    const at = pointAt(point, field.baseName);
    const here = `${path}.${field.baseName}`;
    const putHere = (value: Json) => put({ [field.baseName]: value });
    if (element !== undefined) yield { path: here, type: element, point: at, put: putHere };
    if (parents.includes(inner)) continue;
    const putInside = (value: JsonObject) =>
      putHere(element === undefined ? value : [{ ...(item(inner, 1) as JsonObject), ...value }]);
    yield* listFields(inner, at, putInside, [...parents, type], here);
  }
}

/** Patches of every list: one that changes and adds an item, and one that deletes by the keys of the table. */
function* probes(apiVersion: string, kind: string, type: string): Generator<Patched & { told: string }> {
  for (const { path, type: element, point, put } of listFields(type, schemaOf({ apiVersion, kind }))) {
    const object = (...items: Json[]) => named({ apiVersion, kind, ...put(items) }, 'x');
    const [first, second, third] = [item(element, 1), item(element, 2), item(element, 3)];
    const told = `${kind}${path}, keys ${point?.keys ?? 'none'}`;
    yield { told, base: object(first, second), patch: object(second, third) };
    if (point?.keys === undefined || point.keys.length === 0) continue;
    const keys = Object.fromEntries(point.keys.map((key) => [key, (first as JsonObject)[key] as Json]));
    yield {
      told: `${told}, delete`,
      base: object(first, second),
      patch: object({ ...keys, $patch: 'delete' }),
    };
  }
}

test('the table is complete and right: every list of every kind is merged as every Kustomize merges it', async (t) => {
  const all = requireKustomizers(t);
  if (all === undefined) return;
  const list = kinds.flatMap(([version, kind, type]) => [...probes(version, kind, type)]);
  for (const [, kind] of kinds) assert.ok(list.filter(({ base }) => base.kind === kind).length >= 3, kind);
  for (const kustomize of all) {
    const built = await patchAll(kustomize, list);
    for (const [i, { told, base, patch }] of list.entries()) {
      assert.deepEqual(built[i], strategicMerge(base, patch, schemaOf(base)), `${kustomize.name}: ${told}`);
    }
  }
});
