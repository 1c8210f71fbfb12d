/**
 * Changes the code of a room in small ways and sees whether a test fails: what survives, no test holds.
 *
 *     npm run mutate -- [--every N] [--most SECONDS] [ROOM | FILE]...
 *
 * Of every file each Nth mutant is tried (default 20), always the same ones, on a copy of the repository. A mutant meets
 * the test files of its room that import its file and start no program, the nearest first, and the three nearest of other
 * rooms, until one fails. One that takes five times as long as without it counts as killed. Not for CI: each mutant takes seconds. The rooms
 * of the Kustomize side are tried by default; `--most` ends a run after that many seconds.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { every: { type: 'string', default: '20' }, most: { type: 'string', default: '3600' } },
});
const rooms =
  positionals.length > 0 ? positionals : ['model', 'config', 'objects', 'secrets', 'function', 'tree'];
const end = performance.now() + Number(values.most) * 1000;

/** Test files longer than this, in milliseconds, are left out. */
const longest = 30_000;

/** A test that starts a program, a cluster or a browser, or goes through thousands of random inputs, is no quick one. */
const slow =
  /\.cluster\.test|property|fuzz|law\.test|support\/(?:browser|cluster|lifecycle|program|registry|terminal)\.ts/;

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
    .filter(({ index }) => code[index] === '\0' && code[index - 1] !== '\0')
    .map(({ 0: was, index }) => ({ index, was, by: "''" }));
  const isType = ({ index }) => /^(?:import|(?:export )?(?:type|interface))\b/.test(lineAt(text, index));
  return [...found, ...conditions, ...texts]
    .filter((each) => !isType(each))
    .sort((a, b) => a.index - b.index);
}

function lineAt(text, index) {
  return text
    .slice(text.lastIndexOf('\n', index - 1) + 1)
    .split('\n', 1)[0]
    .trim();
}

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

const copy = mkdtempSync(join(tmpdir(), 'mutate-'));
const { NODE_EXTRA_CA_CERTS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;

/** Runs a test file on the copy: whether it passes, and how long it takes. */
function run(test, timeout) {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, ['--import=tsx', relative(copy, test)], {
    cwd: copy,
    env,
    timeout: Math.ceil(timeout),
    killSignal: 'SIGKILL',
    stdio: 'ignore',
  });
  return { passes: status === 0, ms: performance.now() - start };
}

const baseline = new Map();

/** The quick tests of a file's room that reach it, the nearest first, and the three nearest of others. */
function testsOf(file, tests) {
  const room = relative(join(copy, 'generator'), file).split('/')[0];
  const near = tests.flatMap((test) => {
    const distance = test.reach.get(file);
    if (distance === undefined) return [];
    return [{ ...test, rank: distance + (basename(test.path).startsWith(basename(file, '.ts')) ? 0 : 10) }];
  });
  near.sort((a, b) => a.rank - b.rank);
  const others = near.filter((test) => test.room !== room).slice(0, 3);
  return near.filter((test) => test.room === room).concat(others);
}

/** Whether a test of the mutant fails that passes without it. */
function isKilled(tests) {
  return tests.some(({ path }) => {
    const without = baseline.get(path);
    return without.passes && without.ms <= longest && !run(path, 5 * without.ms + 2000).passes;
  });
}

function tryFile(file, tests) {
  const text = readFileSync(file, 'utf8');
  const own = testsOf(file, tests);
  const mutants = mutantsOf(text).filter(
    (_, index) => index % Number(values.every) === Math.floor(values.every / 2),
  );
  if (mutants.length === 0) return [0, 0];
  for (const { path } of own) if (!baseline.has(path)) baseline.set(path, run(path, 2 * longest));
  let [killed, tried] = [0, 0];
  for (const { index, was, by } of mutants) {
    if (performance.now() > end) break;
    writeFileSync(file, text.slice(0, index) + by + text.slice(index + was.length));
    tried += 1;
    if (isKilled(own)) killed += 1;
    else {
      const line = text.slice(0, index).split('\n').length;
      const [from, to] = [was.trim() || '()', by.trim() || '(nothing)'];
      console.log(`  survives: ${relative(copy, file)}:${line}: ${from} -> ${to} | ${lineAt(text, index)}`);
    }
  }
  writeFileSync(file, text);
  console.log(`${relative(copy, file)}: ${killed} of ${tried} killed`);
  return [killed, tried];
}

try {
  const kept = /^(?:node_modules|\.git)$/;
  for (const name of readdirSync(root).filter((each) => !kept.test(each)))
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  const tests = filesBelow(join(copy, 'test'), '.test.ts')
    .filter((path) => !slow.test(path) && !slow.test(readFileSync(path, 'utf8')))
    .map((path) => ({ path, room: relative(join(copy, 'test'), path).split('/')[0], reach: reachOf(path) }));
  for (const room of rooms) {
    const place = join(copy, 'generator', room.replace(/^generator\//, ''));
    const files = place.endsWith('.ts') ? [place] : filesBelow(place, '.ts');
    const counts = files.map((file) => tryFile(file, tests));
    const [killed, tried] = [0, 1].map((index) => counts.reduce((sum, count) => sum + count[index], 0));
    console.log(`${room}: ${killed} of ${tried} mutants killed (${Math.round((100 * killed) / tried)} %)\n`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
