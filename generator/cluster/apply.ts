/** `apply`: makes the cluster what the environment says. */
import { Failure, type Finding, hasErrors } from '../model/finding.ts';
import type { KubernetesObject } from '../model/object.ts';
import { adoptionFindings, adoptObjects, parkHelmRelease } from './adopt.ts';
import { ApiError } from './api/errors.ts';
import { shortName } from './api/resources.ts';
import { conflictFindings, conflictsOf, isConflict } from './conflicts.ts';
import { type DryRun, dryRunAll, dryRunFindings } from './dry-run.ts';
import { type Inventory, saveInventory, setOf } from './inventory.ts';
import { withLease } from './lease.ts';
import { type Live, nextInventory, type PlannedObject, readLive } from './live.ts';
import { preflight } from './preflight/preflight.ts';
import { findSurplus, pruneSurplus } from './prune.ts';
import { prepareReplicas } from './replicas.ts';
import { waitForRollouts } from './rollout/wait.ts';
import { applyObject } from './server-side-apply.ts';
import type { Session } from './session.ts';

/** How an environment is applied. */
export interface ApplyChoices {
  /** Take fields over that other managers have set otherwise. */
  readonly forceConflicts: boolean;
  /** Take the objects of another tool over. */
  readonly adopt: boolean;
  /** Delete what the environment does not list any more. */
  readonly prune: boolean;
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

/** Applies the objects and prunes: what is left of `apply` without building, checking and waiting. */
export async function applyStep(session: Session, live: Live, choices: ApplyChoices): Promise<void> {
  const { client } = session;
  const { inventory } = live;
  const after = nextInventory(live, choices.adopt);
  // While the apply goes on the inventory has what was and what will be, so that a run that is cut off loses nothing.
  const both: Inventory = {
    ...after,
    groupKinds: [...new Set([...inventory.groupKinds, ...after.groupKinds])].sort(),
  };
  await saveInventory(client, both, live.hasInventory ? inventory : undefined);
  for (const wave of waves(live.planned)) await applyWave(session, wave, choices);
  if (!choices.prune) return;
  const gone = both.groupKinds.filter((kind) => !after.groupKinds.includes(kind));
  const surplus = await findSurplus(
    session,
    { ...both, found: inventory.found },
    live.planned.map(({ wanted }) => wanted),
  );
  await pruneSurplus(session, surplus);
  if (gone.length > 0) await saveInventory(client, after, both);
}

/** Kinds that others need to be there, in the order in which they are applied; all that is not listed comes last. */
const order: readonly (readonly string[])[] = [
  ['Namespace', 'CustomResourceDefinition'],
  [
    'ServiceAccount',
    'Role',
    'ConfigMap',
    'Secret',
    'SealedSecret',
    'ExternalSecret',
    'Service',
    'NetworkPolicy',
    'PodDisruptionBudget',
  ],
  ['RoleBinding', 'Deployment'],
];

/** The objects in groups that can be applied side by side. */
function waves(planned: readonly PlannedObject[]): PlannedObject[][] {
  const rank = ({ wanted }: PlannedObject) => {
    const index = order.findIndex((kinds) => kinds.includes(wanted.kind));
    return index === -1 ? order.length : index;
  };
  return [...order, []].map((_, index) => planned.filter((object) => rank(object) === index));
}

async function applyWave(
  session: Session,
  wave: readonly PlannedObject[],
  choices: ApplyChoices,
): Promise<void> {
  const results = await Promise.allSettled(wave.map((planned) => applyOne(session, planned, choices)));
  const errors = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  const other = errors.find((error) => !(error instanceof Failure));
  if (other !== undefined) throw other;
  if (errors.length > 0) throw new Failure(errors.flatMap((error) => (error as Failure).findings));
}

async function applyOne(
  { client, report }: Session,
  { type, wanted, live, replicas }: PlannedObject,
  { forceConflicts }: ApplyChoices,
): Promise<void> {
  try {
    if (live !== undefined && replicas !== undefined) await prepareReplicas(client, type, live, replicas);
    const after = await applyObject(client, type, wanted, { force: forceConflicts });
    report.result(verbFor(live, after), shortName(wanted));
  } catch (error) {
    if (!(error instanceof ApiError) || !isConflict(error)) throw error;
    throw new Failure(conflictFindings(wanted, conflictsOf(error)));
  }
}

function verbFor(before: KubernetesObject | undefined, after: KubernetesObject): string {
  if (before === undefined) return 'created';
  return before.metadata.resourceVersion === after.metadata.resourceVersion ? 'unchanged' : 'configured';
}

/** Namespaces come before the lease, which needs one. */
async function applyNamespaces(session: Session, live: Live): Promise<void> {
  const missing = live.planned.filter(
    (planned) => planned.wanted.kind === 'Namespace' && planned.live === undefined,
  );
  await applyWave(session, missing, { forceConflicts: false, adopt: false, prune: false, wait: false });
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
