import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { runCli } from '../support/fake-io.ts';
import { tells } from '../support/findings.ts';
import { filesIn, folderOf } from '../support/folder.ts';
import { canary, identity, mistaken, smallest, withSecrets } from './resources.ts';

const replicas = (yaml: string) => {
  const gateway = (parseYaml(yaml) as JsonObject[]).find(
    ({ kind, metadata }) =>
      kind === 'Deployment' && String((metadata as JsonObject).name).endsWith('-gateway'),
  );
  return (gateway?.spec as JsonObject | undefined)?.replicas;
};

test('the formats hold the same objects in the same order, byte by byte on every run', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': smallest });
  const yaml = await runCli(['build'], { cwd });
  assert.deepEqual({ ...yaml, stdout: '' }, { stdout: '', stderr: '', exitCode: 0 });
  assert.deepEqual(await runCli(['build'], { cwd, color: true }), yaml);
  const json = await runCli(['build', '-o', 'json'], { cwd });
  const list = JSON.parse(json.stdout) as JsonObject;
  assert.deepEqual([list.apiVersion, list.kind], ['v1', 'List']);
  assert.deepEqual(list.items, parseYaml(yaml.stdout));
  const names = (await runCli(['build', '-o', 'name'], { cwd })).stdout.trimEnd().split('\n');
  assert.equal(names.length, (list.items as JsonObject[]).length);
  assert.ok(names.includes('deployment.apps/tavern-gateway') && names.includes('service/tavern-gateway'));
});

test('a file, its folder, standard input and a path with spaces give the same', async (t) => {
  const folder = folderOf(t, { 'a b/glyphoxa.yaml': smallest, 'named.yaml': smallest });
  const first = await runCli(['build', 'a b/glyphoxa.yaml'], { cwd: folder });
  assert.equal(first.exitCode, 0);
  assert.deepEqual(await runCli(['build', 'a b'], { cwd: folder }), first);
  assert.deepEqual(await runCli(['build', path.join(folder, 'named.yaml')]), first);
  assert.deepEqual(await runCli(['build', '-'], { stdin: smallest }), first);
  assert.deepEqual(await runCli(['build'], { cwd: path.join(folder, 'a b') }), first);
});

test('an overlay is its config.yaml over the resource of the nearest folder above', async (t) => {
  const layer = `${identity}spec:\n  gateway:\n    replicaCount: 5\n`;
  const cwd = folderOf(t, {
    'glyphoxa.yaml': mistaken,
    'team/glyphoxa.yaml': smallest,
    'team/overlays/big/config.yaml': layer,
  });
  const built = await runCli(['build', 'team/overlays/big'], { cwd });
  assert.equal(built.stderr, '');
  assert.equal(replicas(built.stdout), 5);
  assert.deepEqual(await runCli(['build', 'team/overlays/big/config.yaml'], { cwd }), built);
  assert.deepEqual(await runCli(['build'], { cwd: path.join(cwd, 'team/overlays/big') }), built);
});

test('a mistake is told with its line, and nothing goes to standard output', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': mistaken, 'out/.keep': '' });
  for (const argv of [['build'], ['build', '-o', 'json'], ['build', '-o', 'files', '--dir', 'new']]) {
    assert.deepEqual(await runCli(argv, { cwd }), {
      stdout: '',
      stderr:
        'glyphoxa.yaml:7:19: error out-of-range: spec.gateway.replicaCount: -1 is below the minimum 0\n' +
        '    7 |     replicaCount: -1\n' +
        '      |                   ^\n' +
        '    hint: use 0 or more\n',
      exitCode: 1,
    });
  }
  assert.deepEqual([...filesIn(cwd).keys()], ['glyphoxa.yaml', 'out/.keep']);
});

test('an environment is called by its name, and a name that is none gets the nearest one', async (t) => {
  const cwd = folderOf(t, {
    'glyphoxa.yaml': smallest,
    'overlays/staging/config.yaml': identity,
    'overlays/v1.2/config.yaml': identity,
  });
  for (const name of ['staging', 'v1.2']) {
    const byFolder = await runCli(['build', `overlays/${name}`], { cwd });
    assert.equal(byFolder.exitCode, 0);
    assert.deepEqual(await runCli(['build', name], { cwd }), byFolder);
  }
  for (const command of ['build', 'validate', 'check']) {
    const { stdout, stderr, exitCode } = await runCli([command, 'stagin'], { cwd });
    tells(stdout + stderr, 'error no-environment', 'staging');
    assert.equal(exitCode, 1);
  }
});

