/** The commands that edit a fleet. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { runCli } from '../support/fake-io.ts';
import { generateIn, get, layer, makeFolder, minimal, put, snapshot } from '../tree/folder.ts';

const fleet = `apiVersion: deploy.glyphoxa.io/v1alpha1
kind: GlyphoxaFleet
template: prod # what all rest on
waves: [canary, rest]
tenants:
  # the first one
  acme:
    labels: { plan: gold } # paid
    spec:
      gateway:
        replicaCount: 2 # for the finals
`;

const inputs = {
  'glyphoxa.yaml': minimal,
  'overlays/prod/config.yaml': layer('prod', 'spec:\n  core: { topology: dedicated }\n'),
};

const withTenants = (tenants: string) => `${fleet.slice(0, fleet.indexOf('tenants:'))}tenants: ${tenants}\n`;

/** Runs a command in a folder. */
const tenant = (cwd: string, ...words: string[]) => runCli(['tenant', ...words], { cwd });

test('add writes the tenant and its folder, and leaves every other line as it was', async (t) => {
  const cwd = makeFolder(t, { ...inputs, 'tenants.yaml': fleet });
  await generateIn(cwd);
  const { exitCode, stdout } = await tenant(
    cwd,
    'add',
    'big_corp',
    '--wave',
    'canary',
    '--label',
    'plan=basic',
    '--set',
    'config.campaign.name=yes',
  );
  assert.equal(exitCode, 0);
  assert.equal(stdout, 'change tenants.yaml\ncreate tenants/big_corp/kustomization.yaml\n');
  const text = get(cwd, 'tenants.yaml');
  assert.ok(text.startsWith(fleet));
  assert.equal(
    text.slice(fleet.length),
    '  big_corp:\n    wave: canary\n    labels:\n      plan: basic\n    spec:\n      config:\n        campaign:\n          name: "yes"\n',
  );
  assert.match(get(cwd, 'tenants/big_corp/kustomization.yaml'), /name: "yes"/);
});

test('add makes the file where a template is named, and says so where none is', async (t) => {
  const cwd = makeFolder(t, inputs);
  const without = await tenant(cwd, 'add', 'acme');
  assert.equal(without.exitCode, 1);
  assert.match(without.stderr, /error no-fleet: .*\n {4}hint: .*--template dedicated/);
  assert.equal((await tenant(cwd, 'add', 'acme', '--template', 'prod')).exitCode, 0);
  assert.ok(existsSync(path.join(cwd, 'tenants/acme/kustomization.yaml')));
  const { stdout } = await tenant(cwd, 'list');
  assert.match(stdout, /^acme +glyphoxa-tenant-acme/m);
});

