import { isObject } from '../../model/json.ts';
import { patchItems } from './pod-patch.ts';
import type { Rule } from './rule.ts';

const gpu = 'nvidia.com/gpu';
const profile = [['spec', 'worker', 'resourceProfile']];

const gpuOff: Rule = {
  code: 'gpu-off',
  severity: 'warning',
  about: 'The profile `local-llm` runs a language model, which is too slow for speech without a GPU.',
  reads: profile,
  check: ({ config }) => {
    const { worker } = config.spec;
    if (worker.resourceProfile !== 'local-llm' || worker.gpu.enabled) return [];
    return {
      path: ['spec', 'worker', 'gpu', 'enabled'],
      message: 'the profile local-llm runs without GPU scheduling',
      hint: 'remove the line, or choose another spec.worker.resourceProfile',
    };
  },
};

const gpuToleration: Rule = {
  code: 'gpu-toleration',
  severity: 'warning',
  about: 'GPU nodes are tainted with `nvidia.com/gpu`, so workers with `local-llm` need a toleration for it.',
  reads: profile,
  check: ({ config }) => {
    const { worker } = config.spec;
    if (worker.resourceProfile !== 'local-llm' || !worker.gpu.enabled) return [];
    const patched = patchItems(config, 'worker', 'tolerations').map(({ item }) => item);
    const tolerations = [...worker.gpu.tolerations, ...worker.tolerations, ...patched];
    if (tolerations.some(({ key }) => key === gpu || key === undefined || key === '')) return [];
    return {
      path: ['spec', 'worker', 'gpu', 'tolerations'],
      message: `no toleration for ${gpu}, so no worker is put on a GPU node`,
      hint: `add {key: ${gpu}, effect: NoSchedule}`,
    };
  },
};

const gpuRequestUnused: Rule = {
  code: 'gpu-request-unused',
  severity: 'warning',
  about: '`worker.gpu.requestResource` acts only with the profile `local-llm` while GPU scheduling is on.',
  reads: profile,
  check: ({ config }) => {
    const { resourceProfile, gpu: wanted } = config.spec.worker;
    if (!wanted.requestResource || (resourceProfile === 'local-llm' && wanted.enabled)) return [];
    return {
      path: ['spec', 'worker', 'gpu', 'requestResource'],
      message: 'no GPU is asked for, since GPU scheduling is off',
      hint: 'set spec.worker.resourceProfile: local-llm and leave spec.worker.gpu.enabled on',
    };
  },
};

const whisperProfile: Rule = {
  code: 'whisper-profile',
  severity: 'warning',
  about:
    'The speech recognition `whisper-native` runs inside the worker and needs more memory than the profile `cloud` has.',
  reads: profile,
  check: ({ config, isSet }) => {
    const { worker, config: file, secrets } = config.spec;
    if (file.providers?.stt?.name !== 'whisper-native' || worker.resourceProfile !== 'cloud') return [];
    if (secrets.configSecret !== undefined || isSet(['spec', 'worker', 'profiles', 'cloud', 'limits']))
      return [];
    return {
      path: ['spec', 'config', 'providers', 'stt', 'name'],
      message: 'whisper-native recognises speech inside the worker, which has the resources of cloud',
      hint: 'set spec.worker.resourceProfile: whisper-native',
    };
  },
};

/** A pod may take two minutes to start; what is left should be a session. */
const shortest = 300;

const shortSession: Rule = {
  code: 'short-session',
  severity: 'warning',
  about: '`worker.activeDeadlineSeconds` ends a session whatever it does, so it is longer than any session.',
  check: ({ config }) => {
    const { activeDeadlineSeconds: seconds } = config.spec.worker;
    if (seconds >= shortest) return [];
    return {
      path: ['spec', 'worker', 'activeDeadlineSeconds'],
      message: `a voice session is ended after ${seconds} seconds, its start included`,
      hint: 'use more than the longest session takes; the default is 14400',
    };
  },
};

const podPatchSecret: Rule = {
  code: 'pod-patch-secret',
  severity: 'warning',
  about:
    'A literal in the environment of a pod patch can be read by everyone who may read Deployments or ConfigMaps.',
  check: ({ config }) =>
    (['gateway', 'worker', 'mcpGateway'] as const).flatMap((workload) =>
      ['containers', 'initContainers'].flatMap((list) =>
        patchItems(config, workload, list).flatMap(({ path, item }) => {
          const variables = Array.isArray(item.env) ? item.env : [];
          return variables.flatMap((variable, index) => {
            if (!isObject(variable)) return [];
            const { name, value } = variable;
            const literal = typeof value === 'string' && value !== '' && !value.startsWith('/');
            const isKey =
              typeof name === 'string' && /(?:key|token|secret|passw(?:or)?d|credentials?|dsn)$/i.test(name);
            if (!literal || !isKey) return [];
            return [
              {
                path: [...path, 'env', index, 'value'],
                message: 'this looks like a secret, and pods are not secret',
                hint: 'use valueFrom.secretKeyRef',
                hidden: true,
              },
            ];
          });
        }),
      ),
    ),
};

/** Rules on workers and on pod patches. */
export const workerRules: readonly Rule[] = [
  gpuOff,
  gpuToleration,
  gpuRequestUnused,
  whisperProfile,
  shortSession,
  podPatchSecret,
];
