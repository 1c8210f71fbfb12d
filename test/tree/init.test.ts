/** What a new repository begins with. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Failure } from '../../generator/model/finding.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { type InitOptions, initTree } from '../../generator/tree/init.ts';
import { get, makeFolder, snapshot, treeIn } from './folder.ts';

const image = 'registry.example.com/glyphoxa:1a2b';
const read = (folder: string, file: string) =>
  parseYaml(get(folder, file))[0] as { [field: string]: { [field: string]: unknown } };

/** A repository that is begun. */
async function begin(t: TestContext, options: InitOptions, files: { readonly [file: string]: string } = {}) {
  const folder = makeFolder(t, files);
  const begun = await initTree(treeIn(folder), options);
  const told = begun.findings.map(({ severity, code, path }) => [severity, code, ...path].join(' '));
  const created = begun.changes.filter(({ what }) => what === 'create').map(({ path }) => path);
  return { folder, begun, told, created };
}

test('a repository has a resource, two environments, and what it needs around them', async (t) => {
  const { folder, begun, told, created } = await begin(t, {});
  assert.deepEqual(
    [begun.release, begun.environments, begun.topology],
    ['glyphoxa', ['production', 'staging'], 'shared'],
  );
  assert.deepEqual(told, ['warning no-image spec core image']);
  assert.equal(read(folder, 'glyphoxa.yaml').spec, undefined);
  assert.deepEqual(read(folder, 'overlays/production/config.yaml').metadata, { namespace: 'glyphoxa' });
  assert.equal(read(folder, 'overlays/production/config.yaml').spec, undefined);
  const { metadata, spec } = read(folder, 'overlays/staging/config.yaml');
  assert.deepEqual(
    [metadata, spec],
    [{ namespace: 'glyphoxa-staging' }, { core: { environment: 'development' } }],
  );
  assert.equal(read(folder, 'overlays/staging/kustomization.yaml').images, undefined);
  for (const file of [
    '.gitignore',
    '.gitattributes',
    'renovate.json',
    'README.md',
    'base/kustomization.yaml',
  ])
    assert.ok(created.includes(file), file);
  assert.ok(!created.includes('kustomization.yaml'));
});

test('the image is named in the resource and in each new kustomization', async (t) => {
  const mine = { 'overlays/staging/kustomization.yaml': 'kind: Kustomization\n' };
  const { folder, told } = await begin(t, { image }, mine);
  assert.deepEqual(told, []);
  assert.deepEqual(read(folder, 'glyphoxa.yaml').spec, {
    core: { image: { repository: 'registry.example.com/glyphoxa', tag: '1a2b' } },
  });
  const name = 'registry.example.com/glyphoxa';
  const { images } = read(folder, 'overlays/production/kustomization.yaml');
  assert.deepEqual(images, [{ name, newTag: '1a2b' }]);
  assert.equal(read(folder, 'overlays/staging/kustomization.yaml').images, undefined);
  const digest = `sha256:${'0'.repeat(64)}`;
  const pinned = await begin(t, { image: `${name}@${digest}`, environments: ['a'] });
  assert.deepEqual(read(pinned.folder, 'overlays/a/kustomization.yaml').images, [{ name, digest }]);
});

test('one box has one environment, the database beside it and a Secret from files', async (t) => {
  const { folder, begun } = await begin(t, { single: true, image, release: 'voice', plugin: true });
  assert.deepEqual([begun.environments, begun.topology], [['production'], 'dedicated']);
  const { spec = {} } = read(folder, 'glyphoxa.yaml');
  assert.deepEqual(
    { ...spec, core: undefined },
    {
      core: undefined,
      gateway: { adminKey: { fromEnv: 'GLYPHOXA_ADMIN_KEY' } },
      mcpGateway: { replicaCount: 1 },
      postgresql: { enabled: true },
      secrets: { provider: 'kubernetes' },
    },
  );
  const { topology, createNamespace } = spec.core as { topology: string; createNamespace: boolean };
  assert.deepEqual([topology, createNamespace], ['dedicated', true]);
  assert.deepEqual(read(folder, 'overlays/production/config.yaml').metadata, { namespace: 'voice' });
  assert.deepEqual(read(folder, 'kustomization.yaml').generators, ['glyphoxa.yaml']);
  assert.equal(read(folder, 'overlays/production/kustomization.yaml').namespace, 'voice');
});

test('files that are there stay, and are told where they say something else', async (t) => {
  const first = await begin(t, {});
  const same = get(first.folder, 'README.md');
  const { told, created, folder } = await begin(t, {}, { 'README.md': same, '.gitignore': 'mine\n' });
  assert.deepEqual(told, ['warning no-image spec core image', 'warning kept']);
  assert.equal(get(folder, '.gitignore'), 'mine\n');
  assert.ok(!created.includes('README.md') && !created.includes('.gitignore'));
});

const refused: readonly (readonly [options: InitOptions, codes: string])[] = [
  [{ release: 'No' }, 'release-name'],
  [{ image: 'a b' }, 'image'],
  [{ environments: ['No'] }, 'environment-name'],
  [{ environments: ['infrastructure'] }, 'environment-name'],
  [{ environments: ['x', 'a.b', 'a_b'] }, 'environment-name'],
  [{ environments: ['x', 'A', 'b', 'infrastructure'] }, 'environment-name,environment-name'],
  [{ image: 'ghcr.io/mrwong99/glyphoxa:latest' }, 'other-generation'],
];

for (const [options, codes] of refused) {
  test(`${JSON.stringify(options)} is refused with ${codes}, and nothing is written`, async (t) => {
    const folder = makeFolder(t, { mine: '' });
    const error = await initTree(treeIn(folder), options).catch((reason: unknown) => reason);
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.findings.map(({ code }) => code).join(), codes);
    assert.ok(
      error.findings.every(({ position, showSource }) => position === undefined && showSource !== true),
    );
    assert.deepEqual([...snapshot(folder).keys()], ['mine']);
  });
}

test('a resource that is there is not begun anew, and an environment twice is one', async (t) => {
  const folder = makeFolder(t, { 'glyphoxa.yaml': '' });
  const error = await initTree(treeIn(folder)).catch((reason: unknown) => reason);
  assert.deepEqual(error instanceof Failure && error.findings.map(({ code }) => code), ['resource-exists']);
  assert.deepEqual((await begin(t, { environments: ['a', 'a'] })).begun.environments, ['a']);
});
