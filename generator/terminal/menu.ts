/** A list of which one is chosen. */
import { firstShown, type Line, type Look, padded, piece, wrappedText } from './cells.ts';
import type { App, View } from './view.ts';

/** Something that can be chosen. */
export interface Item {
  readonly label: string;
  readonly looks?: readonly Look[];
  /** What is shown of it while it is chosen. */
  readonly about?: readonly string[];
  choose(): void | Promise<void>;
}

/** What a menu shows. */
export interface Menu {
  readonly title: string;
  /** What is told above the items. */
  readonly about?: readonly string[];
  readonly items: readonly Item[] | (() => readonly Item[]);
  /** The number of the item that is chosen at first. */
  readonly chosen?: number;
  /** Whether it stays open when something was chosen. */
  readonly stays?: boolean;
  closed?(): void;
}

/** Opens a menu; Enter chooses, Escape closes it. */
export function openMenu(app: App, menu: Menu): View {
  const itemsNow = () => (typeof menu.items === 'function' ? menu.items() : menu.items);
  let [chosen, first] = [menu.chosen ?? 0, 0];
  const close = () => {
    menu.closed?.();
    app.close(view);
  };
  const view: View = {
    keys: () => [
      ['Enter', 'choose'],
      ['Esc', 'back'],
      ['j k', 'down, up'],
    ],
    draw({ columns, rows }) {
      const items = itemsNow();
      chosen = Math.max(0, Math.min(chosen, items.length - 1));
      const lines: Line[] = [[piece(` ${menu.title}`, 'bold')]];
      const wrap = (text: string) =>
        wrappedText(text, columns - 4).map((line): Line => [piece(`   ${line}`)]);
      const above = (menu.about ?? []).flatMap(wrap).slice(0, Math.max(0, Math.floor(rows / 2) - 2));
      const below = (items[chosen]?.about ?? []).flatMap(wrap).slice(0, Math.max(0, Math.floor(rows / 3)));
      lines.push(...above, []);
      const room = Math.max(1, rows - lines.length - (below.length === 0 ? 0 : below.length + 1));
      first = firstShown(chosen, items.length, room, first);
      for (const [index, { label, looks = [] }] of items.slice(first, first + room).entries()) {
        const isChosen = first + index === chosen;
        const mark = isChosen ? '›' : ' ';
        lines.push([
          { text: ` ${mark} ${padded(label, columns - 4)}`, looks: isChosen ? ['chosen'] : looks },
        ]);
      }
      if (items.length === 0) lines.push([piece('   there is nothing here', 'dim')]);
      if (below.length > 0) lines.push([], ...below);
      return { lines };
    },
    async press({ name, text }) {
      const items = itemsNow();
      const step = { up: -1, k: -1, down: 1, j: 1, 'page-up': -10, 'page-down': 10 }[name];
      if (step !== undefined) chosen = Math.max(0, Math.min(items.length - 1, chosen + step));
      else if (name === 'home' || name === 'g') chosen = 0;
      else if (name === 'end' || name === 'G') chosen = items.length - 1;
      else if (name === 'escape' || name === 'q' || name === 'left' || name === 'h') close();
      else if (name === 'enter' || name === 'right' || name === 'l' || text === ' ') {
        const item = items[chosen];
        if (item === undefined) return;
        if (menu.stays !== true) close();
        await item.choose();
      }
    },
  };
  app.open(view);
  return view;
}
