import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { Status } from '../../generator/cli/plugin/plugin-status.ts';
import { runCli } from '../support/fake-io.ts';
import { tells } from '../support/findings.ts';
import { folderOf } from '../support/folder.ts';
import { binary, linkTarget, pluginFile, pluginHome } from '../support/program.ts';
import { findTool, kustomizers, newestKustomize, requireTool, toolEnv } from '../support/tools.ts';
import { smallest } from './resources.ts';

const place = 'deploy.glyphoxa.io/v1alpha1/glyphoxa/Glyphoxa';

/** Everything below a folder, links with where they lead. */
function everything(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).sort().map((name) => {
    const file = path.join(folder, name);
    return lstatSync(file).isSymbolicLink() ? `${name} -> ${readlinkSync(file)}` : name;
  });
}

const homes: [
  what: string,
  env: (home: string) => { [name: string]: string },
  before: string[],
  where: string,
][] = [
  ['the default', (HOME) => ({ HOME }), [], '.config/kustomize/plugin'],
  [
    'XDG_CONFIG_HOME',
    (HOME) => ({ HOME, XDG_CONFIG_HOME: path.join(HOME, 'xdg') }),
    [],
    'xdg/kustomize/plugin',
  ],
  [
    'KUSTOMIZE_PLUGIN_HOME',
    (HOME) => ({ HOME, KUSTOMIZE_PLUGIN_HOME: path.join(HOME, 'own plugins'), XDG_CONFIG_HOME: HOME }),
    ['.config/kustomize/plugin'],
    'own plugins',
  ],
  ['the one with other plugins in it', (HOME) => ({ HOME }), ['kustomize/plugin/x'], 'kustomize/plugin'],
  [
    'the one that exists',
    (HOME) => ({ HOME, XDG_CONFIG_HOME: path.join(HOME, 'xdg') }),
    ['.config/kustomize/plugin'],
    '.config/kustomize/plugin',
  ],
];

for (const [what, envOf, before, where] of homes) {
  test(`install links the plugin into ${what}, uninstall leaves all as it was`, async (t) => {
    const home = folderOf(t, { 'untouched.txt': '' });
    for (const folder of before) mkdirSync(path.join(home, folder), { recursive: true });
    const was = everything(home);
    const env = envOf(home);
    const link = path.join(home, where, place);
    assert.deepEqual(await runCli(['plugin', 'install'], { env }), {
      stdout: '',
      stderr: `linked ${link}\n`,
      exitCode: 0,
    });
    assert.equal(readlinkSync(link), linkTarget);
    const installed = everything(home);
    assert.deepEqual(await runCli(['plugin', 'install'], { env }), {
      stdout: '',
      stderr: `${link} is there already\n`,
      exitCode: 0,
    });
    assert.deepEqual(everything(home), installed);
    const removed = { stdout: '', stderr: `removed ${link}\n`, exitCode: 0 };
    assert.deepEqual(await runCli(['plugin', 'uninstall'], { env }), removed);
    assert.deepEqual(everything(home), was);
    const again = await runCli(['plugin', 'uninstall'], { env });
    assert.deepEqual([again.stderr, again.exitCode], [`there is no link at ${link}\n`, 0]);
    assert.deepEqual(everything(home), was);
  });
}

test('folders that were there stay, and so do those that hold something by now', async (t) => {
  const home = folderOf(t, {});
  const env = { HOME: home };
  mkdirSync(path.join(home, '.config/kustomize'), { recursive: true });
  await runCli(['plugin', 'install'], { env });
  const other = path.join(home, '.config/kustomize/plugin/example.com');
  mkdirSync(other);
  await runCli(['plugin', 'uninstall'], { env });
  assert.deepEqual(everything(home), [
    '.config',
    '.config/kustomize',
    '.config/kustomize/plugin',
    '.config/kustomize/plugin/example.com',
  ]);
});

const foreign: [what: string, make: (file: string, home: string) => void][] = [
  ['a file', (file) => writeFileSync(file, 'mine')],
  ['a folder', (file) => mkdirSync(file)],
  ['a link to something else', (file, home) => symlinkSync(path.join(home, 'elsewhere'), file)],
  [
    'the plugin of another copy',
    (file, home) => {
      const other = path.join(home, 'other/generator/plugin', place);
      mkdirSync(path.dirname(other), { recursive: true });
      writeFileSync(other, '');
      symlinkSync(other, file);
    },
  ],
];

for (const [what, make] of foreign) {
  test(`${what} in the plugin's place is left alone`, async (t) => {
    const home = folderOf(t, {});
    const file = path.join(home, '.config/kustomize/plugin', place);
    mkdirSync(path.dirname(file), { recursive: true });
    make(file, home);
    const was = everything(home);
    for (const command of ['install', 'uninstall']) {
      const { stdout, stderr, exitCode } = await runCli(['plugin', command], { env: { HOME: home } });
      tells(stderr, 'error plugin-in-the-way', file);
      assert.deepEqual({ stdout, exitCode }, { stdout: '', exitCode: 1 });
      assert.deepEqual(everything(home), was);
    }
  });
}

