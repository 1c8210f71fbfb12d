import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { formatSchemaPath, schemaValues } from '../../generator/config/describe.ts';
import { schema } from '../../generator/config/load.ts';
import { rules } from '../../generator/config/rules.ts';
import { schemaArtifacts } from '../../scripts/schema.ts';

const root = new URL('../../', import.meta.url);
const artifacts = schemaArtifacts();

for (const [file, text] of artifacts) {
  test(`${file} is what "npm run schema" writes`, () => {
    assert.ok(readFileSync(new URL(file, root), 'utf8') === text, `${file} is stale: run "npm run schema"`);
  });
}

test('the reference page has every value and every rule', () => {
  const page = artifacts.get('docs/reference.md') ?? '';
  const isToleration = (node: { check?: string }) => node.check === 'toleration';
  for (const { path, node } of schemaValues(schema, [], isToleration)) {
    const isListed = path.length > 1 && !(node.properties !== undefined && path.length === 2);
    if (!isListed || (path.at(-1) === '[]' && node.properties !== undefined)) continue;
    assert.ok(page.includes(`| \`${formatSchemaPath(path)}\` |`), formatSchemaPath(path));
  }
  for (const { code, severity } of rules) assert.ok(page.includes(`| \`${code}\` | ${severity} |`), code);
});

test('the reference page has the code of every check of text and values', () => {
  const page = artifacts.get('docs/reference.md') ?? '';
  const sources = [
    'generator/model/yaml.ts',
    'generator/config/schema-check.ts',
    'generator/config/load.ts',
    'generator/config/files.ts',
    'generator/config/resolve.ts',
    'generator/config/fleet-checks.ts',
    'generator/config/fleet-waves.ts',
    'generator/config/fleet.ts',
    'generator/tree/engine/plan-engine.ts',
    'generator/tree/tenants/load.ts',
    'generator/tree/tenants/plan-fleet.ts',
  ].map((file) => readFileSync(new URL(file, root), 'utf8'));
  const pattern =
    /(?:code: |unusable\(\s*|add\(\s*|failure\(\s*|return \[\s*)'([a-z][a-z0-9]*(?:-[a-z0-9]+)*)'/g;
  const codes = new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map(([, code]) => code)));
  assert.ok(codes.size > 25, `only ${codes.size} codes were found in the sources`);
  for (const code of codes) assert.ok(page.includes(`\`${code}\``), `${code} is missing`);
});
