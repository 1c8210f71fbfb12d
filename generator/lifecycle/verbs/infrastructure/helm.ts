/** Runs the helm of the machine. No secret ever goes into its arguments or into a file. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { failure } from '../../../model/finding.ts';
import { trace } from '../../../model/trace.ts';
import { compareVersions } from '../../../model/versions.ts';
import type { HelmChart } from '../../../objects/infrastructure.ts';
import { findProgram, runProgram } from '../../../programs/program.ts';
import { inCluster } from '../../api/kube-config.ts';
import type { Session } from '../../session/session.ts';

/** What helm said. */
export interface HelmRun {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** A helm that was found. */
export interface Helm {
  /** The path of the program. */
  readonly program: string;
}

/** What `--labels` came with. */
const oldestVersion = '3.13.0-0';

const helmHint = 'install helm 3.13 or later, as https://helm.sh/docs/intro/install says';

/**
 * Finds helm on the PATH.
 *
 * @throws Failure where there is none, or it is too old
 */
export async function findHelm(session: Session): Promise<Helm> {
  const program = findProgram('helm', session.env);
  if (program === undefined) {
    throw failure('no-helm', 'charts need helm, and there is none on the PATH', helmHint);
  }
  const { stdout } = await runHelm(session, { program }, ['version', '--template', '{{.Version}}']);
  if (compareVersions(stdout.trim(), oldestVersion) < 0)
    throw failure('helm-version', `${program} is helm ${stdout.trim().slice(0, 20)}`, helmHint);
  return { program };
}

/**
 * Runs helm to its end, in the cluster of the session. It is asked to end when the session is; then this throws
 * the session's reason.
 *
 * @param input what it reads from standard input
 */
export async function runHelm(
  { access, env, cwd, signal }: Session,
  { program }: Helm,
  args: readonly string[],
  input = '',
): Promise<HelmRun> {
  signal.throwIfAborted();
  const place = [
    ...(access.kubeconfig === undefined ? [] : [`--kubeconfig=${access.kubeconfig}`]),
    ...(access.context === inCluster ? [] : [`--kube-context=${access.context}`]),
  ];
  // what follows the first two words may be values
  trace(() => `run ${[program, ...args.slice(0, 2)].join(' ')} …`);
  const options = { cwd, env: helmEnv(env), input, signal };
  const { ok, stdout, stderr, end } = await runProgram(program, [...args, ...place], options);
  signal.throwIfAborted();
  return { ok, stdout, stderr: stderr || (ok ? '' : `helm ${end}`) };
}

/** The variables without those that would lead helm to another cluster, or make it tell more. */
function helmEnv(env: Session['env']): { [name: string]: string } {
  const misleading = /^HELM_(?:KUBE|NAMESPACE$|DEBUG$)/;
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !misleading.test(entry[0]),
  );
  return Object.fromEntries(kept);
}

/** Runs work with a folder for charts, which is gone after it. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'glyphoxa-charts-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Arguments that fetch a chart into a folder. */
export function pullArguments(chart: HelmChart, folder: string): string[] {
  return ['pull', ...chartWords(chart), `--version=${chart.version}`, `--destination=${folder}`];
}

/** How helm is told where a chart is: in a registry by its whole address, else in a repository. */
export function chartWords({ name, repo }: Pick<HelmChart, 'name' | 'repo'>): string[] {
  return repo.startsWith('oci://') ? [`${repo.replace(/\/+$/, '')}/${name}`] : [name, `--repo=${repo}`];
}

/** The archive that a pull has left in its folder. */
export function pulledChart(folder: string): string | undefined {
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  return name === undefined ? undefined : path.join(folder, name);
}
