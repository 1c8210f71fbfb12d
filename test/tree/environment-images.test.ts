/** What an environment runs, and entries of its `images` that do not do what they look like. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { overridesIn, readImages } from '../../generator/tree/environment-images.ts';
import { makeFolder, treeIn } from './folder.ts';
import { configOf } from './law.ts';
import { resource } from './spoilt.ts';

const ours = 'ghcr.io/mrwong99/glyphoxa';
const digest = `sha256:${'0'.repeat(64)}`;
const cases: { readonly [images: string]: readonly [image: string, told: string[]] } = {
  '': [`${ours}:no-image-chosen`, []],
  [`{name: ${ours}, newTag: mine}`]: [`${ours}:mine`, []],
  [`{name: ${ours}, newTag: mine, digest: "${digest}"}`]: [
    `${ours}:mine@${digest}`,
    ['warning image-tag-and-digest'],
  ],
  [`{name: other, newTag: mine, digest: "${digest}"}`]: [`${ours}:no-image-chosen`, []],
  [`{name: ${ours}, digest: "${digest}"}`]: [`${ours}@${digest}`, []],
  '{name: example.com/glyphoxa, newTag: mine}': [`${ours}:no-image-chosen`, ['warning image-unmatched']],
  '{name: glyphoxa, newTag: mine}': [`${ours}:no-image-chosen`, ['warning image-unmatched']],
  '{name: example.com/other, newTag: mine}': [`${ours}:no-image-chosen`, []],
  [`{name: ${ours}, newName: example.com/glyphoxa}, {name: example.com/glyphoxa, newTag: mine}`]: [
    'example.com/glyphoxa:mine',
    [],
  ],
  [`{name: ${ours}, newTag: latest}`]: [`${ours}:latest`, ['error other-generation prod']],
  [`{name: ${ours}, newTag: main}`]: [`${ours}:main`, ['warning other-generation prod']],
};

for (const [images, [image, told]] of Object.entries(cases)) {
  test(`images: [${images}] runs ${image}${told.map((each) => `, ${each}`).join('')}`, (t) => {
    const text = `images: [${images}]\n`;
    const folder = makeFolder(t, images === '' ? { x: '' } : { 'overlays/prod/kustomization.yaml': text });
    const found = readImages(treeIn(folder), 'prod', configOf(resource));
    assert.equal(found.image, image);
    assert.deepEqual(
      found.findings.map(({ severity, code, environments = [] }) =>
        [severity, code, ...environments].join(' '),
      ),
      told,
    );
    if (images !== '') assert.deepEqual(overridesIn(path.join(folder, 'overlays/prod')), found.overrides);
    else assert.deepEqual(overridesIn(folder), []);
  });
}

test('what the configuration says itself is left to its own rule', (t) => {
  const config = configOf(resource);
  const spec = { ...config.spec, core: { ...config.spec.core, image: { repository: ours, tag: 'latest' } } };
  const found = readImages(treeIn(makeFolder(t)), 'prod', { ...config, spec } as typeof config);
  assert.deepEqual([found.image, found.findings], [`${ours}:latest`, []]);
});
