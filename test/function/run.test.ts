import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { main } from '../../generator/function/main.ts';
import { runClassic, runKrm } from '../../generator/function/run.ts';
import { isObject, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml, readYaml, writeYaml } from '../../generator/model/yaml.ts';
import { build } from '../../generator/objects/build.ts';
import { folder, fullResource, objectsIn } from './deployments.ts';

const nowhere = { env: {}, cwd: path.resolve('nowhere') };

const small =
  'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {name: tavern, namespace: games}\n';

async function expected(resource: string): Promise<JsonObject[]> {
  const source = readYaml(resource, 'glyphoxa.yaml');
  const { objects } = await build(source, undefined, { env: {}, folder: '.' });
  return JSON.parse(JSON.stringify(objects)) as JsonObject[];
}

/** A ResourceList of these parts. */
function list(parts: { config?: string; items?: readonly JsonObject[]; more?: JsonObject }): string {
  const { config, items = [], more = { apiVersion: 'config.kubernetes.io/v1' } } = parts;
  const functionConfig = config === undefined ? {} : { functionConfig: parseYaml(config)[0] as JsonObject };
  return writeYaml({ ...more, kind: 'ResourceList', items: [...items], ...functionConfig });
}

interface Answer {
  readonly exitCode: number;
  readonly stderr: string;
  readonly stdout: string;
  readonly list: JsonObject & { items: JsonObject[]; results?: JsonObject[] };
}

async function answer(input: string, around = nowhere): Promise<Answer> {
  const outcome = await runKrm(input, around);
  return { ...outcome, list: parseYaml(outcome.stdout)[0] as Answer['list'] };
}

const codes = (results: readonly JsonObject[] = []) => results.map(({ tags }) => (tags as JsonObject).code);

const nameOf = ({ kind, metadata }: JsonObject) => `${kind} ${(metadata as JsonObject).name}`;

/** An object as an earlier run left it, changed by somebody. */
async function earlier(kind: string, change: (metadata: JsonObject) => JsonObject = (own) => own) {
  const object = (await expected(small)).find((one) => one.kind === kind) as JsonObject;
  return { ...object, metadata: change(object.metadata as JsonObject), stale: true };
}

describe('a list without items', () => {
  it('is answered with the objects, in its own version, and with no results where there is nothing to tell', async () => {
    const { exitCode, stderr, list: out } = await answer(list({ config: fullResource }));
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.deepEqual(out, {
      apiVersion: 'config.kubernetes.io/v1',
      kind: 'ResourceList',
      items: await expected(fullResource),
    });
    for (const [more, version] of [
      [{ apiVersion: 'config.kubernetes.io/v1alpha1' }, 'config.kubernetes.io/v1alpha1'],
      [{}, 'config.kubernetes.io/v1'],
    ] as const) {
      assert.equal((await answer(list({ config: small, more }))).list.apiVersion, version);
    }
  });

  it('may lack its items', async () => {
    const input = writeYaml({ kind: 'ResourceList', functionConfig: parseYaml(small)[0] as JsonObject });
    assert.deepEqual((await answer(input)).list.items, await expected(small));
  });

  it('keeps its function config and gets the errors, where the config is wrong', async () => {
    const { exitCode, list: out, stderr } = await answer(list({ config: `${small}spec: {x: 1}\n` }));
    assert.equal(exitCode, 1);
    assert.deepEqual([out.items, codes(out.results)], [[], ['unknown-field']]);
    assert.ok(isObject(out.functionConfig));
    assert.match(stderr, /^error unknown-field: spec\.x: .*\n$/);
  });

  it('is refused without a function config', async () => {
    const { exitCode, list: out } = await answer(list({}));
    assert.equal(exitCode, 1);
    const [result] = out.results ?? [];
    assert.deepEqual(codes(out.results), ['missing-config']);
    assert.deepEqual(
      [result?.severity, result?.field, result?.resourceRef, result?.file],
      ['error', { path: 'functionConfig' }, { apiVersion: '', kind: '', name: '' }, undefined],
    );
  });
});

