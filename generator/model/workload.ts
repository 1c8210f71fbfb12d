/** The containers of workloads, as they are found among objects. */
import { dig, isObject, type JsonObject, maps } from './json.ts';
import type { KubernetesObject } from './object.ts';

/** The container of a workload by its name. */
export function containerOf(workload: KubernetesObject, name: string): JsonObject | undefined {
  return containersOf(workload).find((container) => container.name === name);
}

/** All containers of a workload's pods. */
export function containersOf(workload: JsonObject): JsonObject[] {
  const template = dig(workload, ['spec', 'template']);
  return isObject(template) ? containersIn(template) : [];
}

/** The containers of a pod, those that run before the others first. */
export function containersIn({ spec }: JsonObject): JsonObject[] {
  return [...maps(dig(spec, ['initContainers'])), ...maps(dig(spec, ['containers']))];
}

/** The fixed value of a container's variable. */
export function variableOf(container: JsonObject | undefined, name: string): string | undefined {
  const value = maps(container?.env).find((variable) => variable.name === name)?.value;
  return typeof value === 'string' ? value : undefined;
}
