/** Which Secrets and ConfigMaps pods cannot start without, and which of their keys. */
import { type Mention, mentionsIn } from '../../model/mentions.ts';
import type { PodTemplate } from './pod-templates.ts';

/** An object that pods name. */
export interface Reference {
  readonly kind: Mention['kind'];
  readonly namespace: string;
  readonly name: string;
  /** The keys that must be in it, sorted; none where any will do. */
  readonly keys: readonly string[];
  /** Whose pods need it, as messages name them. */
  readonly owners: readonly string[];
  /** Whether it is only for pulling images: pods are made without it too, and may find their image anyway. */
  readonly onlyPulls: boolean;
}

/**
 * What pods cannot start without, by kind and name.
 *
 * @param optional whether also what they would start without. @default false
 */
export function referencesOf(
  templates: readonly PodTemplate[],
  { optional = false }: { optional?: boolean } = {},
): Reference[] {
  const found = new Map<string, Reference>();
  for (const { owner, namespace, template } of templates) {
    for (const { kind, name, keys, pulls } of mentionsIn(template).filter(
      (one) => optional || !one.optional,
    )) {
      const id = `${kind} ${namespace}/${name}`;
      const before = found.get(id);
      found.set(id, {
        kind,
        namespace,
        name,
        keys: [...new Set([...(before?.keys ?? []), ...keys])].sort(),
        owners: [...new Set([...(before?.owners ?? []), owner])],
        onlyPulls: pulls && (before?.onlyPulls ?? true),
      });
    }
  }
  return [...found.keys()].sort().map((id) => found.get(id) as Reference);
}
