import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { runTool, type ToolRun } from '../support/tools.ts';

const head = `import test, { after, describe, it } from 'node:test';\n`;

/** Runs the test runner in a project of its own that has these test files. */
async function runTests(
  t: TestContext,
  files: Record<string, string>,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
): Promise<ToolRun & { lines: string[]; dir: string }> {
  const dir = await mkdtemp(join(tmpdir(), 'test-runner-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  await cp('scripts', join(dir, 'scripts'), { recursive: true });
  // Asking forty tools for their versions takes seconds.
  const tools = JSON.parse(await readFile('scripts/tools.json', 'utf8'));
  const suite = env.GLYPHOXA_TOOLS_DIR === undefined ? [] : tools.suite;
  await writeFile(join(dir, 'scripts/tools.json'), JSON.stringify({ ...tools, suite }));
  await symlink(join(process.cwd(), 'node_modules'), join(dir, 'node_modules'));
  await mkdir(join(dir, 'test/deep'), { recursive: true });
  await writeFile(join(dir, 'package.json'), '{"type":"module"}');
  for (const [file, text] of Object.entries(files)) {
    await writeFile(join(dir, 'test', file), file.endsWith('.test.ts') ? head + text : text);
  }
  const run = await runTool(process.execPath, [join(dir, 'scripts/test.mjs'), ...args], {
    env: { CI: 'false', ...env },
  });
  return { ...run, lines: run.stdout.trimEnd().split('\n'), dir };
}

it('counts tests, and suites or tests with subtests only where they fail by themselves', async (t) => {
  const { lines, exitCode } = await runTests(t, {
    'a.test.ts': `
      describe('suite', () => { it('one', () => {}); it.skip('two', () => {}); it('three', (t) => t.skip('why')); });
      describe('empty', () => {});
      describe.skip('off', () => { it('four', () => {}); });
      test('parent', async (t) => { await t.test('five', () => {}); await t.test('six', () => {}); });
      test.todo('seven');`,
    'deep/b.test.ts': `it('eight', () => {});`,
  });
  assert.equal(lines.at(-1), '4 passed, 0 failed, 4 skipped');
  assert.ok(lines.includes('skipped 1: why'), lines.join('\n'));
  assert.ok(lines.includes('  - test/a.test.ts: suite > three'));
  assert.equal(exitCode, 0);
});

it('tells what failed, with its error and the output of its file', async (t) => {
  const { stdout, lines, exitCode } = await runTests(t, {
    'a.test.ts': `
      describe('suite', () => { it('one', () => { console.log('printed'); throw new Error('wrong'); }); });
      test('parent', async (t) => { await t.test('two', () => {}); throw new Error('later'); });
      describe('hook', () => { it('three', () => {}); after(() => { throw new Error('after'); }); });`,
  });
  assert.equal(lines.at(-1), '2 passed, 3 failed, 0 skipped');
  for (const part of ['x suite > one', 'Error: wrong', '| printed', 'x parent', 'Error: later', 'x hook']) {
    assert.ok(stdout.includes(part), `${part} is not in ${stdout}`);
  }
  assert.equal(exitCode, 1);
});

it('fails a file that cannot be loaded, exits by itself, hangs or fails after its tests', async (t) => {
  const { stdout, lines, exitCode } = await runTests(
    t,
    {
      'exits.test.ts': `it('a', () => {}); it('b', () => process.exit(0));`,
      'hangs.test.ts': `it('a', () => {}); setInterval(() => {}, 1000);`,
      'late.test.ts': `it('a', () => { setTimeout(() => { throw new Error('late'); }, 20); });
        it('b', () => new Promise((resolve) => setTimeout(resolve, 5)));`,
      'loads.test.ts': `throw new Error('at import');`,
    },
    { env: { GLYPHOXA_TEST_TIMEOUT: '3' } },
  );
  assert.match(stdout, /FAIL test\/exits.test.ts .*\n +x ended/);
  assert.match(stdout, /FAIL test\/hangs.test.ts .*\n +x .*\b3 s/);
  assert.match(stdout, /FAIL test\/late.test.ts .*\n +x .*\b1, .*\n.*Error: late/);
  assert.match(stdout, /FAIL test\/loads.test.ts .*\n +x .*\b1, .*\n[\s\S]*at import/);
  assert.match(lines.at(-1) ?? '', /^\d+ passed, 4 failed, 0 skipped$/);
  assert.equal(exitCode, 1);
});

it('fails where a file has no test', async (t) => {
  const { lines, exitCode } = await runTests(t, { 'a.test.ts': '', 'b.test.ts': `it('a', () => {});` });
  assert.ok(lines.includes('ran no test: test/a.test.ts'), lines.join('\n'));
  assert.equal(lines.at(-1), '1 passed, 0 failed, 0 skipped');
  assert.equal(exitCode, 1);
});

it('fails in CI where a test is skipped', async (t) => {
  const files = { 'a.test.ts': `it('a', () => {}); it.skip('b', () => {});` };
  const { lines, exitCode } = await runTests(t, files, { env: { CI: 'true' } });
  assert.equal(lines.at(-1), '1 passed, 0 failed, 1 skipped');
  assert.equal(exitCode, 1);
});

it('runs the files and tests that are asked for', async (t) => {
  const files = { 'a.test.ts': `it('a', () => {}); it('b', () => {});`, 'b.test.ts': `it('c', () => {});` };
  const some = await runTests(t, files, { args: ['test/a', '--name', '^b$'] });
  assert.equal(some.lines.at(-1), '1 passed, 0 failed, 0 skipped');
  const none = await runTests(t, files, { args: ['test/x'] });
  assert.notEqual(none.exitCode, 0);
  assert.match(none.stderr, / test\/x\b/);
});

it('waits for nothing that a test left running', async (t) => {
  const script = 'setTimeout(() => {}, 20_000)';
  const { stdout, exitCode } = await runTests(t, {
    'a.test.ts': `import { spawn } from 'node:child_process';
      it('a', () => { spawn(process.execPath, ['-e', '${script}'], { stdio: 'inherit' }).unref(); });`,
    'b.test.ts': `import { spawn } from 'node:child_process';
      it('a', () => {
        const child = spawn(process.execPath, ['-e', '${script}'], { stdio: 'inherit', detached: true });
        child.unref();
      });`,
  });
  assert.equal(exitCode, 0, stdout);
});

it('starts one cluster for the files that want one, and ends it, fail they or not', async (t) => {
  const cluster = `
    import { appendFileSync } from 'node:fs';
    appendFileSync('test/log', 'starts ');
    process.stdin.on('end', () => appendFileSync('test/log', 'ends')).resume();
    console.log('export GLYPHOXA_TEST_CLUSTER=/an/access/file');`;
  const asks = `it('a', () => { if (process.env.GLYPHOXA_TEST_CLUSTER !== '/an/access/file') throw new Error(); });`;
  const lacks = `it('b', () => { if (process.env.GLYPHOXA_TEST_CLUSTER) throw new Error(); });`;
  const fails = `it('c', () => { throw new Error(); });`;
  const files = {
    '../scripts/cluster.ts': cluster,
    'a.cluster.test.ts': asks,
    'b.cluster.test.ts': asks,
    'c.cluster.test.ts': fails,
    'd.test.ts': lacks,
  };
  const env = { GLYPHOXA_TEST_CLUSTER: '' };
  const { lines, stdout, dir } = await runTests(t, files, { env });
  assert.equal(lines.at(-1), '3 passed, 1 failed, 0 skipped', stdout);
  assert.equal(await readFile(join(dir, 'test/log'), 'utf8'), 'starts ends');
  const without = await runTests(t, files, { args: ['d.test'], env });
  assert.equal(without.exitCode, 0);
  await assert.rejects(readFile(join(without.dir, 'test/log')));
  const given = { GLYPHOXA_TEST_CLUSTER: '/an/access/file' };
  const joins = await runTests(t, files, { args: ['a.cluster'], env: given });
  assert.equal(joins.exitCode, 0, joins.stdout);
  await assert.rejects(readFile(join(joins.dir, 'test/log')));
});

it('runs the files that want a cluster also where none can be started, and says why', async (t) => {
  const files = {
    '../scripts/cluster.ts': `throw new Error('no etcd here');`,
    'a.cluster.test.ts': `it('a', (t) => { if (!process.env.GLYPHOXA_TEST_CLUSTER) t.skip('no cluster'); });`,
  };
  const { lines, stdout } = await runTests(t, files, { env: { GLYPHOXA_TEST_CLUSTER: '' } });
  assert.equal(lines.at(-1), '0 passed, 0 failed, 1 skipped');
  assert.match(stdout, /\bcluster .*:[\s\S]*\betcd here/);
  assert.ok(lines.includes('skipped 1: no cluster'));
});

it('builds dist/ first where a source is newer, and only then', async (t) => {
  const { dir, stdout } = await runTests(t, { 'a.test.ts': `test('one', () => {});` });
  assert.doesNotMatch(stdout, /\bbuilding\b/);
  await mkdir(join(dir, 'generator'));
  await writeFile(join(dir, 'generator/a.ts'), '');
  const build = `import { mkdirSync, writeFileSync } from 'node:fs'; mkdirSync('dist', { recursive: true }); writeFileSync('dist/' + Date.now(), '');`;
  await writeFile(join(dir, 'scripts/build.ts'), build);
  const again = () => runTool(process.execPath, [join(dir, 'scripts/test.mjs')], { env: { CI: 'false' } });
  assert.match((await again()).stdout, /^dist\/ .*\bbuilding\b/m);
  assert.doesNotMatch((await again()).stdout, /\bbuilding\b/);
  await writeFile(join(dir, 'generator/a.ts'), 'new');
  assert.match((await again()).stdout, /\bbuilding\b/);
});

it('says up front which tools are missing, and how to get them', async (t) => {
  const tools = await mkdtemp(join(tmpdir(), 'no-tools-'));
  t.after(() => rm(tools, { recursive: true, force: true }));
  const { lines } = await runTests(
    t,
    { 'a.test.ts': `test('one', () => {});` },
    { env: { GLYPHOXA_TOOLS_DIR: tools, PATH: '' } },
  );
  assert.match(lines[0] ?? '', /^missing tools: .*kubectl-1\.27, .*kustomize-4\.5\.4/);
  assert.match(lines.slice(0, 5).join('\n'), /node scripts\/tools\.mjs/);
});
