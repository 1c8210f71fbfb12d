/** What is remembered of a fleet saves time, and changes nothing else. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readFleet } from '../../../generator/config/fleet.ts';
import { sliceTenants, withoutSlices } from '../../../generator/config/fleet-slices.ts';
import { formatFinding } from '../../../generator/model/finding.ts';
import { generateIn, get, layer, makeFolder, minimal, put, snapshot } from '../folder.ts';

const seed = Number(process.env.GLYPHOXA_SEED ?? Math.floor(Math.random() * 2 ** 31));
const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: GlyphoxaFleet\ntemplate: prod\n';

const ways: readonly string[] = [
  '',
  '    wave: first\n',
  '    spec: { gateway: { replicaCount: 2 } }\n',
  '    spec: { gateway: { replicaCount: -2 } }\n',
  '    spec:\n      config:\n        campaign:\n          name: |\n            a: b\n\n            c\n',
  '    # a comment\n    labels: { plan: gold }\n\n',
  '    namespace: glyphoxa-tenant-t0\n',
  '    release: own\n',
  '    spec: { gateway: { replicaCount: 3 } }\n',
];

/** A fleet: each tenant says something of its own. */
const texts = fc
  .tuple(
    fc.constantFrom(
      '',
      'waves: [first]\n',
      'defaults: { spec: { worker: { ttlSecondsAfterFinished: 9 } } }\n',
    ),
    fc.uniqueArray(fc.tuple(fc.nat(5), fc.constantFrom(...ways)), { selector: ([id]) => id, maxLength: 5 }),
  )
  .map(
    ([settings, tenants]) =>
      `${head}${settings}tenants:\n${tenants.map(([id, way]) => `  t${id}:\n${way}`).join('')}`,
  );

test(`a run that remembers writes and says what one does that remembers nothing (seed ${seed})`, async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(texts, { minLength: 2, maxLength: 4 }), async (steps) => {
      const files = { 'glyphoxa.yaml': minimal, 'overlays/prod/config.yaml': layer('prod') };
      const [with_, without] = [makeFolder(t, files), makeFolder(t, files)];
      const record = path.join(makeFolder(t), 'record.json');
      for (const text of steps) {
        put(with_, 'tenants.yaml', text);
        put(without, 'tenants.yaml', text);
        const [a, b] = [await generateIn(with_, { record }), await generateIn(without)];
        const said = (some: typeof a) => some.findings.map(formatFinding).sort();
        assert.deepEqual(said(a), said(b));
        assert.deepEqual(snapshot(with_), snapshot(without));
      }
    }),
    { seed, numRuns: 25 },
  );
});

async function remembered(t: Parameters<typeof makeFolder>[0]) {
  const folder = makeFolder(t, {
    'glyphoxa.yaml': minimal,
    'overlays/prod/config.yaml': layer('prod'),
    'tenants.yaml': `${head}tenants:\n  acme:\n  other:\n`,
  });
  const record = path.join(makeFolder(t), 'deep/record.json');
  await generateIn(folder, { record });
  return { folder, record };
}

test('an edit and a missing file are seen, whatever is remembered', async (t) => {
  const { folder, record } = await remembered(t);
  const file = 'tenants/acme/kustomization.yaml';
  const right = get(folder, file);
  put(folder, file, `${right}namePrefix: mine-\n`);
  await assert.rejects(generateIn(folder, { record }), { name: 'EditedFiles' });
  rmSync(path.join(folder, file));
  await generateIn(folder, { record });
  assert.equal(get(folder, file), right);
});

test('a change of the resource, of the template or of its images reaches what is remembered', async (t) => {
  const { folder, record } = await remembered(t);
  put(folder, 'tenants.yaml', `${head}tenants:\n  acme:\n  other: { release: own }\n`);
  await generateIn(folder, { record });
  put(folder, 'glyphoxa.yaml', `${minimal}spec: { core: { runAsUser: 1234 } }\n`);
  await generateIn(folder, { record });
  assert.match(get(folder, 'tenants/other/objects.yaml'), /runAsUser: 1234/);
  const overlay = 'overlays/prod/kustomization.yaml';
  put(
    folder,
    overlay,
    `${get(folder, overlay)}images:\n- name: ghcr.io/mrwong99/glyphoxa\n  newTag: pinned\n`,
  );
  await generateIn(folder, { record });
  assert.match(get(folder, 'tenants/other/objects.yaml'), /glyphoxa:pinned/);
});

for (const broken of ['', '{', '[]', '{"from":1}', '{"from":"x","tenants":{"acme":3}}']) {
  test(`a record of ${JSON.stringify(broken)} is none`, async (t) => {
    const { folder, record } = await remembered(t);
    const before = snapshot(folder);
    writeFileSync(record, broken);
    const { changes } = await generateIn(folder, { record });
    assert.deepEqual([changes, snapshot(folder)], [[], before]);
    assert.match(readFileSync(record, 'utf8'), /"acme":\{/);
  });
}

test('a text is cut where its tenants begin, or not at all', () => {
  const cut = (text: string) =>
    [...(sliceTenants(text) ?? [])].map(([id, { from, to }]) => [id, text.slice(from, to)]);
  assert.deepEqual(cut('a: 1\ntenants:\n  # one\n  a:\n    x: 1\n\n  b_1: {}\nz: 2\n'), [
    ['a', '  a:\n    x: 1\n\n'],
    ['b_1', '  b_1: {}\n'],
  ]);
  for (const text of [
    'tenants: { a: {} }\n',
    'tenants:\n  a:\n  a:\n',
    'tenants:\n  "a":\n',
    'tenants:\n\ta:\n',
    'tenants:\n    a:\n  b:\n',
    'tenants:\n  a: 1\ntenants:\n  b: 1\n',
    'x: 1\n',
  ])
    assert.equal(sliceTenants(text), undefined, text);
});

test('what is left of a text keeps its positions', () => {
  const text = `${head}tenants:\n  a:\n    wave: x\n  b:\n    wave: y\n`;
  const slices = sliceTenants(text);
  assert.ok(slices);
  const left = withoutSlices(text, [slices.get('a') ?? { from: 0, to: 0 }]);
  const at = (fleet: ReturnType<typeof readFleet>) => fleet.source.locate(['tenants', 'b', 'wave']);
  assert.deepEqual(at(readFleet(left, 'f')), at(readFleet(text, 'f')));
});
