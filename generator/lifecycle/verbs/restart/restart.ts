/** `restart`: new pods for the Deployments of a release, one Deployment at a time. */
import { advise } from '../../../model/command.ts';
import { Failure, type Finding, failure, finding } from '../../../model/finding.ts';
import { dig } from '../../../model/json.ts';
import { apiPath, shortName } from '../../api/resources.ts';
import { serverTime } from '../../api/server-time.ts';
import { demandRights } from '../../rights/missing-rights.ts';
import { waitForRollouts } from '../../rollout/wait.ts';
import type { Session } from '../../session/session.ts';
import {
  deploymentType,
  type LiveDeployment,
  notDeployed,
  readDeployments,
} from '../../state/deployments.ts';
import { readInventory } from '../../state/inventory.ts';
import { leaseFor } from '../../state/lease.ts';
import { stoppedWords } from '../../state/stopped.ts';

/** The annotation of the pod template that `kubectl rollout restart` sets, too. */
const restartedAt = 'kubectl.kubernetes.io/restartedAt';

/**
 * The manager of that annotation. It updates, so what it set stays until it sets it anew; an apply, which does not
 * list the annotation, has no say in it, and neither reverts it nor meets a conflict.
 */
const restartManager = 'glyphoxa-kustomize-restart';

/**
 * Restarts the Deployments of a release and waits for each before the next. Gateways come last: they hold the
 * voice connections, and are left alone where the pods before them do not run.
 *
 * @throws Failure where the release is stopped or not there, or new pods do not run
 */
export async function restart(session: Session): Promise<void> {
  const { report, dryRun } = session;
  await demandRights(session, 'restart');
  const deployments = await readRestartable(session);
  if (dryRun) {
    for (const { live } of deployments) report.result('restarted', shortName(live), { dryRun: true });
    report.say('dry run: nothing was changed');
    return;
  }
  const lease = leaseFor(session, 'restart');
  for (const { name, live } of deployments) {
    await lease(async () => {
      // Somebody may have stopped the release while the pods before were waited for.
      await readRestartable(session);
      await session.client.send('PATCH', apiPath(deploymentType, session.target.namespace, name), {
        query: { fieldManager: restartManager },
        contentType: 'application/merge-patch+json',
        body: { spec: { template: { metadata: { annotations: { [restartedAt]: serverTime(session) } } } } },
      });
      report.result('restarted', shortName(live));
    });
    await waitForRollouts(session, [name]);
  }
}

async function readRestartable(session: Session): Promise<readonly LiveDeployment[]> {
  const { client, target } = session;
  const { inventory } = await readInventory(client, target.release, target.namespace);
  const { stopped } = inventory;
  if (stopped !== undefined) {
    throw failure(
      'stopped',
      `${target.release} ${stoppedWords(stopped)}`,
      `start it with ${advise('stopped/restart')`glyphoxa-kustomize start ${target.name}`}`,
    );
  }
  const deployments = await readDeployments(session, inventory);
  if (deployments.length === 0) throw notDeployed(session);
  const paused = deployments.filter(({ live }) => dig(live, ['spec', 'paused']) === true);
  if (paused.length > 0) throw new Failure(paused.map(pausedFinding));
  return deployments;
}

function pausedFinding({ live, name }: LiveDeployment): Finding {
  return finding(
    'paused',
    `${shortName(live)} is paused, and would not be restarted`,
    `resume it with ${advise('paused')`kubectl -n ${String(live.metadata.namespace)} rollout resume ${`deployment/${name}`}`}`,
  );
}
