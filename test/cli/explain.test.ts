import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schemaValues } from '../../generator/config/describe.ts';
import { schema } from '../../generator/config/load.ts';
import { fewOfOneFile } from '../support/draws.ts';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { canary, identity, mistaken, smallest, withSecrets } from './resources.ts';

const row = (text: string, name: string) => new RegExp(`^ {2}${name} +(.*)$`, 'm').exec(text)?.[1];

test('a value is explained from the schema', async () => {
  assert.deepEqual(await runCli(['explain', 'spec.gateway.replicaCount']), {
    stdout: `spec.gateway.replicaCount

  Replicas. Number of gateway pods while autoscaling is off.

  section   Gateway
  type      integer, 0 or more
  default   3 with topology shared, 1 with topology dedicated
`,
    stderr: '',
    exitCode: 0,
  });
});

const spellings: [written: string, path: string][] = [
  ['gateway.replicaCount', 'spec.gateway.replicaCount'],
  ['gateway/replica-count', 'spec.gateway.replicaCount'],
  ['spec/gateway/replicaCount', 'spec.gateway.replicaCount'],
  ['Gateway.ReplicaCount', 'spec.gateway.replicaCount'],
  ['metadata.name', 'metadata.name'],
  ['metadata/namespace', 'metadata.namespace'],
  ['worker.gpu.nodeSelector["nvidia.com/gpu"]', 'spec.worker.gpu.nodeSelector["nvidia.com/gpu"]'],
  ['worker.profiles.local-llm.limits.cpu', 'spec.worker.profiles.local-llm.limits.cpu'],
  ['secrets.external.keys.admin-key.property', 'spec.secrets.external.keys.admin-key.property'],
  ['core.imagePullSecrets[0].name', 'spec.core.imagePullSecrets[0].name'],
  ['config.npcs.0.voice.voice_id', 'spec.config.npcs[0].voice.voice_id'],
  ['worker.podPatch.spec.priorityClassName', 'spec.worker.podPatch.spec.priorityClassName'],
];

for (const [written, path] of fewOfOneFile(spellings, 4)) {
  test(`${written} is ${path}`, async () => {
    const { stdout, stderr } = await runCli(['explain', written]);
    assert.equal(stdout.split('\n')[0], path, stderr);
  });
}

const zhiPaths: [slash: string, path: string][] = [
  ['core/release-name', 'metadata.name'],
  ['core/namespace', 'metadata.namespace'],
  ['core/topology', 'spec.core.topology'],
  ['core/image-repository', 'spec.core.image.repository'],
  ['core/image-tag', 'spec.core.image.tag'],
  ['core/image-pull-policy', 'spec.core.image.pullPolicy'],
  ['core/image-pull-secrets', 'spec.core.imagePullSecrets'],
  ['core/run-as-user', 'spec.core.runAsUser'],
  ['core/fs-group', 'spec.core.fsGroup'],
  ['gateway/admin-key', 'spec.gateway.adminKey'],
  ['gateway/requests/cpu', 'spec.gateway.resources.requests.cpu'],
  ['mcp-gateway/limits/memory', 'spec.mcpGateway.resources.limits.memory'],
  ['gateway/node-selector', 'spec.gateway.nodeSelector'],
  ['gateway/pod-anti-affinity', 'spec.gateway.podAntiAffinity.enabled'],
  ['gateway/service-account-create', 'spec.gateway.serviceAccount.create'],
  ['worker/resource-profile', 'spec.worker.resourceProfile'],
  ['worker/gpu-enabled', 'spec.worker.gpu.enabled'],
  ['database/dsn', 'spec.database.dsn'],
  ['autoscaling/target-cpu', 'spec.autoscaling.targetCPUUtilizationPercentage'],
  ['postgresql/postgres-password', 'spec.postgresql.existingSecret'],
  ['postgresql/persistence-size', 'spec.postgresql.storage.size'],
  ['config/server/log-level', 'spec.config.server.log_level'],
  ['config/memory/embedding-dimensions', 'spec.config.memory.embedding_dimensions'],
  ['config/mcp-servers', 'spec.config.mcp.servers'],
  ['config/providers/llm/base-url', 'spec.config.providers.llm.base_url'],
];

