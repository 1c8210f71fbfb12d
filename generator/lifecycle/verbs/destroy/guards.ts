/** What must not be destroyed, and what is lost where it is named. */
import { type Finding, finding } from '../../../model/finding.ts';
import { dig, given } from '../../../model/json.ts';
import { nameSome } from '../../../model/names.ts';
import { type KubernetesObject, namespaceOf } from '../../../model/object.ts';
import { openRights } from '../../api/access-review.ts';
import { unlessForbidden } from '../../api/errors.ts';
import { findType, knownType, shortName } from '../../api/resources.ts';
import { missingRights } from '../../rights/missing-rights.ts';
import type { Session } from '../../session/session.ts';
import { deploymentType } from '../../state/deployments.ts';
import { isLeaving, leavingFinding } from '../../state/live.ts';
import { serverLosses, volumeLosses } from './database-removal.ts';
import { type DestroyChoices, type DestroyPlan, goingObjects } from './plan.ts';

/** Why the choices do not go together, not with what is there, or are not for whoever runs this. */
export async function guardFindings(
  session: Session,
  plan: DestroyPlan,
  choices: DestroyChoices,
): Promise<Finding[]> {
  const { database, namespace: isThere } = plan;
  const { namespace, release } = session.target;
  const findings = await forbiddenParts(session, plan, choices);
  const { servers, volumes } = database;
  if (choices.volumes && !choices.database && servers.length > 0)
    findings.push(
      finding(
        'volumes-in-use',
        `${servers.map(shortName).join(', ')} would lose its volumes while it runs`,
        'name the database too, with --delete-database',
      ),
    );
  // All in it goes, but who knows when: only who asks for its end waits for it.
  if (isThere !== undefined && isLeaving(isThere) && !choices.namespace)
    return [...findings, leavingFinding(namespace)];
  if (!choices.namespace || isThere === undefined) return findings;
  if (namespace === 'default' || namespace.startsWith('kube-'))
    findings.push(finding('system-namespace', `the namespace ${namespace} is Kubernetes' own`, 'leave it'));
  const unnamed = [
    ...(choices.database ? [] : servers.map((object) => [object, '--delete-database'] as const)),
    ...(choices.volumes ? [] : volumes.map((object) => [object, '--delete-volumes'] as const)),
  ];
  for (const [object, flag] of unnamed)
    findings.push(
      finding(
        'namespace-holds',
        `${shortName(object)} would go with the namespace ${namespace}`,
        `name it too, with ${flag}`,
      ),
    );
  const others = (await session.client.list(deploymentType, namespace))
    .filter(({ metadata }) => dig(metadata.labels, ['app.kubernetes.io/name']) === 'glyphoxa')
    .map(({ metadata }) => String(dig(metadata.labels, ['app.kubernetes.io/instance'])));
  for (const other of new Set(others.filter((name) => name !== release)))
    findings.push(
      finding(
        'other-release',
        `the namespace ${namespace} also holds the release ${other}`,
        'destroy that one first',
      ),
    );
  return findings;
}

/** What whoever runs this may not do, each object that goes and may not be deleted: half a release would be left. */
async function forbiddenParts(
  session: Session,
  plan: DestroyPlan,
  choices: DestroyChoices,
): Promise<Finding[]> {
  const { client } = session;
  const rights = openRights(client);
  const namespaces = choices.namespace && plan.namespace !== undefined ? [plan.namespace] : [];
  const objects = [...goingObjects(plan, choices), ...namespaces];
  const findings = objects.map(async (object): Promise<Finding[]> => {
    const type = await findType(client, object);
    if (type === undefined) return [];
    const { name } = object.metadata;
    // Rules of a namespace reach the Namespace itself.
    const place = object.kind === 'Namespace' ? name : namespaceOf(object);
    const inside = given({ namespace: place });
    if (await rights.may({ verb: 'delete', group: type.group, resource: type.plural, name, ...inside }))
      return [];
    const hint = 'ask for the right to delete it; docs/operations has all that a deployer needs';
    return [finding('forbidden', `${shortName(object)} may not be deleted by whoever runs this`, hint)];
  });
  const missing = session.dryRun ? [] : await missingRights(session, 'destroy', ['changing']);
  return [...missing, ...(await Promise.all(findings)).flat()];
}

/** What is lost for good, in words. */
export async function losses(
  session: Session,
  plan: DestroyPlan,
  choices: DestroyChoices,
): Promise<string[]> {
  return [
    ...(choices.database ? serverLosses(plan.database, !choices.volumes) : []),
    ...(choices.volumes ? volumeLosses(plan.database) : []),
    ...(choices.namespace && plan.namespace !== undefined ? await namespaceLosses(session, plan) : []),
  ];
}

/** Kinds that people put things of worth in. */
const telling = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'Job'],
  ['batch/v1', 'CronJob'],
  ['v1', 'PersistentVolumeClaim'],
  ['v1', 'Secret'],
  ['v1', 'ConfigMap'],
  ['v1', 'Service'],
] as const;

/** Objects that are not of the release and go with the namespace. */
async function namespaceLosses(session: Session, plan: DestroyPlan): Promise<string[]> {
  const { client, target } = session;
  const { database, goes, sessions, inventory } = plan;
  const ours = new Set(
    [...goes, ...database.servers, ...database.volumes, ...sessions.map(({ job }) => job)].map(
      ({ metadata }) => metadata.uid,
    ),
  );
  const isOther = ({ kind, metadata }: KubernetesObject) =>
    !ours.has(metadata.uid) &&
    !(kind === 'ConfigMap' && ['kube-root-ca.crt', inventory.name].includes(metadata.name));
  const lists = await Promise.all(
    telling.map(([version, kind]) =>
      unlessForbidden(client.list(knownType(version, kind), target.namespace)),
    ),
  );
  const others = lists.flatMap((list, index) => {
    const [, kind = ''] = telling[index] ?? [];
    const names = (list ?? []).filter(isOther).map(({ metadata }) => metadata.name);
    return names.length === 0 ? [] : [`${kind} ${nameSome(names)}`];
  });
  const beside = others.length === 0 ? 'everything in it' : `everything in it: ${others.join('; ')}`;
  return [`namespace/${target.namespace}, and ${beside}`];
}
