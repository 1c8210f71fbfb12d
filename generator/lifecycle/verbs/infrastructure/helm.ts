/** Runs the helm of the machine. No secret ever goes into its arguments or into a file. */
import { advise } from '../../../model/command.ts';
import { type Finding, failure, finding } from '../../../model/finding.ts';
import { isObject } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { oneLine } from '../../../model/one-line.ts';
import { trace } from '../../../model/trace.ts';
import { compareVersions } from '../../../model/versions.ts';
import type { HelmChart } from '../../../objects/infrastructure.ts';
import { findProgram, runProgram } from '../../../programs/program.ts';
import { chartFailure } from '../../../tree/check/charts.ts';
import { inCluster } from '../../api/kube-config.ts';
import { masking } from '../../rollout/mask.ts';
import type { Session } from '../../session/session.ts';

/** What helm said. */
export interface HelmRun {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `--labels` came with. */
const oldestVersion = '3.13.0-0';

const helmHint = 'install helm 3.13 or later, as https://helm.sh/docs/intro/install says';

/**
 * Finds helm on the PATH.
 *
 * @returns its path
 * @throws Failure where there is none, or it is too old
 */
export async function findHelm(session: Session): Promise<string> {
  const helm = findProgram('helm', session.env);
  if (helm === undefined) {
    throw failure('no-helm', 'charts need helm, and there is none on the PATH', helmHint);
  }
  const { stdout } = await runHelm(session, helm, ['version', '--template', '{{.Version}}']);
  if (compareVersions(stdout.trim(), oldestVersion) < 0)
    throw failure('helm-version', `${helm} is helm ${stdout.trim().slice(0, 20)}`, helmHint);
  return helm;
}

/**
 * Runs helm to its end, in the cluster of the session. It is asked to end when the session is; then this throws
 * the session's reason.
 *
 * @param input what it reads from standard input
 */
export async function runHelm(
  { access, env, cwd, signal }: Session,
  helm: string,
  args: readonly string[],
  input = '',
): Promise<HelmRun> {
  signal.throwIfAborted();
  const place = [
    ...(access.kubeconfig === undefined ? [] : [`--kubeconfig=${access.kubeconfig}`]),
    ...(access.context === inCluster ? [] : [`--kube-context=${access.context}`]),
  ];
  // what follows the first two words may be values
  trace(() => `run ${[helm, ...args.slice(0, 2)].join(' ')} …`);
  const options = { cwd, env: helmEnv(env), input, signal };
  const { ok, stdout, stderr, end } = await runProgram(helm, [...args, ...place], options);
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

/** Whether helm failed for want of something that may come back: the API server, or an operator's webhook. */
export function isPassing(said: string): boolean {
  return /Kubernetes cluster unreachable|connection refused|connection reset|unexpected EOF|http2: |TLS handshake timeout|failed calling webhook|etcdserver: |no matches for kind|unable to handle the request|ServiceUnavailable|Client\.Timeout exceeded|the server was unable to return a response/i.test(
    said,
  );
}

/**
 * Why helm failed: in its own words, without the values of the target's Secrets.
 *
 * @param hasRelease whether a release of the chart is there, of which helm tells more
 */
export function helmFailure(
  chart: HelmChart,
  said: string,
  objects: readonly KubernetesObject[],
  hasRelease = false,
): Finding {
  const clean = maskingOf(objects)(said);
  const known = chartFailure([chart], clean);
  if (known !== undefined) return known;
  const lines = clean
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:WARNING|level=|I\d{4} |W\d{4} )/.test(line));
  const why = oneLine(lines.join(' ').replace(/^Error: /, ''));
  return finding(
    'helm',
    `helm fails with the chart ${chart.name}: ${why || 'it says nothing'}`,
    hasRelease
      ? `see ${advise('helm-failed')`helm status ${chart.releaseName} --namespace ${chart.namespace}`}`
      : "change what helm names; the chart's version and values stand in glyphoxa.yaml",
  );
}

/** Masks the values of Secrets among objects. */
function maskingOf(objects: readonly KubernetesObject[]): (text: string) => string {
  const texts = (value: unknown) =>
    isObject(value) ? Object.values(value).filter((item) => typeof item === 'string') : [];
  const values = objects
    .filter(({ kind }) => kind === 'Secret')
    .flatMap(({ data, stringData }) => [
      ...texts(stringData),
      ...texts(data).map((value) => Buffer.from(value, 'base64').toString('utf8')),
    ]);
  return masking(values);
}
