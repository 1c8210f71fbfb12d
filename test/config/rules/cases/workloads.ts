import type { Case } from '../case.ts';

const pinned = { digest: `sha256:${'ab'.repeat(32)}` };

export const workloadCases: readonly Case[] = [
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
];
