import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Failure } from '../../generator/model/finding.ts';
import { EditedFiles } from '../../generator/tree/generate.ts';
import { sumOf, sumsFile, writeSums } from '../../generator/tree/sums.ts';
import { generateIn, get, layer, makeFolder, makeTree, minimal, put, snapshot } from './folder.ts';

const kustomization = 'overlays/prod/kustomization.yaml';

/** The codes of the findings that a promise fails with. */
async function codes(promise: Promise<unknown>): Promise<string[]> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Failure, `a Failure, not ${String(error)}`);
  return error.findings.map(({ code }) => code);
}

test('a tree that is up to date is not touched', async (t) => {
  const folder = await makeTree(t);
  const before = statSync(path.join(folder, kustomization));
  const { changes } = await generateIn(folder);
  assert.deepEqual(changes, []);
  assert.equal(statSync(path.join(folder, kustomization)).ino, before.ino);
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
});

test("what is one environment's own is never in the base, and no environment deletes it", async (t) => {
  const secrets =
    'secrets: { provider: external-secrets, external: { storeRef: { name: vault }, keys: { admin-key: { key: a }, database-dsn: { key: b } } } }';
  const folder = await makeTree(t, {
    'glyphoxa.yaml': `${minimal}spec:\n  core: { createNamespace: true }\n  ${secrets}\n`,
    'overlays/prod/config.yaml': layer('prod'),
  });
  const base = [...snapshot(path.join(folder, 'base')).values()].join('\n');
  assert.doesNotMatch(base, /kind: (?:Namespace|ExternalSecret)$/m);
  const all = [...snapshot(folder).values()].join('\n');
  assert.match(all, /kind: ExternalSecret$/m);
  assert.doesNotMatch(all, /\$patch: delete/);
});

test('an environment equal to the base has no patches and no objects of its own', async (t) => {
  const folder = await makeTree(t);
  const files = [...snapshot(path.join(folder, 'overlays/prod')).keys()];
  assert.deepEqual(files, [
    '.glyphoxa-kustomize.sum',
    'config.yaml',
    'kustomization.yaml',
    'replacements.yaml',
  ]);
});

