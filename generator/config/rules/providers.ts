import type { Path } from '../../model/json.ts';
import { quote } from '../../model/quote.ts';
import { addressesOf } from '../addresses.ts';
import {
  type KeyProvider,
  keyPlace,
  knownProviders,
  type ProviderKind,
  providerKinds,
} from '../providers.ts';
import type { Config } from '../schema/resource.ts';
import { isGiven, placesInFile, secretKeys } from '../secret-keys.ts';
import { suggest } from '../suggest.ts';
import { fileRule } from './app-config.ts';
import { hasSidecar } from './pod-patch.ts';
import type { Found, Rule } from './rule.ts';

type Provider = NonNullable<NonNullable<Config['spec']['config']['providers']>[ProviderKind]>;

/** The providers of the voice pipeline that the configuration file speaks of. */
function written(config: Config): { kind: ProviderKind; provider: Provider; path: Path }[] {
  const { providers } = config.spec.config;
  return providerKinds.flatMap((kind) => {
    const provider = providers?.[kind];
    return provider === undefined ? [] : [{ kind, provider, path: ['spec', 'config', 'providers', kind] }];
  });
}

const unknownProvider = fileRule({
  code: 'unknown-provider',
  severity: 'warning',
  about: 'The program knows a set of providers for each part of the voice pipeline and warns of any other.',
  check: ({ config }) =>
    written(config).flatMap(({ kind, provider: { name }, path }) => {
      const known: readonly string[] = knownProviders[kind];
      if (name === undefined || known.includes(name)) return [];
      const close = suggest(name, known);
      return [
        {
          path: [...path, 'name'],
          message: `${quote(name)} is no ${kind} provider that the program knows`,
          hint: close === undefined ? `known: ${known.join(', ')}` : `did you mean ${close}?`,
        },
      ];
    }),
});

const unnamedProvider = fileRule({
  code: 'unnamed-provider',
  severity: 'warning',
  about: 'A provider without a name is not used, whatever else is said of it.',
  check: ({ config }) =>
    written(config).flatMap(({ kind, provider, path }) =>
      provider.name !== undefined || Object.keys(provider).length === 0
        ? []
        : [
            {
              path: [...path, 'name'],
              message: `the ${kind} provider has no name, so it is not used`,
              hint: `add the name, for example ${knownProviders[kind][0]}`,
            },
          ],
    ),
});

const providerKeyMissing = fileRule({
  code: 'provider-key-missing',
  severity: 'warning',
  about:
    'A provider that is used needs its API key, in `secrets.providerKeys` or in the configuration file. An error where the worker exits without it.',
  reads: [
    ['spec', 'secrets', 'provider'],
    ['spec', 'secrets', 'sealed'],
    ['spec', 'secrets', 'external'],
  ],
  untilGiven: true,
  check: ({ config }) => {
    const found = new Map<KeyProvider, Found>();
    for (const { kind, provider, path } of written(config)) {
      const place = keyPlace(kind, provider.name);
      if (place === undefined || provider.api_key !== undefined) continue;
      if (found.has(place.key) && place.exits !== true) continue;
      // A sealed file holds its keys itself, and another rule asks for it.
      if (place.readFrom === 'file' && config.spec.secrets.provider === 'sealed-secrets') continue;
      const key = secretKeys(config).find((candidate) => candidate.provider === place.key);
      if (key === undefined || isGiven(config, key)) continue;
      found.set(place.key, {
        path: [...path, 'name'],
        message: `${provider.name} is used, and its key ${key.key} is nowhere`,
        hint: howToGive(config, place.key),
        ...(place.exits === true ? { severity: 'error' } : {}),
      });
    }
    return [...found.values()];
  },
});

const keyNotInFile = fileRule({
  code: 'key-not-in-file',
  severity: 'error',
  about:
    'Speech, embeddings and speech to speech take their API key from the configuration file alone, into which no reference to a Secret can be written.',
  check: ({ config }) =>
    placesInFile(config.spec).flatMap(({ kind, key: owner }) => {
      const key = secretKeys(config).find(({ provider }) => provider === owner);
      if (key?.value?.secretKeyRef === undefined) return [];
      const message = `the ${kind} provider reads this key from the configuration file, not from a variable`;
      const hint =
        config.spec.secrets.provider === 'existing'
          ? 'remove it: "secrets init" writes the file with the key in it'
          : howToGive(config, owner);
      return [{ path: [...key.path, 'secretKeyRef'], message, hint }];
    }),
});

