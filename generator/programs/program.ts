/** Other programs of the machine: where they are, and how they are run. */
import { spawn } from 'node:child_process';
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
export function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<Ran> {
  const { env, cwd, input, speaks = false, signal, timeout } = options;
  return new Promise((resolve) => {
    const child = spawn(program, [...args], {
      env: { ...env } as NodeJS.ProcessEnv,
      stdio: [stdinOf(input), 'pipe', speaks ? 'inherit' : 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
    });
    const said = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    const timers: NodeJS.Timeout[] = [];
    let asked: string | undefined;
    const ask = (why: string) => {
      if (asked !== undefined) return;
      asked = why;
      child.kill();
      timers.push(setTimeout(() => child.kill('SIGKILL'), patience));
    };
    const abort = () => ask('was asked to end');
    const done = (code: number | null, end: string, isMissing = false) => {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      const [stdout, stderr] = [said.stdout, said.stderr].map((all) => Buffer.concat(all).toString('utf8'));
      resolve({
        ok: code === 0 && asked === undefined,
        stdout: stdout ?? '',
        stderr: stderr ?? '',
        code: asked === undefined ? (code ?? undefined) : undefined,
        end: asked ?? end,
        isMissing,
      });
    };
    let bytes = 0;
    for (const name of ['stdout', 'stderr'] as const)
      child[name]?.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= mostBytes) said[name].push(chunk);
        else ask(`printed more than ${mostBytes} bytes`);
      });
    child.on('error', ({ code = 'unknown reason' }: NodeJS.ErrnoException) => {
      // a signal that could not be sent is an error too, of a program that still runs
      if (child.pid === undefined) done(null, `cannot be run (${code})`, code === 'ENOENT');
    });
    child.on('exit', () => {
      if (asked === undefined) return;
      // what it has started may live on and hold the pipes open
      child.stdout?.destroy();
      child.stderr?.destroy();
    });
    child.on('close', (code, killed) =>
      done(code, killed === null ? `ended with exit code ${code}` : `was ended by ${killed}`),
    );
    // one that ends without reading has an exit code to say so
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
    if (timeout !== undefined)
      timers.push(setTimeout(() => ask(`did not end within ${timeout / 1000} seconds`), timeout));
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort);
  });
}

function stdinOf(input: RunOptions['input']): 'inherit' | 'pipe' | 'ignore' {
  if (input === undefined) return 'ignore';
  return input === 'terminal' ? 'inherit' : 'pipe';
}
