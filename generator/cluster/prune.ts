/** Deletes what an earlier apply created and the environment does not list any more. */
import type { KubernetesObject } from '../model/object.ts';
import type { Client } from './api/client.ts';
import { ApiError } from './api/errors.ts';
import { apiPath, findType, type ResourceType, shortName, splitVersion } from './api/resources.ts';
import { type Inventory, memberKey, memberLabel, partsOf, setOf } from './inventory.ts';
import { namespaceOf } from './live.ts';
import { disownPatch, isOurs } from './managers.ts';
import { patchFresh } from './server-side-apply.ts';
import type { Session } from './session.ts';

/** Kinds that hold what nobody can make again, and why neither an apply nor a destroy deletes them. */
export const keptKinds: { readonly [kind: string]: string } = {
  PersistentVolumeClaim: 'it holds data',
  PersistentVolume: 'it holds data',
  CustomResourceDefinition: 'with it everything of its kind would go, in the whole cluster',
};

/** What an inventory has besides what is wanted. */
export interface Surplus {
  /** Ours to delete. */
  readonly ours: readonly KubernetesObject[];
  /** Members that are not to be deleted: they are left, and are none of ours any more. */
  readonly left: readonly { readonly object: KubernetesObject; readonly why: string }[];
}

/** Finds the members of the set that are not wanted. */
export async function findSurplus(
  { client }: Session,
  inventory: Inventory,
  wanted: readonly KubernetesObject[],
): Promise<Surplus> {
  const keys = new Set(wanted.map(memberKey));
  const members = await membersOf(client, inventory);
  const surplus = members
    .filter((object) => !keys.has(memberKey(object)))
    .map((object) => ({ object, why: whyLeft(object, inventory) }));
  return {
    ours: surplus.flatMap(({ object, why }) => (why === undefined ? [object] : [])),
    left: surplus.flatMap(({ object, why }) => (why === undefined ? [] : [{ object, why }])),
  };
}

/** Why an object is not deleted; undefined where it is ours to delete. */
export function whyLeft(object: KubernetesObject, { found }: Inventory): string | undefined {
  if (!isOurs(object) || found.includes(memberKey(object))) return 'somebody else created it';
  return keptKinds[object.kind];
}

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

/** A kind by its name in an inventory: `Deployment.apps`, in the version that the server prefers. */
export async function typeNamed(client: Client, name: string) {
  const [kind = '', ...rest] = name.split('.');
  const group = rest.join('.');
  if (group === '') return findType(client, { apiVersion: 'v1', kind });
  const known = builtInVersions[group];
  if (known !== undefined) return findType(client, { apiVersion: `${group}/${known}`, kind });
  const found = await client.get(`/apis/${group}`);
  const preferred = found?.preferredVersion as { groupVersion?: string } | undefined;
  if (preferred?.groupVersion === undefined) return undefined;
  return findType(client, { apiVersion: preferred.groupVersion, kind });
}

const builtInVersions: { readonly [group: string]: string } = {
  apps: 'v1',
  batch: 'v1',
  'rbac.authorization.k8s.io': 'v1',
  'networking.k8s.io': 'v1',
  policy: 'v1',
  autoscaling: 'v2',
};

/** Deletes or lets go what {@link findSurplus} found, and says so. */
export async function pruneSurplus(session: Session, { ours, left }: Surplus): Promise<void> {
  const { report, dryRun } = session;
  await Promise.all([
    ...ours.map(async (object) => {
      if (!dryRun) await deleteObject(session, object);
      report.result('pruned', shortName(object));
    }),
    ...left.map(async ({ object, why }) => {
      if (!dryRun) await letGo(session, object);
      report.result('left', shortName(object), { why });
    }),
  ]);
}

/**
 * Deletes an object and what it owns: in the background, or before the object itself is gone. It is no error where
 * it is gone already.
 */
export async function deleteObject(
  { client }: Session,
  object: KubernetesObject,
  propagationPolicy: 'Background' | 'Foreground' = 'Background',
): Promise<void> {
  const type = await findType(client, object);
  if (type === undefined) return;
  const { uid, name } = object.metadata;
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy,
    ...(typeof uid === 'string' ? { preconditions: { uid } } : {}),
  };
  try {
    await client.send('DELETE', apiPath(type, namespaceOf(object), name), { body });
  } catch (error) {
    // gone, or another object of its name
    if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 409)) throw error;
  }
}

/**
 * Takes an object out of the set and out of our hands; nothing else of it changes. Whoever looks at it later does
 * not take it for ours.
 */
export async function letGo({ client }: Session, object: KubernetesObject): Promise<void> {
  const type = await findType(client, object);
  if (type === undefined) return;
  await patchFresh(client, type, object, (live) => {
    const isMember = setOf(live) !== undefined;
    const label = memberLabel.replaceAll('~', '~0').replaceAll('/', '~1');
    const patch = [
      ...(disownPatch(live) ?? []),
      ...(isMember ? [{ op: 'remove', path: `/metadata/labels/${label}` }] : []),
    ];
    return patch.length === 0 ? undefined : patch;
  });
}

/** The group of an object's kind. */
export function groupOf({ apiVersion }: KubernetesObject): string {
  return splitVersion(apiVersion).group;
}
