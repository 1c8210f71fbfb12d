/** The program's configuration file, in configurations. */
import { knownProviders } from '../../../generator/config/providers.ts';
import type { JsonObject } from '../../../generator/model/json.ts';

/** The secrets that can stand in the program's file. */
export const secretFile: JsonObject = {
  providers: Object.fromEntries(Object.keys(knownProviders).map((kind) => [kind, { api_key: '$(sk)-"a"' }])),
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
          options: { ...(kind === 'stt' ? { language: 'no' } : {}), nested: { list: [1e-7, true, 755] } },
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
