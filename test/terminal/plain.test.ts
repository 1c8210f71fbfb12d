/** `edit --plain`: a question after another. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { runCli } from '../support/fake-io.ts';
import { filesIn } from '../support/folder.ts';
import { program } from '../support/program.ts';
import { openTerminal } from '../support/terminal.ts';
import { makeRelease } from './release.ts';

/** Answers the questions of the real program from standard input. */
function answered(cwd: string, answers: readonly string[]): Promise<{ code: number | null; stdout: string }> {
  const child = spawn(program.command, [...program.words, 'edit', '--plain'], {
    cwd,
    env: { PATH: process.env.PATH, HOME: path.join(cwd, '.home') },
  });
  let stdout = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stdin.end(`${answers.join('\n')}\n`);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout })));
}

describe('questions', () => {
  it('do a whole task: replicas, a character, a part off, the preview, save', async (t) => {
    const folder = await makeRelease(t);
    const { code, stdout } = await answered(folder, [
      'gateway',
      'gateway.replicaCount',
      '5',
      'config.npcs',
      '- name: Greta',
      '  personality: Keeps the tavern.',
      '.',
      'part mcpGateway off',
      'preview',
      'save',
      'quit',
    ]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /\+ {2,}replicaCount: 5/);
    assert.match(stdout, /removed Deployment glyphoxa-mcp-gateway/);
    const { stdout: npcs } = await runCli(['get', 'config.npcs', '-o', 'json'], { cwd: folder });
    assert.deepEqual(JSON.parse(npcs), [{ name: 'Greta', personality: 'Keeps the tavern.' }]);
    assert.equal((await runCli(['generate', '--check'], { cwd: folder })).exitCode, 0);
  });

  it('ask before an error is set, take back, and keep what is not saved when the answers end', async (t) => {
    const folder = await makeRelease(t);
    const before = readFileSync(path.join(folder, 'glyphoxa.yaml'), 'utf8');
    const { code, stdout } = await answered(folder, [
      'gateway.replicaCount',
      'many',
      'no',
      'nothing.like.this',
      'environment staging',
      'core.topology',
      '2',
      'findings',
      'undo',
      'environment 1',
      'gateway.replicaCount',
      '6',
    ]);
    assert.equal(code, 1);
    assert.match(stdout, /error: .*many/);
    assert.match(stdout, /There is no nothing\.like\.this/);
    assert.match(stdout, /Taken back/);
    assert.equal(readFileSync(path.join(folder, 'glyphoxa.yaml'), 'utf8'), before);
    const again = await answered(folder, ['yes', 'save', 'quit']);
    assert.equal(again.code, 0, again.stdout);
    assert.match(again.stdout, /Its changes are here again/);
    assert.match(readFileSync(path.join(folder, 'glyphoxa.yaml'), 'utf8'), /replicaCount: 6/);
  });

  it('ask for a secret without an echo', async (t) => {
    const folder = await makeRelease(t);
    const canary = 'canary-91ab55cd02';
    const terminal = await openTerminal(t, ['edit', '--plain', 'staging'], { cwd: folder });
    if (terminal === undefined) return;
    await terminal.until(/staging>/);
    terminal.type('gateway.adminKey');
    terminal.keys('Enter');
    await terminal.until(/not shown/);
    terminal.paste(`-----BEGIN\n${canary}\n`);
    const screen = await terminal.until(/admin-key is written/);
    assert.ok(!screen.includes(canary));
    const holding = [...filesIn(folder)].filter(([, text]) => text.includes(canary)).map(([name]) => name);
    assert.deepEqual(holding, ['overlays/staging/secrets/admin-key']);
    terminal.keys('C-c');
    assert.equal(await terminal.ended(), 0);
  });
});
