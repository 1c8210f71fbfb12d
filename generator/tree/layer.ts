/** What leads from the objects that a kustomization rests on to those that it has to build. */
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { strategicDiff } from '../model/strategic-diff.ts';

/** What a kustomization adds to the objects below it, and what it changes of them. */
export interface LayerOver {
  readonly resources: readonly KubernetesObject[];
  readonly patches: readonly { readonly object: KubernetesObject; readonly patch: JsonObject }[];
}

/**
 * The smallest set of resources and patches that turns objects into others.
 *
 * @param below the objects below, by what makes an object the same one
 * @param targets those that are to be built
 */
export function layerOver(
  below: ReadonlyMap<string, KubernetesObject>,
  targets: ReadonlyMap<string, KubernetesObject>,
): LayerOver {
  const resources: KubernetesObject[] = [];
  const patches: { object: KubernetesObject; patch: JsonObject }[] = [];
  for (const [id, object] of targets) {
    const old = below.get(id);
    const patch = old === undefined ? undefined : strategicDiff(old, object);
    if (old === undefined) resources.push(object);
    else if (patch !== undefined) patches.push({ object, patch });
  }
  for (const [id, object] of below) if (!targets.has(id)) patches.push({ object, patch: deletion(object) });
  return { resources, patches };
}

/** A patch that takes an object away. */
function deletion({ apiVersion, kind, metadata }: KubernetesObject): JsonObject {
  return { apiVersion, kind, metadata: { name: metadata.name }, $patch: 'delete' };
}
