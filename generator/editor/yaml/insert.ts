/** Adds an entry to a collection, in the style of those that are there. */
import { isMap } from 'yaml';
import type { Json } from '../../model/json.ts';
import { inline, item, keyText, likeEntries, member, type Style } from './render.ts';
import {
  beginsLine,
  type Collection,
  columnOf,
  contentEnd,
  type Entry,
  entriesOf,
  entryEnd,
  entryStart,
  isFlow,
  lineEnd,
  lineStart,
} from './source.ts';
import { put, type Splice } from './splice.ts';

/** A new entry. */
export interface NewEntry {
  readonly part: string | number;
  readonly value: Json;
  /** The index of the entry that it stands behind; -1 for before all. */
  readonly behind: number;
}

/** The splices that add an entry to a collection; an empty one is in braces or brackets. */
export function insertEntry(
  text: string,
  into: Collection,
  entry: NewEntry,
  isRoot: boolean,
  general: Style,
): Splice[] {
  const style = likeEntries(general, into);
  const entries = entriesOf(into);
  if (isFlow(into)) return insertInFlow(text, into, entries, entry, style);
  const [first] = entries as [Entry];
  const column = columnOf(text, first.start);
  const indent = ' '.repeat(column);
  const written =
    typeof entry.part === 'string'
      ? member(entry.part, entry.value, column, style)
      : item(entry.value, column, style);
  const before = entries[entry.behind];
  if (before === undefined) {
    if (!beginsLine(text, first.start)) return [put(first.start, `${written}\n${indent}`)];
    return [put(entryStart(text, first, isRoot), `${indent}${written}\n`)];
  }
  const at = entryEnd(text, before);
  const isAtEnd = at === text.length && !text.endsWith('\n');
  return [put(at, isAtEnd ? `\n${indent}${written}` : `${indent}${written}\n`)];
}

function insertInFlow(
  text: string,
  into: Collection,
  entries: readonly Entry[],
  { part, value, behind }: NewEntry,
  style: Style,
): Splice[] {
  const written =
    typeof part === 'string' ? `${keyText(part, style)}: ${inline(value, style)}` : inline(value, style);
  const [first] = entries;
  const open = into.range?.[0] ?? 0;
  if (first === undefined) {
    const pad = style.padded[isMap(into) ? 'map' : 'seq'] ? ' ' : '';
    return [put(open + 1, `${pad}${written}${pad}`)];
  }
  const before = entries[behind];
  const beginsOwn = (entry: Entry) => lineStart(text, entry.start) > open && beginsLine(text, entry.start);
  const indent = `\n${' '.repeat(columnOf(text, (before ?? first).start))}`;
  if (before === undefined) return [put(first.start, `${written},${beginsOwn(first) ? indent : ' '}`)];
  const end = contentEnd(text, before);
  const line = lineEnd(text, end);
  const next = entries[behind + 1]?.start ?? (into.range?.[1] ?? 0) - 1;
  if (!beginsOwn(before)) return [put(end, `, ${written}`)];
  if (next < line) return [put(end, `,${indent}${written}`)];
  const hasComma = /^[ \t]*,/.test(text.slice(end));
  return hasComma ? [put(line, `${indent}${written},`)] : [put(end, ','), put(line, `${indent}${written}`)];
}
