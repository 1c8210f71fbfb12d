/** Makes the fields of the tools that hold an object ours, in place. */
import type { KubernetesObject } from '../../model/object.ts';
import type { Client } from '../api/client.ts';
import { takeOverPatch } from '../api/managers.ts';
import type { ResourceType } from '../api/resources.ts';
import { patchFresh } from '../api/server-side-apply.ts';
import { isTaken } from '../state/holders.ts';

/**
 * Takes an object over: its fields change hands and nothing else changes, so no pod restarts. What we do not list
 * goes with the apply that follows.
 *
 * @returns the object as it is now; undefined where it has gone meanwhile
 */
export function takeOver(
  client: Client,
  type: ResourceType,
  object: KubernetesObject,
): Promise<KubernetesObject | undefined> {
  return patchFresh(client, type, object, (live) => takeOverPatch(live, isTaken));
}
