/** What has to be there before anything is installed. */
import { advise } from '../../../model/command.ts';
import { type Finding, finding } from '../../../model/finding.ts';
import { dig, isObject } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { compareVersions } from '../../../model/versions.ts';
import { type ChartPart, hasChart, type PartOf } from '../../../tree/infrastructure.ts';
import { apiPath, knownType } from '../../api/resources.ts';
import { apiVersionWords, versionOf } from '../../api/server-version.ts';
import type { Session } from '../../session/session.ts';
import { isLeaving, leavingFinding } from '../../state/live.ts';

/** What CloudNativePG needs of Kubernetes. Source: the requirements of operator chart 0.29. */
const oldestForCloudNativePg = '1.29';

/** The keys that the Bitnami chart reads. */
const bitnamiKeys = ['postgres-password', 'password'] as const;

/** Everything that is missing. Changes nothing. */
export async function conditionFindings(session: Session, parts: readonly PartOf[]): Promise<Finding[]> {
  const checks = await Promise.all([
    namespaceFindings(session),
    ...parts.map((part) =>
      part.name === 'postgresql' && hasChart(part)
        ? secretFindings(session, part)
        : part.name === 'postgresql-operator'
          ? versionFindings(session)
          : [],
    ),
  ]);
  return checks.flat();
}

/** The Namespace among the target's objects, where the environment asks for it to be created. */
export function ownNamespace({ target }: Session): KubernetesObject | undefined {
  return target.objects.find(
    ({ kind, metadata }) => kind === 'Namespace' && metadata.name === target.namespace,
  );
}

async function namespaceFindings(session: Session): Promise<Finding[]> {
  const { namespace } = session.target;
  const there = await session.client.get(apiPath(knownType('v1', 'Namespace'), undefined, namespace));
  if (there !== undefined && isLeaving(there)) return [leavingFinding(namespace)];
  if (there !== undefined || ownNamespace(session) !== undefined) return [];
  const hint = `create it with ${advise('namespace-missing/infrastructure')`kubectl create namespace ${namespace}`}`;
  return [finding('namespace-missing', `there is no namespace ${namespace}`, hint)];
}

async function versionFindings({ client }: Session): Promise<Finding[]> {
  const version = await versionOf(client);
  if (version === undefined || compareVersions(apiVersionWords(version), oldestForCloudNativePg) >= 0)
    return [];
  const message = `CloudNativePG needs Kubernetes ${oldestForCloudNativePg}, and the API server is ${apiVersionWords(version)}`;
  return [finding('server-too-old', message, 'upgrade the cluster, or run the database elsewhere')];
}

/** The chart would start without the Secret, and its pod would not. Only the names of keys are looked at. */
async function secretFindings({ client }: Session, { chart }: ChartPart): Promise<Finding[]> {
  const name = String(dig(chart.valuesInline, ['auth', 'existingSecret']));
  const { namespace } = chart;
  const secret = await client.get(apiPath(knownType('v1', 'Secret'), namespace, name));
  const data = isObject(secret?.data) ? secret.data : {};
  const missing = bitnamiKeys.filter((key) => data[key] === undefined || data[key] === '');
  if (missing.length === 0) return [];
  const what = `secret/${name} in ${namespace}`;
  const message =
    secret === undefined
      ? `${what} is not there, from which the database takes its passwords (${missing.join(', ')})`
      : `${what} has no ${missing.join(' and no ')}, from which the database takes its passwords`;
  const [create, files] = [
    ['kubectl', '-n', namespace, 'create', 'secret', 'generic', name],
    missing.map((key) => `--from-file=${key}`),
  ];
  const command =
    secret === undefined
      ? advise('secret-missing/database')`${create} ${files}`
      : advise(
          'secret-key-missing/database',
        )`${create} ${files} --dry-run=client -o json | kubectl -n ${namespace} patch secret ${name} --patch-file=/dev/stdin`;
  const hint = `write each password into a file named as its key (${missing.join(', ')}), then run ${command}; docs/database.md shows more`;
  return [finding(secret === undefined ? 'secret-missing' : 'secret-key-missing', message, hint)];
}
