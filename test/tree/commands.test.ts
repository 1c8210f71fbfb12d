import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { run } from '../../generator/cli/main.ts';
import { isObject, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import type { ObjectDiff } from '../../generator/tree/overlay-diff.ts';
import { fakeIo, runCli } from '../support/fake-io.ts';
import { tells } from '../support/findings.ts';
import { findTool, requireKustomizers } from '../support/tools.ts';
import { generateIn, get, layer, makeFolder, makeTree, minimal, put, snapshot } from './folder.ts';
import { build, configOf, differences, expectedObjects } from './law.ts';

const toolPath = () => path.dirname(findTool('kustomize') as string);

test('generate lists what it writes, and says so when there is nothing to do', async (t) => {
  const cwd = makeFolder(t, { 'glyphoxa.yaml': minimal, 'overlays/prod/config.yaml': layer('prod') });
  const stale = await runCli(['generate', '--check'], { cwd });
  assert.equal(stale.exitCode, 1);
  assert.match(stale.stdout, /^create base\/kustomization.yaml$/m);
  assert.match(stale.stderr, /"glyphoxa-kustomize generate"/);
  assert.ok(!existsSync(path.join(cwd, 'base')));

  const written = await runCli(['generate'], { cwd });
  assert.deepEqual([written.exitCode, written.stdout], [0, stale.stdout]);
  const again = await runCli(['generate', '--check'], { cwd });
  assert.deepEqual([again.exitCode, again.stdout, again.stderr], [0, '', 'the tree is up to date\n']);
});

test('generate shows an edit as a diff and how to keep it', async (t) => {
  const cwd = await makeTree(t);
  put(cwd, 'base/gateway-service.yaml', `${get(cwd, 'base/gateway-service.yaml')}mine: true\n`);
  const { exitCode, stdout, stderr } = await runCli(['generate'], { cwd });
  assert.deepEqual([exitCode, stdout], [1, '']);
  assert.match(stderr, /^\+mine: true$/m);
  tells(stderr, 'error edited', 'base/gateway-service.yaml', 'hint:');
  assert.equal((await runCli(['generate', '--force'], { cwd })).exitCode, 0);
});

test('generate names the place of an error in a layer, with its line', async (t) => {
  const cwd = await makeTree(t);
  put(cwd, 'overlays/prod/config.yaml', layer('prod', 'spec:\n  gateway:\n    replicas: 1\n'));
  const { exitCode, stderr } = await runCli(['generate'], { cwd });
  assert.equal(exitCode, 1);
  assert.match(stderr, /^overlays\/prod\/config.yaml:7:5: error unknown-field: .*\n +7 \| +replicas: /m);
});

test('overlay create makes an environment that builds to what generate returns', async (t) => {
  const kustomizers = requireKustomizers(t);
  if (kustomizers === undefined) return;
  const cwd = await makeTree(t);
  const words = ['overlay', 'create', 'acme', '--topology', 'dedicated'];
  const sets = [
    'core.image.tag=0.1',
    'spec.gateway.ports.admin=8888',
    'worker.nodeSelector={disk: ssd}',
    'networkPolicy.enabled=false',
  ];
  const { exitCode, stdout, stderr } = await runCli([...words, ...sets.flatMap((set) => ['--set', set])], {
    cwd,
  });
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /^create overlays\/acme\/config.yaml$/m);
  const [config] = parseYaml(get(cwd, 'overlays/acme/config.yaml'));
  assert.ok(isObject(config));
  assert.deepEqual(config, {
    apiVersion: 'deploy.glyphoxa.io/v1alpha1',
    kind: 'Glyphoxa',
    metadata: { namespace: 'glyphoxa-acme' },
    spec: {
      core: { topology: 'dedicated', image: { tag: '0.1' } },
      gateway: { ports: { admin: 8888 } },
      worker: { nodeSelector: { disk: 'ssd' } },
      networkPolicy: { enabled: false },
    },
  });
  const [resource] = parseYaml(minimal);
  assert.ok(isObject(resource));
  const built = await build(
    kustomizers.at(-1) as (typeof kustomizers)[number],
    path.join(cwd, 'overlays/acme'),
  );
  assert.deepEqual(differences(built, expectedObjects(configOf(resource, config))), []);
});

