/** What is counted in a run on many tenants. */
import type { Report } from '../../lifecycle/session/report.ts';
import type { Outcome } from '../../lifecycle/session/run-waves.ts';

/** How many tenants came to which end. */
export function countsOf(outcomes: ReadonlyMap<string, Outcome<unknown>>) {
  const states = [...outcomes.values()].map(({ state }) => state);
  const number = (state: Outcome<unknown>['state']) => states.filter((each) => each === state).length;
  return {
    done: number('done'),
    failed: number('failed'),
    interrupted: number('interrupted'),
    notBegun: number('not-begun'),
  };
}

/** Counts what becomes of objects. */
export function counting(report: Report, counts: Map<string, number>): Report {
  return {
    ...report,
    result: (verb, object, data) => {
      counts.set(verb, (counts.get(verb) ?? 0) + 1);
      report.result(verb, object, data);
    },
  };
}
