/** The line of a file that a finding is about, made safe to print. */
import { schema } from '../config/load.ts';
import { cut, hidden, isSecretField, isSecretItem, joined } from '../config/mask.ts';
import type { SchemaNode } from '../config/schema/node.ts';
import { formRanges, type Range } from '../config/secret-forms.ts';
import { type Known, knownBelow, secretRanges } from '../config/secret-parts.ts';
import { printable } from '../model/characters.ts';
import type { Finding } from '../model/finding.ts';
import { dig, isObject, type JsonObject, type Path } from '../model/json.ts';
import { readYaml, type YamlScalar } from '../model/yaml.ts';

/** Columns of a long line that are shown. */
const widest = 100;

/** A line as it is shown, and the text that puts a caret under the place of the finding. */
export interface SourceLine {
  readonly text: string;
  readonly caret: string;
}

/**
 * The line that a finding stands on, with a caret below its column and a mark in the place of each secret. Where the
 * file could not be read, only a key that the schema or the finding names is shown. The mark says nothing of the
 * value, not even its length. Undefined where there is no such line.
 *
 * @param text the whole file
 */
export function sourceLine(finding: Finding, text: string): SourceLine | undefined {
  const { position } = finding;
  if (position === undefined) return undefined;
  const lines = text.split('\n');
  const line = lines[position.line - 1]?.replace(/\r$/, '');
  if (line === undefined || line.trim() === '') return undefined;
  const start = lines.slice(0, position.line - 1).reduce((sum, { length }) => sum + length + 1, 0);
  const ranges = secretsIn(finding, text, [start, start + line.length]);
  const secrets = joined(ranges === undefined ? [unknownPart(line, finding)] : onLine(ranges, line, start));
  const { shown, offset } = window(cut(line, secrets), columnIn(secrets, position.col - 1));
  return { text: printable(shown), caret: `${[...printable(shown.slice(0, offset))].map(blank).join('')}^` };
}

/** What is secret on a line, as parts of the file's text; undefined where nothing is known of it. */
function secretsIn(
  { path, position, showSource }: Finding,
  text: string,
  [start, end]: Range,
): Range[] | undefined {
  if (showSource === undefined || (!showSource && path.length === 0)) return undefined;
  const { scalars, options } = read(text, position?.file ?? '');
  const here = scalars?.filter(({ from, to }) => from < end && to > start);
  return here?.flatMap((scalar) => {
    const isMeant = !showSource && scalar.what === 'value' && startsWith(scalar.path, path);
    return isMeant ? [[scalar.from, scalar.to] as const] : secretsOf(scalar, text, options);
  });
}

function startsWith(path: Path, start: Path): boolean {
  return path.length >= start.length && start.every((part, index) => path[index] === part);
}

/** What is secret in a scalar: all of it, or parts of its text. */
function secretsOf(
  { path, what, value, from, to, item }: Read,
  text: string,
  options: readonly string[],
): Range[] {
  let known: Known = schema;
  let parent: Known = schema;
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
  const isNamed = isNumber || (known === 'free' && (isVariable || isSecretField(path)));
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
interface Read extends YamlScalar {
  readonly item: JsonObject | undefined;
}

interface ReadFile {
  readonly text: string;
  /** Undefined where the file could not be read. */
  readonly scalars: readonly Read[] | undefined;
  /** The options that the file declares to be public. */
  readonly options: readonly string[];
}

let last: ReadFile | undefined;

/** Reads a file; many findings ask for one. */
function read(text: string, file: string): ReadFile {
  if (last?.text === text) return last;
  const { value, scalars } = readYaml(text, file);
  const listed = dig(value, ['spec', 'secrets', 'publicOptions']);
  const options = Array.isArray(listed) ? listed.filter((name) => typeof name === 'string') : [];
  const itemOf = (path: Path) =>
    path
      .map((_, index) => dig(value, path.slice(0, index)))
      .findLast((around): around is JsonObject => isObject(around) && around.name !== undefined);
  const all =
    value === undefined ? undefined : [...scalars()].map((each) => ({ ...each, item: itemOf(each.path) }));
  last = { text, scalars: all, options };
  return last;
}

/** The parts of a line that are secret, what has the form of a secret in its comment among them. */
function onLine(ranges: readonly Range[], line: string, start: number): Range[] {
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
function unknownPart(line: string, { path }: Finding): Range {
  const [, indent = '', key] = /^(\s*(?:- +)*)(?:([\w-]{1,64}|"[\w-]{1,64}"):(?=\s|$))?/.exec(line) ?? [];
  const name = key?.replaceAll('"', '');
  const isKnown = name !== undefined && (path.includes(name) || knownKeys().has(name));
  const from = indent.length + (isKnown && key !== undefined ? key.length + 1 : 0);
  return [from + (/^\s*/.exec(line.slice(from))?.[0].length ?? 0), line.trimEnd().length];
}

/** Where a column of a line stands when its secrets are cut out; of a secret at its beginning. */
function columnIn(secrets: readonly Range[], col: number): number {
  let moved = col;
  for (const [from, to] of secrets) {
    if (col >= to) moved += hidden.length - (to - from);
    else if (col > from) moved -= col - from;
  }
  return moved;
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
  known = names;
  return names;
}

/** The part of a long line around a column, and where the column is in it. */
function window(line: string, col: number): { shown: string; offset: number } {
  if (line.length <= widest) return { shown: line, offset: col };
  const start = Math.max(0, Math.min(col - widest / 2, line.length - widest));
  return { shown: line.slice(start, start + widest), offset: col - start };
}

/** As many blanks as a character is wide on a terminal. */
function blank(character: string): string {
  if (/^\p{Mark}$/u.test(character)) return '';
  const isWide =
    /^(?:\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u3000-\u303f\uff01-\uff60])$/u;
  return isWide.test(character) ? '  ' : ' ';
}
