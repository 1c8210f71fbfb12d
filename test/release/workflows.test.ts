/** The workflows of this repository, the action `setup`, and the workflow that `init` writes: checked, and run as far as that goes here. */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { releaseOf } from '../../generator/tree/release.ts';
import { workflowText } from '../../generator/tree/starter-texts.ts';
import manifest from '../../package.json' with { type: 'json' };
import { binaryFiles, buildBinaries, writeSums } from '../../scripts/release/binaries.ts';
import { problemsOf } from '../../scripts/release/check.ts';
import { notesOf } from '../../scripts/release/notes.ts';
import { billOfMaterials } from '../../scripts/release/sbom.ts';
import { filesIn, folderOf, makeFolder } from '../support/folder.ts';
import { requireTool, runTool } from '../support/tools.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const published = {
  repository: { url: 'git+https://github.com/example/deploy.git' },
  gitHead: 'a'.repeat(40),
};
const registry = { publishConfig: { registry: 'https://registry.example.com/' } };

/** Our workflows and action, and the workflow of a new repository in both its forms. */
function workflows(t: TestContext): string {
  const folder = folderOf(t, {
    '.github/workflows/new.yaml': workflowText(releaseOf(manifest)),
    '.github/workflows/new-published.yaml': workflowText(releaseOf({ ...manifest, ...published })),
  });
  cpSync(path.join(root, '.github/workflows'), path.join(folder, '.github/workflows'), { recursive: true });
  cpSync(path.join(root, 'setup'), path.join(folder, 'setup'), { recursive: true });
  return folder;
}

test('actionlint has nothing to say of any workflow', async (t) => {
  const actionlint = requireTool(t, 'actionlint');
  if (actionlint === undefined) return;
  const cwd = workflows(t);
  const files = readdirSync(path.join(cwd, '.github/workflows')).map((name) => `.github/workflows/${name}`);
  assert.ok(files.length >= 4);
  const run = await runTool(actionlint, ['-shellcheck=', '-pyflakes=', ...files], { cwd });
  assert.deepEqual([run.stdout, run.exitCode], ['', 0], run.stderr);
});

test('zizmor has nothing to say of any workflow or of the action', async (t) => {
  const zizmor = requireTool(t, 'zizmor');
  if (zizmor === undefined) return;
  const run = await runTool(zizmor, ['--offline', '--no-progress', '.'], { cwd: workflows(t) });
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /No findings/);
});

/** Every value under a key, wherever it stands. */
function valuesOf(value: Json, key: string): Json[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesOf(item, key));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => [
    ...(name === key ? [item] : []),
    ...valuesOf(item, key),
  ]);
}

const release = parseYaml(
  readFileSync(path.join(root, '.github/workflows/release.yml'), 'utf8'),
)[0] as JsonObject;
const action = parseYaml(readFileSync(path.join(root, 'setup/action.yml'), 'utf8'))[0] as JsonObject;

test('actions and containers are named by what they are, and rights are given where they are needed', () => {
  const used = [release, action].flatMap((file) => valuesOf(file, 'uses')).map(String);
  assert.ok(used.length > 8);
  for (const name of used) assert.match(name, /^\.\/|@[0-9a-f]{40}$/);
  for (const container of valuesOf(release, 'container'))
    assert.match(JSON.stringify(container), /@sha256:[0-9a-f]{64}/);
  assert.deepEqual(release.permissions, {});
  const jobs = Object.entries(release.jobs as { [name: string]: JsonObject });
  const mayWrite = jobs.filter(([, job]) => Object.values(job.permissions as JsonObject).includes('write'));
  assert.deepEqual(
    mayWrite.map(([name]) => name),
    ['publish'],
  );
  assert.ok(jobs.every(([name, job]) => name === 'check' || job.needs !== undefined));
});

test('each step of a release is a script of package.json or a command of the machine', () => {
  const lines = valuesOf(release, 'run').flatMap((text) => String(text).split('\n'));
  const scripts = lines.flatMap((line) => /npm run (?:--silent )?([\w:]+)/.exec(line)?.[1] ?? []);
  assert.ok(scripts.length > 7);
  for (const name of scripts) assert.ok(Object.hasOwn(manifest.scripts, name), name);
});

const changelog =
  '# Changelog\n\n## Unreleased\n\n- soon\n\n## 0.1.0 - 2026-01-02\n\n### Added\n\n- all\n\n## 0.0.9\n';

