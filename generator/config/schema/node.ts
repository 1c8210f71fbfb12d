import type { Json } from '../../model/json.ts';
import type { CheckName } from '../checks.ts';
import type { SecretPartsOf } from '../secret-forms.ts';

/** A node of the schema as the program reads it at run time: JSON Schema with the words of build.ts. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly const?: Json;
  readonly enum?: readonly Json[];
  readonly properties?: { readonly [key: string]: SchemaNode };
  readonly additionalProperties?: boolean | SchemaNode;
  readonly propertyNames?: { readonly pattern?: string };
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly Json[];
  readonly default?: Json;
  readonly preset?: { readonly shared: Json; readonly dedicated: Json };
  readonly derived?: string;
  readonly section?: string;
  readonly secret?: true;
  readonly parts?: SecretPartsOf;
  readonly strategic?: true;
  readonly check?: CheckName;
  readonly keys?: CheckName;
  /** Null says the same as nothing, and so does an empty text where a text is meant. */
  readonly blankIsUnset?: true;
}

/** Whether a value need not be written: it has a default of some kind, or may be absent. */
export function isOptional(parent: SchemaNode, key: string): boolean {
  const node = parent.properties?.[key];
  const stated = node?.default !== undefined || node?.preset !== undefined || node?.derived !== undefined;
  return stated || !(parent.required ?? []).includes(key);
}

/** The schema of the value under a key: of a known property, or of the map's values. */
export function childNode(node: SchemaNode, key: string | number): SchemaNode | undefined {
  if (typeof key === 'number') return node.items;
  if (node.properties !== undefined && Object.hasOwn(node.properties, key)) return node.properties[key];
  return typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
}

/** Whether a value is a secret, given by exactly one source, and so never merged with another layer's. */
export function isSecretSource(node: SchemaNode): boolean {
  return node.secret === true && node.maxProperties === 1;
}
