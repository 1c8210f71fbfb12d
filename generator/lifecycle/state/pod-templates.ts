/** The pods that a target asks for, wherever in its objects they are described. */
import { dig, isObject, type JsonObject } from '../../model/json.ts';
import { type KubernetesObject, namespaceOf } from '../../model/object.ts';
import { shortName } from '../api/resources.ts';
import type { Target } from '../session/target.ts';

/** A pod that something makes. */
export interface PodTemplate {
  /** Whose pods they are, as messages name it: `deployment.apps/glyphoxa-gateway`, `the worker template`. */
  readonly owner: string;
  readonly namespace: string;
  /** The object that has the template; undefined for workers, whose Jobs the gateway makes. */
  readonly workload: KubernetesObject | undefined;
  /** `metadata` and `spec` of the pods. */
  readonly template: JsonObject;
}

/** How messages name the template of worker Jobs. */
const workerOwner = 'the worker template';

/** All pods of a target: those of its workloads, and the voice sessions' from the text in the ConfigMap. */
export function podTemplatesOf({ objects, namespace, parts }: Target): PodTemplate[] {
  const workloads = objects.flatMap((object): PodTemplate[] => {
    const template = templateIn(object);
    if (template === undefined) return [];
    return [
      { owner: shortName(object), namespace: namespaceOf(object) ?? namespace, workload: object, template },
    ];
  });
  const worker = dig(parts.template?.job, ['spec', 'template']);
  if (!isObject(worker)) return workloads;
  return [...workloads, { owner: workerOwner, namespace, workload: undefined, template: worker }];
}

function templateIn(object: KubernetesObject): JsonObject | undefined {
  if (object.kind === 'Pod') return object;
  const path = object.kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template'] : ['spec', 'template'];
  const template = dig(object, path);
  return isObject(template) && Array.isArray(dig(template, ['spec', 'containers'])) ? template : undefined;
}

/** The ServiceAccount that a pod runs as. @default `default`, as Kubernetes has it */
export function serviceAccountOf({ spec }: JsonObject): string {
  const name = dig(spec, ['serviceAccountName']);
  return typeof name === 'string' && name !== '' ? name : 'default';
}
