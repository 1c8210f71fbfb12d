/** What changed on disk while a session had the files open, and how that goes together with its edits. */
import type { Finding } from '../model/finding.ts';
import { makeChecker } from './check.ts';
import { type At, readFiles } from './files.ts';
import { mergeFile, replayed, type Step } from './history.ts';
import { change, conflicted, fileAt, recheck, type Work } from './work.ts';

/** What was found on disk. */
export interface Refreshed {
  /** Files that were read anew, by the names that findings give them; the edits in them were made again. */
  readonly merged: readonly string[];
  /** What was changed here and there; the edits stay until {@link Session.resolve} says which one counts. */
  readonly conflicts: readonly Finding[];
}

/** Reads what changed on disk, and merges it with the edits. */
export async function refresh(work: Work): Promise<Refreshed> {
  work.named.length = 0;
  const onDisk = readFiles(work.tree, work.named);
  const merged: string[] = [];
  for (const file of work.files) {
    const { environment: at, conflict, shown } = file;
    const theirs = onDisk.find(({ environment }) => environment === at)?.text;
    if (theirs === file.saved || (conflict !== undefined && theirs === conflict.theirs)) continue;
    merged.push(shown);
    const result = mergeFile(file, theirs, stepsOf(work, at));
    if ('text' in result) rebase(work, at, result.text, theirs, result.steps);
    else if (theirs === undefined && file.text === file.saved)
      work.files = work.files.filter((each) => each !== file);
    else change(work, at, { conflict: result });
  }
  const known = work.files;
  const fresh = onDisk.filter(({ environment }) => !known.some((file) => file.environment === environment));
  work.files = [...known, ...fresh].sort((a, b) => ((a.environment ?? '') < (b.environment ?? '') ? -1 : 1));
  if (merged.length > 0 || fresh.length > 0) await recheckBoth(work);
  const conflicts = conflicted(work).flatMap(({ findings }) => findings);
  return { merged: [...merged, ...fresh.map(({ shown }) => shown)], conflicts };
}

/** Settles a conflict. */
export async function resolve(work: Work, keep: 'ours' | 'theirs', at: At): Promise<void> {
  const file = fileAt(work, at);
  if (file.conflict === undefined) return;
  const { theirs } = file.conflict;
  const isReplayed = keep === 'ours' && theirs !== undefined;
  const again = isReplayed ? replayed(theirs, stepsOf(work, at), file.shown) : undefined;
  const whole: Step = { environment: at, before: theirs ?? '', after: file.text };
  if (keep === 'theirs') rebase(work, at, theirs ?? '', theirs, []);
  else rebase(work, at, again?.text ?? file.text, theirs, again?.steps ?? [whole]);
  await recheckBoth(work);
}

const stepsOf = ({ done }: Work, at: At) => done.filter(({ environment }) => environment === at);

/** Puts a file on what is on disk, with the steps that lead from there to what it says. */
function rebase(work: Work, at: At, text: string, disk: string | undefined, steps: readonly Step[]): void {
  const { conflict: _, ...file } = fileAt(work, at);
  work.files = work.files.map((each) => (each.environment === at ? { ...file, text, saved: disk } : each));
  const left = [...steps];
  const isOfFile = ({ environment }: Step) => environment === at;
  work.done = work.done.flatMap((step) => (isOfFile(step) ? left.splice(0, 1) : [step]));
  work.undone = work.undone.filter((step) => !isOfFile(step));
}

/** Finds again what is wrong, also with what is on disk. */
async function recheckBoth(work: Work): Promise<void> {
  await recheck(work);
  const before = work.files.map(({ conflict: _, ...file }) => ({ ...file, text: file.saved ?? '' }));
  const isSame = before.every(({ text }, index) => text === work.files[index]?.text);
  work.saved = isSame ? work.now : await makeChecker()(before, work.named);
}
