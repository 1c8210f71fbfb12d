/** When a problem is certain: waiting any longer cannot help. */
import { type Problem, problemKey } from './problem.ts';

/** What is already there at the first look and older than this may be left from before, in milliseconds. */
const recentMs = 5_000;

/** The longest that a kubelet waits until it tries again, in milliseconds. */
const longestRetryMs = 300_000;

/** What is added to a wait, so that its outcome shows, in milliseconds. */
const marginMs = 10_000;

interface Seen {
  readonly attempt: string | undefined;
  readonly since: number;
  /** How long it has to last besides, since it may be about an attempt before the first look. */
  readonly staleMs: number;
}

/** Looks at the problems of one workload again and again, and tells which of them are certain. */
export type Certainty = (problems: readonly Problem[], now: number) => readonly Problem[];

/**
 * Begins to look.
 *
 * What was there before the first look may be mended already: a kubelet tries again after twice as long each time.
 * So it is certain once another attempt has failed, or after as long as all attempts so far have taken.
 */
export function watchCertainty(): Certainty {
  let seen: ReadonlyMap<string, Seen> | undefined;
  return (problems, now) => {
    const next = new Map<string, Seen>();
    for (const problem of problems) {
      const key = problemKey(problem);
      const attempt = problem.retried?.attempt;
      const before = seen?.get(key);
      const staleMs = seen === undefined ? staleFor(problem, now) : 0;
      next.set(
        key,
        before?.attempt === attempt && before !== undefined ? before : { attempt, since: now, staleMs },
      );
    }
    seen = next;
    return problems.filter((problem) => {
      const { certainAfterMs } = problem;
      const { since, staleMs } = next.get(problemKey(problem)) ?? { since: now, staleMs: 0 };
      return certainAfterMs !== undefined && now - since >= Math.max(certainAfterMs, staleMs);
    });
  };
}

function staleFor({ retried }: Problem, now: number): number {
  const age = now - Date.parse(retried?.since ?? '');
  return age > recentMs ? Math.min(age, longestRetryMs) + marginMs : 0;
}
