/** Finds and runs other programs. Plain Node without a dependency. */
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** Runs a program to its end. */
export const run = promisify(execFile);

/** A minute in milliseconds. */
export const minute = 60_000;

/** The first executable file of that name on the PATH. */
export function which(program, env = process.env) {
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      if (folder && statSync(path).isFile()) return path;
    } catch {
      // not here
    }
  }
  return undefined;
}

/** The environment of a program: without the options of this Node. */
export function programEnv() {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return env;
}

/** Options of a program that may take long. */
export function longRun(cwd) {
  return { cwd, env: programEnv(), timeout: 60 * minute, maxBuffer: 64 << 20 };
}
