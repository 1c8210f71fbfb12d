/**
 * What the cluster has of the tenants of a fleet: a list across all namespaces for each kind where that may be read, which
 * takes few requests however many tenants there are, else one for each namespace.
 */
import { type KubernetesObject, namespaceOf } from '../../../model/object.ts';
import type { Client } from '../../api/client.ts';
import { unlessForbidden } from '../../api/errors.ts';
import { apiPath, knownType, type ResourceType } from '../../api/resources.ts';
import { idLabel } from '../../state/inventory.ts';

/** Objects of one kind by their namespaces; undefined where they may not be read. */
export interface ByNamespace {
  of(namespace: string): readonly KubernetesObject[] | undefined;
}

/** What tells how tenants are. */
export interface FleetObjects {
  readonly namespaces: ByNamespace;
  readonly inventories: ByNamespace;
  readonly deployments: ByNamespace;
}

/** What tells why a workload does not run. */
export interface FleetPods {
  readonly replicaSets: ByNamespace;
  readonly pods: ByNamespace;
}

/** The label of everything that the program consists of, which is part of every selector of its pods. */
const ofProgram = { labelSelector: 'app.kubernetes.io/name=glyphoxa' };

/** Reads what tells how the tenants in some namespaces are. */
export async function readFleetObjects(client: Client, namespaces: readonly string[]): Promise<FleetObjects> {
  const configMap = knownType('v1', 'ConfigMap');
  const [all, inventories, deployments] = await Promise.all([
    readNamespaces(client, namespaces),
    readAcross(client, configMap, namespaces, { labelSelector: idLabel }),
    readAcross(client, knownType('apps/v1', 'Deployment'), namespaces, ofProgram),
  ]);
  return { namespaces: all, inventories, deployments };
}

/** Reads the pods of the tenants in some namespaces, with what made them. */
export async function readFleetPods(client: Client, namespaces: readonly string[]): Promise<FleetPods> {
  const [replicaSets, pods] = await Promise.all([
    readAcross(client, knownType('apps/v1', 'ReplicaSet'), namespaces, ofProgram),
    readAcross(client, knownType('v1', 'Pod'), namespaces, ofProgram),
  ]);
  return { replicaSets, pods };
}

async function readAcross(
  client: Client,
  type: ResourceType,
  namespaces: readonly string[],
  query: { readonly labelSelector: string },
): Promise<ByNamespace> {
  const all = namespaces.length < 2 ? undefined : await unlessForbidden(client.list(type, undefined, query));
  if (all !== undefined) {
    const found = new Map<string, KubernetesObject[]>();
    for (const object of all) {
      const namespace = String(namespaceOf(object));
      found.set(namespace, [...(found.get(namespace) ?? []), object]);
    }
    return { of: (namespace) => found.get(namespace) ?? [] };
  }
  const read = (namespace: string) => unlessForbidden(client.list(type, namespace, query));
  return eachOf(namespaces, read);
}

/** Namespaces have none themselves; each stands below its own name. */
async function readNamespaces(client: Client, namespaces: readonly string[]): Promise<ByNamespace> {
  const type = knownType('v1', 'Namespace');
  const all = namespaces.length < 2 ? undefined : await unlessForbidden(client.list(type, undefined));
  if (all !== undefined) {
    const found = new Map(all.map((namespace) => [namespace.metadata.name, [namespace]]));
    return { of: (namespace) => found.get(namespace) ?? [] };
  }
  return eachOf(namespaces, async (name) => {
    try {
      const object = await client.get(apiPath(type, undefined, name));
      return object === undefined ? [] : [object];
    } catch (error) {
      return unlessForbidden(Promise.reject(error));
    }
  });
}

async function eachOf(
  namespaces: readonly string[],
  read: (namespace: string) => Promise<readonly KubernetesObject[] | undefined>,
): Promise<ByNamespace> {
  const entries = await Promise.all(namespaces.map(async (name) => [name, await read(name)] as const));
  const found = new Map(entries);
  return { of: (namespace) => found.get(namespace) };
}
