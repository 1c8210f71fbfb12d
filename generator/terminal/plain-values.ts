/** The questions for one value. */
import { parseValue } from '../config/assignment.ts';
import { nodesOn } from '../editor/edits.ts';
import type { At } from '../editor/files.ts';
import type { SecretOptions, Session } from '../editor/session.ts';
import type { Section, Value } from '../editor/values.ts';
import type { Changed } from '../editor/work.ts';
import { hasErrors } from '../model/finding.ts';
import { isObject, type Json } from '../model/json.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import type { Asker } from './asker.ts';
import { valueWords } from './browse-lines.ts';
import { aboutValue, inWords, isMasked, shortName } from './value-text.ts';

/** What the questions share. */
export interface Talk {
  readonly session: Session;
  readonly secrets: SecretOptions;
  readonly asker: Asker;
  at: At;
  /** What the last list has, by its numbers. */
  listed: readonly (Section | Value)[];
  isLeft: boolean;
  isThrownAway: boolean;
  say(text: string): void;
  /** Says what came of a change. */
  tell(changed: Changed, done: string): void;
}

/** Says what a value is, and asks for a new one. */
export async function askValue(talk: Talk, value: Value): Promise<void> {
  const { say, asker, session, at } = talk;
  const { path, title, widget, origin, findings } = value;
  say(`${title ?? ''}, ${shortName(path)}: now ${valueWords(value)}, ${origin}.`);
  for (const line of aboutValue(value)) say(line);
  for (const { severity, message } of findings) say(`${severity}: ${message}`);
  if (widget === 'secret') return askSecret(talk, value);
  if (widget === 'constant' || widget === 'hidden') return say('This cannot be set here.');
  if (isMasked(value)) return say('A part of it is secret, so it is edited in the file.');
  const text = await askText(talk, value);
  if (text === undefined || text.trim() === '') return say('It stays.');
  const asked = parseValue(shortName(path), path, nodesOn(path)?.at(-1), text);
  const edits = [{ path, value: asked }];
  const { refused, made } = await session.attempt(edits, at);
  if (refused.length === 0 && hasErrors(made)) {
    for (const { message } of made) say(`error: ${message}`);
    const sure = (await asker.ask('Set it all the same? yes or no: '))?.trim();
    if (sure !== 'yes' && sure !== 'y') return say('It stays.');
  }
  talk.tell(
    await session.set(edits, at),
    `${shortName(path)} is set; "save" saves it, "undo" takes it back.`,
  );
}

async function askText(talk: Talk, { widget, choices = [], value }: Value): Promise<string | undefined> {
  const { asker, say } = talk;
  if (widget === 'switch') {
    const answer = (await asker.ask('on or off: '))?.trim();
    return answer === 'on' ? 'true' : answer === 'off' ? 'false' : answer;
  }
  if (widget === 'choice') {
    for (const [index, choice] of choices.entries()) say(`${index + 1}. ${inWords(choice)}`);
    const answer = (await asker.ask('Number or value: '))?.trim() ?? '';
    const chosen = choices[Number(answer) - 1];
    return chosen === undefined ? answer : inWords(chosen);
  }
  if (widget !== 'list' && widget !== 'map' && widget !== 'free') return asker.ask('New value: ');
  if (!isEmpty(value)) say(writeYaml(value as Json).trimEnd());
  say('YAML of all of it, in lines; a line with a dot ends it.');
  return askLines(talk);
}

async function askLines({ asker }: Talk): Promise<string | undefined> {
  const lines: string[] = [];
  for (;;) {
    const line = await asker.ask(`${lines.length + 1}: `);
    if (line === undefined) return undefined;
    if (line === '.') return lines.join('\n');
    lines.push(line);
  }
}

function isEmpty(value: Json | undefined): boolean {
  return (
    value === undefined || ((Array.isArray(value) || isObject(value)) && Object.keys(value).length === 0)
  );
}

async function askSecret(talk: Talk, { path }: Value): Promise<void> {
  const { say, asker, session, secrets, at } = talk;
  if (at === undefined) return say('Each environment has its own value: say "environment" first.');
  const text = await asker.askHidden('New value, which is not shown: ');
  if (text === undefined || text === '') return say('It stays.');
  const { key, notes, findings } = await session.putSecret(path, text, at, secrets);
  say([`${key} is written`, ...notes, ...findings.map(({ message }) => message)].join('\n'));
}
