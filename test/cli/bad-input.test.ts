/** Whatever a file holds: findings with positions, all at once, nothing on standard output, no stack trace. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import type { ReadStream, WriteStream } from 'node:tty';
import { noRecovery } from '../../generator/editor/recovery.ts';
import { openSession } from '../../generator/editor/session.ts';
import { runPlain } from '../../generator/terminal/plain.ts';
import { openTree } from '../../generator/tree/disk.ts';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { badFiles } from './bad-files.ts';
import { smallest } from './resources.ts';

for (const [what, text, found] of badFiles) {
  test(what, async () => {
    const built = await runCli(['build', '-'], { stdin: text });
    assert.deepEqual([built.stdout, built.exitCode], ['', 1]);
    assert.doesNotMatch(built.stderr, /\n {4}at |internal error|undefined|\[object/);
    const { stdout } = await runCli(['validate', '-', '-o', 'json'], { stdin: text });
    const { findings } = JSON.parse(stdout) as { findings: { line: number; col: number; code: string }[] };
    const told = findings.map(({ line, col, code }) => `${line}:${col} ${code}`);
    for (const [index, expected] of found.entries())
      assert.ok(told[index]?.includes(expected), `${expected} is not in ${JSON.stringify(told)}`);
    assert.equal(built.stderr.match(/^<stdin>:\d+:\d+: error /gm)?.length, findings.length);
  });
}

test('all of them are read and edited on the command line and by questions, and stay as they are', async (t) => {
  for (const [what, text] of badFiles) {
    const folder = folderOf(t, { 'glyphoxa.yaml': text });
    const file = path.join(folder, 'glyphoxa.yaml');
    for (const line of [
      'get',
      'get gateway -o json --origin',
      'set gateway.replicaCount=3',
      'unset gateway',
    ]) {
      const { exitCode, stderr } = await runCli(
        [...line.split(' '), ...(line.startsWith('get') ? [] : ['--dry-run'])],
        {
          cwd: folder,
        },
      );
      assert.ok(exitCode === 0 || exitCode === 1, `${what}: ${line}: ${exitCode}`);
      assert.doesNotMatch(stderr, /\n {4}at |internal error|undefined|\[object/, `${what}: ${line}`);
    }
    let said = '';
    const output = new Writable({
      write(chunk, _encoding, done) {
        said += chunk;
        done();
      },
    });
    const session = await openSession(openTree('.', folder));
    const answers = ['sections', 'gateway.replicaCount', '3', 'parts', 'findings', 'preview', 'undo', 'quit'];
    const kept = await runPlain({
      session,
      secrets: { sources: { env: {}, folder } },
      recovery: noRecovery,
      at: undefined,
      input: Readable.from([`${answers.join('\n')}\n`]) as ReadStream,
      output: output as WriteStream,
      onInterrupt: () => () => {},
    });
    assert.match(said, /error/, what);
    assert.ok(kept.length === 0 || session.canUndo(), what);
    assert.equal(readFileSync(file, 'utf8'), text, what);
  }
});

test('a pod patch that drops what the program needs is told, also of a part that is off', async () => {
  const found = async (spec: string) => {
    const { stdout, stderr, exitCode } = await runCli(['validate', '-', '-o', 'json'], {
      stdin: `${smallest}spec: ${spec}\n`,
    });
    const { findings } = JSON.parse(stdout || stderr) as { findings: { code: string; path: string }[] };
    return { exitCode, codes: findings.map(({ code }) => code) };
  };
  const container = (name: string, more: string) =>
    `{podPatch: {spec: {containers: [{name: ${name}, ${more}}]}}}`;
  for (const spec of [
    `{gateway: ${container('gateway', 'args: [--verbose]')}}`,
    `{worker: ${container('worker', 'args: [--verbose]')}}`,
    '{gateway: {podPatch: {spec: {serviceAccountName: other}}}}',
    '{gateway: {podPatch: {spec: {automountServiceAccountToken: false}}}}',
    '{mcpGateway: {enabled: false, podPatch: {spec: {containers: [{name: mcp-gateway, image: 1}]}}}}',
  ]) {
    const { codes, exitCode } = await found(spec);
    assert.ok(
      codes.some((code) => /^pod-patch-(?:breaks|invalid)$/.test(code)),
      `${spec}: ${codes}`,
    );
    assert.equal(exitCode, 1);
  }
});

test('what a Secret cannot hold is told, and a folder that cannot be made is, at once', async (t) => {
  const folder = folderOf(t, {
    'g.yaml': `${smallest}spec: {secrets: {provider: kubernetes, providerKeys: {groq: {fromFile: key}}}, postgresql: {enabled: true}, gateway: {adminKey: {fromFile: key}}}\n`,
    key: 'x'.repeat(1024 * 1024 - 10),
  });
  const large = await runCli(['build', 'g.yaml'], { cwd: folder });
  assert.deepEqual([large.stdout, large.exitCode], ['', 1]);
  assert.match(large.stderr, /\berror object-too-large\b/);
  const nowhere = await runCli(['build', '-', '-o', 'files', '--dir', '/proc/none/x'], { stdin: smallest });
  assert.match(nowhere.stderr, /\bunwritable\b/);
  assert.doesNotMatch(nowhere.stderr, /ENOENT/);
});
