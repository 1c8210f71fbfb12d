/** What has to be there before anything is installed. */
import { advise } from '../../../model/command.ts';
import { type Finding, finding } from '../../../model/finding.ts';
import { dig, isObject } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { ChartPart } from '../../../tree/infrastructure.ts';
import { apiPath, knownType } from '../../api/resources.ts';
import type { Session } from '../../session/session.ts';
import { isLeaving, leavingFinding } from '../../state/live.ts';

/** The keys that the Bitnami chart reads. */
const bitnamiKeys = ['postgres-password', 'password'] as const;

/** The Namespace among the target's objects, where the environment asks for it to be created. */
export function ownNamespace({ target }: Session): KubernetesObject | undefined {
  return target.objects.find(
    ({ kind, metadata }) => kind === 'Namespace' && metadata.name === target.namespace,
  );
}

/** What is wrong with the namespace where it is missing, if only that it is made first; undefined where it is there. */
export async function namespaceFindings(session: Session): Promise<Finding[] | undefined> {
  const { namespace } = session.target;
  const there = await session.client.get(apiPath(knownType('v1', 'Namespace'), undefined, namespace));
  if (there !== undefined) return isLeaving(there) ? [leavingFinding(namespace)] : undefined;
  if (ownNamespace(session) !== undefined) return [];
  const hint = `create it with ${advise('namespace-missing/infrastructure')`kubectl create namespace ${namespace}`}`;
  return [finding('namespace-missing', `there is no namespace ${namespace}`, hint)];
}

/** The chart would start without the Secret, and its pod would not. Only the names of keys are looked at. */
export async function passwordFindings({ client }: Session, { chart }: ChartPart): Promise<Finding[]> {
  const name = String(dig(chart.valuesInline, ['auth', 'existingSecret']));
  const { namespace } = chart;
  const secret = await client.get(apiPath(knownType('v1', 'Secret'), namespace, name));
  const data = isObject(secret?.data) ? secret.data : {};
  const missing = bitnamiKeys.filter((key) => data[key] === undefined || data[key] === '');
  if (missing.length === 0) return [];
  const what = `secret/${name} in ${namespace}`;
  const hint = (command: string) =>
    `write each password into a file named as its key (${missing.join(', ')}), then run ${command}; docs/database.md shows more`;
  const [create, files] = [
    ['kubectl', '-n', namespace, 'create', 'secret', 'generic', name],
    missing.map((key) => `--from-file=${key}`),
  ];
  if (secret === undefined) {
    const message = `${what} is not there, from which the database takes its passwords (${missing.join(', ')})`;
    return [finding('secret-missing', message, hint(advise('secret-missing/database')`${create} ${files}`))];
  }
  const message = `${what} has no ${missing.join(' and no ')}, from which the database takes its passwords`;
  const command = advise(
    'secret-key-missing/database',
  )`${create} ${files} --dry-run=client -o json | kubectl -n ${namespace} patch secret ${name} --patch-file=/dev/stdin`;
  return [finding('secret-key-missing', message, hint(command))];
}
