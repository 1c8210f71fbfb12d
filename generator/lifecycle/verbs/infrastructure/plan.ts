/** What the cluster has of a part that a chart brings, and what becomes of it. */
import { mergeLayer } from '../../../config/layers.ts';
import { advise } from '../../../model/command.ts';
import { type Finding, finding, hasErrors } from '../../../model/finding.ts';
import { equal, formatPath, given, isObject, type JsonObject, type Path } from '../../../model/json.ts';
import { nameSome } from '../../../model/names.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { compareVersions } from '../../../model/versions.ts';
import type { ChartPart } from '../../../tree/infrastructure.ts';
import { unlessForbidden } from '../../api/errors.ts';
import { apiPath, knownType, shortName } from '../../api/resources.ts';
import { serverNow } from '../../api/server-time.ts';
import { releaseOf } from '../../changes/helm-release.ts';
import type { Session } from '../../session/session.ts';
import { renderedObjects } from '../../state/helm-record.ts';
import { type FoundInstalled, type InstalledRelease, readInstalled } from './installed.ts';

/** What the cluster has of a part. */
export interface SeenPart extends FoundInstalled {
  /** What of the release runs: the database, or the operator's Deployments. */
  readonly workloads: readonly KubernetesObject[];
  /** Whether all of it is there. */
  readonly isWhole: boolean;
  /** An operator of the same kind that is not the release's, anywhere in the cluster. */
  readonly foreign: KubernetesObject | undefined;
}

/** What is to be done with a part. */
export interface Decision {
  readonly action: 'install' | 'upgrade' | 'unchanged' | 'keep';
  /** The chart's version that is there, if any. */
  readonly from?: string;
  /** What the chart is given. */
  readonly values: JsonObject;
  /** Words about it. */
  readonly why: string;
  readonly findings: readonly Finding[];
}

/** A part with what the cluster has of it, and what is to be done. */
export interface Plan {
  readonly part: ChartPart;
  readonly seen: SeenPart;
  readonly decision: Decision;
}

/** Looks at a part, and decides. Changes nothing. */
export async function planPart(session: Session, part: ChartPart): Promise<Plan> {
  const { client } = session;
  const { releaseName, namespace } = part.chart;
  const [installed, foreign] = await Promise.all([
    readInstalled(session, releaseName, namespace),
    part.isOperator ? findForeign(session, part) : undefined,
  ]);
  const wanted = renderedObjects(installed.release?.manifest ?? '', 'Deployment', 'StatefulSet');
  const live = await Promise.all(
    wanted.map(({ kind, metadata }) =>
      client.get(apiPath(knownType('apps/v1', kind), String(metadata.namespace ?? namespace), metadata.name)),
    ),
  );
  const workloads = live.filter((object) => object !== undefined);
  const seen = { ...installed, workloads, isWhole: workloads.length === wanted.length, foreign };
  return { part, seen, decision: decide(part, seen, serverNow(session)) };
}

/** An operator that was installed in another way: one is enough for a cluster, and two would be at odds. */
async function findForeign({ client }: Session, { chart }: ChartPart): Promise<KubernetesObject | undefined> {
  const { name, namespace, releaseName, valuesInline } = chart;
  const fixedName = valuesInline.fullnameOverride;
  const type = knownType('apps/v1', 'Deployment');
  const [labelled, named] = await Promise.all([
    // Who may not look everywhere is told by helm what is in the way.
    unlessForbidden(client.list(type, undefined, { labelSelector: `app.kubernetes.io/name=${name}` })),
    typeof fixedName === 'string' ? client.get(apiPath(type, namespace, fixedName)) : undefined,
  ]);
  return [...(labelled ?? []), ...(named === undefined ? [] : [named])].find(
    (object) => !equal({ ...releaseOf(object) }, { name: releaseName, namespace }),
  );
}

/** Whether helm has something to do. */
export function isChange({ decision: { action } }: Plan): boolean {
  return action === 'install' || action === 'upgrade';
}

/** How long Helm runs of others may take, in milliseconds; after that they were killed. */
export const longestHelmMs = 15 * 60_000;

/**
 * Decides about a part that is asked for.
 *
 * @param now the API server's time, in milliseconds
 */
export function decide(part: ChartPart, seen: SeenPart, now: number): Decision {
  const { chart, isOperator, name } = part;
  const { foreign, isParked, isWhole } = seen;
  const release = seen.release?.status === 'uninstalled' ? undefined : seen.release;
  const from = release && (release.deployedVersion ?? release.version);
  // An operator is others' too, who may have given it values of their own.
  const values =
    isOperator && release !== undefined
      ? (mergeLayer(undefined, release.values, chart.valuesInline) as JsonObject)
      : chart.valuesInline;
  const to = (action: Decision['action'], why: string, ...findings: Finding[]): Decision => ({
    action,
    ...given({ from }),
    values,
    why,
    findings,
  });
  const wanted = `${chart.name} ${chart.version}`;
  if (release === undefined || from === undefined) {
    if (foreign !== undefined) return to('keep', `left as it is: ${whose(foreign)}`);
    return isParked ? to('keep', '', parkedFinding(part)) : to('install', wanted);
  }
  const found = releaseFindings(release, chart.name, values, now);
  if (hasErrors(found)) return to('keep', '', ...found);
  if (compareVersions(chart.version, from) < 0) {
    const message = isOperator
      ? `${name} serves the whole cluster and is ${chart.name} ${from}, newer than the ${chart.version} that is asked for`
      : `the database runs by ${chart.name} ${from}, and ${chart.version} is older`;
    const hint = `set the chart's version in glyphoxa.yaml to ${from}`;
    const why = `left as it is: ${chart.name} ${from} is newer than ${chart.version}`;
    return isOperator
      ? to('keep', why, finding('operator-newer', message, hint, 'warning'))
      : to('keep', why, finding('chart-downgrade', message, `${hint} or later`));
  }
  const isThere = release.version === chart.version && release.status === 'deployed';
  if (isThere && equal(release.values, values) && isWhole) return to('unchanged', `${wanted} is there`);
  const why = from === chart.version ? `${wanted} anew` : `${chart.name} from ${from} to ${chart.version}`;
  return to('upgrade', why, ...found);
}

