/** The AI providers that the program knows: names that the schema, the rules and the objects share. */

/**
 * The AI providers with an API key of their own, in the order of the variables in a pod: the Helm chart's order
 * first, so that a deployment moves over without a needless change.
 */
export const keyProviders = [
  'elevenlabs',
  'gemini',
  'deepgram',
  'openai',
  'anthropic',
  'deepseek',
  'mistral',
  'groq',
] as const;

/** An AI provider with a key of its own. */
export type KeyProvider = (typeof keyProviders)[number];

/** The parts of the voice pipeline, in the order of the program's own documentation. */
export const providerKinds = ['llm', 'stt', 'tts', 's2s', 'embeddings', 'vad', 'audio'] as const;

/** A part of the voice pipeline. */
export type ProviderKind = (typeof providerKinds)[number];

/** Whose API key a provider of the program takes, and where its client looks for it. */
export interface KeyPlace {
  readonly key: KeyProvider;
  /** `variable`: where the file has no `api_key`; `file`: in the file's `api_key` and nowhere else. */
  readonly readFrom: 'variable' | 'file';
  /** Whether its constructor fails without a key, and the worker exits at start. Unset for `variable`. */
  readonly exits?: boolean;
}

const variable = (key: KeyProvider): KeyPlace => ({ key, readFrom: 'variable' });
const file = (key: KeyProvider, exits = true): KeyPlace => ({ key, readFrom: 'file', exits });

/**
 * The providers that the program knows for each part of the voice pipeline, as its constructors are called in
 * `cmd/glyphoxa/main.go`. Undefined: it takes no key of an AI provider (embeddings of gemini are known by name
 * and not built; the key of audio discord is a bot's token).
 */
export const programProviders: {
  readonly [kind in ProviderKind]: { readonly [name: string]: KeyPlace | undefined };
} = {
  llm: {
    openai: variable('openai'),
    anthropic: variable('anthropic'),
    ollama: undefined,
    gemini: variable('gemini'),
    deepseek: variable('deepseek'),
    mistral: variable('mistral'),
    groq: variable('groq'),
    llamacpp: undefined,
    llamafile: undefined,
  },
  stt: {
    deepgram: file('deepgram'),
    elevenlabs: file('elevenlabs'),
    whisper: undefined,
    'whisper-native': undefined,
  },
  tts: { elevenlabs: file('elevenlabs'), coqui: undefined },
  s2s: { 'openai-realtime': file('openai', false), 'gemini-live': file('gemini', false) },
  embeddings: { openai: file('openai'), ollama: undefined, gemini: undefined },
  vad: { energy: undefined, silero: undefined },
  audio: { discord: undefined, webrtc: undefined },
};

/** Whose key a provider takes and from where; undefined for none, and for a provider that the program does not know. */
export function keyPlace(kind: ProviderKind, name: string | undefined): KeyPlace | undefined {
  const known = programProviders[kind];
  return name !== undefined && Object.hasOwn(known, name) ? known[name] : undefined;
}

/** Whether any client of the program reads a provider's key from its variable. */
export function hasVariable(provider: KeyProvider): boolean {
  return Object.values(programProviders.llm).some((place) => place?.key === provider);
}

/** The providers that the program knows for each part of the voice pipeline; it warns of another one. */
export const knownProviders = Object.fromEntries(
  providerKinds.map((kind) => [kind, Object.keys(programProviders[kind])]),
) as unknown as { readonly [kind in ProviderKind]: readonly string[] };
