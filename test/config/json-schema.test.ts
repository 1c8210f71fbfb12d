import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { checks } from '../../generator/config/checks.ts';
import { isSecretSource, schemaValues } from '../../generator/config/describe.ts';
import { jsonSchema } from '../../generator/config/json-schema.ts';
import { schema } from '../../generator/config/load.ts';
import type { SchemaNode } from '../../generator/config/schema/node.ts';
import { checkSchema } from '../../generator/config/schema-check.ts';
import { clone, isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { arbitraryLayers } from '../support/configs.ts';

const seed = Number(process.env.GLYPHOXA_SEED ?? 20_261_122);
const identity = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa' };

/** Problems of a value that JSON Schema cannot see, or only in part: checks, and characters in strings. */
const finerThanSchema = ['invalid-value', 'invalid-key', 'control-character', 'too-long'];

const ajv = new Ajv2020({ strict: true, strictTypes: false, allowUnionTypes: true, allErrors: true });
ajv.addVocabulary(['markdownDescription', 'patternErrorMessage']);
const validators = {
  resource: ajv.compile(jsonSchema('resource')),
  environment: ajv.compile(jsonSchema('environment')),
};

/** Holds the published schema and the program's own check against each other on one document. */
function compare(document: JsonObject, name: 'resource' | 'environment'): 'valid' | 'invalid' {
  const isLayer = name === 'environment';
  const { problems } = checkSchema(schema, document, { layer: isLayer, written: () => undefined });
  const isValid = validators[name](document);
  const told = () => JSON.stringify({ problems, errors: validators[name].errors, document }, null, 1);
  if (problems.length === 0) assert.ok(isValid, `the schema refuses what the program takes: ${told()}`);
  if (problems.some(({ code }) => !finerThanSchema.includes(code)))
    assert.ok(!isValid, `the schema takes what the program refuses: ${told()}`);
  return problems.length === 0 ? 'valid' : 'invalid';
}

test('the schemas are schemas of draft 2020-12', () => {
  for (const name of ['resource', 'environment', 'tenants'] as const) {
    const document = jsonSchema(name);
    assert.equal(document.$schema, 'https://json-schema.org/draft/2020-12/schema');
    assert.equal(ajv.validateSchema(document), true);
  }
});

test(`the schemas take every valid resource and environment (seed ${seed})`, () => {
  fc.assert(
    fc.property(arbitraryLayers(), ({ resource, environment }) => {
      assert.equal(compare(resource, 'resource'), 'valid');
      assert.equal(compare(environment, 'environment'), 'valid');
    }),
    { seed, numRuns: 300 },
  );
});

test(`the schemas and the program agree on mutated documents (seed ${seed})`, () => {
  const counts = { valid: 0, invalid: 0 };
  fc.assert(
    fc.property(
      arbitraryLayers(),
      fc.array(fc.tuple(fc.nat(), arbitraryMutation), { minLength: 1, maxLength: 3 }),
      ({ resource, environment }, mutations) => {
        for (const [name, document] of [
          ['resource', resource],
          ['environment', environment],
        ] as const) {
          const mutated = clone(document);
          for (const [place, mutation] of mutations) mutate(mutated, place, mutation);
          counts[compare(mutated, name)] += 1;
        }
      },
    ),
    { seed, numRuns: 700 },
  );
  const all = counts.valid + counts.invalid;
  assert.ok(counts.valid > all / 70 && counts.invalid > all / 7, JSON.stringify(counts));
});

type Mutation = (parent: JsonObject | Json[], key: string | number) => void;

const junk: Json[] = [
  null,
  true,
  'x',
  '',
  -1,
  0,
  1.5,
  70_000,
  [],
  {},
  [null],
  { x: 1 },
  { value: 'x' },
  '1Gi',
];

const arbitraryMutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.constantFrom(...junk).map(
    (value): Mutation =>
      (parent, key) => {
        (parent as JsonObject)[key] = clone(value);
      },
  ),
  fc.constant<Mutation>((parent, key) => {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
  }),
  fc.constantFrom(...junk).map(
    (value): Mutation =>
      (parent, key) => {
        if (Array.isArray(parent)) parent.push(clone(value));
        else parent[`${key}x`] = clone(value);
      },
  ),
);

