import { clone, isObject, type Json, type JsonObject, setKey } from '../model/json.ts';
import { childNode, isSecretSource, type SchemaNode } from './schema/node.ts';

/**
 * Lays an environment over a resource: a JSON merge patch (RFC 7396), but that a secret is replaced whole,
 * so that no environment ever mixes two sources of one secret.
 */
export function mergeLayer(schema: SchemaNode | undefined, base: Json | undefined, layer: Json): Json {
  if (!isObject(layer)) return clone(layer);
  const isSecret = schema !== undefined && isSecretSource(schema);
  const merged: JsonObject = isObject(base) && !isSecret ? { ...base } : {};
  for (const [key, value] of Object.entries(layer)) {
    if (value === null) delete merged[key];
    else setKey(merged, key, mergeLayer(schema && childNode(schema, key), merged[key], value));
  }
  return merged;
}

/** What the presets and derived defaults depend on. */
export interface DefaultsContext {
  readonly topology: 'shared' | 'dedicated';
  readonly release: string;
}

/** The default of a value, if it has one. */
export function defaultOf(node: SchemaNode, context: DefaultsContext): Json | undefined {
  if (node.preset !== undefined) return node.preset[context.topology];
  if (node.derived !== undefined) return node.derived.replace('<release>', context.release);
  return node.default;
}

const isLeaf = (value: Json): boolean => typeof value !== 'object' || value === null;

/** Fills in every default, at every depth; what is set stays. The result shares values with both: nobody changes them. */
export function withDefaults(schema: SchemaNode, value: Json, context: DefaultsContext): Json {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => withDefaults(items, item, context));
  }
  if (!isObject(value) || (schema.properties === undefined && schema.additionalProperties === undefined))
    return value;
  const filled: JsonObject = {};
  const properties = schema.properties ?? {};
  for (const key of Object.keys(properties)) {
    const node = properties[key] as SchemaNode;
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    const used = given ?? defaultOf(node, context);
    if (used !== undefined) filled[key] = isLeaf(used) ? used : withDefaults(node, used, context);
  }
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(filled, key)) continue;
    setKey(filled, key, withDefaults(childNode(schema, key) ?? {}, value[key] as Json, context));
  }
  return filled;
}
