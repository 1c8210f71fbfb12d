/**
 * The Helm chart of the program, as it is published: its values, their defaults, and where each goes in the resource. The
 * page docs/moving.md has the same table.
 */
import type { JsonObject } from '../model/json.ts';

/** The version of the program that the chart deploys where no tag is named. */
export const chartAppVersion = '0.1.0';

const tolerations = [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }];

const amounts = (requests: [string, string], limits: [string, string]): JsonObject => ({
  requests: { cpu: requests[0], memory: requests[1] },
  limits: { cpu: limits[0], memory: limits[1] },
});

/** The chart's own values. */
export const chartDefaults: JsonObject = {
  topology: 'shared',
  image: { repository: 'ghcr.io/mrwong99/glyphoxa', tag: '', pullPolicy: 'IfNotPresent' },
  imagePullSecrets: [],
  gateway: {
    replicaCount: 3,
    adminKey: '',
    ports: { admin: 8081, grpc: 50051, observe: 9090 },
    resources: amounts(['250m', '256Mi'], ['1', '512Mi']),
    nodeSelector: {},
    tolerations: [],
    podAntiAffinity: { enabled: true },
    serviceAccount: { create: true, name: 'glyphoxa-gateway', annotations: {} },
  },
  worker: {
    resourceProfile: 'cloud',
    profiles: {
      cloud: amounts(['500m', '384Mi'], ['2', '768Mi']),
      'whisper-native': amounts(['1', '1Gi'], ['4', '2Gi']),
      'local-llm': amounts(['4', '4Gi'], ['8', '8Gi']),
    },
    activeDeadlineSeconds: 14400,
    ttlSecondsAfterFinished: 300,
    ports: { grpc: 50051, observe: 9090 },
    nodeSelector: {},
    tolerations: [],
    gpu: { nodeSelector: { 'nvidia.com/gpu': 'true' }, tolerations },
  },
  mcpGateway: {
    enabled: true,
    replicaCount: 2,
    ports: { mcp: 8080, observe: 9090 },
    resources: amounts(['250m', '256Mi'], ['1', '512Mi']),
    nodeSelector: {},
    tolerations: [],
  },
  config: { data: {} },
  vault: { enabled: false, addr: '' },
  secrets: {
    vaultToken: '',
    databaseDSN: '',
    elevenlabsApiKey: '',
    geminiApiKey: '',
    deepgramApiKey: '',
    openaiApiKey: '',
  },
  database: { dsn: '' },
  networkPolicy: { enabled: true },
  autoscaling: { enabled: false, minReplicas: 2, maxReplicas: 10, targetCPUUtilizationPercentage: 70 },
  postgresql: {
    enabled: false,
    auth: { postgresPassword: '', database: 'glyphoxa' },
    primary: { persistence: { size: '10Gi' } },
  },
  'sealed-secrets': { enabled: false },
};

/** How a value of the chart becomes one of the resource. */
export type Reading =
  /** Handed on as it stands. */
  | 'value'
  /** True or false as Go's templates see it. */
  | 'flag'
  /** A whole number, which helm takes from a text too. */
  | 'number'
  /** Requests and limits; what a null took away of the defaults is taken away by a pod patch. */
  | 'resources'
  /** A secret: it stays where it is. */
  | 'secret'
  /** Read in a way of its own, in convert.ts. */
  | 'special';

/** A value of the chart, and what it is in the resource. */
export interface Row {
  readonly helm: string;
  /** The path in the resource; of a secret the key of the Secret. */
  readonly to: string;
  readonly as: Reading;
}

const row = (helm: string, to: string, as: Reading = 'value'): Row => ({ helm, to, as });

const workload = (helm: string, to: string): Row[] => [
  row(`${helm}.replicaCount`, `${to}.replicaCount`, 'number'),
  row(`${helm}.resources`, `${to}.resources`, 'resources'),
  ...placement(helm, to),
];

const placement = (helm: string, to: string): Row[] => [
  row(`${helm}.nodeSelector`, `${to}.nodeSelector`),
  row(`${helm}.tolerations`, `${to}.tolerations`),
];

