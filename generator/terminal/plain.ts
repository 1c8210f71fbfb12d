/** The linear way: a question after another, in plain lines, for screen readers and simple terminals. */
import type { ReadStream, WriteStream } from 'node:tty';
import type { At } from '../editor/files.ts';
import type { Recovery } from '../editor/recovery.ts';
import { restore } from '../editor/recovery.ts';
import type { SecretOptions, Session } from '../editor/session.ts';
import type { Section, Value } from '../editor/values.ts';
import { Failure, type Finding, formatFinding, hasErrors } from '../model/finding.ts';
import { openAsker } from './asker.ts';
import { found } from './browse.ts';
import { sectionTitle, valueWords } from './browse-lines.ts';
import { escaped } from './cells.ts';
import { askValue, type Talk } from './plain-values.ts';
import { shortName } from './value-text.ts';
import { countWords, placeWords } from './view.ts';

/** What is edited by questions. */
export interface PlainOptions {
  readonly session: Session;
  readonly secrets: SecretOptions;
  readonly recovery: Recovery;
  readonly at: At;
  readonly input: ReadStream;
  readonly output: WriteStream;
  onInterrupt(callback: () => void): () => void;
}

const commands: readonly (readonly [word: string, does: string])[] = [
  ['sections', 'lists the sections; the number or name of one lists its values'],
  ['NUMBER or NAME', 'of a value: says what it is, and asks for a new one'],
  ['/WORDS', 'searches in names, titles, texts and values'],
  ['default NAME', 'takes a value out, so that its default counts, or what all share'],
  ['environment [NAME]', 'edits another environment, or what all share'],
  ['findings', 'says what is wrong'],
  ['parts', 'says what the parts bring and need; "part NAME on" or "part NAME off" switches one'],
  ['preview', 'says what saving changes'],
  ['undo, redo', 'takes the last change back; does it again'],
  ['save', 'saves the files, and the tree where there is one; "save force" with errors too'],
  ['quit', 'leaves'],
];

/** Asks until the user leaves, or there are no more answers; gives the files whose changes are kept. */
export async function runPlain(options: PlainOptions): Promise<readonly string[]> {
  const { session, recovery, at, input, output, onInterrupt } = options;
  const asker = openAsker(input, output, () => asker.close());
  const stopListening = onInterrupt(() => asker.close());
  const say = (text: string) => asker.say(text.split('\n').map(escaped).join('\n'));
  const talk: Talk = {
    ...options,
    asker,
    at,
    listed: [],
    isLeft: false,
    isThrownAway: false,
    say,
    tell({ refused, made }, done) {
      for (const each of [...refused, ...made]) say(formatFinding(each));
      if (refused.length === 0) say(done);
    },
  };
  try {
    say(`${placeWords(at)}: ${summary(session)}. An empty answer changes nothing; ? lists what can be said.`);
    await takeUp(talk, recovery);
    while (!talk.isLeft) {
      const input = await asker.ask(`${placeWords(talk.at)}> `);
      if (input === undefined) break;
      await answer(talk, input.trim());
      await lookAtDisk(talk);
      recovery.keep(session);
    }
    return talk.isThrownAway ? [] : session.changedFiles();
  } finally {
    stopListening();
    asker.close();
    if (talk.isThrownAway) recovery.forget();
    else recovery.keep(session);
  }
}

function summary(session: Session): string {
  const changed = session.changedFiles().length > 0 ? 'not saved' : 'saved';
  return [...countWords(session.findings()), changed].join(', ');
}

async function takeUp({ asker, session, say }: Talk, recovery: Recovery): Promise<void> {
  const left = recovery.left();
  if (left === undefined) return;
  say('An earlier session ended without saving.');
  for (const { file } of left.files) say(`changed: ${file}`);
  for (const file of left.lost) say(`not kept, since a secret is in it: ${file}`);
  const choice = (await asker.ask('Take its changes up again? yes, later, or never: '))?.trim();
  if (choice === 'never') left.forget();
  if (choice !== 'yes' && choice !== 'y') return;
  const findings = await restore(session, left);
  for (const each of findings) say(formatFinding(each));
  if (findings.length === 0) left.forget();
  say('Its changes are here again, and are not saved yet.');
}

