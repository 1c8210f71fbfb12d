/** Which pods a ResourceQuota is about. Source: Kubernetes' API reference, ResourceQuota scopes. */
import { dig, isObject, type Json, type JsonObject, maps } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';

/** Whether a quota has scopes: then it is about pods alone. */
export function hasScopes({ spec }: KubernetesObject): boolean {
  return scopesOf(spec).length > 0;
}

/** Whether a quota counts a pod: one that all its scopes match. */
export function countsPod({ spec }: KubernetesObject, template: JsonObject): boolean {
  return scopesOf(spec).every((scope) => matches(scope, template));
}

interface Scope {
  readonly name: string;
  readonly operator: string;
  readonly values: readonly Json[];
}

function scopesOf(spec: Json | undefined): Scope[] {
  const plain = dig(spec, ['scopes']);
  const names = Array.isArray(plain) ? plain : [];
  const selected = maps(dig(spec, ['scopeSelector', 'matchExpressions']));
  return [
    ...names.map((name) => ({ name: String(name), operator: 'Exists', values: [] })),
    ...selected.map(({ scopeName, operator, values }) => ({
      name: String(scopeName),
      operator: String(operator),
      values: Array.isArray(values) ? values : [],
    })),
  ];
}

function matches({ name, operator, values }: Scope, { spec }: JsonObject): boolean {
  switch (name) {
    case 'Terminating':
      return dig(spec, ['activeDeadlineSeconds']) !== undefined;
    case 'NotTerminating':
      return dig(spec, ['activeDeadlineSeconds']) === undefined;
    case 'BestEffort':
      return isBestEffort(spec);
    case 'NotBestEffort':
      return !isBestEffort(spec);
    case 'PriorityClass':
      return matchesClass(dig(spec, ['priorityClassName']), operator, values);
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(dig(spec, ['affinity']));
    default:
      return false;
  }
}

function matchesClass(className: Json | undefined, operator: string, values: readonly Json[]): boolean {
  const name = typeof className === 'string' ? className : '';
  switch (operator) {
    case 'In':
      return values.includes(name);
    case 'NotIn':
      return !values.includes(name);
    case 'DoesNotExist':
      return name === '';
    default:
      return name !== '';
  }
}

/** Nothing in the pod asks for processor or memory, nor is limited in them. */
function isBestEffort(spec: Json | undefined): boolean {
  const containers = [...maps(dig(spec, ['initContainers'])), ...maps(dig(spec, ['containers']))];
  const resources = [dig(spec, ['resources']), ...containers.map((container) => container.resources)];
  return !resources.some((each) =>
    ['requests', 'limits'].some((kind) =>
      ['cpu', 'memory'].some((name) => dig(each, [kind, name]) !== undefined),
    ),
  );
}

/** Some term of the affinity looks at pods of other namespaces. */
function crossesNamespaces(affinity: Json | undefined): boolean {
  const kinds = ['podAffinity', 'podAntiAffinity'].map((kind) => dig(affinity, [kind]));
  const terms = kinds.flatMap((kind) => [
    ...maps(dig(kind, ['requiredDuringSchedulingIgnoredDuringExecution'])),
    ...maps(dig(kind, ['preferredDuringSchedulingIgnoredDuringExecution'])).flatMap(({ podAffinityTerm }) =>
      isObject(podAffinityTerm) ? [podAffinityTerm] : [],
    ),
  ]);
  return terms.some(
    ({ namespaces, namespaceSelector }) =>
      (Array.isArray(namespaces) && namespaces.length > 0) || isObject(namespaceSelector),
  );
}
