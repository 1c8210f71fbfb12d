import type { SchemaNode } from '../generator/config/schema/node.ts';

/**
 * The type of a complete configuration as plain TypeScript, from the schema: what the compiler makes of the schema's
 * source refers to the schema library, which who installs the package does not have.
 */
export function configType(schema: SchemaNode, apiVersion: string, kind: string): string {
  return [
    "/** The resource's `apiVersion`. */",
    `export declare const apiVersion = ${JSON.stringify(apiVersion)};`,
    "/** The resource's `kind`. */",
    `export declare const kind = ${JSON.stringify(kind)};`,
    '/** A complete configuration: every value that has a default is there. */',
    `export type Config = ${typeOf(schema, '')};`,
    '',
  ].join('\n');
}

const jsonModule = "import('../../model/json.js')";

function typeOf(node: SchemaNode, indent: string): string {
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(' | ');
  const types = [node.type ?? []].flat();
  if (types.length === 0) return `${jsonModule}.Json`;
  return types.map((type) => typeNamed(type, node, indent)).join(' | ');
}

function typeNamed(type: string, node: SchemaNode, indent: string): string {
  if (type === 'object') return objectType(node, indent);
  if (type === 'array') return `(${typeOf(node.items ?? {}, indent)})[]`;
  return type === 'integer' ? 'number' : type;
}

function objectType(node: SchemaNode, indent: string): string {
  const { additionalProperties: others, properties } = node;
  if (typeof others === 'object') return `Record<string, ${typeOf(others, indent)}>`;
  if (properties === undefined) return `${jsonModule}.JsonObject`;
  const inside = `${indent}  `;
  const members = Object.entries(properties).map(([key, child]) => {
    const optional = node.required?.includes(key) === true ? '' : '?';
    const words = child.description === undefined ? '' : `${inside}/** ${comment(child.description)} */\n`;
    return `${words}${inside}${JSON.stringify(key)}${optional}: ${typeOf(child, inside)};\n`;
  });
  return `{\n${members.join('')}${indent}}`;
}

const comment = (text: string) => text.replaceAll('*/', '*\\/').replaceAll('\n', ' ');
