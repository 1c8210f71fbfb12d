/** What an apply would do, by the API server's own dry run. */
import type { Finding } from '../model/finding.ts';
import type { KubernetesObject } from '../model/object.ts';
import { ApiError } from './api/errors.ts';
import { shortName } from './api/resources.ts';
import { type Conflict, conflictFindings, conflictsOf, isConflict } from './conflicts.ts';
import type { Live, PlannedObject } from './live.ts';
import { applyObject } from './server-side-apply.ts';
import type { Session } from './session.ts';

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

/** Asks the server what an apply would do to each object. In a namespace that is not there yet it cannot say. */
export async function dryRunAll(session: Session, live: Live): Promise<DryRun[]> {
  return Promise.all(live.planned.map((planned) => dryRunOne(session, live, planned)));
}

async function dryRunOne({ client }: Session, live: Live, planned: PlannedObject): Promise<DryRun> {
  const { type, wanted, replicas } = planned;
  const none = { planned, after: undefined, conflicts: [], refused: undefined };
  if (type.namespaced && live.namespace === undefined) return none;
  try {
    const after = await applyObject(client, type, wanted, { dryRun: true });
    return { ...none, after };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // A RoleBinding to a Role that is created in the same apply.
    if (error.status === 404 && wanted.kind === 'RoleBinding') return none;
    if (!isConflict(error)) return { ...none, refused: error };
    // What the step before the apply settles is no conflict.
    const conflicts = conflictsOf(error).filter(
      ({ field }) => !(replicas === 'take' && field === '.spec.replicas'),
    );
    const after = await applyObject(client, type, wanted, { dryRun: true, force: true });
    return { ...none, after, conflicts };
  }
}

/** What is wrong with dry runs: refusals, and conflicts unless they are to be solved by force. */
export function dryRunFindings(runs: readonly DryRun[], force: boolean): Finding[] {
  return runs.flatMap(({ planned: { wanted }, conflicts, refused }) => [
    ...(refused === undefined ? [] : [refusal(wanted, refused)]),
    ...(force ? [] : conflictFindings(wanted, conflicts)),
  ]);
}

function refusal(object: KubernetesObject, { status, message }: ApiError): Finding {
  const isForbidden = status === 403;
  return {
    code: isForbidden ? 'forbidden' : 'refused',
    severity: 'error',
    path: [],
    message: `${shortName(object)} is refused: ${message}`,
    hint: isForbidden
      ? 'ask for the right; docs/operations has all that a deployer needs'
      : 'change the value that the message names',
  };
}
