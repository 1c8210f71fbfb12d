import { isObject, type Json, type JsonObject, type Path } from '../../model/json.ts';
import { patchesIn } from '../layers.ts';
import type { Config } from '../schema/resource.ts';

/** The workloads whose pods can be patched, by their sections. */
const patchable = ['gateway', 'worker', 'mcpGateway'] as const;

/** A workload whose pods can be patched. */
export type Patchable = (typeof patchable)[number];

/** The items of a list in the `spec` of a pod patch, with their paths. */
export function patchItems(
  config: Config,
  workload: Patchable,
  list: string,
): { path: Path; item: JsonObject }[] {
  return patchesIn(config.spec[workload].podPatch).flatMap(({ spec }) => {
    const items: Json | undefined = isObject(spec) ? spec[list] : undefined;
    if (!Array.isArray(items)) return [];
    return items.flatMap((item, index) =>
      isObject(item) ? [{ path: ['spec', workload, 'podPatch', 'spec', list, index], item }] : [],
    );
  });
}

/** The containers in a pod patch: those that it adds, and what it changes of ours. */
export function patchContainers(
  config: Config,
  workload: Patchable,
): { path: Path; container: JsonObject }[] {
  return patchItems(config, workload, 'containers').map(({ path, item }) => ({ path, container: item }));
}

/** The containers of our own in the three workloads. */
const own: readonly unknown[] = ['gateway', 'worker', 'mcp-gateway'];

/** Whether a pod patch adds containers of its own, which the program then reaches on localhost. */
export function hasSidecar(config: Config, workload: Patchable): boolean {
  return ['containers', 'initContainers'].some((list) =>
    patchItems(config, workload, list).some(({ item }) => !own.includes(item.name)),
  );
}

/** Whether a pod patch brings volumes, from which files can come that we do not know of. */
export function hasVolumes(config: Config, workload: Patchable): boolean {
  return patchItems(config, workload, 'volumes').length > 0;
}
