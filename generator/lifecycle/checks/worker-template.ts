/** Whether the worker template is a Job that the server takes, once the gateway has filled it in. */
import { finding } from '../../model/finding.ts';
import { dig, isObject, type JsonObject } from '../../model/json.ts';
import { oneLine } from '../../model/one-line.ts';
import type { Client } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { apiPath, knownType } from '../api/resources.ts';
import { troubleHint } from '../changes/dry-run.ts';
import { isLeaving } from '../state/live.ts';
import { type Check, may } from './context.ts';
import { isOverQuota, quotaHint } from './quota.ts';
import { restrictedTwin } from './restricted-twin.ts';

const type = knownType('batch/v1', 'Job');

/** What stands for a session: as the gateway writes it, eight letters or digits. */
const sessionId = 'prefligh';

/** Offers the Job of a session to the server, as a dry run. Its pod is offered with the others. */
export const checkWorkerTemplate: Check = async (preflight) => {
  const { session, live } = preflight;
  const { namespace, parts } = session.target;
  const template = parts.template?.job;
  if (template === undefined || live?.namespace === undefined || isLeaving(live.namespace)) return [];
  if (!(await may(preflight, 'create', type, namespace))) return [];
  const job = sessionJob(template, namespace);
  const refused = await offer(session.client, namespace, job);
  if (refused === undefined) return [];
  if (isOverQuota(refused)) {
    const message = `a ResourceQuota leaves no room for the Job of a voice session: ${oneLine(refused.message)}`;
    return [finding('quota', message, quotaHint, 'warning')];
  }
  const said = `the worker template is refused as a Job: ${oneLine(refused.message)}`;
  const twin = refused.status === 400 ? await offer(session.client, namespace, twinOf(job)) : undefined;
  if (twin?.status === 400) {
    const hint = 'a webhook that takes no part in dry runs, say; the first session will tell';
    return [finding('worker-template-unchecked', said, hint, 'warning')];
  }
  const hint = refused.isTrouble
    ? troubleHint
    : 'change what the message names: spec.worker makes the template';
  return [finding('worker-template-refused', said, hint)];
};

async function offer(client: Client, namespace: string, body: JsonObject): Promise<ApiError | undefined> {
  try {
    const query = { dryRun: 'All', fieldValidation: 'Strict' };
    await client.send('POST', apiPath(type, namespace), { query, body });
    return undefined;
  } catch (error) {
    if (error instanceof ApiError && error.status !== 401) return error;
    throw error;
  }
}

/** The Job as the gateway makes it of the template. */
function sessionJob(template: JsonObject, namespace: string): JsonObject {
  const metadata = isObject(template.metadata) ? template.metadata : {};
  const name = String(metadata.name).replaceAll('SESSION_ID', sessionId);
  return { ...template, metadata: { ...metadata, name, namespace } };
}

/** A Job with nothing in it that the server could not know. */
function twinOf({ apiVersion, kind, metadata, spec }: JsonObject): JsonObject {
  const { name, namespace } = isObject(metadata) ? metadata : {};
  const pod = dig(spec, ['template']);
  const template = isObject(pod) ? restrictedTwin({ spec: pod.spec ?? {} }).spec : {};
  return {
    apiVersion: apiVersion ?? '',
    kind: kind ?? '',
    metadata: { name: name ?? '', namespace: namespace ?? '' },
    spec: { template: { spec: template ?? {} } },
  };
}
