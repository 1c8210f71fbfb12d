/**
 * The CustomResourceDefinitions around a database, as far as they are documented for what is written here: an API
 * server refuses a field that is not among these, as the projects' own would. Looked up in the API references of
 * CloudNativePG 1.30, of its Barman Cloud plugin 0.14 and of Prometheus' operator; a new field is looked up by hand.
 */
import type { JsonObject } from '../../generator/model/json.ts';

const text: JsonObject = { type: 'string' };
const integer: JsonObject = { type: 'integer' };
const flag: JsonObject = { type: 'boolean' };
const texts: JsonObject = { type: 'object', additionalProperties: text };
/** What other tests put there, and no more is asked of it. */
const anything: JsonObject = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const choice = (...words: string[]): JsonObject => ({ type: 'string', enum: words });
const list = (items: JsonObject): JsonObject => ({ type: 'array', items });
const object = (properties: JsonObject, ...required: string[]): JsonObject => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
});

const named = object({ name: text }, 'name');
const key = object({ name: text, key: text }, 'name', 'key');
const plugin = { name: text, enabled: flag, isWALArchiver: flag, parameters: texts };

/** What of a Cluster is documented, and what the chart of earlier versions' stand-in writes beside it. */
const cluster = object(
  {
    instances: { ...integer, minimum: 1, default: 1 },
    imageName: text,
    imagePullPolicy: text,
    imagePullSecrets: list(named),
    storage: object({
      size: text,
      storageClass: text,
      resizeInUseVolumes: { ...flag, default: true },
    }),
    walStorage: anything,
    resources: object({
      requests: { type: 'object', additionalProperties: { 'x-kubernetes-int-or-string': true } },
      limits: { type: 'object', additionalProperties: { 'x-kubernetes-int-or-string': true } },
    }),
    affinity: anything,
    bootstrap: object({
      initdb: object({ database: text, owner: text }),
      recovery: object({ source: text, database: text, owner: text, recoveryTarget: anything }),
    }),
    externalClusters: list(object({ name: text, plugin: object(plugin, 'name') }, 'name')),
    enableSuperuserAccess: flag,
    enablePDB: { ...flag, default: true },
    plugins: list(object(plugin, 'name')),
    postgresql: object({ parameters: texts }),
    priorityClassName: text,
    ...Object.fromEntries(
      ['imageCatalogRef', 'additionalLabels', 'annotations', 'backup', 'initdb'].map((name) => [
        name,
        anything,
      ]),
    ),
    superuserSecret: { 'x-kubernetes-preserve-unknown-fields': true },
  },
  'instances',
);

const database = object(
  {
    cluster: named,
    name: text,
    owner: text,
    ensure: choice('present', 'absent'),
    databaseReclaimPolicy: choice('delete', 'retain'),
    extensions: list(object({ name: text, ensure: choice('present', 'absent'), version: text }, 'name')),
  },
  'cluster',
  'name',
  'owner',
);

const scheduledBackup = object(
  {
    cluster: named,
    schedule: text,
    immediate: flag,
    method: choice('barmanObjectStore', 'volumeSnapshot', 'plugin'),
    pluginConfiguration: object({ name: text, parameters: texts }, 'name'),
    backupOwnerReference: choice('none', 'self', 'cluster'),
  },
  'cluster',
  'schedule',
);

const compression = object({ compression: choice('bzip2', 'gzip', 'lz4', 'snappy') });

const objectStore = object(
  {
    retentionPolicy: { ...text, pattern: '^[1-9][0-9]*[dwm]$' },
    configuration: object(
      {
        destinationPath: { ...text, minLength: 1 },
        endpointURL: text,
        s3Credentials: object({ accessKeyId: key, secretAccessKey: key, inheritFromIAMRole: flag }),
        googleCredentials: object({ applicationCredentials: key, gkeEnvironment: flag }),
        azureCredentials: object({ connectionString: key, inheritFromAzureAD: flag }),
        wal: compression,
        data: compression,
      },
      'destinationPath',
    ),
  },
  'configuration',
);

const podMonitor = object(
  {
    selector: object({ matchLabels: texts }),
    podMetricsEndpoints: list(object({ port: text })),
  },
  'selector',
);

function definition(group: string, kind: string, spec: JsonObject): JsonObject {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind, singular: kind.toLowerCase() },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: object({ spec, status: anything }, 'spec') },
        },
      ],
    },
  };
}

/** CloudNativePG's own, which its operator brings. */
export const operatorDefinitions: readonly JsonObject[] = [
  definition('postgresql.cnpg.io', 'Cluster', cluster),
  definition('postgresql.cnpg.io', 'Database', database),
  definition('postgresql.cnpg.io', 'ScheduledBackup', scheduledBackup),
];

/** Of the Barman Cloud plugin, and of Prometheus' operator. */
export const otherDefinitions: readonly JsonObject[] = [
  definition('barmancloud.cnpg.io', 'ObjectStore', objectStore),
  definition('monitoring.coreos.com', 'PodMonitor', podMonitor),
];
