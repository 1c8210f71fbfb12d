import { type Flow, isWorkload, type Traffic } from './party.ts';

/** Stands for all workloads at once, as an end of a flow. */
export const everyWorkload = 'namespace';

/** The flows, where what all workloads have alike is one flow of {@link everyWorkload}. */
export function bundled({ parties, flows }: Traffic): Flow[] {
  const workloads = parties.filter(isWorkload).map(({ id }) => id);
  if (workloads.length < 2) return [...flows];
  const joined: Flow[] = [];
  const gone = new Set<Flow>();
  for (const { id } of parties.filter((party) => !party.isInside))
    for (const [near, far] of [
      ['from', 'to'],
      ['to', 'from'],
    ] as const) {
      const alike = flows.filter((flow) => flow[far] === id && workloads.includes(flow[near]));
      const same = new Set(alike.map(({ ports }) => JSON.stringify(ports)));
      const [first] = alike;
      if (first === undefined || same.size > 1 || alike.length < workloads.length) continue;
      for (const flow of alike) gone.add(flow);
      joined.push({ ...first, [near]: everyWorkload });
    }
  return [...flows.filter((flow) => !gone.has(flow)), ...joined];
}
