/** `apply`: makes the cluster what the environment says. */
import { Failure, type Finding, hasErrors } from '../model/finding.ts';
import { adoptionFindings, adoptObjects, parkHelmRelease } from './adopt.ts';
import { shortName } from './api/resources.ts';
import { applyStep, applyWave, type StepChoices, verbFor } from './apply-step.ts';
import { type DryRun, dryRunAll, dryRunFindings } from './dry-run.ts';
import { setOf } from './inventory.ts';
import { withLease } from './lease.ts';
import { type Live, readLive } from './live.ts';
import { preflight } from './preflight/preflight.ts';
import { findSurplus, pruneSurplus } from './prune.ts';
import { waitForRollouts } from './rollout/wait.ts';
import type { Session } from './session.ts';

/** How an environment is applied. */
export interface ApplyChoices extends StepChoices {
  /** Wait until the new pods run. */
  readonly wait: boolean;
}

/**
 * Applies the environment: checks first, and touches nothing where something is wrong; then applies, prunes and
 * waits until the new pods run.
 *
 * @throws Failure with everything that is in the way, or with why a rollout cannot succeed
 */
export async function apply(session: Session, choices: ApplyChoices): Promise<void> {
  const { report, dryRun } = session;
  const before = await readLive(session);
  const runs = await dryRunAll(session, before);
  const findings = [
    ...stoppedFindings(session, before),
    ...memberFindings(before),
    ...adoptionFindings(before, choices.adopt),
    ...dryRunFindings(runs, choices.forceConflicts || choices.adopt),
    ...(await preflight(session, before)),
  ];
  if (hasErrors(findings)) throw new Failure(findings);
  report.findings(findings);
  if (dryRun) {
    await tellDryRun(session, before, runs, choices);
    return;
  }
  await applyNamespaces(session, before);
  await withLease(session, 'apply', async () => {
    // Read again: what was seen before the lease was held may have been changed by who held it.
    const live = await readLive(session);
    const stopped = stoppedFindings(session, live);
    if (hasErrors(stopped)) throw new Failure(stopped);
    if (choices.adopt) await parkHelmRelease(session, live);
    await applyStep(session, choices.adopt ? await adoptObjects(session, live) : live, choices);
    if (choices.wait) await waitForRollouts(session, deploymentsOf(session));
  });
}

/** Namespaces come before the lease, which needs one. */
async function applyNamespaces(session: Session, live: Live): Promise<void> {
  const missing = live.planned.filter(
    (planned) => planned.wanted.kind === 'Namespace' && planned.live === undefined,
  );
  await applyWave(session, missing, { forceConflicts: false });
}

/** The names of the Deployments of a target. */
export function deploymentsOf({ target }: Session): string[] {
  return target.objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name);
}

function stoppedFindings({ target }: Session, { inventory }: Live): Finding[] {
  const { stopped } = inventory;
  if (stopped === undefined) return [];
  const what = stopped.draining ? 'keeps new sessions out' : 'is stopped';
  return [
    {
      code: 'stopped',
      severity: 'error',
      path: [],
      message: `${target.release} ${what} since ${stopped.at}, and an apply would start it`,
      hint: `start it first, with "glyphoxa-kustomize start ${target.name}"`,
    },
  ];
}

/** Objects that are members of somebody else's set. */
function memberFindings({ planned, inventory }: Live): Finding[] {
  return planned.flatMap(({ wanted, live }): Finding[] => {
    const set = live === undefined ? undefined : setOf(live);
    if (set === undefined || set === inventory.id) return [];
    return [
      {
        code: 'other-applyset',
        severity: 'error',
        path: [],
        message: `${shortName(wanted)} is a member of the ApplySet ${set}, which is not this release's`,
        hint: 'rename one of the two, or take the label applyset.kubernetes.io/part-of from the object if that set is not used any more',
      },
    ];
  });
}

async function tellDryRun(
  session: Session,
  live: Live,
  runs: readonly DryRun[],
  choices: ApplyChoices,
): Promise<void> {
  const { report } = session;
  for (const { planned, after } of runs) {
    const verb = after === undefined ? 'created' : verbFor(planned.live, after);
    report.result(verb, shortName(planned.wanted), { dryRun: true });
  }
  if (choices.prune && live.namespace !== undefined) {
    const wanted = live.planned.map((planned) => planned.wanted);
    await pruneSurplus(session, await findSurplus(session, live.inventory, wanted));
  }
  report.say('dry run: nothing was changed');
}
