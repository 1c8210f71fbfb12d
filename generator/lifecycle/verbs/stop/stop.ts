/** `stop`: nothing of a release runs any more, and it is remembered what did. */

import { advise } from '../../../model/command.ts';
import { isOurs } from '../../api/managers.ts';
import { shortName } from '../../api/resources.ts';
import { serverNow, serverTime } from '../../api/server-time.ts';
import { removeJobs } from '../../changes/remove-jobs.ts';
import { demandRights } from '../../rights/missing-rights.ts';
import type { Session } from '../../session/session.ts';
import { deploymentType, type LiveDeployment, notDeployed } from '../../state/deployments.ts';
import { livingPods, selectorText, waitUntilGone } from '../../state/gone.ts';
import { roleName } from '../../state/job-rights.ts';
import { withLease } from '../../state/lease.ts';
import { holdReplicas } from '../../state/replicas.ts';
import {
  liveReplicas,
  type Running,
  readRunning,
  rememberReplicas,
  saveStopped,
  stoppedWords,
} from '../../state/stopped.ts';
import { describeSession, runningOf, sessionPods } from '../../state/voice-sessions.ts';
import { drainSessions, rightsToTake } from './drain.ts';

/** How a release is stopped. */
export interface StopChoices {
  /** Keep new voice sessions out first, and wait until the last has ended. */
  readonly drain: boolean;
}

/**
 * Stops a release: gateways first, so that no worker Job is made any more, then the worker Jobs and all else.
 *
 * @throws Failure where nothing of the release is there
 */
export async function stop(session: Session, { drain }: StopChoices): Promise<void> {
  const { report, dryRun } = session;
  await demandRights(session, drain ? 'drain' : 'stop');
  const before = await readRunning(session);
  if (before.deployments.length === 0 && before.sessions.length === 0) throw notDeployed(session);
  tellBefore(session, before, drain);
  if (dryRun) {
    await tellDryRun(session, before, drain);
    return;
  }
  await withLease(session, drain ? 'stop --drain' : 'stop', async () => {
    const running = await readRunning(session);
    const remembered = rememberReplicas(running, serverTime(session));
    // Before anything is scaled: a run that is cut off after this is resumed, and can be started again.
    if (drain && hasGateway(running)) await drainSessions(session, running, remembered);
    else await saveStopped(session, running, { ...remembered, draining: false });
    await stopWorkloads(session, running.deployments);
  });
  report.say(
    `${session.target.release} is stopped; ${advise('stopped')`glyphoxa-kustomize start ${session.target.name}`} starts it`,
  );
}

/** Whether anybody is there who begins voice sessions. */
function hasGateway({ deployments }: Running): boolean {
  return deployments.some(({ isGateway, live }) => isGateway && liveReplicas(live) > 0);
}

async function stopWorkloads(session: Session, deployments: readonly LiveDeployment[]): Promise<void> {
  const gateways = deployments.filter(({ isGateway }) => isGateway);
  const others = deployments.filter(({ isGateway }) => !isGateway);
  await Promise.all(gateways.map((gateway) => scaleDown(session, gateway)));
  // A gateway that still lives would make new Jobs.
  await Promise.all(gateways.map((gateway) => waitForPods(session, gateway)));
  await Promise.all([removeJobs(session), ...others.map((other) => scaleDown(session, other))]);
  await Promise.all([
    waitUntilGone(session, 'voice sessions', () => sessionPods(session)),
    ...others.map((other) => waitForPods(session, other)),
  ]);
}

async function scaleDown({ client, report }: Session, { live }: LiveDeployment): Promise<void> {
  const from = liveReplicas(live);
  await holdReplicas(client, deploymentType, live, 0);
  report.result(from === 0 ? 'unchanged' : 'scaled', shortName(live), { replicas: 0, from });
}

function waitForPods(session: Session, { live }: LiveDeployment): Promise<void> {
  const { namespace } = session.target;
  const selector = selectorText((live.spec as { selector?: never }).selector);
  return waitUntilGone(session, shortName(live), () => livingPods(session, namespace, selector));
}

function tellBefore(session: Session, { inventory, deployments, sessions }: Running, drain: boolean): void {
  const { report, target } = session;
  const now = serverNow(session);
  const { stopped } = inventory;
  if (stopped !== undefined) {
    report.say(`${target.release} ${stoppedWords(stopped)}; going on from there`);
  }
  const running = runningOf(sessions);
  const ends = drain ? 'its end is waited for' : 'it ends now';
  if (running.length === 0) report.say('no voice session runs');
  for (const voice of running) {
    const { id, tenant, startedAt } = voice;
    report.say(`${describeSession(voice, now)}: ${ends}`, {
      session: id,
      startedAt,
      ...(tenant === undefined ? {} : { tenant }),
    });
  }
  for (const { live, isGateway } of deployments) if (isGateway) warnOfOthers({ report }, live);
}

/** Others may start again what is stopped here. */
function warnOfOthers({ report }: Pick<Session, 'report'>, live: LiveDeployment['live']): void {
  const { labels, annotations } = live.metadata as { labels?: object; annotations?: object };
  const marks = Object.keys({ ...labels, ...annotations });
  // Other marks of Flux are for it, such as the one that keeps its substitution out.
  const tool = marks.includes('kustomize.toolkit.fluxcd.io/name')
    ? 'Flux'
    : marks.some((mark) => mark.startsWith('argocd.argoproj.io/'))
      ? 'Argo CD'
      : undefined;
  if (tool !== undefined) {
    report.warn(
      'gitops',
      `${tool} looks after ${shortName(live)}, and starts it again where it heals what others change`,
      `suspend it in ${tool} first, or stop the deployment there`,
    );
  } else if (!isOurs(live)) {
    report.warn(
      'not-ours',
      `${shortName(live)} was not applied by this program: whoever applies it next starts it again`,
    );
  }
}

async function tellDryRun(session: Session, running: Running, drain: boolean): Promise<void> {
  const { report } = session;
  const { deployments, sessions, inventory } = running;
  const taken =
    drain && hasGateway(running) ? (inventory.stopped?.rules ?? (await rightsToTake(session))) : {};
  for (const role of Object.keys(taken)) report.result('configured', roleName(role), { dryRun: true });
  for (const { live } of [...deployments].reverse()) {
    const from = liveReplicas(live);
    report.result(from === 0 ? 'unchanged' : 'scaled', shortName(live), { replicas: 0, from, dryRun: true });
  }
  for (const { job } of sessions) report.result('deleted', shortName(job), { dryRun: true });
  report.say('dry run: nothing was changed');
}
