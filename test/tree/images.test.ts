import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Finding } from '../../generator/model/finding.ts';
import { isObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { checkObjects } from '../../generator/tree/check/check.ts';
import { imageOverrides, overrideImage, withImages } from '../../generator/tree/images.ts';
import { testInProcess } from '../support/draws.ts';
import { runCli } from '../support/fake-io.ts';
import { findTool, requireKustomizers, runTool } from '../support/tools.ts';
import { generateIn, get, layer, makeTree, put } from './folder.ts';
import { build, configOf, differences, expectedObjects } from './law.ts';

const repository = 'ghcr.io/mrwong99/glyphoxa';
const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

const environment = layer(
  'prod',
  'spec:\n  gateway:\n    replicaCount: 2\n  worker:\n    nodeSelector: { disk: ssd }\n',
);

async function tree(t: TestContext): Promise<string> {
  return makeTree(t, { 'overlays/prod/config.yaml': environment });
}

function expected(): KubernetesObject[] {
  const read = (text: string) => parseYaml(text)[0];
  const [resource, over] = [
    read('apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {name: glyphoxa}'),
    read(environment),
  ];
  assert.ok(isObject(resource) && isObject(over));
  return expectedObjects(configOf(resource, over));
}

/** What a person may set an image to, and what then runs. */
const settings: readonly (readonly [set: string, runs: string])[] = [
  [`${repository}:1a2b3c4`, `${repository}:1a2b3c4`],
  [`${repository}:1.10`, `${repository}:1.10`],
  [`${repository}@${digest}`, `${repository}@${digest}`],
  [
    `${repository}=registry.example.com:5000/bards/glyphoxa:2.0`,
    'registry.example.com:5000/bards/glyphoxa:2.0',
  ],
  [`${repository}=localhost:5000/glyphoxa`, 'localhost:5000/glyphoxa:no-image-chosen'],
];

for (const [set, runs] of settings) {
  testInProcess(
    `after "kustomize edit set image ${set}" all workloads run it, in all versions`,
    async (t) => {
      const kustomizers = requireKustomizers(t);
      if (kustomizers === undefined) return;
      const seen = new Set<string>();
      for (const editor of ['kustomize-4.5.4', 'kustomize'] as const) {
        const folder = await tree(t);
        const overlay = path.join(folder, 'overlays/prod');
        const edit = await runTool(findTool(editor) as string, ['edit', 'set', 'image', set], {
          cwd: overlay,
        });
        assert.equal(edit.exitCode, 0, edit.stderr);
        const edited = get(folder, 'overlays/prod/kustomization.yaml');
        assert.deepEqual((await generateIn(folder)).changes, [], 'the edit is no change to what is written');

        const overrides = imageOverrides(parseYaml(edited)[0] as KubernetesObject);
        const wanted = withImages(expected(), overrides);
        assert.equal(overrideImage(`${repository}:no-image-chosen`, overrides), runs);
        // where both wrote the same, it builds to the same
        for (const kustomize of seen.has(edited) ? [] : kustomizers) {
          const built = await build(kustomize, overlay);
          assert.deepEqual(differences(built, wanted), [], `${editor}, ${kustomize.name}`);
        }
        seen.add(edited);
        assert.deepEqual(imagesIn(wanted), new Set([runs]));
        const isOther = runs === `${repository}:1.10`;
        assert.deepEqual(codesOf(checkObjects(wanted)), isOther ? ['other-generation'] : []);
        assert.deepEqual(codesOf((await generateIn(folder)).findings), isOther ? ['other-generation'] : []);

        put(folder, 'overlays/prod/config.yaml', environment.replace('2', '4'));
        await generateIn(folder);
        const kept = imageOverrides(
          parseYaml(get(folder, 'overlays/prod/kustomization.yaml'))[0] as KubernetesObject,
        );
        assert.deepEqual(kept, overrides, 'the next generate keeps the image');
      }
    },
  );
}

function codesOf(findings: readonly Finding[]): string[] {
  return findings.map(({ code }) => code);
}

/** All images that are named: in containers, and in the worker template. */
function imagesIn(objects: readonly KubernetesObject[]): Set<unknown> {
  const text = JSON.stringify(objects);
  const found = [...text.matchAll(/"image":"([^"]+)"/g), ...text.matchAll(/image: '([^']+)'/g)];
  return new Set(found.map(([, image]) => image));
}

test('images wins over core.image, which the same entry no longer names after a new repository', async (t) => {
  const folder = await tree(t);
  const kustomization = 'overlays/prod/kustomization.yaml';
  put(
    folder,
    kustomization,
    `${get(folder, kustomization)}images:\n  - name: ${repository}\n    newTag: "3a"\n`,
  );
  assert.deepEqual((await generateIn(folder)).findings, []);
  put(
    folder,
    'overlays/prod/config.yaml',
    layer('prod', 'spec:\n  core:\n    image:\n      repository: quay.io/bards/glyphoxa\n'),
  );
  const { findings } = await generateIn(folder);
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['image-unmatched'],
  );
});

test('an entry with tag and digest warns, since versions of kustomize differ', async (t) => {
  const folder = await tree(t);
  const kustomization = 'overlays/prod/kustomization.yaml';
  const entry = `images:\n  - name: ${repository}\n    newTag: "3a"\n    digest: ${digest}\n`;
  put(folder, kustomization, `${get(folder, kustomization)}${entry}`);
  assert.deepEqual(
    (await generateIn(folder)).findings.map(({ code }) => code),
    ['image-tag-and-digest'],
  );
});

