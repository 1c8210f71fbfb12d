/** The packed package: it installs alone, it is small, and all of it works where nothing else is. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { releaseOf } from '../../generator/tree/release.ts';
import { workflowText } from '../../generator/tree/starter-texts.ts';
import { filesIn, folderOf } from '../support/folder.ts';
import { installPackage } from '../support/package.ts';
import { requireTool, runTool } from '../support/tools.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { tarball, folder, place, env, remove } = installPackage();
after(remove);

const manifest = JSON.parse(readFileSync(path.join(place, 'package.json'), 'utf8'));
const npx = (cwd: string, ...words: string[]) =>
  runTool('npx', ['--no-install', ...words], { cwd, env: { ...env } });

test('it is alone in node_modules, and at most 8 MB', () => {
  const beside = readdirSync(path.join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
  assert.deepEqual(beside, [manifest.name]);
  const sizes = [...filesIn(place).keys()].map((file) => statSync(path.join(place, file)).size);
  const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 1e6;
  assert.ok(megabytes < 8, `${megabytes} MB`);
});

test('an install runs no script of it', () => {
  for (const script of ['preinstall', 'install', 'postinstall', 'prepare'])
    assert.equal(manifest.scripts?.[script], undefined);
  for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies'])
    assert.equal(manifest[kind], undefined, kind);
});

test('all that the README links is in it, and the rights of a deployer', () => {
  const links = [...readFileSync(path.join(place, 'README.md'), 'utf8').matchAll(/\]\(([^)#]+)[^)]*\)/g)];
  const local = links.map(([, target = '']) => target).filter((target) => !/^https?:/.test(target));
  assert.ok(local.length > 10);
  for (const file of [...local, 'docs/deployer-rbac.yaml'])
    assert.ok(existsSync(path.join(place, file)), `${file} is not in the package`);
});

test('the command works from it: a repository, its tree, its objects, and the plugin', async (t) => {
  const where = path.join(folder, 'deployment');
  const words = ['init', 'deployment', '--image', 'registry.example.com/glyphoxa:1a2b3c4'];
  for (const argv of [words, ['generate', where], ['validate', where, path.join(where, 'overlays')]]) {
    const run = await npx(folder, manifest.name, ...argv);
    assert.equal(run.exitCode, 0, run.stderr);
  }
  const built = await npx(folder, manifest.name, 'build', path.join(where, 'overlays/production'));
  assert.equal(built.exitCode, 0, built.stderr);
  assert.match(built.stdout, /kind: Deployment/);
  const kustomize = requireTool(t, 'kustomize');
  if (kustomize === undefined) return;
  const home = folderOf(t, {});
  const installed = await runTool('npx', ['--no-install', manifest.name, 'plugin', 'install'], {
    cwd: folder,
    env: { ...env, HOME: home, XDG_CONFIG_HOME: home },
  });
  assert.equal(installed.exitCode, 0, installed.stderr);
  const kustomization = path.join(where, 'plugin');
  mkdirSync(kustomization);
  writeFileSync(path.join(kustomization, 'kustomization.yaml'), 'generators: [glyphoxa.yaml]\n');
  writeFileSync(path.join(kustomization, 'glyphoxa.yaml'), readFileSync(path.join(where, 'glyphoxa.yaml')));
  const plugged = await runTool(kustomize, ['build', '--enable-alpha-plugins', kustomization], {
    env: { HOME: home, XDG_CONFIG_HOME: home },
  });
  assert.equal(plugged.exitCode, 0, plugged.stderr);
  const piped = await npx(folder, `${manifest.name}-fn`, '--help');
  assert.equal(piped.exitCode, 0, piped.stderr);
});

test('the targets that talk to a cluster load their client from it', async () => {
  const config = path.join(folder, 'kubeconfig');
  const cluster = { name: 'a', cluster: { server: 'https://127.0.0.1:9' } };
  const context = { name: 'a', context: { cluster: 'a', user: 'a' } };
  const user = { name: 'a', user: { token: 'x' } };
  const text = { clusters: [cluster], contexts: [context], users: [user], 'current-context': 'a' };
  writeFileSync(config, JSON.stringify({ apiVersion: 'v1', kind: 'Config', ...text }));
  const overlay = path.join(folder, 'deployment');
  const argv = ['status', 'production', '--dir', overlay, '--kubeconfig', config, '--context', 'b'];
  const run = await npx(folder, manifest.name, ...argv);
  assert.match(run.stderr, /error no-context: /);
});

test('as a library it gives types to a strict project that has nothing else', async (t) => {
  const source = `import { build, type Config, generate, type GlyphoxaResource, readYaml } from '${manifest.name}';
    const written: GlyphoxaResource = {
      apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa', metadata: { name: 'a' },
      spec: { gateway: { replicaCount: 2 }, core: { topology: 'shared' } },
    };
    // @ts-expect-error no such topology
    written.spec = { core: { topology: 'alone' } };
    export async function names(text: string): Promise<string[]> {
      const { objects, config } = await build(readYaml(text, 'a'), undefined, { env: {}, folder: '.' });
      const replicas: number = config.spec.gateway.replicaCount;
      return [...objects, ...generate(config satisfies Config, new Map())].map(({ metadata }) => metadata.name + replicas);
    }\n`;
  const options = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    types: [],
  };
  const project = folderOf(t, { 'main.ts': source, 'package.json': '{"type": "module"}' });
  symlinkSync(path.join(folder, 'node_modules'), path.join(project, 'node_modules'));
  for (const module of ['NodeNext', 'Preserve']) {
    const compilerOptions = { ...options, module, target: 'ES2022', lib: ['ES2022'], preserveSymlinks: true };
    writeFileSync(
      path.join(project, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['main.ts'] }),
    );
    const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
    const run = await runTool(process.execPath, [compiler, '-p', project], { cwd: project });
    assert.deepEqual({ stdout: run.stdout, exitCode: run.exitCode }, { stdout: '', exitCode: 0 }, module);
  }
  const library = await import(pathToFileURL(path.join(place, 'dist/index.js')).href);
  assert.equal(typeof library.build, 'function');
});

test('the published type of a configuration is the type that the program is checked with', async (t) => {
  const asserted = `import type { Config as Ours } from ${JSON.stringify(path.join(root, 'generator/config/schema/resource.ts'))};
    import type { Config as Theirs } from ${JSON.stringify(path.join(root, 'dist/types/config/schema/resource.js'))};
    type Fits<A, B> = [A] extends [B] ? true : never;
    export const both: [Fits<Ours, Theirs>, Fits<Theirs, Ours>, Fits<keyof Ours['spec'], keyof Theirs['spec']>] = [true, true, true];\n`;
  const project = folderOf(t, { 'main.ts': asserted });
  const compilerOptions = {
    allowImportingTsExtensions: true,
    resolveJsonModule: true,
    noEmit: true,
    skipLibCheck: true,
  };
  const strict = { strict: true, exactOptionalPropertyTypes: true, module: 'NodeNext', target: 'ES2023' };
  const types = { types: ['node'], typeRoots: [path.join(root, 'node_modules/@types')] };
  const config = { compilerOptions: { ...compilerOptions, ...strict, ...types }, files: ['main.ts'] };
  writeFileSync(path.join(project, 'tsconfig.json'), JSON.stringify(config));
  writeFileSync(path.join(project, 'package.json'), '{"type": "module"}');
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc');
  const run = await runTool(process.execPath, [compiler, '-p', project], { cwd: project });
  assert.deepEqual({ stdout: run.stdout, exitCode: run.exitCode }, { stdout: '', exitCode: 0 });
});

test('publint has nothing to say', async () => {
  const { messages, pkg } = await publint({ pkgDir: place, strict: true, pack: false });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test('types are right for every way of importing that an ES module has', async () => {
  const packed = createPackageFromTarballData(new Uint8Array(readFileSync(tarball)));
  const checked = await checkPackage(packed);
  const problems = 'problems' in checked ? checked.problems : [{ kind: 'no types' }];
  // What require() gives is an ES module, which Node has done since 20.19 and TypeScript knows.
  assert.deepEqual(
    problems.filter(({ kind }) => kind !== 'CJSResolvesToESM'),
    [],
  );
});

test('the workflow of a new repository asks no registry for a name', async (t) => {
  const plain = releaseOf({ name: manifest.name, version: manifest.version });
  const install = /^ +- run: (npm install .*)$/m.exec(workflowText(plain))?.[1];
  assert.ok(install !== undefined);
  const cwd = folderOf(t, { [plain.file]: readFileSync(tarball) });
  const prefix = folderOf(t, {});
  const run = await runTool('/bin/sh', ['-ec', install], { cwd, env: { ...env, npm_config_prefix: prefix } });
  assert.equal(run.exitCode, 0, run.stderr);
  const version = await runTool(path.join(prefix, 'bin', manifest.name), ['--version']);
  assert.equal(version.stdout.trim(), manifest.version);
  const published = {
    repository: { url: 'git+https://github.com/example/deploy.git' },
    gitHead: 'a'.repeat(40),
  };
  const text = workflowText(releaseOf({ name: manifest.name, version: '1.2.3', ...published }));
  assert.match(text, new RegExp(`uses: example/deploy/setup@${'a'.repeat(40)} # v1\\.2\\.3$`, 'm'));
  assert.doesNotMatch(text, /npm (?:install|exec)|npx/);
});

test('nothing that is written or printed makes a machine run a package by a name', () => {
  const pages = [...filesIn(place)].filter(([file]) => file.endsWith('.md'));
  assert.ok(pages.length > 20);
  for (const [file, text] of pages)
    assert.doesNotMatch(text, /\bnpx glyphoxa|npm (?:install|i|exec) (?:-\S+ )*glyphoxa/, file);
  const code = [...filesIn(path.join(place, 'dist'))].filter(([file]) => /\.c?js$/.test(file));
  for (const [file, text] of code) {
    assert.doesNotMatch(text, /\bnpx glyphoxa|npm (?:install|i|exec) (?:-\S+ )*glyphoxa/, file);
    assert.doesNotMatch(text, /unpkg\.com|jsdelivr\.net/, file);
  }
});
