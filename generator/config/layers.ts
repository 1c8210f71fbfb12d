import { clone, isObject, type Json, type JsonObject, setKey } from '../model/json.ts';
import { childNode, isSecretSource, type SchemaNode } from './schema/node.ts';

/**
 * Lays an environment over a resource: a JSON merge patch (RFC 7396), but that a secret is replaced whole,
 * so that no environment ever mixes two sources of one secret, and a strategic merge patch is applied after the one of
 * the resource.
 */
export function mergeLayer(schema: SchemaNode | undefined, base: Json | undefined, layer: Json): Json {
  if (!isObject(layer)) return clone(layer);
  if (schema?.strategic === true) return composed(base, layer);
  const isSecret = schema !== undefined && isSecretSource(schema);
  const merged: JsonObject = isObject(base) && !isSecret ? { ...base } : {};
  for (const [key, value] of Object.entries(layer)) {
    if (value === null) delete merged[key];
    else setKey(merged, key, mergeLayer(schema && childNode(schema, key), merged[key], value));
  }
  return merged;
}

/** The key under which the patches of several layers stand in the place of one, in the order of the layers. */
const layersKey = '$layers';

/**
 * Two strategic merge patches in one value. No single patch says what two say one after the other (a null of the one
 * may remove what the other adds, an item be deleted and added anew), so both are kept.
 */
function composed(base: Json | undefined, layer: JsonObject): JsonObject {
  const patches = [...(isObject(base) ? patchesIn(base) : []), clone(layer)].filter(
    (patch) => Object.keys(patch).length > 0,
  );
  return patches.length < 2 ? (patches[0] ?? {}) : { [layersKey]: patches };
}

/** The strategic merge patches that a value of a configuration holds, in the order in which they are applied. */
export function patchesIn(value: JsonObject): JsonObject[] {
  const patches = value[layersKey];
  return Array.isArray(patches) && patches.every(isObject) ? patches : [value];
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

/**
 * Fills in every default, at every depth; what is set stays. The result shares values with both, and with
 * other results: nobody changes them.
 */
export function withDefaults(schema: SchemaNode, value: Json, context: DefaultsContext): Json {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? value : value.map((item) => withDefaults(items, item, context));
  }
  if (!isObject(value) || (schema.properties === undefined && schema.additionalProperties === undefined))
    return value;
  const known = filledOf.get(value);
  const { topology, release } = context;
  if (known?.schema === schema && known.topology === topology && known.release === release)
    return known.filled;
  const filled = fill(schema, value, context);
  filledOf.set(value, { schema, topology, release, filled });
  return filled;
}

/** What was filled in last of a value: environments and tenants share what they do not change. */
const filledOf = new WeakMap<JsonObject, DefaultsContext & { schema: SchemaNode; filled: JsonObject }>();

function fill(schema: SchemaNode, value: JsonObject, context: DefaultsContext): JsonObject {
  const filled: JsonObject = {};
  const properties = schema.properties ?? {};
  for (const key of Object.keys(properties)) {
    const node = properties[key] as SchemaNode;
    const given = Object.hasOwn(value, key) ? value[key] : undefined;
    const used = given === undefined ? completeDefault(node, context) : withDefaults(node, given, context);
    if (used !== undefined) filled[key] = used;
  }
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(filled, key)) continue;
    setKey(filled, key, withDefaults(childNode(schema, key) ?? {}, value[key] as Json, context));
  }
  return filled;
}

/** Complete defaults of groups, for each topology: the same for every release unless its name is in them. */
const complete = { shared: new WeakMap<SchemaNode, Json>(), dedicated: new WeakMap<SchemaNode, Json>() };

/** The default of a value with all defaults inside it. */
function completeDefault(node: SchemaNode, context: DefaultsContext): Json | undefined {
  const stated = defaultOf(node, context);
  if (!isObject(stated)) return stated;
  const known = complete[context.topology].get(node);
  if (known !== undefined) return known;
  const filled = withDefaults(node, stated, context);
  if (!namesRelease(node)) complete[context.topology].set(node, filled);
  return filled;
}

function namesRelease(node: SchemaNode): boolean {
  return node.derived !== undefined || Object.values(node.properties ?? {}).some(namesRelease);
}
