/** Voice sessions on a test cluster, made as the gateway makes them. */
import { readFileSync } from 'node:fs';
import { clone, dig, isObject, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { kubeconfigFor, waitFor } from './cluster.ts';
import { type Client, clientOf } from './control-plane/client.ts';
import type { Deployment } from './lifecycle.ts';

const jobs = '/apis/batch/v1/jobs';

/** The Job of a voice session: the template from the cluster, with the session's name, labels and variable. */
export async function sessionJob(of: Deployment, id: string, release = 'glyphoxa'): Promise<JsonObject> {
  const { data } = await of.request('GET', `/configmaps/${release}-worker-job-template`);
  const [template] = parseYaml(String(dig(data, ['job-template.yaml'])));
  const job = clone(template ?? {}) as JsonObject;
  const short = id
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 8);
  const labels = { 'glyphoxa.io/session-id': id, 'glyphoxa.io/tenant-id': 'tavern' };
  const pod = dig(job, ['spec', 'template']) as { metadata: JsonObject; spec: { containers: JsonObject[] } };
  const metadata = job.metadata as JsonObject;
  metadata.name = String(metadata.name).replaceAll('SESSION_ID', short);
  for (const place of [metadata, pod.metadata]) place.labels = { ...(place.labels as JsonObject), ...labels };
  const [first = {}] = pod.spec.containers;
  first.env = [...((first.env ?? []) as JsonObject[]), { name: 'GLYPHOXA_SESSION_ID', value: id }];
  return job;
}

/** Starts a voice session, and waits until its worker runs. Gives the name of its Job. */
export async function startSession(of: Deployment, id: string, release = 'glyphoxa'): Promise<string> {
  const { metadata } = await of.request('POST', jobs, await sessionJob(of, id, release));
  const { name } = metadata as { name: string };
  await waitFor(`the worker of ${id}`, async () => {
    const [pod] = await podsOf(of, `job-name=${name}`);
    return dig(pod, ['status', 'phase']) === 'Running' ? true : undefined;
  });
  return name;
}

/** Ends a voice session: its worker completes. */
export async function endSession(of: Deployment, job: string): Promise<void> {
  const [pod] = await podsOf(of, `job-name=${job}`);
  const patch = { metadata: { annotations: { 'test.glyphoxa.io/fate': 'complete' } } };
  const path = `/pods/${dig(pod, ['metadata', 'name'])}`;
  await of.request('PATCH', path, patch, 'application/merge-patch+json');
}

/** The pods with some labels. */
export async function podsOf(of: Deployment, selector: string): Promise<JsonObject[]> {
  const { items } = await of.request('GET', `/pods?labelSelector=${encodeURIComponent(selector)}`);
  return (items as JsonObject[]).filter(isObject);
}

/** The names of the Jobs of voice sessions. */
export async function jobsOf(of: Deployment): Promise<string[]> {
  const { items } = await of.request('GET', `${jobs}?labelSelector=glyphoxa.io/session-id`);
  return (items as JsonObject[]).map((job) => String(dig(job, ['metadata', 'name']))).sort();
}

/** A client that is the gateway's ServiceAccount. */
export async function asGateway({ cluster, namespace }: Deployment, release = 'glyphoxa'): Promise<Client> {
  const account = { serviceAccount: `${release}-gateway`, namespace };
  const kubeconfig = JSON.parse(readFileSync(await kubeconfigFor(cluster, account), 'utf8'));
  return clientOf({ ...cluster, token: kubeconfig.users[0].user.token });
}
