/** What the schema says of one value, without what is in it. */
import { unkeptCharacter } from '../model/characters.ts';
import { type Json, keepsDigits } from '../model/json.ts';
import { cut, hasType, shown, typeName, typeNames } from './json-type.ts';
import type { Problem } from './problem.ts';
import type { SchemaNode } from './schema/node.ts';
import { suggest } from './suggest.ts';

/** What is wrong with a value, wherever it stands; `hidden` where it is hidden though its place is not. */
type WrongValue = Pick<Problem, 'code' | 'message' | 'hint' | 'hidden'>;

/**
 * The first thing that is wrong with a value; of a map or list only its type.
 *
 * @param hidden the value is a secret or may hold one
 * @param written the text of a scalar as it stands in the file
 */
export function wrongValue(
  node: SchemaNode,
  value: Json,
  hidden: boolean,
  written: () => string | undefined = () => undefined,
): WrongValue | undefined {
  const { const: only } = node;
  if (only !== undefined && value !== only)
    return {
      code: 'wrong-kind',
      message: `${shown(value)} is not supported`,
      hint: `write ${JSON.stringify(only)}`,
    };
  const wrong = wrongType(node, value, hidden, written) ?? wrongChoice(node, value, hidden);
  if (wrong !== undefined) return wrong;
  if (typeof value === 'string') return wrongText(node, value, hidden);
  return typeof value === 'number' ? wrongNumber(node, value) : undefined;
}

function wrongType(
  { type, maxProperties, secret }: SchemaNode,
  value: Json,
  hidden: boolean,
  written: () => string | undefined,
): WrongValue | undefined {
  const types = [type ?? []].flat() as string[];
  if (type === undefined || types.some((each) => hasType(each, value))) return undefined;
  const scalar = typeof value !== 'object';
  const text = scalar ? (written() ?? String(value)) : '';
  const hint =
    maxProperties === 1 && secret === true
      ? 'say where it comes from, for example fromEnv: NAME on a line of its own below'
      : typeHint(types, value, text, hidden);
  // In the place of a map or a list a text may be all that was meant to stand in it, secrets included.
  const isShown = scalar && !hidden && !types.some((each) => each === 'object' || each === 'array');
  const wanted = types.map((each) => typeNames[each] ?? each).join(' or ');
  const message = `${isShown ? `${cut(text)} is ` : ''}${typeName(value)} where ${wanted} is meant`;
  const isPasted = typeof value === 'string' && !isShown;
  return {
    code: 'wrong-type',
    message,
    hint,
    hidden: hidden || isPasted,
  };
}

function typeHint(types: readonly string[], value: Json, text: string, hidden: boolean): string {
  if (types.includes('string') && typeof value !== 'object')
    return hidden ? 'put it in quotes' : `put it in quotes: ${JSON.stringify(text)}`;
  const isDigits = typeof value === 'string' && !hidden && /^\d+$/.test(value);
  if (types.includes('integer') && isDigits) return `remove the quotes: ${value}`;
  return `write ${types.map((type) => typeHints[type] ?? type).join(' or ')}`;
}

const typeHints: { readonly [type: string]: string } = {
  string: 'a text on the line of the key',
  boolean: 'true or false, without quotes',
  integer: 'a whole number',
  number: 'a number',
  object: 'a map of keys and values',
  array: 'a list, each item behind "- "',
};

function wrongChoice(node: SchemaNode, value: Json, hidden: boolean): WrongValue | undefined {
  if (node.enum === undefined || node.enum.includes(value)) return undefined;
  const close = typeof value === 'string' ? suggest(value, node.enum as string[]) : undefined;
  const choices = node.enum.map((word) => JSON.stringify(word)).join(', ');
  const hint = close === undefined ? `use one of ${choices}` : `did you mean ${JSON.stringify(close)}?`;
  const message = hidden ? `not one of ${choices}` : `${shown(value)} is not one of ${choices}`;
  return { code: 'not-a-choice', message, hint };
}

function wrongText(node: SchemaNode, value: string, hidden: boolean): WrongValue | undefined {
  const control = unkeptCharacter(value);
  if (control !== undefined) {
    const message = `the character ${control.name} is not kept by Kubernetes' tools`;
    return { code: 'control-character', message, hint: 'remove it' };
  }
  if (value.length < (node.minLength ?? 0))
    return { code: 'empty-value', message: 'the text is empty', hint: 'give a value, or remove the line' };
  if (node.check !== undefined) return undefined;
  if (value.length > (node.maxLength ?? Number.POSITIVE_INFINITY))
    return { code: 'too-long', message: `longer than ${node.maxLength} characters`, hint: 'shorten it' };
  if (node.pattern === undefined || patternOf(node.pattern).test(value)) return undefined;
  const message = hidden ? 'not of the right form' : `${shown(value)} is not of the right form`;
  return { code: 'invalid-value', message, hint: `it must match ${node.pattern}` };
}

function wrongNumber({ minimum, maximum }: SchemaNode, value: number): WrongValue | undefined {
  if (!keepsDigits(value)) {
    const message = 'this number has more digits than are kept on the way';
    return { code: 'digits-lost', message, hint: 'put it in quotes' };
  }
  const outside = { code: 'out-of-range', hidden: false };
  if (minimum !== undefined && value < minimum)
    return {
      ...outside,
      message: `${value} is below the minimum ${minimum}`,
      hint: `use ${minimum} or more`,
    };
  if (maximum !== undefined && value > maximum)
    return {
      ...outside,
      message: `${value} is above the maximum ${maximum}`,
      hint: `use ${maximum} or less`,
    };
  return undefined;
}

const patterns = new Map<string, RegExp>();

/** A pattern of the schema; each is compiled once. */
function patternOf(text: string): RegExp {
  const pattern = patterns.get(text) ?? new RegExp(text);
  patterns.set(text, pattern);
  return pattern;
}
