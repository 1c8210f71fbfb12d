/** Lines and tables for terminals: coloured, and never wider than the screen. */

import type { createColors } from 'picocolors';
import { printable } from '../../model/characters.ts';
import { wordsOf } from '../../model/command.ts';

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

/** A text on as many lines as a terminal needs for it, each with its end; an item of a list continues below its beginning. */
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

/** A table of plain texts, as {@link tableLines} fits it to a terminal, each line with its end. */
export function plainTable(
  rows: readonly (readonly string[])[],
  { columns }: { readonly columns?: number | undefined },
): string {
  const lines = rows.map((row) => row.map((cell) => piece(cell)));
  return tableLines(lines, columns || Number.POSITIVE_INFINITY)
    .flat()
    .map(
      (line) =>
        `${line
          .map(({ text }) => text)
          .join('')
          .trimEnd()}\n`,
    )
    .join('');
}

/** A text of at most so many characters, which ends with a whole word; within one where the first is longer than that. */
function cut(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  if (width < 1) return '';
  const shown = characters.slice(0, width - 1);
  const end = characters[width - 1] === ' ' ? -1 : shown.lastIndexOf(' ');
  const words = end > 0 ? shown.slice(0, end) : shown;
  return `${words.join('').trimEnd()}…`;
}

/**
 * A table: columns as wide as they need to be, the lines of each row. Where that is wider than the screen, cells of several
 * words get several lines; where that is not enough, the first column stands above the others. No word is broken.
 */
export function tableLines(rows: readonly Line[], width: number): Line[][] {
  const cells = rows.map((row) => row.map(({ text }) => printable(text)));
  const widths = columnWidths(cells, width);
  const isNarrow = sum(widths) > width && widths.length > 1;
  if (!isNarrow) return rows.map((row) => cellLines(row, widths));
  const rest = tableLines(
    rows.map((row) => row.slice(1)),
    width - indent.length,
  );
  return rows.map(([first = piece('')], index) => [
    ...wrapped(first.text, width).map((text) => [piece(text, first.paint)]),
    ...(rest[index] ?? []).map((line) => [piece(indent), ...line]),
  ]);
}

const indent = '  ';

/** The lines of a row, its cells wrapped to the widths of their columns. */
function cellLines(row: Line, widths: readonly number[]): Line[] {
  const wrappedCells = row.map(({ text }, column) => wrapped(printable(text), widths[column] ?? 0));
  const height = Math.max(1, ...wrappedCells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    row.map(({ paint }, column) => {
      const text = wrappedCells[column]?.[line] ?? '';
      const padding = column === row.length - 1 ? 0 : (widths[column] ?? 0) + gap - [...text].length;
      return piece(text + ' '.repeat(padding), paint);
    }),
  );
}

/** The widths of columns: where they are too much together, the widest give way, each down to its longest word. */
function columnWidths(rows: readonly (readonly string[])[], width: number): number[] {
  const numbers = [...Array(Math.max(0, ...rows.map((row) => row.length))).keys()];
  const widest = (lengths: (cell: string) => number[]) =>
    numbers.map((column) => Math.max(0, ...rows.flatMap((row) => lengths(row[column] ?? ''))));
  const widths = widest((cell) => [[...cell].length]);
  const least = widest((cell) => wordsOf(cell).map((word) => [...word].length));
  while (sum(widths) > width) {
    const slack = numbers.filter((column) => (widths[column] ?? 0) > (least[column] ?? 0));
    const [first] = slack.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0));
    if (first === undefined) break;
    widths[first] = (widths[first] ?? 0) - 1;
  }
  return widths;
}

/** The columns of the screen that a table takes where nothing of it is wrapped. */
export function widthOf(rows: readonly Line[]): number {
  return sum(
    columnWidths(
      rows.map((row) => row.map(({ text }) => text)),
      Number.POSITIVE_INFINITY,
    ),
  );
}

function sum(widths: readonly number[]): number {
  return widths.reduce((total, each) => total + each, 0) + gap * (widths.length - 1);
}

/** Columns between two columns of a table, and the least that a text behind a word is wrapped to. */
const [gap, narrowest] = [2, 12];
