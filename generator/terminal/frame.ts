/** What stands around a view: the title above it, what is said and the keys below it. */
import { fitted, type Line, type Look, padded, piece, widthOf } from './cells.ts';
import type { Screen, Size } from './screen.ts';
import { type App, countWords, placeWords, type View } from './view.ts';

/** The smallest screen that something is shown on. */
const smallest: Size = { columns: 30, rows: 8 };

/** Whether a screen is too small for anything. */
export function isTooSmall({ columns, rows }: Size): boolean {
  return columns < smallest.columns || rows < smallest.rows;
}

/** What is said below a view. */
export interface Message {
  readonly text: string;
  readonly look: Look;
}

/** The lines of the whole screen. */
export function frame(
  size: Size,
  view: View,
  app: App,
  message: Message | undefined,
): Parameters<Screen['paint']> {
  const { columns, rows } = size;
  if (isTooSmall(size)) {
    const notice = `too small: ${smallest.columns}×${smallest.rows} is the least; make it larger, or q leaves and keeps what was changed`;
    const lines = Array.from({ length: rows }, (_, row) => [
      piece(notice.slice(row * columns, (row + 1) * columns)),
    ]);
    return [lines];
  }
  const room = rows - 3;
  const { lines, cursor } = view.draw({ columns, rows: room });
  const body = Array.from({ length: room }, (_, row) => fitted(lines[row] ?? [], columns));
  const said: Line = message === undefined ? [] : [piece(` ${message.text}`, message.look)];
  const all = [title(app, columns), ...body, fitted(said, columns), keyLine(view, columns)];
  return cursor === undefined ? [all] : [all, { ...cursor, row: cursor.row + 1 }];
}

function title({ session, at }: App, columns: number): Line {
  const loaded = session.loaded(at);
  const file = loaded.sources[0]?.file ?? '';
  const release = loaded.config?.metadata.name ?? 'glyphoxa';
  const isChanged = session.changedFiles().length > 0;
  const state = [...countWords(session.findings()), isChanged ? 'not saved' : 'saved'].join(', ');
  const left = columns - widthOf(state) - 3;
  const place = left > 50 ? `${placeWords(at)} · ${file} · ${release}` : placeWords(at);
  return fitted([piece(` ${padded(place, left)} ${state} `, 'chosen')], columns);
}

function keyLine(view: View, columns: number): Line {
  let left = columns - 1;
  const pieces = view.keys().flatMap(([key, does]) => {
    left -= widthOf(`  ${key} ${does}`);
    return left < -1 ? [] : [piece(`  ${key}`, 'bold'), piece(` ${does}`, 'dim')];
  });
  return fitted(pieces, columns);
}
