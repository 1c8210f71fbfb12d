/** A terminal that is written anew again and again, and is afterwards as it was. */
import { createColors } from 'picocolors';
import type { Io } from '../io.ts';
import { drawLines, piece } from './text-table.ts';

/** A screen. */
export interface Screen {
  /** Takes the screen over. `draw` gives the lines for a width. */
  begin(draw: (width: number) => readonly string[]): void;
  /** Draws anew, with words at the bottom; an empty text takes them away. */
  notice(text: string): void;
  /** Gives the terminal back, with what was shown last. */
  end(): void;
}

/** The other screen of a terminal, without its cursor; and back. Source: xterm's control sequences. */
const [enter, leave] = ['\x1b[?1049h\x1b[?25l', '\x1b[?25h\x1b[?1049l'];
const [home, restOfLine, restOfScreen] = ['\x1b[H', '\x1b[K', '\x1b[J'];

/** Opens a screen; writes nothing yet. */
export function openScreen(io: Io): Screen {
  const colors = createColors(io.color);
  let draw: ((width: number) => readonly string[]) | undefined;
  let words = '';
  const size = () => io.screen?.() ?? { columns: 80, rows: 24 };
  const paint = () => {
    if (draw === undefined) return;
    const { columns, rows } = size();
    const bottom = drawLines(
      [words === '' ? [piece('Ctrl-C ends', colors.dim)] : [piece(words, colors.yellow)]],
      columns,
    );
    const lines = draw(columns);
    const room = Math.max(1, rows - 2);
    const fits = lines.length <= room;
    const body = fits
      ? lines
      : [...lines.slice(0, room - 1), colors.dim(`… ${lines.length - room + 1} lines more`)];
    const text = [...body, '', ...bottom].map((line) => `${line}${restOfLine}`).join('\r\n');
    io.stdout.write(home + text + restOfScreen);
  };
  const restore = () => {
    if (draw === undefined) return;
    io.stdout.write(leave);
    for (const line of draw(size().columns)) io.stdout.write(`${line}\n`);
    draw = undefined;
  };
  return {
    begin(lines) {
      draw = lines;
      // whatever ends the process, the terminal must not stay taken
      process.once('exit', restore);
      io.stdout.write(enter + home + restOfScreen);
      paint();
    },
    notice(text) {
      words = text;
      paint();
    },
    end() {
      restore();
      process.off('exit', restore);
    },
  };
}
