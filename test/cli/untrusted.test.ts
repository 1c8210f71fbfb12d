/** What a repository of somebody else cannot do to the machine that builds it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveSecrets } from '../../generator/config/resolve.ts';
import { configOf } from '../objects/samples.ts';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { smallest } from './resources.ts';

const fromEnv = `apiVersion: deploy.glyphoxa.io/v1alpha1
kind: Glyphoxa
metadata: {name: glyphoxa}
spec:
  secrets: {provider: kubernetes}
  gateway: {adminKey: {fromEnv: ADMIN}}
  database: {dsn: {fromEnv: DSN}}
`;
const values = { ADMIN: 'cnry-admin', DSN: 'postgres://u:cnry-dsn@db/x' };

/** Which variables are refused. */
const runs: [what: string, argv: string[], env: { [name: string]: string }, refused: string[]][] = [
  ['on a machine of its own every variable is read', [], {}, []],
  ['CI=false is no CI', [], { CI: 'false' }, []],
  ['in CI none is', [], { CI: 'true' }, ['ADMIN', 'DSN']],
  ['CI=1 is one', [], { CI: '1' }, ['ADMIN', 'DSN']],
  ['in CI those that are named', ['--allow-env', 'ADMIN', '--allow-env', 'DSN'], { CI: 'true' }, []],
  ['a list is a list everywhere', ['--allow-env', 'ADMIN'], {}, ['DSN']],
  ['the list may stand in a variable', [], { CI: 'true', GLYPHOXA_ALLOW_ENV: 'ADMIN, DSN' }, []],
  ['an empty list allows none', [], { GLYPHOXA_ALLOW_ENV: '' }, ['ADMIN', 'DSN']],
  ['the command line wins', ['--allow-env', 'DSN'], { GLYPHOXA_ALLOW_ENV: 'ADMIN' }, ['ADMIN']],
];

for (const [what, argv, env, refused] of runs) {
  test(`fromEnv: ${what}`, async (t) => {
    const cwd = folderOf(t, { 'glyphoxa.yaml': fromEnv });
    const ran = await runCli(['build', ...argv], { cwd, env: { ...values, ...env } });
    const found = [...ran.stderr.matchAll(/error secret-unreadable: .*variable (\w+) may not/g)].map(
      ([, name]) => name,
    );
    assert.deepEqual(found.sort(), refused, ran.stderr);
    assert.equal(ran.exitCode, refused.length === 0 ? 0 : 1);
    assert.doesNotMatch(ran.stderr, /cnry/);
  });
}

test('the plugin reads no more than the command', () => {
  const config = configOf({
    secrets: { provider: 'kubernetes' },
    gateway: { adminKey: { fromEnv: 'ADMIN' } },
    database: { dsn: { fromEnv: 'DSN' } },
  });
  const read = (env: { [name: string]: string }) => resolveSecrets(config, { env, folder: '.' }).secrets.size;
  assert.deepEqual(
    [{}, { CI: 'true' }, { CI: 'true', GLYPHOXA_ALLOW_ENV: 'ADMIN' }].map((env) =>
      read({ ...values, ...env }),
    ),
    [2, 0, 1],
  );
});

const name = 'x\n::stop-commands::z\u001b[2J';

for (const argv of [
  ['validate', name],
  ['validate', '.', name],
  ['validate', '.', 'none', name, '-o', 'github'],
  ['build', name],
  ['build', `${name}/none`],
  ['check', name],
  ['build', '.', '-o', 'files', '--dir', name],
  ['init', name, '--image', 'example.com/g:1'],
  ['init', `${name}/new`, '--image', 'example.com/g:1'],
  ['init', '.', '--image', name],
  ['generate', name],
  ['generate', name, '--check'],
  ['overlay', 'list', '--dir', name],
  ['overlay', 'create', name],
  ['overlay', 'diff', name, name, '--dir', name],
  ['overlay', 'diff', '-', '-', '--dir', name],
  ['secrets', 'init', name, '--dir', name],
  ['secrets', 'status', 'e', '--dir', name],
  ['seal', 'e', '--cert', name, '--dir', name],
  ['explain', 'core', '--env', name],
  ['explain', 'core', '--file', name],
]) {
  test(`the name of a folder is no command: ${argv.join(' ').slice(0, 24).trim()}`, async (t) => {
    const cwd = folderOf(t, {
      'glyphoxa.yaml': smallest,
      [`${name}/glyphoxa.yaml`]: smallest.replace('spec', 'sepc'),
      [`${name}/overlays/e/config.yaml`]: smallest,
      [`${name}/overlays/e/secrets/${name.replaceAll('/', '')}`]: 'x',
      [`${name}/overlays/${name}/config.yaml`]: smallest,
    });
    for (const inside of [true, false]) {
      const words = inside ? argv : argv.map((word) => word.replace(name, `none${name}`));
      const { stdout, stderr } = await runCli(words, { cwd });
      for (const text of [stdout, stderr]) {
        assert.doesNotMatch(text, /^::stop-commands/m);
        assert.ok(!text.includes('\u001b'), text);
      }
    }
  });
}

for (const list of ['containers', 'initContainers']) {
  test(`names that are maps with a toString of their own are findings, in ${list}`, async (t) => {
    const odd = '{name: {toString: 1}, value: a}';
    const patch = `{spec: {${list}: [{name: gateway, env: [${odd}]}, {name: {toString: 1}}]}}`;
    const cwd = folderOf(t, { 'glyphoxa.yaml': `${smallest}spec: {gateway: {podPatch: ${patch}}}\n` });
    const { stdout, exitCode } = await runCli(['validate'], { cwd });
    assert.equal(exitCode, 1);
    assert.match(stdout, /error pod-patch/);
  });
}
