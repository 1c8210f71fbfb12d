/** Where rules on workloads, ports, traffic, databases and names begin and end: beside the `cases`. */
import { type Edges, edges, policies } from './edges.ts';

const dedicated = { topology: 'dedicated' };
const autoscaling = { enabled: true };
const tiers = { 'glyphoxa.io/tier': 'shared' };
const localLlm = { resourceProfile: 'local-llm' };
const ownWhisper = { config: { providers: { stt: { name: 'whisper-native', model: '/m' } } } };
const kubernetes = { secrets: { provider: 'kubernetes' } };
const vault = { enabled: true, addr: 'http://vault' };
const pods = { to: [{ podSelector: {} }] };
const bitnami = { enabled: true, provider: 'bitnami' };
const cluster = { enabled: true };

/** An `env` of a container in a pod patch of a workload. */
const patched = (workload: string, list: string, name: string, value: string) => ({
  [workload]: { podPatch: { spec: { [list]: [{ name: 'x', image: 'x:1', env: [{ name, value }] }] } } },
});
const variable = (name: string, value = 'x') => patched('worker', 'containers', name, value);
const inPatch = (workload: string, list: string) => `spec.${workload}.podPatch.spec.${list}[0].env[0].value`;
const container = (more: object) => ({
  autoscaling,
  gateway: { podPatch: { spec: { containers: [{ name: 'x', image: 'x:1', ...more }] } } },
});

