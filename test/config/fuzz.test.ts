/**
 * Random and mutated configurations: each gives findings with positions or objects, never an exception, and
 * never takes long. `GLYPHOXA_SEED` repeats a run, `GLYPHOXA_DRAWS=10` draws ten times as many.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { loadConfig, type Source } from '../../generator/config/load.ts';
import { type Finding, formatFinding, hasErrors } from '../../generator/model/finding.ts';
import { isObject, type Json, type JsonObject, setKey } from '../../generator/model/json.ts';
import { readYaml, writeYaml, type YamlSource } from '../../generator/model/yaml.ts';
import { validate } from '../../generator/objects/build.ts';
import { generate } from '../../generator/objects/generate.ts';
import { arbitraryLayers, resolvedSecrets } from '../support/configs.ts';
import { draws } from '../support/draws.ts';
import { awkwardTexts } from '../support/gene-choices.ts';

const seed = Number(process.env.GLYPHOXA_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`test/config/fuzz.test.ts: GLYPHOXA_SEED=${seed}`);

/** Processor time that one configuration may take; some milliseconds are usual. */
const longest = 5_000_000;

/** What happens to a value somewhere in a document. */
type ValueMutation = { at: number; kind: string; with: Json };

/** What happens to a text. */
type TextMutation = { at: number; kind: string; length: number; with: string };

const replacements = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    false,
    0,
    -1,
    1.5,
    65536,
    2 ** 31,
    2 ** 53,
    1e21,
    '',
    ' ',
    [],
    {},
    [[]],
    [null],
    [{}],
    { a: null },
    'x',
    { $patch: 'delete' },
    { $patch: 'replace' },
    [{ $patch: 'replace' }],
    [{ name: 'gateway', $patch: 'delete' }],
    { value: 'x' },
    { fromEnv: 'X' },
    { fromFile: '../x' },
    { secretKeyRef: { name: 'x', key: 'y' } },
    '1z',
    '0',
    '-1',
    'http://[',
    'https://x:99999',
    'postgres://',
    'a'.repeat(300),
    '\u0000',
    '<release>',
    'SESSION_ID',
  ),
  fc.constantFrom<Json>(...awkwardTexts),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
);

const valueMutation: fc.Arbitrary<ValueMutation> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('replace', 'replace', 'delete', 'rename', 'repeat', 'nest', 'swap', 'add'),
  with: replacements,
});

const snippets = [
  '\u0000',
  '\ufeff',
  '\r',
  '\t',
  '\u0085',
  '\u2028',
  '\ud800',
  '"',
  "'",
  '\\',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ': ',
  '- ',
  '? ',
  '#',
  ' #',
  '&a ',
  '*a',
  '!x ',
  '!!binary ',
  '|\n',
  '>\n',
  '%YAML 1.1\n',
  '---\n',
  '...\n',
  '\n',
  '\n\n',
  '  ',
  '<<: ',
  '__proto__: {}\n',
  'constructor: 1\n',
  '~',
  '0755',
  '1e999',
  '9'.repeat(400),
  'é',
  '🎲',
  'a: b\n',
  '{{{{{{{{',
  '[[[[[[[[',
  '- - - - - -',
  '? ? ? ?',
  ': : : :',
  '\u0007',
  '`',
  '@',
  '=',
];

const textMutation: fc.Arbitrary<TextMutation> = fc.record({
  at: fc.nat(),
  kind: fc.constantFrom('insert', 'insert', 'insert', 'remove', 'truncate', 'copy', 'overwrite', 'deepen'),
  length: fc.nat({ max: 200 }),
  with: fc.oneof(fc.constantFrom(...snippets), fc.string({ unit: 'binary', maxLength: 5 })),
});

/** Every map and list in a value, with its keys and indexes. */
function spots(value: Json): { parent: JsonObject | Json[]; key: string | number }[] {
  if (!isObject(value) && !Array.isArray(value)) return [];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => [
    { parent: value, key },
    ...spots((value as JsonObject)[key as string] as Json),
  ]);
}

