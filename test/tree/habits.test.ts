/** What people's tools do to a written tree: formatters, git, renames, `kustomize edit`. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { execa } from 'execa';
import { Failure } from '../../generator/model/finding.ts';
import type { JsonObject } from '../../generator/model/json.ts';
import { initTree } from '../../generator/tree/init.ts';
import { sumOf } from '../../generator/tree/sums.ts';
import { requireKustomizers, requireTool } from '../support/tools.ts';
import { generateIn, get, layer, makeFolder, makeTree, minimal, put, snapshot, treeIn } from './folder.ts';
import { build } from './law.ts';

const sums = '.glyphoxa-kustomize.sum';
const charts = 'https://cloudnative-pg.github.io/charts';
const kustomization = 'overlays/prod/kustomization.yaml';
const busy = layer(
  'prod',
  `spec:
  core: { image: { repository: example.com/app, tag: v1 } }
  gateway: { replicaCount: 5 }
  config: { server: { log_level: debug } }
  worker:
    podPatch:
      spec:
        containers:
          - { name: worker }
          - { name: side, image: "example.com/app:v1", args: ["it's", "# no comment"] }
`,
);

const ciphertext = Buffer.concat([Buffer.from([2, 0]), Buffer.alloc(560, 7)]).toString('base64');

/** A tree with everything that can be in one. */
const everyKind = {
  'glyphoxa.yaml': `${minimal}spec:
  autoscaling: { enabled: true }
  monitoring: { enabled: true }
  postgresql: { enabled: true }
  sealedSecrets: { enabled: true }
`,
  'overlays/prod/config.yaml': busy,
  'overlays/kube/config.yaml': layer(
    'kube',
    `spec:
  ingress: { enabled: true, host: a.example.com, tlsSecret: tls, controllerNamespace: ingress }
  gateway: { adminKey: { fromEnv: A } }
  database: { dsn: { fromEnv: B } }
  secrets: { provider: kubernetes, providerKeys: { deepgram: { fromEnv: C } } }
  config: { providers: { stt: { name: deepgram } } }
`,
  ),
  'overlays/kube/secrets.env': 'admin-key=a\ndatabase-dsn=postgres://u:p@db/g\ndeepgram-api-key=d\n',
  'overlays/kube/secrets/config.yaml': 'server: {}\n',
  'overlays/sealed/config.yaml': layer(
    'sealed',
    `spec: { secrets: { provider: sealed-secrets, sealed: { admin-key: "${ciphertext}" } } }\n`,
  ),
  'overlays/ext/config.yaml': layer(
    'ext',
    `spec:
  secrets:
    provider: external-secrets
    external: { storeRef: { name: vault }, keys: { admin-key: { key: a } } }
`,
  ),
  'tenants.yaml': `apiVersion: deploy.glyphoxa.io/v1alpha1
kind: GlyphoxaFleet
template: prod
engine: { flux: { source: { kind: GitRepository, name: deployment } } }
defaults: { defaultDeny: true, resourceQuota: { hard: { pods: "20" } } }
tenants:
  acme: { labels: { plan: "1e3" }, spec: { gateway: { replicaCount: 4 } } }
  moved: { release: glyphoxa-moved }
`,
};

/** The folders of it that are built. */
const kinds = [
  ...['prod', 'kube', 'sealed', 'ext'].map((name) => `overlays/${name}`),
  ...['acme', 'moved'].map((id) => `tenants/${id}`),
  'infrastructure/database',
];

/** What folders build to with the newest kustomize, and one folder with the oldest too, which must agree. */
async function built(t: TestContext, folder: string, folders = ['overlays/prod']): Promise<unknown> {
  const all = requireKustomizers(t);
  if (all === undefined) return undefined;
  const results = await Promise.all(
    (folders.length > 1 ? [all.at(-1)] : [all[0], all.at(-1)]).map((kustomize) =>
      Promise.all(folders.map((each) => build(kustomize as never, path.join(folder, each)))),
    ),
  );
  assert.deepEqual(results[0], results.at(-1));
  return results[0];
}

