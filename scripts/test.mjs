/**
 * Runs the tests, each file in a process of its own, and reports them.
 *
 *     node scripts/test.mjs [--name PATTERN] [--single-file] [FILE | PART-OF-A-PATH]...
 *
 * With `--single-file` the program under test is the one file that a release has (scripts/release/binaries.ts), and only
 * tests that start the program as a process run. Those that need a cluster run where they are named.
 *
 * Where dist/ is older than its sources it is built first, since tests start what is in it. Tools that are missing are
 * told before anything runs, with how to get them.
 *
 * Files named `*.cluster.test.ts` share one cluster, which is started for the run and ended after it
 * (scripts/cluster.ts), unless GLYPHOXA_TEST_CLUSTER names one that is there.
 *
 * The last line reads `N passed, N failed, N skipped`. The exit code is 1 where a test failed, a file ran
 * no test or broke off, or, with CI=true, a test was skipped. GLYPHOXA_TEST_TIMEOUT is the seconds that a
 * file may take (default 900).
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleTests } from './test-bundles.mjs';
import { findTool, suite } from './tools.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const timeLimit = Number(process.env.GLYPHOXA_TEST_TIMEOUT || 900);
const inCI = process.env.CI === 'true';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { name: { type: 'string', short: 't' }, 'single-file': { type: 'boolean' } },
});

/** The test files, all of them or those that an argument names or is a part of. */
function testFiles() {
  const files = readdirSync(join(root, 'test'), { recursive: true })
    .map((path) => join('test', path).replaceAll(sep, '/'))
    .filter((path) => path.endsWith('.test.ts') && (!values['single-file'] || startsProgram(path)))
    .sort();
  if (positionals.length === 0)
    return values['single-file'] ? files.filter((file) => !usesCluster(file)) : files;
  const parts = positionals.map((part) => part.replace(/^\.\//, '').replace(root, ''));
  return files.filter((file) => parts.some((part) => file.includes(part)));
}

/** Whether a test starts the program as a process, in the way that GLYPHOXA_BINARY decides; the image has its own. */
function startsProgram(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const starts = /\brunCli\b|support\/(?:program|lifecycle|terminal|web-page)\.ts'/;
  return starts.test(text) && file !== 'test/release/image.test.ts';
}

/** Makes the program one file for this machine, and lets tests start that. */
function buildSingleFile() {
  const script = join(root, 'scripts/release/binaries.ts');
  const target = `${process.platform}-${process.arch}`;
  const stdio = ['ignore', 'pipe', 'inherit'];
  const said = execFileSync(process.execPath, ['--import=tsx', script, target], { cwd: root, stdio });
  process.env.GLYPHOXA_BINARY = said.toString().trim();
}

const running = new Set();

/** The newest change below a path, in milliseconds; 0 where there is nothing. */
function newestChange(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  const inside = stat.isDirectory() ? readdirSync(path).map((name) => newestChange(join(path, name))) : [];
  return Math.max(stat.mtimeMs, ...inside);
}

/** Builds dist/ where a source is newer: a test would pass or fail by code that is gone. */
function buildIfStale() {
  const sources = ['generator', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.types.json'];
  const newest = Math.max(...sources.map((source) => newestChange(join(root, source))));
  const script = join(root, 'scripts', 'build.ts');
  const isThere = newestChange(join(root, 'generator')) > 0;
  if (!isThere || newest <= (statSync(join(root, 'dist'), { throwIfNoEntry: false })?.mtimeMs ?? 0)) return;
  console.log('dist/ is older than its sources: building it');
  execFileSync(process.execPath, ['--import=tsx', script], { cwd: root, stdio: 'inherit' });
}

/** Says which tools are missing and how to get them, before anything is skipped for want of one. */
async function tellMissingTools() {
  const found = await Promise.all(suite.map((name) => findTool(name)));
  const missing = suite.filter((_, index) => found[index] === undefined);
  if (missing.length === 0) return;
  console.log(`missing tools: ${missing.join(', ')}`);
  console.log('What needs one of them is skipped, and what can run on fewer versions of a tool does so.');
  console.log('"node scripts/tools.mjs" gets them: some minutes, and more than ten where Go has to compile');
  console.log('Kubernetes (kube-*). "node scripts/tools.mjs NAME..." gets some.\n');
}

/** Runs a file's bundle to its end, or to the time limit, and tells its results, output and problem. */
function runFile(file, bundle, reports, variables) {
  const report = join(reports, `${file.replaceAll('/', '-')}.jsonl`);
  const reporter = new URL('test-reporter.mjs', import.meta.url).href;
  const args = [
    '--enable-source-maps',
    `--test-reporter=${reporter}`,
    `--test-reporter-destination=${report}`,
    ...(values.name === undefined ? [] : [`--test-name-pattern=${values.name}`]),
    bundle,
  ];
  // NODE_EXTRA_CA_CERTS slows every start of Node, and no test talks to the outside.
  const { NODE_EXTRA_CA_CERTS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
  const start = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...env, ...variables },
    // A process group of its own, so that what a test started ends with it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, timeLimit * 1000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    let ended;
    child.on('exit', (code, signal) => {
      ended = signal ?? code;
      clearTimeout(timer);
      running.delete(child);
      killGroup(child);
      // Something in a process group of its own may still hold the pipes.
      setTimeout(() => [child.stdout, child.stderr].map((stream) => stream.destroy()), 2000).unref();
    });
    child.on('close', () => {
      const reported = readEvents(report);
      const events = reported ?? [];
      const results = events.filter(({ status }) => /^(passed|failed|skipped)$/.test(status));
      const run = {
        file,
        results: results.filter(({ why }) => why !== 'test name does not match pattern'),
        notes: events.filter(({ status }) => status === 'note'),
        output: Buffer.concat(output).toString('utf8'),
        ms: performance.now() - start,
      };
      const broke = timedOut ? `ran into the time limit of ${timeLimit} s` : problemOf(ended, reported);
      resolve({ ...run, broke });
    });
  });
}

/** What went wrong with the file beyond its tests; undefined where nothing did. */
function problemOf(ended, events) {
  const has = (status) => events?.some((event) => event.status === status) ?? false;
  if (events && !has('end')) return `ended before its tests did (${ended})`;
  if (ended !== 0 && !has('failed')) return `ended with ${ended}, outside of its tests`;
  return undefined;
}

function killGroup({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // nothing is left of it
  }
}

/** The events in a report; undefined where no test began, so that there is none. */
function readEvents(report) {
  let text;
  try {
    text = readFileSync(report, 'utf8');
  } catch {
    return undefined;
  }
  // The last line may be cut where the process was killed.
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

const usesCluster = (file) => file.endsWith('.cluster.test.ts');

/**
 * Starts the cluster that the files share. `variables` promises what tells them of it: nothing where it does
 * not start, and each then finds out for itself why. `stop` ends it; it also ends when this process does,
 * however that ends.
 */
function startCluster(folder) {
  const script = join(root, 'scripts', 'cluster.ts');
  const args = ['--import=tsx', script, '--until-stdin-ends', join(folder, 'cluster.json')];
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  // Its own process group: Ctrl-C is for this process, and the cluster then ends in its order.
  const child = spawn(process.execPath, args, { cwd: root, env, detached: true, stdio: 'pipe' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const variables = new Promise((resolve) => {
    let output = '';
    const read = (chunk) => {
      output += chunk;
      const file = /^export GLYPHOXA_TEST_CLUSTER=(.+)$/m.exec(output)?.[1];
      if (file !== undefined) resolve({ GLYPHOXA_TEST_CLUSTER: file });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    ended.then((code) => {
      if (code !== 0) console.log(`no cluster for the tests:\n${indent(output, '    | ')}`);
      resolve({});
    });
  });
  const stop = async () => {
    child.stdin.end();
    const timer = setTimeout(() => killGroup(child), 20_000);
    await ended;
    clearTimeout(timer);
  };
  return { variables, stop };
}

const count = (runs, status) =>
  runs.flatMap(({ results }) => results).filter((result) => result.status === status).length;

const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

const indent = (text, by = '    ') => text.trimEnd().replace(/^/gm, by);

/** One line for a file as it ends, and everything about what failed in it. */
function printFile(run) {
  const { file, results, broke, ms, notes, output } = run;
  const failed = results.filter(({ status }) => status === 'failed');
  const parts = ['passed', 'failed', 'skipped'].flatMap((status) => {
    const number = count([run], status);
    return number > 0 ? [`${number} ${status}`] : [];
  });
  const mark = failed.length > 0 || broke ? 'FAIL' : results.length > 0 ? ' ok ' : 'none';
  console.log(`${mark} ${file}  ${parts.join(', ') || 'no test'}  (${seconds(ms)})`);
  if (mark !== 'FAIL') return;
  if (broke) console.log(`  x ${broke}`);
  for (const { name, why } of failed) console.log(`  x ${name}\n${indent(why)}`);
  for (const { why } of notes) console.log(indent(why));
  const lines = output.trimEnd().split('\n').slice(-100);
  if (lines.some(Boolean)) console.log(`    its output:\n${indent(lines.join('\n'), '    | ')}`);
}

function printSkipped(runs) {
  const byReason = new Map();
  for (const { file, results } of runs) {
    for (const { status, name, why } of results) {
      if (status === 'skipped') byReason.set(why, [...(byReason.get(why) ?? []), `${file}: ${name}`]);
    }
  }
  for (const [why, tests] of [...byReason].sort(([a], [b]) => a.localeCompare(b))) {
    console.log(`\nskipped ${tests.length}: ${why}`);
    for (const test of tests) console.log(`  - ${test}`);
  }
}

async function main() {
  const files = testFiles();
  if (files.length === 0)
    throw new Error(`no test file matches ${positionals.join(' ') || 'test/**/*.test.ts'}`);
  buildIfStale();
  if (values['single-file']) buildSingleFile();
  const bundleOf = await bundleTests(root, files);
  await tellMissingTools();
  const start = performance.now();
  const reports = mkdtempSync(join(tmpdir(), 'test-reports-'));
  const runs = [];
  const wanted = files.some(usesCluster) && !process.env.GLYPHOXA_TEST_CLUSTER;
  const cluster = wanted ? startCluster(reports) : undefined;
  try {
    // Tests on the cluster wait most of their time: one lane begins with them, beside as many as there are cores.
    const queue = files.toSorted((a, b) => Number(usesCluster(b)) - Number(usesCluster(a)));
    const lane = async (next) => {
      for (let file = next(); file !== undefined; file = next()) {
        const variables = usesCluster(file) ? await cluster?.variables : {};
        const run = await runFile(file, bundleOf(file), reports, variables);
        runs.push(run);
        printFile(run);
      }
    };
    const others = Array.from({ length: availableParallelism() }, () => lane(() => queue.pop()));
    await Promise.all([lane(() => queue.shift()), ...others]);
  } finally {
    await cluster?.stop();
    rmSync(reports, { recursive: true, force: true });
  }

  printSkipped(runs);
  const empty = values.name === undefined ? runs.filter((run) => run.results.length === 0 && !run.broke) : [];
  if (empty.length > 0) console.log('');
  for (const { file } of empty) console.log(`ran no test: ${file}`);
  const broken = runs.filter(({ broke }) => broke).length;
  const passed = count(runs, 'passed');
  const failed = count(runs, 'failed') + broken;
  const skipped = count(runs, 'skipped');
  if (inCI && skipped > 0) console.log('\nwith CI=true no test may be skipped');
  const slowest = runs.toSorted((a, b) => b.ms - a.ms).slice(0, 5);
  console.log('\nslowest files:');
  for (const { file, ms } of slowest) console.log(`  ${seconds(ms).padStart(8)}  ${file}`);
  console.log(`\n${files.length} files in ${seconds(performance.now() - start)}`);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  if (failed > 0 || passed + skipped === 0 || empty.length > 0 || (inCI && skipped > 0)) process.exitCode = 1;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of running) killGroup(child);
    process.exit(1);
  });
}

await main();