function howToGive(config: Config, owner: KeyProvider): string {
  switch (config.spec.secrets.provider) {
    case 'sealed-secrets':
      return `seal it into spec.secrets.sealed.${owner}-api-key`;
    case 'external-secrets':
      return `map it in spec.secrets.external.keys.${owner}-api-key`;
    default:
      return `set spec.secrets.providerKeys.${owner} to a fromEnv or fromFile`;
  }
}

/** What a constructor cannot do without: a value, or a model file in `model` or `options.model_path`. */
type Need = 'model' | 'base_url' | 'model file';

/**
 * What the program's constructors ask for besides a key. A worker builds each provider that has a name when
 * it starts, and exits where one lacks this. Read in the program's `registerBuiltinProviders` and in `New` of
 * its packages: `llm/anyllm`, `stt/whisper`, `tts/coqui`, `embeddings/ollama`, `vad/silero`. The others
 * (`openai` embeddings, speech to speech, `energy`, `webrtc`) have a default for everything.
 */
const needs: { readonly [kind in ProviderKind]?: { readonly [name: string]: Need } } = {
  llm: Object.fromEntries(knownProviders.llm.map((name) => [name, 'model' as const])),
  stt: { whisper: 'base_url', 'whisper-native': 'model file' },
  tts: { coqui: 'base_url' },
  embeddings: { ollama: 'model' },
  vad: { silero: 'model file' },
};

/** What is missing, by what a provider needs. */
const missing: { readonly [need in Need]: { key: 'model' | 'base_url'; what: string; hint: string } } = {
  model: { key: 'model', what: 'a model', hint: 'add model with the name of the model' },
  base_url: { key: 'base_url', what: 'an address', hint: 'add base_url with the address of the server' },
  'model file': {
    key: 'model',
    what: 'a model file',
    hint: 'add model with the path of the file, which a pod patch mounts or the image holds',
  },
};

const providerIncomplete = fileRule({
  code: 'provider-incomplete',
  severity: 'error',
  about:
    'A worker exits at start where a provider lacks what its constructor needs: a language model and `ollama` embeddings a `model`, `whisper` and `coqui` a `base_url`, `whisper-native` and `silero` a model file.',
  check: ({ config }) =>
    written(config).flatMap(({ kind, provider, path }) => {
      const need = needs[kind]?.[provider.name ?? ''];
      if (need === undefined) return [];
      const { key, what, hint } = missing[need];
      const file = need === 'model file' ? provider.options?.model_path : undefined;
      if (provider[key] !== undefined || file !== undefined) return [];
      const message = `the worker exits at start: the ${kind} provider ${provider.name} needs ${what}`;
      return [{ path: [...path, key], message, hint }];
    }),
});

const audioUnused = fileRule({
  code: 'audio-unused',
  severity: 'warning',
  about:
    'Audio belongs to the single-process mode: here bots have their tokens from the database, and workers join by themselves. With `discord` a worker logs a bot in for nothing, and exits where `api_key` or `options.guild_id` is missing (error).',
  check: ({ config }) => {
    const { name, api_key, options = {} } = config.spec.config.providers?.audio ?? {};
    if (name === undefined) return [];
    const exits = name === 'discord' && (api_key === undefined || options.guild_id === undefined);
    const lacks = api_key === undefined ? 'api_key' : 'options.guild_id, a text,';
    return {
      path: ['spec', 'config', 'providers', 'audio'],
      message: exits
        ? `the worker exits at start: discord lacks ${lacks} and belongs to the single-process mode anyway`
        : 'audio belongs to the single-process mode, which is not deployed here',
      hint: 'remove it: bots have their tokens from the database',
      at: 'key',
      ...(exits ? { severity: 'error' as const } : {}),
    };
  },
});

/** Providers whose client looks for a server on its own host unless it is told an address. */
const servers: Partial<Record<ProviderKind, readonly string[]>> = {
  llm: ['ollama', 'llamacpp', 'llamafile'],
  embeddings: ['ollama'],
};

