import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { schema } from '../../generator/config/load.ts';
import { childNode, isSecretSource, type SchemaNode } from '../../generator/config/schema/node.ts';
import { secretKeyNames, secretKeys } from '../../generator/config/secret-keys.ts';
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
