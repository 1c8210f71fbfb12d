import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { isObject, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml, readYaml } from '../../generator/model/yaml.ts';
import { build } from '../../generator/objects/build.ts';
import { functionFile } from '../support/program.ts';
import { requireKustomize, requireTool, runTool } from '../support/tools.ts';
import { folder, fullResource, objectsIn, withFunction } from './deployments.ts';

const foreign = `apiVersion: v1
kind: ConfigMap
metadata:
  name: foreign
  # a comment of somebody else
  annotations: {note: "0755"}
data:
  a: "1.10"
  b: 'yes'
---
apiVersion: example.com/v1
kind: Odd
metadata:
  name: odd
spec: {ratio: 1.10, mode: 0755, big: 12345678901234567890, on: yes}
`;

async function expected() {
  const { objects } = await build(readYaml(fullResource, 'glyphoxa.yaml'), undefined, {
    env: {},
    folder: '.',
  });
  return JSON.parse(JSON.stringify(objects)) as JsonObject[];
}

const annotated = () => withFunction(fullResource, functionFile);

function resourceList(items: string, functionConfig: string): string {
  const indented = (text: string) => text.replace(/^(?=.)/gm, '  ');
  const list =
    items === ''
      ? ' []\n'
      : `\n${items
          .split(/^---\n/m)
          .map((item) => `- ${indented(item).slice(2)}`)
          .join('')}`;
  return `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n${indented(functionConfig)}items:${list}`;
}

describe('the KRM function in kustomize', () => {
  it('generates with --enable-exec', async (t) => {
    const kustomize = requireKustomize(t);
    if (kustomize === undefined) return;
    const dir = await folder(t, {
      'glyphoxa.yaml': annotated(),
      'kustomization.yaml': 'generators: [glyphoxa.yaml]\n',
    });
    const run = await kustomize.build(dir, { alphaPlugins: true, exec: true });
    assert.equal(run.exitCode, 0, run.stderr);
    assert.deepEqual(objectsIn(run.stdout), await expected());
  });

  it('transforms: foreign items stay as they are and in their order, ours are added', async (t) => {
    const kustomize = requireKustomize(t);
    if (kustomize === undefined) return;
    const dir = await folder(t, {
      'glyphoxa.yaml': annotated(),
      'foreign.yaml': foreign,
      'kustomization.yaml': 'resources: [foreign.yaml]\ntransformers: [glyphoxa.yaml]\n',
      'plain.yaml': 'resources: [foreign.yaml]\n',
    });
    const plain = await folder(t, {
      'foreign.yaml': foreign,
      'kustomization.yaml': 'resources: [foreign.yaml]\n',
    });
    const run = await kustomize.build(dir, { alphaPlugins: true, exec: true });
    assert.equal(run.exitCode, 0, run.stderr);
    const documents = run.stdout.split('---\n');
    for (const document of (await kustomize.build(plain)).stdout.split('---\n')) {
      assert.ok(documents.includes(document), `changed or lost:\n${document}`);
    }
    const ours = objectsIn(run.stdout).filter(
      ({ metadata }) => !['foreign', 'odd'].includes(String((metadata as JsonObject).name)),
    );
    assert.deepEqual(ours, await expected());
  });

  it('fails with positions, and nothing on standard output', async (t) => {
    const kustomize = requireKustomize(t);
    if (kustomize === undefined) return;
    const wrong = annotated().replace('log_level: debug', 'log_level: loud');
    const dir = await folder(t, {
      'glyphoxa.yaml': wrong,
      'kustomization.yaml': 'generators: [glyphoxa.yaml]\n',
    });
    const run = await kustomize.build(dir, { alphaPlugins: true, exec: true });
    assert.notEqual(run.exitCode, 0);
    assert.equal(run.stdout, '');
    const line = wrong.split('\n').findIndex((text) => text.includes('log_level')) + 1;
    assert.match(
      run.stderr,
      new RegExp(`glyphoxa\\.yaml:${line}:\\d+: error not-a-choice: spec\\.config\\.server\\.log_level`),
    );
  });
});