const unreadable: [what: string, argv: string[], said: RegExp][] = [
  ['a file that does not exist', ['nowhere.yaml'], /^nowhere\.yaml:1:1: error unreadable: /],
  ['a file inside a file', ['text.yaml/x.yaml'], /error unreadable/],
  ['a folder with nothing in it', ['empty'], /^empty:1:1: error no-resource: /],
  ['an environment without a resource', ['lonely'], /^lonely\/config\.yaml:1:1: error no-resource: /],
  ['an environment beside a resource', ['both'], /^both\/config\.yaml:1:1: error two-layers: /],
  ['text in another encoding', ['latin1.yaml'], /^latin1\.yaml:1:1: error not-utf8: /],
  ['text in UTF-16', ['utf16.yaml'], /^utf16\.yaml:1:1: error not-utf8: /],
  ['a byte order mark', ['bom.yaml'], /^bom\.yaml:1:1: error byte-order-mark: /],
  ['an empty file', ['void.yaml'], /^void\.yaml:1:1: error empty-document: /],
  ['a link in a circle', ['circle.yaml'], /^circle\.yaml:1:1: error unreadable: /],
  ['an endless file', ['/dev/zero'], /error unreadable: /],
  ['a pipe that nobody writes to', ['pipe'], /error unreadable: /],
  ['another kind', ['text.yaml'], /^text\.yaml:\d+:\d+: error wrong-kind: /],
];

test('a resource in a folder above is not taken from another user', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': smallest, 'work/overlays/prod/config.yaml': smallest });
  if (process.getuid?.() !== 0) return; // only root can give a file away
  chownSync(path.join(cwd, 'glyphoxa.yaml'), 4242, 4242);
  const ran = await runCli(['build', 'work/overlays/prod'], { cwd });
  assert.equal(ran.exitCode, 1);
  assert.match(ran.stderr, /error foreign-resource: /);
});

for (const [what, argv, said] of unreadable) {
  test(`${what} is told in words`, async (t) => {
    const cwd = folderOf(t, {
      'empty/.keep': '',
      'lonely/config.yaml': identity,
      'both/config.yaml': identity,
      'both/glyphoxa.yaml': smallest,
      'latin1.yaml': Buffer.from('name: caf\xe9\n', 'latin1'),
      'utf16.yaml': Buffer.from(`\ufeff${smallest}`, 'utf16le'),
      'bom.yaml': `\ufeff${smallest}`,
      'void.yaml': '',
      'text.yaml': 'kind: Pod\n',
    });
    symlinkSync('circle.yaml', path.join(cwd, 'circle.yaml'));
    execFileSync('mkfifo', [path.join(cwd, 'pipe')]);
    const { stdout, stderr, exitCode } = await runCli(['build', ...argv], { cwd });
    assert.match(stderr, said);
    assert.doesNotMatch(stderr, /\n {4}at |internal error/);
    assert.deepEqual({ stdout, exitCode }, { stdout: '', exitCode: 1 });
  });
}

test('secrets from variables and files end in the Secret and nowhere else', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': withSecrets, 'keys/deepgram.txt': `${canary}-deepgram\n` });
  const env = { TAVERN_OPENAI: `${canary}-openai` };
  const { stdout, stderr, exitCode } = await runCli(['build'], { cwd, env });
  assert.equal(exitCode, 0, stderr);
  assert.ok(!stderr.includes(canary), stderr);
  for (const object of parseYaml(stdout) as JsonObject[]) {
    const text = JSON.stringify(object);
    const decoded = text.replace(/"([A-Za-z0-9+/]{16,}={0,2})"/g, (_, data) =>
      Buffer.from(data, 'base64').toString(),
    );
    if (object.kind !== 'Secret') assert.ok(!decoded.includes(canary), text);
  }
});

test('a secret that cannot be read is told without one', async (t) => {
  const used = withSecrets.replace('    providers:\n', '    providers:\n      stt: {name: deepgram}\n');
  const cwd = folderOf(t, { 'glyphoxa.yaml': used });
  const { stdout, stderr, exitCode } = await runCli(['build'], { cwd });
  assert.deepEqual({ stdout, exitCode }, { stdout: '', exitCode: 1 });
  tells(stderr, 'error secret-unreadable', 'TAVERN_OPENAI');
  tells(stderr, 'error secret-unreadable', 'keys/deepgram.txt');
  assert.ok(!stderr.includes(canary), stderr);
});

