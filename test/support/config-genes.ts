/** The independent parts that a random configuration is drawn from. */
import * as fc from 'fast-check';
import type { Json, JsonObject } from '../../generator/model/json.ts';
import { campaign, mcpServers, npcs, providers } from './app-genes.ts';
import { arbitraryText, flag, from, maybe, pick, rarely, some } from './gene-choices.ts';
import { arbitraryPodPatch } from './pod-patches.ts';
import { keyTable } from './secret-keys.ts';

const labels = (extra: { [key: string]: fc.Arbitrary<Json> } = {}) =>
  some({
    disktype: pick('ssd', 'yes', '1.10', ''),
    'example.com/pool': pick('voice', 'true', '0755'),
    'topology.kubernetes.io/zone': pick('a', 'b'),
    ...extra,
  });

const annotations = some({
  'example.com/role': pick('arn:aws:iam::123456789012:role/glyphoxa', 'a'),
  'example.com/text': arbitraryText,
  note: arbitraryText,
});

const tolerations = from<JsonObject>(
  { key: 'dedicated', value: 'voice', effect: 'NoSchedule' },
  { key: 'dedicated', operator: 'Equal', value: 'yes', effect: 'NoSchedule' },
  { key: 'spot', operator: 'Exists' },
  { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
  { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
  { operator: 'Exists' },
);

/** Requests that are below every default limit, limits that are above every default request. */
const resources = (cpuLimits: Json[], memoryLimits: Json[]) =>
  fc
    .tuple(
      some({
        cpu: pick<Json>('100m', '0.25', '250m', 0.1),
        memory: pick<Json>('64Mi', '128M', '256Mi', '1e8'),
      }),
      some({ cpu: pick(...cpuLimits), memory: pick(...memoryLimits) }),
      pick<[JsonObject, JsonObject]>(
        [{}, {}],
        [{ 'ephemeral-storage': '1Gi' }, { 'ephemeral-storage': '2Gi' }],
        [{ 'example.com/device': 2 }, { 'example.com/device': '2' }],
        [{}, { 'ephemeral-storage': '1024Mi' }],
      ),
      fc.constantFrom('both', 'requests', 'limits', 'none'),
    )
    .map(([requests, limits, [moreRequests, moreLimits], sides]): JsonObject => {
      if (sides === 'none') return {};
      if (sides === 'requests') return { requests };
      if (sides === 'limits') return { limits };
      return { requests: { ...requests, ...moreRequests }, limits: { ...limits, ...moreLimits } };
    });

const serverResources = resources(['1', '1500m', 2, '4000m'], ['512Mi', '1Gi', 1073741824, '1024Mi']);
const profileResources = resources(['8', '12000m', 16], ['8Gi', '12884901888', '10G']);

const image = some({
  repository: pick('ghcr.io/mrwong99/glyphoxa', 'registry.example.com:5000/team/glyphoxa', 'glyphoxa'),
  tag: pick('0.1.0', '0.1', '0755', 'yes', 'main', 'v0.1.0-rc.1', '1e3'),
  digest: pick(`sha256:${'ab'.repeat(32)}`, `sha256:${'12'.repeat(32)}`),
  pullPolicy: pick('IfNotPresent', 'Always', 'Never'),
});

const port = fc
  .oneof(pick(8080, 8081, 9090, 9091, 50052, 80), fc.integer({ min: 1024, max: 65535 }))
  .filter((number) => number !== 50051);

/** Admin, gRPC, observe and MCP ports, all different; the gRPC port may be the default. */
const ports = fc.record({
  numbers: fc.uniqueArray(port, { minLength: 4, maxLength: 4 }),
  defaultGrpc: flag,
  written: fc.constantFrom('all', 'none'),
  addresses: fc.constantFrom('none', 'listen', 'both', 'ipv6'),
});

/** Where a secret comes from, if from anywhere. */
export type SourceName = 'none' | 'value' | 'fromEnv' | 'fromFile' | 'secretKeyRef';

const source = fc.constantFrom<SourceName>('none', 'value', 'fromEnv', 'fromFile', 'secretKeyRef');

/** The keys of providers have one source together, so that a case is not all secrets. */
const [keysOfProviders, otherKeys] = [true, false].map((isOfProvider) =>
  keyTable.flatMap(({ key, provider }) => ((provider !== undefined) === isOfProvider ? [key] : [])),
) as [string[], string[]];

const postgresql = fc.record(
  {
    enabled: flag,
    provider: pick('cloudnative-pg', 'bitnami'),
    database: pick('glyphoxa', 'game_1', '_x'),
    instances: pick(1, 3),
    storage: some({ size: pick<Json>('10Gi', '20Gi', 10737418240), storageClass: pick('fast', 'standard') }),
    resources: pick<JsonObject>(
      {},
      { requests: { cpu: '1' } },
      { requests: { memory: '1Gi' }, limits: { memory: '2Gi' } },
    ),
    existingSecret: pick('pg-credentials'),
    charts: some({
      operator: some({ version: pick('0.29.0', '0.28.1'), repository: pick('https://charts.example.com') }),
      cluster: some({ version: pick('0.8.1') }),
      bitnami: some({ version: pick('16.4.11'), repository: pick('oci://registry.example.com/charts') }),
    }),
    image: pick(
      'registry.example.com:5000/pgvector:17.2',
      'ghcr.io/cloudnative-pg/postgresql:17-standard-trixie',
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<JsonObject>;

const ai = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ai' } } };
const strangers: JsonObject[] = [
  { podSelector: {} },
  { namespaceSelector: {}, podSelector: { matchLabels: { app: 'yes', tier: '' } } },
  { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.3.0/24'] } },
  { ipBlock: { cidr: 'fd00::/8' } },
  { podSelector: { matchExpressions: [{ key: 'a.io/b', operator: 'NotIn', values: ['no', '1.10'] }] } },
];
const openPorts: JsonObject[] = [
  { port: 8000, protocol: 'TCP' },
  { port: 'http' },
  { port: 30000, endPort: 32767, protocol: 'UDP' },
  { protocol: 'SCTP' },
];
const extras = some({
  extraIngress: from<JsonObject>({}, { from: [ai] }, { from: strangers, ports: openPorts }),
  extraEgress: from<JsonObject>({ ports: openPorts }, { to: strangers }, { to: [ai], ports: [{ port: 1 }] }),
});

const networkPolicy = some({
  enabled: flag,
  apiServerPorts: pick([443, 6443], [16443], [6443, 443]),
  dns: some({ ports: pick([53], [5353, 53], [8053]), to: from<JsonObject>(ai, ...strangers) }),
  discordVoice: pick('port-range', 'all-udp'),
  ingressFrom: from<JsonObject>(ai, ...strangers),
  gateway: extras,
  worker: extras,
  mcpGateway: extras,
});

const proxy = some({
  http: pick('http://proxy.example.com:3128', 'http://proxy'),
  https: pick('http://proxy.example.com:3129', 'https://10.0.0.1'),
  noProxy: from('.example.internal', '198.51.100.0/24', '*', 'ollama'),
});

/** Backup and metrics, of which the Bitnami chart has none. */
const aroundCluster = some({
  backup: fc.record(
    {
      enabled: flag,
      destinationPath: pick('s3://backups/glyphoxa', 'gs://bucket', 'https://a.blob.core.windows.net/b'),
      endpointURL: pick('https://minio.example.com:9000'),
      existingSecret: pick('backup'),
      schedule: pick('0 0 3 * * *', '@every 6h'),
      retentionPolicy: pick('7d', '4w'),
      serverName: pick('second'),
    },
    { requiredKeys: ['destinationPath'] },
  ) as fc.Arbitrary<JsonObject>,
  monitoring: some({ enabled: flag, labels: labels() }),
});

const label = /^[a-z][a-z0-9-]{0,20}[a-z0-9]$/;

/** The independent parts of a configuration. */
export const genes = {
  name: fc.oneof(
    pick('glyphoxa', 'g', 'glyphoxa-tenant-1', 'no', 'mcp-gateway', 'worker', 'x-postgresql'),
    fc.stringMatching(label),
  ),
  namespace: maybe(
    fc.oneof(pick('voice', 'glyphoxa-tenant-a', 'kubernetes', 'n0', 'no'), fc.stringMatching(label)),
  ),
  metadata: some({ labels: labels(), annotations }),
  environment: maybe(pick('production', 'development')),
  topology: maybe(pick('shared', 'dedicated')),
  tierScheduling: maybe(flag),
  createNamespace: maybe(flag),
  image: maybe(image),
  users: some({ runAsUser: pick(1, 999, 65532), runAsGroup: pick(1000), fsGroup: pick(999, 2000) }),
  proxy: maybe(proxy),
  pullSecrets: maybe(from<JsonObject>({ name: 'regcred' }, { name: 'other' }, { name: 'third' })),
  ports,
  gateway: some({
    replicaCount: pick(0, 1, 2, 3, 5),
    resources: serverResources,
    nodeSelector: labels({ 'glyphoxa.io/tier': pick('shared', 'gold') }),
    tolerations,
    podAntiAffinity: some({ enabled: flag }),
    serviceAccount: some({ create: flag, name: pick('voice-gateway', 'default'), annotations }),
  }),
  gatewayPatch: maybe(arbitraryPodPatch('gateway')),
  worker: some({
    resourceProfile: pick('cloud', 'whisper-native', 'local-llm'),
    profiles: some({
      cloud: profileResources,
      'whisper-native': profileResources,
      'local-llm': profileResources,
    }),
    activeDeadlineSeconds: pick(60, 14400, 86400),
    ttlSecondsAfterFinished: pick(0, 600),
    nodeSelector: labels(),
    tolerations,
    gpu: some({
      enabled: flag,
      nodeSelector: pick<JsonObject>({}, { accelerator: 'l4' }, { 'nvidia.com/gpu': 'present' }),
      tolerations,
      requestResource: flag,
    }),
  }),
  workerPatch: maybe(arbitraryPodPatch('worker')),
  mcpGateway: some({
    enabled: flag,
    replicaCount: pick(0, 1, 4),
    resources: serverResources,
    nodeSelector: labels(),
    tolerations,
  }),
  mcpGatewayPatch: maybe(arbitraryPodPatch('mcp-gateway')),
  server: some({ log_level: pick('debug', 'info', 'warn', 'error') }),
  providers: maybe(providers),
  npcs: maybe(npcs),
  memory: some({ embedding_dimensions: pick(0, 768, 1536) }),
  mcpServers: maybe(mcpServers),
  campaign: maybe(campaign),
  transcript: maybe(some({ llm_correction: flag })),
  secretProvider: maybe(pick('existing', 'kubernetes', 'sealed-secrets', 'external-secrets')),
  secretName: maybe(pick('voice-secrets', 'no', 'a.b')),
  secretSources: fc.record(Object.fromEntries(otherKeys.map((key) => [key, source]))),
  databasePort: maybe(pick(5432, 6432)),
  vault: some({ enabled: flag, addr: pick('https://vault.example.com:8200', 'http://vault.vault.svc') }),
  providerKeys: fc.record({ keys: from(...keysOfProviders), source }),
  secretsInFile: flag,
  configSecret: rarely(pick('own-config')),
  sealedScope: maybe(pick('strict', 'namespace-wide', 'cluster-wide')),
  external: some({
    kind: pick('ClusterSecretStore', 'SecretStore'),
    refreshInterval: pick('1h', '30m', '0', '1.5h'),
    property: flag,
  }),
  grpcTls: maybe(some({ clientAuth: flag })),
  networkPolicy: maybe(networkPolicy),
  ingress: maybe(
    fc
      .record(
        {
          enabled: flag,
          host: pick('glyphoxa.example.com', 'no'),
          className: pick('nginx', 'yes'),
          tlsSecret: pick('glyphoxa-tls'),
          annotations,
          controllerNamespace: pick('ingress-nginx', 'kube-system'),
        },
        { requiredKeys: ['enabled', 'host'] },
      )
      .map((drawn) => drawn as JsonObject),
  ),
  monitoring: some({
    enabled: flag,
    interval: pick('30s', '1m', '1h30m'),
    labels: some({ release: pick('prometheus', 'yes'), 'example.com/team': pick('') }),
  }),
  autoscaling: maybe(
    fc.record(
      {
        enabled: flag,
        minReplicas: pick(1, 2, 3),
        maxReplicas: pick(3, 10),
        targetCPUUtilizationPercentage: pick(50, 90),
      },
      { requiredKeys: ['enabled'] },
    ) as fc.Arbitrary<JsonObject>,
  ),
  postgresql: maybe(postgresql),
  aroundCluster,
  sealedSecrets: maybe(
    some({ enabled: flag, chart: some({ version: pick('2.18.4') }), namespace: pick('sealed') }),
  ),
};

/** One draw of every part. */
export type Genes = {
  [K in keyof typeof genes]: (typeof genes)[K] extends fc.Arbitrary<infer T> ? T : never;
};
