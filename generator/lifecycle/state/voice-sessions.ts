/** Voice sessions: the Jobs that the gateway starts, one for each. */
import { dig, maps } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { knownType } from '../api/resources.ts';
import type { Session } from '../session/session.ts';
import type { Target } from '../session/target.ts';
import { livingPods } from './gone.ts';

/** A voice session of a release. */
export interface VoiceSession {
  readonly id: string;
  readonly tenant: string | undefined;
  /** When its Job was made, in RFC 3339. */
  readonly startedAt: string;
  /** Whether its worker has ended, well or not, or is being deleted. */
  readonly hasEnded: boolean;
  readonly job: KubernetesObject;
}

/** The label that the gateway gives each Job, and its pod. */
export const sessionLabel = 'glyphoxa.io/session-id';

/** The kind of their Jobs. */
const jobType = knownType('batch/v1', 'Job');

/** The voice sessions of a release, the oldest first; those that have ended stay until their Job goes. */
export async function listSessions({ client, target }: Session): Promise<VoiceSession[]> {
  const jobs = await client.list(jobType, target.namespace, { labelSelector: sessionLabel });
  return jobs
    .filter((job) => isWorkerOf(target, job))
    .map(voiceSession)
    .sort((a, b) => (`${a.startedAt} ${a.id}` < `${b.startedAt} ${b.id}` ? -1 : 1));
}

/** The pods of voice sessions that have not ended; a pod may outlive its Job for a moment. */
export async function sessionPods(session: Session): Promise<KubernetesObject[]> {
  const pods = await livingPods(session, session.target.namespace, sessionLabel);
  return pods.filter((pod) => isWorkerOf(session.target, pod));
}

/** Two releases may share a namespace. A template of somebody's own may lack the label: then its name tells. */
function isWorkerOf({ release, parts }: Target, { metadata }: KubernetesObject): boolean {
  const instance = dig(metadata.labels, ['app.kubernetes.io/instance']);
  if (instance !== undefined) return instance === release;
  const [prefix = ''] = String(dig(parts.template?.job, ['metadata', 'name']) ?? '').split('SESSION_ID');
  return prefix !== '' && metadata.name.startsWith(prefix);
}

function voiceSession(job: KubernetesObject): VoiceSession {
  const { labels, creationTimestamp, deletionTimestamp } = job.metadata;
  const tenant = dig(labels, ['glyphoxa.io/tenant-id']);
  const conditions = maps(dig(job.status, ['conditions']));
  const isOver = conditions.some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  return {
    id: String(dig(labels, [sessionLabel])),
    tenant: typeof tenant === 'string' && tenant !== '' ? tenant : undefined,
    startedAt: String(creationTimestamp ?? ''),
    hasEnded: isOver || deletionTimestamp !== undefined,
    job,
  };
}

/** The sessions whose worker has not ended. */
export function runningOf(sessions: readonly VoiceSession[]): VoiceSession[] {
  return sessions.filter(({ hasEnded }) => !hasEnded);
}

/** `voice session 6f3a of tenant t1, since 12 min`. */
export function describeSession({ id, tenant, startedAt }: VoiceSession, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(startedAt)) / 60_000));
  return `voice session ${id}${tenant === undefined ? '' : ` of tenant ${tenant}`}, since ${minutes} min`;
}