const formatters: { readonly [name: string]: (t: TestContext, folder: string) => Promise<unknown> } = {
  prettier: async (_, cwd) => execa({ cwd })`${path.resolve('node_modules/.bin/prettier')} --write .`,
  yamlfmt: async (t, cwd) => {
    const yamlfmt = requireTool(t, 'yamlfmt');
    return yamlfmt === undefined ? undefined : execa({ cwd })`${yamlfmt} .`;
  },
  'hooks for line ends and spaces': async (_, cwd) => {
    for (const [file, text] of snapshot(cwd)) {
      put(cwd, file, `${text.replace(/[ \t]+$/gm, '').replace(/\n*$/, '')}\n`);
    }
  },
  'single quotes and folded lines': async (_, cwd) =>
    execa({
      cwd,
    })`${path.resolve('node_modules/.bin/prettier')} --write --single-quote --prose-wrap always .`,
  'kustomize edit fix': async (t, folder) => {
    const kustomize = requireTool(t, 'kustomize');
    if (kustomize === undefined) return;
    const files = [...snapshot(folder).keys()].filter((file) => path.basename(file) === 'kustomization.yaml');
    for (const file of files)
      await execa({ cwd: path.join(folder, path.dirname(file)) })`${kustomize} edit fix`;
  },
};

for (const [what, format] of Object.entries(formatters)) {
  test(`what is built stays, and nothing counts as edited, after ${what}`, async (t) => {
    const folder = await makeTree(t, everyKind);
    const before = await built(t, folder, kinds);
    await format(t, folder);
    assert.deepEqual(await built(t, folder, kinds), before);
    assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
    const formatted = get(folder, 'base/gateway-deployment.yaml');
    await generateIn(folder);
    assert.equal(get(folder, 'base/gateway-deployment.yaml'), formatted, 'a formatted file stays');
    put(folder, 'glyphoxa.yaml', `${minimal}spec: { mcpGateway: { replicaCount: 4 } }\n`);
    put(folder, 'overlays/prod/config.yaml', layer('prod'));
    await generateIn(folder);
    assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
  });
}

test('all that is written counts as generated, but for what people edit', async (t) => {
  const folder = makeFolder(t);
  await initTree(treeIn(folder), { image: 'example.com/glyphoxa:0.9.8' });
  for (const [file, text] of Object.entries(everyKind)) put(folder, file, text);
  const { changes } = await generateIn(folder);
  await execa({ cwd: folder })`git init -q`;
  const input = changes.map(({ path: file }) => file).join('\n');
  const { stdout } = await execa({ cwd: folder, input })`git check-attr linguist-generated --stdin`;
  const others = stdout.split('\n').filter((line) => !line.endsWith(': linguist-generated: set'));
  assert.deepEqual(
    others
      .map((line) => line.replace(/: .*/, ''))
      .filter((file) => !/^overlays\/[^/]+\/kustomization\.yaml$/.test(file)),
    [],
  );
  assert.ok(changes.some(({ path: file }) => file.startsWith('engine/')));
});

test('a worker template that lost its quotes fails the build', async (t) => {
  const all = requireKustomizers(t);
  if (all === undefined) return;
  const folder = await makeTree(t, { 'overlays/prod/config.yaml': layer('prod') });
  const file = 'base/worker-job-template-config-map.yaml';
  put(folder, file, get(folder, file).replaceAll("'", '"'));
  for (const kustomize of [all[0], all.at(-1)]) {
    const { exitCode } = (await kustomize?.build(path.join(folder, 'overlays/prod'))) ?? {};
    assert.notEqual(exitCode, 0, kustomize?.name);
  }
});

