/** Keeps new voice sessions out, and waits until the last one has ended. */
import { advise } from '../../../model/command.ts';
import { type Failure, failure, hasCode } from '../../../model/finding.ts';
import { nameSome } from '../../../model/names.ts';
import { openRights } from '../../api/access-review.ts';
import { pause } from '../../api/pause.ts';
import { shortName } from '../../api/resources.ts';
import type { Session } from '../../session/session.ts';
import type { Inventory, Stopped } from '../../state/inventory.ts';
import {
  narrowRoles,
  type RoleRules,
  readJobRights,
  restoreRoles,
  roleName,
} from '../../state/job-rights.ts';
import { forgetStopped, type Running, saveStopped } from '../../state/stopped.ts';
import { listSessions, runningOf, type VoiceSession } from '../../state/voice-sessions.ts';

/** How often the sessions are looked at, in milliseconds. */
const everyMs = 1_000;

/**
 * How long an API server may go on allowing what a Role has lost, in milliseconds: it reads Roles from a cache,
 * and a Job may just have been on its way.
 */
const settleMs = 2_500;

/**
 * Takes from the gateway the right to create Jobs and waits until every voice session has ended. Where that is
 * interrupted, or takes too long, the right is given back and nothing was changed; else it is remembered that from
 * here on workloads are stopped.
 */
export async function drainSessions(session: Session, running: Running, stopped: Stopped): Promise<void> {
  const { report } = session;
  const rules = stopped.rules ?? (await rightsToTake(session));
  let left = runningOf(running.sessions);
  try {
    const saved = await saveStopped(session, running, { ...stopped, draining: true, rules });
    await narrowRoles(session, rules);
    for (const role of Object.keys(rules))
      report.result('configured', roleName(role), { without: 'create jobs' });
    report.say('new voice sessions are kept out');
    const since = performance.now();
    for (;;) {
      const now = runningOf(await listSessions(session));
      tellEnded(session, left, now);
      left = now;
      if (left.length > 0) {
        report.progress('voice sessions', `${left.length} left: ${nameSome(left.map(({ id }) => id))}`, {
          left: left.length,
        });
      } else if (performance.now() - since >= settleMs) break;
      await pause(everyMs, session.signal);
    }
    report.progress('voice sessions', 'all have ended');
    await saveStopped(session, saved, { ...stopped, draining: false, rules });
  } catch (error) {
    // With the lease lost another run has the release by now, and decides what becomes of it.
    if (!hasCode(error, 'lease-lost')) await giveBack(session, running.inventory, rules, left.length);
    throw error;
  }
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

function tellEnded({ report }: Session, before: readonly VoiceSession[], now: readonly VoiceSession[]): void {
  const still = new Set(now.map(({ job }) => job.metadata.uid));
  for (const { job, id } of before)
    if (!still.has(job.metadata.uid)) report.result('ended', shortName(job), { session: id });
}

async function giveBack(
  session: Session,
  inventory: Inventory,
  rules: RoleRules,
  left: number,
): Promise<void> {
  const { client, report, target } = session;
  report.settle();
  const tidying = client.tidying();
  try {
    await restoreRoles(tidying, target.namespace, rules);
    await forgetStopped(tidying, inventory);
    const sessions = left === 1 ? '1 voice session runs' : `${left} voice sessions run`;
    report.say(`nothing was stopped: ${sessions} on, and new ones may begin again`);
  } catch {
    report.warn(
      'not-given-back',
      'new voice sessions are still kept out, since the right to begin them could not be given back',
      `run the same command again, or give the right back with ${advise('draining')`glyphoxa-kustomize start ${target.name}`}`,
    );
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
