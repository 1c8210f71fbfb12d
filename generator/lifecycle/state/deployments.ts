/** The Deployments of a release as they are in the cluster. */

import { advise } from '../../model/command.ts';
import { Failure, failure } from '../../model/finding.ts';
import { dig } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { isOurs } from '../api/managers.ts';
import { apiPath, knownType } from '../api/resources.ts';
import type { Session } from '../session/session.ts';
import type { Target } from '../session/target.ts';
import type { Inventory } from './inventory.ts';
import { isNamespaceLeaving, leavingFinding } from './live.ts';
import { membersOf } from './members.ts';

/** A Deployment that is there. */
export interface LiveDeployment {
  readonly name: string;
  readonly live: KubernetesObject;
  /** As the environment lists it; undefined where it does not any more. */
  readonly wanted: KubernetesObject | undefined;
  /** Whether it starts worker Jobs. */
  readonly isGateway: boolean;
}

/** The kind. */
export const deploymentType = knownType('apps/v1', 'Deployment');

/**
 * The Deployments that are there: those that the environment lists, whoever made them, and those that an apply of
 * ours made and the environment does not list any more. Gateways come last, the rest by name.
 *
 * @throws Failure where the namespace is being deleted
 */
export async function readDeployments(
  { client, target }: Session,
  inventory: Inventory,
): Promise<LiveDeployment[]> {
  const { namespace, objects, release } = target;
  if (await isNamespaceLeaving(client, namespace)) throw new Failure([leavingFinding(namespace)]);
  const listed = objects.filter(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.namespace === namespace,
  );
  const [members, ...named] = await Promise.all([
    membersOf(client, release, {
      inventory: { ...inventory, groupKinds: ['Deployment.apps'], namespaces: [], elsewhere: [] },
      exists: true,
    }),
    ...listed.map(({ metadata }) => client.get(apiPath(deploymentType, namespace, metadata.name))),
  ]);
  const byName = new Map<string, KubernetesObject>();
  for (const live of [...members.filter(isOurs), ...named])
    if (live !== undefined) byName.set(live.metadata.name, live);
  return [...byName]
    .map(([name, live]) => ({
      name,
      live,
      wanted: listed.find(({ metadata }) => metadata.name === name),
      isGateway: isGatewayOf(target, live),
    }))
    .sort((a, b) => Number(a.isGateway) - Number(b.isGateway) || (a.name < b.name ? -1 : 1));
}

/** Whether an object is a Deployment that starts worker Jobs of a release, under whatever name. */
export function isGatewayOf({ release, parts }: Target, { kind, metadata }: KubernetesObject): boolean {
  if (kind !== 'Deployment') return false;
  if (metadata.name === parts.gateway.metadata.name) return true;
  return (
    dig(metadata.labels, ['app.kubernetes.io/component']) === 'gateway' &&
    dig(metadata.labels, ['app.kubernetes.io/instance']) === release
  );
}

/** What to say where a release has no Deployment. */
export function notDeployed({ target }: Session) {
  const { release, namespace, name } = target;
  return failure(
    'not-deployed',
    `no Deployment of ${release} is in the namespace ${namespace}`,
    `deploy it with ${advise('not-deployed')`glyphoxa-kustomize apply ${name}`}`,
  );
}