const baseUrlMissing = fileRule({
  code: 'base-url-missing',
  severity: 'warning',
  about: 'A provider that is a server of your own needs its address; without it the worker asks its own pod.',
  reads: [['spec', 'worker', 'resourceProfile']],
  check: ({ config }) => {
    const local = config.spec.worker.resourceProfile === 'local-llm' ? ['llm', 'embeddings'] : [];
    if (hasSidecar(config, 'worker')) return [];
    return written(config).flatMap(({ kind, provider: { name, base_url }, path }) =>
      name === undefined || base_url !== undefined || local.includes(kind) || !servers[kind]?.includes(name)
        ? []
        : [
            {
              path: [...path, 'name'],
              message: `${name} is a server of your own, and its address is not given`,
              hint: 'add base_url with the address of the server',
            },
          ],
    );
  },
});

const loopbackAddress: Rule = {
  code: 'loopback-address',
  severity: 'warning',
  about: '`localhost` is the pod itself, where nothing else runs unless a pod patch adds it.',
  check: ({ config }) =>
    addressesOf(config).flatMap(({ path, url: { hostname }, callers }) => {
      const isUnread = path[1] === 'config' && config.spec.secrets.configSecret !== undefined;
      if (isUnread || callers.every((workload) => hasSidecar(config, workload))) return [];
      if (!/^(?:(?:.*\.)?localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])$/.test(hostname)) return [];
      return [
        {
          path,
          message: `${hostname} is the pod itself, and no such server runs in it`,
          hint: 'name the host or Service that the server runs on',
        },
      ];
    }),
};

/** Models whose vectors have a known length. */
const dimensions: { readonly [model: string]: number } = {
  'text-embedding-3-small': 1536,
  'text-embedding-3-large': 3072,
  'nomic-embed-text': 768,
};

const embeddingDimensions = fileRule({
  code: 'embedding-dimensions',
  severity: 'warning',
  about:
    'The database stores vectors of `config.memory.embedding_dimensions` numbers, so it is given with an embeddings provider and fits its model.',
  check: ({ config }) => {
    const { providers, memory } = config.spec.config;
    const { name, model } = providers?.embeddings ?? {};
    if (name === undefined) return [];
    const path = ['spec', 'config', 'memory', 'embedding_dimensions'];
    const given = memory?.embedding_dimensions ?? 0;
    const plain = model?.replace(/:.*$/, '') ?? '';
    const wanted = Object.hasOwn(dimensions, plain) ? dimensions[plain] : undefined;
    if (given === 0) {
      const hint = wanted === undefined ? 'set it to what the model makes' : `set it to ${wanted}`;
      return [{ path, message: 'an embeddings provider is used without its number of dimensions', hint }];
    }
    if (wanted === undefined || wanted === given) return [];
    return { path, message: `the model ${plain} makes vectors of ${wanted} numbers`, hint: `use ${wanted}` };
  },
});

/** Milliseconds of a frame at 16 kHz: 512 samples for every model of Silero, 1024 and 1536 for those before version 5. */
const sileroFrames = [32, 64, 96];

const sileroFrameSize = fileRule({
  code: 'silero-frame-size',
  severity: 'warning',
  about:
    'Silero takes frames of 512 samples: at 16 kHz that is `options.frame_size_ms: 32`. Models before version 5 also take 64 and 96.',
  check: ({ config }) => {
    const { name, options = {} } = config.spec.config.providers?.vad ?? {};
    const rate = options.sample_rate ?? 16000;
    if (name !== 'silero' || Number(rate) !== 16000) return [];
    if (sileroFrames.includes(Number(options.frame_size_ms))) return [];
    return {
      path: ['spec', 'config', 'providers', 'vad', 'options', 'frame_size_ms'],
      message: 'silero needs frames of 32 ms at 16 kHz, or of 64 or 96 ms with a model before version 5',
      hint: 'set frame_size_ms: 32',
    };
  },
});

/** Rules on the providers of the voice pipeline. */
export const providerRules: readonly Rule[] = [
  unknownProvider,
  unnamedProvider,
  providerKeyMissing,
  keyNotInFile,
  providerIncomplete,
  audioUnused,
  baseUrlMissing,
  loopbackAddress,
  embeddingDimensions,
  sileroFrameSize,
];
