/** Whether there is a namespace to apply to. */

import { advise } from '../../model/command.ts';
import { apiPath, knownType } from '../api/resources.ts';
import { isLeaving, leavingFinding } from '../state/live.ts';
import { type Check, found, mayRead } from './context.ts';

const type = knownType('v1', 'Namespace');

/** The namespace is there or among the objects, and is not on its way out. */
export const checkNamespace: Check = async (preflight) => {
  const { session, live } = preflight;
  const { client, target } = session;
  const { namespace } = target;
  if (live === undefined && !(await mayRead(preflight, type, namespace, namespace))) return [];
  const there = live === undefined ? await client.get(apiPath(type, undefined, namespace)) : live.namespace;
  if (there === undefined) {
    const isBuilt = target.objects.some(
      ({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace,
    );
    if (isBuilt) return [];
    const hint = `create it with ${advise('namespace-missing')`kubectl create namespace ${namespace}`}`;
    return [found('namespace-missing', `there is no namespace ${namespace}`, hint)];
  }
  return isLeaving(there) ? [leavingFinding(namespace)] : [];
};
