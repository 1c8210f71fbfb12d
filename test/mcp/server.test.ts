/** What a client is told that there is, how answers look, and what an edit does. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Tool } from '@modelcontextprotocol/client';
import { isObject, type JsonObject, maps } from '../../generator/model/json.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { runCli } from '../support/fake-io.ts';
import { filesIn, folderOf } from '../support/folder.ts';
import { eras, startMcp, startRaw } from '../support/mcp-client.ts';
import { layer, minimal } from '../tree/folder.ts';

const reading = [
  'check',
  'explain',
  'get_values',
  'graph',
  'list_environments',
  'list_parts',
  'preview',
  'read_file',
  'validate',
];
const editing = [
  'mend_file',
  'resolve_conflict',
  'save',
  'set_values',
  'toggle_part',
  'undo',
  'unset_values',
];
const looking = ['cluster_diff', 'cluster_status'];
const running = ['cluster_apply', 'cluster_restart', 'cluster_stop'];

const resource = `${minimal}spec:
  # how many
  gateway: {replicaCount: 2}
  core:
    image: {repository: registry.example.com/glyphoxa, tag: build-17}
`;

function repository(t: TestContext, more: { readonly [file: string]: string } = {}): string {
  return folderOf(t, {
    'glyphoxa.yaml': resource,
    'overlays/staging/config.yaml': layer('staging'),
    ...more,
  });
}

const sorted = (tools: readonly Tool[]) => tools.map(({ name }) => name).sort();

describe('the tools', () => {
  it('are those that the server was started for, and no others can be called', async (t) => {
    const folder = repository(t);
    const started: [words: string[], tools: string[]][] = [
      [[], [...reading, ...editing]],
      [['--read-only'], reading],
      [['--allow-cluster'], [...reading, ...editing, ...looking, ...running]],
      [
        ['--read-only', '--allow-cluster'],
        [...reading, ...looking],
      ],
    ];
    for (const [words, expected] of started) {
      const { client } = await startMcp(t, folder, words);
      const { tools } = await client.listTools();
      assert.deepEqual(sorted(tools), [...expected].sort(), words.join(' '));
      for (const name of [...editing, ...running].filter((each) => !expected.includes(each)))
        await assert.rejects(client.callTool({ name, arguments: {} }), { code: -32602 }, name);
    }
    assert.equal(readFileSync(path.join(folder, 'glyphoxa.yaml'), 'utf8'), resource);
  });

  it('say what goes in and comes out, and what they do', async (t) => {
    const { client } = await startMcp(t, repository(t), ['--allow-cluster']);
    const { tools } = await client.listTools();
    for (const { name, title, description = '', inputSchema, outputSchema, annotations } of tools) {
      assert.ok(title !== undefined && description.length > 40, name);
      assert.equal(inputSchema.additionalProperties, false, name);
      assert.ok(isObject(outputSchema?.properties) && 'notice' in outputSchema.properties, name);
      const isReading = reading.includes(name) || looking.includes(name);
      assert.equal(annotations?.readOnlyHint, isReading, name);
      assert.equal(annotations?.destructiveHint, running.includes(name), name);
      assert.equal(annotations?.openWorldHint, name.startsWith('cluster_'), name);
    }
    const size = JSON.stringify(tools).length;
    assert.ok(size < 40_000, `${size} characters before anything is asked`);
  });

  it('answer with structured data that says of itself that it is data', async (t) => {
    const folder = repository(t);
    await runCli(['generate'], { cwd: folder });
    for (const era of eras) {
      const { client } = await startMcp(t, folder, [], { era });
      await client.listTools();
      const calls: [name: string, input: JsonObject][] = [
        ['list_environments', {}],
        ['get_values', { environment: 'staging', set_only: true }],
        ['explain', { path: 'gateway' }],
        ['list_parts', { environment: 'staging' }],
        ['validate', {}],
        ['preview', {}],
        ['read_file', {}],
        ['graph', { environment: 'staging' }],
        ['graph', { format: 'svg' }],
        ['check', { environment: 'staging' }],
        ['set_values', { values: [{ path: 'gateway.replicaCount', value: 3 }] }],
        ['unset_values', { paths: ['gateway.replicaCount'] }],
        ['toggle_part', { part: 'autoscaling', on: true }],
        ['undo', {}],
        ['resolve_conflict', { keep: 'ours' }],
        ['save', {}],
      ];
      for (const [name, input] of calls) {
        // the client itself checks the data by the schema of the output
        const { structuredContent, content, isError } = await client.callTool({ name, arguments: input });
        assert.notEqual(isError, true, `${name}: ${JSON.stringify(content)}`);
        assert.match(String((structuredContent as JsonObject).notice), /no instruction/);
        const [block] = content as { text: string }[];
        assert.deepEqual(JSON.parse(block?.text ?? ''), structuredContent, name);
      }
      writeFileSync(path.join(folder, 'glyphoxa.yaml'), resource);
    }
  });

  it('take a text for a number where a number is meant, and say where a value is wrong', async (t) => {
    const { ok, call } = await startMcp(t, repository(t));
    const set = (value: unknown) =>
      call('set_values', { environment: 'staging', values: [{ path: 'gateway.replicaCount', value }] });
    assert.equal((await set('4')).isError, false);
    const [value] = maps(
      (await ok('get_values', { environment: 'staging', prefix: 'gateway.replicaCount' })).values,
    );
    assert.deepEqual([value?.value, value?.origin], [4, 'environment']);
    const { data } = await set(-1);
    const [made] = maps(data.made);
    assert.deepEqual([made?.code, made?.path], ['out-of-range', 'spec.gateway.replicaCount']);
    assert.match(String(made?.where), /^overlays\/staging\/config\.yaml:\d+:\d+$/);
    const refused = await call('save');
    assert.deepEqual([refused.isError, refused.codes], [true, ['out-of-range']]);
    assert.equal((await ok('undo')).environment, 'staging');
    assert.equal((await ok('save')).saved, true);
  });

  it('make all edits of a call, or none', async (t) => {
    const { ok, call } = await startMcp(t, repository(t));
    const values = [
      { path: 'gateway.replicaCount', value: 3 },
      { path: 'gateway.nonsense', value: 1 },
    ];
    assert.equal((await call('set_values', { values })).isError, true);
    assert.deepEqual((await ok('list_environments')).unsaved, []);
    assert.deepEqual((await call('toggle_part', { part: 'constructor', on: true })).codes, ['no-part']);
    assert.deepEqual((await call('validate', { environment: 'nowhere' })).codes, ['no-environment']);
  });
});

describe('answers', () => {
  it('come in pages of a bounded size, which hold everything together', async (t) => {
    const names = Array.from({ length: 80 }, (_, index) => `Character ${index}`);
    const npcs = names.map((name) => ({ name, personality: name.repeat(20) }));
    const folder = repository(t, {
      'overlays/staging/config.yaml': layer('staging', writeYaml({ spec: { config: { npcs } } })),
    });
    const { client } = await startMcp(t, folder);
    const pages: JsonObject[][] = [];
    let cursor: number | undefined;
    do {
      const input = { environment: 'staging', ...(cursor === undefined ? {} : { cursor }) };
      const result = await client.callTool({ name: 'get_values', arguments: input });
      assert.ok(JSON.stringify(result).length < 100_000);
      const { values, next, total } = result.structuredContent as JsonObject;
      pages.push(maps(values));
      cursor = next as number | undefined;
      if (cursor === undefined) assert.equal(pages.flat().length, total);
    } while (cursor !== undefined);
    assert.ok(pages.length > 1);
    assert.equal(new Set(pages.flat().map((each) => each.path)).size, pages.flat().length);
  });

  it('cut what is too long, and show what would hide', async (t) => {
    const folder = repository(t);
    const { ok } = await startMcp(t, folder);
    const name = `Greta\u202e${'x'.repeat(20_000)}`;
    await ok('set_values', { values: [{ path: 'config.npcs[0].name', value: 'Greta' }] });
    await ok('set_values', { values: [{ path: 'config.npcs[0].personality', value: name }] });
    const [value] = maps((await ok('get_values', { prefix: 'config.npcs[0].personality' })).values);
    assert.match(String(value?.value), /^Greta\ufffdx+… \(\d+ more characters\)$/);
    assert.ok(JSON.stringify(await ok('preview')).length < 60_000);
  });
});

describe('resources', () => {
  it('have schema, reference, files, findings and the tree', async (t) => {
    const folder = repository(t);
    await runCli(['generate'], { cwd: folder });
    const { client } = await startMcp(t, folder);
    const { resources } = await client.listResources();
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.equal(resourceTemplates.length, 3);
    const read = async (uri: string) => {
      const { contents } = await client.readResource({ uri });
      const [content] = contents as { text: string; _meta?: JsonObject }[];
      assert.match(String(content?._meta?.['glyphoxa.io/notice']), /no instruction/);
      return content?.text ?? '';
    };
    for (const { uri } of resources) {
      const text = await read(uri);
      assert.ok(text.length > 0 && text.length < 64_000, `${uri}: ${text.length} characters`);
    }
    const uris = resources.map(({ uri }) => uri);
    for (const uri of [
      'schema/gateway',
      'reference/config',
      'file/resource',
      'file/staging',
      'findings',
      'tree',
    ])
      assert.ok(uris.includes(`glyphoxa://${uri}`), uri);
    assert.equal(await read('glyphoxa://file/resource'), resource);
    const tree = async () => JSON.parse(await read('glyphoxa://tree')) as JsonObject;
    assert.ok(Array.isArray((await tree()).files));
    const deployment = path.join(folder, 'base/gateway-deployment.yaml');
    assert.ok(JSON.stringify((await tree()).files).includes('"base/gateway-deployment.yaml"'));
    assert.deepEqual((await tree()).out_of_date, []);
    writeFileSync(deployment, readFileSync(deployment, 'utf8').replace('replicas: 2', 'replicas: 5'));
    assert.deepEqual((await tree()).out_of_date, [{ file: 'base/gateway-deployment.yaml', what: 'change' }]);
    for (const uri of [
      'glyphoxa://schema/nothing',
      'glyphoxa://file/..%2f..%2fetc%2fpasswd',
      'file:///etc/passwd',
    ])
      await assert.rejects(client.readResource({ uri }), uri);
  });
});

describe('the command', () => {
  it('ends with its client, and by a signal while the client stays', async (t) => {
    const folder = repository(t);
    const closed = startRaw(t, folder);
    await closed.ask('server/discover');
    closed.child.stdin?.end();
    assert.deepEqual(await closed.ended, { code: 0, stderr: '' });
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      const { ask, child, ended } = startRaw(t, folder);
      await ask('tools/call', { name: 'list_environments', arguments: {} });
      child.kill(signal);
      assert.deepEqual(await ended, { code: 0, stderr: '' }, signal);
    }
  });

  it('says on standard error where there is no folder, and leaves standard output alone', async (t) => {
    const folder = repository(t);
    for (const word of ['nowhere', 'glyphoxa.yaml']) {
      const { ended, stdout } = startRaw(t, folder, [word]);
      const { code, stderr } = await ended;
      assert.deepEqual([code, stdout()], [1, '']);
      assert.match(stderr, /^error (?:cannot-read|no-folder): /);
    }
  });
});

describe('files', () => {
  it('that changed on disk meanwhile are merged, and where both changed one value the user decides', async (t) => {
    const folder = repository(t);
    const { ok, call } = await startMcp(t, folder);
    const file = path.join(folder, 'glyphoxa.yaml');
    const set = (value: number) => ok('set_values', { values: [{ path: 'gateway.replicaCount', value }] });
    await set(3);
    writeFileSync(file, resource.replace('build-17', 'build-18'));
    await ok('save');
    assert.equal(
      readFileSync(file, 'utf8'),
      resource.replace('build-17', 'build-18').replace('replicaCount: 2', 'replicaCount: 3'),
    );
    await set(4);
    writeFileSync(file, resource.replace('replicaCount: 2', 'replicaCount: 7'));
    assert.deepEqual((await call('save')).codes, ['changed-meanwhile']);
    await ok('resolve_conflict', { keep: 'theirs' });
    assert.deepEqual((await ok('list_environments')).unsaved, []);
    assert.equal(readFileSync(file, 'utf8'), resource.replace('replicaCount: 2', 'replicaCount: 7'));
  });

  it('are left alone where a file of the tree was edited by hand', async (t) => {
    const folder = repository(t);
    await runCli(['generate'], { cwd: folder });
    const deployment = path.join(folder, 'base/gateway-deployment.yaml');
    writeFileSync(deployment, readFileSync(deployment, 'utf8').replace('replicas: 2', 'replicas: 5'));
    const before = filesIn(folder);
    const { ok, call } = await startMcp(t, folder);
    await ok('set_values', { values: [{ path: 'gateway.replicaCount', value: 3 }] });
    assert.deepEqual((await call('save')).codes, ['edited']);
    assert.deepEqual(filesIn(folder), before);
    assert.equal((await ok('save', { generate: false })).saved, true);
  });

  it('may begin while the server runs', async (t) => {
    const folder = folderOf(t, {});
    const { ok, call } = await startMcp(t, folder);
    assert.deepEqual((await call('list_environments')).codes, ['no-resource']);
    writeFileSync(path.join(folder, 'glyphoxa.yaml'), resource);
    assert.equal((await ok('list_environments')).release, 'glyphoxa');
  });
});
