/** The containers of workloads, as they are found among objects. */
import { dig, type JsonObject, maps } from './json.ts';
import type { KubernetesObject } from './object.ts';

/** The container of a workload by its name. */
export function containerOf(workload: KubernetesObject, name: string): JsonObject | undefined {
  return containersOf(workload).find((container) => container.name === name);
}

/** All containers of a workload's pods. */
export function containersOf(workload: JsonObject): JsonObject[] {
  const pod = dig(workload, ['spec', 'template', 'spec']);
  return [...maps(dig(pod, ['initContainers'])), ...maps(dig(pod, ['containers']))];
}

/** The fixed value of a container's variable. */
export function variableOf(container: JsonObject | undefined, name: string): string | undefined {
  const value = maps(container?.env).find((variable) => variable.name === name)?.value;
  return typeof value === 'string' ? value : undefined;
}
