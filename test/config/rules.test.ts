import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schema } from '../../generator/config/load.ts';
import { knownProviders } from '../../generator/config/providers.ts';
import { rules } from '../../generator/config/rules.ts';
import { childNode, type SchemaNode } from '../../generator/config/schema/node.ts';
import { type Finding, formatFinding, hasErrors, type Severity } from '../../generator/model/finding.ts';
import { formatPath, isObject, type Json, type JsonObject, type Path } from '../../generator/model/json.ts';
import { findingsOf, type Input, sourcesOf } from './rules/findings.ts';

interface Case extends Input {
  readonly code: string;
  /** Where the finding points to. */
  readonly path: string;
  /** Where it is not the rule's own. */
  readonly severity?: Severity;
  /** The nearest configuration that is fine. */
  readonly fine: Input;
}

/** A configuration file, with a database that needs no secret where a provider asks for one. */
const file = (config: JsonObject, more: JsonObject = {}): Input => ({ spec: { config, ...more } });
const providers = (value: JsonObject, more: JsonObject = {}) => file({ providers: value }, more);
const npcs = (list: JsonObject[], more: JsonObject = {}) => file({ npcs: list, ...more });
const servers = (...list: JsonObject[]) => file({ mcp: { servers: list } });
const stdio = { name: 'a', transport: 'stdio', command: '/opt/a' };
const servers80 = (url: string) => ({ mcp: { servers: [{ name: 'a', transport: 'streamable-http', url }] } });
const publicNote = { secrets: { publicOptions: ['note'] } };
const given = { gateway: { adminKey: { fromEnv: 'A' } }, database: { dsn: { fromEnv: 'D' } } };
const kubernetes = (more: JsonObject = {}) => ({ secrets: { provider: 'kubernetes', ...more }, ...given });
/** The shortest text that has the form of a ciphertext. */
const wellSealed = Buffer.concat([Buffer.from([1, 0]), Buffer.alloc(256 + 16, 7)]).toString('base64');
const sealedBoth = { 'admin-key': 'YWJj', 'database-dsn': 'YWJj' };
const sealed = (keys: JsonObject = {}, more: JsonObject = {}) => ({
  secrets: { provider: 'sealed-secrets', sealed: { ...sealedBoth, ...keys }, ...more },
});
const mapped = { 'admin-key': { key: 'a' }, 'database-dsn': { key: 'd' } };
const external = (keys: JsonObject = {}) => ({
  secrets: {
    provider: 'external-secrets',
    external: { storeRef: { name: 's' }, keys: { ...mapped, ...keys } },
  },
});
const ownKey = { secretKeyRef: { name: 'own', key: 'k' } };
const postgresql = (more: JsonObject) => ({ spec: { postgresql: { enabled: true, ...more } } });
const both = { providers: { llm: { name: 'groq', model: 'm' }, tts: { name: 'elevenlabs' } } };

/**
 * What the program's constructors ask for besides a key: kind, name, what is not enough, what is, and which
 * options are instead. Each row was read in the program's source; all other providers start with a name alone.
 */
const constructors: [
  kind: string,
  name: string,
  lacks: JsonObject,
  needs: JsonObject,
  options?: JsonObject,
][] = [
  ...knownProviders.llm.map((name): [string, string, JsonObject, JsonObject] => [
    'llm',
    name,
    { model: '', base_url: 'http://a', options: { model: 'm' } },
    { model: 'm' },
  ]),
  ['stt', 'whisper', { base_url: '', model: 'm' }, { base_url: 'HTTP://whisper:8000' }],
  ['stt', 'whisper-native', { base_url: 'http://a', options: { model_path: '' } }, { model: '/m.bin' }],
  [
    'stt',
    'whisper-native',
    { model: null, options: { model_path: null } },
    { model: '' },
    { model_path: '/m' },
  ],
  ['tts', 'coqui', { model: 'm', base_url: null }, { base_url: 'http://coqui:5002' }],
  ['embeddings', 'ollama', { base_url: 'http://a' }, { model: 'm' }],
  ['vad', 'silero', { options: { frame_size_ms: 32 } }, { model: '/m.onnx' }],
  ['vad', 'silero', {}, { model: '' }, { model_path: '/m.onnx' }],
];

const pinned = { digest: `sha256:${'ab'.repeat(32)}` };

