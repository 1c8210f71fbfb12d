/** Whom the peers of a NetworkPolicy's rule name. */
import { isDeepStrictEqual } from 'node:util';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import { anyoneButWorkers } from '../objects/network-policy.ts';

/** Labels of pods. */
export type Labels = { readonly [label: string]: string };

/** Whether a selector selects pods with these labels. */
export function selects(selector: JsonObject, labels: Labels): boolean {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  const equal = Object.entries(matchLabels as Labels).every(([key, value]) => labels[key] === value);
  return equal && (matchExpressions as JsonObject[]).every((expression) => holds(expression, labels));
}

function holds({ key, operator, values = [] }: JsonObject, labels: Labels): boolean {
  const value = labels[String(key)];
  const listed = (values as Json[]).includes(value ?? null);
  switch (operator) {
    case 'In':
      return value !== undefined && listed;
    case 'NotIn':
      return value === undefined || !listed;
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

/** The pods of the release's namespace that a peer may name, undefined where it names others. */
export function podSelector({ podSelector: selector, namespaceSelector, ipBlock }: JsonObject) {
  return ipBlock === undefined && namespaceSelector === undefined && isObject(selector)
    ? selector
    : undefined;
}

/** A peer in words: a name, and what narrows it. */
export interface PeerWords {
  readonly name: string;
  readonly details: readonly string[];
}

/** A peer in words. */
export function peerWords(peer: JsonObject): PeerWords {
  const { podSelector: pods, namespaceSelector: namespaces, ipBlock } = peer;
  if (anyoneButWorkers.some((known) => isDeepStrictEqual(known, peer)))
    return { name: 'Pods of the namespace', details: ['all but the workers'] };
  if (isObject(ipBlock)) {
    const except = (ipBlock.except ?? []) as string[];
    return { name: String(ipBlock.cidr), details: except.map((part) => `without ${part}`) };
  }
  const narrowed = isObject(pods) ? selectorWords(pods) : [];
  if (!isObject(namespaces)) return { name: 'Pods of the namespace', details: narrowed };
  const { 'kubernetes.io/metadata.name': named, ...labels } = (namespaces.matchLabels ?? {}) as Labels;
  const rest = selectorWords({ ...namespaces, matchLabels: labels });
  if (named !== undefined) return { name: `Namespace ${named}`, details: [...rest, ...narrowed] };
  return rest.length === 0
    ? { name: 'Pods of any namespace', details: narrowed }
    : { name: 'Namespaces', details: [...rest, ...narrowed] };
}

function selectorWords({ matchLabels = {}, matchExpressions = [] }: JsonObject): string[] {
  const equal = Object.entries(matchLabels as Labels).map(([key, value]) => `${key}=${value}`);
  const more = (matchExpressions as JsonObject[]).map(({ key, operator, values }) => {
    const listed = Array.isArray(values) ? ` (${values.join(', ')})` : '';
    return `${key} ${operatorWords[String(operator)] ?? operator}${listed}`;
  });
  return [...equal, ...more];
}

const operatorWords: { readonly [operator: string]: string } = {
  In: 'in',
  NotIn: 'not in',
  Exists: 'is set',
  DoesNotExist: 'is not set',
};
