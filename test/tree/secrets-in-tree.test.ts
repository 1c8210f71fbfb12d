/** The Secret that a tree makes of git-ignored files, and the command lines that write it by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import { secretCommands } from '../../generator/tree/secret-commands.ts';
import { secretFileKeys, secretFiles, secretInTree } from '../../generator/tree/secret-generator.ts';
import { configOf } from './law.ts';
import { resource } from './spoilt.ts';

const config = (more: JsonObject = {}) =>
  configOf({
    ...resource,
    spec: {
      secrets: { provider: 'kubernetes' },
      database: { dsn: { fromEnv: 'DSN' } },
      gateway: { adminKey: { fromEnv: 'KEY' } },
      ...more,
    },
  });
const file = { config: { providers: { llm: { name: 'openai', model: 'm', api_key: 'canary' } } } };

test('only the provider that makes the Secret has files, one line or file for each key', () => {
  assert.deepEqual(secretFileKeys(config()), ['admin-key', 'database-dsn']);
  assert.deepEqual(secretFileKeys(config(file)), ['admin-key', 'config.yaml', 'database-dsn']);
  assert.deepEqual(secretFileKeys(configOf(resource)), []);
  assert.equal(secretInTree(configOf(resource), []), undefined);
});

test('a key is read from where it stands, and taken by itself', () => {
  const generatorOf = (present: readonly string[], more?: JsonObject) => {
    const { envs, files } = secretInTree(config(more), present)?.generator ?? {};
    return [envs, files];
  };
  assert.deepEqual(generatorOf([]), [['secrets.env'], undefined]);
  assert.deepEqual(generatorOf(['secrets/admin-key', 'secrets/x']), [['secrets.env'], ['secrets/admin-key']]);
  assert.deepEqual(generatorOf([], file), [['secrets.env'], ['secrets/config.yaml']]);
  const both = ['secrets/admin-key', 'secrets/database-dsn'];
  assert.deepEqual(generatorOf(both), [undefined, both]);
  const made = secretInTree(config(file), []);
  const values = 'glyphoxa-secrets-values';
  assert.deepEqual(
    [made?.generator.name, made?.generator.type, made?.generator.options],
    [
      values,
      'Opaque',
      { disableNameSuffixHash: true, annotations: { 'config.kubernetes.io/local-config': 'true' } },
    ],
  );
  assert.deepEqual(made?.replacements[1], {
    source: { kind: 'Secret', name: values, fieldPath: 'data.config\\.yaml' },
    targets: [{ select: { kind: 'Secret', name: 'glyphoxa-secrets' }, fieldPaths: ['data.config\\.yaml'] }],
  });
  const { kind, type, data, metadata } = made?.object ?? assert.fail();
  assert.deepEqual([kind, type, metadata.name], ['Secret', 'Opaque', 'glyphoxa-secrets']);
  assert.deepEqual(data, { 'admin-key': '', 'config.yaml': '', 'database-dsn': '' });
});

test('values stand in lines of one file, but for those that have a file of their own', () => {
  const values = new Map([
    ['a', '1'],
    ['b', '2'],
    ['c', 'x\ny'],
  ]);
  assert.deepEqual(
    [...secretFiles(values, ['secrets/c'])],
    [
      ['secrets/c', 'x\ny'],
      ['secrets.env', 'a=1\nb=2\n'],
    ],
  );
  assert.deepEqual([...secretFiles(new Map([['c', 'x']]), ['secrets/c'])], [['secrets/c', 'x']]);
});

test('a Secret is written by a command for its lines and one for its files, the namespace first where it must be', () => {
  const secret = { name: 's', namespace: 'n', bringsNamespace: false };
  const create = 'kubectl -n n create secret generic s';
  const apply = (manager: string) =>
    `--dry-run=client -o yaml | kubectl -n n apply --server-side --field-manager=${manager} -f -`;
  const lines = `${create} --from-env-file=e ${apply('secrets-env')}`;
  const files = `${create} --from-file=f --from-file=g ${apply('secret-files')}`;
  assert.deepEqual(
    secretCommands(secret, 'e', ['f', 'g']).map((line) => line.trim()),
    [lines, files],
  );
  assert.deepEqual(
    secretCommands(secret, undefined, ['f', 'g']).map((line) => line.trim()),
    [files],
  );
  assert.deepEqual(
    secretCommands(secret, 'e', []).map((line) => line.trim()),
    [lines],
  );
  const [first = ''] = secretCommands({ ...secret, bringsNamespace: true }, 'e', []);
  assert.ok(first.startsWith('kubectl create namespace n ') && first.endsWith(` && ${lines}`), first);
});