test('an edit changes the lines that it is about, and moves every image of the application', async (t) => {
  const kustomize = requireTool(t, 'kustomize');
  if (kustomize === undefined) return;
  const folder = await makeTree(t, { 'overlays/prod/config.yaml': busy });
  const before = get(folder, kustomization);
  const cwd = path.join(folder, 'overlays/prod');
  await execa({ cwd })`${kustomize} edit set image example.com/app=example.com/g:2`;
  assert.equal(
    get(folder, kustomization),
    `${before}images:\n- name: example.com/app\n  newName: example.com/g\n  newTag: "2"\n`,
  );
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
  const text = JSON.stringify(await built(t, folder));
  assert.equal(text.match(/example\.com\/g:2/g)?.length, 4, 'both gateways, worker and sidecar');
  assert.doesNotMatch(text, /example\.com\/app/);
});

test('a namespace that kustomize was told alone is told where it belongs, and then agrees', async (t) => {
  const kustomize = requireTool(t, 'kustomize');
  if (kustomize === undefined) return;
  const folder = await makeTree(t, { 'overlays/prod/config.yaml': busy });
  await execa({ cwd: path.join(folder, 'overlays/prod') })`${kustomize} edit set namespace choir`;
  // what else is to be written makes no difference to who set the namespace
  put(folder, 'glyphoxa.yaml', `${minimal}spec: { mcpGateway: { enabled: false } }\n`);
  const error = await generateIn(folder).catch((reason: unknown) => reason);
  assert.ok(error instanceof Failure);
  assert.match(error.message, /"choir".* metadata\.namespace: "choir" /);
  put(folder, 'glyphoxa.yaml', minimal);
  put(folder, 'overlays/prod/config.yaml', busy.replace('namespace: prod', 'namespace: "choir"'));
  await generateIn(folder);
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
});

