/** Fields that are held apart from what the environment lists, and how they are given back. */
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { type Client, pause } from './api/client.ts';
import { ApiError } from './api/errors.ts';
import { apiPath, type ResourceType } from './api/resources.ts';
import { holdManager, isOurs, letGoPatch, type ManagedFields, takeOverPatch } from './managers.ts';
import { applyObject, patchObject } from './server-side-apply.ts';

/** How often a patch is made anew because controllers change the object at the same time. */
const attempts = 20;

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
  for (let attempt = 0; ; attempt++) {
    const live = await readFresh(client, type, object);
    if (live === undefined) return;
    const patch = isOurs(live) ? takeOverPatch(live, isHold, field) : letGoPatch(live, isHold, field);
    if (patch === undefined) return;
    try {
      await patchObject(client, type, live, patch);
      return;
    } catch (error) {
      // The patch tests the version that was read: 422 where it is another by now.
      const isRace = error instanceof ApiError && (error.status === 422 || error.status === 409);
      if (!isRace || attempt >= attempts) throw error;
      await pause(50);
    }
  }
}

async function readFresh(client: Client, type: ResourceType, { metadata }: KubernetesObject) {
  return client.get(apiPath(type, metadata.namespace as string | undefined, metadata.name));
}
