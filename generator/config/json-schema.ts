/** The published JSON Schemas (draft 2020-12), made from the one schema that the program checks with. */
import type { Json, JsonObject } from '../model/json.ts';
import type { CheckName } from './checks.ts';
import { defaultWords, isSecretSource, noteWords } from './describe.ts';
import { schema } from './load.ts';
import { fleetSchema } from './schema/fleet.ts';
import { isOptional, type SchemaNode } from './schema/node.ts';
import { tenantIdPattern } from './tenant-id.ts';

const fleetNode = fleetSchema as unknown as SchemaNode;

/** What a schema describes: the resource, the layer that an environment lays over it, or a fleet of tenants. */
export type SchemaName = 'resource' | 'environment' | 'tenants';

/** The file of each schema in the folder `schema/`. */
export const schemaFiles: { readonly [name in SchemaName]: string } = {
  resource: 'glyphoxa.schema.json',
  environment: 'environment.schema.json',
  tenants: 'tenants.schema.json',
};

/**
 * A JSON Schema for editors and other tools. Whatever the program accepts, it accepts; it cannot express
 * every check and no rule.
 *
 * In a resource nothing is required that has a default. In an environment nothing but apiVersion and kind
 * is required and null removes a value, except inside lists and secrets, which are replaced whole.
 */
export function jsonSchema(name: SchemaName): JsonObject {
  const isLayer = name === 'environment';
  const identity = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `https://deploy.glyphoxa.io/v1alpha1/${schemaFiles[name]}`,
  };
  if (name === 'tenants') return { ...identity, ...fleetJsonSchema() };
  return {
    ...identity,
    ...transform(schema, isLayer, ''),
    ...(isLayer
      ? {
          title: 'Glyphoxa environment',
          description: 'What an environment changes in its resource; null removes a value.',
        }
      : {}),
  };
}

/** The schema of a fleet, with the values of the resource once. */
function fleetJsonSchema(): JsonObject {
  const fleet = transform(fleetNode, true, '');
  const properties = fleet.properties as { [key: string]: JsonObject };
  const tenants = properties.tenants as JsonObject;
  const spec = transform(schema.properties?.spec ?? {}, true);
  return {
    ...fleet,
    required: ['apiVersion', 'kind', 'template', 'tenants'],
    properties: {
      ...properties,
      template: { ...properties.template, type: 'string' },
      defaults: withValues(properties.defaults as JsonObject),
      tenants: {
        ...tenants,
        propertyNames: { pattern: tenantIdPattern },
        additionalProperties: withValues(tenants.additionalProperties as JsonObject),
      },
    },
    $defs: { spec: nullable(spec) },
  };
}

function withValues(settings: JsonObject): JsonObject {
  return {
    ...settings,
    properties: { ...(settings.properties as JsonObject), spec: { $ref: '#/$defs/spec' } },
  };
}

/** Keywords that mean the same in JSON Schema as they do here. */
const kept = [
  'const',
  'enum',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'minProperties',
  'maxProperties',
  'propertyNames',
] as const;

/** What an editor says where a pattern does not fit. */
const patternHints: Partial<Record<CheckName, string>> = {
  quantity: 'a quantity such as 250m, 1 or 512Mi',
  'label-value': 'a label value: at most 63 letters, digits, -, _ and .',
  'dns-label': 'at most 63 lower-case letters, digits and -',
  'dns-subdomain': 'lower-case letters, digits, - and .',
  'release-name': 'at most 47 lower-case letters, digits and -, the first a letter',
  'env-name': 'letters, digits and _, the first no digit',
  'image-repository': 'an image without tag and digest, such as ghcr.io/team/app',
  'image-tag': 'letters, digits, _, . and -',
  'image-digest': 'sha256: and 64 digits from 0-9 and a-f',
  'secret-key': 'letters, digits, -, _ and .',
  url: 'a URL such as https://host.example.com:8443',
  'http-url': 'a URL such as https://host.example.com:8443',
  duration: 'a duration such as 30m or 1h',
  'chart-repository': 'an https:// or oci:// address',
  'database-name': 'lower-case letters, digits and _',
};

/** What an environment cannot remove. */
const fixed = ['apiVersion', 'kind', 'metadata', 'metadata.name'];

/**
 * @param path where the value stands, for those that an environment treats in a way of their own; undefined
 * where it does not matter
 */
function transform(node: SchemaNode, isLayer: boolean, path?: string): JsonObject {
  const result: JsonObject = { ...words(node) };
  if (node.type !== undefined) result.type = [...[node.type].flat()];
  for (const key of kept) {
    const value = node[key];
    if (value !== undefined) result[key] = structuredClone(value) as Json;
  }
  const hint = node.check === undefined ? undefined : patternHints[node.check];
  if (hint !== undefined && node.pattern !== undefined) result.patternErrorMessage = hint;
  if (node.secret === true && !isSecretSource(node)) result.writeOnly = true;
  const inLayer = isLayer && !isSecretSource(node);
  const { properties, additionalProperties, items } = node;
  if (properties !== undefined) {
    const entries = Object.entries(properties).map(([key, child]) => {
      const at = path === '' ? key : path === undefined ? undefined : `${path}.${key}`;
      const part = transform(child, inLayer, at);
      if (child.blankIsUnset === true) return [key, nullable(blankable(part))];
      return [key, inLayer && !fixed.includes(at ?? '') ? nullable(part) : part];
    });
    result.properties = Object.fromEntries(entries);
    const required = (node.required ?? []).filter((key) =>
      inLayer ? path === '' && (key === 'apiVersion' || key === 'kind') : !isOptional(node, key),
    );
    if (required.length > 0) result.required = required;
  }
  if (typeof additionalProperties === 'object') {
    const part = transform(additionalProperties, inLayer);
    result.additionalProperties = inLayer ? nullable(part) : part;
  } else if (additionalProperties !== undefined) result.additionalProperties = additionalProperties;
  if (items !== undefined) result.items = transform(items, false);
  return withPlainType(result);
}

/** What people read about a value. */
function words(node: SchemaNode): JsonObject {
  const { title, examples, preset } = node;
  const isConditional = preset !== undefined || node.derived !== undefined;
  const description = [
    node.description,
    noteWords(node),
    isConditional ? `Default: ${defaultWords(node)}.` : undefined,
  ]
    .filter((sentence) => sentence !== undefined)
    .join(' ');
  const standard = preset?.shared ?? (node.properties === undefined ? node.default : undefined);
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === '' ? {} : { description: description.replaceAll('`', '') }),
    ...(description.includes('`') ? { markdownDescription: description } : {}),
    ...(standard === undefined ? {} : { default: structuredClone(standard) }),
    ...(examples === undefined ? {} : { examples: structuredClone(examples) as Json[] }),
  };
}

/** Lets an empty text stand for a text. */
function blankable(part: JsonObject): JsonObject {
  if (part.type !== 'string') return part;
  const { minLength: _, ...result } = part;
  if (Array.isArray(result.enum)) result.enum = [...result.enum, ''];
  if (typeof result.pattern === 'string') result.pattern = `^$|${result.pattern}`;
  return result;
}

/** Lets null stand for the value, which removes it. */
function nullable(part: JsonObject): JsonObject {
  const result: JsonObject = { ...part };
  if (result.type !== undefined) result.type = [...[result.type].flat(), 'null'];
  if (Array.isArray(result.enum)) result.enum = [...result.enum, null];
  return result;
}

function withPlainType(part: JsonObject): JsonObject {
  return Array.isArray(part.type) && part.type.length === 1 ? { ...part, type: part.type[0] as Json } : part;
}
