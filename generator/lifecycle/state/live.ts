/** What is in the cluster of what a target lists, and what becomes of each object. */
import { advise } from '../../model/command.ts';
import { type Finding, finding } from '../../model/finding.ts';
import { dig } from '../../model/json.ts';
import { type KubernetesObject, namespaceOf, objectId } from '../../model/object.ts';
import type { Client } from '../api/client.ts';
import { ApiError, unlessForbidden } from '../api/errors.ts';
import { isOurs } from '../api/managers.ts';
import { apiPath, findType, groupKind, knownType, type ResourceType } from '../api/resources.ts';
import type { Session } from '../session/session.ts';
import { toolsOf } from './holders.ts';
import { asMember, type Inventory, memberKey, readInventory } from './inventory.ts';
import { membersOf, type ReadInventory } from './members.ts';
import { type ReplicasStep, replicasStep } from './replicas.ts';

const namespaceType = knownType('v1', 'Namespace');

/** An object of the target beside what the cluster has. */
export interface PlannedObject {
  readonly type: ResourceType;
  /** As it is applied: with the label of the set, but for Namespaces, which no apply ever deletes. */
  readonly wanted: KubernetesObject;
  /** As it is; undefined where it is not there. */
  readonly live: KubernetesObject | undefined;
  /** What has to happen to the replicas' owner before it is applied. */
  readonly replicas: ReplicasStep | undefined;
  /** Whether the target has a HorizontalPodAutoscaler for it. */
  readonly isScaled: boolean;
}

/** A release in the cluster. */
export interface Live {
  readonly inventory: Inventory;
  /** Whether an inventory is there: whether this program has applied the release before. */
  readonly hasInventory: boolean;
  /** The namespace; undefined where it is not there, and then nothing else is. */
  readonly namespace: KubernetesObject | undefined;
  /** What is in the cluster of the release; none where it may not be listed. */
  readonly members: readonly KubernetesObject[];
  /** Why the set may not be listed. */
  readonly unlisted: ApiError | undefined;
  readonly planned: readonly PlannedObject[];
  /** Objects of kinds that the API server does not serve. */
  readonly unknown: readonly KubernetesObject[];
}

/** Reads the release's set, then what the target lists besides, side by side. Changes nothing. */
export async function readLive(session: Session): Promise<Live> {
  const { client, target } = session;
  const { release, objects } = target;
  const [namespace, { inventory, exists }] = await Promise.all([
    client.get(apiPath(namespaceType, undefined, target.namespace)),
    readInventory(client, release, target.namespace),
  ]);
  const { members, unlisted } = await readMembers(client, release, { inventory, exists });
  const known = byId(members);
  const read = await Promise.all(
    objects.map(async (object) => {
      const type = await findType(client, object);
      if (type === undefined) return { object, type, live: undefined };
      const member = known.get(objectId(object));
      return {
        object,
        type,
        live: member ?? (await client.get(apiPath(type, namespaceOf(object), object.metadata.name))),
      };
    }),
  );
  const scaled = new Set(objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler').map(scaleTarget));
  const planned = read.flatMap(({ object: built, type, live }): PlannedObject[] => {
    if (type === undefined) return [];
    const object = type.namespaced ? built : withoutNamespace(built);
    const wanted = object.kind === 'Namespace' ? object : asMember(object, inventory);
    const isScaled = object.kind === 'Deployment' && scaled.has(object.metadata.name);
    return [{ type, wanted, live, replicas: replicasStep(wanted, live, isScaled), isScaled }];
  });
  const unknown = read.flatMap(({ object, type }) => (type === undefined ? [object] : []));
  return { inventory, hasInventory: exists, namespace, members, unlisted, planned, unknown };
}

/** Who may read objects may not always list them. */
async function readMembers(client: Client, release: string, read: ReadInventory) {
  try {
    return { members: await membersOf(client, release, read), unlisted: undefined };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    return { members: [], unlisted: error };
  }
}

/**
 * The inventory as it is after the target was applied: it knows of each object whether somebody else created it.
 *
 * @param adopt whether the objects that other tools hold become ours
 */
export function nextInventory({ inventory, planned }: Live, adopt: boolean): Inventory {
  const members = planned.filter(({ wanted }) => wanted.kind !== 'Namespace');
  const groupKinds = [...new Set(members.map(({ type }) => groupKind(type)))].sort();
  const elsewhere = members
    .map(({ wanted }) => wanted)
    .filter((wanted) => namespaceOf(wanted) !== inventory.namespace);
  const found = members.flatMap(({ live, wanted }) => {
    // what is not there any more will be created by us
    if (live === undefined || (adopt && toolsOf(live).length > 0)) return [];
    const key = memberKey(wanted);
    return inventory.found.includes(key) || !isOurs(live) ? [key] : [];
  });
  return {
    ...inventory,
    groupKinds,
    namespaces: [...new Set(elsewhere.flatMap((wanted) => namespaceOf(wanted) ?? []))].sort(),
    elsewhere: [...new Set(elsewhere.map(memberKey))].sort(),
    found: [...new Set(found)].sort(),
  };
}

/** Whether a namespace is there: the release's, or another that does not come with the apply only. */
export function hasNamespace({ namespace, planned }: Live, name: string | undefined): boolean {
  const coming = planned.filter(({ wanted, live }) => wanted.kind === 'Namespace' && live === undefined);
  return namespace !== undefined && !coming.some(({ wanted }) => wanted.metadata.name === name);
}

/** Whether an object is being deleted. */
export function isLeaving({ metadata }: KubernetesObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Of a namespace that is being deleted. */
export function leavingFinding(namespace: string): Finding {
  const hint = `wait until it is gone; ${advise('namespace-leaving')`kubectl get namespace ${namespace} -o yaml`} says what it waits for`;
  const message = `the namespace ${namespace} is being deleted`;
  return finding('namespace-going', message, hint);
}

/** Whether the namespace is being deleted; no where that may not be read. */
export async function isNamespaceLeaving(client: Client, namespace: string): Promise<boolean> {
  const there = await unlessForbidden(client.get(apiPath(namespaceType, undefined, namespace)));
  return there !== undefined && isLeaving(there);
}

/** Makes a map of objects by their {@link objectId}. */
function byId(objects: readonly KubernetesObject[]): Map<string, KubernetesObject> {
  return new Map(objects.map((object) => [objectId(object), object]));
}

/** Only the server knows of all kinds whether they have one. */
function withoutNamespace(object: KubernetesObject): KubernetesObject {
  const { namespace: _, ...metadata } = object.metadata;
  return { ...object, metadata: metadata as KubernetesObject['metadata'] };
}

function scaleTarget({ spec }: KubernetesObject): unknown {
  return dig(spec, ['scaleTargetRef', 'name']);
}
