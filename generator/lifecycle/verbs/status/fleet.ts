/** How the tenants of a fleet are: less of each than `status` tells of one, by few requests for all. */
import { Failure, hasErrors } from '../../../model/finding.ts';
import { given } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { findTenant, tenantDeployments } from '../../../tree/tenants/build.ts';
import { type Deployment, type Pod, type ReplicaSet, view } from '../../rollout/views.ts';
import { type Workload, workloadState } from '../../rollout/workload.ts';
import type { FleetSession } from '../../session/open-fleet.ts';
import { type Inventory, inventoryIn, inventoryName } from '../../state/inventory.ts';
import { isLeaving } from '../../state/live.ts';
import { type FleetObjects, type FleetPods, readFleetObjects, readFleetPods } from './fleet-objects.ts';
import { judge } from './health.ts';
import type { Health, Status, Unknown } from './status.ts';
import { deploymentStatus, type WorkloadStatus } from './workloads.ts';

/** How a tenant is, in one word. */
export type TenantState = Health | 'stopped' | 'not deployed';

/** A tenant, as the cluster shows it. */
export interface TenantStatus {
  readonly tenant: string;
  /** Absent where the fleet has no waves. */
  readonly wave?: string;
  /** Absent where the file has errors about it, as is all that follows from it. */
  readonly namespace?: string;
  readonly release?: string;
  readonly state: TenantState;
  readonly health: Health;
  readonly problems: readonly string[];
  readonly unknown: readonly Unknown[];
  readonly workloads?: readonly WorkloadStatus[];
  /** The version of the gateway that runs, and the one that is listed. */
  readonly version?: { readonly running?: string; readonly listed: string };
  readonly stopped?: Status['stopped'];
  /** How its folder differs from `tenants.yaml`; absent where it does not. */
  readonly treeDrift?: readonly string[];
}

/** A tenant as the file says it. */
interface Listed {
  readonly id: string;
  readonly wave: string | undefined;
  readonly namespace: string;
  readonly release: string;
  readonly deployments: readonly KubernetesObject[];
  readonly treeDrift: readonly string[];
}

/** One that has errors. */
interface Broken {
  readonly id: string;
  readonly wave: string | undefined;
  readonly why: readonly string[];
}

/** Reads how the tenants are, in the order of their waves. Changes nothing. */
export async function readFleetStatus(session: FleetSession): Promise<TenantStatus[]> {
  const { client, waves, fleet, wordOf } = session;
  const all = await Promise.all(
    waves.flatMap(({ name, tenants }) => tenants.map((id) => listedTenant(fleet, id, name))),
  );
  const listed = all.flatMap((one) => ('why' in one ? [] : [one]));
  const namespaces = listed.map(({ namespace }) => namespace);
  const objects = await readFleetObjects(client, namespaces);
  const open = listed.filter((one) => isOpen(one, objects)).map(({ namespace }) => namespace);
  const pods = open.length === 0 ? undefined : await readFleetPods(client, open);
  return all.map((one) => ('why' in one ? brokenStatus(one) : statusOf(one, wordOf(one.id), objects, pods)));
}