const table: Case[] = [
  ...(
    [
      ['latest', { tag: 'latest', repository: 'registry.example.com/glyphoxa' }],
      ['v0.2.0', { tag: 'v0.2.0', ...pinned }],
      ['0.7.0', { tag: '0.1.0', repository: 'registry.example.com/glyphoxa' }],
      ['v0.10', { tag: 'build-17' }],
      ['0.25.1', { tag: '0755' }],
      ['12.0', { tag: '1234567' }],
      ['1', { tag: '1a2b3c4' }],
      ['v1.0.0-rc.1', { tag: 'sha-1a2b3c4' }],
      ['0.1.0', { tag: '0.1.0', ...pinned }],
      ['v0.0.4', { tag: '01' }],
      ['0.1', { tag: '0.1', repository: 'glyphoxa' }],
      ['main', { tag: 'main', ...pinned }],
    ] as const
  ).map(([tag, image]) => ({
    code: 'other-generation',
    ...(/^(?:v?0\.[01](?:\.|$)|main)/.test(tag) ? { severity: 'warning' as const } : {}),
    spec: { core: { image: { tag } } },
    path: 'spec.core.image.tag',
    fine: { spec: { core: { image } } },
  })),
  // names
  {
    code: 'postgresql-name-length',
    ...postgresql({}),
    metadata: { name: 'v'.repeat(40) },
    path: 'metadata.name',
    fine: { ...postgresql({}), metadata: { name: 'v'.repeat(39) } },
  },
  {
    code: 'postgresql-name-length',
    ...postgresql({ provider: 'bitnami' }),
    metadata: { name: 'v'.repeat(42) },
    path: 'metadata.name',
    fine: { ...postgresql({ provider: 'bitnami' }), metadata: { name: 'v'.repeat(41) } },
  },
  {
    code: 'reserved-namespace',
    metadata: { namespace: 'kube-system' },
    spec: { core: { createNamespace: true } },
    path: 'metadata.namespace',
    fine: { metadata: { namespace: 'kube' }, spec: { core: { createNamespace: true } } },
  },
  {
    code: 'reserved-namespace',
    metadata: { namespace: 'default' },
    spec: { core: { createNamespace: true } },
    path: 'metadata.namespace',
    fine: { metadata: { namespace: 'default' } },
  },
  {
    code: 'secret-name-taken',
    spec: { ...kubernetes({ name: 'voice-postgresql-app' }), postgresql: { enabled: true } },
    path: 'spec.secrets.name',
    fine: { spec: { ...kubernetes({ name: 'voice-postgresql' }), postgresql: { enabled: true } } },
  },
  {
    code: 'duplicate-pull-secret',
    spec: { core: { imagePullSecrets: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] } },
    path: 'spec.core.imagePullSecrets[2].name',
    fine: { spec: { core: { imagePullSecrets: [{ name: 'a' }, { name: 'b' }] } } },
  },
  {
    code: 'floating-tag',
    spec: { core: { image: { tag: 'latest' } } },
    path: 'spec.core.image.tag',
    fine: { spec: { core: { image: { tag: 'latest', digest: `sha256:${'0'.repeat(64)}` } } } },
  },
  // workloads
  {
    code: 'dedicated-replicas',
    spec: { core: { topology: 'dedicated' }, gateway: { replicaCount: 3 } },
    path: 'spec.gateway.replicaCount',
    fine: { spec: { core: { topology: 'dedicated' }, gateway: { replicaCount: 2 } } },
  },
  {
    code: 'dedicated-replicas',
    spec: { core: { topology: 'dedicated' }, autoscaling: { enabled: true } },
    path: 'spec.autoscaling.maxReplicas',
    fine: { spec: { core: { topology: 'dedicated' }, autoscaling: { enabled: true, maxReplicas: 2 } } },
  },
  {
    code: 'dedicated-anti-affinity',
    spec: { core: { topology: 'dedicated' }, gateway: { podAntiAffinity: { enabled: true } } },
    path: 'spec.gateway.podAntiAffinity.enabled',
    fine: { spec: { core: { topology: 'dedicated' } } },
  },
  {
    code: 'no-replicas',
    spec: { gateway: { replicaCount: 0 } },
    path: 'spec.gateway.replicaCount',
    fine: { spec: { gateway: { replicaCount: 0 }, core: { environment: 'development' } } },
  },
  {
    code: 'no-replicas',
    spec: { mcpGateway: { replicaCount: 0 } },
    path: 'spec.mcpGateway.replicaCount',
    fine: { spec: { mcpGateway: { replicaCount: 0, enabled: false } } },
  },
  {
    code: 'requests-above-limits',
    spec: { gateway: { resources: { requests: { memory: '1Gi' } } } },
    path: 'spec.gateway.resources.requests.memory',
    fine: { spec: { gateway: { resources: { requests: { memory: '512Mi' } } } } },
  },
  {
    code: 'requests-above-limits',
    spec: { mcpGateway: { resources: { limits: { cpu: '200m' } } } },
    path: 'spec.mcpGateway.resources.limits.cpu',
    fine: { spec: { mcpGateway: { resources: { limits: { cpu: '0.25' } } } } },
  },
  {
    code: 'requests-above-limits',
    spec: { worker: { profiles: { 'local-llm': { limits: { cpu: '2' } } } } },
    path: 'spec.worker.profiles.local-llm.limits.cpu',
    severity: 'warning',
    fine: { spec: { worker: { profiles: { cloud: { limits: { cpu: '1' } } } } } },
  },
  {
    code: 'requests-above-limits',
    spec: {
      worker: {
        resourceProfile: 'local-llm',
        gpu: { requestResource: true },
        profiles: { 'local-llm': { limits: { 'nvidia.com/gpu': 2 } } },
      },
    },
    path: 'spec.worker.profiles.local-llm.limits["nvidia.com/gpu"]',
    fine: {
      spec: {
        worker: {
          resourceProfile: 'local-llm',
          gpu: { requestResource: true },
          profiles: {
            'local-llm': { limits: { 'nvidia.com/gpu': 2 }, requests: { 'nvidia.com/gpu': 2 } },
          },
        },
      },
    },
  },
  ...[true, false].map((enabled) => ({
    code: 'requests-above-limits',
    ...(enabled ? {} : { severity: 'warning' as const }),
    spec: { postgresql: { enabled, resources: { requests: { memory: '2Gi' } } } },
    environment: { spec: { postgresql: { resources: { limits: { memory: '1Gi' } } } } },
    path: 'spec.postgresql.resources.requests.memory',
    fine: {
      spec: { postgresql: { enabled, resources: { requests: { memory: '1Gi' } } } },
      environment: { spec: { postgresql: { resources: { limits: { memory: '1Gi' } } } } },
    },
  })),
  {
    code: 'tier-selector',
    spec: { core: { tierScheduling: true }, worker: { nodeSelector: { 'glyphoxa.io/tier': 'gold' } } },
    path: 'spec.worker.nodeSelector["glyphoxa.io/tier"]',
    fine: {
      spec: { core: { tierScheduling: true }, worker: { nodeSelector: { 'glyphoxa.io/tier': 'shared' } } },
    },
  },
  // autoscaling
  {
    code: 'min-above-max-replicas',
    spec: { autoscaling: { enabled: true, minReplicas: 11 } },
    path: 'spec.autoscaling.minReplicas',
    fine: { spec: { autoscaling: { enabled: true, minReplicas: 10 } } },
  },
  {
    code: 'min-above-max-replicas',
    spec: { autoscaling: { maxReplicas: 1 } },
    path: 'spec.autoscaling.maxReplicas',
    severity: 'warning',
    fine: { spec: { autoscaling: { maxReplicas: 2 } } },
  },
  {
    code: 'replicas-while-autoscaling',
    spec: { autoscaling: { enabled: true }, gateway: { replicaCount: 3 } },
    path: 'spec.gateway.replicaCount',
    fine: {
      spec: { autoscaling: { enabled: true }, gateway: { replicaCount: 3 } },
      environment: { spec: { gateway: { replicaCount: null } } },
    },
  },
  {
    code: 'autoscaling-without-cpu-request',
    spec: { autoscaling: { enabled: true }, gateway: { resources: { requests: { cpu: 0 } } } },
    path: 'spec.gateway.resources.requests.cpu',
    fine: { spec: { autoscaling: { enabled: true }, gateway: { resources: { requests: { cpu: '1m' } } } } },
  },
  {
    code: 'autoscaling-without-cpu-request',
    spec: {
      autoscaling: { enabled: true },
      gateway: { podPatch: { spec: { containers: [{ name: 'gateway' }, { name: 'proxy', image: 'p:1' }] } } },
    },
    path: 'spec.gateway.podPatch.spec.containers[1]',
    severity: 'warning',
    fine: {
      spec: {
        autoscaling: { enabled: true },
        gateway: {
          podPatch: {
            spec: {
              containers: [
                { name: 'gateway' },
                { name: 'proxy', image: 'p:1', resources: { limits: { cpu: '1' } } },
              ],
            },
          },
        },
      },
    },
  },
  // ports
  {
    code: 'worker-grpc-port',
    spec: { worker: { ports: { grpc: 50052 } } },
    path: 'spec.worker.ports.grpc',
    fine: { spec: { worker: { ports: { grpc: 50051 } }, gateway: { ports: { grpc: 50052 } } } },
  },
  {
    code: 'observe-ports-differ',
    spec: { worker: { ports: { observe: 9191 } } },
    path: 'spec.worker.ports.observe',
    fine: {
      spec: {
        worker: { ports: { observe: 9191 } },
        gateway: { ports: { observe: 9191 } },
        mcpGateway: { ports: { observe: 9191 } },
      },
    },
  },
  {
    code: 'observe-ports-differ',
    spec: { gateway: { ports: { observe: 9191 } } },
    path: 'spec.gateway.ports.observe',
    fine: { spec: { mcpGateway: { enabled: false, ports: { observe: 9191 } } } },
  },
  {
    code: 'duplicate-port',
    spec: { gateway: { ports: { admin: 50051 } } },
    path: 'spec.gateway.ports.admin',
    fine: { spec: { mcpGateway: { ports: { mcp: 50051 } } } },
  },
  {
    code: 'duplicate-port',
    spec: { mcpGateway: { ports: { mcp: 9090 } } },
    path: 'spec.mcpGateway.ports.mcp',
    fine: { spec: { mcpGateway: { ports: { mcp: 9091 } } } },
  },
  {
    // The tree has it as a component that an environment may switch on.
    code: 'duplicate-port',
    spec: { mcpGateway: { enabled: false, ports: { mcp: 9090 } } },
    path: 'spec.mcpGateway.ports.mcp',
    severity: 'warning',
    fine: { spec: { mcpGateway: { enabled: false, ports: { mcp: 9091 } } } },
  },
  {
    code: 'privileged-port',
    spec: { mcpGateway: { ports: { mcp: 1023 } } },
    path: 'spec.mcpGateway.ports.mcp',
    fine: { spec: { mcpGateway: { ports: { mcp: 1024 } } } },
  },
  ...(
    [
      [
        { providers: { llm: { name: 'ollama', model: 'm', base_url: 'http://ollama' } } },
        'providers.llm.base_url',
      ],
      [
        { providers: { llm: { name: 'ollama', model: 'm', base_url: 'https://o.ai.svc' } } },
        'providers.llm.base_url',
      ],
      [servers80('http://lore.tools.svc.cluster.local/mcp'), 'mcp.servers[0].url'],
      [servers80('http://lore:8000/mcp'), 'mcp.servers[0].url'],
      [
        { providers: { llm: { name: 'openai', model: 'm', base_url: 'http://vllm:8000/v1' } } },
        'providers.llm.base_url',
      ],
    ] as const
  ).map(([config, path]) => ({
    code: 'service-port',
    spec: { config },
    path: `spec.config.${path}`,
    fine: {
      spec: {
        config,
        networkPolicy: {
          worker: { extraEgress: [{ ports: [{ port: 11434 }] }] },
          mcpGateway: { extraEgress: [{ ports: [{ port: 8000 }] }] },
        },
      },
    },
  })),
  // a server that listens elsewhere by itself, behind any port; a rule to addresses outside says nothing of its pods
  ...(
    [
      ['llm', { name: 'ollama', model: 'm', base_url: 'http://ollama:8080' }, 11434],
      ['llm', { name: 'llamacpp', model: 'm', base_url: 'http://llama:9000' }, 8080],
      ['stt', { name: 'whisper', base_url: 'http://whisper:9000' }, 8080],
      ['tts', { name: 'coqui', base_url: 'http://coqui.ai.svc:8000' }, 5002],
    ] as const
  ).map(([kind, provider, port]) => {
    const config = { providers: { [kind]: provider } };
    const outside = { to: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: [{ port }] };
    const inside = { to: [{ podSelector: {} }], ports: [{ port }] };
    return {
      code: 'service-port',
      spec: { config, networkPolicy: { worker: { extraEgress: [outside] } } },
      path: `spec.config.providers.${kind}.base_url`,
      fine: { spec: { config, networkPolicy: { worker: { extraEgress: [outside, inside] } } } },
    };
  }),
  {
    code: 'service-port',
    spec: { vault: { enabled: true, addr: 'http://vault:8080' }, gateway: given.gateway },
    path: 'spec.vault.addr',
    fine: { spec: { vault: { enabled: true, addr: 'http://vault:8200' } } },
  },
  ...[
    ['stt', { name: 'whisper', base_url: 'http://whisper.ai:8080' }],
    ['tts', { name: 'coqui', base_url: 'http://coqui.ai.svc:5002' }],
    ['llm', { name: 'openai', model: 'm', base_url: 'http://vllm.example.com:8000' }],
  ].map(([kind, provider]) => ({
    code: 'service-port',
    spec: { vault: { enabled: true, addr: 'http://vault' }, gateway: given.gateway },
    path: 'spec.vault.addr',
    fine: providers({ [String(kind)]: provider } as JsonObject),
  })),
  ...['http://ollama.example.com', 'http://ollama:11434', 'http://localhost', 'http://10.0.0.1'].map(
    (base_url) => ({
      code: 'service-port',
      spec: { vault: { enabled: true, addr: 'http://vault' }, gateway: given.gateway },
      path: 'spec.vault.addr',
      fine: providers({ llm: { name: 'ollama', model: 'm', base_url } }),
    }),
  ),
  {
    code: 'service-port',
    spec: { core: { proxy: { https: 'http://proxy' } } },
    path: 'spec.core.proxy.https',
    fine: { spec: { core: { proxy: { https: 'http://proxy' } }, networkPolicy: { enabled: false } } },
  },
  ...[undefined, '10.0.0.1'].map((host) => ({
    code: 'ingress-host',
    spec: { ingress: { enabled: true, ...(host && { host }) } },
    path: 'spec.ingress.host',
    fine: { spec: { ingress: { enabled: true, host: 'glyphoxa.example.com' } } },
  })),
  {
    code: 'ingress-tls',
    spec: { ingress: { enabled: true, host: 'a.example.com' } },
    path: 'spec.ingress.tlsSecret',
    fine: { spec: { ingress: { enabled: true, host: 'a.example.com', tlsSecret: 'tls' } } },
  },
  ...[
    { ingress: { controllerNamespace: 'ingress' } },
    { networkPolicy: { enabled: false } },
    { networkPolicy: { ingressFrom: [{ namespaceSelector: {} }] } },
  ].map((more: JsonObject) => ({
    code: 'ingress-controller',
    spec: { ingress: { enabled: true, host: 'a.example.com' } },
    path: 'spec.ingress.controllerNamespace',
    fine: {
      spec: { ...more, ingress: { enabled: true, host: 'a.example.com', ...(more.ingress as JsonObject) } },
    },
  })),
  ...[{ http: 'http://proxy.example.com' }, { noProxy: ['a'] }].map((proxy) => ({
    code: 'proxy-https-missing',
    spec: { core: { proxy } },
    path: 'spec.core.proxy',
    fine: { spec: { core: { proxy: { ...proxy, https: 'http://proxy.example.com' } } } },
  })),
  ...[':8082', '8081', 'localhost:8081', '[::1]:8081', ':http', '0.0.0.0:0'].map((listen_addr) => ({
    code: 'listen-address',
    ...file({ server: { listen_addr } }),
    path: 'spec.config.server.listen_addr',
    fine: file({ server: { listen_addr: '0.0.0.0:8081' } }),
  })),
  ...[':9091', '127.0.0.1:9090', ':99999'].map((observe_addr) => ({
    code: 'observe-address',
    ...file({ server: { observe_addr } }),
    path: 'spec.config.server.observe_addr',
    fine: file({ server: { observe_addr: '[::]:9090' } }),
  })),
  // workers
  {
    code: 'gpu-off',
    spec: { worker: { resourceProfile: 'local-llm', gpu: { enabled: false } } },
    path: 'spec.worker.gpu.enabled',
    fine: { spec: { worker: { resourceProfile: 'whisper-native', gpu: { enabled: false } } } },
  },
  {
    code: 'gpu-toleration',
    spec: { worker: { resourceProfile: 'local-llm', gpu: { tolerations: [] } } },
    path: 'spec.worker.gpu.tolerations',
    fine: {
      spec: {
        worker: {
          resourceProfile: 'local-llm',
          gpu: { tolerations: [] },
          tolerations: [{ operator: 'Exists' }],
        },
      },
    },
  },
  {
    code: 'gpu-request-unused',
    spec: { worker: { gpu: { requestResource: true } } },
    path: 'spec.worker.gpu.requestResource',
    fine: { spec: { worker: { resourceProfile: 'local-llm', gpu: { requestResource: true } } } },
  },
  {
    code: 'whisper-profile',
    ...providers({ stt: { name: 'whisper-native', model: '/m' } }),
    path: 'spec.config.providers.stt.name',
    fine: providers(
      { stt: { name: 'whisper-native', model: '/m' } },
      { worker: { resourceProfile: 'whisper-native' } },
    ),
  },
  {
    code: 'short-session',
    spec: { worker: { activeDeadlineSeconds: 299 } },
    path: 'spec.worker.activeDeadlineSeconds',
    fine: { spec: { worker: { activeDeadlineSeconds: 300 } } },
  },
  {
    code: 'pod-patch-secret',
    spec: {
      worker: {
        podPatch: { spec: { containers: [{ name: 'worker', env: [{ name: 'API_TOKEN', value: 'x' }] }] } },
      },
    },
    path: 'spec.worker.podPatch.spec.containers[0].env[0].value',
    fine: {
      spec: {
        worker: {
          podPatch: {
            spec: { containers: [{ name: 'worker', env: [{ name: 'API_TOKEN', value: '/run/token' }] }] },
          },
        },
      },
    },
  },
  // secrets
  {
    code: 'admin-key-missing',
    spec: { ...kubernetes(), gateway: {} },
    path: 'spec.gateway.adminKey',
    fine: { spec: kubernetes() },
  },
  {
    code: 'admin-key-missing',
    spec: { ...kubernetes(), gateway: {}, core: { environment: 'development' } },
    path: 'spec.gateway.adminKey',
    severity: 'warning',
    fine: { spec: { core: { environment: 'development' } } },
  },
  {
    code: 'admin-key-missing',
    spec: { ...sealed({}, { sealed: { 'database-dsn': 'YWJj' } }), gateway: { adminKey: { fromEnv: 'A' } } },
    path: 'spec.gateway.adminKey',
    fine: {
      spec: {
        ...sealed({}, { sealed: { 'database-dsn': 'YWJj' } }),
        gateway: { adminKey: { secretKeyRef: { name: 'own', key: 'k' } } },
      },
    },
  },
  {
    code: 'dsn-missing',
    spec: { ...kubernetes(), database: {} },
    path: 'spec.database.dsn',
    fine: { spec: { ...kubernetes(), database: {}, postgresql: { enabled: true } } },
  },
  {
    code: 'dsn-missing',
    spec: {
      secrets: {
        provider: 'external-secrets',
        external: { storeRef: { name: 's' }, keys: { 'admin-key': { key: 'a' } } },
      },
    },
    path: 'spec.database.dsn',
    fine: { spec: external() },
  },
  ...[{ value: 'k' }, { fromEnv: 'K' }, { fromFile: 'k' }].map((adminKey) => ({
    code: 'dropped-secret',
    spec: { gateway: { adminKey } } as JsonObject,
    path: `spec.gateway.adminKey.${Object.keys(adminKey)[0]}`,
    fine: { spec: { gateway: { adminKey: { secretKeyRef: { name: 'own', key: 'k' } } } } },
  })),
  {
    code: 'dropped-secret',
    spec: { ...external(), vault: { token: { fromEnv: 'T' } } },
    path: 'spec.vault.token.fromEnv',
    fine: { spec: { ...sealed(), ...given } },
  },
  {
    code: 'literal-secret',
    spec: kubernetes({ providerKeys: { groq: { value: 'k' } } }),
    path: 'spec.secrets.providerKeys.groq.value',
    fine: { spec: kubernetes({ providerKeys: { groq: { fromFile: 'k' } } }) },
  },
  {
    code: 'literal-secret',
    spec: { ...kubernetes(), config: { mcp: { servers: [{ ...stdio, auth: { token: 't' } }] } } },
    path: 'spec.config.mcp.servers[0].auth.token',
    fine: { spec: { ...kubernetes(), config: { mcp: { servers: [{ ...stdio, auth: { token: '' } }] } } } },
  },
  {
    code: 'app-config-secret',
    ...providers({ llm: { name: 'groq', model: 'm', api_key: 'k' } }),
    path: 'spec.config.providers.llm.api_key',
    fine: providers({ llm: { name: 'groq', model: 'm', api_key: 'k' } }, kubernetes()),
  },
  {
    code: 'app-config-secret',
    ...providers({ llm: { options: { headers: { Authorization: 'k' }, note: 'n', top: 1 } } }, publicNote),
    path: 'spec.config.providers.llm.options.headers.Authorization',
    fine: providers({ stt: { options: { language: 'de', note: 'n', list: [1, true] } } }, publicNote),
  },
  {
    code: 'app-config-secret',
    ...servers({ name: 'a', transport: 'streamable-http', url: 'https://tools.example.com/mcp?apiKey=k' }),
    path: 'spec.config.mcp.servers[0].url',
    fine: servers({ name: 'a', transport: 'streamable-http', url: 'https://tools.example.com/mcp' }),
  },
  {
    code: 'app-config-secret',
    ...servers({ name: 'a', transport: 'stdio', command: '/opt/tools --api-key k' }),
    path: 'spec.config.mcp.servers[0].command',
    fine: servers({ name: 'a', transport: 'stdio', command: '/opt/keycloak-tools serve --port 1' }),
  },
  {
    code: 'app-config-secret',
    spec: { ...external(), config: { mcp: { servers: [stdio, { ...stdio, name: 'b', env: { X: 'k' } }] } } },
    path: 'spec.config.mcp.servers[1].env.X',
    fine: {
      spec: {
        secrets: { configSecret: { name: 'own' } },
        config: { mcp: { servers: [{ ...stdio, name: 'b', env: { X: 'k' } }] } },
      },
    },
  },
  {
    code: 'app-config-not-sealed',
    ...file({ memory: { postgres_dsn: 'k' } }, sealed()),
    path: 'spec.secrets.sealed',
    fine: file({ memory: { postgres_dsn: 'k' } }, sealed({ 'config.yaml': 'YWJj' })),
  },
  {
    code: 'config-secret-and-config',
    ...file({ server: {} }, { secrets: { configSecret: { name: 'own' } } }),
    path: 'spec.config',
    fine: file({}, { secrets: { configSecret: { name: 'own' } } }),
  },
  {
    code: 'secret-whitespace',
    spec: kubernetes({ providerKeys: { groq: { value: 'k\n' } } }),
    path: 'spec.secrets.providerKeys.groq.value',
    fine: { spec: kubernetes({ providerKeys: { groq: { value: 'k k' } } }) },
  },
  {
    code: 'vault-without-address',
    spec: { vault: { enabled: true } },
    path: 'spec.vault.addr',
    fine: { spec: { vault: { enabled: true, addr: 'https://vault.example.com' } } },
  },
  {
    code: 'vault-token-missing',
    spec: { ...kubernetes(), vault: { enabled: true, addr: 'https://vault.example.com' } },
    path: 'spec.vault.token',
    fine: { spec: { vault: { enabled: true, addr: 'https://vault.example.com' } } },
  },
  {
    code: 'vault-token-unused',
    spec: { ...kubernetes(), vault: { token: { fromEnv: 'T' } } },
    path: 'spec.vault.token',
    fine: {
      spec: {
        ...kubernetes(),
        vault: { token: { fromEnv: 'T' }, enabled: true, addr: 'https://vault.example.com' },
      },
    },
  },
  {
    code: 'grpc-tls',
    spec: { grpcTls: { secretName: 'tls' } },
    path: 'spec.grpcTls.secretName',
    fine: { spec: { grpcTls: { clientAuth: true } } },
  },
  {
    code: 'missing-secret-key',
    spec: {
      ...kubernetes({ providerKeys: { groq: { secretKeyRef: { name: 'voice-secrets', key: 'groq' } } } }),
    },
    path: 'spec.secrets.providerKeys.groq.secretKeyRef.key',
    fine: {
      spec: {
        ...kubernetes({
          providerKeys: { groq: { secretKeyRef: { name: 'voice-secrets', key: 'admin-key' } } },
        }),
      },
    },
  },
  {
    code: 'missing-secret-key',
    spec: { ...kubernetes({ configSecret: { name: 'voice-secrets' } }) },
    path: 'spec.secrets.configSecret.name',
    fine: { spec: { ...kubernetes({ configSecret: { name: 'own' } }) } },
  },
  {
    code: 'missing-secret-key',
    spec: {
      ...kubernetes({ name: 'voice-postgresql' }),
      postgresql: { enabled: true, provider: 'bitnami' },
    },
    path: 'spec.postgresql.existingSecret',
    fine: { spec: { ...kubernetes(), postgresql: { enabled: true, provider: 'bitnami' } } },
  },
  {
    code: 'unused-secret-key',
    spec: sealed({ 'grok-api-key': 'YWJj' }),
    path: 'spec.secrets.sealed.grok-api-key',
    fine: { spec: sealed({ 'groq-api-key': 'YWJj', 'discord-bot-token': 'YWJj', 'config.yaml': 'YWJj' }) },
  },
  {
    code: 'unused-secret-key',
    spec: kubernetes({ providerKeys: { deepgram: { fromEnv: 'K' } } }),
    path: 'spec.secrets.providerKeys.deepgram',
    fine: providers(
      { stt: { name: 'deepgram' } },
      kubernetes({ providerKeys: { deepgram: { fromEnv: 'K' } } }),
    ),
  },
  {
    code: 'unused-secret-key',
    spec: external({ 'vault-token': { key: 'v' } }),
    path: 'spec.secrets.external.keys.vault-token',
    fine: {
      spec: {
        ...external({ extra: { key: 'v' } }),
        worker: {
          podPatch: {
            spec: {
              containers: [
                {
                  name: 'worker',
                  env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'voice-secrets', key: 'extra' } } }],
                },
              ],
            },
          },
        },
      },
    },
  },
  {
    code: 'unused-secret-source',
    spec: { secrets: { sealed: sealedBoth } },
    path: 'spec.secrets.sealed',
    fine: { spec: sealed() },
  },
  {
    code: 'unused-secret-source',
    spec: { secrets: { external: { keys: mapped } } },
    path: 'spec.secrets.external.keys',
    fine: { spec: { secrets: { external: { storeRef: { name: 's' } } } } },
  },
  {
    code: 'external-store',
    spec: { secrets: { provider: 'external-secrets', external: { keys: mapped } } },
    path: 'spec.secrets.external.storeRef.name',
    fine: { spec: external() },
  },
  {
    code: 'sealed-form',
    spec: sealed({}, { sealed: { ...sealedBoth, 'admin-key': 'aHVudGVyMg==', 'database-dsn': wellSealed } }),
    path: 'spec.secrets.sealed.admin-key',
    fine: { spec: sealed({}, { sealed: { 'admin-key': wellSealed, 'database-dsn': wellSealed } }) },
  },
  {
    code: 'sealed-elsewhere',
    spec: sealed(),
    environment: { metadata: { namespace: 'other' } },
    path: 'metadata.namespace',
    fine: {
      spec: sealed(),
      environment: { metadata: { namespace: 'other' }, spec: { secrets: { sealedScope: 'cluster-wide' } } },
    },
  },
  {
    code: 'sealed-elsewhere',
    spec: sealed(),
    environment: { spec: { secrets: { name: 'other' } } },
    path: 'spec.secrets.name',
    fine: {
      spec: sealed(),
      environment: {
        spec: { secrets: { name: 'other', sealed: { 'admin-key': 'ZGVm', 'database-dsn': 'ZGVm' } } },
      },
    },
  },
  {
    code: 'sealed-elsewhere',
    spec: sealed({}, { sealedScope: 'namespace-wide' }),
    environment: { metadata: { namespace: 'other' } },
    path: 'metadata.namespace',
    fine: {
      spec: sealed({}, { sealedScope: 'namespace-wide' }),
      environment: { spec: { secrets: { name: 'other' } } },
    },
  },
  // the database
  {
    code: 'dsn-unused',
    spec: { ...kubernetes(), postgresql: { enabled: true } },
    path: 'spec.database.dsn',
    fine: { spec: { ...kubernetes(), postgresql: { enabled: false } } },
  },
  ...[
    'mysql://u@db/x',
    'db.example.com',
    'postgres://u:pa/ss@db/x',
    'postgres://u:p%zz@db/x',
    'postgres://u:p[ss@db/x',
    'postgres://u:p@db:port/x',
    'postgres://u:p@db/x\n',
    'host=db port=x',
  ].map((value) => ({
    code: 'dsn-form',
    spec: { ...kubernetes(), database: { dsn: { value } } },
    path: 'spec.database.dsn.value',
    fine: { spec: { ...kubernetes(), database: { dsn: { value: "host=db password='a b' port=6432" } } } },
  })),
  {
    code: 'dsn-form',
    spec: { ...kubernetes(), database: { dsn: { value: 'postgres://u:p@ss w@db/x' } } },
    path: 'spec.database.dsn.value',
    fine: { spec: { ...kubernetes(), database: { dsn: { value: 'postgres://u:p%40ss@a:1,b:2/x' } } } },
  },
  {
    code: 'dsn-form',
    spec: { ...kubernetes(), database: { dsn: { value: 'postgres:/db/x' } } },
    path: 'spec.database.dsn.value',
    fine: { spec: { ...kubernetes(), database: { dsn: { value: 'postgresql:///x' } } } },
  },
  {
    code: 'bitnami-without-pgvector',
    ...postgresql({ provider: 'bitnami' }),
    path: 'spec.postgresql.provider',
    fine: postgresql({ provider: 'bitnami', image: 'registry.example.com/pgvector:latest' }),
  },
  {
    code: 'cluster-chart-unused',
    ...postgresql({ charts: { cluster: { version: '0.8.1' } } }),
    path: 'spec.postgresql.charts.cluster',
    fine: postgresql({ charts: { operator: { version: '0.29.0' } } }),
  },
  {
    code: 'backup-destination',
    ...postgresql({ backup: { enabled: true } }),
    path: 'spec.postgresql.backup.enabled',
    fine: postgresql({ backup: { enabled: true, destinationPath: 's3://backups/a' } }),
  },
  {
    code: 'bitnami-unsupported',
    ...postgresql({ provider: 'bitnami', monitoring: { enabled: true } }),
    path: 'spec.postgresql.monitoring.enabled',
    fine: postgresql({ monitoring: { enabled: true } }),
  },
  {
    code: 'bitnami-instances',
    ...postgresql({ provider: 'bitnami', instances: 2 }),
    path: 'spec.postgresql.instances',
    fine: postgresql({ instances: 2 }),
  },
  {
    code: 'existing-secret-unused',
    ...postgresql({ existingSecret: 'own' }),
    path: 'spec.postgresql.existingSecret',
    fine: postgresql({ provider: 'bitnami', existingSecret: 'own' }),
  },
  ...['registry.example.com:5000/postgresql', 'postgresql:latest', `postgresql@sha256:${'0'.repeat(64)}`].map(
    (image) => ({
      code: 'postgresql-image-version',
      ...postgresql({ image }),
      path: 'spec.postgresql.image',
      fine: postgresql({ image: `registry.example.com:5000/postgresql:17.2@sha256:${'0'.repeat(64)}` }),
    }),
  ),
  {
    code: 'reserved-database',
    ...postgresql({ database: 'postgres' }),
    path: 'spec.postgresql.database',
    fine: postgresql({ database: 'postgres1' }),
  },
  {
    code: 'storage-size',
    ...postgresql({ storage: { size: 0 } }),
    path: 'spec.postgresql.storage.size',
    fine: postgresql({ storage: { size: '1Gi' } }),
  },
  // the configuration file
  {
    code: 'not-expanded',
    ...file({ campaign: { name: `$${'{NAME}'}` } }),
    path: 'spec.config.campaign.name',
    fine: file({ campaign: { name: '$NAME costs 5 $' } }),
  },
  {
    code: 'not-expanded',
    spec: kubernetes({ providerKeys: { groq: { value: '$GROQ_API_KEY' } } }),
    path: 'spec.secrets.providerKeys.groq.value',
    fine: { spec: kubernetes({ providerKeys: { groq: { fromEnv: 'GROQ_API_KEY' } } }) },
  },
  {
    code: 'config-size',
    ...file({ campaign: { name: 'x'.repeat(260_000) } }),
    path: 'spec.config',
    severity: 'warning',
    fine: file({ campaign: { name: 'x'.repeat(250_000) } }),
  },
  {
    code: 'server-tls',
    ...file({ server: { tls: { cert_file: '/tls/tls.crt' } } }),
    path: 'spec.config.server.tls.key_file',
    fine: file({ server: { tls: { cert_file: '', key_file: '' } } }),
  },
  {
    code: 'server-tls',
    ...file({ server: { tls: { cert_file: '/tls/tls.crt', key_file: '/tls/tls.key' } } }),
    path: 'spec.config.server.tls',
    fine: file(
      { server: { tls: { cert_file: '/tls/tls.crt', key_file: '/tls/tls.key' } } },
      { gateway: { podPatch: { spec: { volumes: [{ name: 'tls', secret: { secretName: 'tls' } }] } } } },
    ),
  },
  {
    code: 'campaign-files',
    ...file({ campaign: { entity_files: ['a.yaml'] } }),
    path: 'spec.config.campaign.entity_files',
    fine: file(
      { campaign: { entity_files: ['a.yaml'], vtt_imports: [] } },
      { worker: { podPatch: { spec: { volumes: [{ name: 'files', emptyDir: {} }] } } } },
    ),
  },
  {
    code: 'model-files',
    ...providers(
      { stt: { name: 'whisper-native', options: { model_path: '/models/base.bin' } } },
      { worker: { resourceProfile: 'whisper-native' } },
    ),
    path: 'spec.config.providers.stt.options.model_path',
    fine: providers(
      { stt: { name: 'whisper-native', options: { model_path: '/models/base.bin' } } },
      {
        worker: {
          resourceProfile: 'whisper-native',
          podPatch: { spec: { volumes: [{ name: 'models', emptyDir: {} }] } },
        },
      },
    ),
  },
  {
    code: 'model-files',
    ...providers({ vad: { name: 'silero', model: '/models/vad.onnx', options: { frame_size_ms: 32 } } }),
    path: 'spec.config.providers.vad.model',
    fine: providers({ vad: { name: 'silero', model: 'vad.onnx', options: { frame_size_ms: 32 } } }),
  },
  {
    code: 'memory-dsn-unused',
    ...file({ memory: { postgres_dsn: 'k' } }, kubernetes()),
    path: 'spec.config.memory.postgres_dsn',
    fine: file({ memory: { postgres_dsn: '' } }, kubernetes()),
  },
  // providers
  {
    code: 'unknown-provider',
    ...providers({ stt: { name: 'deepgramm' } }),
    path: 'spec.config.providers.stt.name',
    fine: providers({ stt: { name: 'deepgram' } }),
  },
  {
    code: 'unnamed-provider',
    ...providers({ llm: { model: 'x' } }),
    path: 'spec.config.providers.llm.name',
    fine: providers({ llm: {} }),
  },
  {
    code: 'provider-key-missing',
    ...providers({ s2s: { name: 'openai-realtime' } }, kubernetes()),
    path: 'spec.config.providers.s2s.name',
    fine: providers(
      { s2s: { name: 'openai-realtime' } },
      kubernetes({ providerKeys: { openai: { fromEnv: 'K' } } }),
    ),
  },
  {
    code: 'provider-key-missing',
    ...providers({ llm: { name: 'gemini' } }, sealed()),
    path: 'spec.config.providers.llm.name',
    fine: providers({ s2s: { name: 'gemini-live' } }, sealed({ 'config.yaml': 'YWJj' })),
  },
  {
    code: 'provider-key-missing',
    severity: 'error',
    ...providers({ tts: { name: 'elevenlabs' } }, external()),
    path: 'spec.config.providers.tts.name',
    fine: providers({ tts: { name: 'elevenlabs' } }),
  },
  {
    code: 'provider-key-missing',
    severity: 'error',
    ...providers({ llm: { name: 'openai', model: 'm' }, embeddings: { name: 'openai' } }, kubernetes()),
    path: 'spec.config.providers.embeddings.name',
    fine: providers({ embeddings: { name: 'gemini' } }, kubernetes()),
  },
  {
    code: 'key-not-in-file',
    ...providers({ stt: { name: 'deepgram' } }, { secrets: { providerKeys: { deepgram: ownKey } } }),
    path: 'spec.secrets.providerKeys.deepgram.secretKeyRef',
    fine: providers({ llm: { name: 'groq', model: 'm' } }, { secrets: { providerKeys: { groq: ownKey } } }),
  },
  {
    code: 'app-config-not-sealed',
    ...providers({ stt: { name: 'deepgram' } }, sealed()),
    path: 'spec.secrets.sealed',
    fine: providers({ stt: { name: 'deepgram' } }, sealed({ 'config.yaml': 'YWJj' })),
  },
  {
    code: 'provider-key-missing',
    ...providers({ llm: { name: 'groq', model: 'm' } }, kubernetes()),
    path: 'spec.config.providers.llm.name',
    fine: providers({ llm: { name: 'groq', model: 'm', api_key: 'k' } }, kubernetes()),
  },
  ...constructors.map(([kind, name, lacks, needs, options]) => ({
    code: 'provider-incomplete',
    ...providers({ [kind]: { name, ...lacks } }),
    path: `spec.config.providers.${kind}.${Object.keys(needs)[0]}`,
    fine: providers({ [kind]: { name, ...(options === undefined ? needs : { options }) } }),
  })),
  {
    code: 'audio-unused',
    ...providers({ audio: { name: 'discord', options: { guild_id: '1' } } }, kubernetes()),
    path: 'spec.config.providers.audio',
    severity: 'error',
    fine: providers({ audio: {} }),
  },
  {
    code: 'audio-unused',
    ...providers({ audio: { name: 'discord', api_key: 'k', options: { guild_id: '' } } }, kubernetes()),
    path: 'spec.config.providers.audio',
    severity: 'error',
    fine: providers({ audio: null }),
  },
  ...[{ name: 'webrtc' }, { name: 'discord', api_key: 'k', options: { guild_id: '1' } }].map((audio) => ({
    code: 'audio-unused',
    ...providers({ audio }, kubernetes()),
    path: 'spec.config.providers.audio',
    fine: providers({ audio: { name: '' } }),
  })),
  {
    code: 'base-url-missing',
    ...providers({ embeddings: { name: 'ollama', model: 'm' } }),
    path: 'spec.config.providers.embeddings.name',
    fine: providers({ embeddings: { name: 'ollama', model: 'm', base_url: 'http://ollama:11434' } }),
  },
  {
    code: 'loopback-address',
    ...providers({ llm: { name: 'ollama', model: 'm', base_url: 'http://localhost:11434' } }),
    path: 'spec.config.providers.llm.base_url',
    fine: providers(
      { llm: { name: 'ollama', model: 'm', base_url: 'http://localhost:11434' } },
      {
        worker: {
          podPatch: { spec: { containers: [{ name: 'worker' }, { name: 'ollama', image: 'o:1' }] } },
        },
      },
    ),
  },
  {
    code: 'loopback-address',
    ...servers({ name: 'a', transport: 'streamable-http', url: 'http://[::1]:80/mcp' }),
    path: 'spec.config.mcp.servers[0].url',
    fine: servers({ name: 'a', transport: 'streamable-http', url: 'http://128.0.0.1/mcp' }),
  },
  {
    code: 'loopback-address',
    spec: { vault: { enabled: true, addr: 'http://127.0.0.1:8200' } },
    path: 'spec.vault.addr',
    fine: { spec: { vault: { enabled: false, addr: 'http://127.0.0.1:8200' } } },
  },
  {
    code: 'embedding-dimensions',
    ...providers({ embeddings: { name: 'openai' } }),
    path: 'spec.config.memory.embedding_dimensions',
    fine: file({ providers: { embeddings: { name: 'openai' } }, memory: { embedding_dimensions: 5 } }),
  },
  {
    code: 'embedding-dimensions',
    ...file({
      providers: { embeddings: { name: 'ollama', model: 'nomic-embed-text:latest', base_url: 'http://o' } },
      memory: { embedding_dimensions: 1536 },
    }),
    path: 'spec.config.memory.embedding_dimensions',
    fine: file({
      providers: { embeddings: { name: 'ollama', model: 'nomic-embed-text:latest', base_url: 'http://o' } },
      memory: { embedding_dimensions: 768 },
    }),
  },
  {
    code: 'silero-frame-size',
    ...providers({ vad: { name: 'silero', model: '/m', options: { frame_size_ms: 30 } } }),
    path: 'spec.config.providers.vad.options.frame_size_ms',
    fine: providers({
      vad: { name: 'silero', model: '/m', options: { frame_size_ms: 32, sample_rate: 16000 } },
    }),
  },
  ...[64, 96].map((frame_size_ms) => ({
    code: 'silero-frame-size',
    ...providers({ vad: { name: 'silero', model: '/m', options: {} } }),
    path: 'spec.config.providers.vad.options.frame_size_ms',
    fine: providers({ vad: { name: 'silero', model: '/m', options: { frame_size_ms } } }),
  })),
  // characters
  {
    code: 'npc-without-model',
    ...npcs([{ name: 'A', engine: 's2s' }, { name: 'B' }], { providers: { s2s: { name: 'gemini-live' } } }),
    path: 'spec.config.npcs[1]',
    fine: npcs([{ name: 'A', engine: 's2s' }], { providers: { s2s: { name: 'gemini-live' } } }),
  },
  {
    code: 'duplicate-npc',
    ...npcs([{ name: 'A' }, { name: 'B' }, { name: 'A' }]),
    path: 'spec.config.npcs[2].name',
    fine: npcs([{ name: 'A' }, { name: 'a' }]),
  },
  ...(['cascaded', 'sentence_cascade'] as const).map((engine) => ({
    code: 'engine-provider',
    ...npcs([{ name: 'A' }, { name: 'B', engine }], { providers: { llm: { name: 'groq', model: 'm' } } }),
    path: 'spec.config.npcs[1].engine',
    fine: npcs([{ name: 'B', engine }], both),
  })),
  {
    code: 'engine-provider',
    ...npcs([{ name: 'B', engine: 's2s' }], both),
    path: 'spec.config.npcs[0].engine',
    fine: npcs([{ name: 'B', engine: 's2s' }], { providers: { s2s: { name: 'gemini-live' } } }),
  },
  {
    code: 'npc-without-model',
    ...npcs([{ name: 'A' }]),
    path: 'spec.config.npcs[0]',
    fine: npcs([{ name: 'A', engine: 's2s' }], { providers: { s2s: { name: 'gemini-live' } } }),
  },
  ...[0.1, 0.49].map((speed_factor) => ({
    code: 'speed-factor',
    ...npcs([{ name: 'A', voice: { speed_factor } }]),
    path: 'spec.config.npcs[0].voice.speed_factor',
    fine: npcs([
      { name: 'A', voice: { speed_factor: 0.5 } },
      { name: 'B', voice: { speed_factor: 0 } },
    ]),
  })),
  {
    code: 'voice-provider',
    ...npcs([{ name: 'A', voice: { provider: 'coqui' } }], both),
    path: 'spec.config.npcs[0].voice.provider',
    fine: npcs([{ name: 'A', voice: { provider: 'elevenlabs' } }], both),
  },
  {
    code: 'gm-helpers',
    ...npcs([{ name: 'A', gm_helper: true }, { name: 'B' }, { name: 'C', gm_helper: true }]),
    path: 'spec.config.npcs[2].gm_helper',
    fine: npcs([
      { name: 'A', gm_helper: true },
      { name: 'B', gm_helper: false },
    ]),
  },
  // MCP servers
  {
    code: 'mcp-server-fields',
    ...servers({ name: 'a', transport: 'stdio', command: '' }),
    path: 'spec.config.mcp.servers[0].command',
    fine: servers({ name: 'a', transport: 'stdio', command: '/opt/a' }),
  },
  {
    code: 'mcp-server-fields',
    ...servers({ name: 'b', transport: 'stdio', command: 'b' }, { name: 'a', transport: 'streamable-http' }),
    path: 'spec.config.mcp.servers[1].url',
    fine: servers({ name: 'a', transport: 'streamable-http', url: 'https://a.example.com' }),
  },
  {
    code: 'mcp-server-fields',
    ...servers({ name: 'a' }),
    path: 'spec.config.mcp.servers[0].transport',
    fine: servers({ name: 'a', transport: 'stdio', command: 'x' }),
  },
  {
    code: 'duplicate-mcp-server',
    ...servers(
      { name: 'a', transport: 'stdio', command: 'x' },
      { name: 'a', transport: 'stdio', command: 'y' },
    ),
    path: 'spec.config.mcp.servers[1].name',
    fine: servers(
      { name: 'a', transport: 'stdio', command: 'x' },
      { name: 'b', transport: 'stdio', command: 'x' },
    ),
  },
  {
    code: 'mcp-command-absent',
    ...servers({ name: 'a', transport: 'stdio', command: '/usr/bin/npx -y server' }),
    path: 'spec.config.mcp.servers[0].command',
    fine: servers({ name: 'a', transport: 'stdio', command: '/opt/npx-server' }),
  },
  {
    code: 'mcp-token-url',
    ...file(
      { mcp: { servers: [{ ...stdio, auth: { oauth: { client_id: 'c', token_url: 'login' } } }] } },
      kubernetes(),
    ),
    path: 'spec.config.mcp.servers[0].auth.oauth.token_url',
    fine: file(
      { mcp: { servers: [{ ...stdio, auth: { oauth: { client_id: 'c', token_url: 'https://l' } } }] } },
      kubernetes(),
    ),
  },
];