for (const [what, words, code] of [
  ['a name that is taken', ['prod'], 'overlay-exists'],
  ['a name that leaves the folder', ['../x'], 'environment-name'],
  ['an unknown path', ['new', '--set', 'gateway.replicas=1'], 'unknown-path'],
  ['a wrong value', ['new', '--set', 'gateway.replicaCount=-1'], 'out-of-range'],
  ['a value of the wrong type', ['new', '--set', 'gateway.replicaCount=many'], 'wrong-type'],
  ['a set without value', ['new', '--set', 'gateway.replicaCount'], 'wrong-assignment'],
  ['the namespace of another', ['new', '--set', 'metadata.namespace=prod'], 'same-target'],
  ['another release', ['new', '--set', 'metadata.name=other'], 'other-release'],
] as const) {
  test(`overlay create with ${what} writes nothing`, async (t) => {
    const cwd = await makeTree(t);
    const before = snapshot(cwd);
    const { exitCode, stdout, stderr } = await runCli(['overlay', 'create', ...words], { cwd });
    assert.deepEqual([exitCode, stdout], [1, '']);
    assert.match(stderr, new RegExp(`error ${code}: `));
    assert.deepEqual(snapshot(cwd), before);
  });
}

test('overlay list names the image that runs', async (t) => {
  const cwd = await makeTree(t, {
    'overlays/a/config.yaml': layer('a'),
    'overlays/b/config.yaml': layer(
      'b',
      'spec:\n  core: { topology: dedicated }\n  mcpGateway: { enabled: false }\n',
    ),
  });
  const kustomization = 'overlays/a/kustomization.yaml';
  put(
    cwd,
    kustomization,
    `${get(cwd, kustomization)}images:\n- name: ghcr.io/mrwong99/glyphoxa\n  newTag: "7"\n`,
  );
  const text = await runCli(['overlay', 'list'], { cwd });
  assert.equal(
    text.stdout,
    [
      'NAME  NAMESPACE  TOPOLOGY   IMAGE                                      COMPONENTS',
      'a     a          shared     ghcr.io/mrwong99/glyphoxa:7                mcp-gateway, network-policy, mcp-network-policy',
      'b     b          dedicated  ghcr.io/mrwong99/glyphoxa:no-image-chosen  network-policy',
      '',
    ].join('\n'),
  );
  const json = JSON.parse((await runCli(['overlay', 'list', '-o', 'json'], { cwd })).stdout) as {
    name: string;
  }[];
  assert.deepEqual(
    json.map(({ name }) => name),
    ['a', 'b'],
  );
});

test('overlay diff says what differs, by object and field', async (t) => {
  const cwd = await makeTree(t, {
    'overlays/a/config.yaml': layer('a', 'spec:\n  core: { createNamespace: true }\n'),
    'overlays/b/config.yaml': layer(
      'b',
      'spec:\n  core: { createNamespace: true }\n  gateway: { replicaCount: 5, ports: { admin: 8888 } }\n  mcpGateway: { enabled: false }\n  config: { campaign: { name: Quest } }\n',
    ),
  });
  const diffs = JSON.parse(
    (await runCli(['overlay', 'diff', 'a', 'b', '-o', 'json'], { cwd })).stdout,
  ) as ObjectDiff[];
  const removed = diffs.filter(({ what }) => what === 'removed').map(({ object }) => object);
  assert.deepEqual(removed.sort(), [
    'ConfigMap glyphoxa-mcp-gateway',
    'Deployment glyphoxa-mcp-gateway',
    'NetworkPolicy glyphoxa-mcp-gateway',
    'NetworkPolicy glyphoxa-worker-mcp',
    'Service glyphoxa-mcp-gateway',
  ]);
  const gateway = diffs.find(({ object }) => object === 'Deployment glyphoxa-gateway');
  assert.deepEqual(gateway?.fields, [
    { path: ['spec', 'replicas'], before: 3, after: 5 },
    {
      path: ['spec', 'template', 'spec', 'containers', 'gateway', 'ports', 'admin', 'containerPort'],
      before: 8081,
      after: 8888,
    },
  ]);
  const config = diffs.find(({ object }) => object === 'ConfigMap glyphoxa-config');
  assert.deepEqual(
    config?.fields.map(({ path: at, after }) => [at.join('/'), after]),
    [
      ['data/config.yaml/campaign', { name: 'Quest' }],
      ['data/config.yaml/server', { listen_addr: ':8888' }],
    ],
  );

  const text = await runCli(['overlay', 'diff', 'a', 'b'], { cwd });
  assert.match(text.stdout, /^~ Deployment glyphoxa-gateway\n {4}spec\.replicas\n {6}- 3\n {6}\+ 5\n/m);
  const same = await runCli(['overlay', 'diff', 'a', 'a'], { cwd });
  assert.deepEqual([same.exitCode, same.stdout], [0, '']);
  const unknown = await runCli(['overlay', 'diff', 'a', 'bb'], { cwd });
  assert.equal(unknown.exitCode, 1);
  tells(unknown.stderr, 'error unknown-overlay', 'hint:');
});

