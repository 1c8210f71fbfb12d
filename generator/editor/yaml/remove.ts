/** Removes an entry of a collection, with its own comments. */
import {
  beginsLine,
  type Collection,
  contentEnd,
  type Entry,
  entriesOf,
  entryEnd,
  entryStart,
  isFlow,
  lineEnd,
  lineStart,
} from './source.ts';
import { cut, type Splice } from './splice.ts';

/** The splices that remove an entry of a collection that has others. */
export function removeEntry(text: string, from: Collection, index: number, isRoot: boolean): Splice[] {
  const entries = entriesOf(from);
  const entry = entries[index] as Entry;
  if (isFlow(from)) return removeInFlow(text, from, entries, index);
  const end = entryEnd(text, entry);
  if (beginsLine(text, entry.start)) {
    const start = entryStart(text, entry, isRoot && index === 0);
    // a text without a line end stays one
    const isAtEnd = end === text.length && !text.endsWith('\n') && start > 0;
    return [cut(isAtEnd ? start - 1 : start, end)];
  }
  const next = (entries[index + 1] as Entry).start;
  if (text.slice(end, next).trim() === '') return [cut(entry.start, next)];
  const dash = text.slice(0, entry.start).trimEnd().length;
  return [cut(dash, end - 1)];
}

function removeInFlow(text: string, from: Collection, entries: readonly Entry[], index: number): Splice[] {
  const entry = entries[index] as Entry;
  const [before, after] = [entries[index - 1], entries[index + 1]];
  const end = contentEnd(text, entry);
  const comma = /^[ \t]*,[ \t]*/.exec(text.slice(end))?.[0].length ?? 0;
  const line = lineEnd(text, end);
  const next = after?.start ?? (from.range?.[1] ?? 0) - 1;
  const isOwnLine = beginsLine(text, entry.start) && lineStart(text, entry.start) > (from.range?.[0] ?? 0);
  if (isOwnLine && next > line) {
    const lines = cut(entryStart(text, entry, false), line + 1);
    if (after !== undefined || comma > 0 || before === undefined) return [lines];
    const former = contentEnd(text, before);
    return [cut(former, former + (/^[ \t]*,/.exec(text.slice(former))?.[0].length ?? 0)), lines];
  }
  if (after !== undefined) return [cut(entry.start, next > line ? end + comma : next)];
  return [cut(before === undefined ? entry.start : contentEnd(text, before), end)];
}
