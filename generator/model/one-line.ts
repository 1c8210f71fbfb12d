/** What the cluster and its programs say, as a part of a line. */

const longest = 500;

/** A text on one line, cut where it is long. */
export function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/** `: text`, or nothing where nothing was said. */
export function said(text: string | undefined): string {
  const line = oneLine(text ?? '');
  return line === '' ? '' : `: ${line}`;
}
