import { type Case, file, kubernetes, providers } from '../case.ts';

export const appConfigCases: readonly Case[] = [
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
];
