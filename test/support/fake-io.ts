/** A world for commands that run inside the test's own process, or as the one file that is under test. */
import { execa } from 'execa';
import type { Io } from '../../generator/cli/io.ts';
import { run } from '../../generator/cli/main.ts';
import { binary } from './program.ts';

/** What a command printed, and its exit code. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** What the world of a command looks like. */
export interface World {
  /** @default the working directory of the test */
  readonly cwd?: string;
  /** @default no variables at all */
  readonly env?: { readonly [name: string]: string | undefined };
  /** What stands on standard input. @default nothing */
  readonly stdin?: string | Uint8Array;
  /** @default false */
  readonly color?: boolean;
}

/** Runs a command line in this process; where `GLYPHOXA_BINARY` names a file, in a process of that. */
export async function runCli(argv: readonly string[], world: World = {}): Promise<Ran> {
  return binary === undefined ? runInProcess(argv, world) : runFile(binary, argv, world);
}

/** Runs a command line in this process. */
export async function runInProcess(argv: readonly string[], world: World = {}): Promise<Ran> {
  const { io, printed } = fakeIo(world);
  const exitCode = await run(argv, io);
  return { ...printed(), exitCode };
}

async function runFile(file: string, argv: readonly string[], world: World): Promise<Ran> {
  const { cwd = process.cwd(), env = {}, stdin = '', color = false } = world;
  const options = { cwd, input: stdin, extendEnv: false, reject: false, stripFinalNewline: false } as const;
  const variables = color ? { ...env, FORCE_COLOR: '1' } : env;
  const { stdout, stderr, exitCode = -1 } = await execa(file, argv, { ...options, env: variables });
  return { stdout, stderr, exitCode };
}

/** A world that keeps what is printed. */
export function fakeIo({ cwd = process.cwd(), env = {}, stdin = '', color = false }: World = {}): {
  readonly io: Io;
  readonly printed: () => { stdout: string; stderr: string };
} {
  let [stdout, stderr] = ['', ''];
  const io: Io = {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    stdin: (async function* () {
      yield stdin;
    })(),
    env,
    cwd,
    isTTY: false,
    onInterrupt: () => () => {},
    color,
  };
  return { io, printed: () => ({ stdout, stderr }) };
}