for (const [index, { code, path, severity, fine, ...input }] of table.entries()) {
  test(`${code} fires at ${path} and nowhere near (${index})`, () => {
    const rule = rules.find((candidate) => candidate.code === code);
    assert.ok(rule, `no rule ${code} in the lists of generator/config/rules.ts`);
    const fired = findingsOf(input).filter((finding) => finding.code === code);
    assert.deepEqual(
      fired.map((finding) => formatPath(finding.path)),
      [path],
      findingsOf(input).map(formatFinding).join('\n'),
    );
    assert.equal(fired[0]?.severity, severity ?? rule.severity);
    const near = findingsOf(fine);
    assert.deepEqual(near.filter((finding) => finding.code === code).map(formatFinding), []);
    assert.ok(!hasErrors(near), near.map(formatFinding).join('\n'));
  });
}

test('every rule has a case in the table, and every case a rule', () => {
  assert.deepEqual([...new Set(table.map(({ code }) => code))].sort(), rules.map(({ code }) => code).sort());
});

test('what decides the meaning of all that a rule says is a value of the schema, and a rule is silent where it is wrong', () => {
  for (const { code, reads = [] } of rules) {
    for (const path of reads) {
      let node: SchemaNode | undefined = schema;
      for (const part of path) node = node && childNode(node, part);
      assert.ok(node !== undefined, `${code} reads ${formatPath(path)}`);
      const wrong = node.type === 'object' ? 'x' : ['x'];
      for (const { spec = {}, ...input } of table.filter((each) => each.code === code)) {
        const found = findingsOf({ ...input, spec: withValue(spec, path.slice(1), wrong) });
        assert.ok(!found.some((finding) => finding.code === code), `${code} in spite of ${formatPath(path)}`);
      }
    }
  }
});

