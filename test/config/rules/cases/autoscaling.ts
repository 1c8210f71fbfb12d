import type { Case } from '../case.ts';

export const autoscalingCases: readonly Case[] = [
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
];
