/** Makes the fields of the tools that hold an object ours, in place. */
import type { KubernetesObject } from '../../model/object.ts';
import type { Client } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { apiPath, type ResourceType } from '../api/resources.ts';
import { takeOverPatch } from '../managers.ts';
import { patchObject } from '../server-side-apply.ts';
import { isTaken } from './holders.ts';

/** How often an object is read again that changes while it is taken over. */
const maxAttempts = 20;

/**
 * Takes an object over: its fields change hands and nothing else changes, so no pod restarts. What we do not list
 * goes with the apply that follows. Where the object has changed since it was read, it is read again.
 *
 * @returns the object as it is now; undefined where it has gone meanwhile
 */
export async function takeOver(
  client: Client,
  type: ResourceType,
  object: KubernetesObject,
): Promise<KubernetesObject | undefined> {
  let live: KubernetesObject | undefined = object;
  for (let attempt = 0; live !== undefined; attempt++) {
    const patch = takeOverPatch(live, isTaken);
    if (patch === undefined) return live;
    try {
      return await patchObject(client, type, live, patch);
    } catch (error) {
      if (!isStale(error) || attempt >= maxAttempts) throw error;
      live = await client.get(
        apiPath(type, object.metadata.namespace as string | undefined, object.metadata.name),
      );
    }
  }
  return undefined;
}

/** A patch whose test fails is answered with 422, one that loses a race with 409, one of an object that went with 404. */
function isStale(error: unknown): boolean {
  return error instanceof ApiError && [404, 409, 422].includes(error.status);
}
