/** Keeps new voice sessions out, and waits until the last one has ended. */
import { advise } from '../../../model/command.ts';
import { type Failure, failure, hasCode } from '../../../model/finding.ts';
import { nameSome } from '../../../model/names.ts';
import { openRights } from '../../api/access-review.ts';
import { pause } from '../../api/pause.ts';
import { shortName } from '../../api/resources.ts';
import type { Session } from '../../session/session.ts';
import { readInventory, type Stopped } from '../../state/inventory.ts';
import {
  narrowRoles,
  type RoleRules,
  readJobRights,
  restoreRoles,
  roleName,
} from '../../state/job-rights.ts';
import { withNextLease } from '../../state/lease.ts';
import { forgetStopped, type Running, readStopped, saveStopped } from '../../state/stopped.ts';
import { listSessions, runningOf, type VoiceSession } from '../../state/voice-sessions.ts';

/** How long the lease is waited for to give back what was taken, in milliseconds. */
const tidyMs = 8_000;

/** How often the sessions are looked at, in milliseconds. */
const everyMs = 1_000;

/**
 * How long an API server may go on allowing what a Role has lost, in milliseconds: it reads Roles from a cache,
 * and a Job may just have been on its way.
 */
export const settleMs = 2_500;

/**
 * Takes from the gateway the right to create Jobs, under the lease. Where that fails, the right is given back and nothing
 * was changed.
 *
 * @returns what is remembered of it
 */
export async function keepSessionsOut(
  session: Session,
  running: Running,
  remembered: Stopped,
): Promise<Stopped> {
  const { report } = session;
  const rules = remembered.rules ?? (await rightsToTake(session));
  const stopped = { ...remembered, draining: true, rules };
  try {
    await saveStopped(session, running, stopped);
    await narrowRoles(session, rules);
  } catch (error) {
    // With the lease lost another run has the release by now, and decides what becomes of it.
    if (!hasCode(error, 'lease-lost'))
      await tidying(session, (tidy) => giveBack(tidy, stopped, runningOf(running.sessions)));
    throw error;
  }
  for (const role of Object.keys(rules))
    report.result('configured', roleName(role), { without: 'create jobs' });
  report.say('new voice sessions are kept out');
  return stopped;
}

/**
 * Waits, without the lease, until every voice session has ended. Where that is interrupted, or takes too long, the right
 * is given back and nothing was changed; where another run has stopped the release meanwhile, nothing is waited for.
 *
 * @throws Failure where another run has given the right back
 */
export async function waitForSessions(session: Session, doing: string, stopped: Stopped): Promise<void> {
  const { report } = session;
  let left: readonly VoiceSession[] = [];
  try {
    left = runningOf(await listSessions(session));
    const since = performance.now();
    for (;;) {
      const [sessions, { draining }] = await Promise.all([
        listSessions(session),
        readStopped(session, stopped),
      ]);
      const step = drainStep(left, sessions, draining, performance.now() - since);
      for (const { job, id } of step.ended) report.result('ended', shortName(job), { session: id });
      left = step.left;
      if (step.next === 'leave') return;
      if (step.next === 'go on') break;
      if (left.length > 0)
        report.progress('voice sessions', `${left.length} left: ${nameSome(left.map(({ id }) => id))}`, {
          left: left.length,
        });
      await pause(everyMs, session.signal);
    }
    report.progress('voice sessions', 'all have ended');
  } catch (error) {
    if (!hasCode(error, 'stop-superseded'))
      await tidying(session, (tidy) => withNextLease(tidy, doing, () => giveBack(tidy, stopped, left)));
    throw error;
  }
}

/** What a look at the voice sessions tells. */
export interface DrainStep {
  /** Those that have not ended. */
  readonly left: readonly VoiceSession[];
  /** Those that have ended since the look before. */
  readonly ended: readonly VoiceSession[];
  /** `leave` where another run has stopped the release, `go on` once no session is left and none can begin any more. */
  readonly next: 'wait' | 'leave' | 'go on';
}

/**
 * What is to be done after a look at the voice sessions.
 *
 * @param before those that were left at the look before
 * @param draining whether the inventory still says so
 * @param sinceMs how long ago the right to begin them was taken, in milliseconds
 */
export function drainStep(
  before: readonly VoiceSession[],
  sessions: readonly VoiceSession[],
  draining: boolean,
  sinceMs: number,
): DrainStep {
  const left = runningOf(sessions);
  const still = new Set(left.map(({ job }) => job.metadata.uid));
  const ended = before.filter(({ job }) => !still.has(job.metadata.uid));
  const isOver = left.length === 0 && sinceMs >= settleMs;
  return { left, ended, next: !draining ? 'leave' : isOver ? 'go on' : 'wait' };
}

/**
 * The rules that a drain takes the right to create Jobs from.
 *
 * @throws Failure where there are none, or whoever runs this could not give it back
 */
export async function rightsToTake(session: Session): Promise<RoleRules> {
  const { client, target } = session;
  const { namespace } = target;
  const rules = await readJobRights(session);
  if (Object.keys(rules).length === 0) throw noRights(session);
  // Nobody can write a right into a Role that they do not have themselves.
  const rights = openRights(client);
  const questions = [
    { verb: 'create', group: 'batch', resource: 'jobs', namespace },
    { verb: 'escalate', group: 'rbac.authorization.k8s.io', resource: 'roles', namespace },
  ];
  const answers = await Promise.all(questions.map((question) => rights.may(question)));
  if (!answers.includes(true)) throw cannotGiveBack(session);
  return rules;
}

/** Gives back what was taken, unless another run has been there since: then it is theirs. */
async function giveBack(
  { client, report, target }: Session,
  { at }: Stopped,
  left: readonly VoiceSession[],
): Promise<void> {
  const { inventory } = await readInventory(client, target.release, target.namespace);
  const { stopped } = inventory;
  if (stopped?.at === at && stopped.draining) {
    await restoreRoles(client, target.namespace, stopped.rules ?? {});
    await forgetStopped(client, inventory);
  }
  const sessions = left.length === 1 ? '1 voice session runs' : `${left.length} voice sessions run`;
  report.say(`nothing was stopped: ${sessions} on, and new ones may begin again`);
}

/** Works beyond the end of the command. Where that fails, what it leaves behind is told. */
async function tidying(session: Session, work: (tidy: Session) => Promise<void>): Promise<void> {
  const { client, report, target } = session;
  report.settle();
  const controller = new AbortController();
  const abort = (reason: unknown) => controller.abort(reason);
  const timer = setTimeout(() => abort(new Error('another run holds the lease')), tidyMs);
  try {
    await work({ ...session, client: client.tidying(), signal: controller.signal, abort });
  } catch {
    report.warn(
      'not-given-back',
      'new voice sessions are still kept out, since the right to begin them could not be given back',
      `run the same command again, or give the right back with ${advise('draining')`glyphoxa-kustomize start ${target.name}`}`,
    );
  } finally {
    clearTimeout(timer);
  }
}

function noRights({ target }: Session): Failure {
  return failure(
    'no-right-to-take',
    `no Role of ${target.release} lets its gateway create Jobs, so new voice sessions cannot be kept out`,
    'take the right from its ServiceAccount where you gave it, or stop without --drain',
  );
}

function cannotGiveBack({ target }: Session): Failure {
  return failure(
    'cannot-give-back',
    `who may not create Jobs in ${target.namespace} cannot give the gateway that right back, so it is not taken`,
    'ask for the right; docs/operations has all that a deployer needs',
  );
}