describe('the KRM function in kpt', () => {
  it('adds the objects with fn eval, and a second run changes nothing', async (t) => {
    const kpt = requireTool(t, 'kpt');
    if (kpt === undefined) return;
    const dir = await folder(t, { 'glyphoxa.yaml': fullResource, 'foreign.yaml': foreign });
    const fn = [
      'fn',
      'eval',
      '.',
      '--exec',
      functionFile.replaceAll(' ', '\\ '),
      '--fn-config',
      'glyphoxa.yaml',
    ];
    const first = await runTool(kpt, fn, { cwd: dir });
    assert.equal(first.exitCode, 0, first.stderr);
    const once = await contents(dir);
    assert.equal(once.get('foreign.yaml'), foreign);
    const objects = [...once]
      .filter(([name]) => !['foreign.yaml', 'glyphoxa.yaml'].includes(name))
      .flatMap(([, text]) => objectsIn(text));
    assert.deepEqual(sorted(objects), sorted(await expected()));
    const second = await runTool(kpt, fn, { cwd: dir });
    assert.equal(second.exitCode, 0, second.stderr);
    assert.deepEqual(await contents(dir), once);
  });

  it('renders a package, replaces its own earlier output and drops what is no longer generated', async (t) => {
    const kpt = requireTool(t, 'kpt');
    if (kpt === undefined) return;
    const pipeline = `apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {name: tavern}\npipeline:\n  mutators:\n    - exec: ${functionFile}\n      configPath: glyphoxa.yaml\n`;
    const dir = await folder(t, {
      Kptfile: pipeline,
      'glyphoxa.yaml': fullResource,
      'foreign.yaml': foreign,
    });
    const render = () => runTool(kpt, ['fn', 'render', '.', '--allow-exec'], { cwd: dir });
    const first = await render();
    assert.equal(first.exitCode, 0, first.stderr);
    const before = await kinds(dir);
    assert.ok(before.includes('HorizontalPodAutoscaler') && before.includes('Glyphoxa'));
    await writeFile(
      path.join(dir, 'glyphoxa.yaml'),
      fullResource.replace('autoscaling: {enabled: true}', 'autoscaling: {enabled: false}'),
    );
    const second = await render();
    assert.equal(second.exitCode, 0, second.stderr);
    const after = await kinds(dir);
    assert.ok(!after.includes('HorizontalPodAutoscaler') && after.includes('Odd'));
    assert.equal((await contents(dir)).get('foreign.yaml'), foreign);
  });
});

