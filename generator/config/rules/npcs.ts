import type { Path } from '../../model/json.ts';
import { quote } from '../../model/quote.ts';
import type { Config } from '../schema/resource.ts';
import { fileRule } from './app-config.ts';
import { type Rule, repeats } from './rule.ts';

type Npc = NonNullable<Config['spec']['config']['npcs']>[number];

function npcs(config: Config): { npc: Npc; path: Path }[] {
  return (config.spec.config.npcs ?? []).map((npc, index) => ({
    npc,
    path: ['spec', 'config', 'npcs', index],
  }));
}

const duplicateNpc = fileRule({
  code: 'duplicate-npc',
  severity: 'error',
  about: 'The program exits when two characters have the same name.',
  check: ({ config }) => {
    const names = npcs(config).map(({ npc }) => npc.name);
    return [...repeats(names)].map((index) => ({
      path: ['spec', 'config', 'npcs', index, 'name'],
      message: `a character called ${quote(names[index] ?? '')} stands above`,
      hint: 'give each character a name of its own',
    }));
  },
});

/** What each engine needs to speak. */
const needs = {
  cascaded: ['llm', 'tts'],
  sentence_cascade: ['llm', 'tts'],
  s2s: ['s2s'],
} as const;

const engineProviders = fileRule({
  code: 'engine-provider',
  severity: 'error',
  about:
    'The program exits when the engine of a character lacks its providers: `cascaded` and `sentence_cascade` need `llm` and `tts`, `s2s` needs `s2s`.',
  reads: [['spec', 'config', 'providers']],
  check: ({ config }) => {
    const { providers } = config.spec.config;
    return npcs(config).flatMap(({ npc: { engine }, path }) => {
      if (engine === undefined) return [];
      const missing = needs[engine].filter((kind) => providers?.[kind]?.name === undefined);
      if (missing.length === 0) return [];
      const all = missing.map((kind) => `spec.config.providers.${kind}`).join(' and ');
      return [
        {
          path: [...path, 'engine'],
          message: `the engine ${engine} lacks ${missing.join(' and ')}`,
          hint: `set ${all}, or choose another engine`,
        },
      ];
    });
  },
});

const npcWithoutModel = fileRule({
  code: 'npc-without-model',
  severity: 'warning',
  about:
    'A character needs an `llm` or an `s2s` provider to say anything, and `engine: s2s` to speak through the latter.',
  reads: [['spec', 'config', 'providers']],
  check: ({ config }) => {
    const { llm, s2s } = config.spec.config.providers ?? {};
    if (llm?.name !== undefined) return [];
    const unnamed = npcs(config).filter(({ npc }) => npc.engine === undefined);
    if (s2s?.name !== undefined) {
      return unnamed.map(({ path }) => ({
        path,
        message: 'only an s2s provider is given, and a character without an engine does not speak through it',
        hint: 'set engine: s2s',
      }));
    }
    return unnamed.slice(0, 1).map(({ path }) => ({
      path,
      message: 'no llm and no s2s provider is given, so characters have nothing to say',
      hint: 'set spec.config.providers.llm or spec.config.providers.s2s',
    }));
  },
});

const speedFactor = fileRule({
  code: 'speed-factor',
  severity: 'error',
  about: 'The program exits with a speed factor that is neither 0 (the default) nor from 0.5 to 2.0.',
  check: ({ config }) =>
    npcs(config).flatMap(({ npc, path }) => {
      const factor = npc.voice?.speed_factor ?? 0;
      if (factor <= 0 || factor >= 0.5) return [];
      return [
        {
          path: [...path, 'voice', 'speed_factor'],
          message: `${factor} is below the minimum 0.5`,
          hint: 'use 0.5 to 2.0, or 0 for the default',
        },
      ];
    }),
});

const voiceProvider = fileRule({
  code: 'voice-provider',
  severity: 'warning',
  about: 'A voice belongs to the text-to-speech provider that is used.',
  check: ({ config }) => {
    const tts = config.spec.config.providers?.tts?.name;
    return npcs(config).flatMap(({ npc, path }) => {
      const provider = npc.voice?.provider;
      if (tts === undefined || provider === undefined || provider === tts) return [];
      return [
        {
          path: [...path, 'voice', 'provider'],
          message: `a voice of ${quote(provider)}, and the tts provider is ${quote(tts)}`,
          hint: 'choose a voice of the tts provider, and remove this line',
        },
      ];
    });
  },
});

const gmHelpers = fileRule({
  code: 'gm-helpers',
  severity: 'error',
  about: 'At most one character is the helper of the game master.',
  check: ({ config }) =>
    npcs(config)
      .filter(({ npc }) => npc.gm_helper === true)
      .slice(1)
      .map(({ path }) => ({
        path: [...path, 'gm_helper'],
        message: 'another character above is the helper of the game master',
        hint: 'let one character be it',
      })),
});

/** Rules on the characters. */
export const npcRules: readonly Rule[] = [
  duplicateNpc,
  engineProviders,
  npcWithoutModel,
  speedFactor,
  voiceProvider,
  gmHelpers,
];