describe('items', () => {
  const foreign: JsonObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: {} };

  it('of others stay as they are written, whatever they hold, and the list is a block afterwards', async () => {
    const item =
      '{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {n: 0x1F, f: 1.10, d: 2024-01-01}}';
    const input = `{kind: ResourceList, items: [${item}], functionConfig: ${JSON.stringify(parseYaml(small)[0])}}`;
    const { stdout, list: out, exitCode } = await answer(input);
    assert.equal(exitCode, 0);
    for (const text of ['n: 0x1F', 'f: 1.10', 'd: 2024-01-01']) assert.ok(stdout.includes(text), text);
    assert.match(stdout, /^items:\n {2}- /m);
    assert.deepEqual(out.items.slice(1), await expected(small));
    assert.ok(!stdout.includes('results:'));
  });

  it('keep long lines whole', async () => {
    const long = { ...foreign, data: { a: 'word '.repeat(60).trim() } };
    const input = list({ config: small, items: [long] });
    const { stdout } = await answer(input);
    assert.ok(stdout.includes(`a: ${long.data.a}`));
  });

  it('of ours are replaced in their place, dropped where they are made no more, and new ones come last', async () => {
    const [service, gone] = [await earlier('Service'), await earlier('NetworkPolicy')];
    const old = { ...gone, kind: 'Role' };
    const { list: out } = await answer(list({ config: small, items: [old, foreign, service, foreign] }));
    const objects = await expected(small);
    const own = objects.find((one) => nameOf(one) === nameOf(service));
    assert.deepEqual(out.items.slice(0, 3), [foreign, own, foreign]);
    assert.deepEqual(
      out.items.slice(3),
      objects.filter((one) => one !== own),
    );
  });

  it('are ours only by both labels', async () => {
    const labels = (change: JsonObject) => (metadata: JsonObject) => ({
      ...metadata,
      labels: { ...(metadata.labels as JsonObject), ...change },
    });
    const others = [
      await earlier('Service', labels({ 'app.kubernetes.io/managed-by': 'Helm' })),
      await earlier('Service', labels({ 'app.kubernetes.io/instance': 'another' })),
      await earlier('Service', ({ labels: _, ...rest }) => rest),
      { apiVersion: 'v1', kind: 'List', items: [] },
    ];
    const { list: out } = await answer(list({ config: small, items: others }));
    assert.deepEqual(out.items, [...others, ...(await expected(small))]);
  });

  it('of another namespace, name, kind or version are not the ones that replace them', async () => {
    const changes = [
      await earlier('Service', (metadata) => ({ ...metadata, namespace: 'elsewhere' })),
      await earlier('Service', (metadata) => ({ ...metadata, name: 'elsewhere' })),
      { ...(await earlier('Service')), apiVersion: 'v2' },
    ];
    const { list: out } = await answer(list({ config: small, items: [foreign, ...changes, foreign] }));
    assert.deepEqual(out.items, [foreign, foreign, ...(await expected(small))]);
  });

  it('of ours that stand there twice are replaced once', async () => {
    const service = await earlier('Service');
    const { list: out } = await answer(list({ config: small, items: [service, service] }));
    assert.deepEqual(out.items.map(nameOf).sort(), (await expected(small)).map(nameOf).sort());
  });

  it('keep the annotations by which tools know them, and those alone', async () => {
    const kept = {
      'internal.config.kubernetes.io/path': 'a',
      'config.kubernetes.io/index': '0',
      'config.k8s.io/id': '1',
      'kustomize.config.k8s.io/id': '1',
      'internal.kpt.dev/upstream-identifier': 'x',
    };
    const mine = { mine: '1', 'x.config.kubernetes.io/path': '1', 'config.kubernetes.io.x': '2' };
    const items = [
      await earlier('Service', (metadata) => ({ ...metadata, annotations: { ...mine, ...kept } })),
      await earlier('ServiceAccount', (metadata) => ({ ...metadata, annotations: mine })),
    ];
    const { list: out } = await answer(list({ config: small, items }));
    const objects = await expected(small);
    for (const [index, [kind, more]] of [
      ['Service', kept],
      ['ServiceAccount', {}],
    ].entries() as Iterable<[number, [string, JsonObject]]>) {
      const own = objects.find((one) => one.kind === kind)?.metadata as JsonObject;
      const annotations = { ...((own.annotations ?? {}) as JsonObject), ...more };
      const { metadata } = out.items[index] as { metadata: JsonObject };
      assert.deepEqual(metadata.annotations ?? {}, annotations, kind);
      assert.equal(metadata.name, own.name);
    }
  });

  it('that cannot be worked on are handed back, and results of an earlier run are gone', async () => {
    const service = await earlier('Service');
    const items = [foreign, service];
    const more = { kind: 'x', results: [{ message: 'old', severity: 'info' }] };
    const wrong = await answer(list({ config: `${small}spec: {x: 1}\n`, items, more }));
    assert.equal(wrong.exitCode, 1);
    assert.deepEqual([wrong.list.items, codes(wrong.list.results)], [items, ['unknown-field']]);
    const right = await answer(list({ config: small, items, more }));
    assert.deepEqual([right.exitCode, right.list.results], [0, undefined]);
  });
});

