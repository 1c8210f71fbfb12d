/**
 * What an editing session has not saved yet, in a file of the user's, so that nothing is lost when the session ends by
 * itself. No secret is in it: lines that hold one are hidden, and a change that makes such a line is not kept.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { applyPatch, type StructuredPatchHunk, structuredPatch } from 'diff';
import { shownLines } from '../config/mask-yaml.ts';
import { type Finding, finding } from '../model/finding.ts';
import { fingerprint } from '../model/fingerprint.ts';
import { isObject, type Json, type Path } from '../model/json.ts';
import { isRunning, writeFiles } from '../model/write-file.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import type { Tree } from '../tree/disk.ts';
import { nodesOn } from './edits.ts';
import type { At } from './files.ts';
import type { Session } from './session.ts';

/** A value that was being typed; the whole file where it has no path. */
export interface Draft {
  readonly at?: string;
  readonly path: Path;
  readonly text: string;
}

/** What is kept of a session. */
export interface Kept {
  readonly files: readonly {
    readonly environment?: string;
    readonly file: string;
    /** Hunks of a unified diff, in whose lines secrets are hidden. */
    readonly hunks: readonly StructuredPatchHunk[];
  }[];
  /** Files whose changes hold a secret, and are not kept. */
  readonly lost: readonly string[];
  readonly draft?: Draft;
}

/** What a session left that runs no more. */
export interface Left extends Kept {
  /** When it was written, in milliseconds. */
  readonly when: number;
  /** Removes it. */
  forget(): void;
}

/** Where the sessions of a tree keep what is not saved. */
export interface Recovery {
  /** The newest that another session left. */
  left(): Left | undefined;
  /** Keeps what a session has not saved, or removes the file where that is nothing. */
  keep(session: Session, draft?: Draft): void;
  /** Removes what this session keeps. */
  forget(): void;
}

/** Keeps nothing: for a user without a home. */
export const noRecovery: Recovery = { left: () => undefined, keep: () => {}, forget: () => {} };

/** Opens a folder of the user's for what sessions of a tree leave; each process has a file of its own. */
export function openRecovery(folder: string, tree: Tree): Recovery {
  const prefix = `${fingerprint(tree.root)}.`;
  const own = path.join(folder, `${prefix}${process.pid}.json`);
  let last: string | undefined;
  return {
    left: () => newest(folder, prefix),
    keep(session, draft) {
      const kept = keptOf(session, draft);
      const isEmpty = kept.files.length === 0 && kept.lost.length === 0 && kept.draft === undefined;
      const text = isEmpty ? undefined : `${JSON.stringify(kept, null, 2)}\n`;
      if (text === last) return;
      if (text === undefined) rmSync(own, { force: true });
      else {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFiles([{ file: own, text, mode: 0o600 }]);
      }
      last = text;
    },
    forget: () => rmSync(own, { force: true }),
  };
}

/** The newest file that no process of this machine holds any more. */
function newest(folder: string, prefix: string): Left | undefined {
  const found = listed(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith('.json') && !isHeld(name.slice(prefix.length)))
    .map((name) => path.join(folder, name))
    .flatMap((file) => {
      const kept = readKept(file);
      return kept === undefined
        ? []
        : [{ ...kept, when: statSync(file).mtimeMs, forget: () => rmSync(file, { force: true }) }];
    });
  return found.sort((a, b) => b.when - a.when)[0];
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isHeld(name: string): boolean {
  return isRunning(Number.parseInt(name, 10));
}

function readKept(file: string): Kept | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isObject(value) && Array.isArray(value.files) && Array.isArray(value.lost)
      ? (value as unknown as Kept)
      : undefined;
  } catch {
    return undefined;
  }
}

function keptOf(session: Session, draft: Draft | undefined): Kept {
  const files: Kept['files'][number][] = [];
  const lost: string[] = [];
  const whole = draft?.path.length === 0 ? draft : undefined;
  for (const { at, file, saved, text } of session.unsaved(whole)) {
    const hunks = hiddenHunks(file, saved, text);
    if (hunks === undefined) lost.push(file);
    else files.push({ ...(at === undefined ? {} : { environment: at }), file, hunks });
  }
  const isKept = draft !== undefined && whole === undefined && !isSecret(draft);
  return { files, lost, ...(isKept ? { draft } : {}) };
}

/** What differs, with its secrets hidden; undefined where a new line holds one. */
function hiddenHunks(file: string, saved: string, text: string): StructuredPatchHunk[] | undefined {
  const before = shownLines(saved, file);
  const after = shownLines(text, file);
  const { hunks } = structuredPatch(file, file, saved, text, undefined, undefined, { context: 3 });
  let isSafe = true;
  const shown = hunks.map((hunk) => {
    let [a, b] = [Math.max(hunk.oldStart, 1) - 1, Math.max(hunk.newStart, 1) - 1];
    const lines = hunk.lines.map((line) => {
      const mark = line[0] ?? ' ';
      if (mark === '\\') return line;
      if (mark === '+') {
        isSafe &&= after[b] === line.slice(1);
        b += 1;
        return line;
      }
      if (mark === ' ') b += 1;
      return `${mark}${before[a++]}`;
    });
    return { ...hunk, lines };
  });
  return isSafe ? shown : undefined;
}

/** Whether a text holds a secret where it was to go; one that cannot be read is taken for one rather than not. */
function isSecret({ path: at, text }: Draft): boolean {
  const isText = [nodesOn(at)?.at(-1)?.type].flat().includes('string');
  const written = nested(at, isText ? [` ${JSON.stringify(text)}`] : ['', ...text.split('\n')]);
  return shownLines(written, '').join('\n') !== written;
}

/** Lines of YAML below the keys of a path. */
function nested(at: Path, [first = '', ...lines]: readonly string[]): string {
  const keys = at.map((part, depth) => {
    const indent = '  '.repeat(depth);
    return typeof part === 'number' ? `${indent}-` : `${indent}${writeYaml(part as Json).trimEnd()}:`;
  });
  const indent = '  '.repeat(at.length);
  return [`${keys.join('\n')}${first}`, ...lines.map((line) => `${indent}${line}`)].join('\n');
}

/** Makes the changes that were kept again, each file in one step; gives what does not fit what is there now. */
export async function restore(session: Session, { files }: Kept): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { environment, file, hunks } of files) {
    const at: At = environment;
    const isThere = at === undefined || session.environments().includes(at);
    const text = isThere ? session.text(at) : '';
    const shown = shownLines(text, file);
    const again = isThere
      ? applyPatch(
          text,
          { hunks: [...hunks], oldFileName: file, newFileName: file, oldHeader: '', newHeader: '' },
          { compareLine: (number, _line, _operation, content) => shown[number - 1] === content },
        )
      : false;
    if (again === false) findings.push(stale(file));
    else await session.setText(again, at);
  }
  return findings;
}

function stale(file: string): Finding {
  return finding(
    'recovery-stale',
    `${file} was changed since, where the changes were that were kept`,
    'make them again by hand',
    'warning',
  );
}