test('the paths of older workspaces lead to their values', async () => {
  for (const [slash, path] of fewOfOneFile(zhiPaths, 8)) {
    const { stdout, stderr } = await runCli(['explain', slash]);
    assert.equal(stdout.split('\n')[0], path, `${slash}: ${stderr}`);
  }
});

/** A path's parts, each in brackets. */
const wordsOf = (path: readonly string[]) =>
  path.map((part) => (part === '[]' ? '[0]' : `["${part}"]`)).join('');

const everyValue = [...schemaValues(schema, [], () => false)]
  .filter(({ path }) => path.length > 0)
  .map(({ path }) => wordsOf(path));

test('every value of the schema can be explained', async () => {
  for (const words of fewOfOneFile(everyValue, 20)) {
    const { exitCode, stderr } = await runCli(['explain', words]);
    assert.equal(exitCode, 0, stderr);
  }
});

const unknown: [path: string, hint: RegExp][] = [
  ['gateway.replicaCuont', /hint: .* spec\.gateway\.replicaCount\?/],
  ['gatway.replicaCount', /hint: .* spec\.gateway\?/],
  ['imagePullSecrets', /hint: .* spec\.core\.imagePullSecrets\?/],
  ['core.imagePullSecrets.name', /hint: .* spec\.core\.imagePullSecrets\[0\]/],
  ['core.topology.x', /hint: /],
  ['__proto__', /known here: core/],
  ['', /./],
];

for (const [path, hint] of unknown) {
  test(`there is no ${JSON.stringify(path)}, and a hint says what there is`, async () => {
    const { stdout, stderr, exitCode } = await runCli(['explain', path]);
    if (path === '') return assert.equal(exitCode, 0);
    assert.deepEqual({ stdout, exitCode }, { stdout: '', exitCode: 1 });
    assert.match(stderr, /^error unknown-path: /);
    assert.match(stderr, hint);
  });
}

test('without a path the sections are listed, with what is in each group', async () => {
  const { stdout } = await runCli(['explain']);
  for (const name of Object.keys(schema.properties?.spec?.properties ?? {}))
    assert.match(stdout, new RegExp(`^spec\\.${name} +\\S`, 'm'));
  const group = (await runCli(['explain', 'gateway.podAntiAffinity'])).stdout;
  assert.match(group, /\n {2}enabled {2}Enabled \(boolean\)\n$/);
});

const layered = {
  'glyphoxa.yaml': `${smallest}spec:\n  gateway:\n    replicaCount: 2\n    ports: {grpc: 6000}\n  worker:\n    nodeSelector: {a: b}\n`,
  'overlays/prod/config.yaml': `${identity}spec:\n  core: {topology: dedicated}\n  gateway:\n    replicaCount: null\n    ports: {admin: 6001}\n`,
};

const origins: [path: string, env: string | undefined, value: string | undefined, setBy: string][] = [
  ['gateway.replicaCount', undefined, '2', 'glyphoxa.yaml:7:19'],
  [
    'gateway.replicaCount',
    'prod',
    '1',
    'the preset of the topology, since overlays/prod/config.yaml:6:19 removes the value',
  ],
  ['gateway.ports.grpc', 'prod', '6000', 'glyphoxa.yaml:8:19'],
  ['gateway.ports.admin', 'prod', '6001', 'overlays/prod/config.yaml:7:20'],
  ['gateway.ports.observe', 'prod', '9090', 'the default'],
  ['core.topology', 'prod', 'dedicated', 'overlays/prod/config.yaml:4:20'],
  ['secrets.name', 'prod', 'tavern-secrets', "the release's name"],
  ['core.image.digest', 'prod', undefined, 'nobody: it is unset'],
  ['worker.nodeSelector', 'prod', '{"a":"b"}', 'glyphoxa.yaml:10:19'],
];

