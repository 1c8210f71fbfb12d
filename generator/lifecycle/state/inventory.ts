/**
 * What a release consists of in the cluster: an ApplySet (KEP-3659), whose parent is a ConfigMap. `kubectl apply
 * --prune --applyset=configmaps/NAME` works on the same set. Beside it the ConfigMap remembers what the set does
 * not say: which objects were there before us, and what a stop has to give back.
 */
import { createHash } from 'node:crypto';
import { type Failure, failure } from '../../model/finding.ts';
import { equal, isObject, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Client } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { applySetManager, ownManager } from '../api/managers.ts';
import { apiPath, groupKind, knownType, splitVersion } from '../api/resources.ts';
import { applyObject } from '../api/server-side-apply.ts';

/** What the inventory remembers. */
export interface Inventory {
  readonly namespace: string;
  /** The name of the ConfigMap. */
  readonly name: string;
  /** The value of {@link memberLabel} on the set's objects. */
  readonly id: string;
  /** Kinds of which the set has objects: `Deployment.apps`. Sorted. */
  readonly groupKinds: readonly string[];
  /** Other namespaces in which the set has members; kubectl may have put some there. Sorted. */
  readonly namespaces: readonly string[];
  /** Members of ours outside the namespace, where no list of it finds them. As {@link memberKey} names them, sorted. */
  readonly elsewhere: readonly string[];
  /** Objects that were there before our first apply, which are not ours to delete. As {@link memberKey} names them, sorted. */
  readonly found: readonly string[];
  /** Members that the apply that was here last does not list, to be pruned once its pods run. As {@link memberKey} names them, sorted. */
  readonly leaving: readonly string[];
  /** The mark of the environment that was applied last; undefined where it is not known. */
  readonly origin: string | undefined;
  /** Other releases of the same environment that are meant to run, too. Sorted. */
  readonly beside: readonly string[];
  /** What `start` gives back; undefined where the release is not stopped. */
  readonly stopped: Stopped | undefined;
}

/** What a stop remembers. */
export interface Stopped {
  /** When, in RFC 3339. */
  readonly at: string;
  /** The replicas of each Deployment before. */
  readonly replicas: { readonly [deployment: string]: number };
  /** Whether new sessions are only kept out yet, and workloads still run. */
  readonly draining: boolean;
  /** The rules of each Role that was narrowed to keep new sessions out, as they were. */
  readonly rules?: { readonly [role: string]: readonly JsonObject[] };
}

/** The label that makes an object a member of a set. */
export const memberLabel = 'applyset.kubernetes.io/part-of';

/** The label of an inventory that tells which environment it comes from. */
export const originLabel = 'deploy.glyphoxa.io/origin';

/** The label of an inventory, which is the parent of a set. */
export const idLabel = 'applyset.kubernetes.io/id';
const kindsAnnotation = 'applyset.kubernetes.io/contains-group-kinds';
const toolingAnnotation = 'applyset.kubernetes.io/tooling';
const namespacesAnnotation = 'applyset.kubernetes.io/additional-namespaces';

/** The tooling that kubectl accepts beside its own: it compares the name before the slash. */
const tooling = 'kubectl/v1.36.3';

const configMap = knownType('v1', 'ConfigMap');

/** The name of a release's inventory. */
export function inventoryName(release: string): string {
  return `${release}-inventory`;
}

/** The id of the set whose parent is a ConfigMap. Source: KEP-3659, "ApplySet identification". */
export function applySetId(name: string, namespace: string): string {
  const hash = createHash('sha256').update(`${name}.${namespace}.ConfigMap.`).digest('base64url');
  return `applyset-${hash}-v1`;
}

/**
 * Reads the inventory of a release; an empty one where there is none. `exists` tells which.
 *
 * @throws Failure where a ConfigMap of its name is something else, or does not say any more what is ours to delete
 */
export async function readInventory(
  client: Client,
  release: string,
  namespace: string,
): Promise<{ readonly inventory: Inventory; readonly exists: boolean }> {
  const object = await client.get(apiPath(configMap, namespace, inventoryName(release)));
  return inventoryIn(object, release, namespace);
}

