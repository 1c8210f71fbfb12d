/** Writes what a session changed, and the tree that follows from it. */
import { Failure, type Finding, hasErrors } from '../model/finding.ts';
import type { Tree } from '../tree/disk.ts';
import { EditedFiles, type GenerateOptions, generateTree, hasTree, writeLayers } from '../tree/generate.ts';
import { newFindings } from './check.ts';
import type { EditedFile } from './files.ts';

/** How a session is saved. */
export interface SaveOptions {
  /** Whether the tree is written too, where there is one. @default true */
  readonly tree?: boolean;
  /** Save values that make errors. @default false */
  readonly force?: boolean;
  /** Only say what would be written. @default false */
  readonly check?: boolean;
}

/** What was saved. */
export interface Saved {
  readonly isSaved: boolean;
  /** What was written, or would be. */
  readonly changes: readonly { readonly path: string; readonly what: 'create' | 'change' | 'delete' }[];
  /** Why nothing was written, or why the tree was not written with the files. */
  readonly findings: readonly Finding[];
  /** What was edited by hand in the tree, as a unified diff, where that is in the way. */
  readonly diff?: string;
}

interface Edited {
  /** Files of secret values that kustomizations are to read, by environment. */
  readonly secretFiles: NonNullable<GenerateOptions['secretFiles']>;
  /** Those that were there before the session. */
  readonly before: readonly Finding[];
  readonly now: readonly Finding[];
}

/** Writes files that differ, all or none, each either old or new at every moment. */
export async function saveFiles(
  tree: Tree,
  files: readonly EditedFile[],
  { tree: withTree = true, force = false, check = false, before, now, secretFiles }: SaveOptions & Edited,
): Promise<Saved> {
  const refusal = (findings: readonly Finding[]): Saved => ({ isSaved: false, changes: [], findings });
  const conflicts = files.flatMap(({ conflict }) => conflict?.findings ?? []);
  if (conflicts.length > 0) return refusal(conflicts);
  const made = newFindings(before, now).filter(({ severity }) => severity === 'error');
  if (made.length > 0 && !force) return refusal(made);
  const changed = files.filter(({ text, saved }) => text !== saved);
  const layers = new Map(changed.map(({ file, text }) => [file, text]));
  const own = changed.map(
    ({ file, saved }) => ({ path: file, what: saved === undefined ? 'create' : 'change' }) as const,
  );
  const filesAlone = (findings: readonly Finding[]): Saved => {
    if (!check) writeLayers(tree, layers);
    return { isSaved: !check, changes: own, findings };
  };
  if (changed.length === 0) return { isSaved: !check, changes: [], findings: [] };
  if (!withTree || !hasTree(tree)) return filesAlone([]);
  try {
    const { changes, findings } = await generateTree(tree, { layers, check, secretFiles });
    return { isSaved: !check, changes: [...own, ...changes], findings: findings.filter(isOfTree(now)) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // What has errors makes no tree, and was asked for all the same.
    if (!(error instanceof EditedFiles) && hasErrors(now)) return filesAlone(error.findings);
    const diff = error instanceof EditedFiles ? { diff: error.diff } : {};
    return { ...refusal(error.findings), ...diff };
  }
}

/** Whether a finding is about the tree, rather than one that the session tells anyway. */
function isOfTree(now: readonly Finding[]): (finding: Finding) => boolean {
  const known = new Set(now.map(({ code, message }) => `${code} ${message}`));
  return ({ code, message }) => !known.has(`${code} ${message}`);
}
