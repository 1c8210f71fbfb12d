/** The kustomize of the machine: a `kustomize` or a `kubectl` on the PATH. */
import { failure } from '../model/finding.ts';
import { trace } from '../model/trace.ts';
import { findProgram, runProgram } from '../programs/program.ts';

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

/** How a folder is built. */
export interface BuildOptions {
  /** Whether charts are built, with the helm of the PATH. @default false */
  readonly charts?: boolean;
  /** Ends the program. */
  readonly signal?: AbortSignal | undefined;
}

/** Builds a folder, without plugins. */
export async function runKustomize(
  { program, args }: Kustomize,
  folder: string,
  env: { readonly [name: string]: string | undefined },
  { charts = false, signal }: BuildOptions = {},
): Promise<BuildResult> {
  const given = [...args, ...(charts ? ['--enable-helm'] : []), folder];
  trace(() => `run ${[program, ...given].join(' ')}: it builds the objects`);
  const { ok, stdout, stderr, end } = await runProgram(program, given, { env, signal, timeout: 120_000 });
  return ok ? { ok, yaml: stdout } : { ok, error: stderr.trim() || `${program} ${end}` };
}