/** Does what was said. */
async function answer(talk: Talk, input: string): Promise<void> {
  const { session } = talk;
  const [command = '', ...rest] = input.split(/\s+/);
  const name = rest.join(' ');
  const actions: { readonly [word: string]: () => unknown } = {
    '': () => {},
    '?': () => sayCommands(talk),
    help: () => sayCommands(talk),
    sections: () => list(talk, session.sections(talk.at)),
    environment: () => choosePlace(talk, name),
    findings: () => sayFindings(talk, session.findings()),
    parts: () => sayParts(talk),
    part: () => switchPart(talk, rest),
    preview: () => sayPreview(talk),
    undo: () => move(talk, 'undo'),
    redo: () => move(talk, 'redo'),
    default: () => takeOut(talk, name),
    save: () => save(talk, name === 'force'),
    quit: () => quit(talk),
    q: () => quit(talk),
  };
  try {
    if (input.startsWith('/')) return search(talk, input.slice(1));
    const action = Object.hasOwn(actions, command) ? actions[command] : undefined;
    await (action === undefined ? openNamed(talk, input) : action());
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    sayFindings(talk, error.findings);
  }
}

function sayCommands({ say }: Talk): void {
  for (const [word, does] of commands) say(`${word}: ${does}`);
}

function list(talk: Talk, listed: readonly (Section | Value)[]): void {
  talk.listed = listed;
  if (listed.length === 0) talk.say('There is none.');
  for (const [index, each] of listed.entries()) {
    const count = countWords(each.findings).join(', ');
    const what = 'values' in each ? sectionTitle(each) : `${shortName(each.path)}: ${valueWords(each)}`;
    const off = 'values' in each && each.on === false ? ', off' : '';
    talk.say(`${index + 1}. ${what}${off}${count === '' ? '' : `, ${count}`}`);
  }
}

/** Opens what a number of the last list or a name means. */
async function openNamed(talk: Talk, wanted: string): Promise<void> {
  const { session, at } = talk;
  const sections = session.sections(at);
  const isNamed = (section: Section) =>
    [sectionTitle(section), shortName(section.path)].some(
      (name) => name.toLowerCase() === wanted.toLowerCase(),
    );
  const listed = /^\d+$/.test(wanted) ? talk.listed[Number(wanted) - 1] : undefined;
  const section = sections.find((each) => each === listed || isNamed(each));
  if (listed !== undefined && 'values' in listed) return list(talk, listed.values);
  if (listed === undefined && section !== undefined) return list(talk, section.values);
  const value = listed ?? named(talk, wanted);
  if (value !== undefined) await askValue(talk, value as Value);
}

/** The value of a name; says so where there is none. */
function named(talk: Talk, wanted: string): Value | undefined {
  const { session, at, say } = talk;
  const listed = /^\d+$/.test(wanted) ? talk.listed[Number(wanted) - 1] : undefined;
  if (listed !== undefined && !('values' in listed)) return listed;
  const values = session.sections(at).flatMap((section) => section.values);
  const found = values.find(({ name, path }) => name === wanted || shortName(path) === wanted);
  if (found === undefined)
    say(`There is no ${wanted}. /${wanted} searches for it, and ? lists what can be said.`);
  return found;
}

function search(talk: Talk, query: string): void {
  const values = talk.session.sections(talk.at).flatMap((section) => section.values);
  list(talk, found(values, query));
}

async function choosePlace(talk: Talk, given: string): Promise<void> {
  const { session, asker, say } = talk;
  const places = [undefined, ...session.environments()];
  for (const [index, each] of places.entries()) say(`${index + 1}. ${placeWords(each)}`);
  const answered = given === '' ? ((await asker.ask('Which one? ')) ?? '').trim() : given;
  const index = places.findIndex((each, at) => answered === String(at + 1) || answered === each);
  if (index === -1) return say(answered === '' ? 'It stays.' : `There is no environment ${answered}.`);
  talk.at = places[index];
  talk.listed = [];
  say(`${placeWords(talk.at)}: ${summary(session)}.`);
}

