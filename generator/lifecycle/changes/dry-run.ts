/** What an apply would do, by the API server's own dry run. */
import { advise } from '../../model/command.ts';
import { type Finding, finding } from '../../model/finding.ts';
import { equal, isObject } from '../../model/json.ts';
import { type KubernetesObject, namespaceOf } from '../../model/object.ts';
import { oneLine } from '../../model/one-line.ts';
import { ApiError } from '../api/errors.ts';
import { holdManager } from '../api/managers.ts';
import { readObject, shortName } from '../api/resources.ts';
import { applyObject } from '../api/server-side-apply.ts';
import { grantHint } from '../rights/permissions.ts';
import type { Session } from '../session/session.ts';
import { type Conflict, conflictFindings, conflictsOf, isConflict } from '../state/conflicts.ts';
import { setOf } from '../state/inventory.ts';
import { hasNamespace, isLeaving, type Live, type PlannedObject } from '../state/live.ts';
import { type ReplicasStep, replicasStep } from '../state/replicas.ts';
import { comparable } from './comparable.ts';
import { previewAdopted, remainingConflicts } from './preview.ts';

/** What would become of one object. */
export interface DryRun {
  readonly planned: PlannedObject;
  /** As it would be; undefined where the server refuses it, or cannot say yet. */
  readonly after: KubernetesObject | undefined;
  /** Fields that others have set otherwise; `after` has ours. */
  readonly conflicts: readonly Conflict[];
  /** Why the server refuses it. */
  readonly refused: ApiError | undefined;
}

/**
 * Asks the server what an apply would do to each object. In a namespace that is not there yet it cannot say.
 *
 * @param adopts the objects that are taken over from other tools before they are applied. @default none
 */
export async function dryRunAll(
  session: Session,
  live: Live,
  adopts: (live: KubernetesObject) => boolean = () => false,
): Promise<DryRun[]> {
  return Promise.all(
    live.planned.map((planned): DryRun | Promise<DryRun> => {
      const { type, wanted } = planned;
      if (type.namespaced && !hasNamespace(live, namespaceOf(wanted)))
        return { planned, after: undefined, conflicts: [], refused: undefined };
      const isAdopted = planned.live !== undefined && adopts(planned.live);
      return dryRun(session, planned, isAdopted ? planned.live : undefined);
    }),
  );
}

/**
 * Asks the server what an apply would do to an object.
 *
 * @param adopted the object as it is, where it is taken over from another tool first
 */
