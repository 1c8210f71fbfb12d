import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { appFile } from '../../generator/objects/app-file.ts';
import { generate } from '../../generator/objects/generate.ts';
import { configOf } from '../support/config-of.ts';
import { folderOf } from '../support/folder.ts';
import { awkwardTexts } from '../support/gene-choices.ts';

const speech = { stt: { name: 'deepgram' }, tts: { name: 'elevenlabs' }, embeddings: { name: 'openai' } };

const values = new Map([
  ['deepgram-api-key', 'yes'],
  ['elevenlabs-api-key', 'a: "b" #{{ . }}\\'],
  ['openai-api-key', 'sk-1'],
]);

test('keys stand in the file where their clients look, and nothing else does', () => {
  const { text, keys } = appFile(configOf({ config: { providers: { ...speech, llm: { name: 'groq' } } } }));
  assert.deepEqual(keys.toSorted(), [...values.keys()]);
  assert.deepEqual(parseYaml(text(values)), [
    {
      providers: {
        llm: { name: 'groq' },
        stt: { name: 'deepgram', api_key: 'yes' },
        tts: { name: 'elevenlabs', api_key: 'a: "b" #{{ . }}\\' },
        embeddings: { name: 'openai', api_key: 'sk-1' },
      },
    },
  ]);
});

for (const provider of ['existing', 'kubernetes', 'sealed-secrets', 'external-secrets']) {
  test(`with ${provider} a file with keys in it is mounted from the Secret and stands in no ConfigMap`, () => {
    const external = { storeRef: { name: 's' }, keys: { 'openai-api-key': { key: 'o' } } };
    const config = configOf({ secrets: { provider, external }, config: { providers: speech } });
    const objects = generate(config, new Map());
    assert.ok(!objects.some(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'g-config'));
    const gateway = objects.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'g-gateway',
    );
    assert.match(JSON.stringify(gateway), /"secretName":"g-secrets","items":\[\{"key":"config.yaml"/);
    assert.doesNotMatch(JSON.stringify(objects), /ELEVENLABS_API_KEY|DEEPGRAM_API_KEY|checksum\/config/);
  });
}

test('the template of an ExternalSecret makes the same file, whatever braces stand in it', (t) => {
  if (spawnSync('go', ['version']).status !== 0) return t.skip('no go');
  const braces = ['{{', '}}', '{{{', '{{ .x }}', '{{- "a" -}}', '{{/* a */}}', 'KEY-stt', '{{ "{{" }}', '{'];
  const npcs = [...braces, ...awkwardTexts].map((personality, index) => ({ name: `n${index}`, personality }));
  const file = appFile(configOf({ config: { npcs, providers: speech } }));
  const folder = folderOf(t, {});
  writeFileSync(path.join(folder, 'template'), file.template());
  const program = fileURLToPath(new URL('../template/main.go', import.meta.url));
  const ran = spawnSync('go', ['run', program, path.join(folder, 'template')], {
    input: JSON.stringify(Object.fromEntries(values)),
    encoding: 'utf8',
  });
  assert.equal(ran.status, 0, ran.stderr);
  assert.deepEqual(parseYaml(ran.stdout), parseYaml(file.text(values)));
  const secret = generate(
    configOf({
      secrets: {
        provider: 'external-secrets',
        external: { storeRef: { name: 's' }, keys: { a: { key: 'a' } } },
      },
      config: { providers: speech },
    }),
    new Map(),
  ).find(({ kind }) => kind === 'ExternalSecret') as unknown as { spec: { target: JsonObject } };
  const { engineVersion, mergePolicy } = secret.spec.target.template as JsonObject;
  assert.deepEqual([engineVersion, mergePolicy], ['v2', 'Merge'], 'the other keys stay in the Secret');
});