/** Applies a mutation to the value at the given place, counted through the whole document. */
function mutate(document: JsonObject, place: number, mutation: Mutation): void {
  const places: [JsonObject | Json[], string | number][] = [];
  const visit = (value: Json) => {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        places.push([value, index]);
        visit(item);
      }
    } else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        places.push([value, key]);
        visit(item);
      }
    }
  };
  visit(document);
  const [parent, key] = places[place % places.length] ?? [document, 'spec'];
  mutation(parent, key);
}

const documents: [promise: string, name: 'resource' | 'environment', document: JsonObject, valid: boolean][] =
  [
    ['a name is enough', 'resource', { ...identity, metadata: { name: 'a' } }, true],
    ['a resource needs a name', 'resource', { ...identity, metadata: {} }, false],
    ['an environment needs nothing but its identity', 'environment', { ...identity }, true],
    ['an environment without kind', 'environment', { apiVersion: identity.apiVersion }, false],
    ['null removes', 'environment', { ...identity, spec: { gateway: { replicaCount: null } } }, true],
    ['null removes a section', 'environment', { ...identity, spec: { gateway: null } }, true],
    ['null removes the spec', 'environment', { ...identity, spec: null }, true],
    ['null removes the namespace', 'environment', { ...identity, metadata: { namespace: null } }, true],
    ['metadata cannot be removed', 'environment', { ...identity, metadata: null }, false],
    ['nor the kind', 'environment', { apiVersion: identity.apiVersion, kind: null }, false],
    [
      'null removes nothing in a resource',
      'resource',
      { ...identity, metadata: { name: 'a' }, spec: { gateway: { replicaCount: null } } },
      false,
    ],
    [
      'null removes nothing inside a list',
      'environment',
      { ...identity, spec: { core: { imagePullSecrets: [{ name: null }] } } },
      false,
    ],
    [
      'null removes nothing inside a secret',
      'environment',
      { ...identity, spec: { database: { dsn: { value: null, fromEnv: 'DSN' } } } },
      false,
    ],
    ['null removes a secret', 'environment', { ...identity, spec: { database: { dsn: null } } }, true],
    ['a secret has a source', 'environment', { ...identity, spec: { database: { dsn: {} } } }, false],
    [
      'a secret has one source',
      'environment',
      { ...identity, spec: { database: { dsn: { fromEnv: 'A', fromFile: 'b' } } } },
      false,
    ],
    ['fields that do not exist', 'environment', { ...identity, spec: { gatway: {} } }, false],
    ['a choice', 'environment', { ...identity, spec: { core: { topology: 'both' } } }, false],
    [
      'null is a choice where it removes',
      'environment',
      { ...identity, spec: { core: { topology: null } } },
      true,
    ],
    ['a port', 'environment', { ...identity, spec: { gateway: { ports: { grpc: 65_536 } } } }, false],
    [
      'a quantity as a number',
      'environment',
      { ...identity, spec: { worker: { profiles: { cloud: { limits: { cpu: 2 } } } } } },
      true,
    ],
  ];

for (const [promise, name, document, valid] of documents) {
  test(`${name}: ${promise}`, () => {
    assert.equal(compare(document, name), valid ? 'valid' : 'invalid');
  });
}

test('every value has words, and every default stands in the schema', () => {
  const visit = (node: SchemaNode, published: JsonObject, path: string): void => {
    assert.ok(published.title, `${path} has no title`);
    assert.ok(published.description, `${path} has no description`);
    const standard = node.preset?.shared ?? (node.properties === undefined ? node.default : undefined);
    assert.deepEqual(published.default, standard, path);
    if (node.derived !== undefined) assert.match(String(published.description), /Default: <release>-/, path);
    const blanks = node.blankIsUnset === true ? ['', null] : [];
    if (node.enum !== undefined) assert.deepEqual(published.enum, [...node.enum, ...blanks], path);
    if (node.secret === true && !isSecretSource(node)) assert.equal(published.writeOnly, true, path);
    for (const [key, child] of Object.entries(node.properties ?? {})) {
      visit(child, (published.properties as JsonObject)[key] as JsonObject, `${path}.${key}`);
    }
    if (node.items !== undefined) visit(node.items, published.items as JsonObject, `${path}[]`);
  };
  visit(schema, jsonSchema('resource'), 'resource');
});

