import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { runCli } from '../support/fake-io.ts';
import { tells } from '../support/findings.ts';
import { folderOf } from '../support/folder.ts';
import { canary, identity, mistaken, smallest, withSecrets } from './resources.ts';

/** A resource with warnings and no error. */
const warned = `${smallest}spec:\n  core:\n    topology: dedicated\n  gateway:\n    replicaCount: 3\n`;

test('without findings nothing is printed but a word on standard error', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': smallest });
  const expected = { stdout: '', stderr: 'glyphoxa.yaml: no findings\n', exitCode: 0 };
  assert.deepEqual(await runCli(['validate'], { cwd }), expected);
  assert.deepEqual(await runCli(['validate', '--strict'], { cwd }), expected);
});

test('all findings of all files come at once, in the order of files and lines', async (t) => {
  const cwd = folderOf(t, {
    'b.yaml': `${identity}metadata:\n  name: Tavern\nspec:\n  gatway: {}\n  worker:\n    ports: {grpc: 0}\n`,
    'a.yaml': mistaken,
  });
  const { stdout, stderr, exitCode } = await runCli(['validate', 'b.yaml', 'a.yaml', 'c.yaml'], { cwd });
  const headlines = stdout.split('\n').filter((line) => /^\S/.test(line));
  assert.deepEqual(
    headlines.map((line) => /^([^:]+:\d+:\d+: \w+ [\w-]+): /.exec(line)?.[1]),
    [
      'a.yaml:7:19: error out-of-range',
      'b.yaml:4:9: error invalid-value',
      'b.yaml:6:3: error unknown-field',
      'b.yaml:8:19: error out-of-range',
      'c.yaml:1:1: error unreadable',
    ],
  );
  tells(stdout, 'b.yaml:6:3: error unknown-field', '"gateway"');
  assert.equal(stderr, '3 configurations: 5 errors, 0 warnings\n');
  assert.equal(exitCode, 1);
});

test('the line of a finding about environments hides nothing that is no secret', async (t) => {
  const layer = `${identity}metadata: {namespace: same}\n`;
  const cwd = folderOf(t, {
    'glyphoxa.yaml': smallest,
    'overlays/a/config.yaml': layer,
    'overlays/b/config.yaml': layer,
  });
  const { stdout, stderr } = await runCli(['generate'], { cwd });
  assert.match(`${stdout}${stderr}`, /error same-target[^\n]*\n +3 \| metadata: \{namespace: same\}\n/);
});

test('warnings fail only with --strict', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': warned });
  const lenient = await runCli(['validate'], { cwd });
  assert.match(lenient.stdout, /^glyphoxa\.yaml:9:19: warning [\w-]+: spec\.gateway\.replicaCount: /);
  assert.equal(lenient.exitCode, 0);
  assert.deepEqual(await runCli(['validate', '--strict'], { cwd }), { ...lenient, exitCode: 1 });
});

test('a folder of overlays, its folders and a quoted glob stand for the same environments', async (t) => {
  const cwd = folderOf(t, {
    'glyphoxa.yaml': smallest,
    'overlays/a/config.yaml': `${identity}spec:\n  gateway: {replicaCount: -2}\n`,
    'overlays/b/config.yaml': identity,
    'overlays/charts/kustomization.yaml': 'resources: []\n',
  });
  const folder = await runCli(['validate', 'overlays'], { cwd });
  assert.equal(folder.exitCode, 1);
  assert.match(folder.stdout, /^overlays\/a\/config\.yaml:4:27: error out-of-range/);
  assert.equal(folder.stderr, '2 configurations: 1 error, 0 warnings\n');
  assert.deepEqual(await runCli(['validate', 'overlays/*'], { cwd }), folder);
  const byShell = await runCli(['validate', 'overlays/a', 'overlays/b', 'overlays/charts'], { cwd });
  assert.equal(byShell.stdout, folder.stdout);
  assert.match(byShell.stderr, /^overlays\/charts: .*\n2 config/);
});