async function listedTenant(
  { open, staleness }: FleetSession['fleet'],
  id: string,
  wave: string | undefined,
): Promise<Listed | Broken> {
  try {
    const found = await findTenant(open, id);
    const { config, findings } = found.validated;
    if (config === undefined || hasErrors(findings)) throw new Failure(findings);
    return {
      id,
      wave,
      namespace: config.metadata.namespace,
      release: config.metadata.name,
      deployments: tenantDeployments(open, found, config),
      treeDrift: staleness.of(found).map(({ message }) => message),
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const errors = error.findings.filter(({ severity }) => severity === 'error');
    return { id, wave, why: errors.map(({ message }) => message) };
  }
}

function brokenStatus({ id, wave, why }: Broken): TenantStatus {
  return {
    tenant: id,
    ...given({ wave }),
    state: 'unknown',
    health: 'unknown',
    problems: why,
    unknown: [{ part: 'workloads', why: 'tenants.yaml has errors about it' }],
  };
}

/** Whether something of it is not as it should be, so that its pods tell why. */
function isOpen({ namespace, deployments }: Listed, objects: FleetObjects): boolean {
  const live = objects.deployments.of(namespace) ?? [];
  return deployments.some(({ metadata }) => {
    const found = live.find((object) => object.metadata.name === metadata.name);
    return found !== undefined && !workloadState(workloadOf(found, namespace)).isDone;
  });
}

function workloadOf(deployment: KubernetesObject, namespace: string, pods?: FleetPods): Workload {
  return {
    deployment: view<Deployment>(deployment),
    replicaSets: (pods?.replicaSets.of(namespace) ?? []).map(view<ReplicaSet>),
    pods: (pods?.pods.of(namespace) ?? []).map(view<Pod>),
  };
}

function statusOf(
  { id, wave, namespace, release, deployments, treeDrift }: Listed,
  word: string,
  objects: FleetObjects,
  pods: FleetPods | undefined,
): TenantStatus {
  const live = objects.deployments.of(namespace);
  const unknown: Unknown[] = live === undefined ? [notReadable('workloads')] : [];
  const inventory = inventoryOf(objects, release, namespace);
  if (!('id' in inventory)) unknown.push(inventory);
  const workloads = deployments.map((wanted) => {
    const found = live?.find(({ metadata }) => metadata.name === wanted.metadata.name);
    return deploymentStatus(wanted, found === undefined ? undefined : workloadOf(found, namespace, pods));
  });
  const stopped = 'id' in inventory ? inventory.stopped : undefined;
  const facts = {
    release,
    namespace,
    environment: word,
    unknown,
    ...given({
      isGoing: (objects.namespaces.of(namespace) ?? []).some(isLeaving) || undefined,
      stopped: stopped && { at: stopped.at, draining: stopped.draining },
      workloads: live && workloads,
    }),
  };
  const { health, problems } = judge(facts, false);
  const version = versionOf(workloads, deployments);
  return {
    tenant: id,
    ...given({ wave }),
    namespace,
    release,
    state: stateOf(facts, health),
    health,
    problems,
    unknown,
    ...given({
      workloads: facts.workloads,
      version,
      stopped: facts.stopped,
      treeDrift: treeDrift.length === 0 ? undefined : treeDrift,
    }),
  };
}

function notReadable(part: Unknown['part']): Unknown {
  return { part, why: 'not readable: the right to list is missing' };
}

function inventoryOf({ inventories }: FleetObjects, release: string, namespace: string): Inventory | Unknown {
  const found = inventories.of(namespace);
  if (found === undefined) return notReadable('inventory');
  const object = found.find(({ metadata }) => metadata.name === inventoryName(release));
  try {
    return inventoryIn(object, release, namespace).inventory;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { part: 'inventory', why: error.findings.map(({ message }) => message).join('; ') };
  }
}

function versionOf(
  workloads: readonly WorkloadStatus[],
  deployments: readonly KubernetesObject[],
): TenantStatus['version'] {
  const index = workloads.findIndex(({ component }) => component === 'gateway');
  const [workload, wanted] = [workloads[index], deployments[index]];
  if (workload === undefined || wanted === undefined) return undefined;
  // As it would run where it ran as it is listed.
  const deployment = view<Deployment>(wanted);
  const listed = deploymentStatus(wanted, { deployment, replicaSets: [], pods: [] }).version ?? '';
  return { listed, ...given({ running: workload.version }) };
}

function stateOf(
  { stopped, workloads, unknown }: Pick<Status, 'stopped' | 'workloads' | 'unknown'>,
  health: Health,
): TenantState {
  if (workloads?.every(({ isThere }) => !isThere)) return 'not deployed';
  if (stopped !== undefined && unknown.length === 0) return 'stopped';
  return health;
}
