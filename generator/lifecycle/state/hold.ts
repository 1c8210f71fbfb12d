/** Fields that are held apart from what the environment lists, and how they are given back. */
import type { JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Client } from '../api/client.ts';
import { holdManager, isOurs, letGoPatch, type ManagedFields, takeOverPatch } from '../api/managers.ts';
import type { ResourceType } from '../api/resources.ts';
import { applyObject, patchFresh } from '../api/server-side-apply.ts';

/** Sets fields by the manager that an apply does not speak for, whoever owns them. */
export async function holdFields(
  client: Client,
  type: ResourceType,
  { apiVersion, kind, metadata }: KubernetesObject,
  fields: JsonObject,
): Promise<KubernetesObject> {
  const { name, namespace } = metadata;
  const object = { apiVersion, kind, metadata: { name, namespace: namespace ?? '' }, ...fields };
  return applyObject(client, type, object, { manager: holdManager, force: true });
}

/**
 * Ends the hold of a field without changing its value: it is the environment's again where an apply of ours has
 * been at the object, so that the next one changes nothing; else nobody's, so that whoever made the object meets
 * no conflict.
 *
 * @param field its keys in FieldsV1
 */
export async function giveBackField(
  client: Client,
  type: ResourceType,
  object: KubernetesObject,
  field: readonly string[],
): Promise<void> {
  const isHold = ({ manager }: ManagedFields) => manager === holdManager;
  await patchFresh(client, type, object, (live) =>
    isOurs(live) ? takeOverPatch(live, isHold, field) : letGoPatch(live, isHold, field),
  );
}
