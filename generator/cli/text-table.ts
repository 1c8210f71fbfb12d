/** Lines and tables for terminals: coloured, and never wider than the screen. */

import type { createColors } from 'picocolors';
import { printable } from '../model/characters.ts';
import { wordsOf } from '../model/command.ts';

/** The colours that are used. */
export type Colors = ReturnType<typeof createColors>;

/** A text with its colour. */
export interface Piece {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** A line of text. */
export type Line = readonly Piece[];

/** Makes a piece. */
export function piece(text: string, paint?: (text: string) => string): Piece {
  return paint === undefined ? { text } : { text, paint };
}

/**
 * Puts lines together for a screen.
 *
 * @param width the screen's columns; longer lines are cut. Infinity where it is no screen
 */
export function drawLines(lines: readonly Line[], width: number): string[] {
  return lines.map((line) => {
    let left = width;
    return line
      .map(({ text, paint = (plain) => plain }) => {
        const shown = cut(printable(text), left);
        left -= [...shown].length;
        return shown === '' ? '' : paint(shown);
      })
      .join('');
  });
}

/** A text of words on as many lines as a screen needs for it; no word is broken. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const next of wordsOf(text)) {
    const last = lines.at(-1);
    if (last !== undefined && [...last].length + 1 + [...next].length <= width)
      lines[lines.length - 1] = `${last} ${next}`;
    else lines.push(next);
  }
  return lines;
}

/**
 * A text behind a word, on as many lines as it needs.
 *
 * @param width the screen's columns
 */
export function wrappedLines(word: Piece, { text, paint }: Piece, width: number): Line[] {
  const indent = [...word.text].length;
  const lines = wrapped(text, Math.max(narrowest, width - indent));
  return lines.map((line, index) => [index === 0 ? word : piece(' '.repeat(indent)), piece(line, paint)]);
}

/** A text on as many lines as a terminal needs for it, each with its end; an item of a list goes on below its beginning. */
export function filled(text: string, { columns }: { readonly columns?: number | undefined }): string {
  return text
    .split('\n')
    .flatMap((line) => {
      const [start = ''] = /^ *(?:\d+\. )?/.exec(line) ?? [];
      const room = (columns || Number.POSITIVE_INFINITY) - start.length;
      return wrapped(line.slice(start.length), room).map(
        (part, index) => (index === 0 ? start : ' '.repeat(start.length)) + part,
      );
    })
    .map((line) => `${line}\n`)
    .join('');
}

/**
 * A table of plain texts. Where it is wider than the terminal, cells of several words get several lines, the widest first;
 * no word is broken.
 */
export function plainTable(
  rows: readonly (readonly string[])[],
  { columns }: { readonly columns?: number | undefined },
): string {
  const numbers = [...(rows[0] ?? []).keys()];
  const widest = (lengths: (cell: string) => number[]) =>
    numbers.map((column) => Math.max(0, ...rows.flatMap((row) => lengths(printable(row[column] ?? '')))));
  const widths = widest((cell) => [[...cell].length]);
  const least = widest((cell) => wordsOf(cell).map((word) => [...word].length));
  while (sum(widths) > (columns || Number.POSITIVE_INFINITY)) {
    const slack = numbers.filter((column) => (widths[column] ?? 0) > (least[column] ?? 0));
    const [first] = slack.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
    if (first === undefined) break;
    widths[first] = (widths[first] ?? 0) - 1;
  }
  return rows.flatMap((row) => rowLines(row.map(printable), widths)).join('');
}

function rowLines(row: readonly string[], widths: readonly number[]): string[] {
  const cells = row.map((cell, column) => wrapped(cell, widths[column] ?? 0));
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const padded = cells.map((lines, column) => {
      const text = lines[line] ?? '';
      return text + ' '.repeat((widths[column] ?? 0) - [...text].length);
    });
    return `${padded.join(' '.repeat(gap)).trimEnd()}\n`;
  });
}

/** A text of at most so many characters; of words it is cut between two. */
function cut(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  if (width < 1) return '';
  const shown = characters.slice(0, width - 1);
  const end = characters[width - 1] === ' ' ? -1 : shown.lastIndexOf(' ');
  const words = end > width / 2 ? shown.slice(0, end) : shown;
  return `${words.join('').trimEnd()}…`;
}

/**
 * A table: columns as wide as they need to be. Where that is wider than the screen, the columns that can be cut
 * give way, the widest first.
 *
 * @param cuttable the numbers of the columns that can be cut
 */
export function tableLines(rows: readonly Line[], width: number, cuttable: readonly number[]): Line[] {
  const widths = widthsOf(rows);
  while (sum(widths) > width) {
    const widest = cuttable.reduce((a, b) => ((widths[b] ?? 0) > (widths[a] ?? 0) ? b : a), cuttable[0] ?? 0);
    if ((widths[widest] ?? 0) <= narrowest) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return rows.map((row) =>
    row.map(({ text, paint }, column) => {
      const shown = cut(text, widths[column] ?? 0);
      const padding = column === row.length - 1 ? 0 : (widths[column] ?? 0) + gap - [...shown].length;
      return piece(shown + ' '.repeat(padding), paint);
    }),
  );
}

/** The columns of the screen that a table takes where nothing of it is cut. */
export function widthOf(rows: readonly Line[]): number {
  return sum(widthsOf(rows));
}

function widthsOf(rows: readonly Line[]): number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => [...(row[column]?.text ?? '')].length)),
  );
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, each) => total + each, 0) + gap * (widths.length - 1);
}

/** Columns between two columns of a table, and the least that one is cut to. */
const [gap, narrowest] = [2, 12];
