/** A file's YAML as a tree: its values, and where each stands in the text. */
import { isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import { type Json, type Path, setKey } from './json.ts';

/** A scalar of a file; a key has the path of its value. */
export interface YamlScalar {
  readonly path: Path;
  readonly what: 'key' | 'value';
  readonly value: Json;
  readonly from: number;
  readonly to: number;
}

/** The plain JSON value of a tree without aliases. Of a duplicate key the last stands. */
export function toJson(node: unknown): Json {
  if (isMap(node)) {
    const object = {};
    for (const pair of node.items as Pair[]) {
      setKey(object, String((pair.key as Scalar).value), toJson(pair.value));
    }
    return object;
  }
  if (isSeq(node)) return node.items.map(toJson);
  if (!isScalar(node)) return null;
  const { value } = node;
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'object' && value !== null ? (node.source ?? '') : ((value ?? null) as Json);
}

/** Every scalar and every key below a node, which stands at a path. */
export function* scalarsOf(node: unknown, path: Path): Generator<YamlScalar> {
  if (isMap(node)) {
    for (const { key, value } of node.items as Pair[]) {
      const name = isScalar(key) ? String(key.value) : '';
      yield* scalarAt(key, [...path, name], 'key');
      yield* scalarsOf(value, [...path, name]);
    }
  } else if (isSeq(node)) {
    for (const [index, item] of node.items.entries()) yield* scalarsOf(item, [...path, index]);
  } else yield* scalarAt(node, path, 'value');
}

function* scalarAt(node: unknown, path: Path, what: YamlScalar['what']): Generator<YamlScalar> {
  if (!isScalar(node) || !node.range) return;
  const [from, to] = node.range;
  yield { path, what, value: toJson(node), from, to };
}

/** The pairs of maps that were looked into, by their keys; of a duplicate key the last. */
const pairs = new WeakMap<object, Map<string, Pair>>();

function pairsOf(map: { items: unknown[] }): Map<string, Pair> {
  let byKey = pairs.get(map);
  if (byKey === undefined) {
    const named = (map.items as Pair[]).filter(({ key }) => isScalar(key));
    byKey = new Map(named.map((pair) => [String((pair.key as Scalar).value), pair]));
    pairs.set(map, byKey);
  }
  return byKey;
}

/** Goes down a path as far as it exists. */
export function descend(
  root: unknown,
  path: Path,
  length: number,
): { node: unknown; key: unknown; depth: number } {
  let node: unknown = root;
  let key: unknown;
  for (let depth = 0; depth < length; depth += 1) {
    const part = path[depth];
    if (isMap(node)) {
      const pair = pairsOf(node).get(String(part));
      if (pair === undefined) return { node, key, depth };
      key = pair.key;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number' && part < node.items.length) {
      key = undefined;
      node = node.items[part];
    } else return { node, key, depth };
  }
  return { node, key, depth: length };
}

/** The offset of a value, or of its key; of the nearest parent that exists where the path does not. */
export function offsetOf(root: unknown, path: Path, what: 'key' | 'value'): number {
  const { node, key, depth } = descend(root, path, path.length);
  const target = (what === 'key' || depth < path.length) && key !== undefined ? key : (node ?? key ?? root);
  const found = (target as Node | null)?.range?.[0];
  return found ?? (key as Node | undefined)?.range?.[0] ?? (root as Node | null)?.range?.[0] ?? 0;
}
