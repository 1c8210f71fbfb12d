/** The library, as its users write it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as library from '../generator/index.ts';
import {
  build,
  Failure,
  type GlyphoxaEnvironment,
  type GlyphoxaResource,
  generate,
  jsonSchema,
  loadConfig,
  readYaml,
  validate,
  writeYaml,
  writeYamlStream,
} from '../generator/index.ts';

const resource: GlyphoxaResource = {
  apiVersion: 'deploy.glyphoxa.io/v1alpha1',
  kind: 'Glyphoxa',
  metadata: { name: 'tavern' },
  spec: {
    gateway: { replicaCount: 2, adminKey: { fromEnv: 'KEY' }, resources: { requests: { cpu: 1 } } },
    config: { providers: { llm: { name: 'openai', model: 'm' } }, npcs: [{ name: 'Ada' }] },
    secrets: { provider: 'kubernetes' },
    database: { dsn: { value: 'postgres://db.example.com/tavern' } },
  },
};

const environment: GlyphoxaEnvironment = {
  apiVersion: 'deploy.glyphoxa.io/v1alpha1',
  kind: 'Glyphoxa',
  spec: { gateway: { replicaCount: null }, core: { topology: 'dedicated' }, vault: null },
};

const source = (value: object) => readYaml(writeYaml(JSON.parse(JSON.stringify(value))), 'glyphoxa.yaml');

test('a resource that a program wrote becomes objects', async () => {
  const { objects, findings, config } = await build(source(resource), source(environment), {
    env: { KEY: 'k' },
    folder: '.',
  });
  assert.equal(config.spec.gateway.replicaCount, 1);
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['provider-key-missing', 'literal-secret'],
  );
  assert.ok(writeYamlStream(objects).includes('\n---\n'));
  assert.ok(generate(config, new Map()).length > 5);
});

test('findings come back from validate and are thrown by build', async () => {
  const wrong = source({ ...resource, spec: { gatway: {} } });
  const { findings } = await validate(wrong);
  assert.deepEqual(
    findings.map(({ code, position }) => [code, position?.line]),
    [['unknown-field', 6]],
  );
  await assert.rejects(build(wrong, undefined, { env: {}, folder: '.' }), (error) => {
    return error instanceof Failure && error.findings[0]?.code === 'unknown-field';
  });
});

test('a value without a file has findings without positions', () => {
  const { findings } = loadConfig({ value: { kind: 'Glyphoxa' }, findings: [] });
  assert.ok(findings.length > 0 && findings.every(({ position }) => position === undefined));
});

test('the types refuse what the schema refuses', () => {
  const identity = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' } as const;
  const wrong: GlyphoxaResource[] = [
    // @ts-expect-error a resource has a name
    { ...identity, metadata: {} },
    // @ts-expect-error an unknown field
    { ...identity, metadata: { name: 'a' }, spec: { gatway: {} } },
    // @ts-expect-error not one of the choices
    { ...identity, metadata: { name: 'a' }, spec: { core: { topology: 'both' } } },
    // @ts-expect-error null removes in environments only
    { ...identity, metadata: { name: 'a' }, spec: { gateway: { replicaCount: null } } },
  ];
  assert.equal(wrong.length, 4);
});

test('the library exports these names', () => {
  assert.deepEqual(Object.keys(library).sort(), [
    'EditedFiles',
    'Failure',
    'apiVersion',
    'build',
    'checkFolder',
    'checkObjects',
    'createOverlay',
    'diffOverlays',
    'environmentFile',
    'expandPaths',
    'formatFinding',
    'generate',
    'generateTree',
    'hasErrors',
    'jsonSchema',
    'kind',
    'listOverlays',
    'loadConfig',
    'openTree',
    'readLayers',
    'readYaml',
    'resolveSecrets',
    'resourceFile',
    'rules',
    'sortFindings',
    'validate',
    'writeYaml',
    'writeYamlStream',
  ]);
  assert.equal(jsonSchema('resource').title, 'Glyphoxa');
});
