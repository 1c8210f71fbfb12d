import type { JsonObject } from './json.ts';

/** A Kubernetes object as plain JSON, fields in the order in which people read them. */
export interface KubernetesObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** The part of an object's metadata that this project sets. */
export interface ObjectMeta extends JsonObject {
  name: string;
}

/**
 * The order in which `kustomize build` prints kinds, which is also a safe order to create them in.
 * Kinds that are not listed come after these, by name.
 */
const kindOrder = [
  'Namespace',
  'ResourceQuota',
  'ServiceAccount',
  'Role',
  'RoleBinding',
  'ConfigMap',
  'Secret',
  'Service',
  'LimitRange',
  'Deployment',
  'PodDisruptionBudget',
];

/** An object's namespace; undefined where it names none, which an empty one does not either. */
export function namespaceOf({ metadata }: KubernetesObject): string | undefined {
  return typeof metadata.namespace === 'string' ? metadata.namespace || undefined : undefined;
}

/** `v1/ConfigMap glyphoxa/glyphoxa-config`: what makes an object the same object. */
export function objectId(object: KubernetesObject): string {
  const namespace = namespaceOf(object);
  return `${object.apiVersion}/${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${object.metadata.name}`;
}

/** Sorts objects as `kustomize build` does by default: by kind, then by name, in code-unit order. */
export function sortObjects(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const ranked = objects.map((object) => {
    const rank = kindOrder.indexOf(object.kind);
    const key = `${object.kind} ${object.metadata.name}`;
    return { object, rank: rank === -1 ? kindOrder.length : rank, key };
  });
  ranked.sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return ranked.map(({ object }) => object);
}
