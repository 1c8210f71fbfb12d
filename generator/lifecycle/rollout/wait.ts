/** Waits for Deployments to run what was applied. */
import { Failure, type Finding, hasCode } from '../../model/finding.ts';
import { pause } from '../api/pause.ts';
import type { Session } from '../session/session.ts';
import type { Problem } from './problem.ts';
import { problemFindings, waitingFinding, workloadName } from './rollout-findings.ts';
import { look, tell, type Watched, watch } from './watched.ts';

/** How often the cluster is looked at, in milliseconds. */
const lookEveryMs = 1_000;

/** How long others may take to show their causes once one is certain, in milliseconds. */
const settleMs = 3_000;

/** How long a quota may have no room after old pods of other workloads have gone, in milliseconds. */
const roomMs = 10_000;

/**
 * Waits until every Deployment runs its newest pods and no others, with a line of progress for each. Deployments
 * with 0 replicas are done at once.
 *
 * @param deployments names in the target's namespace
 * @throws Failure with the causes of all that cannot succeed, as soon as one is certain and the others have had a
 *   moment to show theirs; when the time of the command is up, with what each was still waiting for
 */
export async function waitForRollouts(session: Session, deployments: readonly string[]): Promise<void> {
  const watched = deployments.map(watch);
  try {
    await lookUntilDone(session, watched);
  } catch (error) {
    if (!hasCode(error, 'timeout')) throw error;
    throw new Failure([...error.findings, ...watched.filter(isOpen).flatMap(stillWaiting)]);
  }
}

async function lookUntilDone(session: Session, watched: readonly Watched[]): Promise<void> {
  let failedAt: number | undefined;
  let movedAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    await Promise.all(watched.filter(isOpen).map((one) => look(session, one)));
    if (!watched.some(isOpen)) return;
    if (watched.some(mayMakeRoom)) movedAt = performance.now();
    const isRoomToCome = performance.now() - movedAt < roomMs;
    const failing = watched.filter(({ certain }) => certain.some((one) => !isRoomToCome || !isQuota(one)));
    failedAt = failing.length === 0 ? undefined : (failedAt ?? performance.now());
    if (failedAt !== undefined && performance.now() - failedAt >= settleMs) {
      await Promise.all(failing.map((one) => tell(session, one, one.certain)));
      for (const one of watched) if (!failing.includes(one)) sayFine(session, one);
      throw new Failure(failing.flatMap((one) => findingsOf(one, one.certain)));
    }
    await pause(lookEveryMs, session.signal);
  }
}

function isOpen({ state }: Watched): boolean {
  return state?.isDone !== true;
}

/** Whether the old pods of a workload may yet end, and leave room in a quota to others. */
function mayMakeRoom(one: Watched): boolean {
  const hasOld = isOpen(one) && (one.state?.old ?? 0) > 0;
  return hasOld && one.certain.length === 0 && !one.problems.some(isQuota);
}

function isQuota({ code }: Problem): boolean {
  return code === 'rollout-quota';
}

function sayFine({ report }: Session, one: Watched): void {
  const how = isOpen(one) ? 'shows no lasting trouble' : 'runs';
  report.say(`${workloadName(one.name)} ${how}: ${one.state?.text}`);
}

/** The causes that are named, without the deadline where there is another one. */
function findingsOf({ state, told }: Watched, problems: Watched['problems']): Finding[] {
  const causes = problems.filter(({ code }) => code !== 'rollout-deadline');
  return state === undefined ? [] : problemFindings(state, causes.length > 0 ? causes : problems, told);
}

function stillWaiting(one: Watched): Finding[] {
  const findings = findingsOf(one, one.problems);
  return findings.length > 0 ? findings : [waitingFinding(one.name, one.state?.text)];
}
