/**
 * Who set which field: the managers of server-side apply. Source: the API's own documentation of
 * `metadata.managedFields` (FieldsV1), and what API servers were seen to write.
 */
import { equal, isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';

/** The manager of what the environment lists. */
export const ownManager = 'glyphoxa-kustomize';

/**
 * The manager of fields that are held apart from what the environment lists: the replicas of a deployment that
 * was stopped or that a scaler takes over, and a drained gateway's rights.
 */
export const holdManager = 'glyphoxa-kustomize-hold';

/** The manager that kubectl writes an ApplySet's parent with. */
export const applySetManager = 'kubectl-applyset';

/** An entry of `metadata.managedFields`. */
export interface ManagedFields extends JsonObject {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  fieldsType: 'FieldsV1';
  fieldsV1: JsonObject;
}

/** The entries of an object; none where the server left them out. */
export function managedFieldsOf({ metadata }: KubernetesObject): ManagedFields[] {
  const { managedFields } = metadata;
  return Array.isArray(managedFields) ? (managedFields.filter(isObject) as ManagedFields[]) : [];
}

/** Whether an apply of ours has been at an object. */
export function isOurs(object: KubernetesObject): boolean {
  return ownEntry(managedFieldsOf(object)) !== undefined;
}

/** The entry of what an apply of ours has set; undefined where there was none. */
export function ownEntry(entries: readonly ManagedFields[]): ManagedFields | undefined {
  return entries.find(isOwnEntry);
}

/** The entries that own a field, given by its keys in FieldsV1: `['f:spec', 'f:replicas']`. */
export function ownersOf(object: KubernetesObject, field: readonly string[]): ManagedFields[] {
  return managedFieldsOf(object).filter(({ fieldsV1 }) => hasField(fieldsV1, field));
}

/** The field of a Deployment's replicas. */
export const replicasField = ['f:spec', 'f:replicas'] as const;

/** Whether a set has a field, given by its keys. */
export function hasField(fields: Json | undefined, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true;
  return isObject(fields) && Object.hasOwn(fields, first) && hasField(fields[first], rest);
}

function isOwnEntry({ manager, operation, subresource }: ManagedFields): boolean {
  return manager === ownManager && operation === 'Apply' && subresource === undefined;
}

/**
 * The JSON patch that makes the fields of some managers ours: their entries go, and what they own is added to
 * our entry. It changes nothing else of the object, fails where the object has changed since it was read, and is
 * undefined where there is nothing to take. Fields as another version of the API calls them become nobody's.
 *
 * @param takes which entries; those of status and other subresources never
 * @param field the only field to take, if not all; the rest of the entries stays
 */
export function takeOverPatch(
  object: KubernetesObject,
  takes: (entry: ManagedFields) => boolean,
  field?: readonly string[],
): JsonObject[] | undefined {
  const entries = managedFieldsOf(object);
  const taken = entries.filter(
    (entry) => !isOwnEntry(entry) && takes(entry) && (field === undefined || hasField(entry.fieldsV1, field)),
  );
  if (taken.length === 0) return undefined;
  const own = ownEntry(entries);
  const { apiVersion } = own ?? { apiVersion: object.apiVersion };
  const gained = taken
    .filter((entry) => entry.apiVersion === apiVersion)
    .map(({ fieldsV1 }) => (field === undefined ? fieldsV1 : only(fieldsV1, field)));
  const fieldsV1 = [own?.fieldsV1 ?? {}, ...gained].reduce(union);
  const ours: ManagedFields = {
    manager: ownManager,
    operation: 'Apply',
    apiVersion,
    fieldsType: 'FieldsV1',
    fieldsV1,
  };
  const kept = entries
    .filter((entry) => entry !== own && (field !== undefined || !taken.includes(entry)))
    .map((entry) =>
      taken.includes(entry) && field !== undefined
        ? { ...entry, fieldsV1: without(entry.fieldsV1, field) }
        : entry,
    )
    .filter(({ fieldsV1: left }) => Object.keys(left).length > 0);
  const value = [ours, ...kept];
  return equal(value, entries) ? undefined : managedFieldsPatch(object, value);
}

/**
 * The JSON patch that takes a field from some managers and gives it to nobody: its value stays. It fails where the
 * object has changed since it was read, and is undefined where they do not own the field.
 */
export function letGoPatch(
  object: KubernetesObject,
  lets: (entry: ManagedFields) => boolean,
  field: readonly string[],
): JsonObject[] | undefined {
  const entries = managedFieldsOf(object);
  const isLetting = (entry: ManagedFields) => lets(entry) && hasField(entry.fieldsV1, field);
  if (!entries.some(isLetting)) return undefined;
  const value = entries
    .map((entry) => (isLetting(entry) ? { ...entry, fieldsV1: without(entry.fieldsV1, field) } : entry))
    .filter(({ fieldsV1 }) => Object.keys(fieldsV1).length > 0);
  return managedFieldsPatch(object, value);
}

/**
 * The JSON patch after which an object is none of ours: what we set stays, and is nobody's. It fails where the
 * object has changed since it was read, and is undefined where we set nothing.
 */
export function disownPatch(object: KubernetesObject): JsonObject[] | undefined {
  const entries = managedFieldsOf(object);
  const left = entries.filter(
    (entry) => !isOwnEntry(entry) && !(entry.manager === holdManager && entry.operation === 'Apply'),
  );
  return left.length === entries.length ? undefined : managedFieldsPatch(object, left);
}

function managedFieldsPatch({ metadata }: KubernetesObject, value: ManagedFields[]): JsonObject[] {
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion ?? '' },
    { op: 'replace', path: '/metadata/managedFields', value },
  ];
}

/** Everything that either of two sets of fields has. */
export function union(a: JsonObject, b: JsonObject): JsonObject {
  const result: JsonObject = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const other = result[key];
    result[key] = isObject(other) && isObject(value) ? union(other, value) : value;
  }
  return result;
}

function only(fields: JsonObject, [first = '', ...rest]: readonly string[]): JsonObject {
  const value = fields[first];
  return { [first]: rest.length > 0 && isObject(value) ? only(value, rest) : (value ?? {}) };
}

function without(fields: JsonObject, [first = '', ...rest]: readonly string[]): JsonObject {
  const { [first]: value, ...others } = fields;
  if (rest.length === 0 || !isObject(value)) return others;
  const left = without(value, rest);
  return Object.keys(left).length === 0 ? others : { ...others, [first]: left };
}
