/** The program's configuration file, in configurations. */
import { knownProviders } from '../../../../generator/config/providers.ts';
import type { JsonObject } from '../../../../generator/model/json.ts';

/** The secrets that can stand in the program's file. */
export const secretFile: JsonObject = {
  providers: {
    ...Object.fromEntries(Object.keys(knownProviders).map((kind) => [kind, { api_key: '$(sk)-"a"' }])),
    tts: { api_key: '$(sk)-"a"', options: { api_mode: 'standard' } },
  },
  memory: { postgres_dsn: 'postgres://db/memory' },
  mcp: {
    servers: [
      { name: 'dice', transport: 'stdio', command: '/opt/dice --seed 1', env: { TOKEN: "it's: secret" } },
      {
        name: 'rules',
        transport: 'streamable-http',
        url: 'https://rules.example.com:8443/mcp',
        auth: {
          token: 'yes',
          oauth: {
            client_id: '0123',
            client_secret: 'no',
            token_url: 'https://id.example.com:9443/t',
            scopes: ['read'],
          },
        },
      },
    ],
  },
};

/** The options that the program reads by name. */
const knownOptions: { readonly [kind: string]: JsonObject } = {
  stt: { language: 'no', model_path: '/models/ggml.bin' },
  tts: { language: 'de', output_format: 'pcm_16000', api_mode: 'xtts' },
  vad: {
    model_path: '/models/silero.onnx',
    onnx_lib_path: '/usr/lib/libonnxruntime.so',
    sample_rate: 16000,
    frame_size_ms: 32,
    speech_threshold: 0.6,
    silence_threshold: 0.3,
    min_speech_frames: 2,
    min_silence_frames: 9,
    min_speech_duration_frames: 3,
    smoothing_factor: 0.5,
  },
  audio: {
    guild_id: '123456789012345678',
    dm_role_id: '12',
    stun_servers: ['stun:stun.example.com:3478'],
    sample_rate: 48000,
  },
};

/** The program's file with everything in it that is not secret. */
export const appFile: JsonObject = file();

function file(): JsonObject {
  const voice = { provider: 'elevenlabs', voice_id: 'abc', pitch_shift: -2.5, speed_factor: 1.25 };
  const relationships = [{ target_id: '1', target_name: 'Lyra', type: 'ally', bidirectional: true }];
  const npc = (name: string, more: JsonObject): JsonObject => ({
    name,
    personality: '- gruff: "aye"',
    ...more,
  });
  return {
    server: { log_level: 'debug', tls: { cert_file: '/tls/tls.crt', key_file: '/tls/tls.key' } },
    providers: Object.fromEntries(
      Object.entries(knownProviders).map(([kind, names], place) => [
        kind,
        {
          // Discord's audio belongs to the single-process mode.
          name: String(kind === 'audio' ? 'webrtc' : names[0]),
          base_url: `https://${kind}.example.com:${8000 + place}/v1`,
          model: '1.10',
          // Other texts among the options count as secrets.
          options: { ...knownOptions[kind], nested: { list: [1e-7, true, 755] } },
        },
      ]),
    ),
    npcs: [
      npc('Grimjaw', {
        voice,
        engine: 'cascaded',
        knowledge_scope: ['town'],
        tools: ['dice'],
        budget_tier: 'fast',
        cascade_mode: 'off',
        relationships,
        gm_helper: true,
      }),
      npc('Lyra', { engine: 's2s', budget_tier: 'standard', cascade_mode: 'auto', address_only: true }),
      npc('Øyvind', {
        engine: 'sentence_cascade',
        budget_tier: 'deep',
        cascade_mode: 'always',
        cascade: { fast_model: 'small', strong_model: 'big', opener_instruction: 'be brief' },
      }),
    ],
    memory: { embedding_dimensions: 1536 },
    campaign: {
      name: '{{ yes }}',
      system: '5',
      entity_files: ['a.yaml'],
      vtt_imports: [
        { path: 'w.json', format: 'foundry' },
        { path: 'r.json', format: 'roll20' },
      ],
    },
    transcript: { llm_correction: true },
  };
}