for (const [path, env, value, setBy] of origins) {
  test(`${path} of ${env ?? 'the resource'} is ${value ?? 'unset'}, set by ${setBy}`, async (t) => {
    const cwd = folderOf(t, layered);
    const argv = ['explain', path, ...(env === undefined ? ['--file', '.'] : ['--env', env])];
    const { stdout } = await runCli(argv, { cwd });
    assert.equal(row(stdout, 'value'), value);
    assert.equal(row(stdout, 'set by'), setBy);
  });
}

test('an environment is found from inside the repository, and a mistyped one gets a hint', async (t) => {
  const cwd = folderOf(t, { ...layered, 'deep/er/.keep': '' });
  const { stdout } = await runCli(['explain', 'core.topology', '--env', 'prod'], { cwd: `${cwd}/deep/er` });
  assert.equal(row(stdout, 'set by'), '../../overlays/prod/config.yaml:4:20');
  for (const [name, hint] of [
    ['prdo', 'did you mean prod?'],
    ['elsewhere', 'known: prod'],
    ['../prod', 'known: prod'],
  ]) {
    const wrong = await runCli(['explain', 'core', '--env', name ?? ''], { cwd });
    assert.match(wrong.stderr, /error no-environment: /);
    assert.ok(wrong.stderr.includes(hint ?? ''), wrong.stderr);
    assert.deepEqual([wrong.stdout, wrong.exitCode], ['', 1]);
  }
});

test('JSON holds the same', async (t) => {
  const cwd = folderOf(t, layered);
  const { stdout } = await runCli(['explain', 'gateway.ports.grpc', '--env', 'prod', '-o', 'json'], { cwd });
  assert.deepEqual(JSON.parse(stdout), {
    path: 'spec.gateway.ports.grpc',
    title: 'gRPC port',
    description: 'Port that workers call back on.',
    section: 'Gateway',
    type: 'integer',
    bounds: '1 to 65535',
    default: '50051',
    value: 6000,
    setBy: 'glyphoxa.yaml:8:19',
  });
});

test('no secret is ever shown, wherever one looks', async (t) => {
  // in parts of texts, too
  const text = withSecrets
    .replace('command: run\n', `command: run --api-key ${canary}-argument\n`)
    .concat(
      `        - {name: y, transport: streamable-http, url: "https://a.example/mcp?key=${canary}-query"}\n`,
    );
  const cwd = folderOf(t, { 'glyphoxa.yaml': text });
  const seen: string[] = [];
  const secrets = [
    'spec.gateway.adminKey',
    'spec.database.dsn',
    'spec.config.providers.llm.api_key',
    'spec.config.mcp.servers',
  ].map((path) => wordsOf(path.split('.')));
  for (const words of new Set([...fewOfOneFile(everyValue, 20), ...secrets])) {
    const { stdout, stderr } = await runCli(['explain', words, '--file', '.', '-o', 'json'], { cwd });
    assert.ok(!`${stdout}${stderr}`.includes(canary), `${words}: ${stdout}`);
    if (stdout.includes('(hidden)')) seen.push(words);
  }
  for (const words of secrets) assert.ok(seen.includes(words), words);
  const source = await runCli(['explain', 'secrets.providerKeys.openai', '--file', '.'], { cwd });
  assert.equal(row(source.stdout, 'value'), '(hidden) from fromEnv');
});

test('a file with mistakes is still explained, and says so', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': mistaken, 'broken.yaml': 'a: [' });
  const { stdout, stderr, exitCode } = await runCli(['explain', 'metadata.name', '--file', '.'], { cwd });
  assert.equal(row(stdout, 'value'), 'tavern');
  assert.match(stderr, /^glyphoxa\.yaml .*1 error, 0 warnings/);
  assert.equal(exitCode, 0);
  assert.equal((await runCli(['explain', 'core', '--file', 'broken.yaml'], { cwd })).exitCode, 0);
  assert.equal((await runCli(['explain', 'core', '--file', 'none.yaml'], { cwd })).exitCode, 1);
});
