import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sourceLine } from '../../generator/cli/print/source-line.ts';
import { loadConfig, schema } from '../../generator/config/load.ts';
import { hidden } from '../../generator/config/mask.ts';
import { isSecretSource, type SchemaNode } from '../../generator/config/schema/node.ts';
import type { Finding } from '../../generator/model/finding.ts';
import { equal, formatPath, type Json, type JsonObject, type Path } from '../../generator/model/json.ts';
import { readYaml, writeYaml } from '../../generator/model/yaml.ts';

const head = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa', metadata: { name: 'voice' } };

/** Every place of the schema, with a key that stands for those that users choose. */
function places(node: SchemaNode, path: Path = []): { path: Path; node: SchemaNode }[] {
  const found = path.length === 0 ? [] : [{ path, node }];
  for (const [key, child] of Object.entries(node.properties ?? {}))
    found.push(...places(child, [...path, key]));
  if (typeof node.additionalProperties === 'object') {
    const key = node.properties?.cpu === undefined ? 'a-key' : 'example.com/device';
    found.push(...places(node.additionalProperties, [...path, key]));
  }
  if (node.items !== undefined) found.push(...places(node.items, [...path, 0]));
  return found;
}

const all = places(schema);
const typesOf = (node: SchemaNode) => (node.type === undefined ? [] : [node.type].flat());

/** Marks the place in a text where raw YAML goes. */
const mark = 'rawYamlGoesHere';

/** A resource with one value at one place, which is written as it stands. */
function resourceWith(path: Path, raw: string): string {
  let value: Json = mark;
  for (const part of [...path].reverse()) value = typeof part === 'number' ? [value] : { [part]: value };
  const resource = { ...head, ...(value as JsonObject) };
  if (path[0] === 'metadata' && path.length > 1)
    resource.metadata = { ...head.metadata, ...(resource.metadata as JsonObject) };
  return writeYaml(resource).replace(mark, raw);
}

function findingsAt(path: Path, raw: string): { here: Finding[]; text: string } {
  const text = resourceWith(path, raw);
  const { findings } = loadConfig(readYaml(text, 'f'));
  return { here: findings.filter((finding) => equal([...finding.path], [...path])), text };
}

/** What a finding points to. */
function pointed(text: string, { position }: Finding): string {
  return text.split('\n')[(position?.line ?? 0) - 1]?.slice((position?.col ?? 0) - 1) ?? '';
}

test('the schema has every section of the reference', () => {
  const sections = all
    .filter(({ path }) => path.length === 2 && path[0] === 'spec')
    .map(({ path }) => path[1]);
  assert.deepEqual(sections, [
    'core',
    'gateway',
    'worker',
    'mcpGateway',
    'config',
    'database',
    'secrets',
    'vault',
    'grpcTls',
    'networkPolicy',
    'autoscaling',
    'ingress',
    'monitoring',
    'postgresql',
    'sealedSecrets',
  ]);
  assert.ok(all.length > 200);
});

