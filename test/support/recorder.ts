/** Notes what this process writes to disk and how it starts programs, while a piece of work runs. */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** What was noted. */
export interface Recorded {
  /** Every file that was written, with its permissions where it was made, and what went into it. */
  readonly writes: { readonly file: string; readonly mode: number | undefined; readonly text: string }[];
  /** The command lines of programs. */
  readonly commands: string[];
}

type AnyFunction = (...args: never[]) => unknown;

/** Runs work and gives what it wrote and started, also what it removed again. */
export async function record<T>(work: () => Promise<T>): Promise<{ result: T; recorded: Recorded }> {
  const recorded: Recorded = { writes: [], commands: [] };
  const opened = new Map<number, { file: string; mode: number | undefined }>();
  const undo: (() => void)[] = [];
  const wrap = (owner: object, name: string, around: (original: AnyFunction) => AnyFunction) => {
    const place = owner as { [name: string]: AnyFunction };
    const original = place[name] as AnyFunction;
    place[name] = around(original);
    undo.push(() => {
      place[name] = original;
    });
  };
  const note = (file: unknown, text: unknown, mode?: number) => {
    const known = typeof file === 'number' ? opened.get(file) : undefined;
    recorded.writes.push({
      file: known?.file ?? String(file),
      mode: known?.mode ?? mode,
      text:
        Buffer.isBuffer(text) || text instanceof Uint8Array
          ? Buffer.from(text).toString('utf8')
          : String(text),
    });
  };
  wrap(fs, 'openSync', (original) => (file: string, flags: string, mode: number) => {
    const descriptor = (original as typeof fs.openSync)(file, flags, mode);
    opened.set(descriptor, { file, mode });
    return descriptor;
  });
  for (const name of ['writeSync', 'writeFileSync', 'appendFileSync'] as const) {
    wrap(fs, name, (original) => (file: unknown, text: unknown, ...rest: unknown[]) => {
      const [options] = rest as { mode?: number }[];
      note(file, text, typeof options === 'object' ? options?.mode : undefined);
      return (original as (...args: unknown[]) => unknown)(file, text, ...rest);
    });
  }
  for (const name of ['writeFile', 'appendFile'] as const) {
    wrap(fs.promises, name, (original) => (file: unknown, text: unknown, ...rest: unknown[]) => {
      note(file, text);
      return (original as (...args: unknown[]) => unknown)(file, text, ...rest);
    });
  }
  for (const name of ['execFile', 'execFileSync', 'spawn', 'spawnSync', 'exec', 'fork'] as const) {
    wrap(childProcess, name, (original) => (program: unknown, ...rest: unknown[]) => {
      recorded.commands.push([program, ...(Array.isArray(rest[0]) ? rest[0] : [])].join(' '));
      return (original as (...args: unknown[]) => unknown)(program, ...rest);
    });
  }
  syncBuiltinESMExports();
  try {
    return { result: await work(), recorded };
  } finally {
    for (const restore of undo) restore();
    syncBuiltinESMExports();
  }
}
