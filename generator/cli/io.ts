import path from 'node:path';
import { isatty } from 'node:tty';
import { writeNow } from '../model/write-now.ts';

/** Somewhere that text is written to. */
export interface Writer {
  write(text: string): unknown;
  /** How large the terminal is that it goes to, at the moment; undefined where it goes elsewhere. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** The stream behind it, for those who need more than that. @default it is one */
  readonly stream?: NodeJS.WritableStream;
}

/** The world as a command sees it, handed in so that tests can run commands inside their own process. */
export interface Io {
  /** What a command is asked for: objects, findings, schemas. */
  readonly stdout: Writer;
  /** Everything that is said about it. */
  readonly stderr: Writer;
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly env: { readonly [name: string]: string | undefined };
  /** The words by which the program was called: `kubectl glyphoxa`. @default glyphoxa-kustomize */
  readonly program?: string;
  /** The folder that relative paths begin at. */
  readonly cwd: string;
  /** Whether a person sits at the terminal and can be asked. */
  readonly isTTY: boolean;
  /** Whether text may be coloured. */
  readonly color: boolean;
  /** How large the terminal is that standard output goes to; undefined where it goes elsewhere. @default elsewhere */
  screen?(): { readonly columns: number; readonly rows: number } | undefined;
  /** Whether nobody reads standard output any more (`| head`). @default somebody does */
  isUnread?(): boolean;
  /**
   * Calls back when the command is to end: Ctrl-C, a polite kill, or a terminal that is closed. Gives the way to stop
   * listening.
   */
  onInterrupt(callback: (signal: Interrupt) => void): () => void;
}

/** A signal that ends a command. */
export type Interrupt = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The exit code where output cannot be written, since the disk is full, say. Source: EX_IOERR of sysexits.h. */
const unwritable = 74;

/**
 * The world of this process. A reader that goes away (`| head`) is no error: what is written after that is
 * dropped. Where output cannot be written for another reason, the process ends at once.
 */
export function processIo(): Io {
  const { env } = process;
  let isUnread = false;
  const stderr = writerTo(2, () => {});
  const stdout = writerTo(1, (error) => {
    isUnread ||= error === undefined;
    if (error !== undefined)
      stderr.write(`error output: standard output cannot be written: ${error.message}\n`);
  });
  const isTerminal = isatty(1);
  return {
    stdout,
    stderr,
    get stdin() {
      return process.stdin;
    },
    env,
    cwd: process.cwd(),
    ...(calledName() === 'kubectl-glyphoxa' ? { program: 'kubectl glyphoxa' } : {}),
    isTTY: isatty(0) && isatty(2),
    screen: () => (isTerminal ? screenOf(stdout) : undefined),
    color: wantsColor(env, isTerminal && isatty(2)),
    isUnread: () => isUnread,
    onInterrupt(callback) {
      const signals: Interrupt[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
      for (const signal of signals) process.on(signal, callback);
      return () => {
        for (const signal of signals) process.off(signal, callback);
      };
    },
  };
}

/**
 * A terminal is written to by its stream, which knows its size; everything else at once. What a closed pipe or terminal
 * would get is dropped; after another error the process ends.
 *
 * @param failed is called for the first write that nobody reads any more, without an error, and of an error
 */
function writerTo(descriptor: 1 | 2, failed: (error?: NodeJS.ErrnoException) => void): Writer {
  let isGone = false;
  const fail = (error: NodeJS.ErrnoException) => {
    isGone = true;
    // EIO: the terminal is closed
    if (error.code === 'EPIPE' || error.code === 'EIO') return failed();
    failed(error);
    process.exit(unwritable);
  };
  let opened: NodeJS.WriteStream | undefined;
  const open = () => {
    opened ??= (descriptor === 1 ? process.stdout : process.stderr).on('error', fail);
    return opened;
  };
  // Pipes of Windows are not written at once.
  if (isatty(descriptor) || process.platform === 'win32') return open();
  return {
    write(text) {
      try {
        if (!isGone) writeNow(descriptor, text);
      } catch (error) {
        fail(error as NodeJS.ErrnoException);
      }
    },
    get stream() {
      return open();
    },
  };
}

/** How large a terminal is; some do not know their size, and tell 0. */
export function screenOf({ columns, rows }: Pick<Writer, 'columns' | 'rows'>): {
  columns: number;
  rows: number;
} {
  return { columns: columns || 80, rows: rows || 24 };
}

/** A text with the command lines in it as this program was called. */
export function asCalled(text: string, { program }: Pick<Io, 'program'>): string {
  return program === undefined
    ? text
    : text.replace(/(^|["$ (])glyphoxa-kustomize (?=[a-z[<-])/gm, `$1${program} `);
}

/** A writer of words, whose command lines are as this program was called. */
export function calledWriter(writer: Writer, io: Pick<Io, 'program'>): Writer {
  if (io.program === undefined) return writer;
  return {
    write: (text) => writer.write(asCalled(text, io)),
    get columns() {
      return writer.columns;
    },
    get rows() {
      return writer.rows;
    },
  };
}

/** The name of the file that was called, which may be a link. */
export function calledName(): string {
  const words = [process.argv0, process.argv[1] ?? ''].map((word) => path.basename(word, '.exe'));
  return words.find((word) => /^kubectl[-_]/.test(word)) ?? words[1] ?? '';
}

/** `NO_COLOR` forbids colour, `FORCE_COLOR` asks for it, else a terminal that can show it gets it. */
function wantsColor(env: Io['env'], isTerminal: boolean): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return isTerminal && env.TERM !== 'dumb';
}
