/** The voice sessions of a release, and how far each is. */
import { dig, given, maps } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { type Pod, view } from '../../rollout/views.ts';
import { podReason } from '../../rollout/workload.ts';
import { sessionLabel, type VoiceSession } from '../../state/voice-sessions.ts';

/** A voice session. */
export interface SessionStatus {
  readonly id: string;
  readonly tenant?: string;
  readonly since: string;
  /** `ended` well, `failed`, `ending`: being deleted. */
  readonly phase: 'starting' | 'running' | 'ending' | 'ended' | 'failed';
  /** Why it does not run: the word of its pod, or the reason of its Job. */
  readonly reason?: string;
  readonly job: string;
}

/**
 * How far a session is.
 *
 * @param pods pods of sessions, those of others included
 */
export function sessionStatus(
  { id, tenant, startedAt, job }: VoiceSession,
  pods: readonly KubernetesObject[],
): SessionStatus {
  const of = {
    id,
    ...given({ tenant }),
    since: startedAt,
    job: job.metadata.name,
  };
  if (job.metadata.deletionTimestamp !== undefined) return { ...of, phase: 'ending' };
  const conditions = maps(dig(job.status, ['conditions'])).filter(({ status }) => status === 'True');
  const failed = conditions.find(({ type }) => type === 'Failed' || type === 'FailureTarget');
  if (failed !== undefined) return { ...of, phase: 'failed', reason: String(failed.reason ?? 'Failed') };
  if (conditions.some(({ type }) => type === 'Complete')) return { ...of, phase: 'ended' };
  const own = pods.find(
    ({ metadata }) =>
      dig(metadata.labels, [sessionLabel]) === id && metadata.name.startsWith(`${job.metadata.name}-`),
  );
  // The Job's controller says so a moment after its pod has ended.
  const podPhase = dig(own?.status, ['phase']);
  if (podPhase === 'Succeeded') return { ...of, phase: 'ended' };
  const reason = own === undefined ? 'no pod yet' : podReason(view<Pod>(own));
  if (podPhase === 'Failed') return { ...of, phase: 'failed', reason };
  // A worker has no readiness probe that matters to the gateway: it dials a pod that runs.
  const runs = podPhase === 'Running' && ['Running', 'NotReady'].includes(reason);
  return runs ? { ...of, phase: 'running' } : { ...of, phase: 'starting', reason };
}