test('entries apply one after the other, and only by the whole name', () => {
  const overrides = [
    { name: 'a/b', newName: 'c' },
    { name: 'c', newTag: '2' },
  ];
  assert.equal(overrideImage('a/b:1', overrides), 'c:2');
  assert.equal(overrideImage('x/a/b:1', overrides), 'x/a/b:1');
  assert.equal(overrideImage(`a/b@${digest}`, [{ name: 'a/b', newTag: '2' }]), 'a/b:2');
  assert.equal(overrideImage('host:5000/a:1', [{ name: 'host:5000/a', digest }]), `host:5000/a@${digest}`);
});

test('Flux and Argo CD edit the same field: an entry in the file has the same effect', async (t) => {
  const kustomizers = requireKustomizers(t);
  if (kustomizers === undefined) return;
  const folder = await tree(t);
  const copy = path.join(folder, 'copy');
  for (const part of ['base', 'components', 'overlays'])
    cpSync(path.join(folder, part), path.join(copy, part), { recursive: true });
  const kustomization = 'copy/overlays/prod/kustomization.yaml';
  const marked = `images:\n  - name: ${repository}\n    newTag: 1.2.3 # {"$imagepolicy": "flux-system:glyphoxa:tag"}\n`;
  put(folder, kustomization, `${get(folder, kustomization)}${marked}`);
  const built = await build(
    kustomizers.at(-1) as (typeof kustomizers)[number],
    path.join(copy, 'overlays/prod'),
  );
  assert.deepEqual(differences(built, withImages(expected(), [{ name: repository, newTag: '1.2.3' }])), []);
});

test('build of an environment gives the image that its kustomization sets', async (t) => {
  const folder = await tree(t);
  const kustomization = 'overlays/prod/kustomization.yaml';
  put(
    folder,
    kustomization,
    `${get(folder, kustomization)}images:\n  - name: ${repository}\n    newTag: "3a"\n`,
  );
  const { stdout, exitCode } = await runCli(['build', 'overlays/prod'], { cwd: folder });
  assert.equal(exitCode, 0);
  const built = parseYaml(stdout) as KubernetesObject[];
  assert.deepEqual(differences(built, withImages(expected(), [{ name: repository, newTag: '3a' }])), []);
});

test('of images what kustomize takes is read: entries with a name, and texts that are not empty', () => {
  const images = [
    { name: 'a', newTag: '1', digest: '', newName: 3 },
    { newTag: '1' },
    'a',
    { name: 'b', newName: 'c', digest },
  ];
  assert.deepEqual(imageOverrides({ images }), [
    { name: 'a', newTag: '1' },
    { name: 'b', newName: 'c', digest },
  ]);
  assert.deepEqual([imageOverrides({}), imageOverrides({ images: 'a' })], [[], []]);
});

test('a new tag or digest takes the place of both', () => {
  const set = (from: string, more: object) => overrideImage(from, [{ name: 'a', ...more }]);
  assert.equal(set(`a:1@${digest}`, { newTag: '2' }), 'a:2');
  assert.equal(set(`a:1@${digest}`, { newName: 'b' }), `b:1@${digest}`);
  assert.equal(set('a:1', { newTag: '2', digest }), `a:2@${digest}`);
  assert.equal(set('a', { newName: 'b' }), 'b');
});

test('images of the kustomization below do not reach what has an image of its own', () => {
  const pod = (image: string, kind = 'Deployment'): KubernetesObject => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'x' },
    spec: {
      template: {
        spec: { containers: [{ name: 'gateway', image }], initContainers: [{ name: 'i', image }] },
      },
    },
  });
  const imagesOf = (objects: readonly KubernetesObject[]) =>
    JSON.stringify(objects).match(/(?<="image":")[^"]+/g);
  const overrides = [{ name: 'a', newTag: '2' }];
  assert.deepEqual(imagesOf(withImages([pod('a:1')], overrides)), ['a:2', 'a:2']);
  assert.deepEqual(imagesOf(withImages([pod('a:1')], overrides, () => pod('b:1'))), ['a:1', 'a:1']);
  assert.deepEqual(imagesOf(withImages([pod('a:1')], overrides, () => undefined)), ['a:1', 'a:1']);
  const before = [pod('a:1')];
  withImages(before, overrides);
  assert.deepEqual(imagesOf(before), ['a:1', 'a:1'], 'what is handed over stays');
  assert.deepEqual(withImages(before, []), before);
});

test('the worker template gets the image of the gateway, which a Deployment runs', () => {
  const pods = (kind: string, image: string): KubernetesObject => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: kind },
    spec: { template: { spec: { containers: [{ name: 'gateway', image }] } } },
  });
  const template = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 't' },
    data: { 'job-template.yaml': "image: 'x:1'\n" },
  };
  const textOf = (...objects: KubernetesObject[]) => {
    const made = withImages([...objects, template], [{ name: 'a', newTag: '2' }]).at(-1) as KubernetesObject;
    return (made.data as { 'job-template.yaml': string })['job-template.yaml'];
  };
  assert.equal(textOf(pods('StatefulSet', 'b:1'), pods('Deployment', 'a:1')), "image: 'a:2'\n");
  assert.equal(textOf(pods('StatefulSet', 'b:1')), "image: 'x:1'\n");
});
