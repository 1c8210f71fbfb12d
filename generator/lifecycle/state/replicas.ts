/**
 * Who says how many replicas a Deployment has. Three may: the environment, a HorizontalPodAutoscaler, and a stop.
 * An apply that drops `replicas` while nobody else owns them would reset them to 1, and one that lists them again
 * would meet the scaler's ownership as a conflict: so ownership is handed over first.
 */
import { isObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Client } from '../api/client.ts';
import {
  holdManager,
  type ManagedFields,
  ownersOf,
  ownManager,
  replicasField,
  takeOverPatch,
} from '../api/managers.ts';
import type { ResourceType } from '../api/resources.ts';
import { patchFresh } from '../api/server-side-apply.ts';
import { holdFields } from './hold.ts';

/**
 * What has to happen before a Deployment is applied: `hold` keeps the running number, since the environment leaves
 * it to a scaler from now on; `take` makes it the environment's again.
 */
export type ReplicasStep = 'hold' | 'take';

/**
 * The step that a Deployment needs.
 *
 * @param isScaled whether the environment has a HorizontalPodAutoscaler for it
 */
export function replicasStep(
  wanted: KubernetesObject,
  live: KubernetesObject | undefined,
  isScaled: boolean,
): ReplicasStep | undefined {
  if (wanted.kind !== 'Deployment' || live === undefined) return undefined;
  const owners = ownersOf(live, replicasField);
  if (replicasOf(wanted) === undefined) {
    const isOnlyOurs = owners.length > 0 && owners.every(({ manager }) => manager === ownManager);
    return isOnlyOurs ? 'hold' : undefined;
  }
  return !isScaled && owners.some(givesWay) ? 'take' : undefined;
}

/** Managers whose say over the replicas ends when the environment lists them: a hold of ours, and a scaler that goes. */
function givesWay({ manager, subresource }: ManagedFields): boolean {
  return manager === holdManager || (manager === 'kube-controller-manager' && subresource === 'scale');
}

/** Does the step. Changes no number. */
export async function prepareReplicas(
  client: Client,
  type: ResourceType,
  live: KubernetesObject,
  step: ReplicasStep,
): Promise<void> {
  if (step === 'hold') {
    await holdReplicas(client, type, live, replicasOf(live) ?? 1);
    return;
  }
  // Controllers write into a Deployment at any moment.
  await patchFresh(client, type, live, (fresh) => takeOverPatch(fresh, givesWay, replicasField));
}

/** Sets the replicas of a Deployment by the manager that an apply does not speak for. */
export async function holdReplicas(
  client: Client,
  type: ResourceType,
  object: KubernetesObject,
  replicas: number,
): Promise<KubernetesObject> {
  return holdFields(client, type, object, { spec: { replicas } });
}

/** The `spec.replicas` of a Deployment; undefined where it names none. */
export function replicasOf({ spec }: KubernetesObject): number | undefined {
  return isObject(spec) && typeof spec.replicas === 'number' ? spec.replicas : undefined;
}
