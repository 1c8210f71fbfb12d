/** The findings of rollouts that did not end. */
import { type Finding, finding } from '../../model/finding.ts';
import { type Problem, problemKey } from './problem.ts';
import type { WorkloadState } from './workload.ts';

/** The same problem of several pods, once: that of the pod that is first by name. */
export function sameProblems(problems: readonly Problem[]): { problem: Problem; pods: number }[] {
  const groups = new Map<string, { problem: Problem; pods: number }>();
  const byPod = [...problems].sort((a, b) => ((a.pod ?? '') < (b.pod ?? '') ? -1 : 1));
  for (const problem of byPod) {
    const key = `${problem.code} ${problem.container ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { problem, pods: 1 });
    else group.pods++;
  }
  return [...groups.values()];
}

/**
 * One error for each kind of problem of a workload.
 *
 * @param told what the containers said, by {@link problemKey}
 */
export function problemFindings(
  { name, wanted }: WorkloadState,
  problems: readonly Problem[],
  told: ReadonlyMap<string, readonly string[]>,
): Finding[] {
  return sameProblems(problems).map(({ problem, pods }) => {
    const { code, pod, message, hint } = problem;
    const others = pods > 1 ? ` and ${pods - 1} more of ${wanted}` : '';
    const details = told.get(problemKey(problem)) ?? [];
    return {
      code,
      severity: 'error',
      path: [],
      message: `${workloadName(name)}: ${message}${pod === undefined ? '' : ` (pod ${pod}${others})`}`,
      hint,
      ...(details.length === 0 ? {} : { details }),
    };
  });
}

/** A workload that is not done and shows no problem. */
export function waitingFinding(name: string, text = 'not looked at yet'): Finding {
  return finding('rollout-waiting', `${workloadName(name)}: ${text}`, 'its rollout continues');
}

/** A Deployment as messages name it. */
export function workloadName(name: string): string {
  return `deployment.apps/${name}`;
}
