/** A text that is being typed: its lines, and where in them the cursor is. */
import { charactersOf, escaped, type Line, piece, widthOf } from './cells.ts';
import type { Key } from './keys.ts';

/** A text and a cursor in it. */
export interface Buffer {
  text(): string;
  /** The line and the column of the cursor, as offsets. */
  place(): { readonly line: number; readonly column: number };
  move(line: number, column: number): void;
  /** Takes a key; false where the key means nothing to a text. */
  press(key: Key): boolean;
  /** So many lines, cut to a width, so that the cursor is among them; and the cursor's cell. */
  draw(columns: number, rows: number): { lines: Line[]; first: number; row: number; column: number };
}

/** How a text is typed. */
export interface BufferOptions {
  /** Whether it has one line. */
  readonly isLine?: boolean;
  /** Whether what is typed is shown as dots; a paste keeps its lines. */
  readonly isHidden?: boolean;
}

/** What is typed, and where: what the keys change. */
interface Typed {
  readonly lines: string[];
  readonly isLine: boolean;
  line: number;
  column: number;
}

/** Makes a buffer; the cursor is behind the text of a line, and before one of several. */
export function makeBuffer(given: string, { isLine = false, isHidden = false }: BufferOptions = {}): Buffer {
  const lines = isLine ? [given] : given.split('\n');
  const typed: Typed = { lines, isLine, line: 0, column: isLine ? given.length : 0 };
  let first = 0;
  return {
    text: () => typed.lines.join('\n'),
    place: () => ({ line: typed.line, column: typed.column }),
    move(toLine, toColumn) {
      typed.line = Math.max(0, Math.min(typed.lines.length - 1, toLine));
      typed.column = Math.max(0, Math.min(lineOf(typed).length, toColumn));
    },
    press({ name, text }) {
      const does = keys[name] ?? (isLine ? undefined : keysOfLines[name]);
      if (does === undefined && text === undefined) return false;
      if (does !== undefined) does(typed);
      else insert(typed, isLine ? textOfLine(text ?? '', isHidden) : (text ?? ''));
      return true;
    },
    draw(columns, rows) {
      const { line, column } = typed;
      const shown = (text: string) => (isHidden ? '•'.repeat(charactersOf(text).length) : escaped(text));
      const cell = widthOf(shown(before(typed)));
      const shift = Math.max(0, cell - columns + 1);
      first = Math.max(0, Math.min(Math.max(first, line - rows + 1), line));
      const drawn = lines
        .slice(first, first + rows)
        .map((text): Line => [piece(withoutCells(shown(text.slice(0, column + columns * 16)), shift))]);
      return { lines: drawn, first, row: line - first, column: cell - shift };
    },
  };
}

/** What a key does in any text. */
const keys: { readonly [key: string]: (typed: Typed) => void } = {
  left: (typed) => sideways(typed, -1),
  right: (typed) => sideways(typed, 1),
  home: toBegin,
  'ctrl-a': toBegin,
  end: toEnd,
  'ctrl-e': toEnd,
  backspace: removeBefore,
  delete: removeBehind,
  'ctrl-k': (typed) => replaceLine(typed, before(typed)),
  'ctrl-u': (typed) => replaceBefore(typed, ''),
  'ctrl-w': (typed) => replaceBefore(typed, before(typed).replace(/\S*\s*$/, '')),
};

/** And in one of several lines. */
const keysOfLines: typeof keys = {
  up: (typed) => upOrDown(typed, -1),
  down: (typed) => upOrDown(typed, 1),
  'page-up': (typed) => upOrDown(typed, -10),
  'page-down': (typed) => upOrDown(typed, 10),
  enter: (typed) => insert(typed, `\n${indentAfter(before(typed))}`),
  tab: (typed) => insert(typed, ' '.repeat(2 - (typed.column % 2))),
  'shift-tab': (typed) => {
    const size = /^ {0,2}/.exec(lineOf(typed))?.[0].length ?? 0;
    replaceLine(typed, lineOf(typed).slice(size));
    typed.column = Math.max(0, typed.column - size);
  },
};

