/** Which values of the schema a resource sets to something else than their default. */
import { schema } from '../../../../generator/config/load.ts';
import type { SchemaNode } from '../../../../generator/config/schema/node.ts';
import { equal, isObject, type Json, type JsonObject } from '../../../../generator/model/json.ts';

/**
 * Every value that can be set, as a path: `[]` for the items of a list, `<key>` for those of a map, and
 * `=CHOICE` for each choice. What is always the same is not among them.
 */
export function settableValues(node: SchemaNode = schema, path = ''): string[] {
  if (node.const !== undefined) return [];
  const children = Object.entries(node.properties ?? {});
  const values = children.flatMap(([key, child]) => settableValues(child, `${path}.${key}`));
  if (node.items !== undefined) values.push(...settableValues(node.items, `${path}[]`));
  if (typeof node.additionalProperties === 'object')
    values.push(...settableValues(node.additionalProperties, `${path}.<key>`));
  if (node.enum !== undefined)
    values.push(
      ...node.enum.filter((choice) => choice !== node.default).map((choice) => `${path}=${choice}`),
    );
  return values.length > 0 ? values : [path];
}

/** The values, as {@link settableValues} names them, that a resource sets to something else than the default. */
export function valuesSet(resource: JsonObject): Set<string> {
  const set = new Set<string>();
  const { spec } = resource;
  const core = isObject(spec) ? spec.core : undefined;
  const topology = isObject(core) && core.topology === 'dedicated' ? 'dedicated' : 'shared';
  const visit = (node: SchemaNode, value: Json, path: string): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(node.items ?? {}, item, `${path}[]`);
    } else if (isObject(value) && (node.properties ?? node.additionalProperties) !== undefined) {
      for (const [key, item] of Object.entries(value)) {
        const own = node.properties?.[key];
        const other = typeof node.additionalProperties === 'object' ? node.additionalProperties : {};
        visit(own ?? other, item, `${path}.${own === undefined ? '<key>' : key}`);
      }
    } else if (node.const === undefined && !equal(value, node.preset?.[topology] ?? node.default)) {
      set.add(node.enum === undefined ? path : `${path}=${value}`);
    }
  };
  visit(schema, resource, '');
  return set;
}
