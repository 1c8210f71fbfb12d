import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { schema } from '../../generator/config/load.ts';
import { childNode, isSecretSource, type SchemaNode } from '../../generator/config/schema/node.ts';
import {
  isGiven,
  isInPodPatch,
  placesInFile,
  secretKeyNames,
  secretKeys,
  sourcedKeys,
} from '../../generator/config/secret-keys.ts';
import { neededKeys } from '../../generator/secrets/needed.ts';
import { managedPart } from '../../generator/tree/kustomization.ts';
import { configOf } from '../support/config-of.ts';

/** The paths of all values that are secret sources in the schema. */
function sources(node: SchemaNode, path: string): string[] {
  if (isSecretSource(node)) return [path];
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => sources(child, `${path}.${name}`));
}

test('every secret source of the schema is a key of the table, and the other way round', () => {
  const spec = childNode(schema, 'spec') as SchemaNode;
  const paths = secretKeys(configOf({})).map(({ path }) => path.join('.'));
  assert.deepEqual(paths.toSorted(), sources(spec, 'spec').toSorted());
});

test('docs/secrets.md has each key with its variable and its value', () => {
  const page = readFileSync(new URL('../../docs/secrets.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([\w.-]+)` \| (?:`(\w+)`|none: [^|]*) \| `(spec[\w.]+)` \|/gm)];
  const written = rows.map(([, key = '', variable, path]) => ({ key, variable, path }));
  const known = secretKeys(configOf({})).map(({ key, variable, path }) => ({
    key,
    variable,
    path: path.join('.'),
  }));
  const file = { key: 'config.yaml', variable: undefined, path: 'spec.config' };
  const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
  assert.deepEqual(written.toSorted(byKey), [...known, file].toSorted(byKey));
});

test('what is needed says what each key is for', () => {
  const spec = { vault: { enabled: true }, config: { providers: { llm: { name: 'groq' } } } };
  for (const { purpose } of neededKeys(configOf(spec))) assert.doesNotMatch(purpose, /undefined/);
});

test('a value of several lines of any key keeps its entry of the secretGenerator ours', () => {
  for (const key of secretKeyNames) {
    const secretGenerator = [{ name: 's', files: [`secrets/${key}`] }];
    const part = managedPart({ secretGenerator }, { owns: () => false });
    assert.deepEqual(part, { secretGenerator }, key);
  }
});

test('any random text does for two keys, and for no other', () => {
  const random = secretKeys(configOf({})).filter((key) => key.random);
  assert.deepEqual(
    random.map(({ key }) => key),
    ['admin-key', 'grpc-mgmt-secret'],
  );
});

const keyOf = (spec: Parameters<typeof configOf>[0], key: string) => {
  const found = secretKeys(configOf(spec)).find((each) => each.key === key);
  assert.ok(found);
  return found;
};

test('a pod patch speaks of a key by its name, or of the whole Secret', () => {
  const speaks = (podPatch: object) =>
    isInPodPatch(configOf({ worker: { podPatch: podPatch as never } }), 'groq-api-key');
  const withEnv = (entry: object) => ({ spec: { containers: [{ name: 'worker', env: [entry] }] } });
  const ref = (name: string, key: string) => ({ name: 'A', valueFrom: { secretKeyRef: { name, key } } });
  const { name } = configOf({}).spec.secrets;
  assert.ok(speaks(withEnv(ref('other', 'groq-api-key'))));
  assert.ok(speaks({ spec: { volumes: [{ name: 'v', secret: { secretName: name } }] } }));
  assert.ok(speaks(withEnv(ref(name, 'x'))));
  assert.ok(!speaks(withEnv(ref('other', 'x'))));
  assert.ok(!speaks({}));
});

test('keys that clients look for in the file alone are needed there, unless they stand in it or the file is one of others', () => {
  const providers = { tts: { name: 'elevenlabs' }, llm: { name: 'openai', model: 'm' } };
  const kinds = (spec: Parameters<typeof configOf>[0]) =>
    placesInFile(configOf(spec).spec).map(({ kind, key, exits }) => `${kind} ${key} ${exits}`);
  assert.deepEqual(kinds({ config: { providers } }), ['tts elevenlabs true']);
  const live = { s2s: { name: 'openai-realtime' } };
  assert.deepEqual(kinds({ config: { providers: live } }), ['s2s openai false']);
  assert.deepEqual(kinds({ config: { providers: { tts: { name: 'elevenlabs', api_key: 'k' } } } }), []);
  assert.deepEqual(kinds({ config: { providers }, secrets: { configSecret: { name: 'mine' } } }), []);
});

test('a key of a provider is used where a part of the pipeline is that provider', () => {
  const config = { providers: { llm: { name: 'groq', model: 'm' } } };
  assert.deepEqual(
    ['groq', 'openai'].map((name) => keyOf({ config }, `${name}-api-key`).isUsed),
    [true, false],
  );
  for (const name of ['openai', 'anthropic', 'gemini', 'deepseek', 'mistral', 'groq']) {
    const spec = { config: { providers: { llm: { name, model: 'm' } } } };
    assert.ok(keyOf(spec, `${name}-api-key`).isUsed, name);
  }
  assert.deepEqual(keyOf({}, 'groq-api-key').readers, ['gateway', 'worker']);
});

test('what pods always read is read, a token only where its service is on', () => {
  const isRead = (spec: Parameters<typeof configOf>[0], key: string) => keyOf(spec, key).isRead;
  assert.ok(isRead({}, 'admin-key'));
  assert.ok(!isRead({}, 'vault-token'));
  assert.ok(isRead({ vault: { enabled: true } }, 'vault-token'));
});

test('the Secret is made from sources with the provider kubernetes alone, and a reference of its own is given anywhere', () => {
  const sources = { gateway: { adminKey: { fromEnv: 'A' } }, database: { dsn: { fromEnv: 'D' } } };
  const made = (spec: Parameters<typeof configOf>[0]) => sourcedKeys(configOf(spec)).map(({ key }) => key);
  assert.deepEqual(made({ ...sources, secrets: { provider: 'kubernetes' } }), ['admin-key', 'database-dsn']);
  assert.deepEqual(made({ ...sources, secrets: { provider: 'existing' } }), []);
  const ownKey = { secretKeyRef: { name: 'own', key: 'k' } };
  const referring = { database: { dsn: ownKey } };
  assert.deepEqual(made({ ...referring, secrets: { provider: 'kubernetes' } }), []);
  const given = (spec: Parameters<typeof configOf>[0], key: string) =>
    isGiven(configOf(spec), keyOf(spec, key));
  for (const provider of ['kubernetes', 'sealed-secrets', 'external-secrets'] as const) {
    assert.ok(given({ ...referring, secrets: { provider } }, 'database-dsn'), provider);
    assert.ok(!given({ ...referring, secrets: { provider } }, 'admin-key'), provider);
  }
  assert.ok(given({ secrets: { provider: 'existing' } }, 'admin-key'));
});
