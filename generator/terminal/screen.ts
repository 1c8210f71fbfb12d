/** The terminal as a screen: keys in, lines out. Whatever ends the program, it is afterwards as it was. */
import type { ReadStream, WriteStream } from 'node:tty';
import type { Line, Look } from './cells.ts';
import { type Key, keysIn } from './keys.ts';

/** How large a screen, or a part of it, is. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Where the cursor is seen. */
export interface Cursor {
  readonly row: number;
  readonly column: number;
}

/** A screen that was taken over. */
export interface Screen {
  size(): Size;
  /** Shows these lines, and writes only those that differ from what is shown. */
  paint(lines: readonly Line[], cursor?: Cursor): void;
  /** Writes everything anew with the next {@link paint}. */
  forget(): void;
  /** Gives the terminal to the shell until the program resumes. */
  suspend(): void;
  /** Gives the terminal back. */
  close(): void;
}

/** What a screen tells. */
export interface ScreenEvents {
  readonly onKeys: (keys: readonly Key[]) => void;
  readonly onResize: () => void;
  /** The terminal was closed. */
  readonly onGone: () => void;
}

interface ScreenOptions extends ScreenEvents {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly color: boolean;
  /** Whether it shows more than ASCII. */
  readonly isUnicode: boolean;
}

/** The other screen, no wrapping, what is pasted marked as such; and back. Source: xterm's control sequences. */
const enter = '\x1b[?1049h\x1b[?7l\x1b[?2004h\x1b[2J';
const leave = '\x1b[0m\x1b[?2004l\x1b[?7h\x1b[?25h\x1b[?1049l';

/** How long an escape may be the beginning of a key, in milliseconds: over a network its parts come one after another. */
const escapeMs = 60;

/** The codes of looks. Source: ECMA-48, select graphic rendition. */
export const codes: { readonly [look in Look]: number } = {
  bold: 1,
  dim: 2,
  red: 31,
  green: 32,
  yellow: 33,
  cyan: 36,
  chosen: 7,
};

/** Takes a terminal over. */
export function openScreen(options: ScreenOptions): Screen {
  const { input, output, color, onResize, onGone } = options;
  let shown: string[] = [];
  let isOpen = false;
  let isClosed = false;
  const stopListening = listen(options);
  const size = (): Size => ({ columns: output.columns || 80, rows: output.rows || 24 });
  const take = () => {
    input.setRawMode(true);
    input.resume();
    output.write(enter);
    shown = [];
    isOpen = true;
  };
  const give = () => {
    if (!isOpen) return;
    isOpen = false;
    output.write(leave);
    try {
      input.setRawMode(false);
    } catch {
      // the terminal is closed, and its mode went with it
    }
  };
  const resized = () => {
    shown = [];
    onResize();
  };
  const resumed = () => {
    take();
    onResize();
  };
  take();
  output.on('resize', resized);
  input.on('end', onGone);
  input.on('error', onGone);
  process.on('SIGCONT', resumed);
  process.on('exit', give);
  return {
    size,
    paint(lines, cursor) {
      if (!isOpen) return;
      const { rows } = size();
      const texts = lines
        .slice(0, rows)
        .map((line) => written(line, { color, isUnicode: options.isUnicode }));
      const all = Array.from({ length: rows }, (_, row) => texts[row] ?? '');
      const changes = all.flatMap((text, row) =>
        shown[row] === text ? [] : [`\x1b[${row + 1};1H\x1b[0m\x1b[2K${text}`],
      );
      const place = cursor === undefined ? '' : `\x1b[${cursor.row + 1};${cursor.column + 1}H\x1b[?25h`;
      output.write(`\x1b[?25l${changes.join('')}\x1b[0m${place}`);
      shown = all;
    },
    forget() {
      shown = [];
    },
    suspend() {
      give();
      process.kill(process.pid, 'SIGTSTP');
      // where no shell waits to go on with it, nothing has stopped it
      setImmediate(() => {
        if (!isOpen && !isClosed) resumed();
      });
    },
    close() {
      isClosed = true;
      stopListening();
      output.off('resize', resized);
      input.off('end', onGone);
      input.off('error', onGone);
      process.off('SIGCONT', resumed);
      process.off('exit', give);
      give();
      input.pause();
    },
  };
}

/** Makes keys of what comes in; an escape that nothing follows is one by itself. */
function listen({ input, onKeys }: ScreenOptions): () => void {
  let rest = '';
  let waiting: NodeJS.Timeout | undefined;
  const decoder = new TextDecoder();
  const take = (text: string, isLast: boolean) => {
    clearTimeout(waiting);
    const found = keysIn(rest + text, isLast);
    rest = found.rest;
    if (rest !== '') waiting = setTimeout(() => take('', true), escapeMs);
    if (found.keys.length > 0) onKeys(found.keys);
  };
  const read = (chunk: Buffer) => take(decoder.decode(chunk, { stream: true }), false);
  input.on('data', read);
  return () => {
    clearTimeout(waiting);
    input.off('data', read);
  };
}

const plain: { readonly [sign: string]: string } = {
  '│': '|',
  '─': '-',
  '…': '~',
  '›': '>',
  '·': '-',
  '—': '-',
};

/** A line with the codes for how it looks. */
function written(line: Line, { color, isUnicode }: { color: boolean; isUnicode: boolean }): string {
  return line
    .map(({ text, looks = [], column }) => {
      const seen = looks.filter((look) => color || look === 'bold' || look === 'chosen');
      const signs = isUnicode ? text : text.replace(/[│─…›·—]/g, (sign) => plain[sign] ?? sign);
      const jump = column === undefined ? '' : `\x1b[${column + 1}G`;
      if (seen.length === 0 || signs === '') return jump + signs;
      return `${jump}\x1b[${seen.map((look) => codes[look]).join(';')}m${signs}\x1b[0m`;
    })
    .join('');
}