test('a chart version that no file states may be raised where Renovate finds it, and nothing else may', async (t) => {
  const folder = await makeTree(t, everyKind);
  const operators = 'infrastructure/operators/kustomization.yaml';
  const written = get(folder, operators);
  const withVersion = (version: string) => put(folder, operators, written.replace('0.29.0', version));
  const changes = async () => (await generateIn(folder, { check: true })).changes.map(({ path }) => path);

  withVersion('0.30.0');
  assert.deepEqual(await changes(), []);
  // it stays, and is what the environments' infrastructure is
  await generateIn(folder);
  assert.match(get(folder, operators), /version: "?0\.30\.0/);
  const { inputs } = await generateIn(folder, { check: true });
  for (const { config } of [inputs, ...inputs.environments])
    assert.equal(config.spec.postgresql.charts.operator.version, '0.30.0');

  for (const version of ['0.28.0', 'latest', '0.30.0"\n  repo: "https://elsewhere.example.com']) {
    withVersion(version);
    assert.deepEqual(await changes(), [operators], version);
  }
  // what is said counts
  put(
    folder,
    'glyphoxa.yaml',
    everyKind['glyphoxa.yaml'].replace(
      'postgresql: { enabled: true }',
      'postgresql: { enabled: true, charts: { operator: { version: 0.29.0 } } }',
    ),
  );
  withVersion('0.30.0');
  assert.deepEqual(await changes(), [operators]);
});

for (const namespace of ['123', '1e3', '0755']) {
  test(`the namespace "${namespace}" of a foreign ServiceAccount is a text in every build`, async (t) => {
    const spec = 'spec:\n  gateway: { serviceAccount: { create: false, name: foreign } }\n';
    const folder = await makeTree(t, { 'overlays/prod/config.yaml': layer(JSON.stringify(namespace), spec) });
    const objects = (await built(t, folder)) as JsonObject[][] | undefined;
    if (objects === undefined) return;
    const binding = objects.flat().find(({ kind }) => kind === 'RoleBinding');
    assert.deepEqual(binding?.subjects, [{ kind: 'ServiceAccount', name: 'foreign', namespace }]);
    for (const { metadata } of objects.flat()) assert.equal((metadata as JsonObject).namespace, namespace);
  });
}

test('a rename is an ordinary generate, and what the user added stays', async (t) => {
  const folder = await makeTree(t, {
    'overlays/prod/config.yaml': busy,
    'overlays/stage/config.yaml': layer('stage'),
  });
  put(folder, kustomization, `${get(folder, kustomization)}labels:\n- pairs: { team: bards }\n`);
  put(folder, 'glyphoxa.yaml', minimal.replace('name: glyphoxa', 'name: choir'));
  put(folder, 'overlays/prod/config.yaml', busy.replace('namespace: prod', 'namespace: choir'));
  rmSync(path.join(folder, 'overlays/stage'), { recursive: true });
  await generateIn(folder);
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
  const objects = await built(t, folder);
  if (objects === undefined) return;
  const text = JSON.stringify(objects);
  assert.match(text, /"team":"bards"/);
  assert.doesNotMatch(text, /glyphoxa-gateway|glyphoxa-worker/);
});

test('two branches merge, and generate after it is right', async (t) => {
  const folder = await makeTree(t, { 'overlays/prod/config.yaml': layer('prod') });
  const git = (...words: string[]) =>
    execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', '-c', 'init.defaultBranch=main', ...words], {
      cwd: folder,
    });
  put(folder, '.gitattributes', `${sums} merge=union\n`);
  put(
    folder,
    'glyphoxa.yaml',
    `${minimal}spec:\n  gateway:\n    replicaCount: 2\n  vault:\n    enabled: false\n  mcpGateway:\n    replicaCount: 2\n`,
  );
  await generateIn(folder);
  const commit = async (name: string) => {
    await git('add', '-A');
    await git('commit', '-qm', name);
  };
  await git('init', '-q');
  await commit('first');
  const resource = get(folder, 'glyphoxa.yaml');
  await git('checkout', '-qb', 'other');
  put(folder, 'glyphoxa.yaml', resource.replace('mcpGateway:\n', 'mcpGateway:\n    ports: { mcp: 8090 }\n'));
  put(
    folder,
    'overlays/prod/config.yaml',
    layer('prod', 'spec:\n  gateway:\n    resources: { limits: { memory: 1Gi } }\n'),
  );
  await generateIn(folder);
  await commit('other');
  await git('checkout', '-q', 'main');
  put(folder, 'glyphoxa.yaml', resource.replace('replicaCount: 2', 'replicaCount: 7'));
  await generateIn(folder);
  await commit('main');
  await git('merge', 'other');
  await generateIn(folder);
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
  assert.match(get(folder, 'base/gateway-deployment.yaml'), /replicas: 7/);
});

test('conflicts that are left in written files are settled by generate, in inputs they are one finding', async (t) => {
  const folder = await makeTree(t, { 'overlays/prod/config.yaml': busy });
  const conflict = (text: string) =>
    `<<<<<<< HEAD\n${text}=======\n${text.replace('prod', 'x')}>>>>>>> other\n`;
  const service = get(folder, 'base/gateway-service.yaml');
  put(folder, 'base/gateway-service.yaml', conflict(service));
  await generateIn(folder);
  assert.equal(get(folder, 'base/gateway-service.yaml'), service);
  for (const file of ['glyphoxa.yaml', 'overlays/prod/config.yaml', kustomization]) {
    const text = get(folder, file);
    put(folder, file, conflict(text));
    const error = await generateIn(folder).catch((reason: unknown) => reason);
    assert.ok(error instanceof Failure, file);
    assert.deepEqual([...new Set(error.findings.map(({ code }) => code))], ['merge-conflict'], file);
    put(folder, file, text);
  }
});

