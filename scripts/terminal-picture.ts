/** The terminal of `edit` as an SVG: the application itself, whose screen is drawn instead of shown. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { noRecovery } from '../generator/editor/recovery.ts';
import { openSession } from '../generator/editor/session.ts';
import { runTerminal } from '../generator/terminal/app.ts';
import { type Line, widthOf } from '../generator/terminal/cells.ts';
import { keysIn } from '../generator/terminal/keys.ts';
import { codes, type Screen, type ScreenEvents } from '../generator/terminal/screen.ts';
import { openTree } from '../generator/tree/disk.ts';
import { drawn, type Mark, printed } from './session.ts';

const size = { columns: 92, rows: 24 };

/** What is typed, and what the screen then says. */
const steps: readonly (readonly [keys: string, words: string])[] = [
  ['', '› Release'],
  ['/gateway.replicaCount', '3 found'],
  ['\r', 'Enter edit'],
  ['\r', 'one more, one less'],
  ['\x15nine', 'error wrong-type'],
  ['\r', '1 error, not saved'],
  ['\x1b', '1E'],
];

/** Edits an environment, and draws what is seen. */
export async function terminalPicture(): Promise<string> {
  const home = mkdtempSync(path.join(tmpdir(), 'session-'));
  try {
    await printed(home, 'glyphoxa-kustomize init . --image registry.example.com/glyphoxa:1a2b3c4');
    const session = await openSession(openTree('.', home));
    let shown: readonly Line[] = [];
    let events: ScreenEvents | undefined;
    const screen: Screen = {
      size: () => size,
      paint: (lines) => {
        shown = lines;
      },
      forget: () => {},
      suspend: () => {},
      close: () => {},
    };
    const ended = runTerminal({
      session,
      secrets: { sources: { env: {}, folder: home } },
      recovery: noRecovery,
      at: 'staging',
      onInterrupt: () => () => {},
      openScreen: (given) => {
        events = given;
        return screen;
      },
    });
    for (const [keys, words] of steps) {
      events?.onKeys(keysIn(keys, true).keys);
      for (let tries = 0; !textOf(shown).includes(words); tries += 1) {
        if (tries > 400) throw new Error(`the screen has no ${words}:\n${textOf(shown)}`);
        await wait(25);
      }
    }
    const picture = shown;
    events?.onGone();
    await ended;
    return drawn(picture.map(coded), 'edit in a terminal', { ...size, marks: picture.flatMap(marksOf) });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function textOf(lines: readonly Line[]): string {
  return lines.map((line) => line.map(({ text }) => text).join('')).join('\n');
}

/** A line with the codes of its looks, its pieces in their columns. */
function coded(line: Line): string {
  let at = 0;
  return line
    .map(({ text, looks = [], column = at }) => {
      const space = ' '.repeat(Math.max(0, column - at));
      at = column + widthOf(text);
      const begin = looks.map((look) => `\x1b[${codes[look]}m`).join('');
      return `${space}${begin}${text}${looks.length === 0 ? '' : '\x1b[39m\x1b[22m'}`;
    })
    .join('');
}

/** Where a line is marked as chosen. */
function marksOf(line: Line, row: number): Mark[] {
  let at = 0;
  return line.flatMap(({ text, looks = [], column = at }) => {
    const from = column;
    at = column + widthOf(text);
    return looks.includes('chosen') ? [{ row, from, to: at }] : [];
  });
}
