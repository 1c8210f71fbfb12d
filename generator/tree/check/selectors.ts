/** Selectors that match no pod, and policies that lack their other half. */
import { type Finding, finding } from '../../model/finding.ts';
import { dig, isObject, type Json, type JsonObject, maps } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { mcpGatewaysOf, nameOf, type Release } from './release.ts';

type Labels = { readonly [label: string]: Json };

/** Services, policies and budgets of a release that select nothing. */
export function checkSelectors(release: Release): Finding[] {
  const pods = podLabels(release);
  const ours = release.objects.filter((object) => partOf(object) === 'glyphoxa');
  return ours.flatMap((object) => [
    ...selectorsOf(object)
      .filter(({ selector }) => !pods.some((labels) => matches(selector, labels)))
      .map(({ where, selector }) => nothing(object, where, selector)),
    ...checkOwnSelector(object),
  ]);
}

/** MCP gateway and network policies without what joins them: workers could not reach the MCP gateway. */
export function checkMcpPolicies(release: Release): Finding[] {
  const [mcp] = mcpGatewaysOf(release);
  if (mcp === undefined) return [];
  const policies = release.objects.filter(({ kind }) => kind === 'NetworkPolicy');
  const labels = (workload: JsonObject | undefined) =>
    labelsOf(dig(workload, ['spec', 'template', 'metadata', 'labels']));
  const [worker, server] = [labels(release.template?.job), labels(mcp)];
  const selects = (pods: Labels) => (policy: KubernetesObject) =>
    matches(selectorIn(dig(policy, ['spec', 'podSelector'])), pods);
  const isNarrowed = policies.some(selects(worker));
  if (!isNarrowed) return [];
  const leadsThere = policies
    .filter(selects(worker))
    .some((policy) =>
      maps(dig(policy, ['spec', 'egress'])).some(({ to }) =>
        maps(to).some((peer) => matches(selectorIn(peer.podSelector), server)),
      ),
    );
  if (leadsThere && policies.some(selects(server))) return [];
  const message = `${nameOf(mcp)} and network policies are there, and no policy lets workers reach it`;
  return [finding('mcp-policy', message, 'add the component mcp-network-policy')];
}

/** Whether a policy selects the pods of a workload. */
export function selectsPodsOf(policy: KubernetesObject, workload: JsonObject): boolean {
  const labels = labelsOf(dig(workload, ['spec', 'template', 'metadata', 'labels']));
  return matches(selectorIn(dig(policy, ['spec', 'podSelector'])), labels);
}

/** A Deployment whose selector does not match its own pods is refused by the API server. */
function checkOwnSelector(object: KubernetesObject): Finding[] {
  if (object.kind !== 'Deployment') return [];
  const selector = selectorIn(dig(object, ['spec', 'selector']));
  const labels = labelsOf(dig(object, ['spec', 'template', 'metadata', 'labels']));
  return matches(selector, labels) ? [] : [nothing(object, 'its selector', selector)];
}

interface Selector {
  readonly where: string;
  readonly selector: JsonObject;
}

function selectorsOf(object: KubernetesObject): Selector[] {
  const { spec } = object;
  switch (object.kind) {
    case 'Service': {
      const labels = dig(spec, ['selector']);
      return isObject(labels) ? [{ where: 'its selector', selector: { matchLabels: labels } }] : [];
    }
    case 'PodDisruptionBudget':
      return [{ where: 'its selector', selector: selectorIn(dig(spec, ['selector'])) }];
    case 'NetworkPolicy':
      return [
        { where: 'its podSelector', selector: selectorIn(dig(spec, ['podSelector'])) },
        ...peers(spec, 'ingress', 'from'),
        ...peers(spec, 'egress', 'to'),
      ];
    default:
      return [];
  }
}

/** The pods of Glyphoxa that a policy names as peers; those of a database and others may be elsewhere. */
function peers(spec: Json | undefined, direction: 'ingress' | 'egress', side: 'from' | 'to'): Selector[] {
  return maps(dig(spec, [direction]))
    .flatMap((rule) => maps(rule[side]))
    .filter((peer) => peer.namespaceSelector === undefined && isObject(peer.podSelector))
    .map((peer) => ({ where: `a peer of its ${direction}`, selector: selectorIn(peer.podSelector) }))
    .filter(({ selector }) => dig(selector, ['matchLabels', 'app.kubernetes.io/name']) === 'glyphoxa');
}

/** The labels of all pods that a release runs: of its Deployments, and of its workers. */
function podLabels({ objects, template }: Release): Labels[] {
  const workloads: JsonObject[] = objects.filter(({ kind }) =>
    ['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind),
  );
  return [...workloads, template?.job ?? {}].map((workload) =>
    labelsOf(dig(workload, ['spec', 'template', 'metadata', 'labels'])),
  );
}

function matches(selector: JsonObject, labels: Labels): boolean {
  const exact = Object.entries(labelsOf(selector.matchLabels)).every(
    ([label, value]) => labels[label] === value,
  );
  return exact && maps(selector.matchExpressions).every((expression) => meets(expression, labels));
}

function meets({ key, operator, values }: JsonObject, labels: Labels): boolean {
  const value = labels[String(key)];
  const listed = Array.isArray(values) && value !== undefined && values.includes(value);
  switch (operator) {
    case 'In':
      return listed;
    case 'NotIn':
      return !listed;
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

function selectorIn(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function labelsOf(value: Json | undefined): Labels {
  return isObject(value) ? value : {};
}

function partOf(object: KubernetesObject): Json | undefined {
  return dig(object, ['metadata', 'labels', 'app.kubernetes.io/part-of']);
}

function nothing(object: KubernetesObject, where: string, selector: JsonObject): Finding {
  const labels = Object.entries(labelsOf(selector.matchLabels)).map(([label, value]) => `${label}=${value}`);
  const message = `${nameOf(object)}: ${where} (${labels.join(',')}) matches no pod`;
  const hint =
    'labels that reach selectors do not reach the worker template; use labels with includeSelectors: false';
  return finding('no-pods', message, hint);
}
