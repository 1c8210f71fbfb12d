import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ask } from '../../generator/cli/commands/shared/cluster-command.ts';
import { processIo } from '../../generator/cli/io.ts';
import { fakeIo, runCli, runInProcess } from '../support/fake-io.ts';
import { tells } from '../support/findings.ts';
import { folderOf } from '../support/folder.ts';
import { program } from '../support/program.ts';
import { runTool, toolEnv } from '../support/tools.ts';
import { mistaken, smallest } from './resources.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('a wrong command line exits with 2 and suggests the right one', async () => {
  const wrong: [argv: string[], said: RegExp][] = [
    [['a\n::stop-commands::b\u001b'], /^error: unknown command 'a\ufffd::stop-commands::b\ufffd'\n$/],
    [['build', '-o', 'a\n::b'], /'a\ufffd::b' is invalid/],
    [['bulid'], /'bulid'\n.*\bbuild\b/],
    [['build', '--ouput', 'json'], /'--ouput'\n.*--output\b/],
    [['validate', '--stict'], /'--stict'\n.*--strict\b/],
    [['build', '-o', 'xml'], /'xml' .*\byaml, json, name, files\b/],
    [['build', 'a', 'b'], /^error: .*'build'/],
    [['build', '-o', 'files'], /-o files needs --dir/],
    [['build', '--dir', 'x'], /--dir needs -o files/],
    [['schema', 'resources'], /'resources' .*\bresource, environment\b/],
    [['plugin', 'instal'], /'instal'\n.*\binstall\b/],
    [['plugin'], /Usage: glyphoxa-kustomize plugin/],
    [[], /Usage: glyphoxa-kustomize/],
  ];
  for (const [argv, said] of wrong) {
    const { stdout, stderr, exitCode } = await runCli(argv);
    assert.match(stderr, said);
    assert.deepEqual({ stdout, exitCode }, { stdout: '', exitCode: 2 }, argv.join(' '));
  }
});

test('help and version go to standard output', async () => {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  assert.deepEqual(await runCli(['--version']), { stdout: `${version}\n`, stderr: '', exitCode: 0 });
  const help = await runCli(['--help']);
  assert.deepEqual([help.stderr, help.exitCode], ['', 0]);
  assert.match(help.stdout, /\nExample:\n {2}\$ glyphoxa-kustomize build/);
  assert.deepEqual(await runCli(['help', 'build']), await runCli(['build', '--help']));
});

test('schema prints the published files', async () => {
  for (const [argv, file] of [
    [[], 'glyphoxa.schema.json'],
    [['resource'], 'glyphoxa.schema.json'],
    [['environment'], 'environment.schema.json'],
  ] as const) {
    const { stdout, stderr, exitCode } = await runCli(['schema', ...argv]);
    assert.ok(stdout === readFileSync(path.join(root, 'schema', file), 'utf8'), file);
    assert.deepEqual([stderr, exitCode], ['', 0]);
  }
});

test('a fault of the program is told without a stack trace, and with one on demand', async () => {
  const stdin = { toString: () => 'x' } as unknown as string;
  const plain = await runInProcess(['build', '-'], { stdin });
  assert.match(plain.stderr, /^internal error: .*\n.*GLYPHOXA_DEBUG=1 /);
  assert.deepEqual([plain.stdout, plain.exitCode], ['', 70]);
  const debug = await runInProcess(['build', '-'], { stdin, env: { GLYPHOXA_DEBUG: '1' } });
  assert.match(debug.stderr, /\n {4}at /);
});

test('as a process: the same output, exit code and separate streams, from anywhere', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': smallest, 'wrong.yaml': mistaken });
  const built = await runTool(program.command, [...program.words, 'build'], { cwd });
  assert.deepEqual(built, { ...(await runCli(['build'], { cwd })) });
  const piped = await runTool(program.command, [...program.words, 'build', '-'], {
    cwd: '/',
    input: smallest,
  });
  assert.deepEqual(piped, built);
  const failed = await runTool(program.command, [...program.words, 'build', 'wrong.yaml'], { cwd });
  assert.deepEqual(failed, await runCli(['build', 'wrong.yaml'], { cwd }));
});

test('as a process: colour only on demand', async (t) => {
  const cwd = folderOf(t, { 'glyphoxa.yaml': mistaken });
  const colored = async (env: Record<string, string>) =>
    (await runTool(program.command, [...program.words, 'validate'], { cwd, env })).stdout.includes('\u001b[');
  assert.equal(await colored({ NO_COLOR: '', FORCE_COLOR: '' }), false);
  assert.equal(await colored({ NO_COLOR: '', FORCE_COLOR: '1' }), true);
  assert.equal(await colored({ NO_COLOR: '1', FORCE_COLOR: '1' }), false);
});

test('as a process: a reader that goes away is no error', async () => {
  const child = spawn(program.command, [...program.words, 'schema'], {
    env: toolEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.deepEqual([code, stderr], [0, '']);
});

test('output that cannot be written ends it with a word, no stack and no code that means something else', async (t) => {
  if (!existsSync('/dev/full')) return t.skip('no /dev/full');
  const full = openSync('/dev/full', 'w');
  t.after(() => closeSync(full));
  const child = spawn(program.command, [...program.words, 'schema'], { stdio: ['ignore', full, 'pipe'] });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  assert.equal(code, 74);
  tells(stderr, 'error output', 'ENOSPC');
  assert.equal(stderr.trim().split('\n').length, 1);
});

test('a question that nobody answers ends its line', async () => {
  const { io, printed } = fakeIo();
  const stdin = (async function* (): AsyncGenerator<string> {})();
  const answer = await ask({ ...io, isTTY: true, stdin }, 'Name: ', new AbortController().signal);
  assert.equal(answer, undefined);
  assert.equal(printed().stderr, 'Name: \n');
});

test('a terminal that is closed interrupts', () => {
  const told: string[] = [];
  const ignore = processIo().onInterrupt((signal) => told.push(signal));
  process.emit('SIGHUP', 'SIGHUP');
  ignore();
  assert.deepEqual(told, ['SIGHUP']);
});