/** Whether a revision was begun and never ended. */
export function isPending({ status }: InstalledRelease): boolean {
  return status.startsWith('pending-');
}

/**
 * What there is to say of a release of Helm's that we are to change: it is of another chart, somebody is at it, or values
 * of others go.
 *
 * @param stay the values that do not go
 */
export function releaseFindings(
  release: InstalledRelease,
  chart: string,
  stay: JsonObject,
  now: number,
): Finding[] {
  if (release.chart !== chart) return [otherChart(chart, release)];
  const busy = pendingFinding(release, now);
  return busy === undefined ? valuesGo(release, stay) : [busy];
}

/** An interrupted revision of ours is resumed; one of somebody else may still be under way. */
function pendingFinding(release: InstalledRelease, now: number): Finding | undefined {
  const { name, namespace, status, begunAt, run } = release;
  if (status === 'uninstalling') {
    const message = `somebody has begun to uninstall the Helm release ${name} in ${namespace}`;
    const command = advise('helm-uninstalling')`helm uninstall ${name} --namespace ${namespace}`;
    return finding('helm-busy', message, `let it end, or run ${command} again`);
  }
  if (!isPending(release) || run !== undefined || now - begunAt > longestHelmMs) return undefined;
  const until = new Date(begunAt + longestHelmMs).toISOString();
  return finding(
    'helm-busy',
    `helm is at work on the release ${name} in ${namespace} (${status}), or was killed at it`,
    `wait until it has ended; from ${until} on it counts as killed, and the next run continues`,
  );
}

/** A finding about a release that is of another chart than it should be: an upgrade would delete what that brought. */
function otherChart(chart: string, { name, namespace, chart: other }: InstalledRelease): Finding {
  const message = `the Helm release ${name} in ${namespace} is of the chart ${other || 'of another name'}, and not of ${chart}`;
  const hint =
    other === 'glyphoxa'
      ? 'it holds the whole older deployment: take that over by an apply with --adopt, and its database keeps running as it is'
      : `rename one of the two, or uninstall it with ${advise('other-chart')`helm uninstall ${name} --namespace ${namespace}`} if nobody needs it`;
  return finding('other-chart', message, hint);
}

function parkedFinding({ chart, isOperator }: ChartPart): Finding {
  return finding(
    'release-parked',
    `the Helm release ${chart.releaseName} in ${chart.namespace} was adopted and put away, so its name is taken`,
    isOperator
      ? 'delete its records (Secrets of the type helm.sh/release.v1) if nobody wants to go back'
      : 'the database that it brought keeps running as it is; docs/database.md says how to move it',
  );
}

/** What takes the place of values of the chart `cluster`; without the others the Cluster is written. */
const places: readonly (readonly [value: string, place: string])[] = [
  ['cluster.storage', 'spec.postgresql.storage'],
  ['cluster.instances', 'spec.postgresql.instances'],
  ['cluster.imageName', 'spec.postgresql.image'],
  ['cluster.resources', 'spec.postgresql.resources'],
  ['cluster.imagePullSecrets', 'spec.core.imagePullSecrets'],
  ['cluster.monitoring', 'spec.postgresql.monitoring'],
  ['cluster.initdb.database', 'spec.postgresql.database'],
  ['backups', 'spec.postgresql.backup'],
];

/**
 * A warning about values that others gave a release, and that go: all of them, by their names alone, since they may hold
 * secrets.
 */
function valuesGo({ name, namespace, values }: InstalledRelease, stay: JsonObject): Finding[] {
  const gone = surplus(values, stay).map(formatPath);
  if (gone.length === 0) return [];
  const details = gone.map((value) => {
    const place = places.find(([start]) => `${value}.`.startsWith(`${start}.`))?.[1];
    return `${value}: ${place ?? 'no option'} takes its place`;
  });
  const message = `the Helm release ${name} in ${namespace} has values that the environment does not have: ${nameSome(gone, 5)}`;
  const hint = 'they are taken away; set them by options of the environment';
  return [{ ...finding('values-go', message, hint, 'warning'), details }];
}

/** Where a foreign operator stands, and who brought it. */
function whose(object: KubernetesObject): string {
  const release = releaseOf(object);
  const by = release === undefined ? '' : `, of the Helm release ${release.name}`;
  return `the cluster has ${shortName({ ...object, apiVersion: 'apps/v1', kind: 'Deployment' })} in ${String(object.metadata.namespace)}${by}`;
}

/** What the first has and the second has not, by its paths. */
function surplus(all: JsonObject, some: JsonObject, path: Path = []): Path[] {
  return Object.entries(all).flatMap(([key, value]): Path[] => {
    const other = some[key];
    if (other === undefined) return [[...path, key]];
    return isObject(value) && isObject(other) ? surplus(value, other, [...path, key]) : [];
  });
}