function withValue(value: Json | undefined, [key, ...rest]: Path, last: Json): JsonObject {
  const below = isObject(value) ? value : {};
  return { ...below, [String(key)]: rest.length === 0 ? last : withValue(below[String(key)], rest, last) };
}

/** The codes of the rules whose findings in the table all are so. */
function codesThat(fits: (finding: Finding, text: string) => boolean): string[] {
  const codes = new Set(table.map(({ code }) => code));
  const inOrder = rules.map(({ code }) => code).filter((code) => codes.has(code));
  return inOrder.filter((code) =>
    table
      .filter((each) => each.code === code)
      .every((input) => {
        const text = sourcesOf(input)[2];
        return findingsOf(input).every((finding) => finding.code !== code || fits(finding, text));
      }),
  );
}

test('rules that look at values that may be secret show no line', () => {
  assert.deepEqual(
    codesThat(({ showSource }) => showSource === false),
    [
      'service-port',
      'pod-patch-secret',
      'dropped-secret',
      'literal-secret',
      'app-config-secret',
      'app-config-not-sealed',
      'secret-whitespace',
      'missing-secret-key',
      'unused-secret-key',
      'sealed-form',
      'dsn-form',
      'not-expanded',
      'memory-dsn-unused',
      'mcp-token-url',
    ],
  );
});