test('a release is refused while nobody has said where it comes from, and for every other reason at once', () => {
  const candidate = { changelog, tag: 'v0.1.0', workflowRepository: 'Example/deploy' };
  const own = { name: manifest.name, version: '0.1.0' };
  const whole = { ...own, ...published, ...registry };
  assert.deepEqual(problemsOf({ ...candidate, manifest: whole }), []);
  const problems = problemsOf({ ...candidate, tag: 'v9.9.9', changelog: '# Changelog\n', manifest: own });
  for (const [index, expected] of [
    /repository\.url /,
    /publishConfig\.registry /,
    /\bv9\.9\.9 .*\bv0\.1\.0/,
    /no section "## 0\.1\.0"/,
  ].entries())
    assert.match(problems[index] ?? '', expected);
  assert.match(
    problemsOf({ ...candidate, manifest: whole, workflowRepository: 'other/fork' })[0] ?? '',
    /\bother\/fork\b/,
  );
  const plain = { ...whole, publishConfig: { registry: 'http://registry.example.com' } };
  assert.equal(problemsOf({ ...candidate, manifest: plain }).length, 1);
});

test('until somebody says so, this repository refuses', async () => {
  const run = await runTool('npm', ['run', '--silent', 'release:check', '--', `v${manifest.version}`], {
    cwd: root,
  });
  assert.equal(run.exitCode, 'repository' in manifest ? run.exitCode : 1);
  if (!('repository' in manifest)) assert.match(run.stderr, /^error: package\.json: repository\.url /);
});

test('the notes are the section of the version', () => {
  assert.equal(notesOf(changelog, '0.1.0'), '### Added\n\n- all');
  assert.equal(notesOf(changelog.replace('## 0.1.0', '## [0.1.0]'), '0.1.0'), '### Added\n\n- all');
  for (const version of ['0.0.9', '0.1', '1.0.0']) assert.equal(notesOf(changelog, version), undefined);
});

test('the bill of materials lists what is bundled, with versions and sums, and no development tool', async () => {
  const bill = (await billOfMaterials()) as {
    components: { name: string; version: string; purl: string; hashes?: unknown[] }[];
  };
  const names = bill.components.map(({ name }) => name);
  for (const name of ['commander', 'yaml', 'preact', '@oven/bun-linux-x64', 'libc6'])
    assert.ok(names.includes(name), name);
  for (const name of ['typescript', 'esbuild', '@biomejs/biome', 'fast-check', 'tsx'])
    assert.ok(!names.includes(name), name);
  for (const { name, version, purl, hashes } of bill.components) {
    assert.match(purl, /^pkg:(?:npm|deb)\/.+@/, name);
    assert.ok(version !== '' && hashes?.length === 1, name);
  }
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const yaml = bill.components.find(({ name }) => name === 'yaml');
  assert.equal(yaml?.version, lock['node_modules/yaml'].version);
  assert.deepEqual(await billOfMaterials(), bill);
});

const fileName = binaryFiles[`${process.platform}-${process.arch}` as 'linux-x64'];
let built: Promise<string> | undefined;

