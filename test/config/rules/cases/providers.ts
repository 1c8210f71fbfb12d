import { knownProviders } from '../../../../generator/config/providers.ts';
import type { JsonObject } from '../../../../generator/model/json.ts';
import { type Case, external, file, kubernetes, providers, sealed, servers } from '../case.ts';

const ownKey = { secretKeyRef: { name: 'own', key: 'k' } };
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

export const providerCases: readonly Case[] = [
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
];
