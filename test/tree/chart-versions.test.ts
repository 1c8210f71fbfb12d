/** Versions of charts that Renovate and its like raised in the tree stay, and no others. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import { withTreeCharts } from '../../generator/tree/chart-versions.ts';
import { makeFolder, treeIn } from './folder.ts';
import { configOf } from './law.ts';
import { resource } from './spoilt.ts';

const config = configOf(resource);
const { operator, bitnami } = config.spec.postgresql.charts;
const sealed = config.spec.sealedSecrets.chart;
const entry = (name: string, { repository }: { repository: string }, version: unknown) =>
  `helmCharts: [{name: ${name}, repo: "${repository}", version: ${JSON.stringify(version)}}]\n`;
const [operators, database] = [
  'infrastructure/operators/kustomization.yaml',
  'infrastructure/database/kustomization.yaml',
];

/** The versions of the three charts with these files in the tree. */
function versions(
  t: TestContext,
  files: { readonly [file: string]: string },
  { merged = resource as JsonObject, environment }: { merged?: JsonObject; environment?: string } = {},
) {
  const made = withTreeCharts(treeIn(makeFolder(t, files)), config, merged, environment);
  const { postgresql, sealedSecrets } = made.spec;
  return [postgresql.charts.operator, postgresql.charts.bitnami, sealedSecrets.chart].map(
    ({ version }) => version,
  );
}

const own = [operator, bitnami, sealed].map(({ version }) => version);

test('what is newer in the tree stays, each chart in its folder', (t) => {
  assert.deepEqual(versions(t, {}), own);
  assert.deepEqual(versions(t, { [operators]: entry('cloudnative-pg', operator, '99.0.0') }), [
    '99.0.0',
    own[1],
    own[2],
  ]);
  assert.deepEqual(versions(t, { [database]: entry('postgresql', bitnami, '99.0.0') }), [
    own[0],
    '99.0.0',
    own[2],
  ]);
  assert.deepEqual(versions(t, { [operators]: entry('sealed-secrets', sealed, '99.0.0') }), [
    own[0],
    own[1],
    '99.0.0',
  ]);
  assert.deepEqual(config.spec.postgresql.charts.operator, operator);
});

test('what is not newer, not a version, not the same chart or elsewhere does not count', (t) => {
  for (const version of ['0.0.1', own[0], 99, '', '99.x'])
    assert.deepEqual(
      versions(t, { [operators]: entry('cloudnative-pg', operator, version) }),
      own,
      String(version),
    );
  assert.deepEqual(versions(t, { [database]: entry('cloudnative-pg', operator, '99.0.0') }), own);
  assert.deepEqual(
    versions(t, { [operators]: entry('cloudnative-pg', { repository: 'https://a.b' }, '99.0.0') }),
    own,
  );
  assert.deepEqual(versions(t, { [operators]: entry('other', operator, '99.0.0') }), own);
  for (const text of ['a: [', '- a\n', 'helmCharts: a\n'])
    assert.deepEqual(versions(t, { [operators]: text }), own);
});

test('what a layer says counts, and an environment has its own folder first', (t) => {
  const files = { [operators]: entry('cloudnative-pg', operator, '99.0.0') };
  const said = { ...resource, spec: { postgresql: { charts: { operator: { version: own[0] as string } } } } };
  assert.deepEqual(versions(t, files, { merged: said }), own);
  const more = {
    ...files,
    'infrastructure/operators-prod/kustomization.yaml': entry('cloudnative-pg', operator, '100.0.0'),
  };
  assert.equal(versions(t, more)[0], '99.0.0');
  assert.equal(versions(t, more, { environment: 'prod' })[0], '100.0.0');
  assert.equal(versions(t, more, { environment: 'other' })[0], '99.0.0');
});
