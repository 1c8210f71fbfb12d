import type { Io } from './io.ts';

/** What the commands of one run share. */
export interface Context {
  readonly io: Io;
  /** The content of the files that findings name, by the file's name in their positions. */
  readonly texts: Map<string, string>;
  /** What the run ends with; see {@link exitCodes}. */
  exitCode: number;
  /** What is to be done when the run has ended. */
  readonly ended: (() => void)[];
}

/** What the exit codes mean. */
export const exitCodes = {
  done: 0,
  /** The input has errors, or what was checked does not hold. */
  wrongInput: 1,
  /** The command line is wrong. */
  wrongUsage: 2,
  /** A fault of this program. */
  internal: 70,
} as const;

/** The context of a run that begins. */
export function newContext(io: Io): Context {
  return { io, texts: new Map(), exitCode: exitCodes.done, ended: [] };
}

/** Makes a command's work, which gives the exit code, into an action. */
export function action<Arguments extends unknown[]>(
  context: Context,
  work: (...args: Arguments) => Promise<number>,
): (...args: Arguments) => Promise<void> {
  return async (...args) => {
    context.exitCode = await work(...args);
  };
}