const workloads: Edges = {
  'dedicated-replicas': [
    ['three for many tenants', { gateway: { replicaCount: 3 } }],
    [
      'three while autoscaling has two',
      { core: dedicated, autoscaling: { enabled: true, maxReplicas: 2 }, gateway: { replicaCount: 3 } },
    ],
  ],
  'dedicated-anti-affinity': [['for many tenants', { gateway: { podAntiAffinity: { enabled: true } } }]],
  'no-replicas': [
    ['while autoscaling decides', { autoscaling, gateway: { replicaCount: 0 } }],
    ['one', { gateway: { replicaCount: 1 }, mcpGateway: { replicaCount: 1 } }],
    [
      'both',
      { gateway: { replicaCount: 0 }, mcpGateway: { replicaCount: 0 } },
      'warning spec.gateway.replicaCount',
      'warning spec.mcpGateway.replicaCount',
    ],
  ],
  'requests-above-limits': [
    [
      'of an MCP gateway that is off',
      { mcpGateway: { enabled: false, resources: { limits: { cpu: '1m' } } } },
      'warning spec.mcpGateway.resources.limits.cpu',
    ],
    [
      'of the profile that is used',
      { worker: { profiles: { cloud: { limits: { cpu: '1m' } } } } },
      'error spec.worker.profiles.cloud.limits.cpu',
    ],
    ...[
      { ...localLlm, gpu: { requestResource: true, enabled: false } },
      { ...localLlm, gpu: { requestResource: false } },
      { gpu: { requestResource: true } },
    ].map((more): [string, object] => [
      'no GPU is asked for',
      {
        worker: {
          ...more,
          profiles: { 'local-llm': { requests: { 'nvidia.com/gpu': 2 }, limits: { 'nvidia.com/gpu': 2 } } },
        },
      },
    ]),
  ],
  'tier-selector': [
    [
      'of another topology',
      { core: { ...dedicated, tierScheduling: true }, gateway: { nodeSelector: tiers } },
      'warning spec.gateway.nodeSelector["glyphoxa.io/tier"]',
    ],
    ['while nothing is scheduled by tiers', { core: dedicated, gateway: { nodeSelector: tiers } }],
  ],
  'autoscaling-without-cpu-request': [
    ['no autoscaling', { gateway: { resources: { requests: { cpu: '0' } } } }],
    ['a request', container({ resources: { requests: { cpu: '1m' } } })],
    ['a request that is a number', container({ resources: { requests: { cpu: 1 } } })],
    [
      'a request for nothing',
      container({ resources: { requests: { cpu: '0' }, limits: { memory: '1Gi' } } }),
      'warning spec.gateway.podPatch.spec.containers[0]',
    ],
    ['a container that is removed', container({ $patch: 'delete' })],
  ],
  'min-above-max-replicas': [
    ['as many', { autoscaling: { enabled: true, minReplicas: 4, maxReplicas: 4 } }],
    ['off', { autoscaling: { minReplicas: 5, maxReplicas: 4 } }, 'warning spec.autoscaling.minReplicas'],
    ['the default', { autoscaling: { enabled: true, maxReplicas: 1 } }, 'error spec.autoscaling.maxReplicas'],
  ],
  'gpu-off': [['the other profile', { worker: { gpu: { enabled: false } } }]],
  'gpu-toleration': [
    ['no GPU', { worker: { ...localLlm, gpu: { enabled: false, tolerations: [] } } }],
    ['the other profile', { worker: { gpu: { tolerations: [] } } }],
    ...[
      { key: 'nvidia.com/gpu', operator: 'Exists' },
      { key: '', operator: 'Exists' },
    ].flatMap((toleration): Edges[string] => [
      ['of its own', { worker: { ...localLlm, gpu: { tolerations: [toleration] } } }],
      [
        'of a pod patch',
        {
          worker: {
            ...localLlm,
            gpu: { tolerations: [] },
            podPatch: { spec: { tolerations: [toleration] } },
          },
        },
      ],
    ]),
    [
      'another',
      { worker: { ...localLlm, gpu: { tolerations: [] }, tolerations: [{ key: 'a', operator: 'Exists' }] } },
      'warning spec.worker.gpu.tolerations',
    ],
  ],
  'gpu-request-unused': [
    [
      'while scheduling is off',
      { worker: { ...localLlm, gpu: { requestResource: true, enabled: false } } },
      'warning spec.worker.gpu.requestResource',
    ],
    ['not asked for', { worker: { gpu: { requestResource: false } } }],
  ],
  'whisper-profile': [
    ['more memory', { ...ownWhisper, worker: { profiles: { cloud: { limits: { memory: '4Gi' } } } } }],
    ['a file of its own', { ...ownWhisper, secrets: { configSecret: { name: 'own' } } }],
    ['another recogniser', { config: { providers: { stt: { name: 'whisper', base_url: 'http://w' } } } }],
  ],
  'pod-patch-secret': [
    ...['gateway', 'worker', 'mcpGateway'].flatMap((workload): Edges[string] =>
      ['containers', 'initContainers'].map((list) => [
        `${workload} ${list}`,
        patched(workload, list, 'A_KEY', 'x'),
        `warning ${inPatch(workload, list)}`,
      ]),
    ),
    ...['key', 'API_TOKEN', 'secret', 'PASSWD', 'password', 'CREDENTIAL', 'credentials', 'MY_DSN'].map(
      (name): Edges[string][number] => [name, variable(name), `warning ${inPatch('worker', 'containers')}`],
    ),
    ...['KEYS', 'TOKEN_FILE', 'HOME'].map((name): [string, object] => [name, variable(name)]),
    ['nothing', variable('A_KEY', '')],
    ['a file', variable('A_KEY', '/run/key')],
  ],
};

