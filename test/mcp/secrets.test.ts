/** No answer has a secret, and no edit that a model can make brings one to light. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Json, JsonObject } from '../../generator/model/json.ts';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { eras, type McpClient, startMcp } from '../support/mcp-client.ts';
import { layer, minimal } from '../tree/folder.ts';

const canary = (name: string) => `cnry-${name}-5e1f`;

const resource = `${minimal}spec:
  core:
    image: {repository: registry.example.com/glyphoxa, tag: build-17}
  gateway:
    adminKey: {value: ${canary('admin')}}
    podPatch:
      spec:
        containers:
          - name: gateway
            env:
              - name: TRACE_TOKEN
                value: ${canary('env')}
              - name: TRACE_LEVEL
                value: loud
  database: {dsn: {value: "postgres://u:${canary('dsn')}@db.example.com/g"}}
  secrets:
    provider: kubernetes
    providerKeys: {openai: {fromEnv: C_OPENAI}, deepgram: {fromFile: keys/deepgram}}
  config:
    mcp:
      servers:
        - name: tools
          transport: stdio
          command: tools --token ${canary('argument')}
          env: {ANY: ${canary('server')}}
    providers:
      llm: {name: openai, model: m, options: {region: ${canary('option')}}}
      stt: {name: deepgram}
      tts: {name: elevenlabs}
`;
const staging = layer(
  'staging',
  `spec:\n  # key: sk-proj-${'A1b2C3d4'.repeat(6)}\n  vault: {token: {value: ${canary('vault')}}}\n`,
);
const secrets = [
  ...['admin', 'env', 'dsn', 'argument', 'server', 'option', 'vault', 'file', 'local', 'variable'].map(
    canary,
  ),
  `sk-proj-${'A1b2C3d4'.repeat(6)}`,
];

function repository(t: TestContext): string {
  return folderOf(t, {
    'glyphoxa.yaml': resource,
    'overlays/staging/config.yaml': staging,
    'overlays/staging/secrets.env': `ADMIN_KEY=${canary('local')}\n`,
    'keys/deepgram': canary('file'),
  });
}

const env = { C_OPENAI: canary('variable') };

function assertHidden({ heard }: McpClient): void {
  const all = heard();
  const leaked = secrets.filter((secret) =>
    [secret, Buffer.from(secret).toString('base64').slice(0, -3), encodeURIComponent(secret)].some((form) =>
      all.includes(form),
    ),
  );
  assert.deepEqual(leaked, []);
}

const set = (path_: string, value: Json, environment?: string) => ({
  values: [{ path: path_, value }],
  ...(environment === undefined ? {} : { environment }),
});

describe('secrets', () => {
  for (const era of eras)
    it(`are in no answer of ${era}, whatever is asked and goes wrong`, async (t) => {
      const folder = repository(t);
      await runCli(['generate'], { cwd: folder, env });
      const mcp = await startMcp(t, folder, [], { era, env });
      const { call, client } = mcp;
      for (const environment of [undefined, 'staging']) {
        const at = environment === undefined ? {} : { environment };
        for (const name of ['get_values', 'list_parts', 'validate', 'read_file', 'graph', 'check'])
          await call(name, at);
        for (const prefix of [
          'gateway.adminKey',
          'gateway.podPatch',
          'database.dsn',
          'config',
          'secrets',
          'vault',
        ]) {
          await call('get_values', { ...at, prefix });
          await call('explain', { ...at, path: prefix });
        }
        await call('explain', { ...at, path: 'config.providers.llm.options' });
        await call('explain', { ...at, path: 'config.mcp.servers[0].env' });
      }
      // edits beside secrets, and edits that take them out, which the preview tells
      await call('set_values', set('config.mcp.servers[0].name', 'other'));
      await call('set_values', set('gateway.replicaCount', 'many'));
      await call('unset_values', {
        paths: ['gateway.adminKey', 'database.dsn', 'gateway.podPatch', 'config.mcp'],
      });
      await call('unset_values', { paths: ['vault'], environment: 'staging' });
      await call('preview');
      await call('validate');
      await call('save');
      const { resources } = await client.listResources();
      for (const { uri } of resources.filter(({ uri: each }) => !/schema|reference/.test(each)))
        await client.readResource({ uri });
      assertHidden(mcp);
    });

  it('are not brought to light by other names around them', async (t) => {
    const folder = repository(t);
    const mcp = await startMcp(t, folder, [], { env });
    const attempts: [name: string, input: object][] = [
      ['set_values', set('gateway.podPatch.spec.containers[0].env[0].name', 'TRACE_LEVEL2')],
      ['set_values', set('secrets.publicOptions', ['region'])],
      ['set_values', set('secrets.publicOptions', ['region'], 'staging')],
      ['set_values', set('secrets.publicOptions[0]', 'region', 'staging')],
      ['set_values', set('secrets', { provider: 'existing', publicOptions: ['region'] })],
      ['set_values', set('secrets.publicOptions', ['unused'])],
      ['unset_values', { paths: ['gateway.podPatch.spec.containers[0].env[0].name'] }],
    ];
    for (const [name, input] of attempts) {
      const { codes, isError } = await mcp.call(name, input);
      assert.ok(isError, JSON.stringify(input));
      assert.deepEqual(codes, ['would-show-secret'], JSON.stringify(input));
    }
    assert.deepEqual((await mcp.ok('list_environments')).unsaved, []);
    for (const at of [{}, { environment: 'staging' }]) {
      await mcp.call('get_values', { ...at, prefix: 'gateway.podPatch' });
      await mcp.call('get_values', { ...at, prefix: 'config' });
      await mcp.call('read_file', at);
    }
    await mcp.call('preview');
    assertHidden(mcp);
    assert.equal(readFileSync(path.join(folder, 'glyphoxa.yaml'), 'utf8'), resource);
  });

  it('cannot be set, and no value of one can be had by a source that leads elsewhere', async (t) => {
    const folder = repository(t);
    const mcp = await startMcp(t, folder, [], { env });
    const refused: [string, Json][] = [
      ['gateway.adminKey.value', 'new'],
      ['gateway.adminKey', { value: 'new' }],
      ['config.mcp.servers[0].auth.token', 'new'],
      ['config.mcp.servers[0].url', 'https://u:password@example.com'],
    ];
    for (const [where, value] of refused)
      assert.deepEqual((await mcp.call('set_values', set(where, value))).codes, ['secret-in-file'], where);
    const { data } = await mcp.call('set_values', set('vault.token.fromFile', '../../etc/passwd', 'staging'));
    assert.ok(JSON.stringify(data).includes('"severity":"error"'), JSON.stringify(data));
    assertHidden(mcp);
  });

  it('of no harm stay usable: a layer changes values beside what is hidden', async (t) => {
    const mcp = await startMcp(t, repository(t), [], { env });
    const changed = (await mcp.ok('set_values', set('gateway.replicaCount', 3, 'staging'))) as JsonObject;
    assert.equal(changed.changed, true);
    const level = set('gateway.podPatch.spec.containers[0].env[1].value', 'quiet');
    assert.equal((await mcp.ok('set_values', level)).changed, true);
  });
});