test('overlay diff never shows a secret', async (t) => {
  const canary = 'canary-4711';
  const secret = (value: string) =>
    `spec:\n  secrets: { provider: kubernetes }\n  gateway: { adminKey: { value: ${value} } }\n  database: { dsn: { fromEnv: DSN } }\n`;
  const cwd = await makeTree(t, {
    'overlays/a/config.yaml': layer('a', secret(canary)),
    'overlays/b/config.yaml': layer('b', secret(`${canary}-2`)),
    'overlays/c/config.yaml': layer('c'),
  });
  for (const words of [
    ['a', 'b'],
    ['a', 'c'],
    ['c', 'a', '-o', 'json'],
  ]) {
    const { stdout, stderr } = await runCli(['overlay', 'diff', ...words], { cwd });
    assert.ok(!`${stdout}${stderr}`.includes(canary));
  }
  for (const [file, text] of snapshot(cwd)) {
    if (!file.endsWith('/config.yaml')) assert.ok(!text.includes(canary), `${file} holds no secret`);
  }
});

test('check says that an environment is consistent, and fails where it is not', async (t) => {
  if (requireKustomizers(t) === undefined) return;
  const cwd = await makeTree(t);
  const env = { ...process.env, PATH: toolPath() };
  const good = await runCli(['check', 'overlays/prod'], { cwd, env });
  assert.deepEqual([good.exitCode, good.stdout, good.stderr], [0, '', 'overlays/prod: consistent\n']);
  put(cwd, 'outer/kustomization.yaml', 'namePrefix: x-\nresources: [../overlays/prod]\n');
  const wrong = await runCli(['check', 'outer', '-o', 'json'], { cwd, env });
  assert.equal(wrong.exitCode, 1);
  assert.ok((JSON.parse(wrong.stdout) as { errors: number }).errors > 0);
  const missing = await runCli(['check', 'nowhere'], { cwd, env });
  assert.equal(missing.exitCode, 1);
  assert.match(missing.stdout, /error no-environment: /);
  const none = await runCli(['check', 'overlays/prod'], { cwd, env: { PATH: '/nowhere' } });
  assert.match(none.stdout, /^error no-kustomize: /m);
});

test('check of an overlay whose base is missing says how to get it', async (t) => {
  if (requireKustomizers(t) === undefined) return;
  const cwd = await makeTree(t);
  const { rmSync } = await import('node:fs');
  rmSync(path.join(cwd, 'base'), { recursive: true });
  const { exitCode, stdout } = await runCli(['check', 'overlays/prod'], {
    cwd,
    env: { ...process.env, PATH: toolPath() },
  });
  assert.equal(exitCode, 1);
  assert.match(stdout, /hint: .*"glyphoxa-kustomize generate"/);
  await generateIn(cwd);
  assert.ok(existsSync(path.join(cwd, 'base/kustomization.yaml')));
});

test('init begins a repository whose environments build', async (t) => {
  const kustomizers = requireKustomizers(t);
  if (kustomizers === undefined) return;
  const cwd = makeFolder(t);
  const { exitCode, stdout, stderr } = await runCli(['init', 'new folder', '--name', 'bards'], { cwd });
  assert.equal(exitCode, 0, stderr);
  assert.equal(stdout, '');
  const files = snapshot(path.join(cwd, 'new folder'));
  for (const file of [
    'glyphoxa.yaml',
    '.gitignore',
    '.gitattributes',
    '.vscode/settings.json',
    '.github/workflows/glyphoxa.yaml',
    'README.md',
  ])
    assert.ok(files.has(file), file);
  assert.ok(!files.has('kustomization.yaml'), 'the plugin is for who asks for it');
  assert.equal((await runCli(['generate', '--check', 'new folder'], { cwd })).exitCode, 0);
  const validated = await runCli(['validate', 'new folder', 'new folder/overlays', '--strict'], { cwd });
  assert.equal(validated.exitCode, 0, validated.stdout);
  for (const name of ['production', 'staging']) {
    for (const kustomize of kustomizers.slice(-2))
      await build(kustomize, path.join(cwd, 'new folder/overlays', name));
  }
  const again = await runCli(['init', 'new folder'], { cwd });
  assert.equal(again.exitCode, 1);
  assert.deepEqual(snapshot(path.join(cwd, 'new folder')), files);
});