test('a change of one value writes only the files that say it', async (t) => {
  const folder = await makeTree(t);
  put(folder, 'overlays/prod/config.yaml', layer('prod', 'spec:\n  gateway:\n    replicaCount: 5\n'));
  const { changes } = await generateIn(folder, { check: true });
  const expected = [
    { path: 'overlays/prod/patches/gateway-deployment.yaml', what: 'create' },
    { path: kustomization, what: 'change' },
  ];
  assert.deepEqual(changes, expected);
  assert.ok(!existsSync(path.join(folder, 'overlays/prod/patches')), 'a check writes nothing');
  await generateIn(folder);
  const patch = get(folder, 'overlays/prod/patches/gateway-deployment.yaml').replace(/^#.*\n/gm, '');
  assert.equal(
    patch,
    'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: glyphoxa-gateway\nspec:\n  replicas: 5\n',
  );
});

test('what an environment no longer needs is removed, with its folder', async (t) => {
  const folder = await makeTree(t, {
    'overlays/prod/config.yaml': layer('prod', 'spec:\n  gateway:\n    replicaCount: 5\n'),
  });
  put(folder, 'overlays/prod/config.yaml', layer('prod'));
  await generateIn(folder);
  assert.ok(!existsSync(path.join(folder, 'overlays/prod/patches')));
  assert.doesNotMatch(get(folder, kustomization), /^patches/m);
});

test('an edited file is shown, explained and not overwritten, unless forced', async (t) => {
  const folder = await makeTree(t);
  const file = 'base/gateway-service.yaml';
  const written = get(folder, file);
  put(folder, file, written.replace('port: 8081', 'port: 8888'));
  const edited = snapshot(folder);
  const error = await generateIn(folder).catch((reason: unknown) => reason);
  assert.ok(error instanceof EditedFiles);
  assert.match(error.diff, /^-\s+port: 8081\n\+\s+port: 8888$/m);
  assert.match(error.findings[0]?.hint ?? '', /--force/);
  assert.deepEqual(snapshot(folder), edited);
  await generateIn(folder, { force: true });
  assert.equal(get(folder, file), written);
});

test('an edit that says what would be written is none', async (t) => {
  const folder = await makeTree(t);
  put(folder, 'glyphoxa.yaml', `${minimal}spec:\n  gateway:\n    ports:\n      admin: 8888\n`);
  put(
    folder,
    'base/gateway-service.yaml',
    get(folder, 'base/gateway-service.yaml').replace('port: 8081', 'port: 8888'),
  );
  await generateIn(folder);
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
});

test('an edited file that is no longer needed is not deleted', async (t) => {
  const folder = await makeTree(t, {
    'overlays/prod/config.yaml': layer('prod', 'spec:\n  gateway:\n    replicaCount: 5\n'),
  });
  const file = 'overlays/prod/patches/gateway-deployment.yaml';
  put(folder, file, `${get(folder, file)}  paused: true\n`);
  put(folder, 'overlays/prod/config.yaml', layer('prod'));
  assert.deepEqual(await codes(generateIn(folder)), ['edited']);
  assert.match(get(folder, file), /paused/);
});

test('a file that was never written is not overwritten, not even by force', async (t) => {
  const folder = makeFolder(t, {
    'glyphoxa.yaml': minimal,
    'overlays/prod/config.yaml': layer('prod'),
    'base/gateway-service.yaml': 'mine: true\n',
  });
  const before = snapshot(folder);
  assert.deepEqual(await codes(generateIn(folder)), ['not-ours']);
  assert.deepEqual(await codes(generateIn(folder, { force: true })), ['not-ours']);
  assert.deepEqual(snapshot(folder), before);
});

test("files of the user's own beside written ones stay", async (t) => {
  const folder = await makeTree(t);
  put(folder, 'base/mine.yaml', 'mine: true\n');
  put(folder, 'overlays/prod/resources/mine.yaml', 'mine: true\n');
  put(folder, 'glyphoxa.yaml', `${minimal}spec:\n  gateway:\n    replicaCount: 7\n`);
  await generateIn(folder, { force: true });
  assert.equal(get(folder, 'base/mine.yaml'), 'mine: true\n');
  assert.equal(get(folder, 'overlays/prod/resources/mine.yaml'), 'mine: true\n');
});

test("the user's entries and comments in a kustomization stay", async (t) => {
  const folder = await makeTree(t);
  const text = get(folder, kustomization)
    .replace('namespace:', '# who we are\nlabels:\n- pairs: {team: bards} # ours\nnamespace:')
    .replace('resources:\n', 'resources:\n# our way in\n- ingress.yaml\n')
    .concat('images:\n- name: ghcr.io/mrwong99/glyphoxa\n  newTag: "2"\npatches:\n- path: mine.yaml\n');
  put(folder, kustomization, text);
  assert.deepEqual((await generateIn(folder)).changes, [], 'additions alone change nothing');
  assert.equal(get(folder, kustomization), text);

  put(folder, 'overlays/prod/config.yaml', layer('prod', 'spec:\n  gateway:\n    replicaCount: 5\n'));
  await generateIn(folder);
  const now = get(folder, kustomization);
  for (const kept of [
    '# who we are',
    '- pairs: {team: bards} # ours',
    '# our way in',
    '- ingress.yaml',
    'newTag: "2"',
  ]) {
    assert.ok(now.includes(kept), `keeps ${kept}`);
  }
  assert.match(now, /patches:\n- path: patches\/gateway-deployment.yaml\n- path: mine.yaml\n/);
});

for (const [what, edit] of [
  ['namespace', (text: string) => text.replace('namespace: prod', 'namespace: other')],
  ['component', (text: string) => text.replace(/- .*network-policy\n/, '')],
  ['replacement', (text: string) => text.replace('replacements:\n- path: replacements.yaml\n', '')],
] as const) {
  test(`an edited ${what} of a kustomization is told, not undone in silence`, async (t) => {
    const folder = await makeTree(t);
    const written = get(folder, kustomization);
    put(folder, kustomization, edit(written));
    assert.notEqual(get(folder, kustomization), written);
    assert.deepEqual(await codes(generateIn(folder)), ['edited']);
    await generateIn(folder, { force: true });
    assert.equal(get(folder, kustomization), written);
  });
}

test('a kustomization that the user began is added to', async (t) => {
  const folder = makeFolder(t, {
    'glyphoxa.yaml': minimal,
    'overlays/prod/config.yaml': layer('prod'),
    [kustomization]: '# mine\nkind: Kustomization\nresources:\n- ingress.yaml\n',
  });
  await generateIn(folder);
  const text = get(folder, kustomization);
  assert.match(text, /^# mine\nkind: Kustomization\nresources:\n- \.\.\/\.\.\/base\n- ingress\.yaml\n/);
});

test('after a merge the checksums of both sides count as written', async (t) => {
  const folder = await makeTree(t);
  const sums = 'base/.glyphoxa-kustomize.sum';
  const ours = get(folder, sums);
  const service = get(folder, 'base/gateway-service.yaml');
  put(folder, 'glyphoxa.yaml', `${minimal}spec:\n  gateway:\n    ports:\n      admin: 8888\n`);
  await generateIn(folder);
  put(folder, sums, `<<<<<<< HEAD\n${ours}=======\n${get(folder, sums)}>>>>>>> theirs\n`);
  put(folder, 'base/gateway-service.yaml', service);
  await generateIn(folder);
  assert.match(get(folder, 'base/gateway-service.yaml'), /port: 8888/);
  assert.ok(!get(folder, sums).includes('<<<<'));
});

test('without its checksums a tree that is up to date is taken for written', async (t) => {
  const folder = await makeTree(t);
  put(folder, 'base/.glyphoxa-kustomize.sum', '');
  assert.deepEqual((await generateIn(folder)).changes, [
    { path: 'base/.glyphoxa-kustomize.sum', what: 'create' },
  ]);
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
});

test('a newer version of the tool is not written over', async (t) => {
  const folder = await makeTree(t);
  const sums = 'base/.glyphoxa-kustomize.sum';
  put(folder, sums, get(folder, sums).replace(/kustomize \d+\.\d+\.\d+/, 'kustomize 99.0.0'));
  assert.deepEqual(await codes(generateIn(folder)), ['newer-tool']);
  await generateIn(folder, { force: true });
});

test('an older version of the tool leaves what the newer one writes', async (t) => {
  const folder = await makeTree(t);
  const sums = 'base/.glyphoxa-kustomize.sum';
  put(folder, sums, get(folder, sums).replace(/kustomize \d+\.\d+\.\d+/, 'kustomize 0.0.1'));
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
});

test('an environment can be copied and renamed as a folder', async (t) => {
  const folder = await makeTree(t);
  for (const [file, text] of snapshot(path.join(folder, 'overlays/prod')))
    put(folder, `overlays/copy/${file}`, text);
  put(folder, 'overlays/copy/config.yaml', layer('copy'));
  await generateIn(folder);
  assert.match(get(folder, 'overlays/copy/kustomization.yaml'), /^namespace: copy$/m);
});

test('a folder without a layer any more is named and left alone', async (t) => {
  const folder = await makeTree(t, {
    'overlays/prod/config.yaml': layer('prod'),
    'overlays/old/config.yaml': layer('old'),
  });
  const { rmSync } = await import('node:fs');
  rmSync(path.join(folder, 'overlays/old/config.yaml'));
  const { findings } = await generateIn(folder);
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['no-environment'],
  );
  assert.ok(existsSync(path.join(folder, 'overlays/old/kustomization.yaml')));
});

test('a Secret of the tool is read from files that are not in git, and no value is written', async (t) => {
  const secrets = `spec:
  secrets: { provider: kubernetes }
  gateway: { adminKey: { value: canary-1 } }
  database: { dsn: { fromEnv: DSN } }
  config: { providers: { llm: { name: openai, model: m, api_key: canary-2 } } }
`;
  const folder = await makeTree(t, { 'overlays/prod/config.yaml': layer('prod', secrets) });
  const text = get(folder, kustomization);
  assert.match(text, /envs:\n {2}- secrets\.env\n {2}files:\n {2}- secrets\/config\.yaml\n/);
  for (const [file, content] of snapshot(folder)) {
    if (file !== 'overlays/prod/config.yaml') assert.doesNotMatch(content, /canary/, file);
  }
  // A value of several lines is moved to a file of its own by whoever writes the values.
  put(
    folder,
    kustomization,
    text.replace('- secrets/config.yaml', '- secrets/config.yaml\n  - secrets/admin-key'),
  );
  await generateIn(folder, { force: true });
  assert.match(get(folder, kustomization), /- secrets\/admin-key\n {2}- secrets\/config\.yaml\n/);
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
});

/** What an earlier version wrote of the infrastructure, with its checksums. */
function formerInfrastructure(folder: string): void {
  const written = {
    'operators/kustomization.yaml': 'kind: Kustomization\n',
    'database/kustomization.yaml': '{}\n',
  };
  const sums = new Map(Object.entries(written).map(([file, text]) => [file, new Set([sumOf(text)])]));
  for (const [file, text] of Object.entries(written)) put(folder, `overlays/infrastructure/${file}`, text);
  put(folder, `overlays/infrastructure/${sumsFile}`, writeSums(sums));
}

test('the infrastructure of an earlier version moves out of the overlays, and goes where nobody asks for it', async (t) => {
  const folder = await makeTree(t);
  formerInfrastructure(folder);
  const { changes } = await generateIn(folder);
  assert.deepEqual(
    changes.map(({ what, path }) => `${what} ${path}`),
    [
      'delete overlays/infrastructure/database/kustomization.yaml',
      'delete overlays/infrastructure/operators/kustomization.yaml',
    ],
  );
  assert.ok(!existsSync(path.join(folder, 'overlays/infrastructure')));
  put(folder, 'glyphoxa.yaml', `${minimal}spec:\n  postgresql: {enabled: true}\n`);
  await generateIn(folder);
  assert.ok(existsSync(path.join(folder, 'infrastructure/database/postgresql-cluster.yaml')));
  put(folder, 'glyphoxa.yaml', minimal);
  await generateIn(folder);
  assert.ok(!existsSync(path.join(folder, 'infrastructure')));
  assert.deepEqual((await generateIn(folder, { check: true })).changes, []);
});

test('infrastructure of an earlier version that was edited by hand is not removed', async (t) => {
  const folder = await makeTree(t);
  formerInfrastructure(folder);
  const mine = 'overlays/infrastructure/database/kustomization.yaml';
  put(folder, mine, 'namespace: mine\n');
  assert.deepEqual(await codes(generateIn(folder)), ['edited']);
  assert.equal(get(folder, mine), 'namespace: mine\n');
});

test('no environment is called after the folder that earlier versions wrote', async (t) => {
  const folder = await makeTree(t);
  put(folder, 'overlays/infrastructure/config.yaml', layer('other'));
  const error = await generateIn(folder).then(
    ({ findings }) => findings,
    ({ findings }: Failure) => findings,
  );
  assert.ok(error.some(({ code }) => code === 'environment-name'));
  assert.ok(!existsSync(path.join(folder, 'overlays/infrastructure/kustomization.yaml')));
});

test('an edited file of the infrastructure is refused too', async (t) => {
  const postgresql = `${minimal}spec: { postgresql: { enabled: true } }\n`;
  const folder = await makeTree(t, { 'glyphoxa.yaml': postgresql });
  const file = 'infrastructure/database/postgresql-cluster.yaml';
  const mine = get(folder, file).replace('kind: Cluster', 'kind: Mine');
  put(folder, file, mine);
  assert.deepEqual(await codes(generateIn(folder)), ['edited']);
  put(folder, 'glyphoxa.yaml', minimal);
  assert.deepEqual(await codes(generateIn(folder)), ['edited']);
  assert.equal(get(folder, file), mine);
});

test('entries of images that do nothing are told of each environment', async (t) => {
  const images = 'images:\n- name: example.com/glyphoxa\n  newTag: mine\n';
  const folder = makeFolder(t, {
    'glyphoxa.yaml': minimal,
    'overlays/prod/config.yaml': layer('prod'),
    'overlays/other/config.yaml': layer('other'),
    [kustomization]: images,
    'overlays/other/kustomization.yaml': images,
  });
  const { findings } = await generateIn(folder);
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['image-unmatched', 'image-unmatched'],
  );
});

test('what is remembered of a fleet is written where it changes, and only there', async (t) => {
  const fleet =
    'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: GlyphoxaFleet\ntemplate: prod\ntenants:\n  a:\n';
  const folder = makeFolder(t, {
    'glyphoxa.yaml': minimal,
    'overlays/prod/config.yaml': layer('prod'),
    'tenants.yaml': fleet,
  });
  const record = path.join(makeFolder(t), 'record.json');
  const write = async (text: string) => {
    put(folder, 'tenants.yaml', text);
    await generateIn(folder, { record });
    return statSync(record).ino;
  };
  const first = await write(fleet);
  assert.equal(await write(fleet), first);
  const second = await write(`${fleet}  b:\n`);
  assert.notEqual(second, first);
  assert.notEqual(await write(fleet), second);
  await generateIn(folder, { record, check: true });
  assert.ok(existsSync(record));
});
