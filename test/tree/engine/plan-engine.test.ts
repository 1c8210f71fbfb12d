/** What an engine is told to read, and where it would look for a tree in another folder than the tree's. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { readFleet } from '../../../generator/config/fleet.ts';
import { engineFindings, engineTenantFiles, planEngine } from '../../../generator/tree/engine/plan-engine.ts';
import type { FolderPlan } from '../../../generator/tree/plan.ts';
import { makeFolder, treeIn } from '../folder.ts';
import { fleetText } from './fleet.ts';

const url = 'repoURL: "https://git.example.com/team/deploy.git"';
const registry = 'registry: { url: "oci://registry.example.com/fleet" }';
const fleetOf = (engine: string) => readFleet(fleetText(engine), 'tenants.yaml');

/** The paths that the ApplicationSet says a tenant is built from, of a tree with these files. */
function pathsOf(t: TestContext, files: { readonly [file: string]: string }, plans: readonly FolderPlan[]) {
  const fleet = fleetOf(`engine: { argocd: { ${url} } }\n`);
  const plan = planEngine(treeIn(makeFolder(t, files)), fleet, fleet.tenants, 'tenants/_shared', plans);
  assert.deepEqual([plan.folder, [...plan.files.keys()]], ['engine', ['argocd/applicationset.yaml']]);
  const [, paths = ''] = /\{\{ else \}\}(.*)\{\{ end \}\}/.exec([...plan.files.values()].join()) ?? [];
  return paths.split(';');
}

/** A folder as it is to be written. */
const planned = (folder: string, kustomization: string): FolderPlan => ({
  folder,
  release: 'glyphoxa',
  files: new Map([['kustomization.yaml', kustomization]]),
});

test('a tenant is built from the outermost folders that its base names, and from files beside them', (t) => {
  const files = {
    'overlays/prod/kustomization.yaml':
      'resources: [../../base, sub, sub/deep]\nconfigurations: [../../common/file.yaml]\n',
    'overlays/prod/sub/kustomization.yaml': 'resources: []\n',
    'overlays/prod/sub/deep/kustomization.yaml': 'resources: []\n',
    'overlays/production/kustomization.yaml': 'resources: []\n',
    'common/file.yaml': '',
    'base/kustomization.yaml': 'resources: [a.yaml]\n',
    'base/a.yaml': '',
  };
  const shared = planned('tenants/_shared', 'resources: [../../overlays/prod, ../../overlays/production]\n');
  assert.deepEqual(pathsOf(t, files, [shared]), [
    '.',
    '/base',
    '/common/file.yaml',
    '/overlays/prod',
    '/overlays/production',
    '/tenants/_shared',
  ]);
});

test('of a tree at its root everything is read', (t) => {
  const files = { 'kustomization.yaml': 'resources: []\n', 'base/kustomization.yaml': 'resources: [../]\n' };
  assert.deepEqual(pathsOf(t, files, [planned('tenants/_shared', 'resources: [../../base]\n')]), ['.', '/']);
});

test('what is about to be written counts, and what is in the way of that is told elsewhere', (t) => {
  const files = {
    'tenants/_shared/kustomization.yaml': 'resources: [../../old]\n',
    'old/kustomization.yaml': '',
  };
  const now = planned('tenants/_shared', 'resources: [../../new]\n');
  const fresh = planned('new', 'resources: []\n');
  assert.deepEqual(pathsOf(t, files, [now, fresh]), ['.', '/new', '/tenants/_shared']);
  const wrong = { ...files, 'new/kustomization.yaml/a': '' };
  assert.deepEqual(pathsOf(t, wrong, [now, fresh]), ['.', '/tenants/_shared']);
});

test('each engine has files in the folders of tenants and in its own, and no engine has none', (t) => {
  const tree = treeIn(makeFolder(t));
  const named = (engine: string) => {
    const fleet = fleetOf(engine);
    const [tenant] = fleet.tenants;
    assert.ok(tenant);
    const own = engineTenantFiles(fleet, tenant, false);
    return [planEngine(tree, fleet, fleet.tenants, 'tenants/_shared', []).files, own].map((files) =>
      [...files.keys()].sort(),
    );
  };
  assert.deepEqual(named(''), [[], []]);
  assert.deepEqual(named('engine: { argocd: {} }\n'), [[], []]);
  assert.deepEqual(named(`engine: { argocd: { ${url} } }\n`), [
    ['argocd/applicationset.yaml'],
    ['argocd.yaml'],
  ]);
  const [engine = [], tenant] = named('engine: { flux: {} }\n');
  assert.deepEqual(tenant, ['flux/kustomization.yaml', 'flux/sync.yaml']);
  assert.ok(engine.includes('flux/kustomization.yaml'));
  assert.deepEqual(named(`engine: { flux: { ${registry} } }\n`)[1], [
    'flux/kustomization.yaml',
    'flux/source.yaml',
    'flux/sync.yaml',
  ]);
});

const folders: readonly (readonly [
  engine: string,
  told: { readonly [below: string]: string | undefined },
])[] = [
  ['', { '': undefined, deploy: undefined }],
  [`argocd: { ${url} }`, { '': undefined, deploy: 'engine.argocd' }],
  [
    `argocd: { ${url}, path: deploy }`,
    { '': 'engine.argocd.path', deploy: undefined, other: 'engine.argocd.path' },
  ],
  ['flux: {}', { '': undefined, deploy: 'engine.flux' }],
  ['flux: { path: deploy }', { '': 'engine.flux.path', deploy: undefined }],
  [`flux: { ${registry} }`, { '': undefined, deploy: undefined }],
];

for (const [engine, told] of folders) {
  for (const [below, where] of Object.entries(told)) {
    test(`a tree in "${below}" of its repository, and ${engine || 'no engine'}: ${where ?? 'not told'}`, (t) => {
      const repository = makeFolder(t, {
        '.git/HEAD': '',
        [`${below}/glyphoxa.yaml`.replace(/^\//, '')]: '',
      });
      const tree = treeIn(`${repository}/${below}`);
      const found = engineFindings(tree, fleetOf(engine === '' ? '' : `engine: { ${engine} }\n`));
      assert.deepEqual(
        found.map(({ code, severity, path }) => [severity, code, path.join('.')]),
        where === undefined ? [] : [['warning', 'engine-path', where]],
      );
      const shown = below === '' ? /\bremove path$/ : new RegExp(`\\bpath: ${below}$`);
      for (const { hint } of found) assert.match(hint ?? '', shown);
    });
  }
}

test('outside of any repository nobody knows where the tree will be', (t) => {
  const tree = treeIn(makeFolder(t));
  assert.deepEqual(engineFindings(tree, fleetOf(`engine: { argocd: { ${url}, path: deploy } }\n`)), []);
});
