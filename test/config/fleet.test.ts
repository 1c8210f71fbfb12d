/** The file of a fleet: what is wrong in it, tenant by tenant, and what its tenants and waves are. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFleet, tenantNamed } from '../../generator/config/fleet.ts';
import { wavesOf, wholeFindings } from '../../generator/config/fleet-waves.ts';
import { Failure, type Finding } from '../../generator/model/finding.ts';
import { formatPath } from '../../generator/model/json.ts';

const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: GlyphoxaFleet\n';
const fleetOf = (text: string, template = 'template: prod\n') =>
  readFleet(`${head}${template}${text}`, 'tenants.yaml');
const said = (findings: readonly Finding[]) =>
  findings.map(({ severity, code, path, tenants = [] }) =>
    [severity, code, formatPath(path), ...tenants].join(' '),
  );

const refusal = (work: () => unknown): string[] => {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Failure);
    return error.findings.map(({ code }) => code);
  }
  return [];
};

const wrong: [text: string, ...findings: string[]][] = [
  ['tenants: {a: {}, b: null, a1_b: }\n'],
  ['tenants: {A: {}}\n', 'error tenant-id tenants.A A'],
  ['tenants: {a_: {}}\n', 'error tenant-id tenants.a_ a_'],
  [`tenants: {${'a'.repeat(63)}: {}}\n`],
  [`tenants: {${'a'.repeat(64)}: {}}\n`, `error tenant-id tenants.${'a'.repeat(64)} ${'a'.repeat(64)}`],
  ['waves: [x, w]\ntenants: {a: {wave: x}}\n'],
  ['waves: [x, x]\ntenants: {a: {}}\n', 'error duplicate-wave waves[1]'],
  ['waves: [x, w]\ntenants: {a: {}}\n', 'warning empty-wave waves[0]'],
  ['waves: [x, w]\ndefaults: {wave: x}\ntenants: {a: {}}\n'],
  ['waves: [x]\ntenants: {a: {wave: z}}\n', 'error unknown-wave tenants.a.wave a'],
  ['defaults: {wave: z}\ntenants: {a: {}}\n', 'error unknown-wave defaults.wave'],
  ['tenants: {a: {labels: {plan: gold}}}\n'],
  [
    'tenants: {a: {labels: {glyphoxa.io/tenant: b}}}\n',
    'error taken-label tenants.a.labels["glyphoxa.io/tenant"] a',
  ],
  [
    'defaults: {labels: {app.kubernetes.io/name: b}}\n',
    'error taken-label defaults.labels["app.kubernetes.io/name"]',
  ],
  ['defaults: {labels: {app.kubernetes.io/names: b}}\n'],
  ['engine: {argocd: {repoURL: "https://a/b"}}\n'],
  ['engine: {argocd: {}}\n', 'error required engine.argocd.repoURL'],
  ['engine: {argocd: {repoURL: null}}\n', 'error required engine.argocd.repoURL'],
  ['engine: {flux: {registry: {}}}\n', 'error required engine.flux.registry.url'],
  ['engine: {argocd: {repoURL: "https://a/b"}, flux: {}}\n', 'error two-engines engine'],
  ['engine: {flux: {shards: []}}\n', 'error empty-value engine.flux.shards'],
  ['engine: {flux: {shards: [a, b, a]}}\n', 'error duplicate-shard engine.flux.shards[2]'],
  ['tenants: {a: {x: 1}}\n', 'error unknown-field tenants.a.x a'],
  ['tenants: {a: {spec: 1}}\n', 'error wrong-type tenants.a.spec a'],
  ['tenants: []\n', 'error wrong-type tenants'],
];
for (const [text, ...findings] of wrong) {
  test(`${JSON.stringify(text.slice(0, 60))} ${findings.length === 0 ? 'is fine' : 'is told'}`, () => {
    assert.deepEqual(said(fleetOf(text).findings), findings);
  });
}

test('a fleet needs a template, and is of its kind', () => {
  assert.deepEqual(
    refusal(() => fleetOf('tenants: {a: {}}\n', '')),
    ['required'],
  );
  assert.deepEqual(
    refusal(() => readFleet('kind: Glyphoxa\n', 'f')),
    ['wrong-kind'],
  );
  assert.deepEqual(
    refusal(() => readFleet('- a\n', 'f')),
    ['wrong-kind'],
  );
  assert.deepEqual(
    refusal(() => readFleet('a: [', 'f')),
    ['syntax'],
  );
});

test('a tenant is the defaults of the fleet with what is its own', () => {
  const fleet = fleetOf(`waves: [first, last]
defaults: {wave: first, labels: {plan: free, x: y}, resourceQuota: {hard: {pods: 5}}, spec: {vault: {}}}
tenants:
  a_b: {labels: {plan: gold}, namespace: own, release: other, spec: {gateway: {replicaCount: 2}}}
  c: {wave: last, resourceQuota: null, defaultDeny: true}
`);
  const [one, two] = fleet.tenants;
  assert.deepEqual([one?.id, one?.namespace, one?.release, one?.wave], ['a_b', 'own', 'other', 'first']);
  assert.deepEqual(one?.labels, { 'glyphoxa.io/tenant': 'a_b', plan: 'gold', x: 'y' });
  assert.deepEqual(one?.bounds, { resourceQuota: { hard: { pods: 5 } } });
  assert.deepEqual(
    [two?.namespace, two?.release, two?.wave, two?.bounds],
    ['glyphoxa-tenant-c', undefined, 'last', { defaultDeny: true }],
  );
  const layer = one?.layer;
  assert.deepEqual(layer?.value, {
    apiVersion: 'deploy.glyphoxa.io/v1alpha1',
    kind: 'Glyphoxa',
    metadata: { namespace: 'own', name: 'other' },
    spec: { gateway: { replicaCount: 2 } },
  });
  const place = (...path: string[]) => formatPath(layer?.place?.(path) ?? []);
  assert.deepEqual(
    [place('metadata', 'name'), place('metadata', 'namespace'), place('spec', 'vault'), place('kind')],
    ['tenants.a_b.release', 'tenants.a_b.namespace', 'tenants.a_b.spec.vault', 'tenants.a_b'],
  );
  assert.deepEqual(layer?.locate?.(['spec', 'gateway', 'replicaCount']), {
    file: 'tenants.yaml',
    line: 7,
    col: 94,
  });
  assert.equal(layer?.written?.(['metadata', 'namespace']), 'own');
  assert.deepEqual((fleet.defaults.value as { spec: object }).spec, { vault: {} });
  assert.deepEqual([fleet.template, fleet.waves, fleet.engine], ['prod', ['first', 'last'], undefined]);
  const prefixed = fleetOf('namespacePrefix: x-\ntenants: {a_b: {}}\n').tenants[0];
  assert.deepEqual([prefixed?.namespace, prefixed?.wave], ['x-a-b', undefined]);
});

test('a tenant with an error is none, and the others are', () => {
  const fleet = fleetOf('tenants: {a: {x: 1}, b: {}, c_: {}}\n');
  assert.deepEqual(
    fleet.tenants.map(({ id }) => id),
    ['b'],
  );
  assert.equal(tenantNamed(fleet, 'b').id, 'b');
  assert.deepEqual(
    refusal(() => tenantNamed(fleet, 'a')),
    ['unknown-field'],
  );
  assert.deepEqual(
    refusal(() => tenantNamed(fleet, 'd')),
    ['no-tenant'],
  );
});

test('who deploys is told with its defaults, and one that is wrong is not left out', () => {
  const kindOf = (engine: string) => {
    const { engine: found } = fleetOf(`engine: ${engine}\n`);
    return typeof found === 'object' ? found.kind : found;
  };
  assert.deepEqual(['{argocd: {repoURL: "https://a/b"}}', '{flux: {}}', '{argocd: {}}', '{}'].map(kindOf), [
    'argocd',
    'flux',
    'wrong',
    undefined,
  ]);
});

test('waves come in their order, without those that are empty; tenants with errors are in theirs', () => {
  const fleet = fleetOf(
    'waves: [x, w, z]\ndefaults: {wave: w}\ntenants: {d: {}, a: {wave: x}, b: {wave: x, q: 1}, c: {q: 1}}\n',
  );
  const all = [
    { name: 'x', tenants: ['a', 'b'] },
    { name: 'w', tenants: ['d', 'c'] },
  ];
  assert.deepEqual(wavesOf(fleet), all);
  assert.deepEqual(wavesOf(fleet, 'w'), all.slice(1));
  assert.deepEqual(
    refusal(() => wavesOf(fleet, 'z')),
    ['empty-wave'],
  );
  assert.deepEqual(
    refusal(() => wavesOf(fleet, 'q')),
    ['unknown-wave'],
  );
  assert.deepEqual(wavesOf(fleetOf('tenants: {a: {}, b: {}}\n')), [{ name: undefined, tenants: ['a', 'b'] }]);
  assert.deepEqual(wavesOf(fleetOf('')), []);
});

test('what is about no tenant in particular, and every warning, is about the fleet', () => {
  const { findings } = fleetOf('waves: [x, w, w]\ntenants: {a: {q: 1}}\n');
  assert.deepEqual(
    said(wholeFindings(fleetOf('waves: [x, w, w]\ntenants: {a: {q: 1}}\n'))),
    said(findings.filter(({ code }) => code !== 'unknown-field')),
  );
});
