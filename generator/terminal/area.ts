/** A text of several lines that is typed: YAML of a value, or a whole file. */
import type { Draft } from '../editor/recovery.ts';
import type { Finding } from '../model/finding.ts';
import { makeBuffer } from './buffer.ts';
import { type Line, piece, wrappedText } from './cells.ts';
import { type App, findingWords, type View } from './view.ts';

/** What is typed, and what becomes of it. */
export interface Area {
  readonly title: string;
  readonly about: string;
  readonly text: string;
  /** Where the cursor is at first, counted from 0. @default the end of the first line */
  readonly cursor?: { readonly line: number; readonly column: number };
  /** What is wrong with a text. */
  check(text: string): Promise<readonly Finding[]>;
  /** Takes it; false where it cannot be taken, so that it stays open. */
  take(text: string): Promise<boolean>;
  /** How what was typed is kept, where the session ends by itself. */
  draft?(text: string): Draft;
}

/** Opens a text to be typed; Ctrl-S takes it, Escape leaves it as it was. */
export function openArea(app: App, area: Area): View {
  const buffer = makeBuffer(area.text);
  if (area.cursor === undefined) buffer.press({ name: 'end' });
  else buffer.move(area.cursor.line, area.cursor.column);
  let findings: readonly Finding[] = [];
  let isWarned = false;
  const check = () => {
    const text = buffer.text();
    app.later(async () => {
      findings = await area.check(text);
    });
  };
  const view: View = {
    isTyped: true,
    keys: () => [
      ['Ctrl-S', 'take it'],
      ['Esc', 'leave it'],
      ['Tab', 'indent'],
    ],
    draw({ columns, rows }) {
      const wrap = (text: string) => wrappedText(text, columns - 2);
      const about = wrap(area.about)
        .slice(0, rows < 12 ? 0 : 3)
        .map((line): Line => [piece(` ${line}`, 'dim')]);
      const wrong = findings.flatMap((each) =>
        wrap(findingWords(each)).map(
          (line): Line => [piece(` ${line}`, each.severity === 'error' ? 'red' : 'yellow')],
        ),
      );
      const told = wrong.slice(0, Math.max(1, Math.floor(rows / 3)));
      const room = Math.max(1, rows - 2 - about.length - told.length);
      const gutter = 5;
      const { lines, first, row, column } = buffer.draw(columns - gutter - 1, room);
      const body = lines.map(
        (line, index): Line => [piece(`${String(first + index + 1).padStart(gutter - 1)} `, 'dim'), ...line],
      );
      const filled = Array.from({ length: room }, (_, index) => body[index] ?? []);
      return {
        lines: [[piece(` ${area.title}`, 'bold')], ...about, ...filled, [], ...told],
        cursor: { row: 1 + about.length + row, column: gutter + column },
      };
    },
    async press(key) {
      if (key.name === 'ctrl-s') {
        if (await area.take(buffer.text())) app.close(view);
        return check();
      }
      if (key.name === 'escape') {
        if (buffer.text() === area.text || isWarned) return app.close(view);
        isWarned = true;
        return app.say('Esc again throws away what was typed; Ctrl-S takes it', 'yellow');
      }
      isWarned = false;
      if (buffer.press(key)) check();
    },
    draft: () => (buffer.text() === area.text ? undefined : area.draft?.(buffer.text())),
  };
  app.open(view);
  check();
  return view;
}
