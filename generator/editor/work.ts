/** What a session works on: the files as they stand, the steps that made them so, and what is wrong with them. */

import { type Finding, failure } from '../model/finding.ts';
import type { Json } from '../model/json.ts';
import type { Validated } from '../objects/build.ts';
import type { Tree } from '../tree/disk.ts';
import { type Checked, type Checker, makeChecker, newFindings } from './check.ts';
import type { Edit } from './edits.ts';
import { type At, type EditedFile, readFiles } from './files.ts';
import { type Step, stepOf } from './history.ts';

/** What became of a change. */
export interface Changed {
  /** Whether anything is different now. */
  readonly isDone: boolean;
  /** Why it was not made; empty where it was, or where everything was as asked already. */
  readonly refused: readonly Finding[];
  /** What is wrong since then and was not before: an error of these is what the change did. */
  readonly made: readonly Finding[];
}

/** The files of a session and their history. */
export interface Work {
  readonly tree: Tree;
  readonly check: Checker;
  /** What is wrong with the names of environments. */
  readonly named: Finding[];
  files: readonly EditedFile[];
  done: Step[];
  undone: Step[];
  /** What is known of what is on disk. */
  saved: Checked;
  /** And of what the files say now. */
  now: Checked;
}

/** Reads the files of a tree. */
export async function beginWork(tree: Tree): Promise<Work> {
  const named: Finding[] = [];
  const check = makeChecker();
  const files = readFiles(tree, named);
  const now = await check(files, named);
  return { tree, check, named, files, done: [], undone: [], saved: now, now };
}

/** A file; throws a Failure where there is no such environment. */
export function fileAt({ files }: Work, at: At): EditedFile {
  const file = files.find(({ environment }) => environment === at);
  if (file !== undefined) return file;
  const known = files.flatMap(({ environment }) => environment ?? []).join(', ');
  const hint = known === '' ? 'there is none; make one with "overlay create"' : `known: ${known}`;
  const message = `there is no environment ${JSON.stringify(String(at))}`;
  throw failure('no-environment', message, hint);
}

/** The configuration of a file with all that is below it. */
export function checkedAt(work: Work, at: At): Validated {
  return work.now.of.get(fileAt(work, at).environment) as Validated;
}

/** Puts something else into a file. */
export function change(work: Work, at: At, put: Partial<EditedFile>): void {
  work.files = changed(work.files, at, put);
}

const changed = (files: readonly EditedFile[], at: At, put: Partial<EditedFile>) =>
  files.map((file) => (file.environment === at ? { ...file, ...put } : file));

/** The files that cannot be merged with what is on disk. */
export function conflicted({ files }: Work): { readonly at: At; readonly findings: readonly Finding[] }[] {
  return files.flatMap(({ environment: at, conflict }) =>
    conflict === undefined ? [] : [{ at, findings: conflict.findings }],
  );
}

/** Everything that is wrong, in all files. */
export function findingsOf(work: Work): Finding[] {
  return [...conflicted(work).flatMap(({ findings }) => findings), ...work.now.findings];
}

/** Finds again what is wrong. */
export async function recheck(work: Work): Promise<void> {
  work.now = await work.check(work.files, work.named);
}

/** Takes a step, behind which nothing can be made again. */
export async function take(work: Work, step: Step): Promise<Changed> {
  if (step.before === step.after) return { isDone: false, refused: [], made: [] };
  const before = findingsOf(work);
  change(work, step.environment, { text: step.after });
  work.done.push(step);
  work.undone = [];
  await recheck(work);
  return { isDone: true, refused: [], made: newFindings(before, findingsOf(work)) };
}

/** Sets values, all or none. */
export async function setValues(work: Work, edits: readonly Edit[], at: At): Promise<Changed> {
  const step = planned(work, edits, at);
  return 'after' in step ? take(work, step) : { isDone: false, refused: step, made: [] };
}

/** What {@link setValues} would answer, without a change. */
export async function attempt(work: Work, edits: readonly Edit[], at: At): Promise<Changed> {
  const step = planned(work, edits, at);
  if (!('after' in step)) return { isDone: false, refused: step, made: [] };
  const { findings } = await work.check(changed(work.files, at, { text: step.after }), work.named);
  return { isDone: false, refused: [], made: newFindings(work.now.findings, findings) };
}

function planned(work: Work, edits: readonly Edit[], at: At): Step | readonly Finding[] {
  const { merged, config } = checkedAt(work, at);
  const publicOptions = config?.spec.secrets.publicOptions ?? [];
  return stepOf(edits, fileAt(work, at), {
    merged,
    complete: config as unknown as Json | undefined,
    publicOptions,
  });
}

/** Takes the last step back; gives the file that it was in. */
export function undo(work: Work): Promise<{ at: At } | false> {
  return move(work, work.done, work.undone, 'before');
}

/** Takes a step again that was taken back. */
export function redo(work: Work): Promise<{ at: At } | false> {
  return move(work, work.undone, work.done, 'after');
}

async function move(
  work: Work,
  from: Step[],
  to: Step[],
  side: 'before' | 'after',
): Promise<{ at: At } | false> {
  const step = from.pop();
  if (step === undefined) return false;
  to.push(step);
  change(work, step.environment, { text: step[side] });
  await recheck(work);
  return { at: step.environment };
}

/** Remembers that what the files say is on disk. */
export function keepSaved(work: Work): void {
  work.files = work.files.map((file) => ({ ...file, saved: file.text }));
  work.saved = work.now;
}