test('what is wrong with a group as a whole is found at its key', () => {
  const isAtKey = ({ path, position }: Finding, text: string) =>
    text
      .split('\n')
      [(position?.line ?? 0) - 1]?.slice((position?.col ?? 0) - 1)
      .startsWith(`${path.at(-1)}:`) === true;
  assert.deepEqual(codesThat(isAtKey), [
    'proxy-https-missing',
    'dropped-secret',
    'config-secret-and-config',
    'unused-secret-key',
    'unused-secret-source',
    'dsn-unused',
    'cluster-chart-unused',
    'config-size',
    'audio-unused',
  ]);
});

test('the default configuration gives no finding, whatever the topology', () => {
  assert.deepEqual(findingsOf({}), []);
  assert.deepEqual(findingsOf({ spec: { core: { topology: 'dedicated' } } }), []);
  assert.deepEqual(findingsOf({ environment: {} }), []);
});

test('rule codes are unique and in kebab-case, and each says what it asks for', () => {
  const codes = rules.map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
  for (const { code, about } of rules) {
    assert.match(code, /^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/);
    assert.match(about, /^[A-Z`].*\.$/);
  }
});

test('findings say what is wrong and what to do, without a capital or a full stop, and where', () => {
  for (const input of table) {
    for (const { message, hint, position } of findingsOf(input)) {
      assert.match(message, /[^.\s]$/);
      assert.ok(hint !== undefined && /[^.\s]$/.test(hint), message);
      assert.ok(position !== undefined && position.line >= 1 && position.col >= 1, message);
    }
  }
});

test('a value that is wrong in the text is not spoken of a second time', () => {
  const codes = (spec: JsonObject) => findingsOf({ spec }).map(({ code }) => code);
  assert.deepEqual(codes({ secrets: { provider: 'kubernets' }, ...given }), ['not-a-choice']);
  assert.deepEqual(codes({ worker: { ports: { grpc: 'x' } } }), ['wrong-type']);
  assert.deepEqual(codes({ config: { npcs: ['A', { name: 'B' }, { name: 'B' }] } }), ['wrong-type']);
  const beside = { image: { tag: 'latest', repository: 'registry.example.com/glyphoxa' } };
  assert.deepEqual(
    codes({ core: { imagePullSecrets: ['a', { name: 'b' }, { name: 'b' }], ...beside } }).sort(),
    ['floating-tag', 'wrong-type'],
  );
});

test('a password in an address is never shown, nor is its line', () => {
  for (const url of ['http://u:cAnArY@proxy', 'http://u:cA nArY@proxy', 'cAnArY', 'ftp://cAnArY@proxy']) {
    const found = findingsOf({
      spec: {
        core: { proxy: { http: url, https: url } },
        vault: { addr: url },
        config: {
          providers: { llm: { name: 'ollama', model: 'm', base_url: url } },
          mcp: { servers: [{ name: 'a', url }] },
        },
      },
    });
    const wrong = found.filter(({ code }) => code === 'invalid-value');
    assert.equal(wrong.length, 5, url);
    for (const { message, hint, showSource } of wrong) {
      assert.ok(!`${message}${hint}`.includes('nArY'));
      assert.equal(showSource, false, url);
    }
  }
});

test('no finding holds a secret', () => {
  const canary = 'cAnArY';
  const forms = [
    canary,
    ` ${canary} `,
    `$${`{${canary}}`}`,
    `postgres://u:${canary}/x@db/x`,
    `${canary}\u0001`,
  ];
  const secretsOf = (value: string): JsonObject => ({
    config: {
      providers: {
        llm: { name: 'groq', api_key: value, options: { token: value, plain: value } },
        vad: { name: 'silero', options: { frame_size_ms: value, sample_rate: value } },
      },
      memory: { postgres_dsn: value },
      mcp: {
        servers: [
          { name: 'a', env: { A: value, [value]: value } },
          { name: 'b', auth: { token: value, oauth: { client_id: value, client_secret: value } } },
        ],
      },
    },
    gateway: {
      adminKey: { value },
      podPatch: { spec: { containers: [{ name: 'gateway', env: [{ name: 'A_KEY', value }] }] } },
    },
    database: { dsn: { value } },
    vault: { token: { value } },
  });
  for (const provider of ['existing', 'kubernetes', 'sealed-secrets', 'external-secrets']) {
    for (const form of forms) {
      const spec = { ...secretsOf(form), secrets: { provider, providerKeys: { groq: { value: form } } } };
      const findings = findingsOf({ spec });
      assert.ok(findings.length > 0);
      for (const finding of findings) {
        const { path: _, ...said } = finding;
        assert.ok(!JSON.stringify(said).includes(canary), formatFinding(finding));
      }
    }
  }
});