test('what two environments share is told once', async (t) => {
  const cwd = folderOf(t, {
    'glyphoxa.yaml': mistaken,
    'overlays/a/config.yaml': identity,
    'overlays/b/config.yaml': identity,
  });
  const { stdout } = await runCli(['validate', '.', 'overlays'], { cwd });
  assert.equal(stdout.match(/out-of-range/g)?.length, 1);
});

test('a finding names the environments whose merge with the resource it came from, in every output', async (t) => {
  const external = `${identity}spec: {secrets: {provider: kubernetes}}\n`;
  const cwd = folderOf(t, {
    'glyphoxa.yaml': smallest,
    'overlays/prod/config.yaml': external,
    'overlays/staging/config.yaml': external,
    'overlays/test/config.yaml': identity,
  });
  const text = await runCli(['validate', 'overlays'], { cwd });
  tells(text.stdout, 'error dsn-missing', '(environments prod, staging)');
  const github = await runCli(['validate', 'overlays', '-o', 'github'], { cwd });
  assert.match(github.stdout, /title=dsn-missing::.* \(environments prod, staging\)/);
  const json = await runCli(['validate', 'overlays', '-o', 'json'], { cwd });
  const { findings } = JSON.parse(json.stdout) as { findings: { code: string; environments?: string[] }[] };
  assert.deepEqual(findings.find(({ code }) => code === 'dsn-missing')?.environments, ['prod', 'staging']);
  const layers = await runCli(['validate', 'overlays/prod/config.yaml', '-o', 'json'], { cwd });
  assert.match(layers.stdout, /"environments": \[\s*"prod"\s*\]/);
});

test('JSON is one document, also without findings', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': mistaken, 'good.yaml': smallest });
  const { stdout, exitCode } = await runCli(['validate', '--output', 'json'], { cwd });
  assert.equal(exitCode, 1);
  assert.deepEqual(JSON.parse(stdout), {
    findings: [
      {
        file: 'glyphoxa.yaml',
        line: 7,
        col: 19,
        severity: 'error',
        code: 'out-of-range',
        path: 'spec.gateway.replicaCount',
        message: '-1 is below the minimum 0',
        hint: 'use 0 or more',
      },
    ],
    errors: 1,
    warnings: 0,
  });
  const good = await runCli(['validate', 'good.yaml', '-o', 'json'], { cwd });
  assert.deepEqual(JSON.parse(good.stdout), { findings: [], errors: 0, warnings: 0 });
});

test('GitHub gets workflow commands, escaped', async (t) => {
  const cwd = folderOf(t, { 'a,b:c%.yaml': `${smallest}spec:\n  "100%": 1\n` });
  const { stdout } = await runCli(['validate', '--output', 'github', 'a,b:c%.yaml'], { cwd });
  assert.match(
    stdout,
    /^::error file=a%2Cb%3Ac%25\.yaml,line=6,col=3,title=unknown-field::spec\["100%25"\]: [^\n]+\n$/,
  );
});

test('no form of the findings shows a secret', async (t) => {
  const broken = withSecrets
    .replace('value: postgres', `fromEnv: X\n      value: postgres`)
    .replace('adminKey:\n      value: ', 'adminKey: ')
    .replace('name: x\n', 'name: [x\n');
  const texts = {
    'plain.yaml': withSecrets,
    'sources.yaml': broken.replace('name: [x', 'name: x'),
    'syntax.yaml': broken,
    'type.yaml': withSecrets.replace(/api_key: .*/, `api_key: [${canary}]`),
    'twice.yaml': withSecrets.replace('  gateway:', `  gateway:\n    adminKey: {value: ${canary}}`),
    'tab.yaml': withSecrets.replace('      value: c', '\tvalue: c'),
    'control.yaml': withSecrets.replace(`${canary}-literal`, `"${canary}\\u0001"`),
    'nested.yaml': withSecrets.replace(`value: ${canary}-literal`, `value:\n        ${canary}: ${canary}`),
    'key.yaml': withSecrets.replace(`adminKey:\n      value: ${canary}-literal`, `adminKey: {${canary}}`),
    'beside.yaml': withSecrets.replace(
      / {2}gateway:\n.*\n.*\n/,
      `  gateway: {replicaCount: -1, adminKey: {value: ${canary}}}\n`,
    ),
    'long.yaml': withSecrets.replace(
      / {2}gateway:\n.*\n.*\n/,
      `  gateway: {adminKey: {value: "a\n    ${canary}"}, replicaCount: -1}\n`,
    ),
    'options.yaml': withSecrets.replace(/llm:\n.*\n.*\n.*\n.*\n/, `llm: {options: {token: ${canary}}}\n`),
    'block.yaml': withSecrets.replace(
      `value: ${canary}-literal`,
      `value: |\n        ${canary}\n       ${canary}`,
    ),
  };
  const cwd = folderOf(t, texts);
  for (const name of Object.keys(texts)) {
    for (const output of ['text', 'json', 'github']) {
      const { stdout, stderr } = await runCli(['validate', name, '-o', output], { cwd });
      assert.match(stdout, /error|warning/, name);
      assert.ok(!`${stdout}${stderr}`.includes(canary), `${name}: ${stdout}`);
    }
    const built = await runCli(['build', name], { cwd });
    assert.ok(!built.stderr.includes(canary), `${name}: ${built.stderr}`);
  }
});

