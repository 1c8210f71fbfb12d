/** What a view of the terminal is, and what it may ask of the application that shows it. */

import type { At } from '../editor/files.ts';
import type { Draft } from '../editor/recovery.ts';
import type { SecretOptions, Session } from '../editor/session.ts';
import type { Section, Value } from '../editor/values.ts';
import type { Changed } from '../editor/work.ts';
import { type Finding, faultText } from '../model/finding.ts';
import type { Path } from '../model/json.ts';
import type { Line, Look } from './cells.ts';
import type { Key } from './keys.ts';
import type { Cursor, Size } from './screen.ts';

/** What a view shows: lines, and the cursor among them where something is typed. */
export interface Drawn {
  readonly lines: readonly Line[];
  readonly cursor?: Cursor;
}

/** Something that fills the screen between its title and its last lines. */
export interface View {
  /** The keys that it takes, in words: those that matter most first. */
  keys(): readonly (readonly [key: string, does: string])[];
  /** Whether a text is typed in it. */
  readonly isTyped?: true;
  draw(size: Size): Drawn;
  press(key: Key): void | Promise<void>;
  /** What was typed and not taken yet; never a secret that is asked for. */
  draft?(): Draft | undefined;
}

/** What views share. */
export interface App {
  readonly session: Session;
  readonly secrets: SecretOptions;
  /** The place that is shown. */
  readonly at: At;
  /** The sections of the place that is shown. */
  sections(): readonly Section[];
  /** Opens a view over the present one. */
  open(view: View): void;
  /** Closes a view and all over it. */
  close(view: View): void;
  /** Says something below the view, until the next key. */
  say(text: string, look?: Look): void;
  /** Says it before something that takes a while. */
  sayNow(text: string): void;
  /** Says what came of a change; true where it was made. */
  tell(changed: Changed, done: string): boolean;
  /** Shows another place. */
  show(at: At): void;
  /** Shows a value, in the place that is shown. */
  goTo(path: Path): void;
  /** Opens the text of a file, at a line of it. */
  openText(line?: number): void;
  /** Opens the widget of a value, with a text that was typed before where there is one. */
  edit(value: Value, typed?: string): void | Promise<void>;
  /** Does something when no key is waiting any more. */
  later(work: () => Promise<void>): void;
  save(force?: boolean): Promise<boolean>;
  /** Asks whether to save what was changed, and leaves. */
  leave(): void;
  /** Leaves at once; what is not saved is kept unless it was thrown away. */
  end(isThrownAway?: boolean): void;
  suspend(): void;
}

/** A finding on one line, without its place. */
export function findingWords(finding: Finding): string {
  return `${finding.severity} ${finding.code}: ${faultText(finding)}`;
}

/** `2 errors`, `1 warning`: none of what there is none of. */
export function countWords(findings: readonly Finding[]): string[] {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const number = (count: number, word: string) =>
    count === 0 ? [] : [`${count} ${word}${count === 1 ? '' : 's'}`];
  return [...number(errors, 'error'), ...number(findings.length - errors, 'warning')];
}

/** A place as people call it. */
export function placeWords(at: At): string {
  return at ?? 'what all share';
}
