/** What would harm a database that runs, or keep it from starting. */
import { type Finding, finding, type Severity } from '../../../model/finding.ts';
import { dig, type Json, maps } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { compareQuantities } from '../../../model/quantity.ts';
import { quote } from '../../../model/quote.ts';
import { postgresMajor } from '../../../model/versions.ts';
import { containersOf } from '../../../model/workload.ts';

/** What of a database cannot change at will. */
interface Facts {
  readonly image: string;
  /** The major version of its data; NaN where that cannot be known. */
  readonly major: number;
  readonly size: Json | undefined;
  /** The name of the database in the server; undefined where it was not made with the Cluster. */
  readonly database: Json | undefined;
}

/** Of a Cluster or a StatefulSet. Sources: CloudNativePG's `status.pgDataImageInfo` and `status.image`. */
function factsOf(object: KubernetesObject): Facts {
  const { kind, spec, status } = object;
  if (kind === 'StatefulSet') {
    const containers = containersOf(object);
    const image = String((containers.find(({ name }) => name === 'postgresql') ?? containers[0])?.image);
    const [volume] = maps(dig(spec, ['volumeClaimTemplates']));
    const size = dig(volume, ['spec', 'resources', 'requests', 'storage']);
    return { image, major: postgresMajor(image) ?? Number.NaN, size, database: undefined };
  }
  const image = String(dig(status, ['image']) ?? dig(spec, ['imageName']) ?? '');
  return {
    image,
    major: Number(dig(status, ['pgDataImageInfo', 'majorVersion']) ?? postgresMajor(image)),
    size: dig(spec, ['storage', 'size']),
    database: dig(spec, ['bootstrap', 'initdb', 'database']),
  };
}

/** What to do with a database that cannot become what is asked for. */
const leave =
  'let the chart keep it: spec.postgresql.enabled: false, and the DSN by secretKeyRef; or move the data by dump and restore as docs/database.md says';

/**
 * What stands against changing a database from what runs to what is asked for.
 *
 * @param running the Cluster or StatefulSet; undefined where there is none yet
 * @param asked the same as it is to be
 */
export function databaseFindings(
  running: KubernetesObject | undefined,
  asked: KubernetesObject | undefined,
): Finding[] {
  if (running === undefined || asked === undefined) return [];
  const [now, then] = [running.metadata.name, asked.metadata.name];
  if (now !== then) {
    const message = `the database runs as ${now}, and ${then} would take its place, with a volume of its own that is empty`;
    return [about('', 'database-renamed', message, leave)];
  }
  const [from, to] = [factsOf(running), factsOf(asked)];
  // CloudNativePG converts data and grows volumes; a StatefulSet does neither.
  const isFixed = running.kind === 'StatefulSet';
  const image = quote(to.image);
  const sizes = [to.size, from.size].filter((size) => typeof size === 'string');
  const grown = sizes.length < 2 ? 0 : compareQuantities(...(sizes as [string, string]));
  const found: Finding[] = [];
  if (Number.isNaN(from.major + to.major)) {
    const message = `whether ${image} fits the data of the database cannot be known: a tag without PostgreSQL's version`;
    const hint = 'see that it is not older than what runs';
    found.push(about('image', 'postgresql-unchecked', message, hint, 'warning'));
  } else if (to.major < from.major || (to.major > from.major && isFixed)) {
    const message = `the database has the data of PostgreSQL ${from.major}, and ${image} is ${to.major}, which cannot read it`;
    const hint = `name an image of PostgreSQL ${from.major}, or move the data by dump and restore as docs/database.md says`;
    found.push(about('image', `postgresql-${to.major < from.major ? 'down' : 'up'}grade`, message, hint));
  } else if (to.major > from.major) {
    const message = `PostgreSQL goes from ${from.major} to ${to.major}: the operator stops the database while it converts the data`;
    const hint = 'have a backup; there is no way back';
    found.push(about('image', 'postgresql-upgrade', message, hint, 'warning'));
  }
  if (grown < 0) {
    const message = `the volumes of the database have ${from.size}, and none ever shrinks to ${to.size}`;
    found.push(about('storage.size', 'storage-shrink', message, `set it to ${from.size} or more`));
  } else if (grown > 0 && isFixed) {
    const message = `the volumes of the database have ${from.size}, and a StatefulSet's size cannot change to ${to.size}`;
    const hint = `leave it at ${from.size} and grow the PersistentVolumeClaim by hand`;
    found.push(about('storage.size', 'storage-fixed', message, hint));
  }
  // The operator makes a Cluster's database once, and writes its name into the Secret with the DSN.
  if (from.database !== undefined && from.database !== (to.database ?? from.database)) {
    const message = `the program's database is called ${from.database}, and the DSN of a Cluster never leads to another such as ${to.database}`;
    found.push(about('database', 'database-name', message, `set it to ${from.database}`));
  }
  return found;
}

/** What our Cluster may lack of one of Helm's, and a CloudNativePG that is asked to take it away refuses. */
const volumes = { walStorage: 'a volume of its own for its write-ahead log', tablespaces: 'tablespaces' };

/** What stands against taking a Cluster over from Helm: what our object does not list goes with it. */
export function takeOverFindings({ spec: running }: KubernetesObject, asked: KubernetesObject): Finding[] {
  const has = (field: string) => dig(running, [field]) !== undefined;
  const lost = Object.entries(volumes).filter(
    ([field]) => has(field) && dig(asked.spec, [field]) === undefined,
  );
  const found = lost.map(([field, what]) => {
    const message = `the Cluster has ${what} (spec.${field}), which no option keeps and the operator never takes away`;
    return about('', 'cluster-volumes', message, leave);
  });
  const plugins = maps(dig(running, ['plugins']));
  const isArchived = has('backup') || plugins.some(({ isWALArchiver }) => isWALArchiver === true);
  if (!isArchived || maps(dig(asked.spec, ['plugins'])).length > 0) return found;
  const message = 'the Cluster archives its backups, and the environment has none, so they would end';
  const hint =
    'set spec.postgresql.backup as it is there; or take spec.backup and spec.plugins out of the Cluster first';
  return [...found, about('backup', 'cluster-backup', message, hint)];
}

/** A finding about an option of `spec.postgresql`. */
function about(option: string, code: string, message: string, hint: string, severity?: Severity): Finding {
  const path = ['spec', 'postgresql', ...option.split('.').filter(Boolean)];
  return { ...finding(code, message, hint, severity), path };
}
