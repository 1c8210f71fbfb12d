/**
 * The documented values of the upstream charts at the versions that are the defaults: what tests hold our
 * `valuesInline` against. Taken from the charts' README and values.yaml, section by section; sections that
 * nothing here sets are left out, so that setting one fails a test until it was looked up.
 */
import type { Json, JsonObject } from '../../generator/model/json.ts';

/** The charts that the infrastructure is made of. */
export type ChartName = 'cloudnative-pg' | 'cluster' | 'postgresql' | 'sealed-secrets';

interface Documented {
  /** Where the values are documented. */
  readonly source: string;
  /** The defaults; an empty map stands for one that the chart hands on as it is. */
  readonly defaults: JsonObject;
}

const image = (repository: string, tag: string): JsonObject => ({
  registry: 'docker.io',
  repository,
  tag,
  digest: '',
  pullPolicy: 'IfNotPresent',
  pullSecrets: [],
});

/** The documented values of each chart. */
export const chartValues: Record<ChartName, Documented> = {
  'cloudnative-pg': {
    source: 'https://github.com/cloudnative-pg/charts, charts/cloudnative-pg, 0.29.0',
    defaults: {
      replicaCount: 1,
      image: { repository: 'ghcr.io/cloudnative-pg/cloudnative-pg', pullPolicy: 'IfNotPresent', tag: '' },
      imagePullSecrets: [],
      nameOverride: '',
      fullnameOverride: '',
      namespaceOverride: '',
      crds: { create: true },
      resources: {},
      nodeSelector: {},
      tolerations: [],
      priorityClassName: '',
    },
  },
  cluster: {
    source: 'https://github.com/cloudnative-pg/charts, charts/cluster, 0.8.1',
    defaults: {
      nameOverride: '',
      fullnameOverride: '',
      namespaceOverride: '',
      type: 'postgresql',
      version: { postgresql: '16', timescaledb: '2.15', postgis: '3.4' },
      mode: 'standalone',
      cluster: {
        instances: 3,
        imageName: '',
        imageCatalogRef: {},
        imagePullPolicy: 'IfNotPresent',
        imagePullSecrets: [],
        storage: { size: '8Gi', storageClass: '' },
        walStorage: { enabled: false, size: '1Gi', storageClass: '' },
        resources: {},
        priorityClassName: '',
        affinity: {},
        enableSuperuserAccess: true,
        superuserSecret: '',
        enablePDB: true,
        initdb: {},
        additionalLabels: {},
        annotations: {},
      },
      backups: { enabled: false },
      databases: [],
      poolers: [],
    },
  },
  postgresql: {
    source: 'https://github.com/bitnami/charts, bitnami/postgresql, 16.4.11',
    defaults: {
      global: { imageRegistry: '', imagePullSecrets: [], security: { allowInsecureImages: false } },
      nameOverride: '',
      fullnameOverride: '',
      image: { ...image('bitnami/postgresql', '17.3.0-debian-12-r3'), debug: false },
      auth: {
        enablePostgresUser: true,
        postgresPassword: '',
        username: '',
        password: '',
        database: '',
        existingSecret: '',
        secretKeys: { adminPasswordKey: 'postgres-password', userPasswordKey: 'password' },
      },
      architecture: 'standalone',
      primary: {
        resourcesPreset: 'nano',
        resources: {},
        persistence: { enabled: true, storageClass: '', size: '8Gi', accessModes: ['ReadWriteOnce'] },
      },
      volumePermissions: { enabled: false, image: image('bitnami/os-shell', '12-debian-12-r39') },
      metrics: { enabled: false, image: image('bitnami/postgres-exporter', '0.16.0-debian-12-r13') },
    },
  },
  'sealed-secrets': {
    source: 'https://github.com/bitnami/sealed-secrets, helm/sealed-secrets, 2.19.1',
    defaults: {
      kubeVersion: '',
      nameOverride: '',
      fullnameOverride: '',
      namespace: '',
      extraDeploy: [],
      commonAnnotations: {},
      secretName: 'sealed-secrets-key',
      keyrenewperiod: '',
      resources: {},
      priorityClassName: '',
    },
  },
};

/** A JSON Schema by which helm refuses every value that is not documented. */
export function valuesSchema(name: ChartName): JsonObject {
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...schemaOf(chartValues[name].defaults) };
}

function schemaOf(value: Json): JsonObject {
  if (Array.isArray(value)) return { type: 'array' };
  if (typeof value !== 'object' || value === null) return { type: typeof value as string };
  const keys = Object.keys(value);
  if (keys.length === 0) return { type: 'object' };
  const properties = Object.fromEntries(keys.map((key) => [key, schemaOf(value[key] as Json)]));
  // helm adds `global` to every chart's values.
  if (keys.includes('nameOverride') && !keys.includes('global')) properties.global = { type: 'object' };
  return { type: 'object', properties, additionalProperties: false };
}
