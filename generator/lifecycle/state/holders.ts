/** Which tools hold an object, by the names under which they are known to the API server. */
import type { KubernetesObject } from '../../model/object.ts';
import { hasField, type ManagedFields, managedFieldsOf, ownManager } from '../api/managers.ts';

/** `client-side` is `kubectl apply` without `--server-side`, as zhi does it; `kubectl` is every other way of it. */
export type Tool = 'helm' | 'client-side' | 'kubectl';

/**
 * The managers of tools that write whole objects. Left out on purpose: controllers, GitOps tools, and what people
 * change by hand (`kubectl-edit`, `kubectl-patch`, `kubectl-rollout`, …). What those have set otherwise is a
 * conflict, and what they have added stays, after an adoption as after every apply.
 */
const tools: { readonly [manager: string]: Tool } = {
  helm: 'helm',
  'kubectl-client-side-apply': 'client-side',
  kubectl: 'kubectl',
  'kubectl-create': 'kubectl',
  'kubectl-replace': 'kubectl',
  'kubectl-last-applied': 'kubectl',
  // what the zhi workspace calls itself in its server-side apply
  'zhi-glyphoxa': 'kubectl',
  // what the API server calls everybody before the first server-side apply of an object without managers
  'before-first-apply': 'kubectl',
};

/** What helm's library marks its objects with, under whatever name the program that it is built into goes. */
const helmMark = ['f:metadata', 'f:annotations', 'f:meta.helm.sh/release-name'] as const;

/** The tool that an entry is of; undefined for all that an adoption leaves alone. */
function toolOf({ manager, fieldsV1 }: ManagedFields): Tool | undefined {
  if (Object.hasOwn(tools, manager)) return tools[manager];
  return manager !== ownManager && hasField(fieldsV1, helmMark) ? 'helm' : undefined;
}

/** Whether an adoption makes the fields of an entry ours. Those of status and of `scale` are never. */
export function isTaken(entry: ManagedFields): boolean {
  return entry.subresource === undefined && toolOf(entry) !== undefined;
}

/**
 * The tools that hold an object; none where it is not there. A Namespace is more than a release's, so nobody's.
 */
export function toolsOf(live: KubernetesObject | undefined): Tool[] {
  if (live === undefined || live.kind === 'Namespace') return [];
  const taken = managedFieldsOf(live).filter(isTaken);
  return [...new Set(taken.flatMap((entry) => toolOf(entry) ?? []))];
}

/** Whether an apply must not go on with an object before it is adopted. */
export function needsAdoption(live: KubernetesObject | undefined): boolean {
  return toolsOf(live).some((tool) => tool !== 'kubectl');
}
