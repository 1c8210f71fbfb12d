/** The kustomize of the machine: a `kustomize` or a `kubectl` on the PATH. */
import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { failure } from '../model/finding.ts';
import { trace } from '../model/trace.ts';

/** A program that builds kustomizations, with the words that go before the folder. */
export interface Kustomize {
  readonly program: string;
  readonly args: readonly string[];
}

/** What a build printed. */
export type BuildResult =
  | { readonly ok: true; readonly yaml: string }
  | { readonly ok: false; readonly error: string };

/**
 * Finds the program that `kubectl apply -k` or a pipeline would use.
 *
 * @throws Failure where there is none
 */
export function findKustomize(env: { readonly [name: string]: string | undefined }): Kustomize {
  for (const [name, args] of [
    ['kustomize', ['build']],
    ['kubectl', ['kustomize']],
  ] as const) {
    const program = findProgram(name, env);
    trace(() =>
      program === undefined ? `no ${name} is on the PATH` : `use ${program}: the first ${name} on the PATH`,
    );
    if (program !== undefined) return { program, args };
  }
  const hint = 'install kustomize 4.5.4 or later or kubectl 1.27 or later, or pipe a build into "check -"';
  throw failure('no-kustomize', 'neither kustomize nor kubectl is on the PATH', hint);
}

/** The path of a program on the PATH, of which only absolute folders count; undefined where there is none. */
export function findProgram(
  name: string,
  env: { readonly [name: string]: string | undefined },
): string | undefined {
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, name)).find(isProgram);
}

/** How a folder is built. */
export interface BuildOptions {
  /** Whether charts are built, with the helm of the PATH. @default false */
  readonly charts?: boolean;
  /** Ends the program. */
  readonly signal?: AbortSignal | undefined;
}

/** Builds a folder, without plugins. */
export function runKustomize(
  { program, args }: Kustomize,
  folder: string,
  env: { readonly [name: string]: string | undefined },
  { charts = false, signal }: BuildOptions = {},
): Promise<BuildResult> {
  return new Promise((resolve) => {
    const limits = {
      maxBuffer: 256 * 1024 * 1024,
      timeout: 120_000,
      ...(signal === undefined ? {} : { signal }),
    };
    const options = { env: { ...env } as NodeJS.ProcessEnv, ...limits };
    const flags = charts ? ['--enable-helm'] : [];
    trace(() => `run ${[program, ...args, ...flags, folder].join(' ')}: it builds the objects`);
    execFile(program, [...args, ...flags, folder], options, (error, stdout, stderr) => {
      if (error === null) resolve({ ok: true, yaml: stdout });
      else resolve({ ok: false, error: stderr.trim() || error.message });
    });
  });
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