function sayFindings({ say }: Talk, findings: readonly Finding[]): void {
  if (findings.length === 0) say('Nothing is wrong.');
  for (const each of findings) say(formatFinding(each));
}

async function sayParts({ session, at, say }: Talk): Promise<void> {
  for (const { name, title, on, brings, needs } of await session.parts(at)) {
    const what = brings.length === 0 ? '' : `, brings ${brings.join(', ')}`;
    const lacks = needs.map(({ path, message }) => `, needs ${shortName(path)}: ${message}`).join('');
    say(`${name}: ${title}, ${on ? 'on' : 'off'}${what}${lacks}`);
  }
}

async function switchPart(talk: Talk, [name = '', state]: readonly string[]): Promise<void> {
  const { session, at, say } = talk;
  const part = (await session.parts(at)).find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (part === undefined || (state !== 'on' && state !== 'off'))
    return say('Say "part NAME on" or "part NAME off"; "parts" lists them.');
  talk.tell(await session.toggle(part.name, state === 'on', at), `${part.title} is ${state}.`);
}

function sayPreview({ session, say }: Talk): void {
  const { files, deployments } = session.preview();
  if (files.length === 0) say('Nothing is changed.');
  for (const { diff } of files) say(diff.trimEnd());
  for (const { environment, objects, isBroken } of deployments) {
    say(environment === undefined ? 'Objects:' : `Objects of ${environment}:`);
    if (isBroken) say('none are made, since there are errors');
    for (const { object, what, fields } of objects)
      say(
        `${what} ${object}${fields.length === 0 ? '' : `: ${fields.map(({ path }) => shortName(path)).join(', ')}`}`,
      );
  }
}

async function move(talk: Talk, way: 'undo' | 'redo'): Promise<void> {
  const moved = await talk.session[way]();
  if (moved === false) return talk.say(`There is nothing to ${way}.`);
  talk.at = moved.at;
  talk.say(`${way === 'undo' ? 'Taken back' : 'Done again'}, in ${placeWords(moved.at)}.`);
}

async function takeOut(talk: Talk, wanted: string): Promise<void> {
  const value = named(talk, wanted);
  if (value === undefined) return;
  talk.tell(
    await talk.session.unset([value.path], talk.at),
    `${shortName(value.path)} is as the default says.`,
  );
}

async function save(talk: Talk, force: boolean): Promise<boolean> {
  const { isSaved, changes, findings } = await talk.session.save({ force });
  for (const each of findings) talk.say(formatFinding(each));
  if (isSaved) talk.say(`Saved: ${changes.length} files written.`);
  else
    talk.say(
      hasErrors(findings) ? 'Nothing was saved. "save force" saves errors too.' : 'Nothing was saved.',
    );
  return isSaved;
}

async function quit(talk: Talk): Promise<void> {
  const { session, asker, say } = talk;
  const files = session.changedFiles();
  if (files.length === 0) {
    talk.isLeft = true;
    return;
  }
  say(`Not saved: ${files.join(', ')}`);
  const choice = (
    await asker.ask('Save them, keep them for the next time, throw them away, or stay? ')
  )?.trim();
  if (choice === 'save') talk.isLeft = await save(talk, false);
  else if (choice === 'keep' || choice === undefined) talk.isLeft = true;
  else if (choice === 'throw away' || choice === 'throw') {
    talk.isLeft = true;
    talk.isThrownAway = true;
  }
}

/** Says what was changed on disk, and asks where that does not go with what is here. */
async function lookAtDisk({ session, asker, say }: Talk): Promise<void> {
  const { merged } = await session.refresh();
  for (const file of merged) say(`${file} changed on disk and was read again.`);
  for (const { at, findings } of session.conflicted()) {
    for (const each of findings) say([formatFinding(each), ...(each.details ?? [])].join('\n'));
    const choice = (await asker.ask('Which one counts: "here", "disk", or later? '))?.trim();
    if (choice === 'here' || choice === 'disk')
      await session.resolve(choice === 'here' ? 'ours' : 'theirs', at);
  }
}
