/**
 * The database whose objects are ours: CloudNativePG's Cluster and what is around it. A Cluster that the project's
 * chart made is taken over in place: it keeps its name, its pods and its volumes, and Helm lets go of it.
 */
import { Failure, type Finding, finding } from '../../../model/finding.ts';
import { equal, isObject, type JsonObject } from '../../../model/json.ts';
import { type KubernetesObject, namespaceOf } from '../../../model/object.ts';
import type { PartOf } from '../../../tree/infrastructure.ts';
import { ApiError } from '../../api/errors.ts';
import { pause } from '../../api/pause.ts';
import { apiPath, type ResourceType, shortName, splitVersion, typeOf } from '../../api/resources.ts';
import { serverNow } from '../../api/server-time.ts';
import { applyWave } from '../../changes/apply-step.ts';
import { comparable } from '../../changes/comparable.ts';
import { type DryRun, dryRun, dryRunFindings } from '../../changes/dry-run.ts';
import { parkRelease, readRelease, releaseOf } from '../../changes/helm-release.ts';
import type { Session } from '../../session/session.ts';
import { databaseCluster } from '../../state/database.ts';
import { toolsOf } from '../../state/holders.ts';
import { withLease, withNextLease } from '../../state/lease.ts';
import type { PlannedObject } from '../../state/live.ts';
import { againAfterMs, maxAttempts } from './charts.ts';
import { otherChart, pendingFinding, surplus, valuesGo } from './decide.ts';
import { databaseFindings, takeOverFindings } from './guards.ts';
import { type InstalledRelease, readInstalled } from './installed.ts';
import { mainOf, readMain, waitForDatabase, waitForDatabaseObject } from './wait.ts';

