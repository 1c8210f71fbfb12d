/** The folder of a tenant as a target. Nothing here reaches a cluster. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { readFleet } from '../../../generator/config/fleet.ts';
import { wavesOf } from '../../../generator/config/fleet-waves.ts';
import { loadTarget, type Target } from '../../../generator/lifecycle/session/target.ts';
import { Failure } from '../../../generator/model/finding.ts';
import { runCli } from '../../support/fake-io.ts';
import { folderOf } from '../../support/folder.ts';
import { lifecycleEnv } from '../../support/lifecycle.ts';
import { requireKustomize } from '../../support/tools.ts';

const version = 'apiVersion: deploy.glyphoxa.io/v1alpha1\n';
const fleet = `${version}kind: GlyphoxaFleet\ntemplate: prod\ntenants:\n`;

/** A tree with some tenants; undefined where there is no kustomize. */
async function treeOf(t: TestContext, tenants: string): Promise<string | undefined> {
  if (requireKustomize(t) === undefined) return undefined;
  const cwd = folderOf(t, {
    'glyphoxa.yaml': `${version}kind: Glyphoxa\nmetadata: {name: bard}\n`,
    'overlays/prod/config.yaml': `${version}kind: Glyphoxa\nmetadata: {namespace: stage}\nspec: {core: {context: there}}\n`,
    'tenants.yaml': fleet + tenants,
  });
  const { exitCode, stderr } = await runCli(['generate'], { cwd });
  assert.equal(exitCode, 0, stderr);
  return cwd;
}

async function load(word: string, cwd: string): Promise<Target> {
  const namespace = { asked: undefined, fallback: undefined };
  const { target } = await loadTarget(word, { cwd, env: lifecycleEnv(), namespace, texts: new Map() });
  return target;
}

function hasCode(code: string, words = /./) {
  return (error: unknown) =>
    error instanceof Failure &&
    error.findings.some((finding) => finding.code === code) &&
    words.test(error.message);
}

describe('the folder of a tenant', () => {
  it('has the configuration of the tenant, also below a kustomization of somebody', async (t) => {
    const cwd = await treeOf(
      t,
      '  acme: { spec: { gateway: { replicaCount: 4 }, core: { context: here } } }\n  moved: { release: bard-moved }\n',
    );
    if (cwd === undefined) return;
    const { config, release, namespace, pins, stale, environment } = await load('tenants/acme', cwd);
    assert.equal(config?.spec.gateway.replicaCount, 4);
    assert.equal(config?.metadata.namespace, 'glyphoxa-tenant-acme');
    assert.deepEqual([release, namespace], ['bard', 'glyphoxa-tenant-acme']);
    assert.deepEqual(pins, [{ context: 'here', file: 'tenants.yaml' }], 'the template is for another one');
    assert.deepEqual([stale, environment], [[], undefined]);
    const moved = await load('tenants/moved', cwd);
    assert.deepEqual([moved.release, moved.config?.metadata.name], ['bard-moved', 'bard-moved']);
    assert.deepEqual(
      moved.pins.map(({ context }) => context),
      ['there'],
    );
    writeFileSync(path.join(cwd, 'kustomization.yaml'), 'resources: [tenants/acme]\n');
    assert.equal((await load('.', cwd)).config?.spec.gateway.replicaCount, 4);
    assert.deepEqual((await load('.', path.join(cwd, 'tenants/acme'))).pins, [
      { context: 'here', file: '../../tenants.yaml' },
    ]);
  });

  it('is up to date with what an engine has in it', async (t) => {
    const cwd = await treeOf(t, '  acme:\n');
    if (cwd === undefined) return;
    const engine = 'engine: { argocd: { repoURL: https://git.example.com/a.git } }\n';
    writeFileSync(
      path.join(cwd, 'tenants.yaml'),
      `${fleet.replace('tenants:', `${engine}tenants:`)}  acme:\n`,
    );
    assert.equal((await load('tenants/acme', cwd)).stale.length, 1);
    assert.equal((await runCli(['generate'], { cwd })).exitCode, 0);
    assert.deepEqual((await load('tenants/acme', cwd)).stale, []);
  });

  it('that is out of date is refused, whichever of its parts is', async (t) => {
    const cwd = await treeOf(t, '  acme:\n  other:\n');
    if (cwd === undefined) return;
    const details = async (word: string) =>
      (await load(word, cwd)).stale.flatMap(({ details = [], tenants, environments }) => [
        ...details,
        ...(tenants ?? []),
        ...(environments ?? []),
      ]);
    writeFileSync(path.join(cwd, 'tenants.yaml'), `${fleet}  acme: { labels: { a: b } }\n  other:\n`);
    assert.deepEqual(await details('tenants/acme'), ['tenants/acme/kustomization.yaml', 'acme']);
    assert.deepEqual(await details('tenants/other'), []);
    writeFileSync(
      path.join(cwd, 'tenants.yaml'),
      `${fleet.replace('tenants:', 'defaults: { spec: { gateway: { replicaCount: 2 } } }\ntenants:')}  acme:\n  other:\n`,
    );
    assert.deepEqual(await details('tenants/other'), ['tenants/_shared/kustomization.yaml', 'prod']);
    assert.equal((await runCli(['generate'], { cwd })).exitCode, 0);
    assert.deepEqual(await details('tenants/other'), []);
    const edited = path.join(cwd, 'tenants/other/kustomization.yaml');
    writeFileSync(edited, `${readFileSync(edited, 'utf8')}nameSuffix: -x\n`);
    assert.deepEqual(await details('tenants/other'), ['tenants/other/kustomization.yaml', 'other']);
    rmSync(path.join(cwd, 'components'), { recursive: true });
    assert.match((await details('tenants/acme').catch(String)).toString(), /components/);
  });

  it('is refused with errors of the file that are about it, and with no others', async (t) => {
    const cwd = await treeOf(t, '  acme:\n  other:\n  third:\n');
    if (cwd === undefined) return;
    const write = (tenants: string) => writeFileSync(path.join(cwd, 'tenants.yaml'), fleet + tenants);
    write('  acme: { spec: { gateway: { replicaCount: -1 } } }\n  other:\n  third:\n');
    await assert.rejects(load('tenants/acme', cwd), hasCode('out-of-range'));
    assert.equal((await load('tenants/other', cwd)).stale.length, 0);
    write('  acme: { namespace: glyphoxa-tenant-other }\n  other:\n  third:\n');
    await assert.rejects(load('tenants/acme', cwd), hasCode('same-namespace'));
    await assert.rejects(load('tenants/other', cwd), hasCode('same-namespace'));
    assert.equal((await load('tenants/third', cwd)).stale.length, 0);
    write('  other:\n  third:\n  fresh:\n');
    await assert.rejects(load('tenants/acme', cwd), hasCode('no-tenant'));
    await assert.rejects(load('tenants/fresh', cwd), hasCode('no-kustomization', /generate/));
    await assert.rejects(load('tenants/frsh', cwd), hasCode('no-tenant', /\bfresh\?/));
  });
});

