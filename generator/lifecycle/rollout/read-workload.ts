/** Reads a Deployment and what belongs to it. */
import { dig } from '../../model/json.ts';
import type { Client } from '../api/client.ts';
import { unlessForbidden } from '../api/errors.ts';
import { apiPath, knownType } from '../api/resources.ts';
import { selectorText } from '../state/gone.ts';
import type { Deployment, PodEvent } from './views.ts';
import { view } from './views.ts';
import type { Workload } from './workload.ts';

const deploymentType = knownType('apps/v1', 'Deployment');
const replicaSetType = knownType('apps/v1', 'ReplicaSet');
const podType = knownType('v1', 'Pod');
const eventType = knownType('v1', 'Event');

/** A Deployment with its ReplicaSets and pods; undefined where there is no such Deployment. */
export async function readWorkload(
  client: Client,
  namespace: string,
  name: string,
): Promise<Workload | undefined> {
  const found = await client.get(apiPath(deploymentType, namespace, name));
  if (found === undefined) return undefined;
  const deployment = view<Deployment>(found);
  // Read after the Deployment: so the ReplicaSet that its status is about is among them.
  const query = { labelSelector: selectorText(dig(found.spec, ['selector'])) };
  const [replicaSets, pods] = await Promise.all([
    client.list(replicaSetType, namespace, query),
    client.list(podType, namespace, query),
  ]);
  return { deployment, replicaSets: replicaSets.map(view), pods: pods.map(view) } as Workload;
}

/** The events of a pod; undefined where the right to read them is not there. */
export async function readPodEvents(
  client: Client,
  namespace: string,
  pod: string,
): Promise<readonly PodEvent[] | undefined> {
  const fieldSelector = `involvedObject.kind=Pod,involvedObject.name=${pod}`;
  const events = await unlessForbidden(client.list(eventType, namespace, { fieldSelector }));
  return events?.map(view<PodEvent>);
}
