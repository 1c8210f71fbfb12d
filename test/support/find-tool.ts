/** Where the real tools are that tests run, and how a test runs one. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { execa } from 'execa';
import manifest from '../../scripts/tools.json' with { type: 'json' };

/** A tool that `node scripts/tools.mjs NAME` gets. */
export type ToolName = keyof typeof manifest.tools;

interface Pin {
  version: string;
  file?: string;
  onPath?: string[];
  places?: string[];
  versionArgs?: string[];
}

const pins: Record<ToolName, Pin> = manifest.tools;
const found = new Map<ToolName, string>();

/** The folder that holds the tools: the one that scripts/tools.mjs fills. */
function toolsDir(): string {
  if (process.env.GLYPHOXA_TOOLS_DIR) return resolve(process.env.GLYPHOXA_TOOLS_DIR);
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'glyphoxa-kustomize', 'tools');
}

/**
 * The path of a tool (of a folder for `kubernetes-schemas`), undefined where there is none: from the tool
 * cache, else from the PATH if the program there has the pinned version.
 */
export function findTool(name: ToolName): string | undefined {
  const path = found.get(name) ?? lookUp(name);
  if (path !== undefined) found.set(name, path);
  return path;
}

/** The pinned version of a tool. */
export function toolVersion(name: ToolName): string {
  return pins[name].version;
}

function lookUp(name: ToolName): string | undefined {
  const pin = pins[name];
  const cached = join(toolsDir(), pin.file ?? name);
  if (existsSync(cached)) return cached;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const onPath = (pin.onPath ?? []).flatMap((program) => folders.map((folder) => join(folder, program)));
  const candidates = [...onPath, ...(pin.places ?? []).flatMap(placesOf)];
  return candidates.find((path) => existsSync(path) && isPinned(path, pin));
}

/** The files that a path names, in which one folder may be `*`: the newest version first. */
function placesOf(pattern: string): string[] {
  const [before = '', after = ''] = pattern.split('/*/');
  if (!existsSync(before)) return [];
  const versions = readdirSync(before).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return versions.map((version) => join(before, version, after));
}

function isPinned(path: string, { version, versionArgs }: Pin): boolean {
  if (!versionArgs) return true;
  const { stdout, stderr } = spawnSync(path, versionArgs, { encoding: 'utf8', timeout: 60_000 });
  const pattern = new RegExp(`(?<![\\d.])${version.replaceAll('.', '\\.')}(?![\\d.])`);
  return pattern.test(`${stdout}${stderr}`);
}

/**
 * The path of a tool for a test that cannot do without. Where it is missing the test is marked as skipped
 * and must return on the undefined it gets; with `CI=true` this throws, so that the test fails.
 */
export function requireTool(t: TestContext, name: ToolName): string | undefined {
  const path = findTool(name);
  if (path) return path;
  skipWithout(t, name);
  return undefined;
}

/** Skips a test for want of a tool, or fails it where `CI=true`. */
export function skipWithout(t: TestContext, name: ToolName): void {
  const reason = `missing tool ${name} (get it: node scripts/tools.mjs ${name})`;
  if (process.env.CI === 'true') throw new Error(reason);
  t.skip(reason);
}

/** Programs in Go spend a quarter of a short run on collecting their garbage. */
const collectRarely = { GOGC: '400' };

/** The environment of this process less what slows or steers the tools under test. */
export function toolEnv(env: Record<string, string> = {}): Record<string, string> {
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, NODE_TEST_CONTEXT: ___, ...rest } = process.env;
  const inherited = Object.entries(rest).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(inherited), ...collectRarely, ...env };
}

/** What a tool printed, and the exit code it ended with (-1 where a signal or the time limit ended it). */
export interface ToolRun {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** How a tool is started. */
export interface RunOptions {
  /** Working directory. @default the process's */
  cwd?: string;
  /** Text for standard input. @default none: standard input is closed */
  input?: string;
  /** Variables on top of {@link toolEnv}. */
  env?: Record<string, string>;
  /** Time limit in milliseconds. @default 120000 */
  timeout?: number;
}

/** Runs a program to its end; a failure is an exit code, not an exception. */
export async function runTool(path: string, args: string[], options: RunOptions = {}): Promise<ToolRun> {
  const { cwd, input = '', env, timeout = 120_000 } = options;
  const result = await execa(path, args, {
    ...(cwd === undefined ? {} : { cwd }),
    input,
    env: toolEnv(env),
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    timeout,
  });
  const ended =
    result.exitCode === undefined ? `${result.stderr}${result.shortMessage ?? ''}\n` : result.stderr;
  return { stdout: result.stdout, stderr: ended, exitCode: result.exitCode ?? -1 };
}