const ports: Edges = {
  'privileged-port': [
    ['the first', { gateway: { ports: { admin: 1024 } } }],
    [
      'the last',
      { gateway: { ports: { admin: 1023 } }, mcpGateway: { ports: { mcp: 80 } } },
      'warning spec.gateway.ports.admin',
      'warning spec.mcpGateway.ports.mcp',
    ],
    ['of what is off', { mcpGateway: { enabled: false, ports: { mcp: 80 } } }],
  ],
  'observe-ports-differ': [
    [
      'two of three',
      { worker: { ports: { observe: 9191 } }, mcpGateway: { ports: { observe: 9192 } } },
      'error spec.worker.ports.observe',
      'error spec.mcpGateway.ports.observe',
    ],
  ],
  'listen-address': [
    ['nothing', { gateway: { ports: { admin: 8000 } }, config: { server: { listen_addr: '' } } }],
    [
      'both wrong',
      { config: { server: { listen_addr: '127.0.0.1:1' } } },
      'error spec.config.server.listen_addr',
      'error spec.config.server.listen_addr',
    ],
    [
      'a file of its own',
      { secrets: { configSecret: { name: 'own' } }, config: { server: { listen_addr: ':1' } } },
    ],
  ],
  'observe-address': [
    [
      'of other manifests',
      { gateway: { ports: { observe: 9191 } }, config: { server: { observe_addr: ':9090' } } },
      'error spec.config.server.observe_addr',
    ],
    ['of these', { gateway: { ports: { observe: 9191 } }, config: { server: { observe_addr: ':9191' } } }],
  ],
  'service-port': [
    ['opened to pods', { vault, ...policies({ gateway: [pods] }) }],
    ['opened to all', { vault, ...policies({ gateway: [{}] }) }],
    ['opened by a port', { vault, ...policies({ gateway: [{ ports: [{ port: 8200 }] }] }) }],
    ['opened for TCP', { vault, ...policies({ gateway: [{ ports: [{ port: 8200, protocol: 'TCP' }] }] }) }],
    [
      'opened for UDP',
      { vault, ...policies({ gateway: [{ ports: [{ port: 8200, protocol: 'UDP' }] }] }) },
      'warning spec.vault.addr',
    ],
    [
      'opened outside the cluster',
      { vault, ...policies({ gateway: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] }) },
      'warning spec.vault.addr',
    ],
    [
      'opened to one of two callers',
      {
        config: { mcp: { servers: [{ name: 'a', transport: 'streamable-http', url: 'http://tools:9000' }] } },
        ...policies({ worker: [pods] }),
      },
      'warning spec.config.mcp.servers[0].url',
    ],
    [
      'opened to both',
      {
        config: { mcp: { servers: [{ name: 'a', transport: 'streamable-http', url: 'http://tools:9000' }] } },
        ...policies({ worker: [pods], mcpGateway: [pods] }),
      },
    ],
    ['of what is off', { vault: { addr: 'http://vault' } }],
    ...[
      ['llm', 'llamafile', 8080],
      ['llm', 'llamacpp', 8080],
      ['stt', 'whisper', 8080],
      ['tts', 'coqui', 5002],
      ['embeddings', 'ollama', 11434],
    ].flatMap(([kind, name, port]): Edges[string] => {
      const at = (usual: number) => ({
        config: { providers: { [String(kind)]: { name, model: 'm', base_url: `http://server:${usual}` } } },
      });
      return [
        [`the port of ${name}`, at(Number(port))],
        [`another of ${name}`, at(Number(port) + 1), `warning spec.config.providers.${kind}.base_url`],
      ];
    }),
    ...['http://proxy.svc', 'http://proxy.ns.svc.cluster.local:80', 'https://proxy'].map(
      (url): Edges[string][number] => [
        url,
        { config: { mcp: { servers: [{ name: 'a', transport: 'streamable-http', url }] } } },
        'warning spec.config.mcp.servers[0].url',
      ],
    ),
    [
      'a host outside',
      {
        config: {
          mcp: { servers: [{ name: 'a', transport: 'streamable-http', url: 'http://svc.example.com' }] },
        },
      },
    ],
  ],
  'proxy-https-missing': [
    ['no proxy', { core: { proxy: {} } }],
    ['only HTTPS', { core: { proxy: { https: 'http://proxy.example.com' } } }],
  ],
  'ingress-host': [
    ['off', { ingress: { host: '10.0.0.1' } }],
    ['a name that begins as an address', { ingress: { enabled: true, host: '10.0.0.1.nip.io' } }],
  ],
  'ingress-tls': [['off', { ingress: { host: 'a.example.com' } }]],
  'ingress-controller': [['off', { ingress: { host: 'a.example.com' } }]],
};

