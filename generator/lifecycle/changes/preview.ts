/** What adopting an object does to it, by a dry run: an adoption takes two steps, and the server shows one. */
import { equal, isObject, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Client } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { managedFieldsOf, union } from '../api/managers.ts';
import type { ResourceType } from '../api/resources.ts';
import { applyObject, patchObject } from '../api/server-side-apply.ts';
import { type Conflict, conflictsOf, isConflict } from '../state/conflicts.ts';
import { merged, withoutUnlisted } from '../state/field-set.ts';
import { isTaken } from '../state/holders.ts';
import { replicasOf } from '../state/replicas.ts';

/**
 * The object as it will be once it is adopted and applied: as the API server completes it.
 *
 * @throws ApiError where the server refuses it
 */
export async function previewAdopted(
  client: Client,
  type: ResourceType,
  live: KubernetesObject,
  wanted: KubernetesObject,
): Promise<KubernetesObject> {
  const patch = patchBetween(live, adopted(live, wanted));
  return patch.length === 0 ? live : patchObject(client, type, live, patch, { dryRun: true });
}

/** The conflicts that an adoption leaves: fields that neither the tool nor we have set. */
export async function remainingConflicts(
  client: Client,
  type: ResourceType,
  live: KubernetesObject,
  wanted: KubernetesObject,
): Promise<Conflict[]> {
  const taken = new Set(
    managedFieldsOf(live)
      .filter(isTaken)
      .map(({ manager }) => manager),
  );
  try {
    await applyObject(client, type, wanted, { dryRun: true });
    return [];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // What else the server has against it, the preview meets too, unless the tool's fields are what is wrong.
    if (!isConflict(error)) return [];
    return conflictsOf(error).filter(
      ({ manager, subresource }) => subresource !== undefined || !taken.has(manager),
    );
  }
}

function adopted(live: KubernetesObject, wanted: KubernetesObject): JsonObject {
  const entries = managedFieldsOf(live).filter(({ apiVersion }) => apiVersion === live.apiVersion);
  const taken = entries.filter(isTaken).map(({ fieldsV1 }) => fieldsV1);
  const others = entries.filter((entry) => !isTaken(entry)).map(({ fieldsV1 }) => fieldsV1);
  const kept = withReplicas(wanted, live);
  const left = withoutUnlisted(live, taken.reduce(union, {}), kept, others);
  return merged(left, kept, [...taken, ...others]) as JsonObject;
}

/** A Deployment that leaves its replicas to a scaler keeps the running number. */
function withReplicas(wanted: KubernetesObject, live: KubernetesObject): KubernetesObject {
  const replicas = replicasOf(live);
  if (wanted.kind !== 'Deployment' || replicas === undefined || replicasOf(wanted) !== undefined)
    return wanted;
  return { ...wanted, spec: { ...(isObject(wanted.spec) ? wanted.spec : {}), replicas } };
}

function patchBetween(live: JsonObject, after: JsonObject): JsonObject[] {
  const fields = (object: JsonObject) => {
    const { apiVersion: _, kind: __, metadata, status: ___, ...rest } = object;
    const { labels, annotations } = isObject(metadata) ? metadata : {};
    return { '/metadata/labels': labels, '/metadata/annotations': annotations, ...rest };
  };
  const [before, now] = [fields(live), fields(after)];
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])] as (keyof typeof now)[];
  return names.flatMap((name): JsonObject[] => {
    const [old, value] = [before[name], now[name]];
    const path = name.startsWith('/') ? name : `/${name}`;
    if (equal(old, value)) return [];
    if (value === undefined) return [{ op: 'remove', path }];
    return [{ op: 'add', path, value }];
  });
}