const lineOf = ({ lines, line }: Typed): string => lines[line] ?? '';

const before = (typed: Typed): string => lineOf(typed).slice(0, typed.column);

const behind = (typed: Typed): string => lineOf(typed).slice(typed.column);

function replaceLine({ lines, line }: Typed, text: string): void {
  lines[line] = text;
}

function replaceBefore(typed: Typed, text: string): void {
  replaceLine(typed, text + behind(typed));
  typed.column = text.length;
}

/** What a line takes of a text: of a secret all, since of a key that is pasted every line counts. */
function textOfLine(text: string, isHidden: boolean): string {
  const whole = text.replace(/\n+$/, '');
  return isHidden ? whole : whole.replaceAll('\n', ' ');
}

function insert(typed: Typed, text: string): void {
  const rest = behind(typed);
  const [first = '', ...others] = text.split('\n');
  const put = [before(typed) + first, ...others];
  const last = put.at(-1) ?? '';
  typed.lines.splice(typed.line, 1, ...put.slice(0, -1), last + rest);
  typed.line += others.length;
  typed.column = last.length;
}

function removeBefore(typed: Typed): void {
  const { lines, line, column } = typed;
  const text = before(typed);
  if (column > 0) {
    const isIndent = !typed.isLine && /^ +$/.test(text);
    const size = isIndent ? ((column - 1) % 2) + 1 : (charactersOf(text).at(-1)?.length ?? 1);
    replaceBefore(typed, text.slice(0, -size));
  } else if (line > 0) {
    typed.column = lines[line - 1]?.length ?? 0;
    lines.splice(line - 1, 2, (lines[line - 1] ?? '') + lineOf(typed));
    typed.line -= 1;
  }
}

function removeBehind(typed: Typed): void {
  const { lines, line } = typed;
  const rest = behind(typed);
  if (rest !== '') replaceLine(typed, before(typed) + rest.slice(charactersOf(rest)[0]?.length ?? 1));
  else if (line < lines.length - 1) lines.splice(line, 2, lineOf(typed) + (lines[line + 1] ?? ''));
}

/** Moves to another line, to the character in the same cell. */
function upOrDown(typed: Typed, step: number): void {
  const wanted = widthOf(escaped(before(typed)));
  typed.line = Math.max(0, Math.min(typed.lines.length - 1, typed.line + step));
  typed.column = 0;
  for (const character of charactersOf(lineOf(typed))) {
    if (widthOf(escaped(lineOf(typed).slice(0, typed.column + character.length))) > wanted) break;
    typed.column += character.length;
  }
}

function sideways(typed: Typed, step: -1 | 1): void {
  const character = step < 0 ? charactersOf(before(typed)).at(-1) : charactersOf(behind(typed))[0];
  if (character !== undefined) typed.column += step * character.length;
  else if (typed.lines[typed.line + step] !== undefined) {
    typed.line += step;
    typed.column = step < 0 ? lineOf(typed).length : 0;
  }
}

function toBegin(typed: Typed): void {
  typed.column = 0;
}

function toEnd(typed: Typed): void {
  typed.column = lineOf(typed).length;
}

/** What a line of YAML begins with behind another one: as deep as that, deeper behind a key or in an item of a list. */
function indentAfter(before: string): string {
  const [indent = ''] = /^ */.exec(before) ?? [];
  const [dash = ''] = /^(?:- +)+/.exec(before.slice(indent.length)) ?? [];
  const isOpen = /:\s*(?:[|>][+-]?)?$/.test(before);
  const isItem =
    dash !== '' && (/^[^\s"']+:(?:\s|$)/.test(before.slice(indent.length + dash.length)) || isOpen);
  return indent + (isItem ? ' '.repeat(dash.length) : '') + (isOpen ? '  ' : '');
}

/** A text without what is in its first cells; of a wide character half a one is a space. */
function withoutCells(text: string, cells: number): string {
  let [left, rest] = [cells, text];
  for (const character of charactersOf(text)) {
    if (left <= 0) break;
    left -= widthOf(character);
    rest = rest.slice(character.length);
  }
  return ' '.repeat(Math.max(0, -left)) + rest;
}
