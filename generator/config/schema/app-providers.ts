/** The providers of the program's configuration file, with the options that each reads by name. */
import Type, { type TSchema } from 'typebox';
import type { JsonObject } from '../../model/json.ts';
import { knownProviders, type ProviderKind } from '../providers.ts';
import { count, names, plainText, secretText, share } from './app-values.ts';
import { choice, object, optional, text } from './build.ts';

const language = plainText('Language', 'The language, like `de`; English if there is none.');
const modelPath = plainText('Model path', 'The file of the model, where `model` does not name it.');
const sampleRate = count('Sample rate', 'In Hz.');

/** The options that the program reads, by the part of the voice pipeline. */
const options: { readonly [kind in ProviderKind]: { readonly [name: string]: TSchema } } = {
  llm: {},
  stt: { language, model_path: modelPath },
  tts: {
    language,
    output_format: plainText('Output format', 'The format of elevenlabs, like `pcm_16000`.'),
    api_mode: optional(
      choice(['standard', 'xtts'], { title: 'API mode', description: 'The kind of the coqui server.' }),
    ),
  },
  s2s: {},
  embeddings: {},
  vad: {
    model_path: modelPath,
    onnx_lib_path: plainText('ONNX library', 'The file of the ONNX runtime.'),
    sample_rate: sampleRate,
    frame_size_ms: count('Frame size', 'In milliseconds.'),
    speech_threshold: share('Speech threshold', 'From which probability on it is speech.'),
    silence_threshold: share('Silence threshold', 'Below which probability it is silence.'),
    min_speech_frames: count('Speech frames', 'How many frames make speech.'),
    min_silence_frames: count('Silence frames', 'How many frames end it.'),
    min_speech_duration_frames: count('Shortest speech', 'In frames.'),
    smoothing_factor: share('Smoothing factor', 'How much the energy is smoothed.'),
  },
  audio: {
    guild_id: plainText('Guild', 'The id of the Discord server, in quotes.'),
    dm_role_id: plainText('Role', 'The id of the game master role, in quotes.'),
    stun_servers: names('STUN servers', 'Servers for WebRTC, like `stun:stun.example.com:3478`.'),
    sample_rate: sampleRate,
  },
};

export const provider = (kind: ProviderKind) =>
  optional(
    object(
      {
        name: optional(
          text({ title: 'Name', description: `The ${kind} provider.`, examples: [...knownProviders[kind]] }),
        ),
        api_key: secretText('API key', 'The key itself; `secrets.providerKeys` keeps it out of this file.'),
        base_url: optional(
          text({
            title: 'Base URL',
            description: "Address of the provider's API.",
            check: 'url',
            pattern: '^[A-Za-z]+://',
          }),
        ),
        model: plainText('Model', 'The model to use.'),
        options: optional(
          Type.Unsafe<JsonObject>({
            type: 'object',
            title: 'Options',
            description: 'Options of the provider.',
            properties: options[kind],
            additionalProperties: {
              title: 'Option',
              description:
                'An option that the program does not read by name. Texts in it count as secrets unless `secrets.publicOptions` names it.',
              secret: true,
              blankIsUnset: true,
            },
          }),
        ),
      },
      { title: `Provider: ${kind}`, description: `The ${kind} part of the voice pipeline.` },
    ),
  );
