/** What becomes of a part of the infrastructure, by what the cluster has of it. */
import { advise } from '../../../model/command.ts';
import { type Finding, finding } from '../../../model/finding.ts';
import {
  dig,
  equal,
  formatPath,
  isObject,
  type Json,
  type JsonObject,
  type Path,
} from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { compareVersions } from '../../../model/versions.ts';
import type { ChartPart } from '../../../tree/infrastructure.ts';
import { chartWords } from './helm.ts';
import type { FoundInstalled, InstalledRelease } from './installed.ts';

/** What the cluster has of a part. */
export interface SeenPart extends FoundInstalled {
  /** The main object that the release is about: the database, or the operator's Deployment. */
  readonly main: KubernetesObject | undefined;
  /** An operator of the same kind that is not the release's, anywhere in the cluster. */
  readonly foreign: KubernetesObject | undefined;
}

/** What is to be done with a part. */
export interface Decision {
  readonly action: 'install' | 'upgrade' | 'unchanged' | 'keep';
  /** The chart's version that is there, if any. */
  readonly from: string | undefined;
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
  const { chart } = part;
  const { release, foreign, isParked } = seen;
  const to = `${chart.name} ${chart.version}`;
  const no = (findings: Finding[]): Decision => ({
    action: 'keep',
    from: release?.version,
    why: '',
    findings,
  });
  if (release === undefined || release.status === 'uninstalled') {
    if (foreign !== undefined)
      return { action: 'keep', from: undefined, why: `left as it is: ${whose(foreign)}`, findings: [] };
    if (isParked) return no([parkedFinding(part)]);
    if (!part.isOperator && seen.main !== undefined && !isOf(seen.main, part))
      return no([notOfHelm(part, seen.main)]);
    return { action: 'install', from: undefined, why: to, findings: [] };
  }
  if (release.chart !== chart.name) return no([otherChart(chart.name, release)]);
  const pending = pendingFinding(release, now);
  if (pending !== undefined) return no([pending]);
  const from = release.deployedVersion ?? release.version;
  if (compareVersions(chart.version, from) < 0) {
    if (!part.isOperator) return no([downgradeFinding(part, from)]);
    const why = `left as it is: ${chart.name} ${from} is newer than ${chart.version}`;
    return { action: 'keep', from, why, findings: [newerOperator(part, from)] };
  }
  const gone = surplus(release.values, chart.valuesInline);
  const hasValues = includes(release.values, chart.valuesInline) && (part.isOperator || gone.length === 0);
  const isThere = seen.main !== undefined;
  if (release.version === chart.version && release.status === 'deployed' && hasValues && isThere)
    return { action: 'unchanged', from, why: `${to} is there`, findings: [] };
  const why =
    compareVersions(chart.version, from) > 0
      ? `${chart.name} from ${from} to ${chart.version}`
      : release.status !== 'deployed'
        ? `${to} again, which was not finished (${release.status})`
        : isThere
          ? `${to} with other values`
          : `${to} again, of which objects are missing`;
  const findings = gone.length === 0 ? [] : [surplusFinding(part, release, gone)];
  return { action: 'upgrade', from, why, findings };
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
    return finding(
      'helm-busy',
      message,
      `let it end, or run ${advise('helm-uninstalling')`helm uninstall ${name} --namespace ${namespace}`} again`,
    );
  }
  if (!isPending(release) || run !== undefined || now - begunAt > longestHelmMs) return undefined;
  const until = new Date(begunAt + longestHelmMs).toISOString();
  return finding(
    'helm-busy',
    `helm is at work on the release ${name} in ${namespace} (${status}), or was killed at it`,
    `wait until it has ended; from ${until} on it counts as killed, and this goes on by itself`,
  );
}

/** A finding about a release that is of another chart than it should be. */
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

function notOfHelm({ chart }: ChartPart, { kind, metadata }: KubernetesObject): Finding {
  const { releaseName, namespace } = chart;
  const what = `${kind.toLowerCase()}/${metadata.name}`;
  const at = ['kubectl', '-n', namespace];
  const marks = [`meta.helm.sh/release-name=${releaseName}`, `meta.helm.sh/release-namespace=${namespace}`];
  const handOver = advise(
    'not-of-helm',
  )`${at} label ${what} app.kubernetes.io/managed-by=Helm --overwrite && ${at} annotate ${what} ${marks} --overwrite`;
  return finding(
    'not-of-helm',
    `${what} in ${namespace} is there already, and not of the Helm release ${releaseName}`,
    `go on with what made it; or hand it over: ${handOver}`,
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

function surplusFinding(
  { chart, isOperator }: ChartPart,
  release: InstalledRelease,
  gone: readonly Path[],
): Finding {
  const { releaseName, namespace, version } = chart;
  return isOperator
    ? finding(
        'operator-values',
        valuesMessage(release, gone),
        `an upgrade would take them away from all who use the operator: upgrade it with ${advise('operator-values')`helm upgrade ${releaseName} ${chartWords(chart)} --version ${version} --namespace ${namespace} --reuse-values ${setWords(chart.valuesInline)}`}`,
      )
    : valuesGo(release, gone);
}

/** Values as options of helm. */
function setWords(values: JsonObject, path: readonly string[] = []): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const at = [...path, key.replace(/[.,=\\]/g, '\\$&')];
    return isObject(value) ? setWords(value, at) : ['--set-json', `${at.join('.')}=${JSON.stringify(value)}`];
  });
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
export function valuesGo(release: InstalledRelease, gone: readonly Path[]): Finding {
  const details = gone.map(formatPath).map((value) => {
    const place = places.find(([start]) => value === start || value.startsWith(`${start}.`))?.[1];
    return `${value}: ${place === undefined ? 'no option takes its place' : `${place} takes its place`}`;
  });
  const hint = 'they are taken away; set them by options of the environment';
  return { ...finding('values-go', valuesMessage(release, gone), hint, 'warning'), details };
}

function valuesMessage({ name, namespace }: InstalledRelease, gone: readonly Path[]): string {
  const paths = gone.slice(0, 5).map(formatPath).join(', ') + (gone.length > 5 ? ', …' : '');
  return `the Helm release ${name} in ${namespace} has values that the environment does not have: ${paths}`;
}

/** Where a foreign operator stands, and who brought it. */
function whose({ metadata }: KubernetesObject): string {
  const release = dig(metadata.annotations, ['meta.helm.sh/release-name']);
  const by = typeof release === 'string' ? `, of the Helm release ${release}` : '';
  return `the cluster has deployment.apps/${metadata.name} in ${String(metadata.namespace)}${by}`;
}

/** Whether Helm takes an object for one of the part's release. */
export function isOf({ metadata }: KubernetesObject, { chart }: ChartPart): boolean {
  return (
    dig(metadata.annotations, ['meta.helm.sh/release-name']) === chart.releaseName &&
    dig(metadata.annotations, ['meta.helm.sh/release-namespace']) === chart.namespace
  );
}

function includes(all: Json | undefined, some: Json): boolean {
  if (!isObject(some)) return equal(all, some);
  return isObject(all) && Object.entries(some).every(([key, value]) => includes(all[key], value));
}

/** What the first has and the second has not, by its paths. */
export function surplus(all: JsonObject, some: JsonObject, path: Path = []): Path[] {
  return Object.entries(all).flatMap(([key, value]): Path[] => {
    const other = some[key];
    if (other === undefined) return [[...path, key]];
    return isObject(value) && isObject(other) ? surplus(value, other, [...path, key]) : [];
  });
}
