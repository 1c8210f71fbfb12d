import assert from 'node:assert/strict';
import { chmod, cp, mkdir, readdir, readFile, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readYaml } from '../../generator/model/yaml.ts';
import { build } from '../../generator/objects/build.ts';
import { tells } from '../support/findings.ts';
import { pluginFile, pluginHome } from '../support/program.ts';
import { kustomizers, requireKustomizers, requireTool, runTool } from '../support/tools.ts';
import { deployment, folder, fullResource, installedCopy, objectsIn, root } from './deployments.ts';

const names = kustomizers().map(({ name }) => name);

async function expected(resource: string) {
  const { objects } = await build(readYaml(resource, 'glyphoxa.yaml'), undefined, { env: {}, folder: '.' });
  return JSON.parse(JSON.stringify(objects));
}

describe('the classic plugin', () => {
  for (const name of names) {
    it(`gives ${name} exactly the objects of the resource`, async (t) => {
      const kustomizer = kustomizers().find((other) => other.name === name);
      const dir = await deployment(t, fullResource);
      const run = await kustomizer?.build(dir, {
        alphaPlugins: true,
        env: { KUSTOMIZE_PLUGIN_HOME: pluginHome },
      });
      assert.equal(run?.exitCode, 0, run?.stderr);
      assert.deepEqual(objectsIn(run?.stdout ?? ''), await expected(fullResource));
    });

    it(`prints the default deployment of the clone with ${name}`, async () => {
      const kustomizer = kustomizers().find((other) => other.name === name);
      const run = await kustomizer?.build(root, {
        alphaPlugins: true,
        env: { KUSTOMIZE_PLUGIN_HOME: pluginHome },
      });
      assert.equal(run?.exitCode, 0, run?.stderr);
      const kinds = objectsIn(run?.stdout ?? '').map(({ kind }) => kind);
      assert.ok(kinds.includes('Deployment') && kinds.includes('NetworkPolicy'));
    });

    it(`fails ${name} with the file, line and column of each mistake`, async (t) => {
      const kustomizer = kustomizers().find((other) => other.name === name);
      const dir = await deployment(
        t,
        '# a comment that kustomize drops\napiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nspec:\n  gateway:\n    replicas: 3\n  core:\n    image: {tag: 1.10}\nmetadata:\n  name: tavern\n',
      );
      const run = await kustomizer?.build(dir, {
        alphaPlugins: true,
        env: { KUSTOMIZE_PLUGIN_HOME: pluginHome },
      });
      assert.notEqual(run?.exitCode, 0);
      assert.equal(run?.stdout, '');
      assert.match(run?.stderr ?? '', /glyphoxa\.yaml:6:5: error unknown-field: spec\.gateway\.replicas/);
      tells(run?.stderr ?? '', 'glyphoxa.yaml:8:18: error wrong-type', 'spec.core.image.tag', '"1.10"');
    });
  }

  const texts = ['=', '1e999', '0xFFFFFFFFFFFFFFFFFF', '2001-01-01T1:2:3', '0b_'];
  const withTexts = (quote: string) =>
    `apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {name: tavern}\nspec:\n  gateway:\n    podPatch:\n      metadata:\n        annotations:\n${texts.map((text, i) => `          k${i}.io/x: ${quote}${text}${quote}\n`).join('')}`;

  it('takes every quoted text as the text that it is, as the tree does', async (t) => {
    const all = requireKustomizers(t);
    if (all === undefined) return;
    const resource = withTexts('"');
    const dir = await deployment(t, resource);
    for (const kustomizer of [all[0], all.at(-1)]) {
      const run = await kustomizer?.build(dir, {
        alphaPlugins: true,
        env: { KUSTOMIZE_PLUGIN_HOME: pluginHome },
      });
      assert.equal(run?.exitCode, 0, run?.stderr);
      assert.deepEqual(objectsIn(run?.stdout ?? ''), await expected(resource));
    }
  });

  it('refuses a plain text where the file of the resource says that it is plain', async (t) => {
    const all = requireKustomizers(t);
    if (all === undefined) return;
    const dir = await deployment(t, withTexts('').replaceAll(/k[1-4].*\n/g, '\n'));
    const run = await all[0]?.build(dir, { alphaPlugins: true, env: { KUSTOMIZE_PLUGIN_HOME: pluginHome } });
    assert.notEqual(run?.exitCode, 0);
    assert.match(run?.stderr ?? '', /glyphoxa\.yaml:9:\d+: error ambiguous-scalar/);
  });

  it('reports value paths where the file of the resource cannot be told', async (t) => {
    const resource =
      'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {name: tavern}\nspec: {core: {topology: alone}}\n';
    const dir = await folder(t, { 'one.yaml': resource, 'two.yaml': resource });
    const run = await runTool(pluginFile, [path.join(dir, 'one.yaml')], {
      cwd: dir,
      env: { KUSTOMIZE_PLUGIN_CONFIG_ROOT: dir },
    });
    assert.equal(run.exitCode, 1);
    assert.equal(run.stdout, '');
    tells(run.stderr, 'error not-a-choice', 'spec.core.topology', '"alone"');
  });

  it('works from a clone with spaces in its path, without node_modules, through a link', async (t) => {
    const copy = await installedCopy(t, 'a clone with spaces');
    const home = await folder(t);
    const link = path.join(home, 'deploy.glyphoxa.io/v1alpha1/glyphoxa/Glyphoxa');
    await cp(path.join(copy, 'generator/plugin'), home, { recursive: true });
    await unlink(link);
    await symlink(path.join(copy, 'generator/plugin/deploy.glyphoxa.io/v1alpha1/glyphoxa/Glyphoxa'), link);
    assert.deepEqual((await readdir(copy)).sort(), ['dist', 'generator']);
    const name = requireTool(t, 'kustomize');
    if (name === undefined) return;
    const dir = await deployment(t, fullResource);
    for (const plugins of [home, path.join(copy, 'generator/plugin')]) {
      const run = await runTool(name, ['build', '--enable-alpha-plugins', '.'], {
        cwd: dir,
        env: { KUSTOMIZE_PLUGIN_HOME: plugins },
      });
      assert.equal(run.exitCode, 0, run.stderr);
      assert.deepEqual(objectsIn(run.stdout), await expected(fullResource));
    }
  });

  it('does without the compiled code of another Node version', async (t) => {
    const copy = await installedCopy(t, 'clone');
    for (const file of await readdir(path.join(copy, 'dist'))) {
      if (file.endsWith('.cache')) await unlink(path.join(copy, 'dist', file));
    }
    const dir = await deployment(t, fullResource);
    const plugin = path.join(copy, 'generator/plugin/deploy.glyphoxa.io/v1alpha1/glyphoxa/Glyphoxa');
    const run = await runTool(plugin, [path.join(dir, 'glyphoxa.yaml')], { cwd: dir });
    assert.equal(run.exitCode, 0, run.stderr);
    assert.deepEqual(objectsIn(run.stdout), await expected(fullResource));
  });

  it('reads what is written simply without the YAML library, in both contracts', async (t) => {
    const copy = await installedCopy(t, 'clone');
    await unlink(path.join(copy, 'dist/function-yaml.cjs'));
    const simple = await readFile(path.join(root, 'glyphoxa.yaml'), 'utf8');
    const dir = await deployment(t, simple);
    const plugin = path.join(copy, 'generator/plugin/deploy.glyphoxa.io/v1alpha1/glyphoxa/Glyphoxa');
    const classic = await runTool(plugin, [path.join(dir, 'glyphoxa.yaml')], { cwd: dir });
    assert.equal(classic.exitCode, 0, classic.stderr);
    assert.deepEqual(objectsIn(classic.stdout), await expected(simple));
    const config = simple.replace(/^#.*\n/gm, '').replace(/^/gm, '  ');
    const list = `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig:\n${config}`;
    const krm = await runTool(path.join(copy, 'generator/bin/function'), [], { input: list, cwd: dir });
    assert.equal(krm.exitCode, 0, krm.stderr);
    assert.deepEqual(JSON.parse(krm.stdout).items, await expected(simple));
  });

  it('runs an edited bundle, though the compiled code of the old one is there', async (t) => {
    const copy = await installedCopy(t, 'clone');
    const bundle = path.join(copy, 'dist/function-main.cjs');
    const text = await readFile(bundle, 'latin1');
    // as long as before: V8 would not see it
    await writeFile(bundle, text.replaceAll('missing-config', 'edited--config'), 'latin1');
    const list = 'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n';
    const run = await runTool(path.join(copy, 'generator/bin/function'), [], { input: list });
    assert.match(run.stderr, /error edited--config/);
  });

  it('finds its own bundle through a link at any level of its path', async (t) => {
    const copy = await installedCopy(t, 'clone');
    const home = await folder(t);
    const dir = await deployment(t, fullResource);
    // what a link's own name leads to, and must not be run
    await mkdir(path.join(home, 'dist'));
    await writeFile(path.join(home, 'dist/function.cjs'), 'process.exit(42);');
    const entry = 'deploy.glyphoxa.io/v1alpha1/glyphoxa/Glyphoxa';
    const levels: [target: string, link: string, rest: string][] = [
      ['generator/bin', 'a/bin', 'function'],
      ['generator', 'a/generator', 'bin/function'],
      ['generator/plugin', 'a/plugin', entry],
      ['generator/plugin/deploy.glyphoxa.io', 'a/b/plugin/deploy.glyphoxa.io', entry.replace(/^[^/]+\//, '')],
      ['generator/plugin/deploy.glyphoxa.io/v1alpha1/glyphoxa', 'a/b/c/d/glyphoxa', 'Glyphoxa'],
    ];
    for (const [target, link, rest] of levels) {
      await mkdir(path.dirname(path.join(home, link)), { recursive: true });
      await symlink(path.join(copy, target), path.join(home, link));
      const run = await runTool(path.join(home, link, rest), [path.join(dir, 'glyphoxa.yaml')], { cwd: dir });
      assert.equal(run.exitCode, 0, `${link}: ${run.stderr}`);
      assert.deepEqual(objectsIn(run.stdout), await expected(fullResource), link);
    }
  });

  it('says what to do when the bundles are not built', async (t) => {
    const copy = path.join(await folder(t), 'clone');
    await cp(path.join(root, 'generator/plugin'), path.join(copy, 'generator/plugin'), { recursive: true });
    const plugin = path.join(copy, 'generator/plugin/deploy.glyphoxa.io/v1alpha1/glyphoxa/Glyphoxa');
    await chmod(plugin, 0o755);
    const run = await runTool(plugin, ['glyphoxa.yaml'], { cwd: copy });
    assert.equal(run.exitCode, 1);
    assert.match(run.stderr, /function\.cjs .*npm ci\b/);
  });

  it('gives two builds at once the same bytes', async (t) => {
    const kustomizer = requireTool(t, 'kustomize');
    if (kustomizer === undefined) return;
    const dir = await deployment(t, fullResource);
    const once = () =>
      runTool(kustomizer, ['build', '--enable-alpha-plugins', '.'], {
        cwd: dir,
        env: { KUSTOMIZE_PLUGIN_HOME: pluginHome },
      });
    const runs = await Promise.all([once(), once(), once(), once()]);
    assert.equal(new Set(runs.map(({ stdout, exitCode }) => `${exitCode} ${stdout}`)).size, 1);
    assert.equal(runs[0]?.exitCode, 0);
  });

  it('prints the same in every locale and time zone', async (t) => {
    const dir = await deployment(t, fullResource);
    const run = (env: Record<string, string>) =>
      runTool(pluginFile, [path.join(dir, 'glyphoxa.yaml')], { cwd: dir, env });
    const first = await run({ LANG: 'C', TZ: 'UTC' });
    assert.equal(first.exitCode, 0);
    assert.equal(
      (await run({ LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Asia/Kolkata' })).stdout,
      first.stdout,
    );
  });
});