test('set changes a value, removes one, and keeps the comments', async (t) => {
  const cwd = makeFolder(t, { ...inputs, 'tenants.yaml': fleet });
  assert.equal((await tenant(cwd, 'set', 'acme', '--set', 'gateway.replicaCount=1')).exitCode, 0);
  assert.equal(get(cwd, 'tenants.yaml'), fleet.replace('replicaCount: 2', 'replicaCount: 1'));
  const { exitCode } = await tenant(
    cwd,
    'set',
    'acme',
    '--unset',
    'gateway.replicaCount',
    '--label',
    'plan=',
  );
  assert.equal(exitCode, 0);
  const text = get(cwd, 'tenants.yaml');
  assert.doesNotMatch(text, /replicaCount|gold/);
  assert.match(text, /# the first one\n {2}acme:/);
});

const refused: { readonly [what: string]: readonly [words: readonly string[], code: string] } = {
  'a tenant that is there': [['add', 'acme'], 'tenant-exists'],
  'an id of the wrong form': [['add', 'Acme'], 'tenant-id'],
  'a wave that is none': [['add', 'b', '--wave', 'later'], 'unknown-wave'],
  'a value out of range': [['add', 'b', '--set', 'gateway.replicaCount=-1'], 'out-of-range'],
  'a path that is none': [['add', 'b', '--set', 'gateway.replicas=1'], 'unknown-path'],
  'a namespace by its path': [['add', 'b', '--set', 'metadata.namespace=b'], 'wrong-assignment'],
  'a namespace that is taken': [['add', 'b', '--namespace', 'glyphoxa-tenant-acme'], 'same-namespace'],
  'a tenant that is not there': [['set', 'acm', '--wave', 'rest'], 'no-tenant'],
  'a removal without --yes': [['remove', 'acme'], ''],
};

for (const [what, [words, code]] of Object.entries(refused)) {
  test(`${what} is refused, and nothing is written`, async (t) => {
    const cwd = makeFolder(t, { ...inputs, 'tenants.yaml': fleet });
    await generateIn(cwd);
    const before = snapshot(cwd);
    const { exitCode, stderr } = await tenant(cwd, ...words);
    assert.equal(exitCode, 1);
    assert.match(stderr, code === '' ? /--yes/ : new RegExp(`error ${code}: `));
    assert.deepEqual(snapshot(cwd), before);
  });
}

test('remove takes the tenant and its folder away, and says what stays', async (t) => {
  const cwd = makeFolder(t, { ...inputs, 'tenants.yaml': `${fleet}  other:\n` });
  await generateIn(cwd);
  const { exitCode, stdout, stderr } = await tenant(cwd, 'remove', 'acme', '--yes');
  assert.equal(exitCode, 0);
  assert.match(stderr, /\bglyphoxa-tenant-acme\b/);
  assert.match(stdout, /^delete tenants\/acme\/kustomization.yaml$/m);
  assert.ok(!existsSync(path.join(cwd, 'tenants/acme')));
  assert.match(get(cwd, 'tenants.yaml'), /^ {2}other:$/m);
});

test('list shows a wave, as text and for programs', async (t) => {
  const cwd = makeFolder(t, {
    ...inputs,
    'tenants.yaml': `${fleet}  other: { wave: canary, release: moved }\n`,
  });
  const { stdout } = await tenant(cwd, 'list', '--wave', 'canary', '-o', 'json');
  assert.deepEqual(JSON.parse(stdout), [
    { id: 'other', namespace: 'glyphoxa-tenant-other', wave: 'canary', release: 'moved', labels: {} },
  ]);
  const text = (await tenant(cwd, 'list')).stdout;
  assert.match(
    text,
    /^ID +NAMESPACE +WAVE +RELEASE +LABELS\nacme +glyphoxa-tenant-acme +rest +- +plan=gold$/m,
  );
  assert.equal((await tenant(cwd, 'list', '--wave', 'no')).exitCode, 1);
});

test('list proposes to add a tenant where there is none, and not where the file is wrong or a wave is empty', async (t) => {
  const cwd = makeFolder(t, { ...inputs, 'tenants.yaml': withTenants('{}') });
  const proposes = async (...words: string[]) => {
    const { exitCode, stdout, stderr } = await tenant(cwd, 'list', ...words);
    assert.equal(stdout, '');
    return [exitCode, stderr.includes('"tenant add"')];
  };
  assert.deepEqual(await proposes(), [0, true]);
  assert.deepEqual(await proposes('--wave', 'canary'), [0, true]);
  put(cwd, 'tenants.yaml', fleet);
  assert.deepEqual(await proposes('--wave', 'canary'), [0, false]);
  put(cwd, 'tenants.yaml', withTenants('[{ id: acme }]'));
  assert.deepEqual(await proposes(), [1, false]);
});

test('a folder that somebody edited stops a change before the tree is written', async (t) => {
  const cwd = makeFolder(t, { ...inputs, 'tenants.yaml': fleet });
  await generateIn(cwd);
  const file = 'tenants/acme/kustomization.yaml';
  put(cwd, file, `${get(cwd, file)}namePrefix: mine-\n`);
  const { exitCode, stderr } = await tenant(cwd, 'set', 'acme', '--set', 'gateway.replicaCount=1');
  assert.equal(exitCode, 1);
  assert.match(stderr, /error edited: /);
  assert.match(get(cwd, file), /namePrefix: mine-/);
});
