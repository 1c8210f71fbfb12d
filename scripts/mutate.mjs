/**
 * Changes the code of a room in small ways and sees whether a test fails: what survives, no test holds.
 *
 *     npm run mutate -- [--every N] [--tests N] [--most SECONDS] [ROOM | FILE]...
 *
 * Of every file each Nth mutant is tried (default 20), always the same ones; no file is written. A mutant meets the test
 * files of its room that import its file and start no program of this project, those of no room (test/cases.test.ts and
 * test/scripts), and the three nearest of other rooms: first the one that killed most so far, then all others in one
 * process that ends at the first failure (scripts/mutate-tests.mjs). One that lets them be silent for five times as long
 * as without it counts as killed. What a test needs a tool for is left out.
 *
 * No mutant is made of words for people: tests hold codes and structures, and a text with a space in it is such words. Nor
 * of what compiles to the same code as before, such as a type, or not at all.
 *
 * What survives for a reason is listed in test/survivors.md. Not for CI: each mutant takes a second. The rooms of the
 * Kustomize side are tried by default; `--most` ends a run after that many seconds, and `--tests` takes
 * only so many test files for a file, the nearest.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { context, transformSync } from 'esbuild';
import { bundleOf, testBundles } from './test-bundles.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    every: { type: 'string', default: '20' },
    tests: { type: 'string', default: 'Infinity' },
    most: { type: 'string', default: '3600' },
  },
});
const rooms =
  positionals.length > 0 ? positionals : ['model', 'config', 'objects', 'secrets', 'function', 'tree'];
const end = performance.now() + Number(values.most) * 1000;

/** Test files longer than this, in milliseconds, are left out: those of the file's own room, and those of others. */
const [longest, longestOther] = [60_000, 10_000];

/** A test that starts this program, a cluster or a browser is no quick one, and the program is not what is changed here. */
const slow =
  /\.cluster\.test|generate-for-ever|support\/(?:browser|cluster|lifecycle|program|registry|terminal)\.ts/;

