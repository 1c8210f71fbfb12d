/** The `images` of a kustomization, as kustomize applies them. */

import { splitImage } from '../model/image.ts';
import { clone, isObject, type Json, type JsonObject, maps } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { setTemplateImage, templateKey } from '../objects/worker.ts';

/** An entry of `images`. */
export interface ImageOverride {
  readonly name: string;
  readonly newName?: string;
  readonly newTag?: string;
  readonly digest?: string;
}

/** The `images` of a kustomization; entries without a name, which kustomize refuses, are passed over. */
export function imageOverrides(kustomization: JsonObject): ImageOverride[] {
  const { images } = kustomization;
  if (!Array.isArray(images)) return [];
  return images.flatMap((entry) => {
    if (!isObject(entry) || typeof entry.name !== 'string') return [];
    const part = (key: 'newName' | 'newTag' | 'digest') => {
      const value = entry[key];
      return typeof value === 'string' && value !== '' ? { [key]: value } : {};
    };
    return [{ name: entry.name, ...part('newName'), ...part('newTag'), ...part('digest') }];
  });
}

/**
 * An image reference after the entries, one after the other. A new tag or digest takes the place of both tag
 * and digest.
 */
export function overrideImage(reference: string, overrides: readonly ImageOverride[]): string {
  return overrides.reduce((image, { name, newName, newTag, digest }) => {
    const old = splitImage(image);
    if (old.repository !== name) return image;
    const isNew = newTag !== undefined || digest !== undefined;
    const tag = isNew ? newTag : old.tag;
    const hash = isNew ? digest : old.digest;
    const colon = tag === undefined ? '' : `:${tag}`;
    return `${newName ?? old.repository}${colon}${hash === undefined ? '' : `@${hash}`}`;
  }, reference);
}

/**
 * What a kustomization with `images` and with the replacement beside them makes of a deployment's objects:
 * every container's image is overridden, and the worker template gets the gateway's.
 *
 * @param below the object that each was made from, where the `images` are of the kustomization below: they do not reach
 *   what has an image of its own; @default they reach everything
 */
export function withImages(
  objects: readonly KubernetesObject[],
  overrides: readonly ImageOverride[],
  below: (object: KubernetesObject) => KubernetesObject | undefined = (object) => object,
): KubernetesObject[] {
  if (overrides.length === 0) return [...objects];
  const changed = objects.map(
    (object) => overrideContainers(clone(object), overrides, below(object)) as KubernetesObject,
  );
  const image = gatewayImage(changed);
  if (image === undefined) return changed;
  return changed.map((object) => {
    const { data } = object;
    const text = isObject(data) ? data[templateKey] : undefined;
    if (object.kind !== 'ConfigMap' || typeof text !== 'string') return object;
    return { ...object, data: { ...(data as JsonObject), [templateKey]: setTemplateImage(text, image) } };
  });
}

function gatewayImage(objects: readonly KubernetesObject[]): string | undefined {
  for (const { kind, spec } of objects) {
    const template = kind === 'Deployment' && isObject(spec) ? spec.template : undefined;
    const pod = isObject(template) ? template.spec : undefined;
    const containers = isObject(pod) && Array.isArray(pod.containers) ? pod.containers : [];
    const gateway = containers.find((container) => isObject(container) && container.name === 'gateway');
    if (isObject(gateway) && typeof gateway.image === 'string') return gateway.image;
  }
  return undefined;
}

/** Overrides the images in every list of containers, wherever in an object it stands, which are the same below. */
function overrideContainers(value: Json, overrides: readonly ImageOverride[], below: Json | undefined): Json {
  if (Array.isArray(value)) {
    const items = Array.isArray(below) ? below : [];
    return value.map((item, index) => overrideContainers(item, overrides, items[index]));
  }
  if (!isObject(value)) return value;
  for (const [key, item] of Object.entries(value)) {
    const under = isObject(below) ? below[key] : undefined;
    if ((key === 'containers' || key === 'initContainers') && Array.isArray(item)) {
      for (const container of maps(item)) {
        const old = maps(under).find(({ name }) => name === container.name);
        if (typeof container.image === 'string' && container.image === old?.image)
          container.image = overrideImage(container.image, overrides);
      }
    } else value[key] = overrideContainers(item, overrides, under);
  }
  return value;
}
