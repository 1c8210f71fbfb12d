/** The AI providers that the program knows: names that the schema, the rules and the objects share. */

/**
 * The AI providers whose client reads its key from an environment variable, in the order of the variables in
 * a pod: the Helm chart's order first, so that a deployment moves over without a needless change.
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

/** The providers that the program knows for each part of the voice pipeline; it warns of another one. */
export const knownProviders: { readonly [kind in ProviderKind]: readonly string[] } = {
  llm: ['openai', 'anthropic', 'ollama', 'gemini', 'deepseek', 'mistral', 'groq', 'llamacpp', 'llamafile'],
  stt: ['deepgram', 'elevenlabs', 'whisper', 'whisper-native'],
  tts: ['elevenlabs', 'coqui'],
  s2s: ['openai-realtime', 'gemini-live'],
  embeddings: ['openai', 'ollama', 'gemini'],
  vad: ['energy', 'silero'],
  audio: ['discord', 'webrtc'],
};