/** What is not code: comments, texts, patterns. They are blanked, so that places stay. */
const noCode =
  /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|(?<=[=(,:[!&|?{};]\s*|return )\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n[])+\/[a-z]*/g;

/** How code is changed: a pattern, and what stands in its place. */
const operators = [
  [/ === /g, ' !== '],
  [/ !== /g, ' === '],
  [/ && /g, ' || '],
  [/ \|\| /g, ' && '],
  [/ < (?=[\w(-])/g, ' <= '],
  [/ > (?=[\w(-])/g, ' >= '],
  [/ <= /g, ' < '],
  [/ >= /g, ' > '],
  [/ \+ /g, ' - '],
  [/ - /g, ' + '],
  [/(?<![\w.'])\d+(?![\w.])/g, (number) => String(Number(number) + 1)],
  [/\btrue\b(?!;? *\|)/g, 'false'],
  [/\bfalse\b(?!;? *\|)/g, 'true'],
  [/\.some\(/g, '.every('],
  [/\.every\(/g, '.some('],
  [/(?<=[(,=:] )!(?=\w)/g, ''],
  [/(?<=^ +)(?!return|throw|if|for|switch|while)\w[\w.]*\([^\n]*\);$/gm, ';'],
  [/(?<=^ +if \([^\n]*\) )return[^\n]*;$/gm, ';'],
  [/\.(?:filter|sort|toSorted|reverse)\((?:[^()\n]|\([^()\n]*\))*\)/g, ''],
];

/** The mutants of a source, in the order of their places. */
function mutantsOf(text) {
  const code = text.replace(noCode, (part) => part.replace(/[^\n]/g, '\0'));
  const found = operators.flatMap(([pattern, by]) =>
    [...code.matchAll(pattern)].map(({ 0: was, index }) => {
      return { index, was: text.substr(index, was.length), by: typeof by === 'string' ? by : by(was) };
    }),
  );
  const conditions = [...code.matchAll(/\bif \(/g)].map(({ 0: { length }, index }) => {
    let [at, depth] = [index + length, 1];
    for (; depth > 0; at++) depth += { '(': 1, ')': -1 }[code[at]] ?? 0;
    const was = text.slice(index + length, at - 1);
    return { index: index + length, was, by: `!(${was})` };
  });
  const texts = [...text.matchAll(/(?<=[=(,:?[] )'[^'\n]+'|(?<=[([])'[^'\n]+'/g)]
    .filter(({ 0: was, index }) => code[index] === '\0' && code[index - 1] !== '\0' && !isProse(was))
    .map(({ 0: was, index }) => ({ index, was, by: "''" }));
  // a type is not there when the code runs
  const compiled = (source) => transformSync(source, { loader: 'ts' }).code;
  const same = compiled(text);
  return [...found, ...conditions, ...texts]
    .filter((mutant) => isOther(() => compiled(mutated(text, mutant)), same))
    .sort((a, b) => a.index - b.index);
}

/** Whether code is another one; what does not compile is none. */
function isOther(compile, code) {
  try {
    return compile() !== code;
  } catch {
    return false;
  }
}

function mutated(text, { index, was, by }) {
  return text.slice(0, index) + by + text.slice(index + was.length);
}

/** Words for people, which no test is to hold. */
function isProse(text) {
  return /\S \S/.test(text);
}

function lineAt(text, index) {
  return text
    .slice(text.lastIndexOf('\n', index - 1) + 1)
    .split('\n', 1)[0]
    .trim();
}

// each bundling has a folder that goes with the process
process.setMaxListeners(0);

const imports = new Map();

/** All files that a file imports, with how far away each is. */
function reachOf(file) {
  const reach = new Map([[file, 0]]);
  for (const [at, distance] of reach) {
    if (!imports.has(at)) {
      const text = readFileSync(at, 'utf8');
      const named = [
        ...text.matchAll(/^(?:import|export)(?! type)[^;']*?'(\.[^']+\.ts)'|import\('(\.[^']+\.ts)'\)/gm),
      ];
      imports.set(
        at,
        named.map(([, fixed, lazy]) => resolve(dirname(at), fixed ?? lazy)),
      );
    }
    for (const next of imports.get(at)) if (!reach.has(next)) reach.set(next, distance + 1);
  }
  return reach;
}

function filesBelow(folder, ending) {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort();
}

const { NODE_EXTRA_CA_CERTS: _, NODE_TEST_CONTEXT: __, CI: ___, ...rest } = process.env;

/** Without the tools of the tests, which then leave out what needs one; with what every machine has and they call. */
const env = { ...rest, PATH: programsOfAnyMachine(), XDG_CACHE_HOME: join(root, 'nowhere') };

function programsOfAnyMachine() {
  const folder = mkdtempSync(join(tmpdir(), 'glyphoxa-mutate-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['git', 'mkfifo', 'node']) {
    const place = process.env.PATH.split(delimiter).find((each) => existsSync(join(each, name)));
    if (place !== undefined) symlinkSync(join(place, name), join(folder, name));
  }
  return folder;
}

const runner = join(root, 'scripts/mutate-tests.mjs');

/** Runs bundles of test files: whether they pass, how long that takes, and for how long at most no test ends. */
function run(bundles, patience) {
  const start = performance.now();
  const child = spawn(process.execPath, [`--test-reporter=${runner}`, runner, ...bundles], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let [last, silence] = [start, 0];
  const kill = () => child.kill('SIGKILL');
  let timer = setTimeout(kill, patience);
  const live = () => {
    const now = performance.now();
    silence = Math.max(silence, now - last);
    last = now;
    clearTimeout(timer);
  };
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
    live();
    timer = setTimeout(kill, patience);
  });
  return new Promise((done) => {
    child.on('close', (code) => {
      live();
      done({ passes: code === 0, ms: performance.now() - start, silence, said });
    });
  });
}

/** The tests of a file's room, and of none, that reach it, and the three nearest of others. */
function testsOf(file, tests) {
  const room = roomOf('generator', file);
  const near = tests.flatMap((test) => {
    const distance = test.reach.get(file);
    if (distance === undefined) return [];
    const isNamesake = basename(test.path).startsWith(basename(file, '.ts'));
    return [{ ...test, rank: distance + (isNamesake ? 0 : 10) }];
  });
  near.sort((a, b) => a.rank - b.rank);
  const own = near.filter((test) => isOwn(test, room));
  return own.concat(near.filter((test) => !isOwn(test, room)).slice(0, 3)).slice(0, Number(values.tests));
}

/** Whether a test is of a room, or of none: goldens of whole configurations, and what is written from the schema. */
function isOwn(test, room) {
  return test.room === room || !existsSync(join(root, 'generator', test.room));
}

function roomOf(house, file) {
  return relative(join(root, house), file).split('/')[0];
}

/** How the test files ran with no mutant in them. */
const times = new Map();

/** Bundles tests with what `textOf` gives for a file at each time. */
async function openBundles(file, paths, textOf) {
  const options = testBundles(root, paths, (path) => (path === file ? textOf() : readFileSync(path, 'utf8')));
  const bundles = await context({ ...options, sourcemap: false, logLevel: 'silent' });
  return {
    bundleOf: (path) => bundleOf(options.outdir, path),
    build: () =>
      bundles.rebuild().then(
        () => true,
        () => false,
      ),
    close: () => bundles.dispose(),
  };
}

/** The tests of a file that are quick enough, and what tries another text of the file on them. */
async function openTests(file, text, tests) {
  let now = text;
  const paths = tests.map(({ path }) => relative(root, path));
  const all = await openBundles(file, paths, () => now);
  await all.build();
  const quick = [];
  for (const [index, path] of paths.entries()) {
    if (!times.has(path)) times.set(path, await run([all.bundleOf(path)], longest));
    const { passes, ms } = times.get(path);
    const limit = isOwn(tests[index], roomOf('generator', file)) ? longest : longestOther;
    if (passes && ms <= limit) quick.push(path);
    else
      console.log(`  left out: ${path} ${passes ? `takes ${Math.round(ms)} ms` : 'fails without a mutant'}`);
  }
  quick.sort((a, b) => times.get(a).ms - times.get(b).ms);
  const patience = (some) => 5 * Math.max(0, ...some.map((path) => times.get(path).silence)) + 2000;
  /** How many mutants each has killed: the one that killed most is asked first, by itself. */
  const kills = new Map(paths.filter((path) => quick.includes(path)).map((path) => [path, 0]));
  const alone = new Map();
  /** Whether tests pass, and which does not, where that can be told. */
  const runSome = async (bundles, some) => {
    if (!(await bundles.build())) return { passes: false };
    const { passes, said } = await run(some.map(bundles.bundleOf), patience(some));
    return { passes, killer: some.find((path) => said.includes(path.replace(/\.ts$/, '.mjs'))) };
  };
  const failsAlone = async (path) => {
    if (!alone.has(path)) alone.set(path, await openBundles(file, [path], () => now));
    const { passes } = await runSome(alone.get(path), [path]);
    if (!passes) kills.set(path, kills.get(path) + 1);
    return !passes;
  };
  return {
    /** Whether a test fails, with another text of the file, that passes with its own. */
    async fail(other) {
      now = other;
      const [first, ...more] = [...kills].sort(([, a], [, b]) => b - a).map(([path]) => path);
      if (first === undefined) return false;
      if (await failsAlone(first)) return true;
      if (more.length === 0) return false;
      const { passes, killer } = await runSome(
        all,
        quick.filter((path) => path !== first),
      );
      if (passes || killer === undefined) return !passes;
      if (await failsAlone(killer)) return true;
      throw new Error(`${killer} fails only beside others`);
    },
    close: () => Promise.all([all, ...alone.values()].map((bundles) => bundles.close())),
  };
}

async function tryFile(file, tests) {
  const text = readFileSync(file, 'utf8');
  const mutants = mutantsOf(text).filter(
    (_, index) => index % Number(values.every) === Math.floor(values.every / 2),
  );
  if (mutants.length === 0) return [0, 0];
  const own = await openTests(file, text, testsOf(file, tests));
  let [killed, tried] = [0, 0];
  for (const mutant of mutants) {
    if (performance.now() > end) break;
    tried += 1;
    if (await own.fail(mutated(text, mutant))) killed += 1;
    else {
      const { index, was, by } = mutant;
      const line = text.slice(0, index).split('\n').length;
      const [from, to] = [was.trim() || '()', by.trim() || '(nothing)'];
      console.log(`  survives: ${relative(root, file)}:${line}: ${from} -> ${to} | ${lineAt(text, index)}`);
    }
  }
  await own.close();
  console.log(`${relative(root, file)}: ${killed} of ${tried} killed`);
  return [killed, tried];
}

const tests = filesBelow(join(root, 'test'), '.test.ts')
  .filter((path) => !slow.test(path) && !slow.test(readFileSync(path, 'utf8')))
  .map((path) => ({ path, room: roomOf('test', path), reach: reachOf(path) }));
for (const room of rooms) {
  const place = join(root, 'generator', room.replace(/^generator\//, ''));
  const files = place.endsWith('.ts') ? [place] : filesBelow(place, '.ts');
  let [killed, tried] = [0, 0];
  for (const file of files) {
    const [more, of] = await tryFile(file, tests);
    killed += more;
    tried += of;
  }
  console.log(`${room}: ${killed} of ${tried} mutants killed (${Math.round((100 * killed) / tried)} %)\n`);
}
