import { Lexer } from 'yaml';

/** Words of the lexer that stand for nothing in the text: the beginning of a document, of a scalar, a broken flow. */
const markers: readonly string[] = ['\u0002', '\u0018', '\u001f'];

/** How often a pattern is in a text; counting ends at the limit. */
function countUpTo(limit: number, text: string, pattern: RegExp): number {
  let count = 0;
  while (count < limit && pattern.test(text)) count += 1;
  return count;
}

/**
 * The offset at which a text nests deeper than is allowed. It looks at words alone and stops there: the library's
 * parser takes time with the square of the depth, and memory without end.
 */
export function tooDeep(text: string, limit: number): number | undefined {
  if (countUpTo(limit, text, /[[{]/g) < limit && !/^ {64}/m.test(text) && !/(?:[-?:] ){16}/.test(text))
    return undefined;
  /** Columns at which the block collections begin that are open, and how many flow collections are. */
  const columns: number[] = [];
  let flows = 0;
  let isLineStart = true;
  let [offset, lineStart] = [0, 0];
  for (const word of new Lexer().lex(text)) {
    if (markers.includes(word)) continue;
    if (word === '[' || word === '{') flows += 1;
    else if (word === ']' || word === '}') flows = Math.max(0, flows - 1);
    const isBlank = /^[\s#]/.test(word);
    if (flows === 0 && !isBlank && (isLineStart || /^[-?:]$/.test(word))) {
      const column = offset - lineStart;
      while ((columns.at(-1) ?? -1) >= column) columns.pop();
      // a colon ends a key of a map that is counted; one without a key is a map
      if (word !== ':' || isLineStart || text[offset - 1] === ' ') columns.push(column);
    }
    if (columns.length + flows > limit) return offset;
    const end = word.lastIndexOf('\n');
    isLineStart = end !== -1 || (isLineStart && isBlank);
    if (end !== -1) lineStart = offset + end + 1;
    offset += word.length;
  }
  return undefined;
}
