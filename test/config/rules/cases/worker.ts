import { type Case, providers } from '../case.ts';

export const workerCases: readonly Case[] = [
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
];
