/** Why helm failed, in words of our own, and nothing secret in them. */
import { advise } from '../../../model/command.ts';
import type { Finding } from '../../../model/finding.ts';
import { isObject } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { oneLine } from '../../../model/one-line.ts';
import type { HelmChart } from '../../../objects/infrastructure.ts';
import { chartFailure } from '../../../tree/check/charts.ts';
import { type Masking, masking } from '../../rollout/mask.ts';

interface Cause {
  readonly code: string;
  readonly said: RegExp;
  readonly message: (chart: HelmChart, match: RegExpExecArray) => string;
  readonly hint: string;
}

/** What helm says about the cluster, as 3.17 and 4.2 word it; the first that fits counts. */
const causes: readonly Cause[] = [
  {
    code: 'not-of-helm',
    said: /(?:Unable to continue with (?:install|update)|unable to continue with (?:install|update)): (\w+) "([^"]+)"[^\n]* exists and cannot be imported/,
    message: ({ name, releaseName }, [, kind, object]) =>
      `${kind} ${object}, which the chart ${name} brings, is there already and not of the Helm release ${releaseName}`,
    hint: 'delete it if nobody needs it; or give it the label app.kubernetes.io/managed-by=Helm and the annotations meta.helm.sh/release-name and meta.helm.sh/release-namespace, which hand it over',
  },
  {
    code: 'helm-busy',
    said: /another operation \(install\/upgrade\/rollback\) is in progress/,
    message: ({ releaseName, namespace }) =>
      `somebody else has begun to work on the Helm release ${releaseName} in ${namespace}`,
    hint: 'wait until that has ended, and run this again',
  },
  {
    code: 'helm-conflict',
    said: /conflicts? with "([^"]+)"[^:\n]*:?\s*(?:-\s*)?(\.\S+)?/,
    message: ({ releaseName }, [, manager, field]) =>
      `the Helm release ${releaseName} wants to set ${field ?? 'fields'} that ${manager} has set otherwise`,
    hint: 'undo what was set by hand, or upgrade once with --reuse-values and --force-conflicts of helm 4',
  },
  {
    code: 'forbidden',
    said: /(\S+ "[^"]*" is forbidden: User "[^"]*" cannot \w+ resource "[^"]*"|is forbidden: User "[^"]*" cannot \w+ resource "[^"]*")/,
    message: ({ releaseName }, [, what]) => `the Helm release ${releaseName} is refused: ${what}`,
    hint: 'charts with CustomResourceDefinitions and ClusterRoles are for administrators of the cluster',
  },
  {
    code: 'webhook',
    said: /failed calling webhook "([^"]+)"/,
    message: ({ name }, [, webhook]) =>
      `the webhook ${webhook} does not answer, which the chart ${name} needs`,
    hint: 'see whether the operator runs, and whether the API server can reach it',
  },
];

/** Whether helm failed for want of something that may come back: the API server, or an operator's webhook. */
export function isPassing(said: string): boolean {
  return /Kubernetes cluster unreachable|connection refused|connection reset|unexpected EOF|http2: |TLS handshake timeout|failed calling webhook|etcdserver: |no matches for kind|unable to handle the request|ServiceUnavailable|Client\.Timeout exceeded|the server was unable to return a response/i.test(
    said,
  );
}

/**
 * Why helm failed.
 *
 * @param mask takes the values of Secrets out of what helm says
 * @param hasRelease whether a release of the chart is there, of which helm tells more
 */
export function helmFailure(chart: HelmChart, said: string, mask: Masking, hasRelease = false): Finding {
  const clean = mask(said);
  const known = clusterFailure(chart, clean) ?? chartFailure([chart], clean);
  if (known !== undefined) return known;
  const lines = clean
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:WARNING|level=|I\d{4} |W\d{4} )/.test(line));
  const why = oneLine(lines.join(' ').replace(/^Error: /, ''));
  return {
    code: 'helm',
    severity: 'error',
    path: [],
    message: `helm fails with the chart ${chart.name}: ${why || 'it says nothing'}`,
    hint: hasRelease
      ? `see ${advise('helm-failed')`helm status ${chart.releaseName} --namespace ${chart.namespace}`}`
      : "see whether the chart's version and values in glyphoxa.yaml are for this version of Kubernetes",
  };
}

function clusterFailure(chart: HelmChart, said: string): Finding | undefined {
  for (const { code, said: pattern, message, hint } of causes) {
    const match = pattern.exec(said);
    if (match !== null) return { code, severity: 'error', path: [], message: message(chart, match), hint };
  }
  return undefined;
}

/** Masks the values of Secrets among objects. */
export function maskingOf(objects: readonly KubernetesObject[]): Masking {
  const values = objects
    .filter(({ kind }) => kind === 'Secret')
    .flatMap(({ data, stringData }) => [
      ...texts(stringData),
      ...texts(data).map((value) => Buffer.from(value, 'base64').toString('utf8')),
    ]);
  return masking(values);
}

function texts(value: unknown): string[] {
  return isObject(value) ? Object.values(value).filter((item) => typeof item === 'string') : [];
}
