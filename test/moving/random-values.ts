/** Values files over the whole chart by chance: every value of it, in one to three files and in options. */
import type { Json, JsonObject } from '../../generator/model/json.ts';
import type { Chance } from '../support/chance.ts';
import type { Handed } from './helm-objects.ts';

type Draw = (chance: Chance) => Json;

const of =
  (...values: Json[]): Draw =>
  (chance) =>
    chance.pick(values);
const tier = (of: string): JsonObject => ({ key: 'glyphoxa.io/tier', value: of, effect: 'NoSchedule' });
const amounts: Draw = (chance) =>
  chance.pick<Json>([
    { requests: { cpu: '100m', memory: '128Mi' } },
    { limits: { cpu: null } },
    { limits: null },
    { requests: null, limits: { memory: '2Gi' } },
    { requests: { cpu: 0.5, 'ephemeral-storage': '1Gi' }, limits: { cpu: '2000m', memory: '1024Mi' } },
    null,
  ]);
const selector = of(
  {},
  { zone: 'a' },
  { 'glyphoxa.io/tier': 'shared' },
  { 'glyphoxa.io/tier': 'dedicated' },
  null,
);
const tolerations = of(
  [],
  [{ key: 'own', operator: 'Exists' }],
  [tier('shared')],
  [{ key: 'own', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }, tier('dedicated')],
  [{ key: 'nvidia.com/gpu', effect: 'NoSchedule' }],
  null,
);
const flag = of(true, false);

const configs = of(
  {},
  { server: { log_level: 'debug' } },
  {
    providers: {
      llm: { name: 'openai', model: 'gpt-4o', api_key: 'sk-in-the-file' },
      tts: { name: 'elevenlabs' },
    },
    npcs: [
      {
        name: 'Bartok',
        voice: { provider: 'elevenlabs', voice_id: 'x', speed_factor: 1.5 },
        engine: 'cascaded',
      },
    ],
    transcript: { llm_correction: true },
  },
  {
    providers: { stt: { name: 'whisper', base_url: 'http://whisper:9000' } },
    campaign: { name: 'Curse: of "Strahd"' },
  },
  { memory: { postgres_dsn: 'postgres://u:hidden@db/x', embedding_dimensions: 768 } },
  {
    mcp: {
      servers: [{ name: 'dice', transport: 'streamable-http', url: 'https://dice.example.com:8443/mcp' }],
    },
  },
);

