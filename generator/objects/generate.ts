import type { Config } from '../config/schema/resource.ts';
import { isObject } from '../model/json.ts';
import { type KubernetesObject, sortObjects } from '../model/object.ts';
import { access } from './access.ts';
import { configMap } from './app-file.ts';
import { gateway } from './gateway.ts';
import { unsubstituted } from './names.ts';
import { namespace } from './namespace.ts';
import { componentsOf } from './parts.ts';
import { type ResolvedSecrets, secretObjects } from './secrets.ts';
import { textsOf } from './texts.ts';
import { worker } from './worker.ts';

/**
 * The Kubernetes objects of a deployment. Pure: the same configuration gives the same objects in the same
 * order, on every machine.
 *
 * @param config a configuration without errors
 * @param secrets the values of the Secret's keys, for the provider `kubernetes`; no other object depends on them
 */
export function generate(config: Config, secrets: ResolvedSecrets): KubernetesObject[] {
  const texts = textsOf(config);
  const objects = [
    ...namespace(config),
    ...access(config),
    ...configMap(config),
    ...secretObjects(config, secrets),
    ...worker(config, texts.jobTemplate),
    ...gateway(config, texts),
    ...componentsOf(config).flatMap((part) => part.objects(config, texts)),
  ];
  return sortObjects(objects).map(asItStands);
}

/** Every object, since free text may stand in any: a list of those that hold some would be forgotten. */
function asItStands(object: KubernetesObject): KubernetesObject {
  const { annotations, ...metadata } = object.metadata;
  const own = isObject(annotations) ? annotations : {};
  return { ...object, metadata: { ...metadata, annotations: { ...own, ...unsubstituted } } };
}