export async function dryRun(
  session: Session,
  planned: PlannedObject,
  adopted?: KubernetesObject,
): Promise<DryRun> {
  const { wanted } = planned;
  const none = { planned, after: undefined, conflicts: [], refused: undefined };
  try {
    if (adopted !== undefined) return { ...none, ...(await dryRunAdoption(session, planned, adopted)) };
    return { ...none, ...(await dryRunFresh(session, planned)) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // A RoleBinding to a Role that is created in the same apply.
    if (error.status === 404 && wanted.kind === 'RoleBinding') return none;
    return { ...none, refused: error };
  }
}

/** How often a dry run is made anew because somebody changes the object at the same time. */
const attempts = 5;

/**
 * A dry run beside the very version that it worked on. What controllers have written since the object was read
 * would look like a change of ours; the answer has the version that the server had, so it tells.
 */
async function dryRunFresh(session: Session, planned: PlannedObject) {
  let current = planned;
  for (let attempt = 1; ; attempt++) {
    const run = { planned: current, ...(await dryRunApply(session, current)) };
    const seen = current.live?.metadata.resourceVersion;
    if (seen === undefined || seen === run.after.metadata.resourceVersion || attempt === attempts) return run;
    const { wanted, isScaled } = current;
    const live = await readObject(session.client, wanted);
    current = { ...current, live, replicas: replicasStep(wanted, live, isScaled) };
  }
}

async function dryRunApply({ client }: Session, { type, wanted, replicas }: PlannedObject) {
  try {
    return { after: await applyObject(client, type, wanted, { dryRun: true }) };
  } catch (error) {
    if (!(error instanceof ApiError) || !isConflict(error)) throw error;
    const conflicts = unsettled(conflictsOf(error), replicas);
    return { after: await applyObject(client, type, wanted, { dryRun: true, force: true }), conflicts };
  }
}

async function dryRunAdoption(
  { client }: Session,
  { type, wanted, replicas }: PlannedObject,
  live: KubernetesObject,
) {
  const [after, conflicts] = await Promise.all([
    previewAdopted(client, type, live, wanted),
    remainingConflicts(client, type, live, wanted),
  ]);
  return { after, conflicts: unsettled(conflicts, replicas) };
}

/** The conflicts without those that the step before the apply settles. */
function unsettled(conflicts: readonly Conflict[], replicas: ReplicasStep | undefined): Conflict[] {
  return conflicts.filter(({ field }) => !(replicas === 'take' && field === '.spec.replicas'));
}

/** The dry runs without those that only tell that the namespace is being deleted. */
export function withoutLeaving(runs: readonly DryRun[], { namespace }: Live): readonly DryRun[] {
  if (namespace === undefined || !isLeaving(namespace)) return runs;
  const { name } = namespace.metadata;
  return runs.filter(
    ({ planned, refused }) => refused?.isOfLeavingNamespace !== true || namespaceOf(planned.wanted) !== name,
  );
}

/** The dry runs without conflicts with what our own stop holds: that the release is stopped says it all. */
export function withoutHolds(runs: readonly DryRun[], { inventory }: Live): readonly DryRun[] {
  if (inventory.stopped === undefined) return runs;
  return runs.map((run) => ({
    ...run,
    conflicts: run.conflicts.filter(({ manager }) => manager !== holdManager),
  }));
}

/** As the result line of the apply will say it: a dry run leaves the version of the object as it is. */
export function dryRunVerb(
  live: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
  isAdopted: boolean,
): string {
  if (live === undefined) return 'created';
  if (isAdopted) return 'adopted';
  const isSame =
    after !== undefined && setOf(live) === setOf(after) && equal(comparable(live), comparable(after));
  return isSame ? 'unchanged' : 'configured';
}

/** What is wrong with dry runs: refusals, and conflicts unless they are to be solved by force. */
export function dryRunFindings(runs: readonly DryRun[], force: boolean): Finding[] {
  return runs.flatMap(({ planned: { wanted }, conflicts, refused }) => [
    ...(refused === undefined ? [] : [refusal(wanted, refused)]),
    ...(force ? [] : conflictFindings(wanted, conflicts)),
  ]);
}

/** What to do where the API server does not come to an answer. */
export const troubleHint =
  'that is a trouble of the cluster, and not of the environment: see that what the message names runs';

/** The words of the API server for a value that an object keeps for as long as it is there. */
const immutable = /field is immutable|cannot change roleRef|immutable field|may not change once set/i;

function refusal(object: KubernetesObject, { status, message, isTrouble }: ApiError): Finding {
  const hint = isTrouble
    ? troubleHint
    : immutable.test(message)
      ? immutableHint(object)
      : 'change the value that the message names';
  return finding(
    status === 403 ? 'forbidden' : 'refused',
    `${shortName(object)} is refused: ${oneLine(message)}`,
    status === 403 ? forbiddenHint(object, message) : hint,
  );
}

/** What is there was made otherwise, by somebody else or another version, and no value of the environment fits it. */
function immutableHint(object: KubernetesObject): string {
  const namespace = namespaceOf(object);
  const place = namespace === undefined ? [] : ['-n', namespace];
  const pods = object.kind === 'Deployment' ? ', whose pods end with it' : '';
  return `what is there keeps that value: delete it${pods}, with ${advise('immutable')`kubectl ${place} delete ${shortName(object)}`}, and the next apply makes it anew; or rename one of the two`;
}

/** Of a Role and its binding, having the right to create them is not enough. */
function forbiddenHint({ kind, metadata, roleRef }: KubernetesObject, message: string): string {
  if (/\bexceeded quota: /.test(message))
    return 'have the ResourceQuota raised, or delete what is not needed';
  if (kind === 'Role') return grantHint(metadata.name);
  if (kind === 'RoleBinding' && isObject(roleRef)) return grantHint(String(roleRef.name));
  return 'ask for the right, or change what the message names; docs/operations has all that a deployer needs';
}
