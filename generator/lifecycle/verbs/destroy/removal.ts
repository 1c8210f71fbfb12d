/** The steps of a destroy: each deletes under the lease, and waits without it until all of that is gone. */
import { failure } from '../../../model/finding.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { readObject, shortName } from '../../api/resources.ts';
import { deleteObject, letGo } from '../../changes/prune.ts';
import { deleteJobs, leftOfJobs } from '../../changes/remove-jobs.ts';
import type { Session } from '../../session/session.ts';
import { isGatewayOf } from '../../state/deployments.ts';
import { waitUntilDeleted, waitUntilGone } from '../../state/gone.ts';
import { deleteInventory } from '../../state/inventory.ts';
import { restoreRoles } from '../../state/job-rights.ts';
import { leaseFor } from '../../state/lease.ts';
import { sessionPods } from '../../state/voice-sessions.ts';
import { disownVolumes, serverWaves } from './database-removal.ts';
import type { DestroyChoices, DestroyPlan } from './plan.ts';

/**
 * Deletes what a plan says. Whoever comes while this waits may apply the release again: then this ends, and leaves theirs
 * alone.
 *
 * @param look makes the plan anew, under the lease
 * @throws Failure where another run has applied the release meanwhile
 */
export async function removeAll(
  session: Session,
  choices: DestroyChoices,
  look: () => Promise<DestroyPlan>,
): Promise<void> {
  const { client, report } = session;
  const gone: KubernetesObject[] = [];
  const lease = leaseFor(session, 'destroy');
  const underLease = <T>(work: () => Promise<T>) =>
    lease(async () => {
      await refuseReturned(session, gone);
      return work();
    });
  const wait = async (objects: readonly KubernetesObject[]) => {
    if (objects.length > 0) await waitUntilDeleted(session, 'deletion', objects);
    for (const object of objects) report.result('deleted', shortName(object));
    gone.push(...objects);
  };
  const isGateway = (object: KubernetesObject) => isGatewayOf(session.target, object);
  // A gateway that still lives would make new Jobs; and it needs its rights and addresses until it has ended.
  const plan = await underLease(async () => {
    const now = await look();
    await deleteAll(session, now.goes.filter(isGateway));
    return now;
  });
  await wait(plan.goes.filter(isGateway));
  const workloads = plan.goes.filter((object) => object.kind === 'Deployment' && !isGateway(object));
  const jobs = await underLease(async () => {
    await deleteAll(session, workloads);
    return deleteJobs(session);
  });
  await waitUntilGone(session, 'worker Jobs', () => leftOfJobs(session, jobs));
  await wait(workloads);
  await waitUntilGone(session, 'voice sessions', () => sessionPods(session));
  const rest = plan.goes.filter(({ kind }) => kind !== 'Deployment');
  await underLease(() => deleteRest(session, plan, rest));
  await wait(rest);
  for (const wave of choices.database ? serverWaves(plan.database) : []) {
    await underLease(async () => {
      if (!choices.volumes) await disownVolumes(session, plan.database);
      await deleteAll(session, wave);
    });
    await wait(wave);
  }
  if (choices.volumes && plan.database.volumes.length > 0) {
    await underLease(() => deleteAll(session, plan.database.volumes));
    await wait(plan.database.volumes);
  }
  // Last, so that a run that is cut off before can be resumed.
  if (!plan.hasInventory) return;
  await underLease(() => deleteInventory(client, plan.inventory));
  report.result('deleted', `configmap/${plan.inventory.name}`);
}

/** Deletes objects with all that they own, which goes first. */
async function deleteAll(session: Session, objects: readonly KubernetesObject[]): Promise<void> {
  await Promise.all(objects.map((object) => deleteObject(session, object, 'Foreground')));
}

async function deleteRest(
  session: Session,
  { leaves, inventory }: DestroyPlan,
  rest: readonly KubernetesObject[],
): Promise<void> {
  // What a drain took from a Role that stays is forgotten with the inventory.
  const roles = leaves.filter(({ kind }) => kind === 'Role').map(({ metadata }) => metadata.name);
  const taken = Object.entries(inventory.stopped?.rules ?? {}).filter(([name]) => roles.includes(name));
  await restoreRoles(session.client, inventory.namespace, Object.fromEntries(taken));
  await Promise.all([deleteAll(session, rest), ...leaves.map((object) => letGo(session, object))]);
}

/** What was deleted and is there again was made by another run: the rest is theirs by now. */
async function refuseReturned({ client, target }: Session, gone: readonly KubernetesObject[]): Promise<void> {
  const read = gone.map(async (object) => {
    const there = await readObject(client, object);
    return there === undefined ? [] : [shortName(object)];
  });
  const back = (await Promise.all(read)).flat();
  if (back.length === 0) return;
  throw failure(
    'changed-meanwhile',
    `${back.join(', ')} came back: another run has applied ${target.release} meanwhile`,
    'run it again, and see what it lists',
  );
}
