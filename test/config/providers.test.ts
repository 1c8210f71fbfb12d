import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ProviderKind, programProviders, providerKinds } from '../../generator/config/providers.ts';

/**
 * Where each client of the program looks for its key: a language model's in a variable where the file has none, every
 * other in the file (`entry.APIKey` of its constructor in cmd/glyphoxa/main.go); `!` where that one fails without.
 */
const places: { [kind in ProviderKind]: string } = {
  llm: 'openai variable, anthropic variable, ollama none, gemini variable, deepseek variable, mistral variable, groq variable, llamacpp none, llamafile none',
  stt: 'deepgram file!, elevenlabs file!, whisper none, whisper-native none',
  tts: 'elevenlabs file!, coqui none',
  s2s: 'openai-realtime file, gemini-live file',
  embeddings: 'openai file!, ollama none, gemini none',
  vad: 'energy none, silero none',
  audio: 'discord none, webrtc none',
};

for (const kind of providerKinds) {
  test(`the key of each ${kind} provider is where its client reads it`, () => {
    const words = Object.entries(programProviders[kind]).map(
      ([name, place]) => `${name} ${place?.readFrom ?? 'none'}${place?.exits === true ? '!' : ''}`,
    );
    assert.equal(words.join(', '), places[kind]);
  });
}
