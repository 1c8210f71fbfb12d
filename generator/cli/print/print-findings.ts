/** Findings as text, JSON and GitHub workflow commands. */
import { createColors } from 'picocolors';
import { printable } from '../../model/characters.ts';
import { type Finding, formatHeadline, whoseWords } from '../../model/finding.ts';
import { formatPath } from '../../model/json.ts';
import { nameSome } from '../../model/names.ts';
import type { Io, Writer } from '../io.ts';
import { sourceLine } from './source-line.ts';
import { type Colors, wrapped } from './text-table.ts';

/** The content of the files that findings name, by the file's name in their positions. */
export type Texts = ReadonlyMap<string, string>;

/** Findings that are printed; a fleet may have thousands. */
const mostShown = 20;

/**
 * Prints findings for people: position, severity, code and message, then the source line with a caret, then
 * the hint.
 *
 * @param to @default standard error
 */
export function printFindings(
  findings: readonly Finding[],
  io: Io,
  texts: Texts = new Map(),
  to: Writer = io.stderr,
): void {
  const width = to.columns || Number.POSITIVE_INFINITY;
  const shown = mostImportant(findings);
  for (const finding of shown) to.write(`${lines(finding, io, texts, width).join('\n')}\n`);
  if (shown.length < findings.length) {
    const isShown = new Set(shown);
    const rest = findings.filter((finding) => !isShown.has(finding));
    const codes = new Map<string, number>();
    for (const { code } of rest) codes.set(code, (codes.get(code) ?? 0) + 1);
    const words = [...codes].sort(([, a], [, b]) => b - a).map(([code, number]) => `${number} ${code}`);
    to.write(`and ${findings.length - shown.length} more: ${nameSome(words, 8)}\n`);
  }
}

/** As many findings as people read: errors before warnings, in their order. */
function mostImportant(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= mostShown) return findings;
  const isError = ({ severity }: Finding) => severity === 'error';
  const first = [...findings.filter(isError), ...findings.filter((finding) => !isError(finding))];
  const kept = new Set(first.slice(0, mostShown));
  return findings.filter((finding) => kept.has(finding));
}

function lines(finding: Finding, { color }: Io, texts: Texts, width: number): string[] {
  const colors = createColors(color);
  const paint = finding.severity === 'error' ? colors.red : colors.yellow;
  const { position, hint } = finding;
  const headline = wrapped(printable(formatHeadline(finding)), width).join('\n');
  const result = (color ? painted(headline, finding, colors, paint) : headline).split('\n');
  const text = position === undefined ? undefined : texts.get(position.file);
  const source = text === undefined ? undefined : sourceLine(finding, text);
  if (source !== undefined && position !== undefined) {
    const number = String(position.line).padStart(5);
    const gutter = ' '.repeat(number.length);
    result.push(
      colors.dim(`${number} | `) + source.text,
      `${colors.dim(`${gutter} | `)}${paint(source.caret)}`,
    );
  }
  for (const detail of finding.details ?? []) result.push(`    ${colors.dim('|')} ${printable(detail)}`);
  const [begin = '', ...further] = wrapped(printable(hint), width - '    hint: '.length);
  result.push(`    ${colors.blue('hint:')} ${begin}`, ...further.map((line) => `          ${line}`));
  return result;
}

/** A headline with its position and severity in colour, on whichever of its lines they stand. */
function painted(headline: string, finding: Finding, colors: Colors, paint: Colors['red']): string {
  const { severity, code, position } = finding;
  const place = position === undefined ? '' : printable(`${position.file}:${position.line}:${position.col}:`);
  const start = headline.replaceAll('\n', ' ').startsWith(place) ? place.length : 0;
  const isWord = new RegExp(`\\b${severity}\\s${code}(?=:)`);
  const rest = headline
    .slice(start)
    .replace(isWord, (word) => eachLine(word, (line) => colors.bold(paint(line))));
  return (start === 0 ? '' : eachLine(headline.slice(0, start), colors.cyan)) + rest;
}

/** A colour begins and ends on each line by itself. */
function eachLine(text: string, paint: (line: string) => string): string {
  return text.split('\n').map(paint).join('\n');
}

/** Findings for programs: one JSON document. */
export function findingsAsJson(findings: readonly Finding[]): string {
  const { errors, warnings } = count(findings);
  const listed = findings.map((finding) => {
    const { code, severity, path, message, hint, details, position, environments, tenants } = finding;
    return {
      ...position,
      severity,
      code,
      path: formatPath(path),
      message,
      hint,
      ...(details === undefined ? {} : { details }),
      ...(environments === undefined ? {} : { environments }),
      ...(tenants === undefined ? {} : { tenants }),
    };
  });
  return `${JSON.stringify({ findings: listed, errors, warnings }, null, 2)}\n`;
}

/** Findings as workflow commands, which GitHub shows beside the lines of a change. */
export function findingsAsGithub(findings: readonly Finding[]): string {
  return findings
    .map((finding) => {
      const { code, severity, path, message, hint, position } = finding;
      const place: string[] =
        position === undefined
          ? []
          : [`file=${property(position.file)}`, `line=${position.line}`, `col=${position.col}`];
      const properties = [...place, `title=${property(code)}`].join(',');
      const value = path.length === 0 ? '' : `${formatPath(path)}: `;
      const names = whoseWords(finding);
      return `::${severity} ${properties}::${data(`${value}${message}${names}; ${hint}`)}\n`;
    })
    .join('');
}

/** `2 errors, 1 warning`. */
export function summary(findings: readonly Finding[]): string {
  const { errors, warnings } = count(findings);
  const number = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;
  return `${number(errors, 'error')}, ${number(warnings, 'warning')}`;
}

function count(findings: readonly Finding[]): { errors: number; warnings: number } {
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  return { errors, warnings: findings.length - errors };
}

/** The escapes that the runner undoes in the text of a workflow command. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** The escapes that the runner undoes in a property of a workflow command. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
