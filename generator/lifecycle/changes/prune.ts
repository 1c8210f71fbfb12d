/** Deletes what an earlier apply created and the environment does not list any more. */
import { type KubernetesObject, namespaceOf } from '../../model/object.ts';
import { ApiError } from '../api/errors.ts';
import { disownPatch, isOurs } from '../api/managers.ts';
import { apiPath, findType, shortName } from '../api/resources.ts';
import { patchFresh } from '../api/server-side-apply.ts';
import type { Session } from '../session/session.ts';
import { type Inventory, memberKey, memberLabel, setOf } from '../state/inventory.ts';
import type { Live } from '../state/live.ts';

/** Kinds that hold what nobody can make again, and why neither an apply nor a destroy deletes them. */
const keptKinds: { readonly [kind: string]: string } = {
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

/**
 * Finds the members of the set that are not wanted.
 *
 * @throws ApiError where they may not be listed
 */
export function findSurplus({ inventory, members, unlisted, planned }: Live): Surplus {
  if (unlisted !== undefined) throw unlisted;
  const keys = new Set(planned.map(({ wanted }) => memberKey(wanted)));
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
