/** How far the rollout of one Deployment is. */
import { type Deployment, isReady, type Pod, type ReplicaSet } from './views.ts';

/** A Deployment with what was listed beside it; ReplicaSets and pods of others are left out by their owners. */
export interface Workload {
  readonly deployment: Deployment;
  readonly replicaSets: readonly ReplicaSet[];
  readonly pods: readonly Pod[];
}

/** The state of a rollout. */
export interface WorkloadState {
  readonly name: string;
  /** How many pods it is to have. */
  readonly wanted: number;
  /** Pods of the newest template that are ready. */
  readonly ready: number;
  /** Pods of older templates that are still there. */
  readonly old: number;
  /** Whether every pod that it is to have runs the newest template and is available, and no other is left. */
  readonly isDone: boolean;
  /** The ReplicaSet of the newest template; undefined until the controller has made it. */
  readonly newest: ReplicaSet | undefined;
  /** The pods of that ReplicaSet, without those that are on their way out. */
  readonly pods: readonly Pod[];
  /** Pods of the Deployment that are being deleted; they still count against a quota. */
  readonly ending: number;
  /** `2 of 3 pods ready, 1 starting (Pending)` */
  readonly text: string;
}

/** The state of a Deployment's rollout, by the rules of `kubectl rollout status`; 0 replicas are always done. */
export function workloadState({ deployment, replicaSets, pods }: Workload): WorkloadState {
  const { metadata, spec, status = {} } = deployment;
  const wanted = spec?.replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  const isObserved = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const owned = replicaSets.filter((set) => isOwnedBy(set, deployment));
  const newest = isObserved ? newestOf(owned) : undefined;
  const isEnding = ({ metadata: { deletionTimestamp } }: Pod) => deletionTimestamp !== undefined;
  const newPods = newest === undefined ? [] : pods.filter((pod) => isOwnedBy(pod, newest) && !isEnding(pod));
  const ending = pods.filter((pod) => isEnding(pod) && owned.some((set) => isOwnedBy(pod, set))).length;
  const old = isObserved ? Math.max(0, replicas - updatedReplicas) : replicas;
  const isDone =
    wanted === 0 || (isObserved && updatedReplicas >= wanted && old === 0 && availableReplicas >= wanted);
  // The lists may be a moment older than the status.
  const ready = isDone ? wanted : newPods.filter(isReady).length;
  const state = { name: metadata.name, wanted, ready, old, isDone, newest, pods: newPods, ending };
  return { ...state, text: isObserved || wanted === 0 ? textOf(state) : 'waiting for its controller' };
}

/** Whether an object was made by the other. */
function isOwnedBy(
  { metadata }: { readonly metadata: Pod['metadata'] },
  owner: { readonly metadata: Pod['metadata'] },
): boolean {
  return (metadata.ownerReferences ?? []).some(
    ({ uid, controller }) => controller === true && uid === owner.metadata.uid,
  );
}

/** The ReplicaSet that the controller numbered last: a rollback gives an old one the next number, too. */
function newestOf(owned: readonly ReplicaSet[]): ReplicaSet | undefined {
  return owned.reduce<ReplicaSet | undefined>(
    (newest, set) => (newest === undefined || revision(set) > revision(newest) ? set : newest),
    undefined,
  );
}

function revision({ metadata }: ReplicaSet): number {
  return Number(metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
}

function textOf({ wanted, ready, old, pods, isDone }: Omit<WorkloadState, 'text'>): string {
  if (wanted === 0) return 'no pods wanted';
  const starting = new Map<string, number>();
  // A pod that has ended, since it was evicted, say, starts no more: another one takes its place.
  const living = pods.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  for (const pod of living) {
    if (isReady(pod)) continue;
    const why = podReason(pod);
    starting.set(why, (starting.get(why) ?? 0) + 1);
  }
  const missing = Math.max(0, wanted - living.length);
  return [
    `${ready} of ${wanted} pod${wanted === 1 ? '' : 's'} ready`,
    ...(isDone ? [] : [...starting].map(([why, count]) => `${count} starting (${why})`)),
    ...(isDone || missing === 0 ? [] : [`${missing} to come`]),
    ...(old === 0 ? [] : [`${old} old`]),
  ].join(', ');
}

/** Why a pod is not ready, in the one word that `kubectl get pods` has for it. */
export function podReason({ metadata, spec, status = {} }: Pod): string {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (status.reason !== undefined) return status.reason;
  const inits = status.initContainerStatuses ?? [];
  const sidecars = new Set(
    (spec?.initContainers ?? [])
      .filter(({ restartPolicy }) => restartPolicy === 'Always')
      .map(({ name }) => name),
  );
  const init = inits.find(({ name, state, started }) =>
    sidecars.has(name) ? started !== true : state?.terminated?.exitCode !== 0,
  );
  for (const { state } of init === undefined ? (status.containerStatuses ?? []) : [init]) {
    const reason = state?.waiting?.reason ?? state?.terminated?.reason;
    if (reason !== undefined && reason !== 'Completed') return init === undefined ? reason : `Init:${reason}`;
  }
  if (init !== undefined) return 'Init';
  if (status.phase !== 'Running') return status.phase ?? 'Pending';
  return isReady({ metadata, status }) ? 'Running' : 'NotReady';
}
