/** What is told of a build that failed, by what is wrong in the folder and what kustomize said. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { buildFailure } from '../../generator/tree/build-failure.ts';
import { makeFolder } from './folder.ts';

const conflict = '<<<<<<< ours\na: 1\n=======\na: 2\n>>>>>>> theirs\n';
const generator = 'secretGenerator: [{envs: [secrets.env], files: [secrets/a]}]\n';
const secrets = { 'overlays/prod/secrets.env': 'a=b\n', 'overlays/prod/secrets/a': 'c' };
const lacks = 'fieldPath `data.x` is missing for replacement source Secret.[noVer].[noGrp]/s';

const cases: readonly (readonly [
  what: string,
  files: { readonly [file: string]: string },
  error: string,
  code: string,
  names: string | undefined,
])[] = [
  [
    'a conflict in the kustomization',
    { 'overlays/prod/kustomization.yaml': conflict },
    '',
    'merge-conflict',
    'overlays/prod/kustomization.yaml',
  ],
  [
    'a conflict under another name',
    { 'overlays/prod/Kustomization': conflict },
    '',
    'merge-conflict',
    'overlays/prod/Kustomization',
  ],
  [
    'a conflict in secret values',
    { 'overlays/prod/kustomization.yaml': generator, ...secrets, 'overlays/prod/secrets.env': conflict },
    '',
    'merge-conflict',
    'overlays/prod/secrets.env',
  ],
  [
    'a conflict in another file',
    { 'overlays/prod/kustomization.yaml': 'kind: Kustomization\n', 'overlays/prod/x.yaml': conflict },
    '',
    'build',
    'glyphoxa-kustomize generate trees',
  ],
  [
    'values that are missing',
    { 'overlays/prod/kustomization.yaml': generator },
    '',
    'build',
    'secrets init prod --dir=trees',
  ],
  [
    'one file of them missing',
    { 'overlays/prod/kustomization.yaml': generator, 'overlays/prod/secrets.env': '' },
    '',
    'build',
    'secrets init prod --dir=trees',
  ],
  [
    'a key that is missing in them',
    { 'overlays/prod/kustomization.yaml': generator, ...secrets },
    lacks,
    'build',
    'secrets init prod --dir=trees',
  ],
  [
    'values that are all there',
    { 'overlays/prod/kustomization.yaml': generator, ...secrets },
    'x',
    'build',
    'glyphoxa-kustomize generate trees',
  ],
  [
    'no base',
    { 'overlays/prod/kustomization.yaml': 'kind: Kustomization\n' },
    "'../../base' doesn't exist",
    'build',
    'glyphoxa-kustomize generate trees',
  ],
  [
    'values of what is no environment',
    { 'mine/prod/kustomization.yaml': generator },
    'x',
    'build',
    undefined,
  ],
];

for (const [what, files, error, code, names] of cases) {
  test(`${what}: ${code}, ${names ?? 'and no command'}`, (t) => {
    const all = { 'glyphoxa.yaml': '', ...files };
    const placed = Object.entries(all).map(([file, text]) => [`trees/${file}`, text]);
    const cwd = makeFolder(t, Object.fromEntries(placed));
    const folder = path.join(cwd, 'trees', path.dirname(Object.keys(files)[0] ?? ''));
    const at = (isOfCluster: boolean) =>
      buildFailure({ shown: 'x', folder, cwd, error }, isOfCluster).findings[0];
    const { code: told, message = '', hint = '' } = at(false) ?? {};
    assert.equal(told, code);
    if (code === 'merge-conflict') assert.ok(message.endsWith(`trees/${names}`), message);
    else if (names === undefined) assert.doesNotMatch(hint, /glyphoxa-kustomize/);
    else assert.ok(hint.includes(`${names}"`), hint);
    const ofCluster = at(true)?.hint ?? '';
    assert.equal(ofCluster.includes('--cluster"'), /secrets init/.test(hint));
    assert.equal(
      ofCluster.includes('glyphoxa-kustomize check x"'),
      code === 'build' && !/secrets init/.test(hint) && what !== 'no base',
    );
  });
}

test('a tree that the user stands in is not named', (t) => {
  const cwd = makeFolder(t, { 'glyphoxa.yaml': '', 'overlays/prod/kustomization.yaml': generator });
  const [found] = buildFailure(
    { shown: 'x', folder: path.join(cwd, 'overlays/prod'), cwd, error: '' },
    false,
  ).findings;
  assert.ok(found?.hint?.includes('secrets init prod"'), found?.hint);
});