function mutateValue(document: JsonObject, { at, kind, with: other }: ValueMutation): void {
  const all = spots(document);
  const spot = all[at % Math.max(all.length, 1)];
  if (spot === undefined) return;
  const { parent, key } = spot;
  const old = (parent as JsonObject)[key as string] as Json;
  const set = (value: Json) => {
    if (Array.isArray(parent)) parent[key as number] = value;
    else setKey(parent, key as string, value);
  };
  if (kind === 'delete') {
    if (Array.isArray(parent)) parent.splice(key as number, 1);
    else delete parent[key];
  } else if (kind === 'rename' && !Array.isArray(parent)) {
    delete parent[key];
    setKey(parent, typeof other === 'string' ? other : `${key}s`, old);
  } else if (kind === 'repeat' && Array.isArray(parent)) parent.push(...parent);
  else if (kind === 'nest') set([{ [String(key)]: old }]);
  else if (kind === 'swap') {
    const second = all[(at * 7 + 13) % all.length];
    if (second !== undefined)
      set(structuredClone((second.parent as JsonObject)[second.key as string] as Json));
  } else if (kind === 'add' && isObject(old)) setKey(old, typeof other === 'string' ? other : 'added', other);
  else set(structuredClone(other));
}

function mutateText(text: string, { at, kind, length, with: other }: TextMutation): string {
  const place = at % (text.length + 1);
  const [before, after] = [text.slice(0, place), text.slice(place)];
  switch (kind) {
    case 'remove':
      return before + after.slice(length);
    case 'truncate':
      return before;
    case 'copy':
      return before + after.slice(0, length) + after;
    case 'overwrite':
      return before + other + after.slice(other.length);
    case 'deepen':
      return before + other.repeat(length) + after;
    default:
      return before + other + after;
  }
}

/** Everything that any findings must hold. */
function checkFindings(findings: readonly Finding[], sources: readonly YamlSource[]): void {
  for (const finding of findings) {
    const { code, message, hint, position, severity } = finding;
    assert.match(code, /^[a-z]+(?:-[a-z]+)*$/);
    assert.ok(['error', 'warning'].includes(severity), severity);
    assert.ok(message.length > 0 && message.length < 500 && !message.includes('\n'), message);
    assert.notEqual(hint, '');
    assert.ok(position !== undefined, formatFinding(finding));
    const source = sources.find(({ file }) => file === position.file);
    assert.ok(source !== undefined, formatFinding(finding));
    const lines = source.text.split('\n');
    const line = lines[position.line - 1];
    assert.ok(
      line !== undefined && position.col >= 1 && position.col <= line.length + 1,
      formatFinding(finding),
    );
  }
}

/** Reads, checks and renders; what comes of it must hold whatever the input is. */
async function checkTexts(texts: readonly [string, string | undefined]): Promise<Finding[]> {
  const start = process.cpuUsage();
  const base = readYaml(texts[0], 'glyphoxa.yaml');
  const environment = texts[1] === undefined ? undefined : readYaml(texts[1], 'config.yaml');
  const { config, findings } = await validate(base, environment);
  checkFindings(findings, environment === undefined ? [base] : [environment, base]);
  if (!hasErrors(findings)) {
    assert.ok(config !== undefined, 'there is neither an error nor a configuration');
    const kinds = generate(config, resolvedSecrets(config)).map(({ kind }) => kind);
    assert.ok(kinds.includes('Deployment') && kinds.includes('Role'), 'objects are missing');
    generate(config, new Map());
  }
  const { user, system } = process.cpuUsage(start);
  assert.ok(user + system < longest, `it took ${(user + system) / 1000} ms`);
  return [...findings];
}

const layers = arbitraryLayers();
const parameters = { seed, endOnFailure: true, includeErrorInReport: true };

test('random configurations are valid, alone and with their environment', async () => {
  await fc.assert(
    fc.asyncProperty(layers, async ({ resource, environment }) => {
      for (const second of [undefined, writeYaml(environment)]) {
        const findings = await checkTexts([writeYaml(resource), second]);
        assert.deepEqual(findings.filter(({ severity }) => severity === 'error').map(formatFinding), []);
      }
    }),
    { ...parameters, numRuns: draws(60) },
  );
});

test('a layer gives the same configuration as a text and as a value', () => {
  fc.assert(
    fc.property(layers, ({ resource, environment }) => {
      const texts = loadConfig(readYaml(writeYaml(resource), 'g'), readYaml(writeYaml(environment), 'c'));
      const values = [resource, environment].map((value): Source => ({ value, findings: [] }));
      const loaded = loadConfig(values[0] as Source, values[1]);
      assert.deepEqual(texts.config, loaded.config);
      assert.deepEqual(
        texts.findings.map(({ code }) => code).sort(),
        loaded.findings.map(({ code }) => code).sort(),
      );
    }),
    { ...parameters, numRuns: draws(60) },
  );
});

