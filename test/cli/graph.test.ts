import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runCli } from '../support/fake-io.ts';
import { folderOf } from '../support/folder.ts';
import { canary, identity, mistaken, smallest, withSecrets } from './resources.ts';

const production = `${identity}metadata:\n  namespace: tavern-live\nspec:\n  core: { topology: dedicated }\n`;
const files = { 'glyphoxa.yaml': smallest, 'overlays/production/config.yaml': production };

describe('graph', () => {
  it('draws the resource of the folder', async (t) => {
    const { stdout, stderr, exitCode } = await runCli(['graph'], { cwd: folderOf(t, files) });
    assert.deepEqual({ stderr, exitCode }, { stderr: '', exitCode: 0 });
    assert.match(stdout, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[\s\S]*<\/svg>\n$/);
    assert.match(stdout, />namespace glyphoxa</);
  });

  for (const argv of [
    ['graph', 'production'],
    ['graph', 'overlays/production'],
    ['graph', 'overlays/production/config.yaml'],
    ['graph', 'production', '--dir', '.'],
  ])
    it(`${argv.join(' ')} draws the environment`, async (t) => {
      const { stdout } = await runCli(argv, { cwd: folderOf(t, files) });
      assert.match(stdout, />namespace tavern-live<[\s\S]*×1</);
    });

  it('--dir names the folder of the resource', async (t) => {
    const cwd = folderOf(t, { 'a/glyphoxa.yaml': smallest, 'a/overlays/production/config.yaml': production });
    assert.match((await runCli(['graph', '--dir', 'a'], { cwd })).stdout, />namespace glyphoxa</);
    assert.match(
      (await runCli(['graph', 'production', '--dir', 'a'], { cwd })).stdout,
      />namespace tavern-live</,
    );
  });

  it('-o mermaid writes a chart', async (t) => {
    const { stdout } = await runCli(['graph', 'production', '-o', 'mermaid'], { cwd: folderOf(t, files) });
    assert.match(stdout, /^flowchart LR\n {2}subgraph namespace\["tavern, dedicated topology/);
    assert.match(stdout, /n0 -->\|"50051"\| n1/);
  });

  it('reads a resource from standard input', async () => {
    assert.match((await runCli(['graph', '-'], { stdin: smallest })).stdout, />tavern</);
  });

  it('shows no secret and needs none', async (t) => {
    for (const output of ['svg', 'mermaid']) {
      const { stdout, stderr } = await runCli(['graph', '-o', output], {
        cwd: folderOf(t, { 'glyphoxa.yaml': withSecrets }),
      });
      assert.ok(stdout.length > 500, stderr);
      assert.ok(!(stdout + stderr).includes(canary));
    }
  });

  it('tells where a mistake is, and draws nothing', async (t) => {
    const { stdout, stderr, exitCode } = await runCli(['graph'], {
      cwd: folderOf(t, { 'glyphoxa.yaml': mistaken }),
    });
    assert.deepEqual({ stdout, exitCode }, { stdout: '', exitCode: 1 });
    assert.match(stderr, /^glyphoxa.yaml:7:19: error out-of-range/);
  });

  const unknown: [argv: string[], says: RegExp][] = [
    [['graph', 'prodution'], /error no-environment: .*\n {4}hint: .*\bproduction\?/],
    [['graph', './nowhere'], /^nowhere:1:1: error unreadable/],
  ];
  for (const [argv, says] of unknown)
    it(`${argv.join(' ')} is a finding`, async (t) => {
      const { stderr, exitCode } = await runCli(argv, { cwd: folderOf(t, files) });
      assert.equal(exitCode, 1);
      assert.match(stderr, says);
    });
});