describe('a wave', () => {
  it('that names no tenant is a warning, and none to apply; all that is left of a fleet is in order', async (t) => {
    const cwd = await treeOf(t, '  acme:\n');
    if (cwd === undefined) return;
    const waves = (names: string) =>
      writeFileSync(
        path.join(cwd, 'tenants.yaml'),
        `${fleet.replace('tenants:', `waves: [${names}]\ntenants:`)}  acme: { wave: a }\n  b: { wave: b }\n  c: { wave: nope }\n`,
      );
    waves('b, empty, a');
    const validated = await runCli(['validate', 'tenants.yaml'], { cwd });
    assert.match(validated.stdout, /^tenants.yaml:4:\d+: warning empty-wave: /m);
    assert.equal(validated.exitCode, 1, 'c is in no wave');
    const { stderr, exitCode } = await runCli(['apply', '--wave', 'empty'], { cwd });
    assert.deepEqual([exitCode, /error empty-wave: /.test(stderr)], [1, true]);
    const read = readFleet(readFileSync(path.join(cwd, 'tenants.yaml'), 'utf8'), 'tenants.yaml');
    assert.deepEqual(wavesOf(read), [
      { name: 'b', tenants: ['b'] },
      { name: 'a', tenants: ['acme', 'c'] },
    ]);
  });
});

describe('a command line that names tenants', () => {
  it('names one thing, and what it names is there', async (t) => {
    const cwd = await treeOf(t, '  acme:\n');
    if (cwd === undefined) return;
    for (const command of ['apply', 'diff']) {
      for (const wrong of [
        [],
        ['prod', '--all'],
        ['--tenant', 'acme', '--wave', 'x'],
        ['--tenant', '../overlays/prod'],
        ['--all', '--parallel=0'],
        ['--all', '--parallel=x'],
      ]) {
        const { exitCode, stdout } = await runCli([command, ...wrong], { cwd });
        assert.deepEqual([exitCode, stdout], [2, ''], wrong.join(' '));
      }
      for (const [words, code] of [
        [['--wave', 'first'], 'unknown-wave'],
        [['--all', '--namespace=x'], 'fleet-namespace'],
        [['--all', '--dir=overlays'], 'no-resource'],
        [['--all', '--kubeconfig=nowhere'], 'no-kubeconfig'],
      ] as const) {
        const { exitCode, stderr } = await runCli([command, ...words], { cwd });
        assert.equal(exitCode, command === 'diff' ? 2 : 1);
        assert.match(stderr, new RegExp(`error ${code}: `), words.join(' '));
      }
    }
  });
});