const databases: Edges = {
  'postgresql-name-length': [['off', {}]],
  'secret-name-taken': [
    ...['app', 'superuser', 'ca', 'server', 'replication'].map((suffix): Edges[string][number] => [
      suffix,
      { secrets: { provider: 'kubernetes', name: `voice-postgresql-${suffix}` }, postgresql: cluster },
      'error spec.secrets.name',
    ]),
    ['not made here', { secrets: { name: 'voice-postgresql-app' }, postgresql: cluster }],
    ['of no cluster', { secrets: { provider: 'kubernetes', name: 'voice-postgresql-app' } }],
    [
      'of Bitnami',
      { secrets: { provider: 'kubernetes', name: 'voice-postgresql-app' }, postgresql: bitnami },
    ],
  ],
  'reserved-database': [
    ...['postgres', 'template0', 'template1'].map((database): Edges[string][number] => [
      database,
      { postgresql: { enabled: true, database } },
      'warning spec.postgresql.database',
    ]),
    ['off', { postgresql: { database: 'postgres' } }],
    ['another', { postgresql: { enabled: true, database: 'template2' } }],
  ],
  'dsn-form': [
    ['not read', { ...kubernetes, postgresql: cluster, database: { dsn: { value: 'x' } } }],
    ['from elsewhere', { ...kubernetes, database: { dsn: { fromEnv: 'D' } } }],
  ],
  'dsn-unused': [['no DSN', { postgresql: cluster }]],
  'bitnami-without-pgvector': [
    ['off', { postgresql: { provider: 'bitnami' } }],
    ['the operator', { postgresql: cluster }],
  ],
  'bitnami-instances': [
    ['one', { postgresql: { ...bitnami, instances: 1 } }],
    ['off', { postgresql: { provider: 'bitnami', instances: 2 } }],
  ],
  'existing-secret-unused': [
    ['off', { postgresql: { existingSecret: 'own' } }],
    ['not set', { postgresql: cluster }],
  ],
  'postgresql-image-version': [
    ['off', { postgresql: { image: 'postgresql:latest' } }],
    ['of Bitnami', { postgresql: { ...bitnami, image: 'postgresql:latest' } }],
    [
      'a port and no tag',
      { postgresql: { ...cluster, image: 'localhost:5000/postgresql' } },
      'error spec.postgresql.image',
    ],
    ['a version', { postgresql: { ...cluster, image: 'postgresql:17' } }],
  ],
  'storage-size': [
    ['the smallest', { postgresql: { ...cluster, storage: { size: 1 } } }],
    ['off', { postgresql: { storage: { size: '0' } } }],
    [
      'a text',
      { postgresql: { ...cluster, storage: { size: '0Gi' } } },
      'error spec.postgresql.storage.size',
    ],
  ],
  'cluster-chart-unused': [
    ['the other chart', { postgresql: { ...cluster, charts: { operator: { version: '0.29.0' } } } }],
  ],
  'backup-destination': [
    ['off', { postgresql: { backup: { enabled: true } } }],
    ['no backup', { postgresql: cluster }],
  ],
  'bitnami-unsupported': [
    [
      'both',
      {
        postgresql: {
          ...bitnami,
          monitoring: { enabled: true },
          backup: { enabled: true, destinationPath: 's3://a' },
        },
      },
      'error spec.postgresql.backup.enabled',
      'error spec.postgresql.monitoring.enabled',
    ],
    ['off', { postgresql: { provider: 'bitnami', monitoring: { enabled: true } } }],
    ['neither', { postgresql: bitnami }],
  ],
};

edges({ ...workloads, ...ports, ...databases });