/** A folder with releases as GitHub serves them, on loopback. */
async function releases(t: TestContext): Promise<{ RELEASES: string; folder: string; served: string[] }> {
  built ??= (async () => {
    const folder = makeFolder({});
    await buildBinaries([`${process.platform}-${process.arch}` as 'linux-x64'], path.join(folder, 'v0.1.0'));
    writeSums(path.join(folder, 'v0.1.0'));
    return folder;
  })();
  const folder = await built;
  const served: string[] = [];
  const server = createServer((request, response) => {
    served.push(request.url ?? '');
    const file = path.join(folder, path.normalize(request.url ?? ''));
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { RELEASES: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, folder, served };
}

/** Runs what the action runs. */
const install = (env: Record<string, string>, ...words: string[]) =>
  runTool('bash', [path.join(root, 'setup/install.sh'), ...words], { env: { VERSION: '0.1.0', ...env } });

test('the action gets the file of a release, checks its sum, and takes it from the cache the next time', async (t) => {
  const { RELEASES, folder, served } = await releases(t);
  const FOLDER = folderOf(t, {});
  const [GITHUB_PATH, GITHUB_OUTPUT] = ['path', 'output'].map((name) => path.join(folderOf(t, {}), name)) as [
    string,
    string,
  ];
  const env = { RELEASES, FOLDER, GITHUB_PATH, GITHUB_OUTPUT };
  const first = await install(env);
  assert.equal(first.exitCode, 0, first.stdout + first.stderr);
  const program = path.join(FOLDER, 'glyphoxa-kustomize');
  assert.equal(readFileSync(GITHUB_OUTPUT, 'utf8'), `path=${program}\n`);
  assert.equal(readFileSync(GITHUB_PATH, 'utf8'), `${FOLDER}\n`);
  assert.equal((await runTool(program, ['--version'])).stdout, `${manifest.version}\n`);
  const got = `/v0.1.0/${fileName}`;
  await install(env);
  assert.equal(served.filter((name) => name === got).length, 1);
  writeFileSync(program, '#!/bin/sh\n# put there by somebody else\n');
  await install(env);
  assert.equal(served.filter((name) => name === got).length, 2);
  assert.equal((await runTool(program, ['--version'])).exitCode, 0);
  const sum = readFileSync(path.join(folder, 'v0.1.0/SHA256SUMS'), 'utf8').slice(0, 64);
  assert.equal((await install({ ...env, SHA256: sum })).exitCode, 0);
});

test('the action installs nothing whose sum is another, and nothing that is not there', async (t) => {
  const { RELEASES } = await releases(t);
  for (const [env, expected] of [
    [{ RELEASES, SHA256: '0'.repeat(64) }, / [0-9a-f]{64}, .*\b0{64}:/],
    [{ RELEASES, SHA256: 'canary' }, /\bsum\b/],
    [{ RELEASES, VERSION: '9.9.9' }, /SHA256SUMS .*\bv9\.9\.9 /],
    [{ RELEASES, VERSION: '../../evil' }, /\.\.\/\.\.\/evil /],
    [{ RELEASES, VERSION: '1.0.0; touch x' }, /1\.0\.0; touch x /],
    [{ RELEASES: 'http://127.0.0.1:9' }, /http:\/\/127\.0\.0\.1:9/],
    [{ RELEASES: '' }, /package\.json .*\brepository\b/],
  ] as const) {
    const FOLDER = folderOf(t, {});
    const run = await install({ ...env, FOLDER });
    assert.equal(run.exitCode, 1, run.stdout);
    assert.match(run.stdout, expected);
    assert.match(run.stdout, /^::error::/m);
    assert.equal(filesIn(FOLDER).size, 0);
  }
});

test('the action asks the repository that package.json names for the version that stands there', async (t) => {
  const folder = folderOf(t, {
    'package.json': JSON.stringify({ ...manifest, ...published, version: '3.2.1' }, null, 2),
  });
  cpSync(path.join(root, 'setup'), path.join(folder, 'setup'), { recursive: true });
  const curl = folderOf(t, { curl: '#!/bin/sh\necho "$@" >&2; exit 22\n' });
  await runTool('chmod', ['+x', path.join(curl, 'curl')]);
  const env = { FOLDER: folderOf(t, {}), PATH: `${curl}:${process.env.PATH}`, VERSION: '' };
  const run = await runTool('bash', [path.join(folder, 'setup/install.sh')], { env });
  assert.match(
    run.stderr,
    / https:\/\/github\.com\/example\/deploy\/releases\/download\/v3\.2\.1\/SHA256SUMS$/m,
  );
  const name = await install({ VERSION: '3.2.1' }, '--name');
  assert.equal(name.stdout, `key=glyphoxa-kustomize-3.2.1-${process.platform}-${process.arch}\n`);
});

test('where the disk is full, a release is not half there', async (t) => {
  const cwd = folderOf(t, {});
  const code = `import { buildBinaries } from ${JSON.stringify(path.join(root, 'scripts/release/binaries.ts'))}; await buildBinaries(['linux-x64'], 'small');`;
  writeFileSync(path.join(cwd, 'build.mts'), code);
  const tsx = path.join(root, 'node_modules/tsx/dist/cli.mjs');
  const script = `mkdir small && mount -t tmpfs -o size=20m none small && ! '${process.execPath}' '${tsx}' build.mts && ls -A small | wc -l`;
  const run = await runTool('unshare', ['--mount', 'sh', '-ec', script], { cwd });
  assert.equal(run.exitCode, 0, run.stderr);
  assert.equal(run.stdout.trim(), '0');
  assert.match(run.stderr, /ENOSPC|no space|failed/i);
});
