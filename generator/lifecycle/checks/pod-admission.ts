/**
 * Whether the namespace takes the pods. A Deployment is accepted whatever its pods are like, and a worker's Job is
 * text inside a ConfigMap: so each pod is offered to the server by itself, as a dry run. Source: Kubernetes enforces
 * Pod Security levels on pods alone.
 */
import { advise } from '../../model/command.ts';
import { type Finding, finding } from '../../model/finding.ts';
import { dig, isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { oneLine } from '../../model/one-line.ts';
import type { Client } from '../api/client.ts';
import { ApiError } from '../api/errors.ts';
import { pause } from '../api/pause.ts';
import { apiPath, knownType } from '../api/resources.ts';
import { troubleHint } from '../changes/dry-run.ts';
import { hasNamespace, isLeaving } from '../state/live.ts';
import { type PodTemplate, serviceAccountOf } from '../state/pod-templates.ts';
import { builtObject, may, type Preflight } from './context.ts';
import { isOverQuota, quotaHint } from './quota.ts';
import { restrictedTwin } from './restricted-twin.ts';

/** What the server says of a pod. */
export interface Admission {
  readonly pod: PodTemplate;
  /** The pod as the server would make it, with defaults and what webhooks add; undefined where it did not say. */
  readonly accepted: JsonObject | undefined;
  /** Why it is refused. */
  readonly refused: ApiError | undefined;
  /** Whether a pod of the same size, with everything else as harmless as can be, is refused alike. */
  readonly isTwinRefused: boolean;
  /** The ServiceAccount that is neither there nor among the objects. */
  readonly missingAccount: string | undefined;
}

const podType = knownType('v1', 'Pod');
const accountType = knownType('v1', 'ServiceAccount');

/** Offers every pod to the server; none where nobody may, or whose namespace is not there. */
export async function admitPods(preflight: Preflight): Promise<Admission[]> {
  const { live, templates } = preflight;
  if (live?.namespace === undefined || isLeaving(live.namespace)) return [];
  const offerable = templates.filter(({ namespace }) => hasNamespace(live, namespace));
  return Promise.all(
    offerable.map(async (pod): Promise<Admission> => {
      const account = await accountState(preflight, pod);
      const missingAccount = account === 'missing' ? serviceAccountOf(pod.template) : undefined;
      const unknown = {
        pod,
        accepted: undefined,
        refused: undefined,
        isTwinRefused: false,
        missingAccount,
      };
      if (!(await may(preflight, 'create', podType, pod.namespace))) return unknown;
      const offered = podOf(pod, account === 'there');
      const { client } = preflight.session;
      const { accepted, refused } = await offer(client, pod.namespace, offered);
      if (refused === undefined) return { ...unknown, accepted };
      if (refused.isTrouble) return { ...unknown, refused };
      const twin = await offer(client, pod.namespace, restrictedTwin(offered));
      return { ...unknown, refused, isTwinRefused: twin.refused?.message === refused.message };
    }),
  );
}

/** Pods whose account is not there are refused for that alone; one that the apply brings is no reason yet. */
async function accountState(
  preflight: Preflight,
  { namespace, template }: PodTemplate,
): Promise<'there' | 'built' | 'missing'> {
  const name = serviceAccountOf(template);
  const { session, live } = preflight;
  const isBuilt = builtObject(session.target, 'ServiceAccount', namespace, name) !== undefined;
  if (isBuilt) {
    const planned = live?.planned.find(
      ({ wanted }) => wanted.kind === 'ServiceAccount' && wanted.metadata.name === name,
    );
    return planned?.live === undefined ? 'built' : 'there';
  }
  // Kubernetes makes this one with the namespace.
  if (name === 'default' || !(await may(preflight, 'get', accountType, namespace, name))) return 'there';
  const account = await session.client.get(apiPath(accountType, namespace, name));
  return account === undefined ? 'missing' : 'there';
}

function podOf({ template, namespace, workload }: PodTemplate, withAccount: boolean): JsonObject {
  const metadata = isObject(template.metadata) ? template.metadata : {};
  const spec = isObject(template.spec) ? template.spec : {};
  const { serviceAccountName, serviceAccount, ...rest } = spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, namespace, name: `${workload?.metadata.name ?? 'worker'}-preflight` },
    spec: withAccount ? spec : { ...rest, automountServiceAccountToken: false },
  };
}