test('init says in a few lines what it began and what comes next, and with -v each file', async (t) => {
  const cwd = makeFolder(t);
  const { stderr } = await runCli(['init', 'a', '--image', 'r.example.com/g:1'], { cwd });
  assert.equal(
    stderr,
    `begun: glyphoxa, shared topology, 2 environments
  a/glyphoxa.yaml                    what all of them share
  a/overlays/production/config.yaml  what production changes of it
  a/overlays/staging/config.yaml     what staging changes of it
next:
  1. say in a/glyphoxa.yaml what it works with, then "glyphoxa-kustomize generate a"
  2. write its secrets with "glyphoxa-kustomize secrets init production --dir=a"
  3. deploy it with "glyphoxa-kustomize apply production --dir=a"
`,
  );
  const verbose = await runCli(['init', 'b', '--plugin', '-v'], { cwd });
  for (const file of ['glyphoxa.yaml', 'kustomization.yaml', 'overlays/staging/config.yaml'])
    assert.ok(verbose.stderr.includes(`· create b/${file}`), file);
  assert.match(get(cwd, 'b/kustomization.yaml'), /generators:\n {2}- glyphoxa.yaml\n/);
});

test('init --single is for one machine: one pod of each workload, the database beside it, its Secret from a file', async (t) => {
  const cwd = makeFolder(t);
  const { exitCode, stderr } = await runCli(['init', '--single', '--image', 'r.example.com/g:1'], { cwd });
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /3\. .* "glyphoxa-kustomize apply production --infrastructure"\n$/);
  const { stdout } = await runCli(['build', 'overlays/production'], {
    cwd,
    env: { GLYPHOXA_ADMIN_KEY: 'k' },
  });
  const objects = parseYaml(stdout) as unknown as { kind: string; spec?: JsonObject }[];
  const deployments = objects.filter(({ kind }) => kind === 'Deployment');
  assert.deepEqual(
    deployments.map(({ spec }) => spec?.replicas),
    [1, 1],
  );
  assert.ok(!stdout.includes('podAntiAffinity'));
  assert.ok(
    objects.some(({ kind }) => kind === 'Namespace') && objects.some(({ kind }) => kind === 'Secret'),
  );
  assert.match(get(cwd, 'infrastructure/database/postgresql-cluster.yaml'), /instances: 1\n/);
  const secrets = await runCli(['secrets', 'init', 'production'], { cwd });
  assert.equal(secrets.exitCode, 0, secrets.stderr);
  assert.match(secrets.stderr, /^made up: admin-key\n$/);
});

test('init takes name, topology, environments and image from options, or asks for those on a terminal', async (t) => {
  const cwd = makeFolder(t);
  const asked = async (dir: string, typed: string, ...options: string[]) => {
    const { io, printed } = fakeIo({ cwd, stdin: typed });
    const code = await run(['init', dir, ...options], { ...io, isTTY: true });
    return { code, stderr: printed().stderr };
  };
  const typed = await asked('typed', 'bards\ndedicated\nlive, test\nr.example.com/g:1\n');
  assert.equal(typed.code, 0, typed.stderr);
  const options = [
    '--name=bards',
    '--topology=dedicated',
    '--environments=live,test',
    '--image=r.example.com/g:1',
  ];
  const given = await asked('given', '', ...options);
  assert.equal(given.code, 0, given.stderr);
  assert.ok(!given.stderr.includes('Name of the release'), 'nothing is asked twice');
  assert.deepEqual(snapshot(path.join(cwd, 'given')), snapshot(path.join(cwd, 'typed')));
  const empty = await asked('empty', '\n\n\n\n');
  assert.deepEqual([empty.code, /warning no-image/.test(empty.stderr)], [0, true]);
  await runCli(['init', 'plain'], { cwd });
  assert.deepEqual(snapshot(path.join(cwd, 'empty')), snapshot(path.join(cwd, 'plain')));
  const wrong: [dir: string, typed: string, says: RegExp][] = [
    ['w1', 'Bards!\n\n\n\n', /error release-name/],
    ['w2', '\nboth\n\n\n', /error topology: "both" /],
    ['w3', '\n\nA,infrastructure\n\n', /error environment-name: "A" [\s\S]*\binfrastructure\b/],
    ['w4', '\n\n\nhttps://r\n', /error image/],
  ];
  for (const [dir, answers, says] of wrong) {
    const { code, stderr } = await asked(dir, answers);
    assert.match(stderr, says);
    assert.equal(code, 1);
    assert.ok(!existsSync(path.join(cwd, dir, 'glyphoxa.yaml')));
  }
  const long = 'x'.repeat(40);
  const alike = await runCli(
    ['init', 'alike', '--name', 'y'.repeat(30), '--environments', `a,${long}-1,${long}-2`],
    { cwd },
  );
  assert.match(alike.stderr, /error environment-name: /);
});

