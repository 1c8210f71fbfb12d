/**
 * The database whose objects are ours: CloudNativePG's Cluster and what is around it. A Cluster that the project's
 * chart made is taken over in place: it keeps its name, its pods and its volumes, and Helm lets go of it.
 */
import { Failure, type Finding, finding } from '../../../model/finding.ts';
import { isObject, type JsonObject } from '../../../model/json.ts';
import { type KubernetesObject, namespaceOf } from '../../../model/object.ts';
import type { PartOf } from '../../../tree/infrastructure.ts';
import { ApiError } from '../../api/errors.ts';
import { apiPath, shortName, splitVersion, typeOf } from '../../api/resources.ts';
import { serverNow } from '../../api/server-time.ts';
import { noRecordFinding } from '../../changes/adopt.ts';
import { applyWave } from '../../changes/apply-step.ts';
import { type DryRun, dryRun, dryRunFindings, dryRunVerb } from '../../changes/dry-run.ts';
import { parkRelease, readRelease, releaseOf } from '../../changes/helm-release.ts';
import type { Session } from '../../session/session.ts';
import { databaseCluster } from '../../state/database.ts';
import { toolsOf } from '../../state/holders.ts';
import { leaseFor } from '../../state/lease.ts';
import type { PlannedObject } from '../../state/live.ts';
import { databaseFindings, takeOverFindings } from './guards.ts';
import { type InstalledRelease, readInstalled } from './installed.ts';
import { releaseFindings } from './plan.ts';
import { patiently, waitForDatabase } from './wait.ts';

/** The database as it is to be, beside what the cluster has of it. */
export interface OwnDatabase {
  readonly planned: readonly PlannedObject[];
  /** Helm's release of the chart that made it; undefined where there is none, or it is put away already. */
  readonly release: InstalledRelease | undefined;
  readonly findings: readonly Finding[];
}

/** The values that this tool ever gave the chart; others were somebody's own. */
const formerValues: JsonObject = {
  fullnameOverride: '',
  type: '',
  mode: '',
  version: { postgresql: '' },
  cluster: {
    instances: 1,
    imageName: '',
    storage: '',
    resources: '',
    enableSuperuserAccess: false,
    initdb: '',
  },
  backups: { enabled: false },
};

/** Looks at the database, and at what is in the way. Changes nothing. */
export async function seeOwnDatabase(session: Session, { objects }: PartOf): Promise<OwnDatabase> {
  const planned = await Promise.all(objects.map((object) => planObject(session, object)));
  const { wanted, live } = planned.find(isCluster) as PlannedObject;
  const owner = live && releaseOf(live);
  const { name, namespace } = owner ?? { name: wanted.metadata.name, namespace: String(namespaceOf(wanted)) };
  const { release, isParked } = await readInstalled(session, name, namespace);
  const findings = databaseFindings(live, wanted);
  if (live !== undefined && isHelms(live)) findings.push(...takeOverFindings(live, wanted));
  const isOfChart = release?.chart === 'cluster' && release.status !== 'uninstalled';
  if (release !== undefined && (isOfChart || owner !== undefined))
    findings.push(...releaseFindings(release, 'cluster', formerValues, serverNow(session)));
  if (owner !== undefined && release === undefined && !isParked)
    findings.push(noRecordFinding(owner, 'the Cluster'));
  return { planned, release: isOfChart ? release : undefined, findings };
}

function isCluster({ type }: PlannedObject): boolean {
  return type.kind === databaseCluster.kind;
}

/** Whether an object is taken over before it is applied. */
function isHelms(live: KubernetesObject | undefined): boolean {
  return live?.kind === databaseCluster.kind && toolsOf(live).includes('helm');
}

