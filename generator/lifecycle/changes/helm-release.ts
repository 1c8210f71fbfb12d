/**
 * Helm's records of a release, which it finds by their labels `owner=helm` and `name`. A record under another owner
 * does not exist for helm. Source: what helm 3 and 4 were seen to do.
 */
import { commandLine } from '../../model/command.ts';
import { isObject } from '../../model/json.ts';
import { type KubernetesObject, namespaceOf } from '../../model/object.ts';
import { parseYaml } from '../../model/yaml.ts';
import type { Client } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { type ClusterAccess, inCluster } from '../api/kube-config.ts';
import { apiPath, knownType, shortName, splitVersion } from '../api/resources.ts';
import {
  decodeRecord,
  isVisible,
  recordKinds,
  recordLabel,
  recordsOf,
  revisionOf,
} from '../state/helm-record.ts';

/** The owner of a record that is out of helm's sight. */
const parkedOwner = 'parked-by-glyphoxa-kustomize';

/** A release of Helm's that objects of ours belong to. */
export interface HelmRelease {
  readonly name: string;
  readonly namespace: string;
  /** Its records; none where helm keeps them outside the cluster. */
  readonly records: readonly KubernetesObject[];
  /** Whether the records may not be read. */
  readonly isForbidden: boolean;
  /** What its newest revision consists of; undefined where that cannot be read. */
  readonly objects: readonly KubernetesObject[] | undefined;
}

/** The release that an object says it belongs to; undefined where it names none. */
export function releaseOf({
  metadata,
}: KubernetesObject): Pick<HelmRelease, 'name' | 'namespace'> | undefined {
  const annotations = isObject(metadata.annotations) ? metadata.annotations : {};
  const { 'meta.helm.sh/release-name': name, 'meta.helm.sh/release-namespace': namespace } = annotations;
  if (typeof name !== 'string' || name === '') return undefined;
  const own = String(metadata.namespace ?? '');
  return { name, namespace: typeof namespace === 'string' ? namespace : own };
}

/** Reads the records of a release, those that are parked among them. */
export async function readRelease(
  client: Client,
  { name, namespace }: Pick<HelmRelease, 'name' | 'namespace'>,
): Promise<HelmRelease> {
  try {
    const records = await recordsOf(client, name, namespace);
    const newest = records.at(-1);
    const objects = newest === undefined ? undefined : manifestOf(newest, namespace);
    return { name, namespace, records, isForbidden: false, objects };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    return { name, namespace, records: [], isForbidden: true, objects: undefined };
  }
}

/**
 * Puts the records out of helm's sight: from then on `helm uninstall` does not find the release, and cannot delete
 * what belonged to it.
 */
export async function parkRelease(
  client: Client,
  { records }: HelmRelease,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<void> {
  await Promise.all(
    records.filter(isVisible).map(async (record) => {
      const type = knownType('v1', record.kind);
      await client.send('PATCH', apiPath(type, namespaceOf(record), record.metadata.name), {
        query: { dryRun: dryRun ? 'All' : undefined },
        contentType: 'application/merge-patch+json',
        body: { metadata: { labels: { owner: parkedOwner } } },
      });
    }),
  );
}

/**
 * The command lines that undo an adoption: helm sees the release again, and makes its objects what they were. helm 4
 * takes their fields back with `--force-conflicts` only, which helm 3 does not know.
 */
export function undoCommands(release: HelmRelease, access: ClusterAccess): string[] {
  const { name, namespace, records } = release;
  const deployed =
    records.findLast((record) => recordLabel(record, 'status') === 'deployed') ?? records.at(-1);
  const revision = deployed === undefined ? [] : [String(revisionOf(deployed))];
  return [
    ...kindsOf(release).map(
      (kind) =>
        commandLine`kubectl ${placeOf(access)} -n ${namespace} label ${kind} -l ${`name=${name},owner=${parkedOwner}`} owner=helm --overwrite`,
    ),
    // without its number helm goes to the revision before
    commandLine`helm rollback ${name} ${revision} -n ${namespace} ${placeOf(access, '--kube-context')}`,
  ];
}

/** The command lines that delete the records of a parked release. */
export function forgetCommands(release: HelmRelease, access: ClusterAccess): string[] {
  const { name, namespace } = release;
  return kindsOf(release).map(
    (kind) =>
      commandLine`kubectl ${placeOf(access)} -n ${namespace} delete ${kind} -l ${`name=${name},owner=${parkedOwner}`}`,
  );
}

/** The kinds of its records: one, but where helm was told to keep them otherwise meanwhile. */
function kindsOf({ records }: HelmRelease): string[] {
  const kinds = recordKinds.filter((kind) => records.some((record) => record.kind === kind));
  return kinds.map((kind) => kind.toLowerCase());
}

/** How a command line is led to the same cluster. */
function placeOf({ kubeconfig, context }: ClusterAccess, flag = '--context'): string[] {
  return [
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === inCluster ? [] : [`${flag}=${context}`]),
  ];
}

/** What the release has and a target does not list, as kubectl names objects; undefined where it is not known. */
export function leftOf(
  { objects, namespace }: HelmRelease,
  listed: readonly KubernetesObject[],
): string[] | undefined {
  const key = (object: KubernetesObject) =>
    `${shortName(object)} ${namespaceOf(object) ?? namespace} ${splitVersion(object.apiVersion).group}`;
  const known = new Set(listed.map(key));
  return objects?.filter((object) => !known.has(key(object))).map(shortName);
}

/** Reads the objects of a record. The rest of it, such as the values with their secrets, is not looked at. */
function manifestOf(record: KubernetesObject, namespace: string): KubernetesObject[] | undefined {
  try {
    const manifest = String(decodeRecord(record).manifest ?? '');
    const objects = parseYaml(manifest).filter(
      (value) => isObject(value) && isObject(value.metadata),
    ) as KubernetesObject[];
    return objects.map((object) => ({
      ...object,
      metadata: { ...object.metadata, namespace: namespaceOf(object) ?? namespace },
    }));
  } catch {
    // a message would quote what cannot be read, and that holds secrets
    return undefined;
  }
}