describe('a result', () => {
  it('names the resource, the value and the code, and asks for no name that the layer of an environment lacks', async () => {
    const config = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {}\n';
    const { list: out } = await answer(list({ config }));
    const [result] = out.results ?? [];
    assert.deepEqual(codes(out.results), ['required']);
    assert.deepEqual(result?.field, { path: 'metadata.name' });
    assert.deepEqual(result?.resourceRef, {
      apiVersion: 'deploy.glyphoxa.io/v1alpha1',
      kind: 'Glyphoxa',
      name: '',
    });
    const other = (await answer(list({ config: small.replace('games', '"-"') }))).list.results?.[0];
    const words = (text: unknown) => String(text).split('; ').length;
    assert.deepEqual(codes(other === undefined ? [] : [other]), ['invalid-value']);
    const named = (await answer(list({ config: small.replace('tavern', '"-"') }))).list.results?.[0];
    assert.deepEqual(
      [named?.field, words(named?.message)],
      [{ path: 'metadata.name' }, words(other?.message)],
    );
    assert.ok(words(result?.message) > words(other?.message), 'what is seen is told of the name alone');
  });

  it('names file, line and column where the file is found, as standard error does', async (t) => {
    const text = `# a comment\n${small}spec:\n  x: 1\n`;
    const cwd = await folder(t, { 'a.yaml': text, 'kustomization.yaml': 'generators: [a.yaml]\n' });
    const { list: out, stderr } = await answer(list({ config: text }), { env: {}, cwd });
    const [result] = out.results ?? [];
    assert.deepEqual(result?.file, { path: 'a.yaml' });
    assert.deepEqual(result?.tags, { code: 'unknown-field', line: '6', column: '3' });
    assert.deepEqual(result?.resourceRef, {
      apiVersion: 'deploy.glyphoxa.io/v1alpha1',
      kind: 'Glyphoxa',
      name: 'tavern',
      namespace: 'games',
    });
    assert.match(stderr, /^a\.yaml:6:3: error unknown-field: /);
  });
});

