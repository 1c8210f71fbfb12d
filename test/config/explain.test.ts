/** Values by their paths, as people write them, and what is said of each. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAssignment, parseAssignment } from '../../generator/config/assignment.ts';
import { boundsWords, defaultWords, noteWords, typeWords } from '../../generator/config/describe.ts';
import { explain, findValue, sections } from '../../generator/config/explain.ts';
import { loadConfig } from '../../generator/config/load.ts';
import type { SchemaNode } from '../../generator/config/schema/node.ts';
import { Failure } from '../../generator/model/finding.ts';
import { formatPath, type Json } from '../../generator/model/json.ts';
import { readYaml } from '../../generator/model/yaml.ts';

const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Failure);
    return error.findings[0]?.code;
  }
  return undefined;
};

const paths: [words: string, path: string][] = [
  ['metadata.name', 'metadata.name'],
  ['spec.gateway.ports.grpc', 'spec.gateway.ports.grpc'],
  ['gateway.ports.grpc', 'spec.gateway.ports.grpc'],
  ['Gateway.replica-count', 'spec.gateway.replicaCount'],
  ['gateway/replica_count', 'spec.gateway.replicaCount'],
  ['/gateway//ports/', 'spec.gateway.ports'],
  ['core/release-name', 'metadata.name'],
  ['core/namespace', 'metadata.namespace'],
  ['core/image-repository', 'spec.core.image.repository'],
  ['core/image-tag', 'spec.core.image.tag'],
  ['core/image-pull-policy', 'spec.core.image.pullPolicy'],
  ['gateway/requests/cpu', 'spec.gateway.resources.requests.cpu'],
  ['mcp-gateway/limits', 'spec.mcpGateway.resources.limits'],
  ['gateway/pod-anti-affinity', 'spec.gateway.podAntiAffinity.enabled'],
  ['gateway/service-account-create', 'spec.gateway.serviceAccount.create'],
  ['worker/gpu-enabled', 'spec.worker.gpu.enabled'],
  ['autoscaling/target-cpu', 'spec.autoscaling.targetCPUUtilizationPercentage'],
  ['postgresql/postgres-password', 'spec.postgresql.existingSecret'],
  ['postgresql/persistence-size', 'spec.postgresql.storage.size'],
  ['config/mcp-servers', 'spec.config.mcp.servers'],
  ['gateway.nodeSelector["a.b/c"]', 'spec.gateway.nodeSelector["a.b/c"]'],
  ["gateway.nodeSelector['a.b/c']", 'spec.gateway.nodeSelector["a.b/c"]'],
  ['gateway.nodeSelector["a\\"b"]', 'spec.gateway.nodeSelector["a\\"b"]'],
  ['config.npcs[0].name', 'spec.config.npcs[0].name'],
  ['config.npcs.1.name', 'spec.config.npcs[1].name'],
  ['gateway.podPatch.spec.containers[0].name', 'spec.gateway.podPatch.spec.containers[0].name'],
  ['gateway.podPatch.spec.0', 'spec.gateway.podPatch.spec["0"]'],
  ['config.providers.llm.options.headers.a', 'spec.config.providers.llm.options.headers.a'],
];
for (const [words, path] of paths) {
  test(`${words} is ${path}`, () => {
    const { path: found, nodes } = findValue(words);
    assert.equal(formatPath(found), path);
    assert.equal(nodes.length, found.length + 1);
  });
}

test('a path that does not exist is told', () => {
  for (const words of [
    'gatewy',
    'gateway.ports.x',
    'config.npcs.name',
    'config.npcs.x',
    'metadata.name.x',
    'gateway.replicaCount.0',
    'vault.addr[0]',
  ])
    assert.equal(
      codeOf(() => findValue(words)),
      'unknown-path',
      words,
    );
});

const assignments: [words: string, path: string, value: Json][] = [
  ['gateway.replicaCount=3', 'spec.gateway.replicaCount', 3],
  ['core.image.tag=1.10', 'spec.core.image.tag', '1.10'],
  ['core.image.tag=', 'spec.core.image.tag', ''],
  ['core.image.tag=null', 'spec.core.image.tag', null],
  ['core.topology = dedicated', 'spec.core.topology', ' dedicated'],
  ['core.tierScheduling=true', 'spec.core.tierScheduling', true],
  ['gateway.resources.limits.cpu=2', 'spec.gateway.resources.limits.cpu', 2],
  ['gateway.resources.limits.cpu=2.0', 'spec.gateway.resources.limits.cpu', '2.0'],
  ['gateway.nodeSelector["a=b"]=c=d', 'spec.gateway.nodeSelector["a=b"]', 'c=d'],
  ["gateway.nodeSelector['a=b']=c", 'spec.gateway.nodeSelector["a=b"]', 'c'],
  ['gateway.tolerations=[{key: a}]', 'spec.gateway.tolerations', [{ key: 'a' }]],
  ['apiVersion=v1', 'apiVersion', 'v1'],
  ['kind=5', 'kind', '5'],
  ['core.topology=5', 'spec.core.topology', '5'],
];
for (const [words, path, value] of assignments) {
  test(`${words} is read as its schema means it`, () => {
    const found = parseAssignment(words, 'how');
    assert.deepEqual([formatPath(found.path), found.value], [path, value]);
    assert.ok(isAssignment(words));
  });
}

test('what is no assignment is refused', () => {
  for (const words of [
    '=a',
    ' =a',
    'gateway.replicaCount',
    'gateway.tolerations=[',
    'gateway.tolerations=',
    'gateway.nodeSelector={a: b, a: c}',
  ])
    assert.equal(
      codeOf(() => parseAssignment(words, 'how')),
      'wrong-assignment',
      words,
    );
  assert.equal(
    codeOf(() => parseAssignment('gateway.replicaCount=12345678901234567890', 'how')),
    'digits-lost',
  );
  assert.ok(!isAssignment('gateway.nodeSelector["a=b"]'));
});

const words: [node: SchemaNode, type: string, bounds: string, standard: string | undefined][] = [
  [{ type: 'string', default: 'a' }, 'string', '', '`a`'],
  [{ type: 'string', maxLength: 5 }, 'string', 'at most 5 characters', undefined],
  [{ type: 'integer', minimum: 1, maximum: 9, default: 3 }, 'integer', '1 to 9', '`3`'],
  [{ type: 'integer', minimum: 0, maximum: 2147483647 }, 'integer', '0 or more', undefined],
  [{ type: 'integer', maximum: 9 }, 'integer', 'at most 9', undefined],
  [{ type: 'integer', maximum: 2147483647 }, 'integer', '', undefined],
  [{ type: 'array', minItems: 2, items: { type: 'object' } }, 'list of maps', 'at least 2 items', undefined],
  [{ type: 'array', items: { type: 'string' } }, 'list of strings', '', undefined],
  [{ type: 'array', items: { type: 'integer' } }, 'list of values', '', undefined],
  [{ type: 'array' }, 'list of values', '', undefined],
  [{ type: ['string', 'number'], check: 'quantity' }, 'quantity', '', undefined],
  [{ const: 'v1' }, 'always `v1`', '', undefined],
  [{ enum: ['a', 'b'] }, 'one of `a`, `b`', '', undefined],
  [{ type: 'object', properties: {}, default: {} }, 'group', '', undefined],
  [{ type: 'object', additionalProperties: {} }, 'map', '', undefined],
  [{ type: 'object', default: {} }, 'free-form map', '', '`{}`'],
  [{}, 'any value', '', undefined],
  [
    { type: 'integer', preset: { shared: 3, dedicated: 1 } },
    'integer',
    '',
    '`3` with topology `shared`, `1` with topology `dedicated`',
  ],
  [{ type: 'string', derived: '<release>-a' }, 'string', '', '`<release>-a`'],
  [{ type: 'object', secret: true, maxProperties: 1 }, 'secret', '', undefined],
];
test('a value is said in words: its type, its bounds and its default', () => {
  for (const [node, ...said] of words)
    assert.deepEqual([typeWords(node), boundsWords(node), defaultWords(node)], said, JSON.stringify(node));
  assert.equal(noteWords({ type: 'string' }), undefined);
  for (const more of [{}, { maxProperties: 1 }])
    assert.notEqual(noteWords({ secret: true, ...more }), undefined);
});

const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\n';
const resource = readYaml(
  `${head}metadata: {name: voice}\nspec:\n  gateway: {adminKey: {value: canary}, replicaCount: 5, nodeSelector: {a: b}}\n  config: {providers: {llm: {name: groq, api_key: canary}}}\n`,
  'glyphoxa.yaml',
);
const layer = readYaml(`${head}spec: {gateway: {replicaCount: null}}\n`, 'config.yaml');
const loaded = loadConfig(resource, layer);
const of = (path: string) => explain(path, loaded, [layer, resource]);

test('a value is shown with who set it, and a secret never is', () => {
  const setBy = (path: string) => of(path).setBy;
  assert.equal(setBy('gateway.nodeSelector.a'), 'glyphoxa.yaml:5:75');
  assert.match(setBy('gateway.replicaCount') ?? '', / topology, .* config\.yaml:3:32 /);
  assert.match(setBy('secrets.name') ?? '', /^the release's name$/);
  assert.match(setBy('vault.addr') ?? '', /unset$/);
  assert.equal(setBy('gateway.ports.admin'), 'the default');
  assert.deepEqual(
    [of('gateway.replicaCount').value, of('gateway.ports.admin').value, of('vault.addr').value],
    [3, 8081, undefined],
  );
  assert.equal(of('gateway.adminKey').value, '(hidden) from value');
  for (const path of [
    'gateway.adminKey.value',
    'gateway.adminKey',
    'config.providers.llm.api_key',
    'config.providers.llm',
    'gateway',
    'config',
  ])
    assert.doesNotMatch(JSON.stringify(of(path)), /canary/, path);
  assert.deepEqual(
    ['gateway.adminKey', 'gateway.adminKey.fromEnv', 'gateway.replicaCount'].map((path) => of(path).secret),
    [true, true, undefined],
  );
});

test('a group lists what is in it, with the values; of a list or a map what is in each item', () => {
  const ports = of('gateway.ports');
  assert.deepEqual([ports.value, ports.setBy], [undefined, undefined]);
  assert.deepEqual(
    ports.children?.map(({ name, type, value }) => [name, type, value]),
    [
      ['admin', 'integer', 8081],
      ['grpc', 'integer', 50051],
      ['observe', 'integer', 9090],
    ],
  );
  assert.ok(ports.children?.every(({ title }) => title !== undefined));
  const items = of('gateway.tolerations').children;
  assert.deepEqual(
    items?.map(({ name }) => name),
    ['key', 'operator', 'value', 'effect', 'tolerationSeconds'],
  );
  assert.ok(items?.every(({ value }) => value === undefined));
  assert.equal(of('gateway.replicaCount').children, undefined);
  assert.deepEqual(of('worker.profiles').children?.[0]?.type, 'group');
  assert.equal(explain('gateway.ports.admin').section, of('gateway').title);
});

test('the sections are those of the resource', () => {
  assert.deepEqual(
    sections()
      .slice(0, 3)
      .map(({ name, type }) => [name, type]),
    [
      ['metadata', 'group'],
      ['spec.core', 'group'],
      ['spec.gateway', 'group'],
    ],
  );
});