/** Reads what the cluster has of an object. The operator's kinds are known, so that they need not be served yet. */
async function planObject({ client }: Session, object: KubernetesObject): Promise<PlannedObject> {
  const { apiVersion, kind, metadata } = object;
  const isKnown = splitVersion(apiVersion).group === databaseCluster.group;
  const type = isKnown
    ? { ...databaseCluster, kind, plural: `${kind.toLowerCase()}s` }
    : await typeOf(client, object);
  const live = await client.get(apiPath(type, namespaceOf(object), metadata.name));
  return { type, wanted: asItWasMade(object, live), live, replicas: undefined, isScaled: false };
}

/** How a Cluster came to be is settled when it is made: one that was restored is not asked to begin empty. */
function asItWasMade(object: KubernetesObject, live: KubernetesObject | undefined): KubernetesObject {
  const bootstrap = isObject(live?.spec) ? live.spec.bootstrap : undefined;
  if (object.kind !== 'Cluster' || !isObject(bootstrap) || bootstrap.initdb !== undefined) return object;
  return { ...object, spec: { ...(object.spec as JsonObject), bootstrap } };
}

/** Asks the API server about the objects. */
export function tryObjects(session: Session, { planned }: OwnDatabase): Promise<DryRun[]> {
  return Promise.all(planned.map((one) => dryRun(session, one, isHelms(one.live) ? one.live : undefined)));
}

/** Why the API server refuses objects, but for what is not up yet, and waited for when the time comes. */
export function refusals(runs: readonly DryRun[]): Finding[] {
  const final = runs.filter(({ refused }) => refused === undefined || !isComing(refused));
  const hint = 'undo that change, since the environment says otherwise';
  return dryRunFindings(final, false).map((found) =>
    found.code === 'conflict' ? { ...found, hint } : found,
  );
}

/** Whether the server has no answer yet: it does not serve the kind, or the operator's webhook does not answer. */
function isComing({ status, isTrouble }: ApiError): boolean {
  return status === 404 || isTrouble;
}

/** Says what would become of the objects. */
export function tellOwnDatabase(
  { report }: Session,
  { planned, release }: OwnDatabase,
  runs: readonly DryRun[],
): void {
  if (release !== undefined) report.say(`the Helm release ${release.name} would be put away`);
  for (const [index, { wanted, live }] of planned.entries())
    report.result(dryRunVerb(live, runs[index]?.after, isHelms(live)), shortName(wanted), {
      namespace: namespaceOf(wanted) ?? '',
      dryRun: true,
    });
}

/** Brings the objects into the cluster, one after the other, each under the lease, and waits for each without it. */
export async function bringOwnDatabase(session: Session, part: PartOf): Promise<void> {
  const { planned, release } = await seeOwnDatabase(session, part);
  const lease = leaseFor(session, 'infrastructure');
  for (const one of planned) {
    await lease(async () => {
      // First the records: a Helm that still finds the release could take away what is ours by then.
      if (isCluster(one) && release !== undefined) await putAway(session, release);
      await applyPatiently(session, one.wanted);
    });
    if (isCluster(one) || one.type.kind === 'Database')
      await waitForDatabase(session, one.type, one.wanted.metadata.name);
  }
}

/** The operator's kinds are not served, and its webhook does not answer, before it runs. */
function applyPatiently(session: Session, object: KubernetesObject): Promise<void> {
  const wanted = shortName(object);
  return patiently(session, wanted, async (isLast) => {
    try {
      const one = await planObject(session, object);
      await applyWave(session, [one], { forceConflicts: false, adopt: isHelms(one.live) });
      return undefined;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!isLast && isComing(error)) return error.message;
      const hint = 'use CloudNativePG 1.26 or later; the name of what is in a database never changes';
      throw new Failure([finding('refused', `${wanted} is refused: ${error.message}`, hint)]);
    }
  });
}

async function putAway({ client, report }: Session, { name, namespace }: InstalledRelease): Promise<void> {
  await parkRelease(client, await readRelease(client, { name, namespace }));
  report.say(`the Helm release ${name} was put away: the Cluster is none of Helm's any more`, {
    release: name,
    namespace,
  });
}
