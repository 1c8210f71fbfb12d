import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schema } from '../../generator/config/load.ts';
import { rules } from '../../generator/config/rules.ts';
import { childNode, type SchemaNode } from '../../generator/config/schema/node.ts';
import { type Finding, formatFinding, hasErrors } from '../../generator/model/finding.ts';
import { formatPath, isObject, type Json, type JsonObject, type Path } from '../../generator/model/json.ts';
import { type Case, given } from './rules/case.ts';
import { appConfigCases } from './rules/cases/app-config.ts';
import { autoscalingCases } from './rules/cases/autoscaling.ts';
import { databaseCases } from './rules/cases/database.ts';
import { ingressCases } from './rules/cases/ingress.ts';
import { mcpServerCases } from './rules/cases/mcp-servers.ts';
import { nameCases } from './rules/cases/names.ts';
import { npcCases } from './rules/cases/npcs.ts';
import { portCases } from './rules/cases/ports.ts';
import { providerCases } from './rules/cases/providers.ts';
import { sealedFormCases } from './rules/cases/sealed-form.ts';
import { secretProviderCases } from './rules/cases/secret-provider.ts';
import { secretCases } from './rules/cases/secrets.ts';
import { trafficCases } from './rules/cases/traffic.ts';
import { workerCases } from './rules/cases/worker.ts';
import { workloadCases } from './rules/cases/workloads.ts';
import { findingsOf, sourcesOf } from './rules/findings.ts';

/** The cases of every rule, in the order of the rules. */
const table: readonly Case[] = [
  ...nameCases,
  ...workloadCases,
  ...autoscalingCases,
  ...portCases,
  ...trafficCases,
  ...ingressCases,
  ...workerCases,
  ...secretCases,
  ...secretProviderCases,
  ...sealedFormCases,
  ...databaseCases,
  ...appConfigCases,
  ...providerCases,
  ...npcCases,
  ...mcpServerCases,
];

for (const [index, { code, path, severity, fine, ...input }] of table.entries()) {
  test(`${code} fires at ${path} and nowhere near (${index})`, () => {
    const rule = rules.find((candidate) => candidate.code === code);
    assert.ok(rule, `no rule ${code} in the lists of generator/config/rules.ts`);
    const fired = findingsOf(input).filter((finding) => finding.code === code);
    assert.deepEqual(
      fired.map((finding) => formatPath(finding.path)),
      [path],
      findingsOf(input).map(formatFinding).join('\n'),
    );
    assert.equal(fired[0]?.severity, severity ?? rule.severity);
    const near = findingsOf(fine);
    assert.deepEqual(near.filter((finding) => finding.code === code).map(formatFinding), []);
    assert.ok(!hasErrors(near), near.map(formatFinding).join('\n'));
  });
}

test('every rule has a case in the table, and every case a rule', () => {
  assert.deepEqual([...new Set(table.map(({ code }) => code))].sort(), rules.map(({ code }) => code).sort());
});

test('what decides the meaning of all that a rule says is a value of the schema, and a rule is silent where it is wrong', () => {
  for (const { code, reads = [] } of rules) {
    for (const path of reads) {
      let node: SchemaNode | undefined = schema;
      for (const part of path) node = node && childNode(node, part);
      assert.ok(node !== undefined, `${code} reads ${formatPath(path)}`);
      const wrong = node.type === 'object' ? 'x' : ['x'];
      for (const { spec = {}, ...input } of table.filter((each) => each.code === code)) {
        const found = findingsOf({ ...input, spec: withValue(spec, path.slice(1), wrong) });
        assert.ok(!found.some((finding) => finding.code === code), `${code} in spite of ${formatPath(path)}`);
      }
    }
  }
});

function withValue(value: Json | undefined, [key, ...rest]: Path, last: Json): JsonObject {
  const below = isObject(value) ? value : {};
  return { ...below, [String(key)]: rest.length === 0 ? last : withValue(below[String(key)], rest, last) };
}

/** The codes of the rules whose findings in the table all are so. */
function codesThat(fits: (finding: Finding, text: string) => boolean): string[] {
  const codes = new Set(table.map(({ code }) => code));
  const inOrder = rules.map(({ code }) => code).filter((code) => codes.has(code));
  return inOrder.filter((code) =>
    table
      .filter((each) => each.code === code)
      .every((input) => {
        const text = sourcesOf(input)[2];
        return findingsOf(input).every((finding) => finding.code !== code || fits(finding, text));
      }),
  );
}

test('rules that look at values that may be secret show no line', () => {
  assert.deepEqual(
    codesThat(({ showSource }) => showSource === false),
    [
      'service-port',
      'pod-patch-secret',
      'dropped-secret',
      'literal-secret',
      'app-config-secret',
      'app-config-not-sealed',
      'secret-whitespace',
      'missing-secret-key',
      'unused-secret-key',
      'sealed-form',
      'dsn-form',
      'not-expanded',
      'memory-dsn-unused',
      'mcp-token-url',
    ],
  );
});

