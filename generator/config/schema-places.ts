/** Where a property could have been meant to stand. */
import type { SchemaNode } from './schema/node.ts';
import { fold } from './suggest.ts';

/** Where properties stand in a schema, by their names without case and separators. */
const placesOf = new WeakMap<SchemaNode, Map<string, string[]>>();

/** Where in the schema a property of this name stands: helps those who put it in the wrong place. */
export function places(root: SchemaNode, key: string): readonly string[] {
  let all = placesOf.get(root);
  if (all === undefined) {
    all = new Map();
    collectPlaces(root, [], all);
    placesOf.set(root, all);
  }
  return all.get(fold(key)) ?? [];
}

function collectPlaces(node: SchemaNode, path: readonly string[], all: Map<string, string[]>): void {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const at = [...path, name];
    all.set(fold(name), [...(all.get(fold(name)) ?? []), at.join('.')]);
    collectPlaces(child, at, all);
  }
}
