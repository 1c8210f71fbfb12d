/** The line of a file that a finding is about, made safe to print. */
import { schema } from '../config/load.ts';
import { childNode, type SchemaNode } from '../config/schema/node.ts';
import { printable } from '../model/characters.ts';
import type { Finding, Position } from '../model/finding.ts';
import { isObject, type Json, type Path } from '../model/json.ts';
import { readYaml } from '../model/yaml.ts';

/** Columns of a long line that are shown. */
const widest = 100;

/** A line as it is shown, and the text that puts a caret under the place of the finding. */
export interface SourceLine {
  readonly text: string;
  readonly caret: string;
}

/**
 * The line that a finding stands on, with a caret below its column. Where the line may carry a secret, only
 * a key that the schema or the finding names is shown, and the mask says nothing of the value, not even its
 * length. Undefined where there is no such line.
 *
 * @param text the whole file
 */
export function sourceLine(finding: Finding, text: string): SourceLine | undefined {
  const { position } = finding;
  const line = position === undefined ? undefined : text.split('\n')[position.line - 1];
  if (position === undefined || line === undefined || line.trim() === '') return undefined;
  const col = position.col - 1;
  const isSafe = finding.showSource === true && !holdsSecret(line, position, text);
  const visible = isSafe ? line.replace(/\r$/, '') : mask(line, col, finding);
  const { shown, offset } = cut(visible, col);
  const before = printable(shown.slice(0, col - offset));
  return { text: printable(shown), caret: `${[...before].map(blank).join('')}^` };
}

/**
 * Whether a secret stands on a line that a finding about something else is on, as in `{a: 1, dsn: {value: x}}`:
 * one begins there, or a word of one is there, as on the last line of a long string.
 */
function holdsSecret(line: string, { line: number, file }: Position, text: string): boolean {
  return secretsIn(text, file).some(
    (secret) => secret.line === number || secret.words.some((word) => line.includes(word)),
  );
}

interface SecretPlace {
  readonly line: number;
  /** Its words; those of a letter or two stand everywhere. */
  readonly words: readonly string[];
}

let lastText = '';
let lastSecrets: readonly SecretPlace[] = [];

/** The secrets in a file; many findings ask for those of one file. */
function secretsIn(text: string, file: string): readonly SecretPlace[] {
  if (text === lastText) return lastSecrets;
  const source = readYaml(text, file);
  lastText = text;
  lastSecrets = [...secretValues(schema, source.value ?? null, [], false)].map(({ path, value }) => ({
    line: source.locate(path).line,
    words: String(value)
      .split(/\s+/)
      .filter((word) => word.length > 3),
  }));
  return lastSecrets;
}

function* secretValues(
  node: SchemaNode | undefined,
  value: Json,
  path: Path,
  isSecret: boolean,
): Generator<{ path: Path; value: Json }> {
  const isHidden = isSecret || node?.secret === true || hasCredentials(value);
  const children = Array.isArray(value) ? [...value.entries()] : isObject(value) ? Object.entries(value) : [];
  if (children.length === 0 && isHidden) yield { path, value };
  for (const [key, child] of children) {
    yield* secretValues(node && childNode(node, key), child, [...path, key], isHidden);
  }
}

/** Whether a value is an address with a user name or a password, which no value may have. */
function hasCredentials(value: Json): boolean {
  return typeof value === 'string' && /:\/\/[^/]*@/.test(value);
}

/** The line with its indentation and its key, where that is a known one, and a mask for everything else. */
function mask(line: string, col: number, { path }: Finding): string {
  const [, indent = '', key] = /^(\s*(?:- +)*)(?:([\w-]{1,64}|"[\w-]{1,64}"):(?=\s|$))?/.exec(line) ?? [];
  const name = key?.replaceAll('"', '');
  const isKnown = name !== undefined && (path.includes(name) || knownKeys().has(name));
  const start = isKnown ? `${indent}${key}: ` : indent;
  if (isKnown && line.slice(start.length - 1).trim() === '') return start.trimEnd();
  return start + '*'.repeat(Math.max(4, col + 1 - start.length));
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

/** The part of a long line around a column. */
function cut(line: string, col: number): { shown: string; offset: number } {
  if (line.length <= widest) return { shown: line, offset: 0 };
  const offset = Math.max(0, Math.min(col - widest / 2, line.length - widest));
  return { shown: line.slice(offset, offset + widest), offset };
}

/** As many blanks as a character is wide on a terminal. */
function blank(character: string): string {
  if (/^\p{Mark}$/u.test(character)) return '';
  const isWide =
    /^(?:\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Emoji_Presentation}|[\u3000-\u303f\uff01-\uff60])$/u;
  return isWide.test(character) ? '  ' : ' ';
}
