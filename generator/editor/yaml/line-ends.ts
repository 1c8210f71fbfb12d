/** A text apart from its byte order mark and line ends, which stay as they are wherever a line does. */
import { diffArrays } from 'diff';

/** The text with line ends of LF alone, as {@link editYaml} takes it. */
export function withPlainEnds(text: string): string {
  return text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
}

/** An edited text in the form of the one that it was made of; a new line ends as the first one does. */
export function withEndsOf(original: string, edited: string): string {
  const mark = original.startsWith('\uFEFF') ? '\uFEFF' : '';
  if (!original.includes('\r\n')) return mark + edited;
  const [old, lines] = [original.replace(/^\uFEFF/, ''), edited].map((text) => text.split('\n'));
  const bare = (old as string[]).map((line) => line.replace(/\r$/, ''));
  const [first = ''] = old as string[];
  const usual = first.endsWith('\r') ? '\r' : '';
  const result: string[] = [];
  let at = 0;
  for (const { added, removed, value } of diffArrays(bare, lines as string[])) {
    if (removed) at += value.length;
    else if (added) result.push(...value.map((line) => line + usual));
    else {
      result.push(...(old as string[]).slice(at, at + value.length));
      at += value.length;
    }
  }
  // what stands behind the last line end is no line
  const last = (result.pop() ?? '').replace(/\r$/, '');
  return mark + [...result, last].join('\n');
}