test('a tree that an earlier version wrote moves over with an ordinary generate', async (t) => {
  const folder = await makeTree(t, { 'overlays/prod/config.yaml': layer('prod') });
  const now = snapshot(folder);
  const replacement = {
    source: { fieldPath: 'image', kind: 'Deployment', name: 'glyphoxa-gateway' },
    targets: [{ select: { kind: 'ConfigMap', name: 'glyphoxa-worker-job-template' } }],
  };
  const entries = {
    components: ['mcp-gateway', 'network-policy', 'mcp-network-policy'].map(
      (name) => `../../components/${name}`,
    ),
    configMapGenerator: [{ behavior: 'replace', files: ['files/config.yaml'], name: 'glyphoxa-config' }],
    namespace: 'prod',
    replacements: [replacement],
    resources: ['../../base'],
  };
  rmSync(path.join(folder, 'overlays/prod/replacements.yaml'));
  put(folder, kustomization, JSON.stringify({ kind: 'Kustomization', ...entries, images: [] }));
  put(folder, 'overlays/prod/files/config.yaml', 'server: {}\n');
  put(
    folder,
    `overlays/prod/${sums}`,
    `${sumOf('server: {}\n')}  files/config.yaml\n${sumOf(JSON.stringify(entries))}  kustomization.yaml\n`,
  );
  await generateIn(folder);
  assert.deepEqual([...snapshot(folder).keys()], [...now.keys()]);
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
  assert.doesNotMatch(get(folder, kustomization), /configMapGenerator|ConfigMap/);
});

test('a new repository pins its image where updaters find it, and holds no schema', async (t) => {
  const folder = makeFolder(t);
  await initTree(treeIn(folder), { image: 'example.com/glyphoxa:0.9.8' });
  const file = 'overlays/production/kustomization.yaml';
  const pinned = /images:\n- name: (\S+)\n {2}newTag: (\S+)\n$/.exec(get(folder, file));
  assert.ok(pinned !== null, get(folder, file));
  put(folder, file, get(folder, file).replace(/newTag: .*/, 'newTag: 0.9.9'));
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
  assert.ok(![...snapshot(folder).keys()].some((name) => name.startsWith('schema/')));
  // where a release comes from is not set
  assert.doesNotMatch(get(folder, 'glyphoxa.yaml'), /yaml-language-server/);
});

test('what Renovate finds by the settings of a new repository it may update, and the tree agrees', async (t) => {
  const folder = makeFolder(t);
  await initTree(treeIn(folder), { image: 'example.com/glyphoxa:0.9.8' });
  put(
    folder,
    'glyphoxa.yaml',
    `${get(folder, 'glyphoxa.yaml')}  postgresql:
    enabled: true
    charts:
      operator:
        # renovate: depName=cloudnative-pg registryUrl=${charts}
        version: 0.29.0
`,
  );
  await generateIn(folder);
  const { customManagers } = JSON.parse(get(folder, 'renovate.json'));
  assert.equal(customManagers.length, 1);
  const [{ customType, managerFilePatterns, matchStrings }] = customManagers;
  assert.equal(customType, 'regex');
  // as Renovate documents it: files by the pattern between the slashes, values by named groups
  const files = [...snapshot(folder).keys()].filter((file) =>
    managerFilePatterns.some((pattern: string) => new RegExp(pattern.slice(1, -1)).test(file)),
  );
  const found = files.flatMap((file) =>
    matchStrings.flatMap((pattern: string) =>
      [...get(folder, file).matchAll(new RegExp(pattern, 'g'))].map(({ groups }) => ({ file, ...groups })),
    ),
  );
  assert.deepEqual(found, [
    { file: 'glyphoxa.yaml', depName: 'cloudnative-pg', registryUrl: charts, currentValue: '0.29.0' },
  ]);
  const update = (file: string, from: string, to: string) => {
    const text = get(folder, file);
    assert.ok(text.includes(from), `${file} has ${from}`);
    put(folder, file, text.replaceAll(from, to));
  };
  update('glyphoxa.yaml', 'version: 0.29.0', 'version: 0.30.0');
  // its kustomize manager finds charts and images in every kustomization
  update('infrastructure/operators/kustomization.yaml', '0.29.0', '0.30.0');
  for (const name of ['production', 'staging'])
    update(`overlays/${name}/kustomization.yaml`, '0.9.8', '0.9.9');
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
});