describe('the file of the resource', () => {
  const wrong = `${small}spec: {x: 1}\n`;
  const here = 'a.yaml:4:8: ';

  /** Where standard error says that the value stands, for files beside a kustomization. */
  async function place(t: TestContext, files: { [name: string]: string }): Promise<string> {
    const cwd = await folder(t, files);
    const { stderr } = await runKrm(list({ config: wrong }), { env: {}, cwd });
    return stderr.replace(/error unknown-field.*\n/, '');
  }

  it('is a generator or transformer of the kustomization, or a file beside it', async (t) => {
    for (const ending of ['yaml', 'yml']) {
      assert.equal(await place(t, { [`a.${ending}`]: wrong }), `a.${ending}:4:8: `);
    }
    for (const file of ['kustomization.yaml', 'kustomization.yml', 'Kustomization']) {
      for (const field of ['generators', 'transformers']) {
        const files = { '../a.yaml': wrong, [file]: `${field}: [../a.yaml, {}, "a: b\\n.yaml"]\n` };
        assert.equal(await place(t, files), `../${here}`, `${file} ${field}`);
      }
    }
  });

  it('is told by kind and name, also where the name was written as a number', async (t) => {
    const [kind, name] = [wrong.replace('kind: Glyphoxa', 'kind: X'), wrong.replace('tavern', 'b')];
    assert.equal(await place(t, { 'a.yaml': wrong, 'b.yaml': kind, 'c.yaml': name }), here);
    assert.equal(await place(t, { 'b.yaml': kind, 'c.yaml': name }), '');
    const cwd = await folder(t, { 'a.yaml': wrong.replace('tavern', '1234') });
    const config = wrong.replace('tavern', '"1234"');
    const { stderr } = await runKrm(list({ config }), { env: {}, cwd });
    assert.match(stderr, /^a\.yaml:/m);
  });

  it('is none where two could be it, and once where it is named and lies there', async (t) => {
    assert.equal(await place(t, { 'a.yaml': wrong, 'b.yaml': wrong }), '');
    const twice = {
      'a.yaml': wrong,
      'kustomization.yaml': 'generators: [./a.yaml]\ntransformers: [a.yaml]\n',
    };
    assert.equal(await place(t, twice), here);
  });

  it('is none of another ending, none that cannot be read, and of no use where it lists nothing', async (t) => {
    assert.equal(await place(t, { 'a.yaml.orig': wrong, 'a.json': wrong }), '');
    assert.equal(
      await place(t, { 'kustomization.yaml': 'generators: [b.yaml, a.txt]\n', 'a.txt': wrong }),
      '',
    );
    for (const text of ['a: [', '- x\n', 'generators: x.yaml\n', '']) {
      assert.equal(
        await place(t, { 'a.yaml': wrong, 'kustomization.yaml': text, 'b.yaml': text }),
        here,
        text,
      );
    }
  });

  it('decides what a plain text means, in both contracts', async (t) => {
    const config = (text: string) =>
      `${small}spec: {gateway: {podPatch: {metadata: {annotations: {a.io/x: ${text}}}}}}\n`;
    const [plain, quoted] = [
      await folder(t, { 'a.yaml': config('=') }),
      await folder(t, { 'a.yaml': config('"="') }),
    ];
    const input = `kind: ResourceList\nitems: []\nfunctionConfig:\n${config('=').replace(/^/gm, '  ')}`;
    for (const [cwd, exitCode] of [
      [plain, 1],
      [quoted, 0],
    ] as const) {
      const krm = await runKrm(input, { env: {}, cwd });
      const classic = await runClassic(path.join(plain, 'a.yaml'), { env: {}, cwd });
      assert.deepEqual([krm.exitCode, classic.exitCode], [exitCode, exitCode]);
      if (exitCode === 1) {
        assert.match(krm.stderr, /^a\.yaml:4:\d+: error ambiguous-scalar: /);
        assert.match(classic.stderr, /^a\.yaml:4:\d+: error ambiguous-scalar: /);
      }
    }
  });

  it('does not decide where the text was handed over in quotes', async (t) => {
    const annotated = (text: string) =>
      `${small}spec: {gateway: {podPatch: {metadata: {annotations: {a.io/x: ${text}}}}}}\n`;
    const cwd = await folder(t, { 'a.yaml': annotated('=') });
    const block = list({ config: annotated('"="') });
    const flow = `{kind: ResourceList, items: [], functionConfig: ${JSON.stringify(parseYaml(annotated('"="'))[0])}}`;
    for (const input of [block, flow]) {
      assert.equal((await runKrm(input, { env: {}, cwd })).exitCode, 0);
    }
    const copy = await folder(t, { 'copy.yaml': annotated('"="') });
    const around = { env: { KUSTOMIZE_PLUGIN_CONFIG_ROOT: cwd }, cwd: copy };
    assert.equal((await runClassic(path.join(copy, 'copy.yaml'), around)).exitCode, 0);
  });

  it('shows what only it holds, and keeps what only was handed over', async (t) => {
    const cwd = await folder(t, { 'a.yaml': `${small}spec: {z: 1}\n` });
    const { stderr } = await runKrm(list({ config: wrong }), { env: {}, cwd });
    assert.match(stderr, /^a\.yaml:4:8: error unknown-field: spec\.z: .*\n$/);
    const right = await folder(t, { 'a.yaml': `${small}spec: {core: {}}\n` });
    const { stderr: other } = await runKrm(list({ config: wrong }), { env: {}, cwd: right });
    assert.match(other, /^a\.yaml:4:1: error unknown-field: spec\.x: .*\n$/);
  });
});

