/** `diff`: what an apply would change, by the API server's own dry run. Changes nothing, and needs no lease. */
import { Failure } from '../../../model/finding.ts';
import { ApiError } from '../../api/errors.ts';
import { compareRelease, type ReleaseDiff } from '../../changes/compare-release.ts';
import { dryRunAll } from '../../changes/dry-run.ts';
import { missingRights } from '../../rights/missing-rights.ts';
import type { Session } from '../../session/session.ts';
import { readLive } from '../../state/live.ts';
import { otherFindings, otherReleases } from '../../state/origin.ts';

/**
 * Asks the API server what an apply would change.
 *
 * @param beside whether other releases of the environment are meant to run, too. @default false
 */
export async function diffRelease(
  session: Session,
  { beside = false }: { beside?: boolean } = {},
): Promise<ReleaseDiff> {
  const live = await readLive(session).catch(async (error: unknown) => {
    if (error instanceof ApiError && error.status === 403) await demandAll(session);
    throw error;
  });
  const [runs, others] = await Promise.all([
    dryRunAll(session, live),
    beside ? [] : otherReleases(session, live.inventory),
  ]);
  if (runs.some(({ refused }) => refused?.status === 403)) await demandAll(session);
  const diff = compareRelease(session, live, runs);
  return { ...diff, findings: [...diff.findings, ...otherFindings(session.target, others)] };
}

/** A dry run is a patch that is not kept: it needs the right to. */
async function demandAll(session: Session): Promise<void> {
  const findings = await missingRights(session, 'diff', ['reading', 'changing']);
  if (findings.length > 0) throw new Failure(findings);
}
