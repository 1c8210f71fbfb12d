import type { Io } from './io.ts';
import { wrapped } from './text-table.ts';

/** What the commands of one run share. */
export interface Context {
  readonly io: Io;
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

/** Makes a command's work, which gives the exit code, into an action. */
export function action<Arguments extends unknown[]>(
  context: Context,
  work: (...args: Arguments) => Promise<number>,
): (...args: Arguments) => Promise<void> {
  return async (...args) => {
    context.exitCode = await work(...args);
  };
}

/**
 * The end of a command's help: its examples, each with what it does, and what its exit codes mean.
 *
 * @param wrongInput what 1 means
 * @param done what 0 means
 * @param wrongUsage what 2 means
 */
export function afterHelp(
  examples: readonly (readonly [command: string, does: string])[],
  wrongInput = 'the input has errors',
  done = 'done',
  wrongUsage = 'the command line is wrong',
): string {
  const lines = examples.flatMap(([command, does]) => [`  # ${does}`, `  $ ${command}`, '']);
  return [
    '',
    'Examples:',
    ...lines,
    'Exit codes:',
    ...[done, wrongInput, wrongUsage].flatMap((words, code) =>
      wrapped(words, 75).map((line, index) => `  ${index === 0 ? code : ' '}  ${line}`),
    ),
    '',
  ]
    .join('\n')
    .trimEnd();
}
