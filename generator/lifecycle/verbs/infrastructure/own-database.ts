/**
 * The database whose objects are ours: CloudNativePG's Cluster and what is around it. A Cluster that the project's
 * chart made is taken over in place: it keeps its name, its pods and its volumes, and Helm lets go of it.
 */
import { Failure, type Finding, failure, finding } from '../../../model/finding.ts';
import { equal, isObject, type Json, type JsonObject } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { PartOf } from '../../../tree/infrastructure.ts';
import { ApiError } from '../../api/errors.ts';
import { pause } from '../../api/pause.ts';
import {
  apiPath,
  knownType,
  type ResourceType,
  shortName,
  splitVersion,
  typeOf,
} from '../../api/resources.ts';
import { applyObject } from '../../api/server-side-apply.ts';
import { serverNow } from '../../api/server-time.ts';
import { verbFor } from '../../changes/apply-step.ts';
import { parkRelease, readRelease, releaseOf } from '../../changes/helm-release.ts';
import { takeOver } from '../../changes/take-over.ts';
import type { Session } from '../../session/session.ts';
import { conflictFindings, conflictsOf, isConflict } from '../../state/conflicts.ts';
import { databaseCluster } from '../../state/database.ts';
import { toolsOf } from '../../state/holders.ts';
import { withLease, withNextLease } from '../../state/lease.ts';
import { otherChart, pendingFinding, surplus, valuesGo } from './decide.ts';
import { databaseFindings, takeOverFindings } from './guards.ts';
import { isPassing } from './helm-failure.ts';
import { type InstalledRelease, readInstalled } from './installed.ts';
import { mainOf, readMain } from './seen.ts';
import { againAfterMs, maxAttempts } from './upgrade.ts';
import { waitForDatabase, waitForDatabaseObject, waitForDefinition } from './wait.ts';

/** The database as it is to be, and what the cluster has of it. */
export interface OwnDatabase {
  readonly part: PartOf;
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
  return { part, objects, release: isOfChart ? release : undefined, isHelms, findings };
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

/** Whether the API server takes the objects; those of Helm's hands are not asked about, since they change hands. */
export async function tryObjects(session: Session, { objects, isHelms }: OwnDatabase): Promise<Finding[]> {
  const findings: Finding[] = [];
  const { client, target } = session;
  // Nothing can be asked about in a namespace that is made first.
  if ((await client.get(apiPath(knownType('v1', 'Namespace'), undefined, target.namespace))) === undefined)
    return [];
  for (const object of objects) {
    if (isHelms && object.kind === 'Cluster') continue;
    try {
      await applyOwn(session, object, { dryRun: true });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // What is not up yet is waited for when the time comes.
      findings.push(...error.findings.filter(({ message }) => !isPassing(message)));
    }
  }
  return findings;
}

/** Brings the objects into the cluster, one after the other, each under the lease, and waits for each without it. */
export async function bringOwnDatabase(session: Session, part: PartOf): Promise<void> {
  const { client, report } = session;
  const { objects, release, isHelms } = await seeOwnDatabase(session, part);
  for (const [index, object] of objects.entries()) {
    const lease = index === 0 ? withLease : withNextLease;
    await waitForDefinition(session, object);
    if (object.kind === 'Cluster' && (isHelms || release !== undefined))
      await lease(session, 'infrastructure', async () => {
        // First the records: a Helm that still finds the release could take away what is ours by then.
        if (release !== undefined) await putAway(session, release);
        if (isHelms) await takeOver(client, databaseCluster, object);
      });
    const verb = await applyPatiently(session, object, lease);
    report.result(isHelms && object.kind === 'Cluster' ? 'adopted' : verb, shortName(object));
    if (object.kind === 'Cluster') await waitForDatabase(session, part);
    if (object.kind === 'Database') await waitForDatabaseObject(session, object);
  }
}

/** A webhook of the operator does not answer before its pod does. */
async function applyPatiently(
  session: Session,
  object: KubernetesObject,
  first: typeof withLease,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      const lease = attempt === 1 ? first : withNextLease;
      return await lease(session, 'infrastructure', () => applyOwn(session, object));
    } catch (error) {
      if (!(error instanceof Failure) || !isPassing(error.message) || attempt >= maxAttempts) throw error;
      session.report.progress(shortName(object), `${error.findings[0]?.message}; trying again`);
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

/** Says what would become of the objects. */
export async function tellOwnDatabase(
  session: Session,
  { objects, isHelms, release }: OwnDatabase,
): Promise<void> {
  const { report } = session;
  if (release !== undefined) report.say(`the Helm release ${release.name} would be put away`);
  for (const object of objects) {
    const isTaken = isHelms && object.kind === 'Cluster';
    // Where only the operator to come knows the kind, the server cannot say.
    const verb = isTaken
      ? 'adopted'
      : await applyOwn(session, object, { dryRun: true }).catch(() => 'created');
    const { namespace = '' } = object.metadata;
    report.result(verb, shortName(object), { namespace, dryRun: true });
  }
}

/**
 * Applies an object, or asks what would become of it.
 *
 * @returns what was done: `created`, `configured` or `unchanged`
 * @throws Failure where others have set it otherwise, or the server refuses it
 */
async function applyOwn(
  { client }: Session,
  object: KubernetesObject,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<string> {
  const type = await typeFor(client, object);
  const path = apiPath(type, String(object.metadata.namespace), object.metadata.name);
  const before = await client.get(path);
  try {
    const after = await applyObject(client, type, object, { dryRun });
    if (!dryRun || before === undefined) return verbFor(before, after);
    // A dry run answers with the stored version, whether or not it changes something.
    const said = ({ spec, metadata: { labels } }: KubernetesObject): Json => [spec ?? null, labels ?? null];
    return equal(said(before), said(after)) ? 'unchanged' : 'configured';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (isConflict(error)) throw new Failure(conflictFindings(object, conflictsOf(error)).map(withHint));
    throw failure(
      'refused',
      `${shortName(object)} is refused: ${error.message}`,
      'use CloudNativePG 1.26 or later; the name of what is in a database never changes',
    );
  }
}

/** The kinds of CloudNativePG are known, so that they need not be discovered before its operator is there. */
function typeFor(client: Session['client'], object: KubernetesObject): ResourceType | Promise<ResourceType> {
  const { group } = splitVersion(object.apiVersion);
  if (group !== databaseCluster.group) return typeOf(client, object);
  return { ...databaseCluster, kind: object.kind, plural: `${object.kind.toLowerCase()}s` };
}

function withHint(finding: Finding): Finding {
  return { ...finding, hint: 'undo that change, since the environment says otherwise' };
}
