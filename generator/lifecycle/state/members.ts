/** What of a release's set is in the cluster. */
import { type Finding, finding } from '../../model/finding.ts';
import { isObject, maps } from '../../model/json.ts';
import { nameSome } from '../../model/names.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Client } from '../api/client.ts';
import { unlessForbidden } from '../api/errors.ts';
import { isOurs } from '../api/managers.ts';
import { apiPath, findType, knownInGroup, type ResourceType, shortName } from '../api/resources.ts';
import { type Inventory, memberKey, memberLabel, partsOf, setOf } from './inventory.ts';

/** The kinds of Kubernetes that a release consists of. */
const usualKinds = [
  'ConfigMap',
  'Deployment.apps',
  'HorizontalPodAutoscaler.autoscaling',
  'NetworkPolicy.networking.k8s.io',
  'PodDisruptionBudget.policy',
  'Role.rbac.authorization.k8s.io',
  'RoleBinding.rbac.authorization.k8s.io',
  'Secret',
  'Service',
  'ServiceAccount',
];

/** An inventory as it was read. */
export interface ReadInventory {
  readonly inventory: Inventory;
  readonly exists: boolean;
}

/**
 * All that is in the cluster of a release: the members of its set, and what our manager has applied under the release's
 * label and has lost that of the set, as by a `kubectl apply` without `--applyset`.
 */
export async function membersOf(
  client: Client,
  release: string,
  { inventory, exists }: ReadInventory,
): Promise<KubernetesObject[]> {
  const found = await Promise.all([
    straysOf(client, release, { inventory, exists }),
    exists ? labelledMembers(client, inventory) : [],
  ]);
  return found.flat();
}

/** Without an inventory, all that is ours is astray; then nobody needs the rights to list the kinds that there might be. */
async function straysOf(
  client: Client,
  release: string,
  { inventory: { groupKinds, namespace, id }, exists }: ReadInventory,
): Promise<KubernetesObject[]> {
  const own = `app.kubernetes.io/instance=${release}`;
  const query = { labelSelector: exists ? `${own},!${memberLabel}` : own };
  const lists = (exists ? groupKinds : usualKinds).map(async (name) => {
    const type = await typeNamed(client, name);
    if (type?.namespaced !== true) return [];
    const list = client.list(type, namespace, query);
    return (await (exists ? list : unlessForbidden(list))) ?? [];
  });
  return (await Promise.all(lists))
    .flat()
    .filter((object) => isOurs(object) && [undefined, id].includes(setOf(object)));
}

/** That objects are not in the release's set any more, or the set is lost: an apply heals that. */
export function membershipFindings(members: readonly KubernetesObject[], read: ReadInventory): Finding[] {
  const { id, name } = read.inventory;
  const strays = read.exists ? members.filter((object) => setOf(object) !== id) : members;
  if (strays.length === 0) return [];
  const names = nameSome(strays.map(shortName));
  const message = read.exists
    ? `${names} ${strays.length === 1 ? 'has' : 'have'} lost the label ${memberLabel}`
    : `configmap/${name} is gone, and with it what belongs to the release: ${names}`;
  const hint = `an apply restores it; beside this program use kubectl with --applyset=configmaps/${name}`;
  return [finding('membership-lost', message, hint, 'warning')];
}

async function labelledMembers(client: Client, inventory: Inventory): Promise<KubernetesObject[]> {
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
