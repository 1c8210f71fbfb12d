/** ConfigMaps with a file in them: in the tree that file stands by itself, readable, behind a generator. */
import type { Config } from '../config/schema/resource.ts';
import { configFileKey } from '../config/secret-keys.ts';
import { isObject, type JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { namesOf } from '../objects/names.ts';
import { templateKey } from '../objects/worker.ts';

/** A ConfigMap as a `configMapGenerator` entry and the files that it reads. */
export interface GeneratedConfigMap {
  readonly generator: JsonObject;
  readonly files: ReadonlyMap<string, string>;
}

/** Whether an object is one of the ConfigMaps that a tree generates from files. */
export function isGenerated(config: Config, object: KubernetesObject): boolean {
  const names = namesOf(config);
  return object.kind === 'ConfigMap' && [names.config, names.jobTemplate].includes(object.metadata.name);
}

/**
 * A ConfigMap as a generator and its files; undefined for an object that is no such ConfigMap.
 *
 * @param replaces whether the base generates it too: then name and labels are the base's
 */
export function configMapFiles(
  config: Config,
  object: KubernetesObject,
  replaces = false,
): GeneratedConfigMap | undefined {
  if (!isGenerated(config, object)) return undefined;
  const { name, labels = {}, annotations = {} } = object.metadata;
  const data = (isObject(object.data) ? object.data : {}) as { [key: string]: string };
  const options = { disableNameSuffixHash: true, labels, annotations };
  const generator: JsonObject = {
    name,
    ...(replaces ? { behavior: 'replace' } : {}),
    files: Object.keys(data).map((key) => `files/${key}`),
    ...(replaces ? {} : { options }),
  };
  return { generator, files: new Map(Object.entries(data).map(([key, text]) => [`files/${key}`, text])) };
}

/** Whether a key of a ConfigMap holds one of the files that a tree keeps readable. */
export function isGeneratedFile(key: string): boolean {
  return key === configFileKey || key === templateKey;
}
