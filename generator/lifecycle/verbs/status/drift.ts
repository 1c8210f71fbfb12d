/** Whether what runs is what the environment says, by the API server's dry run of an apply. */
import { shortName } from '../../api/resources.ts';
import { compareRelease, type ReleaseDiff } from '../../changes/compare-release.ts';
import { dryRunAll } from '../../changes/dry-run.ts';
import type { Session } from '../../session/session.ts';
import { readLive } from '../../state/live.ts';

/** Objects that are not as the environment says. */
export interface Drift {
  /** Listed, and not there. */
  readonly missing: readonly string[];
  /** There, and not as it is listed. */
  readonly different: readonly DifferentObject[];
  /** Made by an apply of ours, and not listed any more. */
  readonly extra: readonly string[];
  /** That objects are not marked as the release's any more, in words; the next apply heals it. */
  readonly membership?: string;
}

/** An object that differs, and in which fields. */
export interface DifferentObject {
  readonly object: string;
  readonly fields: readonly string[];
}

/** Whether drift could be told, and what it is. */
export type DriftAnswer = { readonly drift: Drift } | { readonly why: string };

/** Asks the server. What a stop has changed is no drift. */
export async function readDrift(session: Session): Promise<DriftAnswer> {
  const live = await readLive(session);
  const runs = await dryRunAll(session, live);
  const forbidden = runs.find(({ refused }) => refused?.status === 403)?.refused;
  if (forbidden !== undefined) return { why: forbidden.message };
  const refused = runs.filter((run) => run.refused !== undefined);
  const diff = compareRelease(session, live, runs);
  const lost = diff.findings.find(({ code }) => code === 'membership-lost');
  const drift = driftOf(diff);
  const different = refused.map(({ planned }) => ({
    object: shortName(planned.wanted),
    fields: [],
  }));
  return {
    drift: {
      ...drift,
      different: [...drift.different, ...different],
      ...(lost === undefined ? {} : { membership: lost.message }),
    },
  };
}

/** The part of a diff that nobody meant. */
export function driftOf({ objects }: Pick<ReleaseDiff, 'objects'>): Drift {
  const of = (change: string) => objects.filter((object) => object.change === change);
  const different = of('changed').flatMap(({ object, fields }) => {
    const unexplained = fields.filter(
      ({ because, change }) => because === undefined && change !== 'unchanged',
    );
    if (fields.length > 0 && unexplained.length === 0) return [];
    return [{ object, fields: unexplained.map(({ field }) => field) }];
  });
  return {
    missing: of('created').map(({ object }) => object),
    different,
    extra: [...of('pruned'), ...of('left')].map(({ object }) => object),
  };
}

/** Whether there is none. */
export function isAsWanted({ missing, different, extra }: Drift): boolean {
  return missing.length + different.length + extra.length === 0;
}
