/** `start`: a stopped release runs again as it did. */

import { holdManager, ownersOf, replicasField } from '../../api/managers.ts';
import { apiPath, shortName } from '../../api/resources.ts';
import { demandRights } from '../../rights/missing-rights.ts';
import { waitForRollouts } from '../../rollout/wait.ts';
import type { Session } from '../../session/session.ts';
import { deploymentType, type LiveDeployment, notDeployed } from '../../state/deployments.ts';
import { giveBackField } from '../../state/hold.ts';
import type { Stopped } from '../../state/inventory.ts';
import { restoreRoles, roleName } from '../../state/job-rights.ts';
import { withLease } from '../../state/lease.ts';
import { holdReplicas, replicasOf } from '../../state/replicas.ts';
import { forgetStopped, liveReplicas, type Running, readRunning } from '../../state/stopped.ts';

/**
 * Gives back what a stop took, and waits until the pods run. On a release that is not stopped it only waits.
 *
 * @throws Failure where nothing of the release is there, or its pods do not run
 */
export async function start(session: Session): Promise<void> {
  const { report, dryRun, target } = session;
  await demandRights(session, 'start');
  const before = await readRunning(session);
  const { stopped } = before.inventory;
  if (before.deployments.length === 0 && stopped === undefined) throw notDeployed(session);
  if (dryRun) {
    tellDryRun(session, before);
    return;
  }
  const names = before.deployments.map(({ name }) => name);
  if (stopped === undefined) {
    report.say(`${target.release} is not stopped; nothing to start`);
    await waitForRollouts(session, names);
    return;
  }
  await withLease(session, 'start', async () => {
    const running = await readRunning(session);
    if (running.inventory.stopped !== undefined) await giveBack(session, running, running.inventory.stopped);
  });
  // It is not stopped any more, whatever becomes of its pods: an apply may have to mend them.
  await waitForRollouts(session, names);
}

async function giveBack(session: Session, running: Running, stopped: Stopped): Promise<void> {
  const { client, report, target } = session;
  // Gateways need the right when they come, and tools are there before sessions ask for them.
  const { rules = {} } = stopped;
  await restoreRoles(client, target.namespace, rules);
  for (const role of Object.keys(rules)) report.result('configured', roleName(role));
  for (const deployment of running.deployments) await scaleUp(session, deployment, stopped);
  const there = new Set(running.deployments.map(({ name }) => name));
  for (const name of Object.keys(stopped.replicas).filter((name) => !there.has(name)))
    report.say(`deployment.apps/${name} is not there any more`);
  await forgetStopped(client, running.inventory);
}

async function scaleUp({ client, report }: Session, deployment: LiveDeployment, stopped: Stopped) {
  const { live, name, wanted } = deployment;
  const to = numberFor(deployment, stopped);
  const from = liveReplicas(live);
  if (to !== undefined) {
    await holdReplicas(client, deploymentType, live, to);
    report.result(to === from ? 'unchanged' : 'scaled', shortName(live), { replicas: to, from });
  }
  // What a scaler decides on stays apart: the environment's apply must not speak for it.
  if (wanted !== undefined && replicasOf(wanted) === undefined) return;
  const fresh = await client.get(apiPath(deploymentType, live.metadata.namespace as string, name));
  if (fresh !== undefined) await giveBackField(client, deploymentType, fresh, replicasField);
}

/** The number to set; none where nothing was scaled, or somebody else has scaled it since. */
function numberFor({ live, name }: LiveDeployment, { replicas, draining }: Stopped): number | undefined {
  const isHeld = ownersOf(live, replicasField).some(({ manager }) => manager === holdManager);
  if (draining || (liveReplicas(live) > 0 && !isHeld)) return undefined;
  return replicas[name];
}

function tellDryRun({ report, target }: Session, { inventory, deployments }: Running): void {
  const { stopped } = inventory;
  if (stopped === undefined) report.say(`${target.release} is not stopped; nothing to start`);
  else {
    for (const role of Object.keys(stopped.rules ?? {}))
      report.result('configured', roleName(role), { dryRun: true });
    for (const deployment of deployments) {
      const to = numberFor(deployment, stopped);
      const from = liveReplicas(deployment.live);
      const verb = to === undefined || to === from ? 'unchanged' : 'scaled';
      report.result(verb, shortName(deployment.live), { replicas: to ?? from, from, dryRun: true });
    }
  }
  report.say('dry run: nothing was changed');
}
