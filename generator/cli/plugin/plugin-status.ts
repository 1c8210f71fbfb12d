/** Which ways of running the plugin work on this machine, found out by building a probe in each. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isProgram, type Ran, runProgram } from '../../programs/program.ts';
import type { Io } from '../io.ts';
import { installedIn, usedPluginHome } from './plugin-home.ts';
import { functionName, placeInHome, programFiles } from './program-files.ts';

/** How a probe went. */
export interface Outcome {
  readonly state: 'works' | 'fails' | 'silent' | 'impossible';
  /** Why it does not work. */
  readonly reason?: string;
}

/** What was found out with one program. */
export interface ToolStatus {
  readonly path: string;
  readonly kind: 'kustomize' | 'kubectl';
  readonly version: string;
  /** The kustomize inside a kubectl. */
  readonly kustomize?: string;
  /** The classic plugin: the one that is installed; where none is, as it is once it is installed. */
  readonly plugin: Outcome;
  /** The exec function, with --enable-exec. */
  readonly function: Outcome;
  /** The exec function without --enable-exec: `silent` is output that is lost without an error. */
  readonly functionWithoutExec: Outcome;
}

/** What was found out on this machine. */
export interface Status {
  readonly tools: readonly ToolStatus[];
  /** Programs that could not be asked for their version. */
  readonly unusable: readonly string[];
  /** Where kustomize looks for plugins, and whether this one is there. */
  readonly home?: string;
  readonly installed: boolean;
}

/**
 * Builds a probe in every way with every kustomize and kubectl. Leaves nothing behind.
 *
 * @param more programs beside those on the PATH
 */
export async function pluginStatus(io: Io, more: readonly string[]): Promise<Status> {
  const paths = unique([...onPath(io), ...more.map((tool) => path.resolve(io.cwd, tool))]);
  const home = usedPluginHome(io.env);
  const there = home === undefined ? 'nothing' : installedIn(home);
  const folder = mkdtempSync(path.join(tmpdir(), 'glyphoxa-status-'));
  try {
    writeProbes(folder);
    const tools: (ToolStatus | undefined)[] = [];
    for (const tool of paths) tools.push(await statusOf(tool, folder, there !== 'nothing', io));
    return {
      tools: tools.filter((tool) => tool !== undefined),
      unusable: paths.filter((_, index) => tools[index] === undefined),
      ...(home === undefined ? {} : { home }),
      installed: there === 'this',
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every kustomize and kubectl on the PATH, also those with a version in their name. */
function onPath({ env, cwd }: Io): string[] {
  const name = /^(?:kubectl|kustomize)(?:[.-]?v?\d[\d.]*)?$/;
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => {
    const at = path.resolve(cwd, folder);
    try {
      return readdirSync(at)
        .filter((file) => name.test(file))
        .sort()
        .map((file) => path.join(at, file))
        .filter(isProgram);
    } catch {
      return [];
    }
  });
}

/** The same program under two paths counts once; one program that acts by its name counts by each. */
function unique(paths: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const file of paths) {
    let real = file;
    try {
      real = realpathSync(file);
    } catch {
      // told as unusable later
    }
    const key = `${real} ${path.basename(file).replace(/[^a-z].*/, '')}`;
    if (!seen.has(key)) seen.set(key, file);
  }
  return [...seen.values()];
}

const identity = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\nmetadata:\n  name: probe\n';

function writeProbes(folder: string): void {
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  };
  write('plugin/kustomization.yaml', 'generators:\n- glyphoxa.yaml\n');
  write('plugin/glyphoxa.yaml', identity);
  write('function/kustomization.yaml', 'generators:\n- glyphoxa.yaml\n');
  const annotation = `  annotations:\n    config.kubernetes.io/function: |\n      exec:\n        path: ./${functionName}\n`;
  write('function/glyphoxa.yaml', identity + annotation);
  const files = programFiles();
  symlinkSync(files.function, path.join(folder, 'function', functionName));
  const home = path.join(folder, 'home', placeInHome);
  mkdirSync(path.dirname(home), { recursive: true });
  symlinkSync(files.plugin, home);
}

async function statusOf(
  tool: string,
  folder: string,
  isInstalled: boolean,
  io: Io,
): Promise<ToolStatus | undefined> {
  const version = await versionOf(tool, io);
  if (version === undefined) return undefined;
  const isKubectl = version.kind === 'kubectl';
  const build = (probe: string, flags: readonly string[], env: Io['env'] = io.env) => {
    const args = [isKubectl ? 'kustomize' : 'build', path.join(folder, probe), ...flags];
    return outcome(tool, args, { ...io, env });
  };
  const alpha = '--enable-alpha-plugins';
  const withHome = { ...io.env, KUSTOMIZE_PLUGIN_HOME: path.join(folder, 'home') };
  const noExec: Outcome = { state: 'impossible', reason: 'kubectl has no --enable-exec' };
  const [plugin, withExec, functionWithoutExec] = await Promise.all([
    build('plugin', [alpha], isInstalled ? io.env : withHome),
    isKubectl ? noExec : build('function', [alpha, '--enable-exec']),
    build('function', [alpha]),
  ]);
  return { path: tool, ...version, plugin, function: withExec, functionWithoutExec };
}

async function versionOf(
  tool: string,
  io: Io,
): Promise<Pick<ToolStatus, 'kind' | 'version' | 'kustomize'> | undefined> {
  const asKubectl = await run(tool, ['version', '--client', '-o', 'json'], io);
  const read = kubectlVersion(asKubectl.stdout);
  if (read !== undefined) return { kind: 'kubectl', ...read };
  const version = versionIn((await run(tool, ['version'], io)).stdout);
  return version === undefined ? undefined : { kind: 'kustomize', version };
}

function kubectlVersion(text: string): { version: string; kustomize?: string } | undefined {
  try {
    const { clientVersion, kustomizeVersion } = JSON.parse(text) as {
      clientVersion?: { gitVersion?: string };
      kustomizeVersion?: string;
    };
    const version = versionIn(clientVersion?.gitVersion ?? '');
    const kustomize = versionIn(kustomizeVersion ?? '');
    return version === undefined ? undefined : { version, ...(kustomize === undefined ? {} : { kustomize }) };
  } catch {
    return undefined;
  }
}

function versionIn(text: string): string | undefined {
  return /v(\d+\.\d+\.\d+[\w.-]*)/.exec(text)?.[1];
}

/** A probe works where its gateway comes out; an empty output without an error is the silent failure. */
async function outcome(tool: string, args: readonly string[], io: Io): Promise<Outcome> {
  const { stdout, stderr, code, end } = await run(tool, args, io);
  if (code === 0 && stdout.includes('name: probe-gateway')) return { state: 'works' };
  if (code === 0 && stdout.trim() === '')
    return { state: 'silent', reason: 'nothing is printed, and the exit code is 0' };
  const lines = stderr.split('\n').map((line) => line.trim());
  const told = lines.find((line) => /^error\b/i.test(line)) ?? lines.find((line) => line !== '');
  return { state: 'fails', reason: (told ?? `it ${end}`).slice(0, 300) };
}

function run(program: string, args: readonly string[], { env, cwd }: Pick<Io, 'env' | 'cwd'>): Promise<Ran> {
  return runProgram(program, args, { env, cwd, timeout: 60_000 });
}
