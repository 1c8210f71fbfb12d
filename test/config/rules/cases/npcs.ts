import type { JsonObject } from '../../../../generator/model/json.ts';
import { type Case, file } from '../case.ts';

const npcs = (list: JsonObject[], more: JsonObject = {}) => file({ npcs: list, ...more });
const both = { providers: { llm: { name: 'groq', model: 'm' }, tts: { name: 'elevenlabs' } } };

export const npcCases: readonly Case[] = [
  {
    code: 'npc-without-model',
    ...npcs([{ name: 'A', engine: 's2s' }, { name: 'B' }], { providers: { s2s: { name: 'gemini-live' } } }),
    path: 'spec.config.npcs[1]',
    fine: npcs([{ name: 'A', engine: 's2s' }], { providers: { s2s: { name: 'gemini-live' } } }),
  },
  {
    code: 'duplicate-npc',
    ...npcs([{ name: 'A' }, { name: 'B' }, { name: 'A' }]),
    path: 'spec.config.npcs[2].name',
    fine: npcs([{ name: 'A' }, { name: 'a' }]),
  },
  ...(['cascaded', 'sentence_cascade'] as const).map((engine) => ({
    code: 'engine-provider',
    ...npcs([{ name: 'A' }, { name: 'B', engine }], { providers: { llm: { name: 'groq', model: 'm' } } }),
    path: 'spec.config.npcs[1].engine',
    fine: npcs([{ name: 'B', engine }], both),
  })),
  {
    code: 'engine-provider',
    ...npcs([{ name: 'B', engine: 's2s' }], both),
    path: 'spec.config.npcs[0].engine',
    fine: npcs([{ name: 'B', engine: 's2s' }], { providers: { s2s: { name: 'gemini-live' } } }),
  },
  {
    code: 'npc-without-model',
    ...npcs([{ name: 'A' }]),
    path: 'spec.config.npcs[0]',
    fine: npcs([{ name: 'A', engine: 's2s' }], { providers: { s2s: { name: 'gemini-live' } } }),
  },
  ...[0.1, 0.49].map((speed_factor) => ({
    code: 'speed-factor',
    ...npcs([{ name: 'A', voice: { speed_factor } }]),
    path: 'spec.config.npcs[0].voice.speed_factor',
    fine: npcs([
      { name: 'A', voice: { speed_factor: 0.5 } },
      { name: 'B', voice: { speed_factor: 0 } },
    ]),
  })),
  {
    code: 'voice-provider',
    ...npcs([{ name: 'A', voice: { provider: 'coqui' } }], both),
    path: 'spec.config.npcs[0].voice.provider',
    fine: npcs([{ name: 'A', voice: { provider: 'elevenlabs' } }], both),
  },
  {
    code: 'gm-helpers',
    ...npcs([{ name: 'A', gm_helper: true }, { name: 'B' }, { name: 'C', gm_helper: true }]),
    path: 'spec.config.npcs[2].gm_helper',
    fine: npcs([
      { name: 'A', gm_helper: true },
      { name: 'B', gm_helper: false },
    ]),
  },
];
