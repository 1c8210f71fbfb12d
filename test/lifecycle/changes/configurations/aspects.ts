/** What configurations of the tests differ in. No choice of one aspect contradicts any of another. */
import type { JsonObject } from '../../../../generator/model/json.ts';
import { appFile } from './app-file.ts';
import { placement, podPatch, podSpec, resources } from './pods.ts';
import { byReference, external, madeHere, sealed } from './secrets.ts';

const labels = { matchLabels: { 'kubernetes.io/metadata.name': 'other' } };
const peers: JsonObject[] = [
  { namespaceSelector: labels, podSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }] } },
  { namespaceSelector: {} },
  { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } },
  { ipBlock: { cidr: 'fd00:1::/32' } },
];
const ports: JsonObject[] = [
  { port: 30000, endPort: 32767, protocol: 'UDP' },
  // the API server completes a rule without a protocol
  { port: 'http', protocol: 'TCP' },
  { protocol: 'SCTP' },
];
const extraRules: JsonObject = {
  extraIngress: [{}, { from: peers, ports }],
  extraEgress: [{ to: peers }, { ports }],
};

/** Parts of a resource by aspect and choice; of each aspect one choice is in force. */
export const aspects: { readonly [aspect: string]: { readonly [choice: string]: JsonObject } } = {
  name: {
    short: { metadata: { name: 'g' } },
    usual: {},
    long: {
      metadata: {
        name: 'x'.repeat(39),
        labels: { 'example.com/team': 'voice' },
        annotations: { note: 'yes' },
      },
    },
  },
  core: {
    defaults: {},
    dedicated: {
      spec: {
        core: {
          environment: 'development',
          topology: 'dedicated',
          tierScheduling: true,
          createNamespace: true,
        },
      },
    },
    image: {
      spec: {
        core: {
          context: 'production-eu',
          image: {
            repository: 'registry.example.com:5000/team/glyphoxa',
            tag: '1.10',
            digest: `sha256:${'ab'.repeat(32)}`,
            pullPolicy: 'Always',
          },
          imagePullSecrets: [{ name: 'registry' }, { name: 'other.registry' }],
          runAsUser: 65532,
          runAsGroup: 1000,
          fsGroup: 2147483647,
        },
      },
    },
    'local image': { spec: { core: { image: { tag: 'v0.1.0-rc.1', pullPolicy: 'Never' } } } },
  },
  ports: {
    defaults: {},
    others: {
      spec: {
        gateway: { ports: { admin: 18081, grpc: 65535, observe: 9100 } },
        worker: { ports: { observe: 9100 } },
        mcpGateway: { ports: { mcp: 1, observe: 9100 } },
        database: { port: 6432 },
        config: { server: { listen_addr: ':18081', observe_addr: '[::]:9100' } },
      },
    },
  },
  gateway: {
    defaults: {},
    none: { spec: { gateway: { replicaCount: 0, serviceAccount: { create: false, name: 'own.account' } } } },
    placed: {
      spec: {
        gateway: {
          replicaCount: 5,
          ...placement(),
          resources: resources(['100m', '64Mi', '1Gi'], ['1500m', '1Gi', '2Gi']),
          podAntiAffinity: { enabled: false },
          serviceAccount: {
            annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/g', note: '' },
          },
        },
      },
    },
    patched: { spec: { gateway: { podAntiAffinity: { enabled: true }, podPatch: podPatch('gateway') } } },
    'patched pod': { spec: { gateway: { podPatch: { spec: podSpec('gateway') } } } },
  },
  worker: {
    cloud: {
      spec: {
        worker: {
          profiles: { cloud: resources(['1', '1Gi', '1Gi'], ['3', '2Gi', '2Gi']) },
          ...placement(),
          podPatch: podPatch('worker'),
        },
      },
    },
    whisper: {
      spec: {
        worker: {
          resourceProfile: 'whisper-native',
          activeDeadlineSeconds: 3600,
          ttlSecondsAfterFinished: 0,
          profiles: { 'whisper-native': resources([2, '3Gi', '1Gi'], [6, '6Gi', '1Gi']) },
          podPatch: { spec: podSpec('worker') },
        },
      },
    },
    llm: {
      spec: {
        worker: {
          resourceProfile: 'local-llm',
          profiles: { 'local-llm': resources(['6', '6Gi', '1Gi'], ['12', '16Gi', '4Gi']) },
          gpu: { ...placement(), requestResource: true },
        },
      },
    },
    'llm without GPU': { spec: { worker: { resourceProfile: 'local-llm', gpu: { enabled: false } } } },
    defaults: {},
  },
  tools: {
    defaults: {},
    off: { spec: { mcpGateway: { enabled: false } } },
    placed: {
      spec: {
        mcpGateway: {
          replicaCount: 1,
          ...placement(),
          resources: resources([0.1, 67108864, '1Gi'], [2, '1G', '1Gi']),
          podPatch: podPatch('mcp-gateway'),
        },
      },
    },
  },
  file: {
    none: {},
    full: { spec: { config: appFile } },
    ...Object.fromEntries(
      ['info', 'warn', 'error'].map((log_level) => [
        log_level,
        { spec: { config: { server: { log_level } } } },
      ]),
    ),
  },
  secrets: {
    existing: {},
    'existing, by reference': {
      spec: byReference(),
    },
    'existing, with the file': {
      spec: { secrets: { name: 'own', configSecret: { name: 'own-config' }, publicOptions: ['region'] } },
    },
    ...Object.fromEntries([0, 1, 2, 3].map((turn) => [`made here ${turn}`, { spec: madeHere(turn) }])),
    ...Object.fromEntries(
      ['strict', 'namespace-wide', 'cluster-wide'].map((scope) => [
        `sealed ${scope}`,
        { spec: sealed(scope) },
      ]),
    ),
    'external, of the cluster': { spec: external('ClusterSecretStore', '1h') },
    'external, of the namespace': { spec: external('SecretStore', '30m') },
  },
  database: {
    outside: {},
    // A database would make it too long.
    'outside, longest name': { metadata: { name: 'x'.repeat(47) } },
    cloudnative: {
      spec: {
        postgresql: {
          enabled: true,
          database: 'game_1',
          instances: 3,
          storage: { size: '20Gi', storageClass: 'fast' },
          resources: resources(['1', '1Gi', '1Gi'], ['2', '2Gi', '1Gi']),
          charts: {
            operator: { repository: 'https://charts.example.com', version: '0.28.1' },
            cluster: { repository: 'oci://registry.example.com/charts', version: '0.8.0' },
          },
          image: 'ghcr.io/cloudnative-pg/postgresql:18-standard-trixie',
          backup: {
            enabled: true,
            destinationPath: 's3://backups/glyphoxa',
            endpointURL: 'https://minio.example.com',
            existingSecret: 'backup-keys',
            schedule: '0 30 2 * * *',
            retentionPolicy: '14d',
            serverName: 'restored',
          },
          monitoring: { enabled: true, labels: { release: 'prometheus' } },
        },
      },
    },
    bitnami: {
      spec: {
        postgresql: {
          enabled: true,
          provider: 'bitnami',
          existingSecret: 'passwords',
          charts: { bitnami: { repository: 'oci://registry.example.com/charts', version: '16.4.10' } },
          image: 'registry.example.com:5000/pgvector:17.2',
        },
      },
    },
  },
  scaling: {
    off: {},
    on: {
      spec: {
        autoscaling: { enabled: true, minReplicas: 1, maxReplicas: 4, targetCPUUtilizationPercentage: 90 },
      },
    },
    defaults: { spec: { autoscaling: { enabled: true } } },
  },
  vault: { off: {}, on: { spec: { vault: { enabled: true, addr: 'http://vault.vault.svc:8200' } } } },
  policies: {
    on: {},
    off: { spec: { networkPolicy: { enabled: false } } },
    more: {
      spec: {
        networkPolicy: {
          apiServerPorts: [16443],
          dns: { ports: [5353], to: peers },
          discordVoice: 'all-udp',
          ingressFrom: peers,
          gateway: extraRules,
          worker: extraRules,
          mcpGateway: extraRules,
        },
      },
    },
  },
  proxy: {
    none: {},
    both: {
      spec: {
        core: {
          proxy: {
            http: 'http://proxy.example.com:3128',
            https: 'http://proxy:8080',
            noProxy: ['.example.internal', '198.51.100.0/24'],
          },
        },
      },
    },
  },
  ingress: {
    off: {},
    on: {
      spec: {
        ingress: {
          enabled: true,
          className: 'nginx',
          host: 'glyphoxa.example.com',
          tlsSecret: 'glyphoxa-tls',
          annotations: { 'cert-manager.io/cluster-issuer': 'letsencrypt' },
          controllerNamespace: 'ingress-nginx',
        },
      },
    },
    small: { spec: { ingress: { enabled: true, host: 'a' } } },
  },
  monitoring: {
    off: {},
    on: {
      spec: {
        monitoring: { enabled: true, interval: '1m30s', labels: { release: 'prometheus', 'a.io/b': '' } },
      },
    },
    defaults: { spec: { monitoring: { enabled: true } } },
  },
  sealing: {
    off: {},
    on: {
      spec: {
        sealedSecrets: {
          enabled: true,
          namespace: 'sealing',
          chart: { repository: 'https://charts.example.com', version: '2.18.4' },
        },
      },
    },
  },
};
