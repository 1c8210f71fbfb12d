/**
 * Gets the real tools that the tests run (kubectl, kustomize, helm, ...) into a cache outside the
 * repository. Plain Node without a dependency, so that it runs before `npm ci`.
 *
 *     node scripts/tools.mjs [NAME...]   get these tools, or the whole suite
 *     node scripts/tools.mjs --list      name, version, state and path of every tool
 *
 * What is pinned, and where it comes from, stands in tools.json. A cached tool of the pinned version
 * is used as it is; a new one is verified, put together in a temporary folder and renamed into place,
 * so that an interrupted or a second run never leaves half a tool.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minute, programEnv, run, which } from './programs.mjs';
import { digest, isStamped, sources } from './tool-sources.mjs';

const manifest = JSON.parse(readFileSync(new URL('./tools.json', import.meta.url), 'utf8'));

/** Names of the tools that the test suite uses. */
export const suite = manifest.suite;

/** The folder that holds the tools, outside the repository. */
function toolsDir(env = process.env) {
  if (env.GLYPHOXA_TOOLS_DIR) return resolve(env.GLYPHOXA_TOOLS_DIR);
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'glyphoxa-kustomize', 'tools');
}

/** The pin of a tool; throws for a name that tools.json does not have. */
function toolPin(name) {
  const pin = Object.hasOwn(manifest.tools, name) ? manifest.tools[name] : undefined;
  if (!pin) throw new Error(`unknown tool; known: ${Object.keys(manifest.tools).join(', ')}`);
  return pin;
}

/** The path of a tool of the pinned version, from the cache or the PATH; undefined if there is none. */
export async function findTool(name) {
  const pin = toolPin(name);
  const cached = join(toolsDir(), pin.file ?? name);
  if (existsSync(cached) && (await isPinned(cached, pin))) return cached;
  for (const program of pin.onPath ?? []) {
    const path = which(program);
    if (path && (await isPinned(path, pin))) return path;
  }
  for (const path of (pin.places ?? []).flatMap(placesOf)) if (await isPinned(path, pin)) return path;
  return undefined;
}

/** The files that a path names, in which one folder may be `*`: the newest version first. */
function placesOf(pattern) {
  const [before, after] = pattern.split('/*/');
  if (!existsSync(before)) return [];
  const versions = readdirSync(before).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return versions.map((version) => join(before, version, after)).filter((path) => existsSync(path));
}

/** The path of a tool of the pinned version, which is got first if need be; throws if it cannot be had. */
export async function ensureTool(name) {
  const found = await findTool(name);
  if (found) return found;
  const pin = toolPin(name);
  await mkdir(toolsDir(), { recursive: true });
  const work = join(toolsDir(), `.tmp-${randomUUID()}`);
  await mkdir(work);
  try {
    const made = await sources[pin.source](pin, work);
    if (made) await putInPlace(made, join(toolsDir(), (pin.file ?? name).split('/')[0]), work);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  const got = await findTool(name);
  if (!got) throw new Error(`what ${pin.source} gave is not version ${pin.version}`);
  return got;
}

/** Whether the tool at a path has the pinned version, as far as the tool itself can tell. */
async function isPinned(path, pin) {
  if (pin.entryPoint) {
    // An environment outlives neither its folder's move to another machine nor that machine's Python.
    const bin = dirname(path);
    return existsSync(join(bin, 'python')) && isStamped(dirname(bin), pin);
  }
  if (statSync(path).isDirectory()) return isStamped(path, pin);
  if (pin.source === 'deb') return digest(await readFile(path), 'sha256', 'hex') === pin.sha256;
  if (pin.versionArgs) {
    try {
      const { stdout, stderr } = await run(path, pin.versionArgs, { env: programEnv(), timeout: minute });
      const version = pin.version.replaceAll('.', '\\.');
      return new RegExp(`(?<![\\d.])${version}(?![\\d.])`).test(stdout + stderr);
    } catch {
      return false;
    }
  }
  // A Go program carries its module's version in plain text.
  if (pin.module) {
    const text = await readFile(path);
    return pin.source === 'go-files' || text.includes(`mod\t${pin.module}\tv${pin.version}\t`);
  }
  return true;
}

/** Moves a finished file or folder to its place, also where another run has just done the same. */
async function putInPlace(made, place, work) {
  for (let attempt = 0; ; attempt++) {
    try {
      await rename(made, place);
      return;
    } catch (error) {
      if (attempt > 3 || !['ENOTEMPTY', 'EEXIST', 'EISDIR', 'ENOTDIR'].includes(error.code)) throw error;
      await rename(place, join(work, `old-${attempt}`)).catch(() => {});
    }
  }
}

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Gets the tools named; tells one line for each and returns the names of those that failed. */
async function getTools(names) {
  const failed = [];
  const get = async (name) => {
    const start = performance.now();
    try {
      const { version } = toolPin(name);
      if (await findTool(name)) return console.log(`${name} ${version}: ready`);
      console.log(`${name} ${version}: getting it`);
      await ensureTool(name);
      console.log(`${name} ${version}: got in ${seconds(start)}`);
    } catch (error) {
      failed.push(name);
      const why = String(error.stderr || error.message).trim();
      console.error(`${name}: cannot be had: ${why}`);
    }
  };
  // Go uses every core by itself; what is fetched meanwhile waits for the network.
  const builds = (name) =>
    ['go', 'go-folder', 'kubernetes', 'go-files'].includes(manifest.tools[name]?.source);
  const lanes = [names.filter(builds), names.filter((name) => !builds(name))];
  await Promise.all(
    lanes.map(async (lane) => {
      for (const name of lane) await get(name);
    }),
  );
  return failed;
}

async function listTools() {
  for (const [name, { version, file }] of Object.entries(manifest.tools)) {
    const path = await findTool(name);
    const state = path ? 'ready' : existsSync(join(toolsDir(), file ?? name)) ? 'outdated' : 'missing';
    console.log([name.padEnd(24), version.padEnd(14), state.padEnd(8), path ?? '-'].join(' '));
  }
}

/** Clears away what an interrupted run left a day ago or earlier. */
async function removeLeftovers() {
  const entries = await readdir(toolsDir()).catch(() => []);
  for (const entry of entries.filter((name) => name.startsWith('.tmp-'))) {
    const path = join(toolsDir(), entry);
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > 24 * 60 * minute) await rm(path, { recursive: true, force: true });
  }
}

async function main(args) {
  if (args.includes('--list')) return listTools();
  await removeLeftovers();
  const failed = await getTools(args.length > 0 ? args : suite);
  if (failed.length === 0) return;
  console.error(`${failed.length} tools could not be had: ${failed.join(', ')}`);
  process.exitCode = 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await main(process.argv.slice(2));
}