describe('the classic contract', () => {
  it('writes the objects as a stream', async (t) => {
    const cwd = await folder(t, { 'glyphoxa.yaml': fullResource });
    const { stdout, stderr, exitCode } = await runClassic(path.join(cwd, 'glyphoxa.yaml'), { env: {}, cwd });
    assert.deepEqual([exitCode, stderr], [0, '']);
    assert.deepEqual(objectsIn(stdout), await expected(fullResource));
    assert.equal(stdout.split('\n---\n').length, objectsIn(stdout).length);
  });

  it('tells warnings and goes on', async (t) => {
    const warned = `${small}spec:\n  worker: {resourceProfile: local-llm, gpu: {enabled: false}}\n`;
    const cwd = await folder(t, { 'glyphoxa.yaml': warned });
    const { stdout, stderr, exitCode } = await runClassic(path.join(cwd, 'glyphoxa.yaml'), { env: {}, cwd });
    assert.equal(exitCode, 0);
    assert.match(stderr, /^warning gpu/m);
    assert.ok(objectsIn(stdout).length > 5);
  });

  it('looks for the resource where kustomize says the kustomization is, and shows no place of its copy', async (t) => {
    const wrong = `${small}spec: {x: 1}\n`;
    const [cwd, root] = [
      await folder(t, { 'copy.yaml': wrong }),
      await folder(t, { 'b.yaml': `# here\n${wrong}` }),
    ];
    const file = path.join(cwd, 'copy.yaml');
    const found = await runClassic(file, { env: { KUSTOMIZE_PLUGIN_CONFIG_ROOT: root }, cwd });
    assert.match(found.stderr, /^b\.yaml:5:8: error unknown-field/);
    const lost = await runClassic(file, { env: {}, cwd: root.slice(0, -3) });
    assert.deepEqual([lost.exitCode, lost.stdout], [1, '']);
    assert.match(lost.stderr, /^error unknown-field: spec\.x: /);
  });

  it('says which file it cannot read', async () => {
    const { stdout, stderr, exitCode } = await runClassic('nowhere/a.yaml', nowhere);
    assert.deepEqual([exitCode, stdout], [1, '']);
    assert.match(stderr, /^glyphoxa-kustomize: nowhere\/a\.yaml .+\n$/);
  });
});

describe('what is no list of resources', () => {
  for (const [what, code, input] of [
    ['no YAML', 'syntax', 'a: [\n'],
    ['an empty text', 'no-resource-list', ''],
    ['another kind', 'no-resource-list', 'kind: Pod\n'],
    ['a list', 'no-resource-list', '- kind: ResourceList\n'],
    ['items that are no list', 'no-resource-list', 'kind: ResourceList\nitems: {}\n'],
    ['one item that is no object', 'no-resource-list', 'kind: ResourceList\nitems: [{}, 1]\n'],
    ['what is too deep', 'too-deep', '['.repeat(300)],
    [
      'aliases that stand for millions',
      'anchor',
      `a0: &a0 [x, x]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join('')}`,
    ],
  ] as const) {
    it(`is refused as ${code}: ${what}`, async () => {
      const { stdout, stderr, exitCode } = await runKrm(input, nowhere);
      assert.deepEqual([exitCode, stdout], [1, '']);
      assert.match(stderr, new RegExp(`^error ${code}: standard input: .+\\n$`));
    });
  }

  it('but aliases that stand for little are read', async () => {
    const [config] = [JSON.stringify(parseYaml(small)[0])];
    const input = `kind: ResourceList\nx: &x [1]\ny: [*x, *x]\nitems: []\nfunctionConfig: ${config}\n`;
    assert.equal((await answer(input)).exitCode, 0);
  });

  it('and what goes as deep as it may is read', async () => {
    const config = JSON.stringify(parseYaml(small)[0]);
    const input = (depth: number) =>
      `kind: ResourceList\nx: ${'['.repeat(depth)}${']'.repeat(depth)}\nitems: []\nfunctionConfig: ${config}\n`;
    assert.deepEqual(
      [(await answer(input(255))).exitCode, (await runKrm(input(256), nowhere)).exitCode],
      [0, 1],
    );
  });
});

describe('the process', () => {
  it('ends with the code of its outcome', async (t) => {
    const dir = await folder(t, { 'glyphoxa.yaml': `${small}spec: {x: 1}\n` });
    const around = { env: {}, cwd: dir };
    assert.equal(await main(['--help'], around), 0);
    assert.equal(await main(['-h'], around), 0);
    assert.equal(await main([path.join(dir, 'glyphoxa.yaml')], around), 1);
    assert.equal(await main([path.join(dir, 'nowhere.yaml')], around), 1);
  });
});