describe('the KRM function by itself', () => {
  const run = (input: string) => runTool(functionFile, [], { input });

  it('replaces an object in its place and keeps the annotations that tools know it by', async () => {
    const own = `apiVersion: v1
kind: Service
metadata:
  name: tavern-gateway
  namespace: games
  labels: {app.kubernetes.io/managed-by: glyphoxa-kustomize, app.kubernetes.io/instance: tavern}
  annotations: {internal.config.kubernetes.io/path: svc.yaml, mine: gone}
spec: {stale: true}
`;
    const { stdout, exitCode, stderr } = await run(resourceList(`${foreign}---\n${own}`, fullResource));
    assert.equal(exitCode, 0, stderr);
    const [list] = parseYaml(stdout) as { items: JsonObject[] }[];
    const service = list?.items[2] as { kind: string; metadata: { annotations: object }; spec: object };
    assert.equal(service.kind, 'Service');
    assert.deepEqual(service.metadata.annotations, {
      'internal.config.kubernetes.io/path': 'svc.yaml',
      'kustomize.toolkit.fluxcd.io/substitute': 'disabled',
    });
    assert.ok(!('stale' in service.spec));
    assert.equal(
      list?.items.filter(
        ({ kind, metadata }) => kind === 'Service' && (metadata as JsonObject).name === 'tavern-gateway',
      ).length,
      1,
    );
    for (const text of ['# a comment of somebody else', '1.10', '0755', '12345678901234567890', 'on: yes']) {
      assert.ok(stdout.includes(text), `${text} is lost`);
    }
  });

  it('tells warnings as results, with code, value and resource', async () => {
    const config = fullResource.replace(
      'spec:\n',
      'spec:\n  database: {dsn: {secretKeyRef: {name: a, key: b}}}\n  worker: {resourceProfile: local-llm, gpu: {enabled: false}}\n',
    );
    const { stdout, stderr, exitCode } = await run(resourceList('', config));
    assert.equal(exitCode, 0, stderr);
    const { results, items } = JSON.parse(stdout) as { results: JsonObject[]; items: object[] };
    assert.ok(items.length > 5);
    const result = results.find(({ tags }) => isObject(tags) && String(tags.code).startsWith('gpu'));
    assert.equal(result?.severity, 'warning');
    assert.deepEqual(result?.resourceRef, {
      apiVersion: 'deploy.glyphoxa.io/v1alpha1',
      kind: 'Glyphoxa',
      name: 'tavern',
      namespace: 'games',
    });
    assert.match(JSON.stringify(result?.field), /spec\.worker/);
  });

  it('hands a list that it cannot work on back unchanged, with the errors as results', async () => {
    const { stdout, stderr, exitCode } = await run(
      resourceList(foreign, fullResource.replace('build-17', '":"')),
    );
    assert.equal(exitCode, 1);
    assert.match(stderr, /error invalid-value: spec\.core\.image\.tag/);
    const [list] = parseYaml(stdout) as { items: JsonObject[]; results: JsonObject[] }[];
    assert.deepEqual(
      list?.items.map(({ kind }) => kind),
      ['ConfigMap', 'Odd'],
    );
    assert.equal(list?.results[0]?.severity, 'error');
  });

  for (const [what, code, input] of [
    ['no YAML', 'syntax', 'a: [\n'],
    ['nothing', 'no-resource-list', ''],
    ['something else', 'no-resource-list', 'kind: Pod\n'],
    ['items that are no objects', 'no-resource-list', 'kind: ResourceList\nitems: [1]\n'],
    ['200,000 opening brackets', 'too-deep', '['.repeat(200_000)],
    ['200,000 opening braces', 'too-deep', '{'.repeat(200_000)],
    ['100,000 lists in lists', 'too-deep', `${'- '.repeat(100_000)}a\n`],
    [
      'aliases that stand for billions',
      'anchor',
      `a0: &a0 [x, x]\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]\n`).join('')}`,
    ],
  ] as const) {
    it(`refuses ${what} in words, with an empty standard output`, async () => {
      const { stdout, stderr, exitCode } = await run(input);
      assert.equal(exitCode, 1);
      assert.equal(stdout, '');
      assert.match(stderr, new RegExp(`^error ${code}: standard input: .+; .+\\n$`));
      assert.doesNotMatch(stderr, /at .*:\d+:\d+/);
    });
  }

  it('asks for a function config', async () => {
    const { exitCode, stderr } = await run(
      'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n',
    );
    assert.equal(exitCode, 1);
    assert.match(stderr, /missing-config/);
  });

  it('ends well where its reader takes no more, early or at once', async (t) => {
    // more than a pipe holds
    const large = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: ${'x'.repeat(300_000)}}\n`;
    const dir = await folder(t, { list: resourceList(large, fullResource) });
    for (const [reader, taken] of [
      ['head -c 1', 'a'],
      [':', ''],
      ['exec <&-', ''],
    ] as const) {
      const script = `{ "$0" <list; echo "$?" >&2; } | ${reader}`;
      const { stdout, stderr } = await runTool('/bin/sh', ['-c', script, functionFile], { cwd: dir });
      assert.deepEqual([stdout, stderr], [taken, '0\n'], reader);
    }
  });

  it('says what it is', async () => {
    const { stdout, exitCode } = await runTool(functionFile, ['--help']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /As a KRM function[\s\S]*As a classic/);
  });
});

async function contents(dir: string): Promise<Map<string, string>> {
  const names = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  const files = names
    .map((entry) => path.relative(dir, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
  return new Map(
    await Promise.all(
      files.map(async (name) => [name, await readFile(path.join(dir, name), 'utf8')] as const),
    ),
  );
}

async function kinds(dir: string): Promise<string[]> {
  return [...(await contents(dir)).values()].flatMap((text) =>
    objectsIn(text).map(({ kind }) => String(kind)),
  );
}

function sorted(objects: readonly JsonObject[]): JsonObject[] {
  const key = ({ kind, metadata }: JsonObject) => `${kind} ${(metadata as JsonObject).name}`;
  return objects
    .map((object) => ({ ...object, metadata: withoutToolAnnotations(object.metadata as JsonObject) }))
    .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function withoutToolAnnotations(metadata: JsonObject): JsonObject {
  const { annotations, ...rest } = metadata;
  const kept = Object.entries(isObject(annotations) ? annotations : {}).filter(
    ([key]) => !/config\.(?:kubernetes|k8s)\.io|kpt\.dev/.test(key),
  );
  return kept.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(kept) };
}
