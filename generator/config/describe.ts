/** What the schema says of a value, in words: for `explain`, the JSON Schemas and the reference page. */
import type { Json } from '../model/json.ts';
import type { SchemaNode } from './schema/node.ts';

/** Whether the value is a secret that names its source, rather than text that must be hidden. */
export function isSecretSource(node: SchemaNode): boolean {
  return node.secret === true && node.maxProperties === 1;
}

/** The type of a value: `integer`, `secret`, `list of maps`, `` one of `a`, `b` ``. */
export function typeWords(node: SchemaNode): string {
  if (isSecretSource(node)) return 'secret';
  if (node.const !== undefined) return `always ${code(node.const)}`;
  if (node.enum !== undefined) return `one of ${node.enum.map(code).join(', ')}`;
  if (node.check === 'quantity') return 'quantity';
  const [type] = [node.type].flat();
  if (type === 'array') {
    const item = [node.items?.type].flat()[0];
    return `list of ${{ object: 'maps', string: 'strings' }[item ?? ''] ?? 'values'}`;
  }
  if (type !== 'object') return type ?? 'any value';
  if (node.properties !== undefined) return 'group';
  return typeof node.additionalProperties === 'object' ? 'map' : 'free-form map';
}

/** The bounds of a value, such as `1 to 65535` or `at most 63 characters`; empty where it has none to speak of. */
export function boundsWords(node: SchemaNode): string {
  const { minimum, maximum, maxLength, minItems } = node;
  const isLimited = maximum !== undefined && maximum !== 2147483647;
  if (minimum !== undefined && isLimited) return `${minimum} to ${maximum}`;
  if (minimum !== undefined) return `${minimum} or more`;
  if (isLimited) return `at most ${maximum}`;
  if (minItems !== undefined) return `at least ${minItems} items`;
  return maxLength === undefined ? '' : `at most ${maxLength} characters`;
}

/** The default of a value, with what it depends on; undefined where it stays unset. */
export function defaultWords(node: SchemaNode): string | undefined {
  const { preset, derived } = node;
  if (preset !== undefined) {
    return `${code(preset.shared)} with topology ${code('shared')}, ${code(preset.dedicated)} with topology ${code('dedicated')}`;
  }
  if (derived !== undefined) return `\`${derived}\``;
  return node.default === undefined || node.properties !== undefined ? undefined : code(node.default);
}

/** What else there is to know of a value: where a secret's value comes from. */
export function noteWords(node: SchemaNode): string | undefined {
  if (isSecretSource(node)) return 'Exactly one of `value`, `fromEnv`, `fromFile` and `secretKeyRef`.';
  return node.secret === true ? 'It is a secret: it is never shown.' : undefined;
}

function code(value: Json): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** A value of the schema with the way to it. */
export interface SchemaValue {
  /** Property names; `[]` stands for a list's items and `<key>` for the keys of a map. */
  readonly path: readonly string[];
  readonly node: SchemaNode;
}

/**
 * Every value in a part of the schema, groups before what is in them. Nothing inside a secret or a value that
 * `isLeaf` names is listed.
 */
export function* schemaValues(
  node: SchemaNode,
  path: readonly string[],
  isLeaf: (node: SchemaNode) => boolean,
): Generator<SchemaValue> {
  yield { path, node };
  if (isSecretSource(node) || isLeaf(node)) return;
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    yield* schemaValues(child, [...path, name], isLeaf);
  }
  if (typeof node.additionalProperties === 'object' && hasParts(node.additionalProperties)) {
    yield* schemaValues(node.additionalProperties, [...path, '<key>'], isLeaf);
  }
  if (node.items !== undefined && hasParts(node.items)) {
    yield* schemaValues(node.items, [...path, '[]'], isLeaf);
  }
}

function hasParts(node: SchemaNode): boolean {
  return node.properties !== undefined;
}

/** `spec.core.imagePullSecrets[].name` */
export function formatSchemaPath(path: readonly string[]): string {
  return path.reduce(
    (text, part) => (part === '[]' ? `${text}[]` : text === '' ? part : `${text}.${part}`),
    '',
  );
}
