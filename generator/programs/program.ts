/** Other programs of the machine: where they are, and how they are run. */
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';

type Env = { readonly [name: string]: string | undefined };

/** The path of a program on the PATH, of which only absolute folders count; undefined where there is none. */
export function findProgram(name: string, env: Env): string | undefined {
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, name)).find(isProgram);
}

/** Whether a file can be run. */
export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** How a program is run. */
export interface RunOptions {
  /** All of its variables. */
  readonly env: Env;
  /** @default the folder of this process */
  readonly cwd?: string;
  /** What it reads from standard input; `terminal` is that of this process. @default nothing */
  readonly input?: string | 'terminal';
  /** Whether its words go to the standard error of this process. @default false */
  readonly speaks?: boolean;
  /** Asks it to end. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which it is asked to end. @default never */
  readonly timeout?: number;
}

/** How a program ended. */
export interface Ran {
  /** Whether it ended with exit code 0. */
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  /** Its exit code; undefined where it could not be run, or was ended. */
  readonly code: number | undefined;
  /** How it ended, in words: `ended with exit code 1`, `was ended by SIGKILL`. */
  readonly end: string;
  /** Whether there is no such program. */
  readonly isMissing: boolean;
}

/** No program that is run here prints as many bytes; one that does is asked to end. */
const mostBytes = 256 * 1024 * 1024;

/** Milliseconds that a program has from being asked to end until it is ended. */
const patience = 5000;

/** Runs a program until it has ended. It always gives an answer: how the program ended, or why it could not be run. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { env, cwd, input, speaks = false, signal, timeout }: RunOptions,
): Promise<Ran> {
  const { execa } = await import('execa');
  const child = execa(program, args, {
    env: { ...env } as { [name: string]: string },
    extendEnv: false,
    stripFinalNewline: false,
    reject: false,
    maxBuffer: mostBytes,
    forceKillAfterDelay: patience,
    stderr: speaks ? 'inherit' : 'pipe',
    ...(typeof input === 'string' && input !== 'terminal'
      ? { input }
      : { stdin: input === undefined ? 'ignore' : 'inherit' }),
    ...(cwd === undefined ? {} : { cwd }),
    ...(signal === undefined ? {} : { cancelSignal: signal }),
    ...(timeout === undefined ? {} : { timeout }),
  });
  child.on('exit', () => {
    // what a program that was ended has started may live on and hold the pipes open
    if (child.killed) for (const pipe of [child.stdout, child.stderr]) pipe?.destroy();
  });
  const ran = await child;
  return {
    ok: !ran.failed,
    stdout: ran.stdout,
    stderr: ran.stderr ?? '',
    code: ran.timedOut || ran.isCanceled || ran.isMaxBuffer ? undefined : ran.exitCode,
    end: endOf(ran, timeout),
    isMissing: ran.code === 'ENOENT',
  };
}

/** What execa says of an end. */
interface End {
  readonly timedOut: boolean;
  readonly isCanceled: boolean;
  readonly isMaxBuffer: boolean;
  readonly signal?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly code?: string | undefined;
}

function endOf(ran: End, timeout: number | undefined): string {
  if (ran.timedOut) return `did not end within ${(timeout ?? 0) / 1000} seconds`;
  if (ran.isCanceled) return 'was asked to end';
  if (ran.isMaxBuffer) return `printed more than ${mostBytes} bytes`;
  if (ran.signal !== undefined) return `was ended by ${ran.signal}`;
  return ran.exitCode === undefined
    ? `cannot be run (${ran.code ?? 'unknown reason'})`
    : `ended with exit code ${ran.exitCode}`;
}
