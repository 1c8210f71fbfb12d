/** Runs the helm of the machine. No secret ever goes into its arguments or into a file. */
import { advise } from '../../../model/command.ts';
import { type Finding, failure, finding } from '../../../model/finding.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { oneLine } from '../../../model/one-line.ts';
import { trace } from '../../../model/trace.ts';
import { compareVersions } from '../../../model/versions.ts';
import type { HelmChart } from '../../../objects/infrastructure.ts';
import { findProgram, type Ran, runProgram } from '../../../programs/program.ts';
import { chartFailure } from '../../../tree/check/charts.ts';
import { inCluster } from '../../api/kube-config.ts';
import { masking, valuesOf } from '../../rollout/mask.ts';
import type { Session } from '../../session/session.ts';

/** What `--labels` came with. */
const oldestVersion = '3.13.0-0';

const helmHint = 'install helm 3.13 or later, as https://helm.sh/docs/intro/install says';

/** Finds helm on the PATH, and gives its path. Throws a Failure where there is none, or it is too old. */
export async function findHelm(session: Session): Promise<string> {
  const helm = findProgram('helm', session.env);
  if (helm === undefined)
    throw failure('no-helm', 'charts need helm, and there is none on the PATH', helmHint);
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
): Promise<Pick<Ran, 'ok' | 'stdout' | 'stderr'>> {
  signal.throwIfAborted();
  const place = [
    ...(access.kubeconfig === undefined ? [] : [`--kubeconfig=${access.kubeconfig}`]),
    ...(access.context === inCluster ? [] : [`--kube-context=${access.context}`]),
  ];
  // what follows the first two words may be values
  trace(() => `run ${[helm, ...args.slice(0, 2)].join(' ')} …`);
  // without what would lead helm to another cluster, or make it tell more
  const kept = Object.entries(env).filter(([name]) => !/^HELM_(?:KUBE|NAMESPACE$|DEBUG$)/.test(name));
  const options = { cwd, env: Object.fromEntries(kept), input, signal };
  const { ok, stdout, stderr, end } = await runProgram(helm, [...args, ...place], options);
  signal.throwIfAborted();
  return { ok, stdout, stderr: stderr || (ok ? '' : `helm ${end}`) };
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
  const clean = masking(objects.filter(({ kind }) => kind === 'Secret').flatMap(valuesOf))(said);
  const lines = clean
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:WARNING|level=|I\d{4} |W\d{4} )/.test(line));
  const why = oneLine(lines.join(' ').replace(/^Error: /, ''));
  const hint = hasRelease
    ? `see ${advise('helm-failed')`helm status ${chart.releaseName} --namespace ${chart.namespace}`}`
    : "change what helm names; the chart's version and values stand in glyphoxa.yaml";
  const message = `helm fails with the chart ${chart.name}: ${why || 'it says nothing'}`;
  return chartFailure([chart], clean) ?? finding('helm', message, hint);
}