test('-o files writes one file for each object, and again the same', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': smallest });
  const first = await runCli(['build', '-o', 'files', '--dir', 'out/objects'], { cwd });
  assert.deepEqual([first.stdout, first.exitCode], ['', 0]);
  const files = filesIn(path.join(cwd, 'out/objects'));
  const objects = parseYaml((await runCli(['build'], { cwd })).stdout) as JsonObject[];
  assert.equal(files.size, objects.length);
  assert.ok(files.has('deployment-tavern-gateway.yaml') && files.has('networkpolicy-tavern-worker.yaml'));
  for (const text of files.values()) {
    assert.match(text, /^# written by "glyphoxa-kustomize build -o files"/);
    assert.ok(objects.some((object) => JSON.stringify(object) === JSON.stringify(parseYaml(text)[0])));
  }
  assert.deepEqual(await runCli(['build', '-o', 'files', '--dir', 'out/objects'], { cwd }), first);
  assert.deepEqual(filesIn(path.join(cwd, 'out/objects')), files);
});

test('-o files removes what is no longer made, and leaves a folder with anything foreign alone', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': smallest });
  const argv = ['build', '-o', 'files', '--dir', 'out'];
  await runCli(argv, { cwd });
  writeFileSync(path.join(cwd, 'glyphoxa.yaml'), `${smallest}spec:\n  mcpGateway:\n    enabled: false\n`);
  await runCli(argv, { cwd });
  const files = filesIn(path.join(cwd, 'out'));
  assert.ok(files.size > 5 && ![...files.keys()].some((name) => name.includes('mcp')));
  writeFileSync(path.join(cwd, 'out/notes.txt'), 'mine');
  mkdirSync(path.join(cwd, 'out/folder'));
  writeFileSync(path.join(cwd, 'glyphoxa.yaml'), smallest);
  const { stdout, stderr, exitCode } = await runCli(argv, { cwd });
  assert.deepEqual({ stdout, exitCode }, { stdout: '', exitCode: 1 });
  tells(stderr, 'error foreign-file', 'out/folder');
  tells(stderr, 'error foreign-file', 'out/notes.txt');
  files.set('notes.txt', 'mine');
  assert.deepEqual(filesIn(path.join(cwd, 'out')), new Map([...files].sort()));
});

test('-o files keeps a Secret for its owner, and says that it is there', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': withSecrets, 'keys/deepgram.txt': `${canary}-deepgram` });
  const env = { TAVERN_OPENAI: `${canary}-openai` };
  const { stderr } = await runCli(['build', '-o', 'files', '--dir', 'out'], { cwd, env });
  assert.match(stderr, /\bsecret-tavern-secrets\.yaml\b/);
  assert.ok(!stderr.includes(canary));
  assert.equal(statSync(path.join(cwd, 'out/secret-tavern-secrets.yaml')).mode & 0o777, 0o600);
});

test('-o files into a file is an error in words', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': smallest, taken: 'mine' });
  const { stderr, exitCode } = await runCli(['build', '-o', 'files', '--dir', 'taken'], { cwd });
  tells(stderr, 'error unwritable', 'taken');
  assert.equal(exitCode, 1);
  assert.equal(readFileSync(path.join(cwd, 'taken'), 'utf8'), 'mine');
});

test('charts that are no part of the objects are named', async () => {
  const stdin = `${smallest}spec:\n  postgresql:\n    enabled: true\n  sealedSecrets:\n    enabled: true\n`;
  const { stderr, exitCode } = await runCli(['build', '-', '-o', 'name'], { stdin });
  assert.match(stderr, /^PostgreSQL and sealed-secrets: /m);
  assert.equal(exitCode, 0);
});

test('a warning on a secret that was read does not keep the objects back', async (t) => {
  const secrets = 'spec:\n  secrets: {provider: kubernetes}\n  gateway: {adminKey: {fromEnv: A}}\n';
  const database = '  database: {dsn: {fromEnv: D}, port: 7777}\n';
  const cwd = folderOf(t, { 'glyphoxa.yaml': `${smallest}${secrets}${database}` });
  const env = { A: 'x', D: 'postgres://u@a,b:7777/x' };
  const { stdout, stderr, exitCode } = await runCli(['build', '-o', 'name'], { cwd, env });
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /warning database-port: /);
  assert.match(stdout, /deployment\.apps\//);
});
