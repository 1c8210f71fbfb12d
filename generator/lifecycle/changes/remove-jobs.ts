/** Ends voice sessions: each is a Job of the gateway's making. */
import { shortName } from '../api/resources.ts';
import type { Session } from '../session/session.ts';
import { waitUntilGone } from '../state/gone.ts';
import { listSessions } from '../state/voice-sessions.ts';
import { deleteObject } from './prune.ts';

/** Deletes the Jobs of all voice sessions, and says which. */
export async function removeJobs(session: Session): Promise<void> {
  const sessions = await listSessions(session);
  await Promise.all(
    sessions.map(async ({ job }) => {
      await deleteObject(session, job);
      session.report.result('deleted', shortName(job));
    }),
  );
  const deleted = new Set(sessions.map(({ job }) => job.metadata.uid));
  // Listed together: there may be hundreds, and asking for each would keep the lease from being renewed.
  await waitUntilGone(session, 'worker Jobs', async () =>
    (await listSessions(session)).map(({ job }) => job).filter(({ metadata }) => deleted.has(metadata.uid)),
  );
}
