/** What of a release's set is in the cluster. */
import { isObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { maps } from '../tree/check/release.ts';
import type { Client } from './api/client.ts';
import { apiPath, findType, knownInGroup, type ResourceType } from './api/resources.ts';
import { type Inventory, memberLabel, partsOf, setOf } from './inventory.ts';

/** All members of a set that are in the cluster. */
export async function membersOf(client: Client, inventory: Inventory): Promise<KubernetesObject[]> {
  const { groupKinds, namespace, id } = inventory;
  const [listed, read] = await Promise.all([
    Promise.all(
      groupKinds.map(async (name) => {
        const type = await typeNamed(client, name);
        if (type === undefined || !type.namespaced) return [];
        return client.list(type, namespace, { labelSelector: `${memberLabel}=${id}` });
      }),
    ),
    // one by one: a list would take rights on all that others have there
    placesElsewhere(client, inventory).then((places) =>
      Promise.all(places.map(({ type, namespace, name }) => client.get(apiPath(type, namespace, name)))),
    ),
  ]);
  const members = read.filter((object) => object !== undefined && setOf(object) === id);
  return [...listed.flat(), ...(members as KubernetesObject[])];
}

/** Where an object is. */
export interface Place {
  readonly type: ResourceType;
  /** Undefined where it has none. */
  readonly namespace: string | undefined;
  readonly name: string;
}

/** Where members are that no list of the namespace finds; without those of kinds that are not served any more. */
export async function placesElsewhere(client: Client, { elsewhere }: Inventory): Promise<Place[]> {
  const places = elsewhere.map(async (key): Promise<Place[]> => {
    const { groupKind, namespace, name } = partsOf(key);
    const type = await typeNamed(client, groupKind);
    return type === undefined ? [] : [{ type, namespace, name }];
  });
  return (await Promise.all(places)).flat();
}

/**
 * A kind by its name in an inventory, `Deployment.apps`: in the version that the server prefers, or in the first other
 * one where that has no such kind, as in groups whose kinds are not all as old.
 */
export async function typeNamed(client: Client, name: string): Promise<ResourceType | undefined> {
  const [kind = '', ...rest] = name.split('.');
  const group = rest.join('.');
  const known = knownInGroup(group, kind);
  if (known !== undefined) return known;
  if (group === '') return findType(client, { apiVersion: 'v1', kind });
  const found = await client.get(`/apis/${group}`);
  // the preferred one again among the rest: it is asked once
  for (const version of [found?.preferredVersion, ...maps(found?.versions)]) {
    if (!isObject(version)) continue;
    const type = await findType(client, { apiVersion: String(version.groupVersion), kind });
    if (type !== undefined) return type;
  }
  return undefined;
}
