/** `apply`: makes the cluster what the environment says. */
import { advise } from '../../../model/command.ts';
import { Failure, type Finding, finding, hasErrors } from '../../../model/finding.ts';
import { type KubernetesObject, namespaceOf, objectId } from '../../../model/object.ts';
import { shortName } from '../../api/resources.ts';
import { adoptionFindings, readAdoption } from '../../changes/adopt.ts';
import { applyStep, applyWave, type StepChoices } from '../../changes/apply-step.ts';
import {
  type DryRun,
  dryRunAll,
  dryRunFindings,
  dryRunVerb,
  withoutHolds,
  withoutLeaving,
} from '../../changes/dry-run.ts';
import { parkRelease } from '../../changes/helm-release.ts';
import { findSurplus, pruneSurplus } from '../../changes/prune.ts';
import { isToldByPermissions } from '../../checks/deployer-rights.ts';
import { preflight, preflightNewNamespace, preflightUnread } from '../../checks/preflight.ts';
import { waitForRollouts } from '../../rollout/wait.ts';
import type { Session } from '../../session/session.ts';
import { waitUntilDeleted } from '../../state/gone.ts';
import { needsAdoption, toolsOf } from '../../state/holders.ts';
import { setOf } from '../../state/inventory.ts';
import { leaseFor } from '../../state/lease.ts';
import { isLeaving, type Live, type PlannedObject, readLive } from '../../state/live.ts';
import { membershipFindings } from '../../state/members.ts';
import { besideName, otherFindings, otherReleases } from '../../state/origin.ts';
import { stoppedWords } from '../../state/stopped.ts';
import { pruneStep } from './prune-step.ts';
import { tellAdoption } from './tell-adoption.ts';

/** How an environment is applied. */
export interface ApplyChoices extends Omit<StepChoices, 'beside'> {
  /** Go on where the same environment runs as another release, and remember that it is meant. @default false */
  readonly beside?: boolean;
  /** Wait until the new pods run. */
  readonly wait: boolean;
}

/**
 * Applies the environment: checks first, and touches nothing where something is wrong; then applies, waits until the new
 * pods run, and prunes: until then the old ones may have to start again. The lease is not held while it waits, so that a
 * rollout that hangs keeps nobody from going back.
 *
 * @throws Failure with everything that is in the way, or with why a rollout cannot succeed
 */
export async function apply(session: Session, choices: ApplyChoices): Promise<void> {
  const { report, dryRun } = session;
  const before = await readLive(session).catch((error) => preflightUnread(session, choices, error));
  const adoption = await readAdoption(session, before);
  // What an apply alone would do to objects that it refuses to touch is of no interest.
  const isAdopted = choices.adopt ? (live: KubernetesObject) => toolsOf(live).length > 0 : needsAdoption;
  const dryRuns = dryRunAll(session, before, isAdopted);
  const [others, runs, { findings: found, denied }] = await Promise.all([
    otherReleases(session, before.inventory),
    dryRuns,
    preflight(session, before, choices),
  ]);
  const untold = withoutHolds(withoutLeaving(runs, before), before).filter(
    (run) => !isToldByPermissions(run, denied),
  );
  const findings = [
    ...stoppedFindings(session, before),
    ...(choices.beside ? [] : otherFindings(session.target, others)),
    ...memberFindings(before),
    ...membershipFindings(before.members, { ...before, exists: before.hasInventory }),
    ...(await adoptionFindings(session, adoption, choices.adopt)),
    ...dryRunFindings(untold, choices.forceConflicts),
    ...found,
  ];
  if (choices.adopt || before.planned.some(({ live }) => needsAdoption(live)))
    tellAdoption(session, adoption, runs, choices.adopt && !dryRun && !hasErrors(findings));
  if (hasErrors(findings)) throw new Failure(findings);
  report.findings(findings);
  if (dryRun) {
    await tellDryRun(session, before, runs, choices);
    return;
  }
  const made = await applyNamespaces(session, before);
  if (before.namespace === undefined) await preflightNewNamespace(session, await readLive(session), choices);
  const lease = leaseFor(session, 'apply');
  const leaving = await settled(session, () =>
    lease(async () => {
      // Read again: what was seen before the lease was held may have been changed by who held it.
      const live = await readLive(session);
      const stopped = stoppedFindings(session, live);
      if (hasErrors(stopped)) throw new Failure(stopped);
      const ending = endingObjects(live);
      if (ending.length > 0) return { ending };
      if (choices.adopt) await parkReleases(session, live);
      const isLeft = ({ wanted }: PlannedObject) => !made.includes(objectId(wanted));
      const beside = choices.beside ? others.map(besideName) : [];
      const planned = live.planned.filter(isLeft);
      return { done: await applyStep(session, { ...live, planned }, { ...choices, beside }) };
    }),
  );
  if (choices.wait) await waitForOwn(session);
  if (leaving.length > 0) await lease(() => pruneStep(session, leaving));
}