test('what is wrong with a group as a whole is found at its key', () => {
  const isAtKey = ({ path, position }: Finding, text: string) =>
    text
      .split('\n')
      [(position?.line ?? 0) - 1]?.slice((position?.col ?? 0) - 1)
      .startsWith(`${path.at(-1)}:`) === true;
  assert.deepEqual(codesThat(isAtKey), [
    'proxy-https-missing',
    'dropped-secret',
    'config-secret-and-config',
    'unused-secret-key',
    'unused-secret-source',
    'dsn-unused',
    'cluster-chart-unused',
    'config-size',
    'audio-unused',
  ]);
});

test('the default configuration gives no finding, whatever the topology', () => {
  assert.deepEqual(findingsOf({}), []);
  assert.deepEqual(findingsOf({ spec: { core: { topology: 'dedicated' } } }), []);
  assert.deepEqual(findingsOf({ environment: {} }), []);
});

test('rule codes are unique and in kebab-case, and each says what it asks for', () => {
  const codes = rules.map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
  for (const { code, about } of rules) {
    assert.match(code, /^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/);
    assert.match(about, /^[A-Z`].*\.$/);
  }
});

test('findings say what is wrong and what to do, without a capital or a full stop, and where', () => {
  for (const input of table) {
    for (const { message, hint, position } of findingsOf(input)) {
      assert.match(message, /[^.\s]$/);
      assert.ok(hint !== undefined && /[^.\s]$/.test(hint), message);
      assert.ok(position !== undefined && position.line >= 1 && position.col >= 1, message);
    }
  }
});

test('a value that is wrong in the text is not spoken of a second time', () => {
  const codes = (spec: JsonObject) => findingsOf({ spec }).map(({ code }) => code);
  assert.deepEqual(codes({ secrets: { provider: 'kubernets' }, ...given }), ['not-a-choice']);
  assert.deepEqual(codes({ worker: { ports: { grpc: 'x' } } }), ['wrong-type']);
  assert.deepEqual(codes({ config: { npcs: ['A', { name: 'B' }, { name: 'B' }] } }), ['wrong-type']);
  const beside = { image: { tag: 'latest', repository: 'registry.example.com/glyphoxa' } };
  assert.deepEqual(
    codes({ core: { imagePullSecrets: ['a', { name: 'b' }, { name: 'b' }], ...beside } }).sort(),
    ['floating-tag', 'wrong-type'],
  );
});

test('a password in an address is never shown, nor is its line', () => {
  for (const url of ['http://u:cAnArY@proxy', 'http://u:cA nArY@proxy', 'cAnArY', 'ftp://cAnArY@proxy']) {
    const found = findingsOf({
      spec: {
        core: { proxy: { http: url, https: url } },
        vault: { addr: url },
        config: {
          providers: { llm: { name: 'ollama', model: 'm', base_url: url } },
          mcp: { servers: [{ name: 'a', url }] },
        },
      },
    });
    const wrong = found.filter(({ code }) => code === 'invalid-value');
    assert.equal(wrong.length, 5, url);
    for (const { message, hint, showSource } of wrong) {
      assert.ok(!`${message}${hint}`.includes('nArY'));
      assert.equal(showSource, false, url);
    }
  }
});

test('no finding holds a secret', () => {
  const canary = 'cAnArY';
  const forms = [
    canary,
    ` ${canary} `,
    `$${`{${canary}}`}`,
    `postgres://u:${canary}/x@db/x`,
    `${canary}\u0001`,
  ];
  const secretsOf = (value: string): JsonObject => ({
    config: {
      providers: {
        llm: { name: 'groq', api_key: value, options: { token: value, plain: value } },
        vad: { name: 'silero', options: { frame_size_ms: value, sample_rate: value } },
      },
      memory: { postgres_dsn: value },
      mcp: {
        servers: [
          { name: 'a', env: { A: value, [value]: value } },
          { name: 'b', auth: { token: value, oauth: { client_id: value, client_secret: value } } },
        ],
      },
    },
    gateway: {
      adminKey: { value },
      podPatch: { spec: { containers: [{ name: 'gateway', env: [{ name: 'A_KEY', value }] }] } },
    },
    database: { dsn: { value } },
    vault: { token: { value } },
  });
  for (const provider of ['existing', 'kubernetes', 'sealed-secrets', 'external-secrets']) {
    for (const form of forms) {
      const spec = { ...secretsOf(form), secrets: { provider, providerKeys: { groq: { value: form } } } };
      const findings = findingsOf({ spec });
      assert.ok(findings.length > 0);
      for (const finding of findings) {
        const { path: _, ...said } = finding;
        assert.ok(!JSON.stringify(said).includes(canary), formatFinding(finding));
      }
    }
  }
});
