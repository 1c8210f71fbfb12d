/** Puts another value in the place of one. */
import { isScalar, type Node } from 'yaml';
import type { Json } from '../../model/json.ts';
import { behindColon, behindDash, block, inline, isBlock, likeFormer, type Style } from './render.ts';
import {
  columnOf,
  contentEnd,
  type Entry,
  entriesOf,
  entryEnd,
  isAbsent,
  isBlockScalar,
  isCollection,
  isFlow,
  lineEnd,
  lineStart,
} from './source.ts';
import { cut, put, type Splice } from './splice.ts';

/** The splices that give an entry in braces or brackets another value. */
export function replaceInFlow(text: string, entry: Entry, value: Json, style: Style): Splice[] {
  const { value: old } = entry;
  if (!isAbsent(old))
    return [{ from: startOf(old), to: contentEnd(text, entry), text: inline(value, styled(old, style)) }];
  const fresh = inline(value, style);
  return [
    entry.indicator === undefined ? put(entry.keyEnd, `: ${fresh}`) : put(entry.indicator + 1, ` ${fresh}`),
  ];
}

/** The splices that give an entry in block style another value. */
export function replaceInBlock(text: string, entry: Entry, value: Json, style: Style): Splice[] {
  const { indicator, value: old } = entry;
  if (indicator === undefined) return [];
  if (isAbsent(old)) {
    const [first, rest] = firstLine(fresh(text, entry, value, style));
    return [put(indicator + 1, first), put(lineEnd(text, indicator), rest)];
  }
  if (isCollection(old) && !isFlow(old)) return replaceBlock(text, entry, value, style);
  const start = startOf(old);
  const end = contentEnd(text, entry);
  const isOnOwnLine = lineStart(text, start) > indicator;
  if (isOnOwnLine && isBlock(value))
    return [{ from: start, to: end, text: block(value, columnOf(text, start), style) }];
  const [first, rest] = firstLine(fresh(text, entry, value, styled(old, style)));
  const from = first === '' || !first.startsWith(' ') ? indicator + 1 : start;
  const begin = from === start ? first.slice(1) : first;
  if (isBlockScalar(old)) {
    const header = start + (/^[^\s#]+/.exec(text.slice(start))?.[0].length ?? 1);
    return [
      { from, to: header, text: begin },
      { from: lineEnd(text, start), to: end, text: rest },
    ];
  }
  return [{ from, to: end, text: begin }, put(lineEnd(text, end), rest)];
}

/** A block collection gives way; a comment behind its key stays. */
function replaceBlock(text: string, entry: Entry, value: Json, style: Style): Splice[] {
  const { indicator = 0 } = entry;
  const first = entriesOf(entry.value as never)[0]?.start ?? indicator;
  const end = entryEnd(text, entry);
  const to = text[end - 1] === '\n' ? end - 1 : end;
  const written = fresh(text, entry, value, style);
  if (lineStart(text, first) <= indicator) return [{ from: indicator + 1, to, text: written }];
  const [begin, rest] = firstLine(written);
  return [put(indicator + 1, begin), { from: lineEnd(text, indicator), to, text: rest }];
}

/** What stands behind the colon or dash of an entry, with the space before it. */
function fresh(text: string, { indicator = 0, part, start }: Entry, value: Json, style: Style): string {
  if (typeof part === 'string') return behindColon(value, columnOf(text, start), style);
  return `${style.gap}${behindDash(value, columnOf(text, indicator) + 1 + style.gap.length, style)}`;
}

function firstLine(text: string): [first: string, rest: string] {
  const end = lineEnd(text, 0);
  return [text.slice(0, end), text.slice(end)];
}

/** The splices that put another root in the place of one. */
export function replaceRoot(text: string, root: Node | null, value: Json, style: Style): Splice[] {
  const written = isBlock(value) ? block(value, 0, style) : inline(value, style);
  if (root !== null) return [cut(startOf(root), root.range?.[1] ?? 0), put(startOf(root), written)];
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  return [put(text.length, `${gap}${written}\n`)];
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function styled(old: Node, style: Style): Style {
  return isScalar(old) ? likeFormer(style, old) : style;
}
