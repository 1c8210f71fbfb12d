/** Values as people write them on a command line: `path=value`. */
import { failure } from '../model/finding.ts';
import { formatPath, type Json, type Path, roundedAt } from '../model/json.ts';
import { readYaml } from '../model/yaml.ts';
import { findValue } from './explain.ts';
import type { SchemaNode } from './schema/node.ts';

/** A value and where it belongs. */
export interface Assignment {
  readonly path: Path;
  readonly value: Json;
}

/** The words before and behind the first `=` that stands outside of quotes and brackets; none behind where there is none. */
function splitAssignment(assignment: string): [pathText: string, text: string | undefined] {
  const [pathText = ''] = /^(?:\["(?:[^"\\]|\\.)*"\]|\['[^']*'\]|[^=])*/.exec(assignment) ?? [];
  return [
    pathText.trim(),
    pathText.length === assignment.length ? undefined : assignment.slice(pathText.length + 1),
  ];
}

/** Whether words have a `=`, so that they say what a value is. */
export function isAssignment(pathText: string): boolean {
  return splitAssignment(pathText)[1] !== undefined;
}

/**
 * Reads `path=value`: text where the value at the path is text, else YAML.
 *
 * @param how how it is written, for a hint
 * @throws Failure where it has no `=`, or the path or value is wrong
 */
export function parseAssignment(assignment: string, how: string): Assignment {
  const [pathText, text] = splitAssignment(assignment);
  if (pathText === '' || text === undefined)
    throw failure(
      'wrong-assignment',
      `${pathText || '"="'} has no ${pathText === '' ? 'path' : 'value'}`,
      how,
    );
  const { path, nodes } = findValue(pathText);
  return { path, value: parseValue(pathText, path, nodes.at(-1), text) };
}

/**
 * Reads a value as its schema means it: what is a text stays what was written, the digits of an id among it.
 *
 * @throws Failure where it is no YAML, or a number whose digits are not kept
 */
export function parseValue(pathText: string, path: Path, node: SchemaNode | undefined, text: string): Json {
  if (text === 'null') return null;
  if (takesText(node)) return takesNumber(node) && String(Number(text)) === text ? Number(text) : text;
  const source = readYaml(text, pathText);
  const [first] = source.findings;
  const rounded = source.value === undefined ? undefined : roundedAt(source.value, path);
  if (rounded !== undefined) {
    const message = `${formatPath(rounded)}: this number has more digits than are kept on the way`;
    throw failure('digits-lost', message, `write it as a text, '"…"' on a command line`, path);
  }
  if (source.value !== undefined && first === undefined) return source.value;
  throw failure(
    'wrong-assignment',
    `${pathText}: ${first?.message ?? 'no value'}`,
    'write the value as YAML',
    path,
  );
}

function takesText(node: SchemaNode | undefined): boolean {
  return (
    [node?.type].flat().includes('string') || typeof node?.const === 'string' || node?.enum !== undefined
  );
}

function takesNumber(node: SchemaNode | undefined): boolean {
  return [node?.type].flat().includes('number');
}