test('every place says what it is', () => {
  for (const { path, node } of all) {
    assert.ok((node.title ?? '').length > 0, formatPath(path));
    assert.match(node.description ?? '', /^.+[.)`]$/, formatPath(path));
  }
});

test('every default passes its own checks', () => {
  for (const { path, node } of all) {
    const { preset } = node;
    for (const value of [node.default, preset?.shared, preset?.dedicated]) {
      if (value === undefined || path.includes('a-key') || path.includes('example.com/device')) continue;
      const { here } = findingsAt(path, JSON.stringify(value));
      assert.deepEqual(
        here.filter(({ severity }) => severity === 'error'),
        [],
        formatPath(path),
      );
    }
  }
});

describe('a wrong type is found at its place, wherever it stands', () => {
  const samples: { [type: string]: string } = {
    string: '"text"',
    number: '1.5',
    integer: '7',
    boolean: 'true',
    object: '{zz: 1}',
    array: '[zz]',
    null: 'null',
  };
  for (const [type, raw] of Object.entries(samples)) {
    test(type, () => {
      let count = 0;
      for (const { path, node } of all) {
        const types = typesOf(node);
        if (types.length === 0 || types.includes(type)) continue;
        if (types.includes('number') && type === 'integer') continue;
        if (node.blankIsUnset === true && type === 'null') continue;
        count += 1;
        const { here, text } = findingsAt(path, raw);
        const name = `${formatPath(path)}: ${raw}`;
        assert.ok(here.length >= 1, `${name}: nothing was found`);
        assert.ok(
          here.every(({ severity, message }) => severity === 'error' && message !== ''),
          name,
        );
        assert.ok(pointed(text, here[0] as Finding).startsWith(raw), name);
      }
      assert.ok(count > 50);
    });
  }
});

test('numbers and words where strings are meant are found, with the quotes to put', () => {
  const scalars = ['1.10', '0755', '1e3', 'true', 'yes', '12:30:45', '2024-01-01', '~', '.5', '1_000', '-1'];
  for (const { path, node } of all) {
    if (!equal(typesOf(node), ['string'])) continue;
    for (const raw of scalars) {
      if (raw === '~' && node.blankIsUnset === true) continue;
      const { here, text } = findingsAt(path, raw);
      const [first] = here;
      const name = `${formatPath(path)}: ${raw}`;
      assert.ok(first?.severity === 'error', name);
      const quotes = here.find(({ code }) => code === 'wrong-type');
      const isSecret = quotes !== undefined && sourceLine(quotes, text)?.text.includes(hidden) === true;
      if (quotes !== undefined && !isSecret)
        assert.match(quotes.hint ?? '', new RegExp(`"${raw.replace('.', '\\.')}"`));
    }
  }
});

test('an unknown field is found at its key in every map with known keys', () => {
  let count = 0;
  for (const { path, node } of [{ path: [], node: schema }, ...all]) {
    if (
      node.properties === undefined ||
      typeof node.additionalProperties === 'object' ||
      isSecretSource(node)
    )
      continue;
    count += 1;
    const { here, text } = findingsAt([...path, 'zzUnknown'], '{}');
    assert.deepEqual(
      here.map(({ code }) => code),
      ['unknown-field'],
      formatPath(path),
    );
    assert.ok(pointed(text, here[0] as Finding).startsWith('zzUnknown:'), formatPath(path));
    for (const key of ['__proto__', 'constructor', 'toString', 'Ünïcode', '']) {
      const own = findingsAt([...path, 'q'], '{}').text.replace('q: {}', `${JSON.stringify(key)}: {}`);
      const codes = loadConfig(readYaml(own, 'f')).findings.map((finding) => finding.code);
      assert.ok(codes.includes('unknown-field'), `${formatPath(path)} ${key}`);
    }
  }
  assert.ok(count > 60);
});

describe('did you mean', () => {
  const cases: [yaml: string, hint: string][] = [
    ['spec: {gatway: {}}', 'did you mean "gateway"?'],
    ['spec: {Gateway: {}}', 'did you mean "gateway"?'],
    ['spec: {mcp-gateway: {}}', 'did you mean "mcpGateway"?'],
    ['spec: {mcpgateway: {}}', 'did you mean "mcpGateway"?'],
    ['spec: {gateway: {replica-count: 1}}', 'did you mean "replicaCount"?'],
    ['spec: {gateway: {replica_count: 1}}', 'did you mean "replicaCount"?'],
    ['spec: {gateway: {replicasCount: 1}}', 'did you mean "replicaCount"?'],
    ['spec: {gateway: {nodeSelectors: {}}}', 'did you mean "nodeSelector"?'],
    ['spec: {gateway: {serviceAccount: {nmae: a}}}', 'did you mean "name"?'],
    ['spec: {config: {npcs: [{name: A, voice: {voiceId: x}}]}}', 'did you mean "voice_id"?'],
    ['spec: {config: {providers: {llms: {}}}}', 'did you mean "llm"?'],
    ['spec: {config: {server: {logLevel: info}}}', 'did you mean "log_level"?'],
    ['spec: {secrets: {providerKeys: {eleven-labs: {}}}}', 'did you mean "elevenlabs"?'],
    ['spec: {gateway: {adminKey: {from-env: A}}}', 'did you mean "fromEnv"?'],
    ['spek: {}', 'did you mean "spec"?'],
    // the right name in the wrong place
    ['spec: {topology: shared}', 'did you mean spec.core.topology?'],
    ['spec: {gateway: {resourceProfile: cloud}}', 'did you mean spec.worker.resourceProfile?'],
    ['spec: {dsn: {}}', 'did you mean spec.database.dsn?'],
    ['spec: {replicaCount: 2}', 'did you mean spec.gateway.replicaCount or spec.mcpGateway.replicaCount?'],
    ['npcs: []', 'did you mean spec.config.npcs?'],
    ['spec: {core: {resource-profile: cloud}}', 'did you mean spec.worker.resourceProfile?'],
    // nothing near
    ['spec: {grpcTls: {zzzzzz: 1}}', 'known here: secretName, clientAuth'],
    // words of a choice
    ['spec: {core: {topology: Dedicated}}', 'did you mean "dedicated"?'],
    ['spec: {worker: {resourceProfile: whisper_native}}', 'did you mean "whisper-native"?'],
    ['spec: {secrets: {provider: sealedsecrets}}', 'did you mean "sealed-secrets"?'],
    ['spec: {config: {npcs: [{name: A, engine: cascade}]}}', 'did you mean "cascaded"?'],
    ['spec: {core: {topology: tenant}}', 'use one of "shared", "dedicated"'],
  ];
  for (const [yaml, hint] of cases) {
    test(yaml, () => {
      const text = `${writeYaml(head)}${yaml}\n`;
      const [finding] = loadConfig(readYaml(text, 'f')).findings;
      assert.ok(finding !== undefined);
      assert.ok(['unknown-field', 'not-a-choice'].includes(finding.code), finding.code);
      assert.equal(finding.hint, hint);
      assert.equal(finding.position?.line, 5);
    });
  }
});

describe('values that Kubernetes or the program would refuse', () => {
  const long = (count: number) => 'a'.repeat(count);
  const cases: [path: string, ...refused: Json[]][] = [
    ['metadata.name', 'Voice', 'voice_1', '-voice', 'voice-', '1voice', 'a.b', 'ä', 'а', long(48), ''],
    ['metadata.namespace', 'Voice', 'a.b', long(64), 'x/y'],
    ['spec.core.image.repository', 'a b', 'a/UPPER', 'a//b', 'a:tag', 'https://a/b', '-a'],
    ['spec.core.image.tag', 'a b', '-a', 'a:b', long(129), 'a/b'],
    ['spec.core.image.digest', 'sha256:xyz', 'abc', `sha256:${long(63)}`],
    ['spec.core.runAsUser', 0, -1, 2 ** 31],
    ['spec.gateway.replicaCount', -1, 2 ** 31],
    ['spec.gateway.ports.admin', 0, 65536, -1],
    ['spec.gateway.resources.requests.cpu', '1z', '-1', 'Gi', '1 ', '1.2.3', -0.5],
    ['spec.gateway.resources.requests.memory', '10Gb', '1KiB'],
    ['spec.gateway.serviceAccount.name', 'A', 'a_b', long(254)],
    ['spec.worker.activeDeadlineSeconds', 0, -1],
    ['spec.worker.ttlSecondsAfterFinished', -1],
    ['spec.autoscaling.minReplicas', 0],
    ['spec.autoscaling.targetCPUUtilizationPercentage', 0],
    ['spec.vault.addr', 'vault', 'ftp://a', 'https://u:p@vault', 'https://', 'https://a:0', 'http://a b'],
    ['spec.postgresql.database', 'a-b', '1a', 'A', long(64)],
    ['spec.postgresql.charts.operator.version', '1', 'latest', '^1.2.3', '1.2.x'],
    ['spec.postgresql.charts.operator.repository', 'charts.example.com', 'file:///x', 'https://u:p@x'],
    ['spec.secrets.external.refreshInterval', '1 hour', '1d', '-1h', 'h'],
    ['spec.gateway.adminKey.fromEnv', 'A B', '1A', 'A-B', 'A='],
    ['spec.gateway.adminKey.fromFile', '/etc/key', '../key', 'a/../../b', 'C:\\key', '..'],
    ['spec.gateway.adminKey.secretKeyRef.key', 'a b', '..', '.', 'a/b', long(254)],
    ['spec.secrets.sealed.admin-key', 'no base64!', ''],
    ['spec.config.npcs.0.voice.pitch_shift', -10.5, 11],
    ['spec.config.npcs.0.voice.speed_factor', -0.1, 2.1],
    ['spec.config.providers.llm.base_url', 'localhost:11434', 'file:///etc', 'http://u:p@x'],
    ['spec.config.memory.embedding_dimensions', -1, 1.5],
  ];
  for (const [words, ...values] of cases) {
    test(words, () => {
      const path = words.split('.').map((part) => (part === '0' ? 0 : part));
      for (const value of values) {
        const { here } = findingsAt(path, JSON.stringify(value));
        assert.ok(
          here.some(({ severity }) => severity === 'error'),
          `${words}: ${JSON.stringify(value)}`,
        );
      }
    });
  }

  test('keys of maps', () => {
    for (const key of ['a b', 'A/B/c', '-a', `${long(64)}`, '', 'ü', '__proto__']) {
      for (const [path, value] of [
        [['spec', 'gateway', 'nodeSelector'], '"x"'],
        [['spec', 'gateway', 'serviceAccount', 'annotations'], '"x"'],
        [['metadata', 'labels'], '"x"'],
        [['spec', 'gateway', 'resources', 'limits'], '1'],
      ] as const) {
        const text = resourceWith([...path, 'q'], value).replace('q: ', `${JSON.stringify(key)}: `);
        const codes = loadConfig(readYaml(text, 'f')).findings.map(({ code }) => code);
        assert.ok(codes.includes('invalid-key'), `${path.join('.')} ${key}: ${codes}`);
      }
    }
  });

  test('characters that do not survive the way to the cluster', () => {
    for (const path of [
      ['spec', 'config', 'campaign', 'name'],
      ['spec', 'config', 'providers', 'llm', 'options', 'x'],
      ['spec', 'worker', 'podPatch', 'metadata', 'x'],
    ]) {
      for (const character of ['\\u0000', '\\u0007', '\\u0085', '\\u2028', '\\u007f', '\\uffff']) {
        const { here } = findingsAt(path, `"a${character}b"`);
        assert.deepEqual(
          here.map(({ code }) => code),
          ['control-character'],
          path.join('.'),
        );
      }
    }
  });
});

describe('a secret', () => {
  const secrets = all.filter(({ node }) => isSecretSource(node));

  test('has exactly one source, wherever it stands', () => {
    assert.ok(secrets.length >= 11);
    for (const { path } of secrets) {
      for (const raw of ['{}', '{value: a, fromEnv: B}', '{fromFile: a, secretKeyRef: {name: a, key: b}}']) {
        const codes = findingsAt(path, raw).here.map(({ code }) => code);
        assert.deepEqual(codes, ['secret-source'], formatPath(path));
      }
      const fine = findingsAt(path, '{secretKeyRef: {name: a, key: b.c}}').here;
      assert.deepEqual(
        fine.filter(({ severity }) => severity === 'error'),
        [],
      );
    }
  });

  test('is not shown in a text that stands where a map around it is meant', () => {
    for (const { path, node } of all) {
      if (!typesOf(node).some((type) => type === 'object' || type === 'array')) continue;
      const text = resourceWith(path, '"adminKey: {value: canary}"');
      for (const { message, hint } of loadConfig(readYaml(text, 'f')).findings) {
        assert.doesNotMatch(`${message} ${hint}`, /canary/, formatPath(path));
      }
    }
  });

  test('has no other source, and a key in its place may be the secret itself', () => {
    for (const { path } of secrets) {
      const { findings } = loadConfig(readYaml(resourceWith(path, '{canary: x}'), 'f'));
      const unknown = findings.filter(({ code }) => code === 'unknown-field');
      assert.deepEqual(
        unknown.map((finding) => finding.path),
        [path],
      );
      assert.doesNotMatch(JSON.stringify(findings), /canary/);
    }
  });

  test('is not shown where it is wrong, and what is right is said all the same', () => {
    const text = resourceWith(['spec', 'database', 'dsn'], '{secretKeyRef: {name: Canary_, key: ..}}');
    const { findings } = loadConfig(readYaml(text, 'f'));
    const wrong = findings.filter(({ code }) => code === 'invalid-value');
    assert.deepEqual(
      wrong.map(({ path, hint }) => [path.at(-1), hint.length > 10]),
      [
        ['name', true],
        ['key', true],
      ],
    );
    assert.doesNotMatch(JSON.stringify(wrong), /Canary/);
  });

  test('is never shown, whatever stands in its place', () => {
    const hidden = all.filter(({ path }) =>
      path.some((_, index) =>
        all.some(
          ({ path: other, node }) => node.secret === true && equal([...other], path.slice(0, index + 1)),
        ),
      ),
    );
    assert.ok(hidden.length > 40);
    for (const { path } of hidden) {
      for (const raw of [
        'canary',
        '"canary\\u0001"',
        '[canary]',
        '{canary: canary}',
        '{value: [canary]}',
        '"$(canary)"',
        '&canary x',
      ]) {
        const text = resourceWith(path, raw);
        for (const finding of loadConfig(readYaml(text, 'f')).findings) {
          const { message, hint, code } = finding;
          const shown = `${message} ${hint} ${sourceLine(finding, text)?.text}`;
          assert.doesNotMatch(shown, /canary/, `${formatPath(path)} ${raw} ${code}`);
        }
      }
    }
  });
});
