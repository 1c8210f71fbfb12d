/** The program as one file: what it is by its name, and that it needs nothing around it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binaryFiles, buildBinaries, writeSums } from '../../scripts/release/binaries.ts';
import { fullResource } from '../function/deployments.ts';
import { makeFolder } from '../support/folder.ts';
import { requireTool, runTool } from '../support/tools.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const launcher = path.join(root, 'generator/bin/glyphoxa-kustomize.js');
const folder = makeFolder();
let file = '';
before(async () => {
  [file = ''] = await buildBinaries(['linux-x64'], folder);
});

/** The file under another name. */
function called(name: string): string {
  const link = path.join(makeFolder(), name);
  symlinkSync(file, link);
  return link;
}

/** Runs without any variable, so without a PATH: nothing but the file itself can do the work. */
const alone = (program: string, args: string[], options: { cwd?: string; input?: string } = {}) =>
  runTool('/usr/bin/env', ['-i', program, ...args], options);

const deployment = () => makeFolder({ 'glyphoxa.yaml': fullResource });

const list = `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\nfunctionConfig:\n${fullResource.replaceAll(/^(?=.)/gm, '  ')}`;

test('it is the command, and prints the bytes that the command on Node prints', async () => {
  const cwd = deployment();
  const lines = [
    ['build'],
    ['build', '-o', 'json'],
    ['build', '-o', 'name'],
    ['validate'],
    ['validate', '--output', 'sarif'],
    ['schema'],
    ['explain', 'gateway'],
    ['explain', '--file', '.', 'gateway.replicaCount'],
    ['--version'],
    ['--help'],
    ['help', 'apply'],
    ['build', 'missing.yaml'],
    ['no-such-command'],
    ['status', 'missing'],
  ];
  // Each says where the documentation of its own form is.
  const ran = async (program: string, argv: string[]) => {
    const { stdout, ...rest } = await runTool(program, argv, { cwd });
    return { ...rest, stdout: stdout.replace(/^Documentation: .+$/m, 'Documentation: there') };
  };
  for (const argv of lines)
    assert.deepEqual(await ran(file, argv), await ran(process.execPath, [launcher, ...argv]), argv.join(' '));
});

test('it works with no Node, no PATH and no variable at all', async () => {
  const cwd = deployment();
  const built = await alone(file, ['build', '-o', 'name'], { cwd });
  assert.deepEqual([built.stderr, built.exitCode], ['', 0]);
  const made = await alone(file, ['init', 'new', '--image', 'registry.example.com/glyphoxa:1a2b3c4'], {
    cwd,
  });
  assert.equal(made.exitCode, 0, made.stderr);
  assert.equal((await alone(file, ['generate', '--check', 'new'], { cwd })).exitCode, 0);
});

test('called Glyphoxa it is the classic plugin, and with fn or by that name the function', async () => {
  const cwd = deployment();
  const plugin = path.join(root, 'generator/plugin/deploy.glyphoxa.io/v1alpha1/glyphoxa/Glyphoxa');
  const classic = await alone(called('Glyphoxa'), ['glyphoxa.yaml'], { cwd });
  assert.deepEqual(classic, await runTool(plugin, ['glyphoxa.yaml'], { cwd }));
  assert.equal(classic.exitCode, 0, classic.stderr);
  const onNode = await runTool(path.join(root, 'generator/bin/function'), [], { cwd, input: list });
  assert.equal(onNode.exitCode, 0, onNode.stderr);
  assert.deepEqual(await alone(file, ['fn'], { cwd, input: list }), onNode);
  assert.deepEqual(await alone(called('glyphoxa-kustomize-fn'), [], { cwd, input: list }), onNode);
  assert.deepEqual(await runTool(process.execPath, [launcher, 'fn'], { cwd, input: list }), onNode);
});

test('as kubectl-glyphoxa it is a plugin of kubectl', async (t) => {
  const kubectl = requireTool(t, 'kubectl-1.36');
  if (kubectl === undefined) return;
  const PATH = path.dirname(called('kubectl-glyphoxa'));
  const cwd = deployment();
  const run = await runTool(kubectl, ['glyphoxa', 'build', '-o', 'name'], { cwd, env: { PATH } });
  assert.deepEqual(run, await runTool(file, ['build', '-o', 'name'], { cwd }));
});

