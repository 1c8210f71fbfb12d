/** One object's part of a diff, with nothing in it that must not be shown. */
import { hidden, isSecretField, withoutSecretLines, withoutSecrets } from '../../config/mask.ts';
import type { FieldDifference, FieldPath } from '../../model/diff.ts';
import { equal, given, isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Conflict } from '../state/conflicts.ts';
import { comparable } from './comparable.ts';
import { withoutDefaults } from './defaults.ts';
import { formatFieldPath, isWithin, serverPath } from './field-path.ts';
import { diffFields } from './fields.ts';

/** A field that an apply would change. */
export interface FieldChange {
  /** `spec.template.spec.containers[gateway].image` */
  readonly field: string;
  readonly change: 'added' | 'changed' | 'removed' | 'reordered' | 'unchanged';
  /** Absent where it is added, or secret. */
  readonly before?: Json;
  /** Absent where it is removed, or secret. */
  readonly after?: Json;
  /** The value is a secret: only that it changes is told. */
  readonly isSecret?: true;
  /** Who else has set it; the apply is refused unless it takes the field by force. */
  readonly manager?: string;
  /** Why it differs although nobody changed anything: the deployment is stopped, say. */
  readonly because?: string;
}

/** What an apply would do to an object. */
export interface ObjectChange {
  /** `deployment.apps/glyphoxa-gateway` */
  readonly object: string;
  /** `left` is taken out of the release without being deleted. */
  readonly change: 'created' | 'changed' | 'pruned' | 'left';
  /** Of a changed object its fields. */
  readonly fields: readonly FieldChange[];
  /** Of a created object what the environment says of it; a Secret's values are hidden. */
  readonly after?: JsonObject;
  /** What there is to say about it. */
  readonly note?: string;
}

/** Why a field differs that no change of the environment explains, in words. */
export type Explain = (path: FieldPath) => string | undefined;

/** An object that the environment lists, as it would be created; a Secret with its keys only. */
export function createdObject(wanted: KubernetesObject): JsonObject {
  const object = comparable(wanted);
  const shown = withoutSecrets(object, []) as JsonObject;
  if (object.kind !== 'Secret') return shown;
  for (const field of ['data', 'stringData']) {
    const values = object[field];
    if (isObject(values)) shown[field] = Object.fromEntries(Object.keys(values).map((key) => [key, hidden]));
  }
  return shown;
}

/** The fields that would change. */
export function changedFields(
  live: KubernetesObject,
  after: KubernetesObject,
  conflicts: readonly Conflict[],
  explain: Explain,
): FieldChange[] {
  const [old, now] = [comparable(live), comparable(after)];
  const tell = (difference: FieldDifference) =>
    told(withoutFilledIn(difference, live, after), conflicts, explain);
  if (now.kind !== 'Secret') return diffFields(old, now).map(tell);
  const { data: oldData, ...oldRest } = old;
  const { data: newData, ...newRest } = now;
  const rest = diffFields(oldRest as KubernetesObject, newRest as KubernetesObject);
  const values = secretValues(oldData, newData);
  const isSame = rest.length === 0 && values.every(({ change }) => change === 'unchanged');
  return isSame ? [] : [...values, ...rest.map(tell)];
}

/** Of what comes or goes as a whole the part that somebody has set. */
function withoutFilledIn(
  difference: FieldDifference,
  live: KubernetesObject,
  result: KubernetesObject,
): FieldDifference {
  const { path, before, after } = difference;
  if (before === undefined && after !== undefined)
    return { ...difference, after: withoutDefaults(after, path, result) };
  if (after === undefined && before !== undefined)
    return { ...difference, before: withoutDefaults(before, path, live) };
  return difference;
}

/** The keys of a Secret, and what becomes of the value of each. */
function secretValues(before: Json | undefined, after: Json | undefined): FieldChange[] {
  const [old, now] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].sort().map((key) => {
    const change = !Object.hasOwn(old, key)
      ? 'added'
      : !Object.hasOwn(now, key)
        ? 'removed'
        : old[key] === now[key]
          ? 'unchanged'
          : 'changed';
    return { field: formatFieldPath(['data', key]), change, isSecret: true };
  });
}

function told(difference: FieldDifference, conflicts: readonly Conflict[], explain: Explain): FieldChange {
  const { path, before, after, isOrder } = difference;
  const because = explain(path);
  const manager = conflicts.find(({ field }) => isWithin(field, serverPath(path)))?.manager;
  return {
    field: formatFieldPath(path),
    change: isOrder
      ? 'reordered'
      : before === undefined
        ? 'added'
        : after === undefined
          ? 'removed'
          : 'changed',
    ...shownSides(path, before, after),
    ...given({ manager, because }),
  };
}

function shownSides(path: FieldPath, before: Json | undefined, after: Json | undefined) {
  if (isSecretField(path)) return { isSecret: true } as const;
  const [old, now] = texts(before, after).map((value) =>
    value === undefined || typeof value === 'string' ? value : withoutSecrets(value, path),
  );
  // what differs is the part that is hidden
  if (old !== undefined && equal(old, now)) return { isSecret: true } as const;
  return given({ before: old, after: now });
}

/** Whether a value is a text of several lines, such as a file in a ConfigMap. */
export function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value.includes('\n');
}

function texts(before: Json | undefined, after: Json | undefined): [Json | undefined, Json | undefined] {
  const hide = (text: Json | undefined, other: Json | undefined, side: string) =>
    typeof text === 'string' ? withoutSecretLines(text, typeof other === 'string' ? other : '', side) : text;
  return [hide(before, after, 'before'), hide(after, before, 'after')];
}
