/** Runs the kubectl of the machine. No secret value ever goes into its arguments. */
import { execFile } from 'node:child_process';
import { failure } from '../model/finding.ts';

/** Which kubectl is run, and where it looks. */
export interface KubectlContext {
  readonly env: { readonly [name: string]: string | undefined };
  /** The context of the kubeconfig. @default the current one */
  readonly context?: string;
}

/** What kubectl said. */
export interface KubectlResult {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long the API server may take to answer. */
const timeLimit = 30_000;

/**
 * Runs kubectl to its end.
 *
 * @throws Failure where there is no kubectl
 */
export function kubectl(args: readonly string[], { env, context }: KubectlContext): Promise<KubectlResult> {
  const all = [...(context === undefined ? [] : [`--context=${context}`]), ...args];
  const options = { env: { ...env } as NodeJS.ProcessEnv, timeout: timeLimit, maxBuffer: 16 * 1024 * 1024 };
  return new Promise((resolve, reject) => {
    execFile('kubectl', all, options, (error, stdout, stderr) => {
      if ((error as NodeJS.ErrnoException | null)?.code === 'ENOENT') {
        reject(failure('no-kubectl', 'there is no kubectl on the PATH', 'install kubectl'));
      } else resolve({ ok: error === null, stdout, stderr: stderr.trim() || (error?.message ?? '') });
    });
  });
}
