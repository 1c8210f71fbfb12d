/** How a command that works on a cluster ends when it is interrupted. */
import { type Failure, failure } from '../model/finding.ts';
import type { Io } from './io.ts';

/** Exit codes of shells for a program that a signal has ended. */
const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** How long an interrupted command may take to leave the cluster tidy, in milliseconds. */
const tidyMs = 8_000;

/** What is known of signals. */
export interface Interrupts {
  /** The exit code of the signal that was given; undefined while there was none. */
  readonly code: number | undefined;
  /** Stops listening. */
  ignore(): void;
}

/**
 * Listens for signals. The first one ends the work; with the next one, or when the work takes long to end, the process ends.
 *
 * @param end ends the work, for the reason that it is given
 */
export function listenForInterrupts(io: Io, end: (reason: Failure) => void): Interrupts {
  let signalled: keyof typeof codes | undefined;
  const ignore = io.onInterrupt((signal) => {
    // The kernel and the shell may both tell that the terminal is closed: nobody is impatient then.
    if (signalled !== undefined && signal === 'SIGHUP') return;
    if (signalled !== undefined) process.exit(codes[signal]);
    signalled = signal;
    end(failure('interrupted', 'interrupted', 'run the same command again to resume'));
    setTimeout(() => process.exit(codes[signal]), tidyMs).unref();
  });
  return {
    get code() {
      return signalled === undefined ? undefined : codes[signalled];
    },
    ignore,
  };
}
