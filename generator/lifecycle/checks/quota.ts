/** Whether the ResourceQuotas of the namespace leave room for the pods. */
import type { Finding } from '../../model/finding.ts';
import { dig, equal, isObject, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { canonicalQuantity, quantityMillis } from '../../model/quantity.ts';
import { knownType } from '../api/resources.ts';
import type { DryRun } from '../changes/dry-run.ts';
import { replicasOf } from '../state/replicas.ts';
import { found, mayList, type Preflight } from './context.ts';
import type { Admission } from './pod-admission.ts';
import { podUsage, sumUsage, type Usage } from './pod-usage.ts';
import { countsPod, hasScopes } from './quota-scopes.ts';

const type = knownType('v1', 'ResourceQuota');

/** The quotas of the target's namespace; undefined where they cannot be known. */
export async function quotasOf(preflight: Preflight): Promise<KubernetesObject[] | undefined> {
  const { session, live } = preflight;
  const { namespace } = session.target;
  if (live?.namespace === undefined || !(await mayList(preflight, type, namespace))) return undefined;
  return session.client.list(type, namespace);
}

/** Whether a single pod is too much for any of the quotas; undefined where they are not known. */
export function isOverQuota(
  quotas: readonly KubernetesObject[] | undefined,
  template: JsonObject,
): boolean | undefined {
  return quotas?.some((quota) => countsPod(quota, template) && excess(quota, podUsage(template)).length > 0);
}

/** Pods of one kind: how many there are to be, and how many there are. */
export interface PodGroup {
  readonly wanted: JsonObject;
  readonly replicas: number;
  readonly live: JsonObject | undefined;
  readonly liveReplicas: number;
  /** Whose pods they are, where a rolling update starts a new one before it ends any of those that are there. */
  readonly rolls?: string | undefined;
}

/** What does not fit: an error for what the Deployments need, a warning where no session fits beside them. */
export function quotaFindings(
  preflight: Preflight,
  quotas: readonly KubernetesObject[] | undefined,
  admissions: readonly Admission[],
  runs: readonly DryRun[],
): Finding[] {
  const groups = podGroups(preflight, admissions, runs);
  const objects = newObjects(preflight);
  const worker = admissions.find(({ pod }) => pod.workload === undefined);
  const template = worker?.accepted ?? worker?.pod.template;
  return (quotas ?? []).flatMap((quota) => {
    const name = quota.metadata.name;
    const needed = added(quota, groups, objects);
    const over = excess(quota, needed);
    if (over.length > 0) {
      const message = `the ResourceQuota ${name} leaves too little for the pods: ${over.map(shortage).join('; ')}`;
      return [
        found('quota', message, `have it raised, or ask for less: replicas and resources of the workloads`),
      ];
    }
    const stuck = stuckUpdates(quota, groups, needed);
    if (stuck.length > 0) return stuck;
    if (template === undefined || !countsPod(quota, template)) return [];
    const none = excess(
      quota,
      sumUsage([
        [needed, 1],
        [podUsage(template), 1],
      ]),
    );
    if (none.length === 0) return [];
    const message = `the ResourceQuota ${name} leaves no room for a voice session: ${none.map(shortage).join('; ')}`;
    return [found('quota-sessions', message, 'have it raised, or ask for less', 'warning')];
  });
}

/** Rolling updates that would wait for ever: the new pod has no room before an old one ends, and none does before. */
function stuckUpdates(quota: KubernetesObject, groups: readonly PodGroup[], needed: Usage): Finding[] {
  return groups.flatMap(({ rolls, live }) => {
    if (rolls === undefined || live === undefined || !countsPod(quota, live)) return [];
    // The last of the old pods, beside everything that is to be.
    const over = excess(
      quota,
      sumUsage([
        [needed, 1],
        [podUsage(live), 1],
      ]),
    );
    if (over.length === 0) return [];
    const message = `the ResourceQuota ${quota.metadata.name} leaves no room for the rolling update of ${rolls}, which starts a new pod before it ends an old one: ${over.map(shortage).join('; ')}`;
    return [found('quota', message, 'have it raised by one pod, or ask for less')];
  });
}

/** What an apply adds to what a quota has counted. */
export function added(
  quota: KubernetesObject,
  groups: readonly PodGroup[],
  objects: Usage,
): Map<string, bigint> {
  const parts = groups.flatMap(({ wanted, replicas, live, liveReplicas }) => [
    ...(countsPod(quota, wanted) ? [[podUsage(wanted), replicas] as const] : []),
    ...(live !== undefined && countsPod(quota, live) ? [[podUsage(live), -liveReplicas] as const] : []),
  ]);
  return sumUsage([...parts, ...(hasScopes(quota) ? [] : [[objects, 1] as const])]);
}

/** What of a quota is not enough. */
export interface Shortage {
  readonly resource: string;
  /** In thousandths. */
  readonly needed: bigint;
  readonly free: bigint;
}

/** What is needed beyond what a quota has left. What is not needed anew is none of its business. */
export function excess({ spec, status }: KubernetesObject, needed: Usage): Shortage[] {
  const hard = dig(status, ['hard']) ?? dig(spec, ['hard']);
  const used = dig(status, ['used']);
  const amount = (value: unknown) => quantityMillis((value ?? 0) as string | number) ?? 0n;
  return Object.entries(isObject(hard) ? hard : {}).flatMap(([resource, limit]) => {
    const more = needed.get(resource) ?? 0n;
    const free = amount(limit) - amount(dig(used, [resource]));
    return more > 0n && more > free ? [{ resource, needed: more, free: free < 0n ? 0n : free }] : [];
  });
}

function shortage({ resource, needed, free }: Shortage): string {
  return `${resource} ${words(resource, needed)} more needed, ${words(resource, free)} free`;
}

/** An amount as people write it: memory in powers of two. */
function words(resource: string, millis: bigint): string {
  const isBytes = /(?:^|\.)(?:memory|ephemeral-storage|storage|hugepages-\w+)$/.test(resource);
  const bytes = (millis + 999n) / 1000n;
  return isBytes && bytes % 1024n === 0n
    ? canonicalQuantity(`${bytes / 1024n}Ki`)
    : canonicalQuantity(`${millis}m`);
}

function podGroups(
  { live, session }: Preflight,
  admissions: readonly Admission[],
  runs: readonly DryRun[],
): PodGroup[] {
  const scalers = session.target.objects.filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
  return admissions.flatMap(({ pod, accepted }): PodGroup[] => {
    const { workload } = pod;
    if (workload?.kind !== 'Deployment' || pod.namespace !== session.target.namespace) return [];
    const { name } = workload.metadata;
    const there = live?.planned.find(
      ({ wanted }) => wanted.kind === 'Deployment' && wanted.metadata.name === name,
    )?.live;
    const scaler = scalers.find(({ spec }) => dig(spec, ['scaleTargetRef', 'name']) === name);
    const least = scaler === undefined ? 1 : count(dig(scaler.spec, ['minReplicas'])) || 1;
    const running = there === undefined ? 0 : (replicasOf(there) ?? 1);
    const template = dig(there?.spec, ['template']);
    const replicas = replicasOf(workload) ?? Math.max(running, least);
    const after = runs.find(
      ({ planned: { wanted } }) => wanted.kind === 'Deployment' && wanted.metadata.name === name,
    )?.after;
    const liveReplicas = count(dig(there?.status, ['replicas']));
    return [
      {
        wanted: accepted ?? pod.template,
        replicas,
        live: isObject(template) ? template : undefined,
        liveReplicas,
        ...(liveReplicas > 0 && replacesPods(there, after, replicas) ? { rolls: pod.owner } : {}),
      },
    ];
  });
}

/**
 * Whether a Deployment gets another template and may never have a pod less than it should. Source: `maxSurge` is
 * rounded up and `maxUnavailable` down, each a quarter where it is left out; that both are 0 cannot be.
 */
function replacesPods(
  live: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
  replicas: number,
): boolean {
  const [before, next] = [live, after].map((object) => dig(object?.spec, ['template']));
  if (before === undefined || next === undefined || equal(before, next)) return false;
  const strategy = dig(after?.spec, ['strategy']);
  if (dig(strategy, ['type']) === 'Recreate') return false;
  const share = (name: string, round: (value: number) => number) => {
    const value = dig(strategy, ['rollingUpdate', name]) ?? '25%';
    return typeof value === 'number' ? value : round((Number.parseFloat(String(value)) / 100) * replicas);
  };
  return share('maxUnavailable', Math.floor) === 0 && share('maxSurge', Math.ceil) > 0;
}

function count(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** Kinds that quotas count under their bare names too. */
const counted = ['configmaps', 'secrets', 'services', 'persistentvolumeclaims'];

/** The objects that the apply creates, as quotas count them: ours, and the inventory. */
function newObjects({ live, session }: Preflight): Usage {
  const created = (live?.planned ?? []).filter(
    ({ live: there, type, wanted }) =>
      there === undefined && type.namespaced && wanted.metadata.namespace === session.target.namespace,
  );
  const names = created.map(({ type: { plural, group } }) => ({ plural, group }));
  if (live?.hasInventory === false) names.push({ plural: 'configmaps', group: '' });
  return sumUsage(
    names.map(({ plural, group }) => {
      const isBare = group === '' && counted.includes(plural);
      const count = `count/${plural}${group === '' ? '' : `.${group}`}`;
      return [new Map([[count, 1000n] as const, ...(isBare ? [[plural, 1000n] as const] : [])]), 1] as const;
    }),
  );
}
