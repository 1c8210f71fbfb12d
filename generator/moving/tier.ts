/** The nodes of a tier: what the chart's topologies say in four values is one in the resource. */
import { equal, isObject, type Json, type JsonObject } from '../model/json.ts';
import type { Draft } from './draft.ts';

const label = 'glyphoxa.io/tier';

/**
 * Makes selectors and tolerations of the topology's tier into `tierScheduling`, where gateway and worker have exactly what
 * that gives them, the toleration last.
 */
export function liftTier(draft: Draft): void {
  const topology = draft.get(['core', 'topology']);
  if (typeof topology !== 'string') return;
  const rests = ['gateway', 'worker'].map((workload) => ({
    workload,
    rest: withoutTier(draft, workload, topology),
  }));
  for (const { workload, rest } of rests) {
    if (rest === undefined || rests.some((each) => each.rest === undefined)) return;
    const [nodeSelector, tolerations] = rest;
    draft.set([workload, 'nodeSelector'], nodeSelector, [workload, 'nodeSelector']);
    draft.set([workload, 'tolerations'], tolerations, [workload, 'tolerations']);
  }
  draft.set(['core', 'tierScheduling'], true, ['gateway', 'nodeSelector']);
}

/** What a workload asks of nodes besides the tier; undefined where it does not ask for the tier in this way. */
function withoutTier(draft: Draft, workload: string, topology: string): [JsonObject, Json[]] | undefined {
  const selector = draft.get([workload, 'nodeSelector']);
  const tolerations = draft.get([workload, 'tolerations']);
  const toleration = { key: label, value: topology, effect: 'NoSchedule' };
  if (!isObject(selector) || selector[label] !== topology || !Array.isArray(tolerations)) return undefined;
  if (!equal(tolerations.at(-1), toleration)) return undefined;
  const { [label]: _, ...rest } = selector;
  return [rest, tolerations.slice(0, -1)];
}