test('plugin install links it, and kustomize then runs it', async (t) => {
  const kustomize = requireTool(t, 'kustomize');
  if (kustomize === undefined) return;
  const cwd = makeFolder({
    'glyphoxa.yaml': fullResource,
    'kustomization.yaml': 'generators: [glyphoxa.yaml]\n',
  });
  const HOME = makeFolder();
  const environment = ['-i', `HOME=${HOME}`];
  const run = (...words: string[]) => runTool('/usr/bin/env', [...environment, ...words], { cwd });
  assert.equal((await run(file, 'plugin', 'install')).exitCode, 0);
  const built = await run(kustomize, 'build', '--enable-alpha-plugins', '.');
  assert.deepEqual([built.stderr, built.exitCode], ['', 0]);
  const status = await run(file, 'plugin', 'status', '--tool', kustomize, '-o', 'json');
  const { installed, tools } = JSON.parse(status.stdout);
  assert.equal(installed, true);
  for (const way of ['plugin', 'function']) assert.equal(tools[0][way].state, 'works', way);
  assert.equal((await run(file, 'plugin', 'uninstall')).exitCode, 0);
  assert.notEqual((await run(kustomize, 'build', '--enable-alpha-plugins', '.')).exitCode, 0);
});

test('it reads nothing of the folder that it runs in but what it is asked to', async () => {
  const cwd = makeFolder({
    'glyphoxa.yaml': fullResource,
    '.env': 'GLYPHOXA_ALLOW_ENV=X\nFORCE_COLOR=1\nNODE_ENV=x\n',
    'bunfig.toml': 'preload = ["./evil.ts"]\n',
    'evil.ts': 'console.log("preloaded");\n',
    'package.json': '{"imports": {"yaml": "./evil.ts"}}',
    'tsconfig.json': '{"compilerOptions": {"paths": {"*": ["./evil.ts"]}}}',
    'node_modules/yaml/index.js': 'console.log("preloaded");\n',
    'wrong.yaml': 'kind: Glyphoxa\n',
  });
  const bare = makeFolder({ 'glyphoxa.yaml': fullResource, 'wrong.yaml': 'kind: Glyphoxa\n' });
  for (const argv of [['build'], ['validate', 'wrong.yaml'], ['status', 'missing']])
    assert.deepEqual(
      await alone(file, argv, { cwd }),
      await alone(file, argv, { cwd: bare }),
      argv.join(' '),
    );
});

test('the signature of the file for Intel Macs fits every page of it, and ends where the file does', async (t) => {
  if (requireTool(t, 'bun-darwin-x64') === undefined) return;
  const [made = ''] = await buildBinaries(['darwin-x64'], makeFolder());
  const bytes = readFileSync(made);
  let at = 32;
  while (bytes.readUInt32LE(at) !== 0x1d) at += bytes.readUInt32LE(at + 4);
  const [start, length] = [bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 12)];
  assert.equal(start + length, bytes.length);
  const directory = bytes.subarray(start + bytes.readUInt32BE(start + 16));
  const [hashes, pages, signed] = [16, 28, 32].map((field) => directory.readUInt32BE(field)) as [
    number,
    number,
    number,
  ];
  assert.equal(signed, start);
  const wrong = Array.from({ length: pages }, (_, page) => page).filter((page) => {
    const part = bytes.subarray(page * 4096, Math.min((page + 1) * 4096, signed));
    const sum = directory.subarray(hashes + page * 32, hashes + (page + 1) * 32);
    return !createHash('sha256').update(part).digest().equals(sum);
  });
  assert.deepEqual(wrong, []);
});

test('two builds have the same bytes, and SHA256SUMS fits them', async (t) => {
  const sumOf = (made: string) => createHash('sha256').update(readFileSync(made)).digest('hex');
  const [again = ''] = await buildBinaries(['linux-x64'], makeFolder());
  assert.equal(sumOf(again), sumOf(file));
  writeSums(folder);
  assert.equal(
    readFileSync(path.join(folder, 'SHA256SUMS'), 'utf8'),
    `${sumOf(file)}  ${binaryFiles['linux-x64']}\n`,
  );
  const checked = await runTool('sha256sum', ['--check', 'SHA256SUMS'], { cwd: folder });
  assert.equal(checked.exitCode, 0, checked.stderr);
  t.diagnostic(`${(readFileSync(file).length / 1e6).toFixed(0)} MB`);
});