/** Namespaces come before the lease, which needs one. Gives the ids of those that were missing. */
async function applyNamespaces(session: Session, live: Live): Promise<string[]> {
  const missing = live.planned.filter(
    (planned) => planned.wanted.kind === 'Namespace' && planned.live === undefined,
  );
  await applyWave(session, missing, { forceConflicts: false, adopt: false });
  return missing.map(({ wanted }) => objectId(wanted));
}

/**
 * Does a step again until nothing that it is about is on its way out. What is, after a destroy that was cut off, say, would
 * go after it was applied: its end comes first, and is waited for without the lease.
 */
async function settled<T>(
  session: Session,
  step: () => Promise<{ readonly done: T } | { readonly ending: readonly KubernetesObject[] }>,
): Promise<T> {
  for (;;) {
    const result = await step();
    if ('done' in result) return result.done;
    await waitUntilDeleted(session, 'deletion', result.ending);
  }
}

function endingObjects({ planned }: Live): KubernetesObject[] {
  return planned.flatMap(({ live }) => (live !== undefined && isLeaving(live) ? [live] : []));
}

/** Before anything is taken over, so that at no time helm could delete what is ours. */
async function parkReleases(session: Session, live: Live): Promise<void> {
  const { releases } = await readAdoption(session, live);
  for (const release of releases) await parkRelease(session.client, release);
}

/** Waits for the Deployments of the release. What a kustomization over it has in other namespaces is not followed. */
async function waitForOwn(session: Session): Promise<void> {
  const { target, report } = session;
  const own: string[] = [];
  for (const object of target.objects.filter(({ kind }) => kind === 'Deployment')) {
    if (namespaceOf(object) === target.namespace) own.push(object.metadata.name);
    else report.say(`${shortName(object)} of the namespace ${namespaceOf(object)} is not waited for`);
  }
  await waitForRollouts(session, own);
}

function stoppedFindings({ target }: Session, { inventory }: Live): Finding[] {
  const { stopped } = inventory;
  if (stopped === undefined) return [];
  return [
    finding(
      'stopped',
      `${target.release} ${stoppedWords(stopped)}, and an apply would ${stopped.draining ? 'let them in' : 'start it'}`,
      `${stopped.draining ? 'end that' : 'start it'} first, with ${advise('stopped/apply')`glyphoxa-kustomize start ${target.name}`}`,
    ),
  ];
}

/** Objects that are members of somebody else's set. */
function memberFindings({ planned, inventory }: Live): Finding[] {
  return planned.flatMap(({ wanted, live }): Finding[] => {
    const set = live === undefined ? undefined : setOf(live);
    if (set === undefined || set === inventory.id) return [];
    return [
      finding(
        'other-applyset',
        `${shortName(wanted)} is a member of the ApplySet ${set}, which is not this release's`,
        'rename one of the two, or take the label applyset.kubernetes.io/part-of from the object if that set is not used any more',
      ),
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
    const isAdopted = choices.adopt && toolsOf(planned.live).length > 0;
    const verb = dryRunVerb(planned.live, after, isAdopted);
    report.result(verb, shortName(planned.wanted), { dryRun: true });
  }
  const surplus = choices.prune ? findSurplus(live) : { ours: [], left: [] };
  if (surplus.ours.length > 0)
    report.say('once the new pods run, these are pruned, but for what pods still name then:');
  await pruneSurplus(session, surplus);
  report.say('dry run: nothing was changed');
}