/** Every value of the chart that has a counterpart. */
export const rows: readonly Row[] = [
  row('topology', 'spec.core.topology', 'special'),
  row('image.repository', 'spec.core.image.repository', 'value'),
  row('image.tag', 'spec.core.image.tag', 'special'),
  row('image.pullPolicy', 'spec.core.image.pullPolicy', 'value'),
  row('imagePullSecrets', 'spec.core.imagePullSecrets', 'value'),
  ...workload('gateway', 'spec.gateway'),
  row('gateway.adminKey', 'admin-key', 'secret'),
  row('gateway.ports.admin', 'spec.gateway.ports.admin', 'number'),
  row('gateway.ports.grpc', 'spec.gateway.ports.grpc', 'number'),
  row('gateway.ports.observe', 'spec.gateway.ports.observe', 'number'),
  row('gateway.podAntiAffinity.enabled', 'spec.gateway.podAntiAffinity.enabled', 'flag'),
  row('gateway.serviceAccount.create', 'spec.gateway.serviceAccount.create', 'flag'),
  row('gateway.serviceAccount.name', 'spec.gateway.serviceAccount.name', 'special'),
  row('gateway.serviceAccount.annotations', 'spec.gateway.serviceAccount.annotations', 'value'),
  row('worker.resourceProfile', 'spec.worker.resourceProfile', 'special'),
  row('worker.profiles', 'spec.worker.profiles', 'special'),
  row('worker.activeDeadlineSeconds', 'spec.worker.activeDeadlineSeconds', 'number'),
  row('worker.ttlSecondsAfterFinished', 'spec.worker.ttlSecondsAfterFinished', 'number'),
  row('worker.ports.grpc', 'spec.worker.ports.grpc', 'number'),
  row('worker.ports.observe', 'spec.worker.ports.observe', 'number'),
  ...placement('worker', 'spec.worker'),
  row('worker.gpu', 'spec.worker.gpu.enabled', 'special'),
  row('worker.gpu.nodeSelector', 'spec.worker.gpu.nodeSelector', 'special'),
  row('worker.gpu.tolerations', 'spec.worker.gpu.tolerations', 'special'),
  row('mcpGateway.enabled', 'spec.mcpGateway.enabled', 'flag'),
  ...workload('mcpGateway', 'spec.mcpGateway'),
  row('mcpGateway.ports.mcp', 'spec.mcpGateway.ports.mcp', 'number'),
  row('mcpGateway.ports.observe', 'spec.mcpGateway.ports.observe', 'number'),
  row('config.data', 'spec.config', 'special'),
  row('vault.enabled', 'spec.vault.enabled', 'flag'),
  row('vault.addr', 'spec.vault.addr', 'value'),
  row('secrets.vaultToken', 'vault-token', 'secret'),
  row('secrets.databaseDSN', 'database-dsn', 'secret'),
  row('secrets.elevenlabsApiKey', 'elevenlabs-api-key', 'secret'),
  row('secrets.geminiApiKey', 'gemini-api-key', 'secret'),
  row('secrets.deepgramApiKey', 'deepgram-api-key', 'secret'),
  row('secrets.openaiApiKey', 'openai-api-key', 'secret'),
  row('database.dsn', 'database-dsn', 'secret'),
  row('networkPolicy.enabled', 'spec.networkPolicy.enabled', 'flag'),
  row('autoscaling.enabled', 'spec.autoscaling.enabled', 'flag'),
  row('autoscaling.minReplicas', 'spec.autoscaling.minReplicas', 'number'),
  row('autoscaling.maxReplicas', 'spec.autoscaling.maxReplicas', 'number'),
  row(
    'autoscaling.targetCPUUtilizationPercentage',
    'spec.autoscaling.targetCPUUtilizationPercentage',
    'number',
  ),
  row('postgresql.enabled', 'spec.postgresql.enabled', 'flag'),
  row('postgresql.auth.database', 'spec.postgresql.database', 'value'),
  row('postgresql.auth.postgresPassword', 'postgres-password', 'secret'),
  row('postgresql.auth.existingSecret', 'spec.postgresql.existingSecret'),
  row('postgresql.primary.persistence.size', 'spec.postgresql.storage.size', 'value'),
  row('postgresql.primary.persistence.storageClass', 'spec.postgresql.storage.storageClass'),
  row('postgresql.primary.resources', 'spec.postgresql.resources'),
  row('sealed-secrets.enabled', 'spec.sealedSecrets.enabled', 'flag'),
];
