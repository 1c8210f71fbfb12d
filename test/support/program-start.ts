/**
 * What the program's loader and constructors ask of its configuration file, apart from what the product says of it:
 * read from `internal/config` (strict decoding), `registerBuiltinProviders` of `cmd/glyphoxa/main.go`, and the
 * constructors that it calls.
 */
import type { JsonObject } from '../../generator/model/json.ts';
import { isObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';

/** Fields of the file, which is decoded strictly: any other ends the program. */
const sections = ['server', 'providers', 'npcs', 'memory', 'mcp', 'campaign', 'transcript'];
const entryFields = ['name', 'api_key', 'base_url', 'model', 'options'];

type Need = 'api_key' | 'model' | 'base_url' | 'model file' | { readonly variable: string };

/** What each constructor fails without. A variable makes up for a missing `api_key`, with language models alone. */
const needs: { readonly [kind: string]: { readonly [name: string]: readonly Need[] } } = {
  llm: {
    openai: ['model', { variable: 'OPENAI_API_KEY' }],
    anthropic: ['model', { variable: 'ANTHROPIC_API_KEY' }],
    gemini: ['model', { variable: 'GEMINI_API_KEY' }],
    deepseek: ['model', { variable: 'DEEPSEEK_API_KEY' }],
    mistral: ['model', { variable: 'MISTRAL_API_KEY' }],
    groq: ['model', { variable: 'GROQ_API_KEY' }],
    ollama: ['model'],
    llamacpp: ['model'],
    llamafile: ['model'],
  },
  stt: {
    deepgram: ['api_key'],
    elevenlabs: ['api_key'],
    whisper: ['base_url'],
    'whisper-native': ['model file'],
  },
  tts: { elevenlabs: ['api_key'], coqui: ['base_url'] },
  s2s: { 'openai-realtime': [], 'gemini-live': [] },
  embeddings: { openai: ['api_key'], ollama: ['model'] },
  vad: { energy: [], silero: ['model file'] },
};

/**
 * Why a worker with this file and these variables would exit at start; empty where it starts.
 *
 * @param text the file as it is mounted
 */
export function startProblems(text: string, variables: readonly string[]): string[] {
  const [file] = parseYaml(text);
  if (!isObject(file)) return ['the file is no map'];
  const unknown = Object.keys(file).filter((key) => !sections.includes(key));
  const providers = isObject(file.providers) ? file.providers : {};
  const wrong = Object.entries(providers).flatMap(([kind, entry]) =>
    isObject(entry) ? entryProblems(kind, entry, variables) : [`${kind} is no map`],
  );
  return [...unknown.map((key) => `the field ${key} is not known`), ...wrong];
}

function entryProblems(kind: string, entry: JsonObject, variables: readonly string[]): string[] {
  const unknown = Object.keys(entry).filter((key) => !entryFields.includes(key));
  const has = (field: string) => typeof entry[field] === 'string' && entry[field] !== '';
  const options = isObject(entry.options) ? entry.options : {};
  const isMet = (need: Need) => {
    if (typeof need === 'object') return has('api_key') || variables.includes(need.variable);
    return need === 'model file' ? has('model') || typeof options.model_path === 'string' : has(need);
  };
  const known = needs[kind]?.[String(entry.name)];
  if (known === undefined) return [`${kind} has the unknown provider ${entry.name}`];
  return [
    ...unknown.map((key) => `${kind} has the unknown field ${key}`),
    ...known.filter((need) => !isMet(need)).map((need) => `${kind} lacks ${JSON.stringify(need)}`),
  ];
}