test('a link to a copy that is gone is replaced', async (t) => {
  const home = folderOf(t, {});
  const file = path.join(home, '.config/kustomize/plugin', place);
  mkdirSync(path.dirname(file), { recursive: true });
  symlinkSync(path.join(home, 'gone/generator/plugin', place), file);
  assert.equal((await runCli(['plugin', 'install'], { env: { HOME: home } })).exitCode, 0);
  assert.equal(readlinkSync(file), linkTarget);
});

test('the plugin home of the package is never changed', async () => {
  if (binary !== undefined) return; // one file has none
  const env = { KUSTOMIZE_PLUGIN_HOME: pluginHome };
  for (const command of ['install', 'uninstall'])
    assert.equal((await runCli(['plugin', command], { env })).exitCode, 0);
  assert.ok(lstatSync(pluginFile).isFile());
});

test('a home that cannot be made is told at once', async () => {
  const { stderr, exitCode } = await runCli(['plugin', 'install'], {
    env: { KUSTOMIZE_PLUGIN_HOME: '/proc/none/x' },
  });
  assert.match(stderr, /^error unwritable: /);
  assert.equal(exitCode, 1);
});

test('without a home there is nowhere to install', async () => {
  const { stderr, exitCode } = await runCli(['plugin', 'install']);
  assert.match(stderr, /^error no-plugin-home: /);
  assert.equal(exitCode, 1);
});

test('an installed plugin is found by kustomize', async (t) => {
  const kustomize = newestKustomize();
  if (kustomize === undefined) return void requireTool(t, 'kustomize');
  const home = folderOf(t, {
    'kustomization.yaml': 'generators: [glyphoxa.yaml]\n',
    'glyphoxa.yaml': smallest,
  });
  await runCli(['plugin', 'install'], { env: { HOME: home } });
  const env = { HOME: home, XDG_CONFIG_HOME: '', KUSTOMIZE_PLUGIN_HOME: '' };
  const built = await kustomize.build(home, { alphaPlugins: true, env });
  assert.match(built.stdout, /name: tavern-gateway/, built.stderr);
});

test('status says of every tool which ways work', async (t) => {
  const tools = kustomizers().filter(({ name }) => /^(?:kustomize|kubectl-1\.(?:27|36))/.test(name));
  if (tools.length === 0) return void requireTool(t, 'kustomize');
  const home = folderOf(t, {});
  const bin = path.join(home, 'bin');
  mkdirSync(bin);
  const [first] = tools;
  symlinkSync(
    findTool(first?.name ?? 'kustomize') ?? '',
    path.join(bin, first?.canExec ? 'kustomize' : 'kubectl'),
  );
  symlinkSync(process.execPath, path.join(bin, 'node'));
  const env = { ...toolEnv({ HOME: home }), XDG_CONFIG_HOME: undefined, KUSTOMIZE_PLUGIN_HOME: undefined };
  const world = { env: { ...env, PATH: `${bin}:/usr/bin:/bin` } };
  const named = tools.slice(1).flatMap(({ name }) => ['--tool', findTool(name) ?? '']);
  const argv = ['plugin', 'status', '-o', 'json', ...named];
  const before = await runCli(argv, world);
  assert.deepEqual([before.stderr, before.exitCode], ['', 0]);
  const status = JSON.parse(before.stdout) as Status;
  assert.equal(status.installed, false);
  for (const { name, version, canExec } of tools) {
    const found = status.tools.find((tool) => tool.version === version);
    assert.ok(found, `${name} ${version}: ${before.stdout}`);
    assert.equal(found.kind, canExec ? 'kustomize' : 'kubectl');
    assert.deepEqual(found.plugin, { state: 'works' }, name);
    assert.equal(found.function.state, canExec ? 'works' : 'impossible', name);
    assert.equal(found.functionWithoutExec.state, 'silent', name);
  }
  await runCli(['plugin', 'install'], world);
  const after = await runCli(['plugin', 'status', ...named], world);
  assert.match(after.stdout, /^PROGRAM +VERSION +PLUGIN +FUNCTION +WITHOUT EXEC\n/);
  assert.match(after.stdout, /^\S*\/bin\/\S+ +\S+.* works +\S+ +silent$/m);
  assert.match(after.stderr, /\.config\/kustomize\/plugin$/m);
  assert.equal(after.exitCode, 0);
});

test('status without any tool, or with one that is none, fails in words', async (t) => {
  const home = folderOf(t, {});
  const env = { HOME: home, PATH: path.join(home, 'nothing') };
  const none = await runCli(['plugin', 'status'], { env });
  assert.deepEqual([none.stdout, none.exitCode], ['', 1]);
  assert.match(none.stderr, /^.*\bkustomize\b.*\bkubectl\b.* PATH\b.*--tool\n/);
  mkdirSync(env.PATH);
  writeFileSync(path.join(env.PATH, 'kubectl'), '#!/bin/sh\nexit 3\n');
  chmodSync(path.join(env.PATH, 'kubectl'), 0o755);
  const broken = await runCli(['plugin', 'status', '--tool', 'missing'], { env, cwd: home });
  assert.equal(broken.exitCode, 1);
  assert.match(broken.stderr, /kubectl .*\n.*missing /);
  assert.ok(!existsSync(path.join(home, '.config')));
});
