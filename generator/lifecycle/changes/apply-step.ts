/** The apply step: objects, in an order in which each finds what it needs. What is not listed any more goes later. */
import { Failure } from '../../model/finding.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { trace } from '../../model/trace.ts';
import type { Client } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { shortName } from '../api/resources.ts';
import { applyObject } from '../api/server-side-apply.ts';
import type { Session } from '../session/session.ts';
import { isApplied } from '../state/applied.ts';
import { conflictFindings, conflictsOf, isConflict } from '../state/conflicts.ts';
import { toolsOf } from '../state/holders.ts';
import { type Inventory, memberKey, partsOf, saveInventory } from '../state/inventory.ts';
import { type Live, nextInventory, type PlannedObject } from '../state/live.ts';
import { originOf } from '../state/origin.ts';
import { prepareReplicas, replicasStep } from '../state/replicas.ts';
import { findSurplus, pruneSurplus } from './prune.ts';
import { takeOver } from './take-over.ts';

/** How the objects are applied. */
export interface StepChoices {
  /** Take fields over that other managers have set otherwise. */
  readonly forceConflicts: boolean;
  /** Take the objects of another tool over. */
  readonly adopt: boolean;
  /** Delete what the environment does not list any more. */
  readonly prune: boolean;
  /** Other releases of the environment that are meant to run, too, as the inventory names them. @default none */
  readonly beside?: readonly string[];
}

/**
 * Applies the objects: what is left of `apply` without building, checking, waiting and pruning. What is to be pruned is
 * noted in the inventory, for {@link pruneStep}.
 *
 * @returns what is to be pruned, as the inventory names it
 */
export async function applyStep(
  session: Session,
  live: Live,
  choices: StepChoices,
): Promise<readonly string[]> {
  const { client } = session;
  const { inventory } = live;
  const after: Inventory = {
    ...nextInventory(live, choices.adopt),
    origin: originOf(session.target),
    beside: either(inventory.beside, choices.beside ?? []),
  };
  const keys = new Set(live.planned.map(({ wanted }) => memberKey(wanted)));
  const { ours, left } = choices.prune ? findSurplus(live) : { ours: [], left: [] };
  const leaving = [...ours, ...left.map(({ object }) => object)].map(memberKey).sort();
  // Until the end the inventory has what was and what will be, so that a run that is cut off loses nothing.
  const both: Inventory = {
    ...after,
    groupKinds: either(
      either(inventory.groupKinds, after.groupKinds),
      leaving.map((key) => partsOf(key).groupKind),
    ),
    namespaces: either(inventory.namespaces, after.namespaces),
    elsewhere: either(inventory.elsewhere, after.elsewhere),
    // what is listed is as it will be; what is not listed any more is still to be let go
    found: either(
      after.found,
      inventory.found.filter((key) => !keys.has(key)),
    ),
    leaving,
  };
  await saveInventory(client, both, live.hasInventory ? inventory : undefined);
  // A scaler that stayed until after its Deployment could set once more what the environment sets from now on.
  await pruneSurplus(session, { ours: ours.filter(isScaler), left: [] });
  await applyWaves(session, live.planned, choices);
  if (choices.prune && leaving.length === 0) await saveInventory(client, { ...after, leaving }, both);
  return leaving;
}

function isScaler({ kind }: KubernetesObject): boolean {
  return kind === 'HorizontalPodAutoscaler';
}

function either(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort();
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

async function applyWaves(
  session: Session,
  planned: readonly PlannedObject[],
  choices: StepChoices,
): Promise<void> {
  for (const wave of waves(planned)) await applyWave(session, wave, choices);
}

/** The objects in groups that can be applied side by side. */
function waves(planned: readonly PlannedObject[]): PlannedObject[][] {
  const rank = ({ wanted }: PlannedObject) => {
    const index = order.findIndex((kinds) => kinds.includes(wanted.kind));
    return index === -1 ? order.length : index;
  };
  return [...order, []].map((_, index) => planned.filter((object) => rank(object) === index));
}

/** Applies objects side by side. Throws a Failure with all their conflicts. */
export async function applyWave(
  session: Session,
  wave: readonly PlannedObject[],
  choices: Pick<StepChoices, 'forceConflicts' | 'adopt'>,
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
  planned: PlannedObject,
  { forceConflicts, adopt }: Pick<StepChoices, 'forceConflicts' | 'adopt'>,
): Promise<void> {
  const { type, wanted } = planned;
  const isAdopted = adopt && toolsOf(planned.live).length > 0;
  if (!isAdopted && isAsPlanned(planned)) {
    trace(() => `leave ${shortName(wanted)}: the cluster has it as the environment wants it`);
    report.result('unchanged', shortName(wanted));
    return;
  }
  try {
    const { live, replicas } = isAdopted ? await adoptOne(client, planned) : planned;
    if (live !== undefined && replicas !== undefined) await prepareReplicas(client, type, live, replicas);
    trace(
      () => `send ${shortName(wanted)}: the cluster ${live === undefined ? 'has none' : 'has it otherwise'}`,
    );
    const after = await applyObject(client, type, wanted, { force: forceConflicts });
    report.result(isAdopted ? 'adopted' : verbFor(live, after), shortName(wanted));
  } catch (error) {
    if (!(error instanceof ApiError) || !isConflict(error)) throw error;
    throw new Failure(conflictFindings(wanted, conflictsOf(error)));
  }
}

function isAsPlanned({ wanted, live, replicas }: PlannedObject): boolean {
  return live !== undefined && replicas === undefined && isApplied(wanted, live);
}

async function adoptOne(client: Client, planned: PlannedObject): Promise<PlannedObject> {
  const { type, wanted, isScaled } = planned;
  if (planned.live === undefined) return planned;
  const live = await takeOver(client, type, planned.live);
  return { ...planned, live, replicas: replicasStep(wanted, live, isScaled) };
}

/** What an apply did to an object, as its result line says it. */
function verbFor(before: KubernetesObject | undefined, after: KubernetesObject): string {
  if (before === undefined) return 'created';
  return before.metadata.resourceVersion === after.metadata.resourceVersion ? 'unchanged' : 'configured';
}
