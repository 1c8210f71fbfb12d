/** What becomes of a part that a chart brings, by what the cluster has of it. */
import { mergeLayer } from '../../../config/layers.ts';
import { advise } from '../../../model/command.ts';
import { type Finding, finding } from '../../../model/finding.ts';
import { dig, equal, formatPath, isObject, type JsonObject, type Path } from '../../../model/json.ts';
import { nameSome } from '../../../model/names.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { compareVersions } from '../../../model/versions.ts';
import type { ChartPart } from '../../../tree/infrastructure.ts';
import type { FoundInstalled, InstalledRelease } from './installed.ts';

/** What the cluster has of a part. */
export interface SeenPart extends FoundInstalled {
  /** What the release is about: the database, or the operator's Deployments; undefined where any is missing. */
  readonly workloads: readonly KubernetesObject[] | undefined;
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

/** How long Helm runs of others may take, in milliseconds; after that they were killed. */
export const longestHelmMs = 15 * 60_000;

/**
 * Decides about a part that is asked for.
 *
 * @param now the API server's time, in milliseconds
 */
export function decide(part: ChartPart, seen: SeenPart, now: number): Decision {
  const { chart, isOperator } = part;
  const { release, foreign, isParked } = seen;
  const to = `${chart.name} ${chart.version}`;
  const keep = (why: string, findings: Finding[]): Decision => ({
    ...(release === undefined ? {} : { from: release.version }),
    action: 'keep',
    values: {},
    why,
    findings,
  });
  if (release === undefined || release.status === 'uninstalled') {
    if (foreign !== undefined) return keep(`left as it is: ${whose(foreign)}`, []);
    if (isParked) return keep('', [parkedFinding(part)]);
    return { action: 'install', values: chart.valuesInline, why: to, findings: [] };
  }
  if (release.chart !== chart.name) return keep('', [otherChart(chart.name, release)]);
  const pending = pendingFinding(release, now);
  if (pending !== undefined) return keep('', [pending]);
  const from = release.deployedVersion ?? release.version;
  if (compareVersions(chart.version, from) < 0) {
    if (!isOperator) return keep('', [downgradeFinding(part, from)]);
    return keep(`left as it is: ${chart.name} ${from} is newer than ${chart.version}`, [
      newerOperator(part, from),
    ]);
  }
  // An operator is others' too, who may have given it values of their own.
  const values = isOperator
    ? (mergeLayer(undefined, release.values, chart.valuesInline) as JsonObject)
    : chart.valuesInline;
  const isThere = release.version === chart.version && release.status === 'deployed';
  if (isThere && equal(release.values, values) && seen.workloads !== undefined)
    return { action: 'unchanged', from, values, why: `${to} is there`, findings: [] };
  const why = from === chart.version ? `${to} anew` : `${chart.name} from ${from} to ${chart.version}`;
  const gone = surplus(release.values, values);
  return {
    action: 'upgrade',
    from,
    values,
    why,
    findings: gone.length === 0 ? [] : [valuesGo(release, gone)],
  };
}

/** Whether a revision was begun and never ended. */
export function isPending({ status }: InstalledRelease): boolean {
  return status.startsWith('pending-');
}

/** An interrupted revision of ours is resumed; one of somebody else may still be under way. */
export function pendingFinding(release: InstalledRelease, now: number): Finding | undefined {
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
    `wait until it has ended; from ${until} on it counts as killed, and this goes on by itself`,
  );
}

/** A finding about a release that is of another chart than it should be: an upgrade would delete what that brought. */
export function otherChart(chart: string, release: InstalledRelease): Finding {
  const { name, namespace } = release;
  const message = `the Helm release ${name} in ${namespace} is of the chart ${release.chart || 'of another name'}, and not of ${chart}`;
  const hint =
    release.chart === 'glyphoxa'
      ? 'it holds the whole older deployment: take that over by an apply with --adopt, and its database goes on as it is'
      : `rename one of the two, or uninstall it with ${advise('other-chart')`helm uninstall ${name} --namespace ${namespace}`} if nobody needs it`;
  return finding('other-chart', message, hint);
}

function parkedFinding({ chart, name }: ChartPart): Finding {
  return finding(
    'release-parked',
    `the Helm release ${chart.releaseName} in ${chart.namespace} was adopted and put away, so its name is taken`,
    name === 'postgresql'
      ? 'the database that it brought goes on as it is; docs/database.md says how to move it'
      : 'delete its records (Secrets of the type helm.sh/release.v1) if nobody wants to go back',
  );
}

function downgradeFinding({ chart }: ChartPart, from: string): Finding {
  return finding(
    'chart-downgrade',
    `the database runs by ${chart.name} ${from}, and ${chart.version} is older`,
    `set the chart's version in glyphoxa.yaml to ${from} or later`,
  );
}

function newerOperator({ chart, name }: ChartPart, from: string): Finding {
  return finding(
    'operator-newer',
    `${name} serves the whole cluster and is ${chart.name} ${from}, newer than the ${chart.version} that is asked for`,
    `set the chart's version in glyphoxa.yaml to ${from}`,
    'warning',
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

/** A warning about values that others gave a release: all of them, by their names alone, since they may hold secrets. */
export function valuesGo({ name, namespace }: InstalledRelease, gone: readonly Path[]): Finding {
  const values = gone.map(formatPath);
  const details = values.map((value) => {
    const place = places.find(([start]) => value === start || value.startsWith(`${start}.`))?.[1];
    return `${value}: ${place === undefined ? 'no option takes its place' : `${place} takes its place`}`;
  });
  const message = `the Helm release ${name} in ${namespace} has values that the environment does not have: ${nameSome(values, 5)}`;
  const hint = 'they are taken away; set them by options of the environment';
  return { ...finding('values-go', message, hint, 'warning'), details };
}

/** Where a foreign operator stands, and who brought it. */
function whose({ metadata }: KubernetesObject): string {
  const release = dig(metadata.annotations, ['meta.helm.sh/release-name']);
  const by = typeof release === 'string' ? `, of the Helm release ${release}` : '';
  return `the cluster has deployment.apps/${metadata.name} in ${String(metadata.namespace)}${by}`;
}

/** What the first has and the second has not, by its paths. */
export function surplus(all: JsonObject, some: JsonObject, path: Path = []): Path[] {
  return Object.entries(all).flatMap(([key, value]): Path[] => {
    const other = some[key];
    if (other === undefined) return [[...path, key]];
    return isObject(value) && isObject(other) ? surplus(value, other, [...path, key]) : [];
  });
}