let broken = 0;
let rendered = 0;

test('configurations with mutated values', async () => {
  await fc.assert(
    fc.asyncProperty(
      layers,
      fc.array(valueMutation, { minLength: 1, maxLength: 3 }),
      fc.array(valueMutation, { maxLength: 1 }),
      async ({ resource, environment }, inResource, inEnvironment) => {
        const [first, second] = [structuredClone(resource), structuredClone(environment)];
        for (const mutation of inResource) mutateValue(first, mutation);
        for (const mutation of inEnvironment) mutateValue(second, mutation);
        const findings = await checkTexts([writeYaml(first), writeYaml(second)]);
        if (hasErrors(findings)) broken += 1;
        else rendered += 1;
      },
    ),
    { ...parameters, numRuns: draws(200) },
  );
});

test('configurations with mutated text', async () => {
  await fc.assert(
    fc.asyncProperty(
      layers,
      fc.array(textMutation, { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      async ({ resource, environment }, mutations, inEnvironment) => {
        const texts: [string, string] = [writeYaml(resource), writeYaml(environment)];
        const index = inEnvironment ? 1 : 0;
        texts[index] = mutations.reduce(mutateText, texts[index]);
        const findings = await checkTexts(texts);
        if (hasErrors(findings)) broken += 1;
        else rendered += 1;
      },
    ),
    { ...parameters, numRuns: draws(200) },
  );
});

test('texts that are no configuration at all', async () => {
  const noise = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(fc.constantFrom(...snippets, 'spec', 'gateway', 'kind: Glyphoxa\n', ' '), { maxLength: 40 })
      .map((parts) => parts.join('')),
    (fc.jsonValue() as fc.Arbitrary<Json>).map((value) => writeYaml(value)),
  );
  await fc.assert(
    fc.asyncProperty(noise, noise, async (text, second) => {
      for (const other of [undefined, second]) {
        assert.ok(hasErrors(await checkTexts([text, other])), 'noise was taken for a configuration');
      }
    }),
    { ...parameters, numRuns: draws(60) },
  );
});

test('the mutations broke many configurations and left others whole', () => {
  assert.ok(broken > draws(250) && rendered > draws(10), `${broken} broken, ${rendered} rendered`);
});

test('no finding shows a secret, wherever a character slips in', async () => {
  const canary = 'cAnArY0815';
  const secretKeys = ['value', 'api_key', 'token', 'client_secret', 'TOKEN'];
  const plant = (value: Json, key?: string): Json => {
    if (Array.isArray(value)) return value.map((item) => plant(item));
    if (isObject(value)) {
      if (typeof value.name === 'string' && 'value' in value) return value;
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plant(item, name)]));
    }
    return key !== undefined && secretKeys.includes(key) && typeof value === 'string' ? canary : value;
  };
  let planted = 0;
  await fc.assert(
    fc.asyncProperty(
      layers,
      fc.nat(),
      fc.constantFrom('"', "'", '#', ':', '\t', '{', '[', '&', '*', '!', '\\', '\u0001', 'é', ','),
      async ({ resource }, at, character) => {
        const text = writeYaml(plant(withoutPlainValues(resource)) as JsonObject);
        if (text.includes(canary)) planted += 1;
        for (const damaged of [text, mutateText(text, { at, kind: 'insert', length: 0, with: character })]) {
          for (const finding of await checkTexts([damaged, undefined])) {
            assert.ok(!`${finding.message} ${finding.hint}`.includes(canary), formatFinding(finding));
          }
        }
      },
    ),
    { ...parameters, numRuns: draws(60) },
  );
  assert.ok(planted > draws(6), `only ${planted} with secrets`);
});

/** A copy in which no toleration has a `value`, which would be taken for a secret. */
function withoutPlainValues(resource: JsonObject): JsonObject {
  const copy = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(copy);
    if (!isObject(value)) return value;
    const entries = Object.entries(value).filter(([key]) => key !== 'value' || value.key === undefined);
    return Object.fromEntries(entries.map(([key, item]) => [key, copy(item)]));
  };
  return copy(resource) as JsonObject;
}
