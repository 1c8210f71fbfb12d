/** What would harm a database that runs, or keep it from starting. */
import type { Finding, Severity } from '../../../model/finding.ts';
import { dig, type Json, maps, type Path } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { compareQuantities } from '../../../model/quantity.ts';
import { quote } from '../../../model/quote.ts';
import { postgresMajor } from '../../../model/versions.ts';
import { containersOf } from '../../../model/workload.ts';
import type { PartOf } from '../../../tree/infrastructure.ts';

/**
 * What stands against changing a database from what runs to what the chart is given.
 *
 * @param running the Cluster or StatefulSet; undefined where there is none yet
 * @param rendered the StatefulSet as the Bitnami chart renders it; undefined where it was not rendered
 */
export function databaseFindings(
  { chart, objects }: PartOf,
  running: KubernetesObject | undefined,
  rendered: KubernetesObject | undefined,
): Finding[] {
  if (running === undefined) return [];
  if (chart === undefined) {
    const asked = objects.find(({ kind }) => kind === running.kind)?.spec;
    const image = String(dig(asked, ['imageName']) ?? '');
    const size = (spec: Json | undefined) => dig(spec, ['storage', 'size']);
    return [
      ...majorFindings(runningMajor(running), postgresMajor(image), image, 'cloudnative-pg'),
      ...sizeFindings(size(running.spec), size(asked), 'cloudnative-pg'),
      ...nameFindings(running.spec, asked),
    ];
  }
  const before = postgresImage(running);
  const after = rendered === undefined ? undefined : postgresImage(rendered);
  const [volume] = maps(dig(running.spec, ['volumeClaimTemplates']));
  return [
    ...(after === undefined || before === undefined
      ? []
      : majorFindings(postgresMajor(before), postgresMajor(after), after, 'bitnami')),
    ...sizeFindings(
      dig(volume, ['spec', 'resources', 'requests', 'storage']),
      dig(chart.valuesInline, ['primary', 'persistence', 'size']),
      'bitnami',
    ),
  ];
}

/**
 * What stands against taking a Cluster over from Helm: what our object does not list goes with it. Sources: CloudNativePG's
 * webhook, which refuses a Cluster that loses its WAL volume or a tablespace; its `spec.backup` and `spec.plugins`.
 */
export function takeOverFindings({ objects }: PartOf, running: KubernetesObject | undefined): Finding[] {
  const asked = objects.find(({ kind }) => kind === running?.kind)?.spec;
  const has = (spec: Json | undefined, field: string) => dig(spec, [field]) !== undefined;
  const volumes = (['walStorage', 'tablespaces'] as const).filter(
    (field) => has(running?.spec, field) && !has(asked, field),
  );
  const leave =
    'let the chart keep it: spec.postgresql.enabled: false, and the DSN by secretKeyRef; or move the data by dump and restore as docs/database.md says';
  const found = volumes.map((field) => {
    const what = field === 'walStorage' ? 'a volume of its own for its write-ahead log' : 'tablespaces';
    const message = `the Cluster has ${what} (spec.${field}), which no option keeps and the operator never takes away`;
    return finding('cluster-volumes', ['spec', 'postgresql'], message, leave);
  });
  const isArchived =
    has(running?.spec, 'backup') ||
    maps(dig(running?.spec, ['plugins'])).some(({ isWALArchiver }) => isWALArchiver === true);
  if (!isArchived || maps(dig(asked, ['plugins'])).length > 0) return found;
  const message = 'the Cluster archives its backups, and the environment has none, so they would end';
  const hint =
    'set spec.postgresql.backup as it is there; or take spec.backup and spec.plugins out of the Cluster first';
  return [...found, finding('cluster-backup', ['spec', 'postgresql', 'backup'], message, hint)];
}

/** The major version that a Cluster's data has. Sources: CloudNativePG's `status.pgDataImageInfo` and `status.image`. */
function runningMajor({ status, spec }: KubernetesObject): number | undefined {
  const told = dig(status, ['pgDataImageInfo', 'majorVersion']);
  if (typeof told === 'number') return told;
  const image = dig(status, ['image']) ?? dig(spec, ['imageName']);
  return typeof image === 'string' ? postgresMajor(image) : undefined;
}

function postgresImage(statefulSet: KubernetesObject): string | undefined {
  const containers = containersOf(statefulSet);
  const { image } = containers.find(({ name }) => name === 'postgresql') ?? containers[0] ?? {};
  return typeof image === 'string' ? image : undefined;
}

type Provider = 'cloudnative-pg' | 'bitnami';

function majorFindings(
  from: number | undefined,
  to: number | undefined,
  image: string,
  provider: Provider,
): Finding[] {
  const path = ['spec', 'postgresql', 'image'];
  if (from === undefined || to === undefined) {
    const message = `whether ${quote(image)} fits the data of the database cannot be known: a tag without PostgreSQL's version`;
    return [
      finding('postgresql-unchecked', path, message, 'see that it is not older than what runs', 'warning'),
    ];
  }
  if (to < from) {
    const message = `the database has the data of PostgreSQL ${from}, and ${quote(image)} is ${to}, which cannot read it`;
    return [finding('postgresql-downgrade', path, message, `name an image of PostgreSQL ${from}`)];
  }
  if (to === from) return [];
  if (provider === 'bitnami') {
    const message = `the database has the data of PostgreSQL ${from}, and ${quote(image)} is ${to}, which does not read it as it is`;
    const hint = `name an image of PostgreSQL ${from}, or move the data by dump and restore as docs/database.md says`;
    return [finding('postgresql-upgrade', path, message, hint)];
  }
  const message = `PostgreSQL goes from ${from} to ${to}: the operator stops the database while it converts the data`;
  return [finding('postgresql-upgrade', path, message, 'have a backup; there is no way back', 'warning')];
}

function sizeFindings(from: unknown, to: unknown, provider: Provider): Finding[] {
  if (typeof from !== 'string' || typeof to !== 'string') return [];
  const path = ['spec', 'postgresql', 'storage', 'size'];
  const difference = compareQuantities(to, from);
  if (difference < 0) {
    const message = `the volumes of the database have ${from}, and none ever shrinks to ${to}`;
    return [finding('storage-shrink', path, message, `set it to ${from} or more`)];
  }
  if (difference === 0 || provider === 'cloudnative-pg') return [];
  const message = `the volumes of the database have ${from}, and a StatefulSet's size cannot change to ${to}`;
  const hint = `leave it at ${from} and grow the PersistentVolumeClaim by hand`;
  return [finding('storage-fixed', path, message, hint)];
}

/** The operator makes a Cluster's database once, and writes its name into the Secret with the DSN. */
function nameFindings(running: Json | undefined, asked: Json | undefined): Finding[] {
  const [from, to] = [running, asked].map((spec) => dig(spec, ['bootstrap', 'initdb', 'database']));
  if (typeof from !== 'string' || typeof to !== 'string' || from === to) return [];
  const path = ['spec', 'postgresql', 'database'];
  const message = `the program's database is called ${from}, and the DSN of a Cluster never leads to another such as ${to}`;
  return [finding('database-name', path, message, `set it to ${from}`)];
}

function finding(
  code: string,
  path: Path,
  message: string,
  hint: string,
  severity: Severity = 'error',
): Finding {
  return { code, severity, path, message, hint };
}
