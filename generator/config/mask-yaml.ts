/** What is secret in a YAML file of ours, as places of its text: for lines and files that are shown. */
import { dig, isObject, type JsonObject, type Path } from '../model/json.ts';
import { readYaml, type YamlScalar } from '../model/yaml.ts';
import { maxFleetBytes } from './fleet.ts';
import { schema } from './load.ts';
import { cut, isSecretField, isSecretItem, joined } from './mask.ts';
import { fleetKind, fleetSchema } from './schema/fleet.ts';
import type { SchemaNode } from './schema/node.ts';
import { formRanges, type Range } from './secret-forms.ts';
import { type Known, knownBelow, secretRanges } from './secret-parts.ts';

/** The lines of a resource or of a layer, with a mark in the place of each secret. */
export function shownLines(text: string, file: string): string[] {
  const ranges = hiddenRanges(text, file);
  return text.split('\n').map((line, index) => cut(line, ranges[index] ?? []));
}

/** What {@link shownLines} hides of each line, in its order. */
export function hiddenTexts(text: string, file: string): string[][] {
  const ranges = hiddenRanges(text, file);
  return text
    .split('\n')
    .map((line, index) => (ranges[index] ?? []).map(([from, to]) => line.slice(from, to)));
}

function hiddenRanges(text: string, file: string): Range[][] {
  const { scalars, options, root } = readScalars(text, file);
  const ranges = scalars?.flatMap((scalar) => secretsOf(scalar, text, options, root));
  let start = 0;
  return text.split('\n').map((line) => {
    const here = ranges === undefined ? [unknownPart(line, [])] : secretsOnLine(ranges, line, start);
    start += line.length + 1;
    return joined(here);
  });
}

/** What is secret in a scalar: all of it, or parts of its text. */
export function secretsOf(
  { path, what, value, from, to, item }: Scalar,
  text: string,
  options: readonly string[],
  root: SchemaNode,
): Range[] {
  let known: Known = root;
  let parent: Known = root;
  for (const part of path) {
    parent = known;
    known = knownBelow(parent, part, options);
  }
  if (what === 'key') {
    const isKnown = typeof parent === 'object' && (parent.secret !== true || isProperty(parent, path.at(-1)));
    // What looks like a key in the place of a secret may be the secret itself.
    return isKnown || parent === 'free' || parent === 'option' ? [] : [[from, to]];
  }
  const written = text.slice(from, to);
  const isVariable = item !== undefined && isSecretItem(item) && path.includes('value');
  // Nothing is known of an unknown field, and a long number may be a secret.
  const isNumber = known === 'option' && typeof value === 'number' && /\d{4}/.test(written);
  const mayBeOne = typeof value === 'string' || typeof value === 'number';
  const isNamed = isNumber || (known === 'free' && mayBeOne && (isVariable || isSecretField(path)));
  const parts = secretRanges(value, known).map(({ range }) => range);
  const ranges = [...parts, ...(typeof value === 'string' ? formRanges(value) : [])];
  // The parts of a text are found in the file where it stands there as it is.
  const at = written.indexOf(String(value));
  const isWhole = isNamed || (ranges.length > 0 && at === -1);
  return isWhole ? [[from, to]] : ranges.map(([a, b]) => [from + at + a, from + at + b]);
}

function isProperty(node: SchemaNode, key: string | number | undefined): boolean {
  return typeof key === 'string' && Object.hasOwn(node.properties ?? {}, key);
}

/** A scalar, and the nearest map around it that has a name, as variables and headers have. */
export interface Scalar extends YamlScalar {
  readonly item: JsonObject | undefined;
}

export interface ReadFile {
  readonly text: string;
  /** Undefined where the file could not be read. */
  readonly scalars: readonly Scalar[] | undefined;
  /** The options that the file declares to be public. */
  readonly options: readonly string[];
  /** What is known of the file. */
  readonly root: SchemaNode;
}

let last: ReadFile | undefined;

/** Reads a file; many findings ask for one. */
export function readScalars(text: string, file: string): ReadFile {
  if (last?.text === text) return last;
  const { value, scalars } = readYaml(text, file, false, maxFleetBytes);
  const listed = dig(value, ['spec', 'secrets', 'publicOptions']);
  const options = Array.isArray(listed) ? listed.filter((name) => typeof name === 'string') : [];
  const itemOf = (path: Path) =>
    path
      .map((_, index) => dig(value, path.slice(0, index)))
      .findLast((around): around is JsonObject => isObject(around) && around.name !== undefined);
  const all =
    value === undefined ? undefined : [...scalars()].map((each) => ({ ...each, item: itemOf(each.path) }));
  const root = isObject(value) && value.kind === fleetKind ? fleetNode() : schema;
  last = { text, scalars: all, options, root };
  return last;
}

/** The schema of a fleet's file, the values of the resource among it. */
function fleetNode(): SchemaNode {
  const fleet = fleetSchema as unknown as SchemaNode;
  const { defaults, tenants } = fleet.properties ?? {};
  const filled = (node: SchemaNode = {}): SchemaNode => ({
    ...node,
    properties: { ...node.properties, spec: schema.properties?.spec ?? {} },
  });
  const each = tenants?.additionalProperties;
  return {
    ...fleet,
    properties: {
      ...fleet.properties,
      defaults: filled(defaults),
      tenants: { ...tenants, additionalProperties: filled(typeof each === 'object' ? each : {}) },
    },
  };
}

/** The parts of a line that are secret, what has the form of a secret in its comment among them. */
export function secretsOnLine(ranges: readonly Range[], line: string, start: number): Range[] {
  const indent = /^\s*/.exec(line)?.[0].length ?? 0;
  const here = ranges
    .map(([from, to]): Range => [Math.max(from - start, indent), Math.min(to - start, line.length)])
    .filter(([from, to]) => to > from);
  const comment = /(?:^|\s)#(?!.*["']).*$/.exec(line);
  const inComment =
    comment === null
      ? []
      : formRanges(comment[0]).map(([a, b]): Range => [a + comment.index, b + comment.index]);
  return [...here, ...inComment];
}

/** Everything on a line but its indentation and its key, where that is a known one. */
export function unknownPart(line: string, path: Path): Range {
  const [, indent = '', key] = /^(\s*(?:- +)*)(?:([\w-]{1,64}|"[\w-]{1,64}"):(?=\s|$))?/.exec(line) ?? [];
  const name = key?.replaceAll('"', '');
  const isKnown = name !== undefined && (path.includes(name) || knownKeys().has(name));
  const from = indent.length + (isKnown && key !== undefined ? key.length + 1 : 0);
  return [from + (/^\s*/.exec(line.slice(from))?.[0].length ?? 0), line.trimEnd().length];
}

let known: ReadonlySet<string> | undefined;

/** Every key that the schema names. */
function knownKeys(): ReadonlySet<string> {
  if (known !== undefined) return known;
  const names = new Set<string>();
  const collect = (node: SchemaNode): void => {
    for (const [name, child] of Object.entries(node.properties ?? {})) {
      names.add(name);
      collect(child);
    }
    if (typeof node.additionalProperties === 'object') collect(node.additionalProperties);
    if (node.items !== undefined) collect(node.items);
  };
  collect(schema);
  collect(fleetNode());
  known = names;
  return names;
}
