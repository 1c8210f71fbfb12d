/** Schema and reference of the resource, a section at a time. */
import {
  boundsWords,
  defaultWords,
  formatSchemaPath,
  noteWords,
  schemaValues,
  typeWords,
} from '../config/describe.ts';
import { jsonSchema } from '../config/json-schema.ts';
import { schema } from '../config/load.ts';
import type { SchemaNode } from '../config/schema/node.ts';
import { dig, isObject, type JsonObject } from '../model/json.ts';

/** The names of the sections: `metadata`, and those of the spec. */
export function describedSections(): string[] {
  return ['metadata', ...Object.keys(schema.properties?.spec?.properties ?? {})];
}

/** The JSON Schema of a section; undefined where there is none. */
export function schemaOfSection(name: string): JsonObject | undefined {
  if (!describedSections().includes(name)) return undefined;
  const path = name === 'metadata' ? ['properties', name] : ['properties', 'spec', 'properties', name];
  const found = dig(jsonSchema('resource'), path);
  return isObject(found) ? found : undefined;
}

/** Every value of a section, as Markdown; undefined where there is no such section. */
export function sectionReference(name: string): string | undefined {
  if (!describedSections().includes(name)) return undefined;
  const isMetadata = name === 'metadata';
  const node = isMetadata ? schema.properties?.metadata : schema.properties?.spec?.properties?.[name];
  const values = [...schemaValues(node ?? {}, isMetadata ? [name] : ['spec', name], () => false)];
  return values.map(({ path, node: value }) => lineOf(formatSchemaPath(path), value)).join('\n');
}

function lineOf(path: string, node: SchemaNode): string {
  const standard = defaultWords(node);
  const facts = [
    typeWords(node),
    boundsWords(node),
    ...(standard === undefined ? [] : [`default ${standard}`]),
  ];
  const texts = [node.description ?? node.title ?? '', noteWords(node) ?? ''].filter((each) => each !== '');
  return `- \`${path}\` (${facts.filter((fact) => fact !== '').join('; ')}): ${texts.join(' ')}`;
}