test('init pins the image that it is given, and says where none is named', async (t) => {
  const cwd = makeFolder(t);
  const digest = `sha256:${'ab'.repeat(32)}`;
  const given = await runCli(['init', 'a', '--image', `r.example.com:5000/g:dev@${digest}`], { cwd });
  assert.equal(given.exitCode, 0, given.stderr);
  assert.ok(!given.stderr.includes('no-image'));
  const { spec } = parseYaml(get(cwd, 'a/glyphoxa.yaml'))[0] as { spec: JsonObject };
  assert.deepEqual(spec, { core: { image: { repository: 'r.example.com:5000/g', tag: 'dev', digest } } });
  assert.match((await runCli(['init', 'c'], { cwd })).stderr, /warning no-image: /);
  const wrong = await runCli(['init', 'd', '--image', 'https://r/g'], { cwd });
  assert.match(wrong.stderr, /error image: /);
  assert.equal(wrong.exitCode, 1);
  const other = await runCli(['init', 'e', '--image', 'ghcr.io/mrwong99/glyphoxa:v0.7.0'], { cwd });
  tells(other.stderr, 'error other-generation', 'spec.core.image.tag', '"v0.7.0"');
  assert.equal(other.exitCode, 1);
  assert.deepEqual(
    ['d', 'e'].map((folder) => existsSync(path.join(cwd, folder))),
    [false, false],
    'a folder that it made is taken back',
  );
});

test('init keeps files that exist, and says what they should hold', async (t) => {
  const cwd = makeFolder(t, { '.gitignore': 'mine\n', 'README.md': '# Mine\n' });
  const { exitCode, stderr } = await runCli(['init'], { cwd });
  assert.equal(exitCode, 0);
  assert.equal(get(cwd, '.gitignore'), 'mine\n');
  tells(stderr, 'warning kept', '.gitignore', 'secrets.env');
});

test('init refuses a name that no release can have', async (t) => {
  const cwd = makeFolder(t);
  const { exitCode, stderr } = await runCli(['init', '--name', 'Bards!'], { cwd });
  assert.equal(exitCode, 1);
  assert.match(stderr, /error release-name: /);
  assert.deepEqual(snapshot(cwd), new Map());
});

test('overlay create keeps all digits of what is set, or asks for quotes', async (t) => {
  const cwd = await makeTree(t);
  const create = (...assignments: string[]) =>
    runCli(['overlay', 'create', 'new', ...assignments.flatMap((each) => ['--set', each])], { cwd });
  const annotation = 'spec.worker.podPatch.metadata.annotations.id';
  const plain = await create(`${annotation}=123456789012345678`);
  assert.equal(plain.exitCode, 1);
  assert.match(plain.stderr, /error digits-lost: spec\.worker\.podPatch/);
  assert.ok(!existsSync(path.join(cwd, 'overlays/new')));
  const guild = 'spec.config.providers.audio.options.guild_id=123456789012345678';
  const quoted = await create(`${annotation}="123456789012345679"`, guild);
  assert.equal(quoted.exitCode, 0, quoted.stderr);
  const text = get(cwd, 'overlays/new/config.yaml');
  assert.match(text, /guild_id: "123456789012345678"/);
  assert.match(text, /id: "123456789012345679"/);
});
