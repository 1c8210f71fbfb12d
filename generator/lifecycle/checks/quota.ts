/** ResourceQuotas of the namespace that are used up. Whether a pod fits is the server's to say (`pod-admission.ts`). */
import { type Finding, finding } from '../../model/finding.ts';
import { dig, isObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { quantityMillis } from '../../model/quantity.ts';
import type { ApiError } from '../api/errors.ts';
import { knownType } from '../api/resources.ts';
import { type Check, may } from './context.ts';

const type = knownType('v1', 'ResourceQuota');

/** What quotas count of pods; what they count of other objects, the dry run of each object tells. */
const ofPods =
  /^(?:pods|count\/pods|count\/jobs\.batch|cpu|memory|ephemeral-storage|(?:requests|limits)\..+)$/;

/** How to get out of it. */
export const quotaHint = 'have it raised, or ask for less: replicas and resources of the workloads';

/** Warns of quotas without any room: neither a voice session nor the new pod of a rolling update can begin. */
export const checkQuotas: Check = async (preflight) => {
  const { session, live } = preflight;
  const { namespace } = session.target;
  if (live?.namespace === undefined || !(await may(preflight, 'list', type, namespace))) return [];
  return (await session.client.list(type, namespace)).flatMap(usedUp);
};

/**
 * Whether the server refuses an object for a quota alone: what is there and ends may leave the room that is missing
 * now. The words are those of its admission.
 */
export function isOverQuota({ status, message }: Pick<ApiError, 'status' | 'message'>): boolean {
  return status === 403 && /\bexceeded quota: /.test(message);
}

/** The finding about a quota that counts pods and has no room for another one. */
export function usedUp({ metadata, spec, status }: KubernetesObject): Finding[] {
  // One with scopes may be about other pods.
  if (dig(spec, ['scopes']) !== undefined || dig(spec, ['scopeSelector']) !== undefined) return [];
  const hard = dig(status, ['hard']);
  const full = Object.entries(isObject(hard) ? hard : {}).flatMap(([resource, limit]) => {
    const used = dig(status, ['used', resource]) ?? '0';
    const isFull = (quantityMillis(used as string) ?? 0n) >= (quantityMillis(limit as string) ?? 0n);
    return ofPods.test(resource) && isFull ? [`${resource} ${used} of ${limit}`] : [];
  });
  if (full.length === 0) return [];
  const message = `the ResourceQuota ${metadata.name} is used up: ${full.join(', ')}; no voice session and no rolling update can begin`;
  return [finding('quota', message, quotaHint, 'warning')];
}
