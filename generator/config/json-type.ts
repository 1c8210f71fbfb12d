/** Types of values, and values in messages. */
import { isObject, type Json } from '../model/json.ts';

/** The types of a schema, in words. */
export const typeNames: { [type: string]: string } = {
  string: 'a string',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'a map',
  array: 'a list',
};

/** What a value is, in words. */
export function typeName(value: Json): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return 'a number';
  return isObject(value) ? 'a map' : typeof value === 'boolean' ? 'a boolean' : 'a string';
}

/** Whether a value is of a type of a schema. */
export function hasType(type: string, value: Json): boolean {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    default:
      return typeof value === type;
  }
}

/** A value as it is quoted in a message, shortened. */
export function shown(value: Json): string {
  return cut(JSON.stringify(value));
}

/** A text on one line, shortened. */
export function cut(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}...` : line;
}
