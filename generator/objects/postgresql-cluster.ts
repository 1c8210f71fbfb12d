/**
 * The database by CloudNativePG, as objects that its operator makes true. Written here and not by a chart: see
 * docs/adr/0028-the-cluster-is-an-object-of-ours.md. No value of a secret stands in any of them.
 */
import type { Config } from '../config/schema/resource.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { metadataOf, namesOf } from './names.ts';
import { containerResources, pullSecrets } from './pod.ts';

/** The image of CloudNativePG that carries pgvector. */
const vectorImage = 'ghcr.io/cloudnative-pg/postgresql:17-standard-trixie';

/** The plugin that archives to an object store. */
const barmanCloud = 'barman-cloud.cloudnative-pg.io';

/** The Cluster and what is around it, all under one name. */
export function postgresqlCluster(config: Config): KubernetesObject[] {
  const { backup, monitoring } = config.spec.postgresql;
  return [
    // The Cluster's plugin looks for its store.
    ...(backup.enabled ? [objectStore(config)] : []),
    cluster(config),
    database(config),
    ...(backup.enabled ? [scheduledBackup(config)] : []),
    ...(monitoring.enabled ? [podMonitor(config)] : []),
  ];
}

const api = 'postgresql.cnpg.io/v1';

function cluster(config: Config): KubernetesObject {
  const { instances, image = vectorImage, storage, resources, database, backup } = config.spec.postgresql;
  const { name } = meta(config);
  const parameters = {
    barmanObjectName: name,
    ...(backup.serverName === undefined ? {} : { serverName: backup.serverName }),
  };
  return {
    apiVersion: api,
    kind: 'Cluster',
    metadata: meta(config),
    // What is not here has CloudNativePG's default: instances keep to different nodes where there are some, and one
    // instance runs wherever its volume can be.
    spec: {
      instances,
      imageName: image,
      ...pullSecrets(config),
      storage: volume(storage),
      ...containerResources(resources),
      enableSuperuserAccess: false,
      bootstrap: { initdb: { database, owner: database } },
      ...(backup.enabled ? { plugins: [{ name: barmanCloud, isWALArchiver: true, parameters }] } : {}),
    },
  };
}

/**
 * The database as the operator knows it. CloudNativePG makes it with the cluster; this declares what must be in
 * it. The program would create the extension too, as the database's owner may.
 */
function database(config: Config): KubernetesObject {
  const { database: name } = config.spec.postgresql;
  return {
    apiVersion: api,
    kind: 'Database',
    metadata: meta(config),
    spec: {
      cluster: { name: meta(config).name },
      name,
      owner: name,
      ensure: 'present',
      databaseReclaimPolicy: 'retain',
      extensions: [{ name: 'vector', ensure: 'present' }],
    },
  };
}

function scheduledBackup(config: Config): KubernetesObject {
  const { schedule } = config.spec.postgresql.backup;
  return {
    apiVersion: api,
    kind: 'ScheduledBackup',
    metadata: meta(config),
    spec: {
      cluster: { name: meta(config).name },
      schedule,
      // Until there is a first backup nothing can be restored.
      immediate: true,
      method: 'plugin',
      pluginConfiguration: { name: barmanCloud },
      backupOwnerReference: 'self',
    },
  };
}

function objectStore(config: Config): KubernetesObject {
  const {
    destinationPath = '',
    endpointURL,
    retentionPolicy,
    existingSecret,
  } = config.spec.postgresql.backup;
  return {
    apiVersion: 'barmancloud.cnpg.io/v1',
    kind: 'ObjectStore',
    metadata: meta(config),
    spec: {
      retentionPolicy,
      configuration: {
        destinationPath,
        ...(endpointURL === undefined ? {} : { endpointURL }),
        ...credentials(destinationPath, existingSecret),
        wal: { compression: 'gzip' },
        data: { compression: 'gzip' },
      },
    },
  };
}

/** The fields of a store's credentials, and the keys of the Secret that they are read from. */
const stores: { readonly [scheme: string]: { field: string; keys: JsonObject; identity: string } } = {
  s3: {
    field: 's3Credentials',
    keys: { accessKeyId: 'access-key-id', secretAccessKey: 'secret-access-key' },
    identity: 'inheritFromIAMRole',
  },
  gs: {
    field: 'googleCredentials',
    keys: { applicationCredentials: 'credentials' },
    identity: 'gkeEnvironment',
  },
  https: {
    field: 'azureCredentials',
    keys: { connectionString: 'connection-string' },
    identity: 'inheritFromAzureAD',
  },
};

const storeOf = (destination: string) => stores[destination.split(':')[0] ?? ''];

/** The keys that the Secret of a backup must have. */
export function backupKeys(destinationPath: string): string[] {
  return Object.values(storeOf(destinationPath)?.keys ?? {}).map(String);
}

/** How the store is entered: by keys of a Secret, or by the identity that the cloud gives the pods. */
function credentials(destinationPath: string, name: string | undefined): JsonObject {
  const store = storeOf(destinationPath);
  if (store === undefined) return {};
  const { field, keys, identity } = store;
  if (name === undefined) return { [field]: { [identity]: true } };
  return { [field]: Object.fromEntries(Object.entries(keys).map(([part, key]) => [part, { name, key }])) };
}

/** Of our own, since `spec.monitoring.enablePodMonitor` of the Cluster is on its way out. */
function podMonitor(config: Config): KubernetesObject {
  const { labels, ...metadata } = meta(config);
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: {
      ...metadata,
      labels: { ...(labels as JsonObject), ...config.spec.postgresql.monitoring.labels },
    },
    spec: {
      selector: { matchLabels: { 'cnpg.io/cluster': metadata.name } },
      podMetricsEndpoints: [{ port: 'metrics' }],
    },
  };
}

function meta(config: Config) {
  return metadataOf(config, namesOf(config).postgresql);
}

/** A size as it is written, and the class where there is one: both providers call them the same. */
export function volume(storage: {
  readonly size: string | number;
  readonly storageClass?: string;
}): JsonObject {
  const { size, storageClass } = storage;
  return { size: String(size), ...(storageClass === undefined ? {} : { storageClass }) };
}