/** The same of a ConfigMap that was read; undefined where there is none. */
export function inventoryIn(
  object: KubernetesObject | undefined,
  release: string,
  namespace: string,
): { readonly inventory: Inventory; readonly exists: boolean } {
  const name = inventoryName(release);
  const id = applySetId(name, namespace);
  if (object !== undefined && labelOf(object, idLabel) !== id)
    throw notTheInventory(name, namespace, `its label ${idLabel} is not ${id}`);
  const data = isObject(object?.data) ? object.data : {};
  const remembered = <T>(key: string) =>
    parse<T>(data[key], () => notTheInventory(name, namespace, `its ${key} is not JSON`));
  const list = (key: string) => {
    const value = remembered<unknown>(key);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw notTheInventory(name, namespace, `its ${key} is not a list`);
    return value as string[];
  };
  const annotations = isObject(object?.metadata.annotations) ? object.metadata.annotations : {};
  const names = (annotation: string) =>
    String(annotations[annotation] ?? '')
      .split(',')
      .filter(Boolean);
  const inventory = {
    namespace,
    name,
    id,
    groupKinds: names(kindsAnnotation),
    namespaces: names(namespacesAnnotation),
    elsewhere: list('elsewhere'),
    found: list('found'),
    leaving: list('leaving'),
    origin: object === undefined ? undefined : labelOf(object, originLabel),
    beside: list('beside'),
    stopped: remembered<Stopped>('stopped'),
  };
  return { inventory, exists: object !== undefined };
}

function parse<T>(text: unknown, otherwise: () => Failure): T | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    throw otherwise();
  }
}

function notTheInventory(name: string, namespace: string, why: string): Failure {
  return failure(
    'not-the-inventory',
    `configmap/${name} in ${namespace} is not the inventory of this release: ${why}`,
    'where somebody else made it, rename the release or that ConfigMap; where it was changed, restore it',
  );
}

/** Writes what has changed of an inventory. Never reaches for fields that somebody else added. */
export async function saveInventory(client: Client, inventory: Inventory, before?: Inventory): Promise<void> {
  if (before === undefined || !equal(parent(before), parent(inventory))) {
    await applyObject(client, configMap, parent(inventory), { manager: applySetManager, force: true });
  }
  if (before === undefined || !equal(memory(before), memory(inventory))) {
    const object = { ...bare(inventory), ...memory(inventory) };
    await applyObject(client, configMap, object as KubernetesObject, { manager: ownManager, force: true });
  }
}

/** Deletes the inventory: the release is forgotten. It is no error where it is gone already. */
export async function deleteInventory(client: Client, { namespace, name }: Inventory): Promise<void> {
  try {
    await client.send('DELETE', apiPath(configMap, namespace, name));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
}

function bare({ name, namespace }: Inventory): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } };
}

function parent(inventory: Inventory): KubernetesObject {
  const { metadata, ...head } = bare(inventory);
  const annotations = {
    [toolingAnnotation]: tooling,
    [kindsAnnotation]: inventory.groupKinds.join(','),
    [namespacesAnnotation]: inventory.namespaces.join(','),
  };
  return {
    ...head,
    metadata: { ...metadata, labels: { [idLabel]: inventory.id }, annotations },
  } as KubernetesObject;
}

function memory({
  name,
  namespace,
  origin,
  elsewhere,
  found,
  leaving,
  beside,
  stopped,
}: Inventory): JsonObject {
  const lists = Object.entries({ elsewhere, found, leaving, beside }).filter(([, list]) => list.length > 0);
  const data = {
    ...Object.fromEntries(lists.map(([key, list]) => [key, JSON.stringify(list)])),
    ...(stopped === undefined ? {} : { stopped: JSON.stringify(stopped) }),
  };
  const labels = origin === undefined ? {} : { labels: { [originLabel]: origin } };
  return { metadata: { name, namespace, ...labels }, data };
}

/** An object as an inventory names it: `Deployment.apps/NAMESPACE/NAME`, `ClusterRole.rbac.authorization.k8s.io/NAME`. */
export function memberKey({ apiVersion, kind, metadata }: KubernetesObject): string {
  const { group } = splitVersion(apiVersion);
  const { namespace, name } = metadata;
  return [groupKind({ kind, group }), ...(typeof namespace === 'string' ? [namespace] : []), name].join('/');
}

/** What a {@link memberKey} says; the namespace is undefined where the object has none. */
export function partsOf(key: string): { groupKind: string; namespace: string | undefined; name: string } {
  const [kind = '', ...rest] = key.split('/');
  return { groupKind: kind, namespace: rest.length > 1 ? rest[0] : undefined, name: rest.at(-1) ?? '' };
}

/** The set that an object is a member of; undefined where it is none's. */
export function setOf(object: KubernetesObject): string | undefined {
  return labelOf(object, memberLabel);
}

function labelOf({ metadata }: KubernetesObject, name: string): string | undefined {
  const label = isObject(metadata.labels) ? metadata.labels[name] : undefined;
  return typeof label === 'string' ? label : undefined;
}

/** An object as a member of the set. */
export function asMember(object: KubernetesObject, { id }: Inventory): KubernetesObject {
  const labels = isObject(object.metadata.labels) ? object.metadata.labels : {};
  return { ...object, metadata: { ...object.metadata, labels: { ...labels, [memberLabel]: id } } };
}
