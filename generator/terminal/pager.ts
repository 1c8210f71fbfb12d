/** Lines that are read. */
import type { Line } from './cells.ts';
import { piece } from './cells.ts';
import type { App, View } from './view.ts';

/** Shows lines, made for a width; they scroll. */
export function openPager(app: App, title: string, linesFor: (columns: number) => readonly Line[]): View {
  let first = 0;
  let [room, count] = [1, 0];
  const view: View = {
    keys: () => [
      ['Esc', 'back'],
      ['j k', 'down, up'],
      ['Space', 'a page on'],
    ],
    draw({ columns, rows }) {
      const lines = linesFor(columns);
      [room, count] = [Math.max(1, rows - 2), lines.length];
      first = Math.max(0, Math.min(first, count - room));
      const isMore = count > room;
      const where = isMore ? `  ${first + 1} to ${Math.min(count, first + room)} of ${count} lines` : '';
      return {
        lines: [[piece(` ${title}`, 'bold'), piece(where, 'dim')], [], ...lines.slice(first, first + room)],
      };
    },
    press({ name, text }) {
      const steps: { readonly [key: string]: number } = {
        up: -1,
        k: -1,
        down: 1,
        j: 1,
        'page-up': -room,
        b: -room,
        'page-down': room,
        home: -count,
        g: -count,
        end: count,
        G: count,
      };
      const step = text === ' ' ? room : steps[name];
      if (step !== undefined) first = Math.max(0, Math.min(first + step, count - room));
      else if (['escape', 'q', 'p', '?', 'enter', 'left', 'h'].includes(name)) app.close(view);
    },
  };
  app.open(view);
  return view;
}