/** How long Kubernetes may take to make the account of a namespace that is new, and how often it is asked, in milliseconds. */
const [accountLimitMs, accountPauseMs] = [10_000, 200];

async function offer(
  client: Client,
  namespace: string,
  pod: JsonObject,
  until = Date.now() + accountLimitMs,
): Promise<{ accepted: JsonObject | undefined; refused: ApiError | undefined }> {
  try {
    const query = { dryRun: 'All', fieldValidation: 'Strict' };
    const accepted = await client.send('POST', apiPath(podType, namespace), { query, body: pod });
    return { accepted, refused: undefined };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 401) throw error;
    const isNew = error.message.includes('serviceaccount "default" not found');
    if (!isNew || Date.now() > until) return { accepted: undefined, refused: error };
    await pause(accountPauseMs);
    return offer(client, namespace, pod, until);
  }
}

/** Says where the apply itself brings the level that the pods would have to pass: no dry run can tell then. */
export function tellUntried({ live, session }: Preflight): void {
  const { target, report } = session;
  const { namespace } = target;
  const built = target.objects.find(
    ({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace,
  );
  if (live === undefined || built === undefined) return;
  const level = levelOf(built);
  if (live.namespace === undefined)
    report.say(`the namespace ${namespace} is not there yet; what it lets in is checked once it is`);
  else if (level !== undefined && level !== levelOf(live.namespace))
    report.say(
      `the namespace ${namespace} gets the Pod Security level ${level}; whether the pods pass is unchecked`,
    );
}

function levelOf(namespace: KubernetesObject | undefined): Json | undefined {
  return dig(namespace?.metadata.labels, ['pod-security.kubernetes.io/enforce']);
}

/** What is wrong with the pods. */
export function admissionFindings({ live }: Preflight, admissions: readonly Admission[]): Finding[] {
  const level = levelOf(live?.namespace);
  return admissions.flatMap(({ pod, refused, isTwinRefused, missingAccount }) => [
    ...(missingAccount === undefined ? [] : [noAccount(pod, missingAccount)]),
    ...(refused === undefined ? [] : refusal(pod, refused, isTwinRefused, level)),
  ]);
}

function noAccount({ owner, namespace }: PodTemplate, name: string): Finding {
  const message = `the ServiceAccount ${name} is not there in ${namespace}; ${owner} gets no pods without`;
  const hint = `create it with ${advise('service-account-missing')`kubectl -n ${namespace} create serviceaccount ${name}`}, or set spec.gateway.serviceAccount.create`;
  return finding('service-account-missing', message, hint);
}

function refusal(
  { owner, workload }: PodTemplate,
  { message, status, isTrouble }: Pick<ApiError, 'message' | 'status' | 'isTrouble'>,
  isTwinRefused: boolean,
  level: Json | undefined,
): Finding[] {
  // The server says the same of the Deployment as a whole.
  if (status === 422 && workload !== undefined) return [];
  const said = `the pods of ${owner} are refused: ${oneLine(message)}`;
  const patch = workload === undefined ? 'spec.worker.podPatch' : 'the podPatch';
  if (isTrouble) return [finding('pod-refused', said, troubleHint)];
  if (isTwinRefused && status === 400) {
    const hint = 'a webhook that takes no part in dry runs, say; a failing rollout will tell';
    return [finding('pod-unchecked', said, hint, 'warning')];
  }
  if (!isTwinRefused && level !== undefined && level !== 'privileged') {
    const hint = `change what the message names: what this program makes passes the level ${level}, but ${patch} does not`;
    return [finding('pod-security', said, hint)];
  }
  if (isTwinRefused && isOverQuota({ status, message }))
    return [finding('quota', said, quotaHint, 'warning')];
  const hint = 'change what the message names, or have the rule of the namespace changed';
  return [finding('pod-refused', said, hint)];
}
