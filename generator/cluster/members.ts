/** What of a release's set is in the cluster. */
import { isObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { maps } from '../tree/check/release.ts';
import type { Client } from './api/client.ts';
import { unlessForbidden } from './api/errors.ts';
import { apiPath, findType, knownInGroup, type ResourceType } from './api/resources.ts';
import { type Inventory, memberKey, memberLabel, partsOf, setOf } from './inventory.ts';

/** All members of a set that are in the cluster. */
export async function membersOf(client: Client, inventory: Inventory): Promise<KubernetesObject[]> {
  const { groupKinds, namespace, namespaces, id } = inventory;
  const query = { labelSelector: `${memberLabel}=${id}` };
  const lists = groupKinds.map(async (name) => {
    const type = await typeNamed(client, name);
    if (type === undefined) return [];
    // elsewhere others may have been at the set, but nobody needs the right to look for that
    const look = (place: string | undefined) => unlessForbidden(client.list(type, place, query));
    if (!type.namespaced) return (await look(undefined)) ?? [];
    const found = await Promise.all([client.list(type, namespace, query), ...namespaces.map(look)]);
    return found.flatMap((objects) => objects ?? []);
  });
  const listed = (await Promise.all(lists)).flat();
  const known = new Set(listed.map(memberKey));
  // by name: what is ours can be read without the right to list
  const places = await placesElsewhere(client, inventory, known);
  const read = await Promise.all(
    places.map(({ type, namespace, name }) => client.get(apiPath(type, namespace, name))),
  );
  return [
    ...listed,
    ...read.filter((object) => object !== undefined).filter((object) => setOf(object) === id),
  ];
}

/** Where an object is. */
export interface Place {
  readonly type: ResourceType;
  /** Undefined where it has none. */
  readonly namespace: string | undefined;
  readonly name: string;
}

/**
 * Where members are that no list of the namespace finds; without those of kinds that are not served any more.
 *
 * @param known what is left out, as {@link memberKey} names it. @default nothing
 */
export async function placesElsewhere(
  client: Client,
  { elsewhere }: Inventory,
  known: ReadonlySet<string> = new Set(),
): Promise<Place[]> {
  const places = elsewhere
    .filter((key) => !known.has(key))
    .map(async (key): Promise<Place[]> => {
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
