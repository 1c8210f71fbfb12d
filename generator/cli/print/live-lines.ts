/** The last lines of a terminal, which are redrawn in place while the work that they show runs. */
import { equal } from '../../model/json.ts';
import type { Writer } from '../io.ts';

/** Lines at the bottom of a terminal. */
export interface LiveLines {
  /** Sets the line of a key; keys keep the order in which they came. `line` gives it for a width. */
  set(key: string, line: (width: number) => string): void;
  /** Takes the line of a key away. */
  drop(key: string): void;
  /** Writes something above the lines. */
  above(write: () => void): void;
  /** Leaves the lines where they are and begins anew. */
  end(): void;
}

/** Terminals that do not know their size, or are none, tell 0 columns or nothing. */
const [usualColumns, usualRows] = [80, 24];

// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that are taken away
const colours = /\u001b\[[0-9;]*m/g;

/** Lines on a terminal; nothing is written yet. */
export function openLiveLines(terminal: Writer): LiveLines {
  const lines = new Map<string, (width: number) => string>();
  let drawn: readonly string[] = [];
  let drawnFor = 0;
  const columns = () => terminal.columns || usualColumns;
  // A terminal that became narrower shows a line in several rows. Keys that were hit may have moved the cursor.
  const erase = () => {
    const rows = drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / columns())), 0);
    drawn = [];
    return rows === 0 ? '' : `\r\x1b[${rows}A\x1b[J`;
  };
  const fitted = () => {
    const all = [...lines.values()].map((line) => line(columns() - 1));
    const room = Math.max(2, (terminal.rows || usualRows) - 2);
    return all.length <= room ? all : [`… and ${all.length - room + 1} more`, ...all.slice(1 - room)];
  };
  const draw = () => {
    drawn = fitted();
    drawnFor = columns();
    return drawn.map((line) => `${line}\n`).join('');
  };
  return {
    set(key, line) {
      lines.set(key, line);
      if (drawnFor === columns() && equal([...drawn], fitted())) return;
      // in one piece, so that it does not flicker
      terminal.write(erase() + draw());
    },
    drop(key) {
      if (!lines.delete(key)) return;
      terminal.write(erase() + draw());
    },
    above(write) {
      if (lines.size === 0) return write();
      terminal.write(erase());
      write();
      terminal.write(draw());
    },
    end() {
      lines.clear();
      drawn = [];
    },
  };
}

/** The columns of a line; what it tells of has names and texts of Latin letters. */
function widthOf(line: string): number {
  return [...line.replace(colours, '')].length;
}
