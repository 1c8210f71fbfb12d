/** The line of a file that a finding is about, made safe to print. */
import { cut, hidden, joined } from '../../config/mask.ts';
import { readScalars, secretsOf, secretsOnLine, unknownPart } from '../../config/mask-yaml.ts';
import type { Range } from '../../config/secret-forms.ts';
import { printable } from '../../model/characters.ts';
import type { Finding } from '../../model/finding.ts';
import type { Path } from '../../model/json.ts';

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
  const secrets = joined(
    ranges === undefined ? [unknownPart(line, finding.path)] : secretsOnLine(ranges, line, start),
  );
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
  const { scalars, options, root } = readScalars(text, position?.file ?? '');
  const here = scalars?.filter(({ from, to }) => from < end && to > start);
  return here?.flatMap((scalar) => {
    const isMeant = !showSource && scalar.what === 'value' && startsWith(scalar.path, path);
    return isMeant ? [[scalar.from, scalar.to] as const] : secretsOf(scalar, text, options, root);
  });
}

function startsWith(path: Path, start: Path): boolean {
  return path.length >= start.length && start.every((part, index) => path[index] === part);
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
