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

/** Makes a buffer; the cursor is behind the text of a line, and before one of several. */
export function makeBuffer(given: string, { isLine = false, isHidden = false }: BufferOptions = {}): Buffer {
  const lines = isLine ? [given] : given.split('\n');
  let line = 0;
  let column = isLine ? given.length : 0;
  let first = 0;
  const at = () => lines[line] ?? '';
  const put = (text: string) => {
    lines[line] = text;
  };
  const insert = (text: string) => {
    const whole = isLine ? text.replace(/\n+$/, '') : text;
    // a secret is what it is: of a key that is pasted every line counts
    const parts = isLine && !isHidden ? [whole.replaceAll('\n', ' ')] : whole.split('\n');
    const [before, after] = [at().slice(0, column), at().slice(column)];
    const last = parts.at(-1) ?? '';
    const all = parts.map((part, index) => (index === 0 ? before : '') + part);
    column = parts.length === 1 ? before.length + last.length : last.length;
    all[all.length - 1] += after;
    lines.splice(line, 1, ...all);
    line += parts.length - 1;
  };
  const backspace = () => {
    const before = at().slice(0, column);
    if (column > 0) {
      const isIndent = !isLine && /^ +$/.test(before);
      const size = isIndent ? ((before.length - 1) % 2) + 1 : (charactersOf(before).at(-1)?.length ?? 1);
      put(before.slice(0, -size) + at().slice(column));
      column -= size;
    } else if (line > 0) {
      column = lines[line - 1]?.length ?? 0;
      lines.splice(line - 1, 2, (lines[line - 1] ?? '') + at());
      line -= 1;
    }
  };
  const remove = () => {
    if (column < at().length) {
      const size = charactersOf(at().slice(column))[0]?.length ?? 1;
      put(at().slice(0, column) + at().slice(column + size));
    } else if (line < lines.length - 1) lines.splice(line, 2, at() + (lines[line + 1] ?? ''));
  };
  const up = (step: number) => {
    const wanted = widthOf(escaped(at().slice(0, column)));
    line = Math.max(0, Math.min(lines.length - 1, line + step));
    column = 0;
    for (const character of charactersOf(at())) {
      if (widthOf(escaped(at().slice(0, column + character.length))) > wanted) break;
      column += character.length;
    }
  };
  const sideways = (step: -1 | 1) => {
    const size =
      step < 0
        ? (charactersOf(at().slice(0, column)).at(-1)?.length ?? 0)
        : (charactersOf(at().slice(column))[0]?.length ?? 0);
    if (size > 0) column += step * size;
    else if (lines[line + step] !== undefined) {
      line += step;
      column = step < 0 ? at().length : 0;
    }
  };
  const toBegin = () => {
    column = 0;
  };
  const toEnd = () => {
    column = at().length;
  };
  const actions: { readonly [key: string]: () => void } = {
    left: () => sideways(-1),
    right: () => sideways(1),
    home: toBegin,
    'ctrl-a': toBegin,
    end: toEnd,
    'ctrl-e': toEnd,
    backspace,
    delete: remove,
    'ctrl-k': () => put(at().slice(0, column)),
    'ctrl-u': () => {
      put(at().slice(column));
      column = 0;
    },
    'ctrl-w': () => {
      const kept = at()
        .slice(0, column)
        .replace(/\S*\s*$/, '');
      put(kept + at().slice(column));
      column = kept.length;
    },
  };
  const ofLines: typeof actions = {
    up: () => up(-1),
    down: () => up(1),
    'page-up': () => up(-10),
    'page-down': () => up(10),
    enter: () => insert(`\n${indentAfter(at().slice(0, column))}`),
    tab: () => insert(' '.repeat(2 - (column % 2))),
    'shift-tab': () => {
      const size = /^ {0,2}/.exec(at())?.[0].length ?? 0;
      put(at().slice(size));
      column = Math.max(0, column - size);
    },
  };
  return {
    text: () => lines.join('\n'),
    place: () => ({ line, column }),
    move(toLine, toColumn) {
      line = Math.max(0, Math.min(lines.length - 1, toLine));
      column = Math.max(0, Math.min(at().length, toColumn));
    },
    press({ name, text }) {
      const does = actions[name] ?? (isLine ? undefined : ofLines[name]);
      if (does === undefined && text === undefined) return false;
      if (does === undefined) insert(text ?? '');
      else does();
      return true;
    },
    draw(columns, rows) {
      const shown = (text: string) => (isHidden ? '•'.repeat(charactersOf(text).length) : escaped(text));
      const cell = widthOf(shown(at().slice(0, column)));
      const shift = Math.max(0, cell - columns + 1);
      first = Math.max(0, Math.min(Math.max(first, line - rows + 1), line));
      const drawn = lines
        .slice(first, first + rows)
        .map((text): Line => [piece(withoutCells(shown(text.slice(0, column + columns * 16)), shift))]);
      return { lines: drawn, first, row: line - first, column: cell - shift };
    },
  };
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
