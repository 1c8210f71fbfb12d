import type { Position } from './finding.ts';

/** Gives the line and column of an offset in a file's text, both from 1. The text is looked through for the first. */
export function positionsIn(text: string, file: string): (offset: number) => Position {
  let starts: readonly number[] | undefined;
  return (offset) => {
    starts ??= lineStartsOf(text);
    const line = countUpTo(starts, offset);
    return { file, line, col: offset - (starts[line - 1] ?? 0) + 1 };
  };
}

/** The offsets at which lines begin. */
function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1);
  return starts;
}

/** How many lines begin at an offset or before it. */
function countUpTo(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
