/** `stop`: nothing of a release runs any more, and it is remembered what did. */
import { advise } from '../../../model/command.ts';
import { dig, given } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { isOurs } from '../../api/managers.ts';
import { shortName } from '../../api/resources.ts';
import { serverNow, serverTime } from '../../api/server-time.ts';
import { deleteJobs, leftOfJobs } from '../../changes/remove-jobs.ts';
import { demandRights } from '../../rights/missing-rights.ts';
import type { Session } from '../../session/session.ts';
import { controllerOf } from '../../state/controllers.ts';
import { deploymentType, type LiveDeployment, notDeployed } from '../../state/deployments.ts';
import { livingPods, selectorText, waitUntilGone } from '../../state/gone.ts';
import type { Stopped } from '../../state/inventory.ts';
import { roleName } from '../../state/job-rights.ts';
import { leaseFor } from '../../state/lease.ts';
import { holdReplicas } from '../../state/replicas.ts';
import {
  demandStopped,
  liveReplicas,
  type Running,
  readRunning,
  readStopped,
  rememberReplicas,
  saveStopped,
  stoppedWords,
} from '../../state/stopped.ts';
import { describeSession, runningOf, sessionPods } from '../../state/voice-sessions.ts';
import { keepSessionsOut, rightsToTake, waitForSessions } from './drain.ts';

/** How a release is stopped. */
export interface StopChoices {
  /** Keep new voice sessions out first, and wait until the last has ended. */
  readonly drain: boolean;
}

/**
 * Stops a release: gateways first, so that no worker Job is made any more, then the worker Jobs and all else. Only what
 * changes the cluster is done under the lease. While this one waits, another run may start the release, in which case this
 * one ends, or stop it, too, in which case both wait.
 *
 * @throws Failure where nothing of the release is there, or another run has started it meanwhile
 */
export async function stop(session: Session, { drain }: StopChoices): Promise<void> {
  const { report, dryRun } = session;
  const doing = drain ? 'stop --drain' : 'stop';
  await demandRights(session, drain ? 'drain' : 'stop');
  const before = await readRunning(session);
  if (before.deployments.length === 0 && before.sessions.length === 0) throw notDeployed(session);
  tellBefore(session, before, drain);
  if (dryRun) {
    await tellDryRun(session, before, drain);
    return;
  }
  const lease = leaseFor(session, doing);
  const stopped = await lease(() => begin(session, drain));
  if (stopped.draining) await waitForSessions(session, doing, stopped);
  const step = <T>(work: (running: Running) => Promise<T>) =>
    lease(async () => {
      const running = await readRunning(session);
      demandStopped(session, running.inventory, stopped);
      return work(running);
    });
  const wait = (key: string, look: () => Promise<readonly KubernetesObject[]>) =>
    waitUntilGone(session, key, async () => {
      await readStopped(session, stopped);
      return look();
    });
  const pods = ({ live }: LiveDeployment) => wait(shortName(live), () => podsOf(session, live));
  const gateways = await step((running) => scaleGateways(session, running, stopped));
  // A gateway that still lives would make new Jobs.
  await Promise.all(gateways.map(pods));
  const { jobs, others } = await step((running) => endRest(session, running));
  await Promise.all([
    wait('worker Jobs', () => leftOfJobs(session, jobs)),
    wait('voice sessions', () => sessionPods(session)),
    ...others.map(pods),
  ]);
  report.say(
    `${session.target.release} is stopped; ${advise('stopped')`glyphoxa-kustomize start ${session.target.name}`} starts it`,
  );
}

/** Remembers what runs, before anything is scaled: a run that is cut off after this is resumed, and can be started again. */
async function begin(session: Session, drain: boolean): Promise<Stopped> {
  const running = await readRunning(session);
  const remembered = rememberReplicas(running, serverTime(session));
  if (drain && hasGateway(running)) return keepSessionsOut(session, running, remembered);
  const stopped = { ...remembered, draining: false };
  await saveStopped(session, running, stopped);
  return stopped;
}

/** Whether anybody is there who begins voice sessions. */
function hasGateway({ deployments }: Running): boolean {
  return deployments.some(({ isGateway, live }) => isGateway && liveReplicas(live) > 0);
}

async function scaleGateways(
  session: Session,
  running: Running,
  stopped: Stopped,
): Promise<LiveDeployment[]> {
  const gateways = running.deployments.filter(({ isGateway }) => isGateway);
  await saveStopped(session, running, { ...stopped, draining: false });
  await Promise.all(gateways.map((gateway) => scaleDown(session, gateway)));
  return gateways;
}

async function endRest(session: Session, { deployments }: Running) {
  const others = deployments.filter(({ isGateway }) => !isGateway);
  const [jobs] = await Promise.all([
    deleteJobs(session),
    ...others.map((other) => scaleDown(session, other)),
  ]);
  return { jobs, others };
}

async function scaleDown({ client, report }: Session, { live }: LiveDeployment): Promise<void> {
  const from = liveReplicas(live);
  await holdReplicas(client, deploymentType, live, 0);
  report.result(from === 0 ? 'unchanged' : 'scaled', shortName(live), { replicas: 0, from });
}

function podsOf(session: Session, live: KubernetesObject): Promise<KubernetesObject[]> {
  const selector = selectorText(dig(live, ['spec', 'selector']));
  return livingPods(session, session.target.namespace, selector);
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
      ...given({ tenant }),
    });
  }
  for (const { live, isGateway } of deployments) if (isGateway) warnOfOthers({ report }, live);
}

/** Others may start again what is stopped here. */
function warnOfOthers({ report }: Pick<Session, 'report'>, live: LiveDeployment['live']): void {
  const tool = controllerOf(live);
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
      'stop it where it is applied from',
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
