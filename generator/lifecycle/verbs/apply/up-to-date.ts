/** Whether an apply has nothing to do, so that it can be told at once. */
import { equal } from '../../../model/json.ts';
import { findSurplus } from '../../changes/prune.ts';
import type { Deployment } from '../../rollout/views.ts';
import { view } from '../../rollout/views.ts';
import { workloadState } from '../../rollout/workload.ts';
import type { Session } from '../../session/session.ts';
import { isApplied } from '../../state/applied.ts';
import { isLeaving, type Live, nextInventory, type PlannedObject, readLive } from '../../state/live.ts';
import { originOf } from '../../state/origin.ts';

/**
 * What an apply of a tenant has to do: nothing where the cluster has every object as it is listed and none besides, nothing is
 * on its way out, and every Deployment runs its newest pods; and nothing to one that was stopped on purpose. Where that is
 * not certain, an apply finds out.
 */
export async function needOf(session: Session): Promise<'apply' | 'up to date' | 'stopped'> {
  const live = await readLive(session);
  if (live.inventory.stopped !== undefined) return 'stopped';
  return isUpToDate(session, live) ? 'up to date' : 'apply';
}

function isUpToDate(session: Session, live: Live): boolean {
  const { inventory, namespace, unlisted, unknown, planned } = live;
  if (!live.hasInventory || namespace === undefined || isLeaving(namespace)) return false;
  if (unlisted !== undefined || unknown.length > 0) return false;
  if (inventory.leaving.length > 0 || !planned.every(isThere)) return false;
  const { ours, left } = findSurplus(live);
  return ours.length + left.length === 0 && isRecorded(session, live);
}

function isThere({ wanted, live, replicas }: PlannedObject): boolean {
  if (live === undefined || replicas !== undefined || isLeaving(live) || !isApplied(wanted, live))
    return false;
  if (wanted.kind !== 'Deployment') return true;
  return workloadState({ deployment: view<Deployment>(live), replicaSets: [], pods: [] }).isDone;
}

/** Whether the inventory says what an apply would write there. */
function isRecorded({ target }: Session, live: Live): boolean {
  const after = { ...nextInventory(live, false), origin: originOf(target) };
  return equal(JSON.parse(JSON.stringify(after)), JSON.parse(JSON.stringify(live.inventory)));
}
