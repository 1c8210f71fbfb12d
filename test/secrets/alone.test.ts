/** Secrets of a resource that is deployed without a tree. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';

const resource = (spec: string) =>
  `apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata: {name: glyphoxa, namespace: bards}\nspec:\n${spec}`;
const keyed = '  config: {providers: {llm: {name: openai, model: m}, stt: {name: deepgram}}}\n';
const kubernetes = `${keyed}  gateway: {adminKey: {fromFile: keys/admin}}
  database: {dsn: {fromFile: keys/dsn}}
  secrets:
    provider: kubernetes
    providerKeys: {openai: {fromEnv: OPENAI}, deepgram: {fromFile: keys/deepgram}}
`;

const read = (cwd: string, file: string) => readFileSync(path.join(cwd, file), 'utf8');
const mode = (cwd: string, file: string) => statSync(path.join(cwd, file)).mode & 0o777;

test('a Secret that is made by hand: secrets.env beside the resource, and the command', async (t) => {
  const cwd = folderOf(t, { 'deploy/bards.yaml': resource(keyed) });
  const first = await runCli(['secrets', 'init', 'deploy/bards.yaml'], { cwd });
  assert.equal(first.exitCode, 0, first.stderr);
  const text = read(cwd, 'deploy/secrets.env');
  assert.equal(mode(cwd, 'deploy/secrets.env'), 0o600);
  assert.match(text, /^admin-key=[\w-]{43}$/m);
  assert.match(text, /^database-dsn=$/m);
  assert.match(first.stderr, /--from-env-file=deploy\/secrets\.env .*-n bards apply/);
  assert.ok(read(cwd, 'deploy/.gitignore').split('\n').includes('secrets.env'));
  const again = await runCli(['secrets', 'init', 'deploy/bards.yaml'], { cwd });
  assert.equal(again.exitCode, 0);
  assert.equal(read(cwd, 'deploy/secrets.env'), text);
});

test('the configuration file follows from the keys, and git ignores it', async (t) => {
  const env = ['admin-key', 'database-dsn', 'deepgram-api-key'].map((key) => `${key}=kCanary\n`).join('');
  const cwd = folderOf(t, { 'bards.yaml': resource(keyed), 'secrets.env': env });
  const { exitCode, stdout, stderr } = await runCli(['secrets', 'init', 'bards.yaml'], { cwd });
  assert.equal(exitCode, 0, stderr);
  assert.match(read(cwd, 'secrets/config.yaml'), /kCanary/);
  assert.ok(read(cwd, '.gitignore').split('\n').includes('secrets/'));
  assert.doesNotMatch(stdout + stderr, /kCanary/);
});

test('sources of the resource: files are made, variables are named, and what is there stays', async (t) => {
  const cwd = folderOf(t, { 'bards.yaml': resource(kubernetes), 'keys/dsn': 'postgres://db/x\n' });
  const init = (env = {}) => runCli(['secrets', 'init', 'bards.yaml'], { cwd, env });
  const first = await init();
  assert.equal(first.exitCode, 0, first.stderr);
  assert.match(read(cwd, 'keys/admin'), /^[\w-]{43}$/);
  assert.deepEqual([read(cwd, 'keys/deepgram'), read(cwd, 'keys/dsn')], ['', 'postgres://db/x\n']);
  assert.deepEqual([mode(cwd, 'keys/admin'), mode(cwd, 'keys/deepgram')], [0o600, 0o600]);
  assert.match(first.stderr, /fill in: keys\/deepgram$/m);
  assert.match(first.stderr, /OPENAI$/m);
  const ignored = read(cwd, '.gitignore').split('\n');
  assert.ok(ignored.includes('keys/admin') && ignored.includes('keys/deepgram'));
  assert.ok(!ignored.includes('keys/dsn'), 'a file that is there is not this command’s to hide');
  const admin = read(cwd, 'keys/admin');
  assert.equal((await init({ OPENAI: 'key' })).exitCode, 0);
  assert.equal(read(cwd, 'keys/admin'), admin);
  const before = await runCli(['secrets', 'status', 'bards.yaml', '-o', 'json'], { cwd });
  const states = JSON.parse(before.stdout).map(({ key, state }: { key: string; state: string }) => [
    key,
    state,
  ]);
  assert.equal(before.exitCode, 1);
  assert.deepEqual(Object.fromEntries(states), {
    'admin-key': 'there',
    'database-dsn': 'there',
    'openai-api-key': 'missing',
    'deepgram-api-key': 'missing',
    'config.yaml': 'there',
  });
});

test('after it the resource builds', async (t) => {
  const cwd = folderOf(t, {
    'bards.yaml': resource(kubernetes),
    'keys/dsn': 'postgres://db/x',
    'keys/deepgram': 'd',
  });
  const env = { OPENAI: 'key' };
  assert.equal((await runCli(['secrets', 'init', 'bards.yaml'], { cwd, env })).exitCode, 0);
  const built = await runCli(['build', 'bards.yaml', '-o', 'name'], { cwd, env });
  assert.equal(built.exitCode, 0, built.stderr);
  assert.match(built.stdout, /^secret\/glyphoxa-secrets$/m);
  assert.equal((await runCli(['secrets', 'status', 'bards.yaml'], { cwd, env })).exitCode, 0);
});

test('what seals into an environment, what a store keeps and what is wrong is refused, and nothing is written', async (t) => {
  const store =
    '{provider: external-secrets, external: {storeRef: {name: s}, keys: {database-dsn: {key: a}}}}';
  const refused: [string, string][] = [
    [`${keyed}  secrets: {provider: sealed-secrets}\n`, 'secrets-elsewhere'],
    [`  core: {environment: development}\n  secrets: ${store}\n`, 'secrets-elsewhere'],
    ['  gateway: {adminKey: {fromFile: ../key}}\n  secrets: {provider: kubernetes}\n', 'invalid-value'],
    ['  gatway: {}\n', 'unknown-field'],
  ];
  for (const [spec, code] of refused) {
    const cwd = folderOf(t, { 'bards.yaml': resource(spec) });
    const { exitCode, stderr } = await runCli(['secrets', 'init', 'bards.yaml'], { cwd });
    assert.equal(exitCode, 1, spec);
    assert.match(stderr, new RegExp(`error ${code}`));
    assert.ok(!existsSync(path.join(cwd, '.gitignore')));
  }
});
