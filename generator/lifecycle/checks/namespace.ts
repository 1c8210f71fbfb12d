/** Whether there is a namespace to apply to. */
import { advise } from '../../model/command.ts';
import { type Finding, finding } from '../../model/finding.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { apiPath, knownType } from '../api/resources.ts';
import type { Session } from '../session/session.ts';
import type { Target } from '../session/target.ts';
import { isLeaving, leavingFinding } from '../state/live.ts';
import { type Check, may } from './context.ts';

const type = knownType('v1', 'Namespace');

/** The namespace is there or among the objects, and is not on its way out. */
export const checkNamespace: Check = async (preflight) => {
  const { session, live } = preflight;
  const { client, target } = session;
  const { namespace } = target;
  if (live === undefined && !(await may(preflight, 'get', type, namespace, namespace))) return [];
  const there = live === undefined ? await client.get(apiPath(type, undefined, namespace)) : live.namespace;
  return namespaceFindings(session, there);
};

/** What is wrong with the namespace as the cluster has it; one that is missing may be among the objects. */
export function namespaceFindings({ target }: Session, there: KubernetesObject | undefined): Finding[] {
  const { namespace } = target;
  if (there !== undefined) return isLeaving(there) ? [leavingFinding(namespace)] : [];
  if (ownNamespace(target) !== undefined) return [];
  const hint = `create it with ${advise('namespace-missing')`kubectl create namespace ${namespace}`}`;
  return [finding('namespace-missing', `there is no namespace ${namespace}`, hint)];
}

/** The Namespace among the objects, where the environment asks for it to be created. */
export function ownNamespace({ objects, namespace }: Target): KubernetesObject | undefined {
  return objects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace);
}
