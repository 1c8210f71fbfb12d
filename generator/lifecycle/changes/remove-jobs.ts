/** Ends voice sessions: each is a Job of the gateway's making. */
import type { KubernetesObject } from '../../model/object.ts';
import { shortName } from '../api/resources.ts';
import type { Session } from '../session/session.ts';
import { listSessions } from '../state/voice-sessions.ts';
import { deleteObject } from './prune.ts';

/** Deletes the Jobs of all voice sessions, and says which. */
export async function deleteJobs(session: Session): Promise<KubernetesObject[]> {
  const jobs = (await listSessions(session)).map(({ job }) => job);
  await Promise.all(
    jobs.map(async (job) => {
      await deleteObject(session, job);
      session.report.result('deleted', shortName(job));
    }),
  );
  return jobs;
}

/** Which of some Jobs are still there. Listed together: there may be hundreds. */
export async function leftOfJobs(
  session: Session,
  jobs: readonly KubernetesObject[],
): Promise<KubernetesObject[]> {
  const deleted = new Set(jobs.map(({ metadata }) => metadata.uid));
  return (await listSessions(session))
    .map(({ job }) => job)
    .filter(({ metadata }) => deleted.has(metadata.uid));
}
