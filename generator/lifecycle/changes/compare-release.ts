/** What an apply of a release would change, put together from what is there and the API server's dry runs. */
import { advise, led } from '../../model/command.ts';
import { type Finding, finding } from '../../model/finding.ts';
import { isObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { holdManager } from '../api/managers.ts';
import { shortName } from '../api/resources.ts';
import type { Session } from '../session/session.ts';
import type { Inventory } from '../state/inventory.ts';
import { isLeaving, type Live, leavingFinding } from '../state/live.ts';
import { membershipFindings } from '../state/members.ts';
import { type DryRun, dryRunFindings, withoutLeaving } from './dry-run.ts';
import { changedFields, createdObject, type Explain, type ObjectChange } from './object-change.ts';
import { findSurplus } from './prune.ts';

/** What an apply of a release would change. */
export interface ReleaseDiff {
  /** Only objects that would change, in the order in which they are listed; then those that would go. */
  readonly objects: readonly ObjectChange[];
  /** How many objects would stay as they are. */
  readonly unchanged: number;
  /** What keeps the server from telling, or an apply from working. */
  readonly findings: readonly Finding[];
}

/** Puts together what was read and what the dry runs gave. */
export function compareRelease({ target, lead }: Session, live: Live, runs: readonly DryRun[]): ReleaseDiff {
  const start = led(advise('stopped/diff')`glyphoxa-kustomize start ${target.name}`, lead);
  const surplus = findSurplus(live);
  const compared = runs.map((run) => compareObject(run, live.inventory, start));
  const changes = compared.filter((change): change is ObjectChange => change !== undefined);
  const refused = runs.filter((run) => run.refused !== undefined).length;
  return {
    objects: [
      ...changes,
      ...live.unknown.map((object) => created(object)),
      ...surplus.ours.map((object) => gone(object, 'pruned')),
      ...surplus.left.map(({ object, why }) => gone(object, 'left', why)),
    ],
    unchanged: runs.length - changes.length - refused,
    findings: [
      ...missingKinds(live),
      ...namespaceFindings(live),
      ...membershipFindings(live.members, { ...live, exists: live.hasInventory }),
      ...dryRunFindings(withoutLeaving(runs, live), true),
    ],
  };
}

function compareObject(
  { planned, after, conflicts, refused }: DryRun,
  inventory: Inventory,
  start: string,
): ObjectChange | undefined {
  const { wanted, live } = planned;
  if (refused !== undefined) return undefined;
  if (live === undefined) return created(wanted);
  const object = shortName(wanted);
  if (after === undefined) {
    return {
      object,
      change: 'changed',
      fields: [],
      note: 'what changes is not known before others are there',
    };
  }
  // An apply hands the replicas over before it stops listing them, so that their number stays.
  const result = planned.replicas === 'hold' ? withReplicasOf(after, live) : after;
  const foreign = conflicts.filter(({ manager }) => manager !== holdManager);
  const fields = changedFields(live, result, foreign, explanation(wanted, inventory, start));
  return fields.length === 0 ? undefined : { object, change: 'changed', fields };
}

function created(wanted: KubernetesObject): ObjectChange {
  return { object: shortName(wanted), change: 'created', fields: [], after: createdObject(wanted) };
}

function gone(object: KubernetesObject, change: 'pruned' | 'left', why?: string): ObjectChange {
  const note = why === undefined ? {} : { note: `${why}, so it is not deleted` };
  return { object: shortName(object), change, fields: [], ...note };
}

function withReplicasOf(after: KubernetesObject, { spec: live }: KubernetesObject): KubernetesObject {
  const replicas = isObject(live) ? live.replicas : undefined;
  if (!isObject(after.spec) || replicas === undefined) return after;
  return { ...after, spec: { ...after.spec, replicas } };
}

/** What a stop or a drain has changed on purpose. */
function explanation({ kind }: KubernetesObject, { stopped }: Inventory, start: string): Explain {
  return (path) => {
    if (stopped === undefined) return undefined;
    const { at, draining } = stopped;
    const back = `${start} gives it back`;
    if (kind === 'Deployment' && !draining && path[0] === 'spec' && path[1] === 'replicas')
      return `stopped since ${at}; ${back}`;
    if (kind === 'Role' && path[0] === 'rules') return `new sessions are kept out since ${at}; ${back}`;
    return undefined;
  };
}

function missingKinds({ unknown }: Live): Finding[] {
  const kinds = [...new Set(unknown.map(({ apiVersion, kind }) => `${kind} of ${apiVersion}`))];
  return kinds.map((kind) =>
    finding(
      'no-such-kind',
      `the API server does not know ${kind}`,
      'install what brings its CustomResourceDefinition',
    ),
  );
}

function namespaceFindings({ namespace, planned, inventory }: Live): Finding[] {
  if (namespace !== undefined && isLeaving(namespace)) return [leavingFinding(inventory.namespace)];
  const makesIt = planned.some(
    ({ wanted }) => wanted.kind === 'Namespace' && wanted.metadata.name === inventory.namespace,
  );
  if (namespace !== undefined || makesIt) return [];
  return [
    finding(
      'namespace-missing',
      `the namespace ${inventory.namespace} does not exist, and the environment does not create it`,
      `create it with ${advise('namespace-missing/diff')`kubectl create namespace ${inventory.namespace}`}`,
      'warning',
    ),
  ];
}