/** Every value of the chart, by its path, and what it may be. Ports that have to agree are drawn together. */
const draws: { readonly [path: string]: Draw } = {
  topology: of('shared', 'dedicated'),
  'image.repository': of('registry.example.com:5000/team/glyphoxa'),
  'image.tag': of('0.1.3', '0.1.3', ''),
  'image.pullPolicy': of('Always', 'Never', 'IfNotPresent'),
  imagePullSecrets: of([{ name: 'pull' }], [{ name: 'one' }, { name: 'two' }], []),
  'gateway.replicaCount': of(1, 5, null),
  'gateway.adminKey': of('kRandomAdmin', ''),
  'gateway.ports.admin': of(8081, 9443),
  'gateway.ports.grpc': of(50051, 50052),
  'gateway.resources': amounts,
  'gateway.nodeSelector': selector,
  'gateway.tolerations': tolerations,
  'gateway.podAntiAffinity.enabled': flag,
  'gateway.serviceAccount.create': flag,
  'gateway.serviceAccount.name': of('', 'theirs', 'glyphoxa-gateway', 'tavern-gateway'),
  'gateway.serviceAccount.annotations': of({}, { 'iam.example.com/role': 'arn:aws:iam::1:role/x' }),
  'worker.resourceProfile': of('cloud', 'whisper-native', 'local-llm', 'own', null),
  'worker.profiles.cloud': amounts,
  'worker.profiles.own': of(
    { requests: { cpu: '3' } },
    { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } },
  ),
  'worker.profiles.local-llm': amounts,
  'worker.activeDeadlineSeconds': of(60, 86400),
  'worker.ttlSecondsAfterFinished': of(0, 3600),
  'worker.nodeSelector': selector,
  'worker.tolerations': tolerations,
  'worker.gpu': of(null, {}),
  'worker.gpu.nodeSelector': of({ gpu: 'a100' }, { 'nvidia.com/gpu': null }, null),
  'worker.gpu.tolerations': of([], null, [{ key: 'gpu', operator: 'Exists' }]),
  'mcpGateway.enabled': flag,
  'mcpGateway.replicaCount': of(1, 4),
  'mcpGateway.ports.mcp': of(8080, 8090),
  'mcpGateway.resources': amounts,
  'mcpGateway.nodeSelector': selector,
  'mcpGateway.tolerations': tolerations,
  'config.data': configs,
  'vault.addr': of('https://vault.example.com:8200'),
  'secrets.vaultToken': of('kToken', ''),
  'secrets.databaseDSN': of('postgres://u:kDsn@db/x', ''),
  'secrets.elevenlabsApiKey': of('kEleven'),
  'secrets.geminiApiKey': of('kGemini'),
  'secrets.deepgramApiKey': of('kDeep'),
  'secrets.openaiApiKey': of('kOpen'),
  'database.dsn': of('postgres://u:kPlain@db/x', ''),
  'networkPolicy.enabled': flag,
  'autoscaling.enabled': flag,
  'autoscaling.minReplicas': of(1, 3),
  'autoscaling.maxReplicas': of(5, 20),
  'autoscaling.targetCPUUtilizationPercentage': of(50, 90),
  'postgresql.enabled': flag,
  'postgresql.auth.postgresPassword': of('kPostgres'),
  'postgresql.auth.database': of('voice'),
  'postgresql.primary.persistence.size': of('20Gi'),
  'sealed-secrets.enabled': flag,
};

/** Values by chance. */
export function randomValues(chance: Chance): Handed {
  const files = Array.from({ length: 1 + chance.below(3) }, () => file(chance));
  const observe = chance.pick([undefined, undefined, 9191]);
  if (observe !== undefined)
    for (const workload of ['gateway', 'worker', 'mcpGateway'])
      put(files[0] as JsonObject, [workload, 'ports', 'observe'], observe);
  if (chance.below(4) === 0)
    put(files.at(-1) as JsonObject, ['vault'], { enabled: true, addr: 'https://vault.example.com:8200' });
  if (chance.below(4) === 0) {
    const topology = chance.pick(['shared', 'dedicated']);
    const last = files.at(-1) as JsonObject;
    put(last, ['topology'], topology);
    for (const workload of ['gateway', 'worker']) {
      put(last, [workload, 'nodeSelector'], { 'glyphoxa.io/tier': topology });
      put(last, [workload, 'tolerations'], [tier(topology)]);
    }
  }
  const set = chance.pick<string[]>([
    [],
    ['gateway.replicaCount=2,image.tag=0.1.3'],
    ['imagePullSecrets[0].name=set'],
    ['gateway.serviceAccount.annotations.example\\.com/disk=s\\,d'],
    ['gateway.resources.limits.cpu=null', 'mcpGateway.resources.requests=null'],
  ]);
  const setString = chance.pick<string[]>([[], ['mcpGateway.replicaCount=3'], ['worker.nodeSelector.n=1']]);
  return { files, set, setString };
}

function file(chance: Chance): JsonObject {
  const value: JsonObject = {};
  for (const [path, draw] of Object.entries(draws))
    if (chance.below(6) === 0) put(value, path.split('.'), draw(chance));
  return value;
}

function put(value: JsonObject, path: readonly string[], item: Json): void {
  let at = value;
  for (const key of path.slice(0, -1)) {
    if (typeof at[key] !== 'object' || at[key] === null) at[key] = {};
    at = at[key] as JsonObject;
  }
  at[path.at(-1) as string] = item;
}