/** The database as it is to be, and what the cluster has of it. */
export interface OwnDatabase {
  readonly objects: readonly KubernetesObject[];
  /** Helm's release of the chart that made it; undefined where there is none, or it is put away already. */
  readonly release: InstalledRelease | undefined;
  /** Whether the Cluster is Helm's. */
  readonly isHelms: boolean;
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
export async function seeOwnDatabase(session: Session, part: PartOf): Promise<OwnDatabase> {
  const { name, namespace } = mainOf(part);
  const live = await readMain(session, part);
  const owner = live === undefined ? undefined : releaseOf(live);
  const { release, isParked } = await readInstalled(
    session,
    owner?.name ?? name,
    owner?.namespace ?? namespace,
  );
  const findings = [...databaseFindings(part, live, undefined)];
  const isHelms = toolsOf(live).includes('helm');
  if (isHelms) findings.push(...takeOverFindings(part, live));
  const isOfChart = release?.chart === 'cluster' && release.status !== 'uninstalled';
  if (owner !== undefined && release !== undefined && !isOfChart)
    findings.push(otherChart('cluster', release));
  if (owner !== undefined && release === undefined && !isParked) findings.push(noRecord(owner.name));
  if (isOfChart) {
    const gone = surplus(release.values, formerValues);
    if (gone.length > 0) findings.push(valuesGo(release, gone));
    const pending = pendingFinding(release, serverNow(session));
    if (pending !== undefined) findings.push(pending);
  }
  const objects = part.objects.map((object) => asItWasMade(object, live));
  return { objects, release: isOfChart ? release : undefined, isHelms, findings };
}

/** How a Cluster came to be is settled when it is made: one that was restored is not asked to begin empty. */
function asItWasMade(object: KubernetesObject, live: KubernetesObject | undefined): KubernetesObject {
  const bootstrap = isObject(live?.spec) ? live.spec.bootstrap : undefined;
  if (object.kind !== 'Cluster' || !isObject(bootstrap) || bootstrap.initdb !== undefined) return object;
  return { ...object, spec: { ...(object.spec as JsonObject), bootstrap } };
}

function noRecord(name: string): Finding {
  return finding(
    'helm-no-record',
    `the Cluster is of the Helm release ${name}, whose records are not in the cluster, so helm's uninstall of ${name} would delete it`,
    'if helm keeps them elsewhere (HELM_DRIVER=sql), take them away there',
    'warning',
  );
}

/** Reads what the cluster has of an object. */
async function planned({ client }: Session, wanted: KubernetesObject): Promise<PlannedObject> {
  const type = await typeFor(client, wanted);
  const live = await client.get(apiPath(type, namespaceOf(wanted), wanted.metadata.name));
  return { type, wanted, live, replicas: undefined, isScaled: false };
}

/** The kinds of CloudNativePG are known, so that they need not be discovered before its operator is there. */
function typeFor(client: Session['client'], object: KubernetesObject): ResourceType | Promise<ResourceType> {
  const { group } = splitVersion(object.apiVersion);
  if (group !== databaseCluster.group) return typeOf(client, object);
  return { ...databaseCluster, kind: object.kind, plural: `${object.kind.toLowerCase()}s` };
}

/** Asks the API server about the objects, but for the Cluster that changes hands. */
export function tryObjects(session: Session, { objects, isHelms }: OwnDatabase): Promise<DryRun[]> {
  const asked = objects.filter(({ kind }) => !(isHelms && kind === 'Cluster'));
  return Promise.all(asked.map(async (object) => dryRun(session, await planned(session, object))));
}

/** Why the API server refuses objects. */
export function refusals(runs: readonly DryRun[]): Finding[] {
  // What is not up yet is waited for when the time comes.
  return dryRunFindings(
    runs.filter(({ refused }) => refused === undefined || !isComing(refused)),
    false,
  ).map((refusal) =>
    refusal.code === 'conflict'
      ? { ...refusal, hint: 'undo that change, since the environment says otherwise' }
      : refusal,
  );
}

/** Whether the server has no answer yet: it does not serve the kind, or the operator's webhook does not answer. */
function isComing({ status, isTrouble }: ApiError): boolean {
  return status === 404 || isTrouble;
}

/** Says what would become of the objects. */
export function tellOwnDatabase(
  { report }: Session,
  { objects, isHelms, release }: OwnDatabase,
  runs: readonly DryRun[],
): void {
  if (release !== undefined) report.say(`the Helm release ${release.name} would be put away`);
  for (const object of objects) {
    const isTaken = isHelms && object.kind === 'Cluster';
    const run = runs.find(({ planned }) => planned.wanted === object);
    report.result(isTaken ? 'adopted' : verbOf(run), shortName(object), {
      namespace: namespaceOf(object) ?? '',
      dryRun: true,
    });
  }
}

/** Where only the operator to come knows the kind, the server cannot say. */
function verbOf(run: DryRun | undefined): string {
  const { after, planned: { live } = {} } = run ?? {};
  if (live === undefined || after === undefined) return 'created';
  return equal(comparable(live), comparable(after)) ? 'unchanged' : 'configured';
}

/** Brings the objects into the cluster, one after the other, each under the lease, and waits for each without it. */
export async function bringOwnDatabase(session: Session, part: PartOf): Promise<void> {
  const { objects, release, isHelms } = await seeOwnDatabase(session, part);
  for (const [index, object] of objects.entries()) {
    const isCluster = object.kind === 'Cluster';
    const lease = index === 0 ? withLease : withNextLease;
    await lease(session, 'infrastructure', async () => {
      // First the records: a Helm that still finds the release could take away what is ours by then.
      if (isCluster && release !== undefined) await putAway(session, release);
      await applyPatiently(session, object, isHelms && isCluster);
    });
    if (isCluster) await waitForDatabase(session, part);
    if (object.kind === 'Database') await waitForDatabaseObject(session, object);
  }
}

/** The operator's kinds are not served, and its webhook does not answer, before it runs. */
async function applyPatiently(session: Session, object: KubernetesObject, adopt: boolean): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const one = await planned(session, object);
      await applyWave(session, [one], { forceConflicts: false, adopt });
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const wanted = shortName(object);
      if (!isComing(error) || attempt >= maxAttempts) {
        const hint = 'use CloudNativePG 1.26 or later; the name of what is in a database never changes';
        throw new Failure([finding('refused', `${wanted} is refused: ${error.message}`, hint)]);
      }
      session.report.progress(wanted, `${error.message}; trying again`);
      await pause(againAfterMs, session.signal);
    }
  }
}

async function putAway({ client, report }: Session, { name, namespace }: InstalledRelease): Promise<void> {
  await parkRelease(client, await readRelease(client, { name, namespace }));
  report.say(`the Helm release ${name} was put away: the Cluster is none of Helm's any more`, {
    release: name,
    namespace,
  });
}