test('a password in an address stays unseen, also where another finding is about its line', async () => {
  const stdin = `${smallest}spec:\n  core: {proxy: {https: "http://u:${canary}@proxy", noProxy: ["a b"]}}\n`;
  const { stdout } = await runCli(['validate', '-'], { stdin });
  assert.match(stdout, /proxy\.https: .*proxy\.noProxy/s);
  assert.ok(!stdout.includes(canary), stdout);
});

test('a masked line keeps its key and its column', async () => {
  const stdin = `${smallest}spec:\n  gateway:\n    adminKey: ${canary}\n`;
  const { stdout } = await runCli(['validate', '-'], { stdin });
  assert.match(stdout, /^<stdin>:7:15: .*\n {4}7 \| {5}adminKey: \(hidden\)\n {6}\| {15}\^\n/);
});

test('no file can write on the terminal', async () => {
  const stdin = `${smallest}spec:\n  gateway:\n    "\u009b31m": 1\n    "x\\e]0;y\\a": 2\n    log\u202egnp: 3\n`;
  for (const text of [stdin, `${smallest}spec: {gateway: {replicaCount: "\u202e5"}}\n`]) {
    const { stdout, stderr } = await runCli(['validate', '-'], { stdin: text });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  }
});

test('the caret stands under wide characters and after tabs', async () => {
  const stdin = `${smallest}spec: {core: {"日本": 1, topology: both}}\n`;
  const { stdout } = await runCli(['validate', '-', '-o', 'text'], { stdin });
  const [, source = '', caret = ''] = /\| (spec.*)\n +\| ( *\^)\n.*\n?$/.exec(stdout) ?? [];
  const before = source.slice(0, source.indexOf('both'));
  assert.equal(caret.length - 1, [...before].length + 2);
});

test('colour only where it is wanted', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': mistaken });
  const plain = await runCli(['validate'], { cwd });
  const colored = await runCli(['validate'], { cwd, color: true });
  assert.ok(!plain.stdout.includes('\u001b') && colored.stdout.includes('\u001b[31m'));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is removed
  assert.equal(colored.stdout.replace(/\u001b\[\d+m/g, ''), plain.stdout);
});

test('files are named as they were given', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': mistaken, 'overlays/a/config.yaml': identity });
  const absolute = path.join(cwd, 'glyphoxa.yaml');
  assert.ok((await runCli(['validate', absolute])).stdout.startsWith(`${absolute}:7:19: `));
  const fromBelow = await runCli(['validate'], { cwd: path.join(cwd, 'overlays/a') });
  assert.ok(fromBelow.stdout.startsWith('../../glyphoxa.yaml:7:19: '), fromBelow.stdout);
});

test('validate reads no variable and no secret file', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': withSecrets });
  const { stdout, exitCode } = await runCli(['validate'], { cwd });
  assert.doesNotMatch(stdout, /secret-unreadable/);
  assert.equal(exitCode, 0);
});
