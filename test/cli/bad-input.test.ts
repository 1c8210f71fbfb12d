/** Whatever a file holds: findings with positions, all at once, nothing on standard output, no stack trace. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
