/** Texts in the cells of a terminal: how wide they are, and lines that are never wider than they may be. */

/** How a piece of text looks. Colours are of the sixteen that every terminal has, and none carries a meaning alone. */
export type Look = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'chosen';

/** A text and how it looks. */
export interface Piece {
  readonly text: string;
  readonly looks?: readonly Look[];
  /** The column that it begins in, whatever stands before it: terminals disagree on the width of some characters. */
  readonly column?: number;
}

/** A line of the screen. */
export type Line = readonly Piece[];

/** Makes a piece. */
export function piece(text: string, ...looks: Look[]): Piece {
  return looks.length === 0 ? { text } : { text, looks };
}

const short: { readonly [character: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Writes out what a terminal would obey or hide, so that a value cannot write on the screen. */
export function escaped(text: string): string {
  return text.replace(
    unsafe,
    (found) => short[found] ?? `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Control characters, what has no width or turns the direction, halves of characters; a joiner between pictures is none. */
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|(?<!\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d|\p{Surrogate}/gu;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The characters of a text, as a person counts them. */
export function charactersOf(text: string): string[] {
  return /^[\x20-\x7e]*$/.test(text)
    ? text.split('')
    : [...segmenter.segment(text)].map(({ segment }) => segment);
}

/** Source: East_Asian_Width W and F of Unicode, by blocks; what is not assigned in them counts too, as in terminals. */
const wide =
  /^(?:[\u1100-\u115f\u231a\u231b\u2329\u232a\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f)/u;

/** The cells that a text without control characters takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of charactersOf(text))
    width += wide.test(character) ? 2 : isNothing(character) ? 0 : 1;
  return width;
}

function isNothing(character: string): boolean {
  return /^\p{Mark}+$/u.test(character);
}

/** The beginning of a text that fits into so many cells, with a mark where something is left out. */
export function clipped(given: string, width: number): string {
  if (width < 1) return '';
  // of a very long text the beginning says as much
  const text = given.slice(0, width * 16 + 64);
  if (widthOf(text) <= width) return text;
  let [shown, left] = ['', width - 1];
  for (const character of charactersOf(text)) {
    left -= widthOf(character);
    if (left < 0) break;
    shown += character;
  }
  return `${shown}…`;
}

/** A text as wide as it is to be. */
export function padded(text: string, width: number): string {
  const shown = clipped(text, width);
  return shown + ' '.repeat(Math.max(0, width - widthOf(shown)));
}

/** A line that fits; what is said of all of it is said of each piece. */
export function fitted(line: Line, width: number, ...looks: Look[]): Line {
  let at = 0;
  return line.map((each) => {
    at = each.column ?? at;
    const text = clipped(escaped(each.text.slice(0, width * 16 + 64)), Math.max(0, width - at));
    at += widthOf(text);
    return { ...each, text, looks: [...(each.looks ?? []), ...looks] };
  });
}

/** A text of words on as many lines as it needs; a word that is too long is broken. */
export function wrappedText(text: string, width: number): string[] {
  const lines = [''];
  for (const word of escaped(text).split(' ')) {
    let rest = word;
    const last = lines.at(-1) ?? '';
    const joined = last === '' ? rest : `${last} ${rest}`;
    if (widthOf(joined) <= width) {
      lines[lines.length - 1] = joined;
      continue;
    }
    if (last !== '') lines.push('');
    while (widthOf(rest) > width) {
      const part = charactersThatFit(rest, Math.max(1, width));
      lines[lines.length - 1] = part;
      rest = rest.slice(part.length);
      lines.push('');
    }
    lines[lines.length - 1] = rest;
  }
  return lines;
}

function charactersThatFit(text: string, width: number): string {
  let [shown, left] = ['', width];
  for (const character of charactersOf(text)) {
    left -= widthOf(character);
    if (left < 0 && shown !== '') break;
    shown += character;
  }
  return shown;
}

/** So many lines of a list that the chosen one is among them: the number of the first. */
export function firstShown(chosen: number, count: number, room: number, before: number): number {
  const least = Math.max(0, chosen - room + 1);
  return Math.max(0, Math.min(Math.max(least, Math.min(before, chosen)), Math.max(0, count - room)));
}
