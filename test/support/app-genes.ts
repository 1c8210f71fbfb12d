/** Parts of a random configuration that the program reads from its configuration file. */
import * as fc from 'fast-check';
import { knownProviders } from '../../generator/config/providers.ts';
import type { Json, JsonObject } from '../../generator/model/json.ts';
import { arbitraryText, flag, from, maybe, pick, some } from './gene-choices.ts';

const scalarOption = fc.oneof(arbitraryText, fc.boolean(), pick(0, 1, -1, 0.7, 1e-7, 16000, 123456789012));
const options = some({
  language: pick('de', 'no', 'en'),
  frame_size_ms: pick(32, 30),
  temperature: pick(0.7, 1, 0),
  text: arbitraryText,
  nested: fc.record({
    list: fc.array(scalarOption, { maxLength: 3 }),
    map: fc.record({ 'a b': scalarOption }),
  }),
});

const baseUrls = [
  'http://ollama.ai.svc:11434',
  'HTTPS://api.example.com/v1',
  'http://coqui:5002',
  'wss://rt.example.com:8443',
];

/** A provider with all that its constructor needs; `discord` belongs to the single-process mode. */
const provider = (kind: keyof typeof knownProviders) =>
  maybe(
    fc.record(
      {
        name: pick(...knownProviders[kind].filter((name) => name !== 'discord'), 'custom'),
        base_url: pick(...baseUrls, ...(kind === 'stt' || kind === 'tts' ? [] : ['', null])),
        model: pick('text-embedding-3-small', 'llama3:8b', '1.10', 'yes'),
        options,
      },
      { requiredKeys: ['name', 'model', ...(kind === 'stt' || kind === 'tts' ? ['base_url' as const] : [])] },
    ) as fc.Arbitrary<JsonObject>,
  );

/** The providers of the program. */
export const providers = fc.record({
  llm: provider('llm'),
  stt: provider('stt'),
  tts: provider('tts'),
  s2s: provider('s2s'),
  embeddings: provider('embeddings'),
  vad: provider('vad'),
  audio: provider('audio'),
});

const npc = fc.record(
  {
    name: fc.oneof(pick('Grimjaw', 'Lyra', 'Øyvind', 'yes', '007'), arbitraryText),
    personality: arbitraryText,
    voice: some({
      provider: pick('elevenlabs', 'coqui'),
      voice_id: pick('0123', 'abc'),
      pitch_shift: pick(-10, 0, 2.5),
      speed_factor: pick(0, 0.5, 1.25, 2),
    }),
    engine: pick('cascaded', 's2s', 'sentence_cascade', ''),
    knowledge_scope: from('town', 'guild', 'no'),
    tools: from('dice', 'rules'),
    budget_tier: pick<Json>('fast', 'standard', 'deep', null),
    cascade_mode: pick('off', 'auto', 'always'),
    cascade: some({
      fast_model: arbitraryText,
      strong_model: pick('big'),
      opener_instruction: arbitraryText,
    }),
    relationships: fc.array(
      some({ target_id: pick('1'), target_name: arbitraryText, type: pick('ally'), bidirectional: flag }),
      { maxLength: 2 },
    ),
    gm_helper: flag,
    address_only: flag,
  },
  { requiredKeys: ['name'] },
) as fc.Arbitrary<JsonObject>;

/** Some NPCs, each with a name of its own. */
export const npcs = fc.uniqueArray(npc, { maxLength: 4, selector: ({ name }) => name });

/** Some MCP servers. */
export const mcpServers = from<JsonObject>(
  { name: 'dice', transport: 'stdio', command: '/opt/dice --seed 1' },
  { name: 'rules', transport: 'streamable-http', url: 'https://rules.example.com/mcp' },
  { name: 'lore', transport: 'streamable-http', url: 'http://lore.tools.svc:7000/mcp' },
  { name: 'no', transport: 'stdio', command: 'yes' },
);

/** A campaign. */
export const campaign = some({
  name: arbitraryText,
  system: pick('dnd5e', '5', 'pf2e'),
  entity_files: from('a.yaml', 'b.yaml'),
  vtt_imports: from<JsonObject>({ path: 'w.json', format: 'foundry' }, { path: 'r.json', format: 'roll20' }),
});