test('no word of the program itself stands in the schemas', () => {
  const allowed = new Set([
    ...[
      '$schema',
      '$id',
      'title',
      'description',
      'markdownDescription',
      'default',
      'examples',
      'type',
      'const',
    ],
    ...['enum', 'minimum', 'maximum', 'minLength', 'maxLength', 'pattern', 'patternErrorMessage', 'minItems'],
    ...['minProperties', 'maxProperties', 'propertyNames', 'properties', 'required', 'items', 'writeOnly'],
    'additionalProperties',
  ]);
  const visit = (node: JsonObject): void => {
    for (const [key, value] of Object.entries(node)) {
      assert.ok(allowed.has(key), key);
      if (key === 'properties')
        for (const child of Object.values(value as JsonObject)) visit(child as JsonObject);
      else if (key === 'items' || (key === 'additionalProperties' && isObject(value)))
        visit(value as JsonObject);
    }
  };
  visit(jsonSchema('resource'));
  visit(jsonSchema('environment'));
});

test('no pattern refuses what the check beside it takes', () => {
  const samples = [
    ...['HTTP://a.example', 'http:a.example', 'https:/a', 'ws://a', 'wss://a:1/x', 'https://a', 'OCI://a/b'],
    ...[
      'oci://a/b',
      '1h',
      '0',
      '1.5h',
      '.5h',
      '1h30m',
      '1us',
      '1µs',
      '1.2.3',
      'v1.2.3-rc.1+b',
      'a',
      'A',
      'a.b',
    ],
    ...['a-', '-a', 'a_b', '1', '1Gi', '1e3', '1E3', '+1', '.5', '1.', '100m', '0', 'a/b', 'a.b/c', 'a:1/b'],
    ...[
      'localhost:5000/a',
      '[::1]:5000/a',
      'sha256:'.padEnd(71, 'a'),
      'glyphoxa_1',
      '_a',
      'A_B',
      'x'.repeat(63),
    ],
    ...['', ' ', 'é', '💥', 'a\n', 'x'.repeat(253), 'x'.repeat(47), 'key.yaml', '..a', '.a'],
  ];
  for (const { path, node } of schemaValues(schema, [], () => false)) {
    const { check, pattern, maxLength = Number.POSITIVE_INFINITY, minLength = 0 } = node;
    if (check === undefined || pattern === undefined) continue;
    for (const sample of samples.filter(({ length }) => length >= minLength)) {
      if (checks[check](sample as never).length > 0) continue;
      const isTaken = new RegExp(pattern, 'u').test(sample) && sample.length <= maxLength;
      assert.ok(isTaken, `${path.join('.')}: ${check} takes ${JSON.stringify(sample)}, ${pattern} does not`);
    }
  }
});

test(`the schema of a fleet takes what the program takes, and refuses what it refuses (seed ${seed})`, () => {
  const isFleet = ajv.compile(jsonSchema('tenants'));
  const head = { apiVersion: identity.apiVersion, kind: 'GlyphoxaFleet', template: 'dedicated' };
  fc.assert(
    fc.property(arbitraryLayers(), ({ environment }) => {
      const spec = environment.spec === undefined ? {} : { spec: environment.spec };
      const fleet = {
        ...head,
        defaults: { ...spec, defaultDeny: true },
        tenants: { acme: { ...spec }, b_c: null },
      };
      assert.ok(isFleet(fleet), JSON.stringify(isFleet.errors));
    }),
    { seed, numRuns: 100 },
  );
  const wrong: JsonObject[] = [
    { template: null },
    { tenants: { Acme: {} } },
    { tenants: { acme: { replicas: 1 } } },
    { tenants: { acme: { spec: { gateway: { replicas: 1 } } } } },
    { defaults: { namespace: 'one-for-all' } },
    { waves: 'canary' },
  ];
  for (const part of wrong) assert.ok(!isFleet({ ...head, tenants: {}, ...part }), JSON.stringify(part));
});
