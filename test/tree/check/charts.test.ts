/** What helm and kustomize say of charts, and what is told of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chartFailure, chartsOf } from '../../../generator/tree/check/charts.ts';

const charts = [{ name: 'one' }, { name: 'two' }];

const cases: readonly (readonly [said: string, code: string | undefined, ...words: string[]])[] = [
  ["unable to run: 'helm version' (is 'helm' installed?): exec: \"helm\": not found", 'no-helm'],
  ['exec: "helm": executable file not found in $PATH', 'no-helm'],
  ["Error: unknown shorthand flag: 'c' in -c", 'chart-pair'],
  ['Error: looks like "oci://ghcr.io/a" is not a valid chart repository or cannot be reached', 'chart-pair'],
  ['json: unknown field "skipTests"', 'chart-pair'],
  ['json: unknown field "helmCharts"', 'chart-pair'],
  ['json: unknown field "name"', undefined],
  [
    'Error: chart "one" version "9.9" not found in https://a.example repository',
    'chart-version',
    'https://a.example',
    'one',
    '9.9',
  ],
  ['Error: chart "one" matching 9.9 not found in index', 'chart-version', 'index', 'one', '9.9'],
  ['Error: ghcr.io/a/one:9.9: not found', 'chart-version', 'ghcr.io/a/one', '9.9'],
  [
    'Get "https://a.example/index.yaml": no such host\nmore',
    'chart-unreachable',
    'https://a.example/index.yaml',
    'no such host',
  ],
  ['\\"Head \\\\"https://a.example/x\\\\": EOF\\nmore', 'chart-unreachable', 'https://a.example/x', 'EOF'],
  ['Error: failed to do request: EOF\nmore', 'chart-unreachable', 'one, two', 'EOF'],
  [
    'Error: looks like "https://a.example" is not a valid chart repository',
    'chart-unreachable',
    'https://a.example',
  ],
  ["values don't meet the specifications of the schema(s)", 'chart-values', 'one, two'],
  ['accumulating resources: a is no file', undefined],
];

for (const [said, code, ...words] of cases) {
  test(`of “${said.split('\n', 1)[0]}” is told: ${code ?? 'nothing'}`, () => {
    const found = chartFailure(charts, said);
    assert.equal(found?.code, code);
    for (const word of words) assert.ok(found?.message.includes(word), found?.message);
    assert.doesNotMatch(`${found?.message}${found?.hint}`, /more|undefined\b.*undefined/);
    assert.equal(chartFailure([], said), undefined);
  });
}

test('charts are those that any layer of a build asks for', () => {
  const layers = [{ helmCharts: [{ name: 'one' }, 'two'] }, { helmCharts: 'x' }, {}, { helmCharts: [{}] }];
  assert.deepEqual(chartsOf(layers.map((value) => ({ folder: '/', value }))), [{ name: 'one' }, {}]);
});
