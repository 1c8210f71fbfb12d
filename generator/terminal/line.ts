/** A text of one line that is typed. */
import type { Draft } from '../editor/recovery.ts';
import type { Finding } from '../model/finding.ts';
import { makeBuffer } from './buffer.ts';
import { type Line, piece, wrappedText } from './cells.ts';
import { type App, findingWords, type View } from './view.ts';

/** What is asked for, and what becomes of it. */
export interface LineInput {
  readonly title: string;
  readonly about: readonly string[];
  readonly text: string;
  /** A secret: what is typed is not shown, and is kept nowhere. */
  readonly isHidden?: boolean;
  /** What is wrong with a text. */
  check?(text: string): Promise<readonly Finding[]>;
  /** Takes it; false where it cannot be taken, so that it stays open. */
  take(text: string): Promise<boolean>;
  /** What the arrows up and down make of it. */
  step?(text: string, by: 1 | -1): string;
  /** Goes on in a text of several lines. */
  more?(text: string): void;
  /** How what was typed is kept, where the session ends by itself. */
  draft?(text: string): Draft;
}

/** Opens a line to be typed; Enter takes it, Escape leaves everything as it was. */
export function openLine(app: App, input: LineInput): View {
  let buffer = makeBuffer(input.text, { isLine: true, isHidden: input.isHidden === true });
  let findings: readonly Finding[] = [];
  const check = () => {
    const text = buffer.text();
    if (input.check !== undefined && text !== input.text)
      app.later(async () => {
        findings = (await input.check?.(text)) ?? [];
      });
    else findings = [];
  };
  const view: View = {
    isTyped: true,
    keys: () => [
      ['Enter', 'take it'],
      ['Esc', 'leave it'],
      ...(input.step === undefined ? [] : [['↑ ↓', 'one more, one less'] as const]),
      ...(input.more === undefined ? [] : [['Ctrl-O', 'several lines'] as const]),
    ],
    draw({ columns, rows }) {
      const wrap = (text: string) => wrappedText(text, columns - 2);
      const about = input.about.flatMap(wrap).slice(0, Math.max(0, rows - 5));
      const { lines, column } = buffer.draw(columns - 4, 1);
      const wrong = findings.flatMap((each) =>
        wrap(findingWords(each)).map(
          (line): Line => [piece(` ${line}`, each.severity === 'error' ? 'red' : 'yellow')],
        ),
      );
      return {
        lines: [
          [piece(` ${input.title}`, 'bold')],
          [],
          [piece(' › ', 'cyan'), ...(lines[0] ?? [])],
          [],
          ...wrong.slice(0, Math.max(2, rows - 4 - about.length)),
          ...about.map((line): Line => [piece(` ${line}`, 'dim')]),
        ],
        cursor: { row: 2, column: 3 + column },
      };
    },
    async press(key) {
      const by = ({ up: 1, down: -1 } as const)[key.name];
      if (key.name === 'escape') app.close(view);
      else if (key.name === 'enter') {
        if (await input.take(buffer.text())) app.close(view);
      } else if (key.name === 'ctrl-o' && input.more !== undefined) {
        app.close(view);
        input.more(buffer.text());
      } else if (by !== undefined && input.step !== undefined) {
        buffer = makeBuffer(input.step(buffer.text(), by), { isLine: true });
        check();
      } else if (buffer.press(key)) check();
    },
    draft: () =>
      input.isHidden === true || buffer.text() === input.text ? undefined : input.draft?.(buffer.text()),
  };
  app.open(view);
  return view;
}
