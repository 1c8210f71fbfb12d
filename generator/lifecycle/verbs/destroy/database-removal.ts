/** The database of a release and its volumes, which a destroy leaves unless they are named. */
import { dig, type Json, maps } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { unlessForbidden } from '../../api/errors.ts';
import { apiPath, findType, knownType, type ResourceType, shortName } from '../../api/resources.ts';
import type { Session } from '../../session/session.ts';
import { databaseCluster, databaseObject, databaseOf } from '../../state/database.ts';

/** What there is. */
export interface DatabaseParts {
  /** What stands around a Cluster of CloudNativePG, then the Cluster or a StatefulSet, then the Cluster's ObjectStore. */
  readonly servers: readonly KubernetesObject[];
  /** PersistentVolumeClaims with their data. */
  readonly volumes: readonly KubernetesObject[];
}

const scheduledBackup: ResourceType = {
  ...databaseCluster,
  kind: 'ScheduledBackup',
  plural: 'scheduledbackups',
};
const objectStore: ResourceType = {
  ...databaseCluster,
  group: 'barmancloud.cnpg.io',
  kind: 'ObjectStore',
  plural: 'objectstores',
};
const podMonitor: ResourceType = {
  ...databaseCluster,
  group: 'monitoring.coreos.com',
  kind: 'PodMonitor',
  plural: 'podmonitors',
};

/**
 * The order in which they are deleted, in waves: no backup begins any more, and a Database is finished off by its
 * Cluster's operator, so both go while the Cluster is there; the Cluster archives to its ObjectStore until it is gone.
 */
const waves: readonly (readonly string[])[] = [
  ['ScheduledBackup', 'PodMonitor', 'Database'],
  ['Cluster', 'StatefulSet'],
  ['ObjectStore'],
];

/** Whether an object holds data, or runs: the others only stand around it, and can be made again. */
export function holdsData({ kind }: KubernetesObject): boolean {
  return kind === 'Cluster' || kind === 'StatefulSet';
}

const volumeType = knownType('v1', 'PersistentVolumeClaim');

/** The label that CloudNativePG gives the volumes of a Cluster. */
const clusterLabel = 'cnpg.io/cluster';

/**
 * Finds the database by the names that the infrastructure gives it, also where the environment does not ask for
 * one any more.
 */
export async function readDatabase(session: Session): Promise<DatabaseParts> {
  const { client, target } = session;
  const { namespace, release } = target;
  const names = [...new Set([databaseOf(target).object?.name ?? '', `${release}-postgresql`])].filter(
    Boolean,
  );
  const statefulSet = knownType('apps/v1', 'StatefulSet');
  const types = [scheduledBackup, podMonitor, databaseObject, databaseCluster, statefulSet, objectStore];
  const [claims = [], ...servers] = await Promise.all([
    unlessForbidden(client.list(volumeType, namespace)),
    ...types.flatMap((type) =>
      names.map((name) => unlessForbidden(client.get(apiPath(type, namespace, name)))),
    ),
  ]);
  return {
    servers: servers.filter((server) => server !== undefined),
    volumes: claims.filter((claim) => names.some((name) => isVolumeOf(name, claim))),
  };
}

/** CloudNativePG labels its volumes; those of a StatefulSet are called after a template, the set and a number. */
function isVolumeOf(name: string, { metadata }: KubernetesObject): boolean {
  if (dig(metadata.labels, [clusterLabel]) === name) return true;
  const [, before = '', number] = new RegExp(`^(.+-)${name}-(\\d+)$`).exec(metadata.name) ?? [];
  return number !== undefined && before === 'data-';
}

/** What is lost with the servers, in words. */
export function serverLosses({ servers, volumes }: DatabaseParts, keepsVolumes: boolean): string[] {
  return servers.map((server) => {
    const instances = dig(server, ['spec', 'instances']) ?? dig(server, ['spec', 'replicas']);
    const size = typeof instances === 'number' ? ` with its ${instances} instances` : '';
    const data = !holdsData(server)
      ? server.kind === 'ObjectStore'
        ? '; the backups in the store stay'
        : ''
      : keepsVolumes
        ? `; its data stays on ${volumes.length === 0 ? 'no volume: it is lost' : volumes.map(shortName).join(', ')}`
        : '; its data is lost with the volumes';
    return `${shortName(server)}${size}${data}`;
  });
}

/** What is lost with the volumes, in words. */
export function volumeLosses({ volumes }: DatabaseParts): string[] {
  return volumes.map((volume) => {
    const size =
      dig(volume, ['status', 'capacity', 'storage']) ??
      dig(volume, ['spec', 'resources', 'requests', 'storage']);
    return `${shortName(volume)}${typeof size === 'string' ? ` of ${size}` : ''}: all that the program remembers, unless you have a backup`;
  });
}

/** The servers in the order in which they are deleted, each wave once the one before is gone. */
export function serverWaves({ servers }: DatabaseParts): KubernetesObject[][] {
  const found = waves.map((kinds) => servers.filter(({ kind }) => kinds.includes(kind)));
  return found.filter(({ length }) => length > 0);
}

/** Takes volumes that are to stay from the Cluster: CloudNativePG makes it their owner, and they would go with it. */
export async function disownVolumes(session: Session, { servers, volumes }: DatabaseParts): Promise<void> {
  await Promise.all(volumes.map((volume) => disown(session, volume, servers)));
}

async function disown(
  { client }: Session,
  volume: KubernetesObject,
  servers: readonly KubernetesObject[],
): Promise<void> {
  const type = await findType(client, volume);
  const uids = new Set<Json | undefined>(servers.map(({ metadata }) => metadata.uid));
  const owners = maps(volume.metadata.ownerReferences);
  const left = owners.filter(({ uid }) => !uids.has(uid));
  if (type === undefined || left.length === owners.length) return;
  const { name, namespace } = volume.metadata;
  await client.send('PATCH', apiPath(type, namespace as string, name), {
    contentType: 'application/merge-patch+json',
    body: {
      metadata: {
        ownerReferences: left,
        // as "kubectl cnpg destroy --keep-pvc" marks them
        annotations: { 'cnpg.io/pvcStatus': 'detached' },
      },
    },
  });
}
