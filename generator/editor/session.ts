/** A resource and its environments while they are edited: see README.md for what a face does with it. */
import type { KeyObject } from 'node:crypto';
import type { SecretSources } from '../config/resolve.ts';
import type { Config } from '../config/schema/resource.ts';
import { Failure, type Finding } from '../model/finding.ts';
import type { Path } from '../model/json.ts';
import type { Validated } from '../objects/build.ts';
import type { Tree } from '../tree/disk.ts';
import type { Edit } from './edits.ts';
import type { At, EditedFile } from './files.ts';
import { type Part, partSwitch, partsOf } from './parts.ts';
import { makePreviewer, type Preview } from './preview.ts';
import { type Refreshed, refresh, resolve } from './refresh.ts';
import { type Saved, type SaveOptions, saveFiles } from './save.ts';
import { putSecret, type SecretPut, secretRows } from './secret.ts';
import { type Section, sectionsOf, type Value, type View, valueAt } from './values.ts';
import {
  attempt,
  beginWork,
  type Changed,
  checkedAt,
  conflicted,
  fileAt,
  findingsOf,
  keepSaved,
  redo,
  setValues,
  take,
  undo,
} from './work.ts';

/** A file that differs from what is on disk. */
export interface Unsaved {
  readonly at: At;
  /** Its path as findings name it. */
  readonly file: string;
  readonly saved: string;
  readonly text: string;
}

/** How a secret value is put away. */
export interface SecretOptions {
  readonly sources: SecretSources;
  /** The key of the sealing controller. @default nothing is sealed, and a note says so */
  readonly sealingKey?: (config: Config) => Promise<KeyObject>;
}

/** An editing session. Nothing is written before {@link save}, but secret values, which nothing here remembers. */
export interface Session {
  readonly tree: Tree;
  /** The names of the environments. */
  readonly environments: () => readonly string[];
  /** All sections with all values. */
  readonly sections: (at?: At) => Section[];
  /** One value, also one that could be there; undefined where the schema has none of this path. */
  readonly value: (path: Path, at?: At) => Value | undefined;
  /** The complete configuration with everything that is known of it. */
  readonly loaded: (at?: At) => Validated;
  /** The optional parts, with what each brings and needs. */
  readonly parts: (at?: At) => Promise<Part[]>;
  /** Sets values, all or none; undefined takes one out of the file. */
  readonly set: (edits: readonly Edit[], at?: At) => Promise<Changed>;
  readonly unset: (paths: readonly Path[], at?: At) => Promise<Changed>;
  /** What {@link set} would answer, without a change: for findings while a value is being typed. */
  readonly attempt: (edits: readonly Edit[], at?: At) => Promise<Changed>;
  /** Switches a part; what it then lacks is among the findings that the change made. */
  readonly toggle: (part: string, on: boolean, at?: At) => Promise<Changed>;
  /** The file as it stands: for an editor of text, and for no log. */
  readonly text: (at?: At) => string;
  /** Puts another text in the place of the file's, such as one that can be read at last. */
  readonly setText: (text: string, at?: At) => Promise<Changed>;
  readonly canUndo: () => boolean;
  readonly canRedo: () => boolean;
  /** Takes the last step back; gives the environment that it was in, or false where there is none. */
  readonly undo: () => Promise<{ readonly at: At } | false>;
  readonly redo: () => Promise<{ readonly at: At } | false>;
  /** Everything that is wrong, in all files. */
  readonly findings: () => readonly Finding[];
  /** The texts of the files, by the names that findings give them: to print lines of them, masked. */
  readonly texts: () => ReadonlyMap<string, string>;
  /** The files that differ from what is on disk. */
  readonly changedFiles: () => readonly string[];
  /**
   * The same with their texts, secrets that stand in them too: for what is kept of a session, and for no log.
   *
   * @param typed a text that is to take the place of a file's
   */
  readonly unsaved: (typed?: { readonly at?: At; readonly text: string }) => readonly Unsaved[];
  readonly preview: () => Preview;
  /** Looks at the disk: files that changed are merged with the edits. */
  readonly refresh: () => Promise<Refreshed>;
  /** The places where what is on disk does not go with the edits. */
  readonly conflicted: () => readonly { readonly at: At; readonly findings: readonly Finding[] }[];
  /** Settles a conflict: our edits over what is on disk, or what is on disk without them. */
  readonly resolve: (keep: 'ours' | 'theirs', at?: At) => Promise<void>;
  readonly save: (options?: SaveOptions) => Promise<Saved>;
  /** Puts a secret value where the provider of an environment wants it, at once; never into a file that git sees. */
  readonly putSecret: (
    path: Path,
    value: string,
    environment: string,
    options: SecretOptions,
  ) => Promise<SecretPut>;
}

/**
 * Opens the resource of a tree with all its environments.
 *
 * @param env the variables that secrets may come from; only whether they are there is told
 * @throws Failure where there is no resource, or a file is no text; one that is no YAML opens, with findings
 */
export async function openSession(tree: Tree, env: SecretSources['env'] = process.env): Promise<Session> {
  const work = await beginWork(tree);
  const preview = makePreviewer(tree);
  const secretFiles: { [environment: string]: string[] } = {};
  const view = (at: At): View => {
    const loaded = checkedAt(work, at);
    const all = at === undefined && work.files.length > 1 ? loaded.findings : findingsOf(work);
    const own = all.filter(
      ({ environments }) => environments === undefined || environments.includes(at ?? ''),
    );
    return { loaded, findings: own, secrets: secretRows(tree, at, loaded, env) };
  };
  const set = (edits: readonly Edit[], at: At) => setValues(work, edits, at);
  const unsaved = (typed?: { readonly at?: At; readonly text: string }) => unsavedOf(work.files, typed);
  return {
    tree,
    environments: () => work.files.flatMap(({ environment }) => environment ?? []),
    sections: (at) => sectionsOf(view(at)),
    value: (path, at) => valueAt(view(at), path),
    loaded: (at) => checkedAt(work, at),
    parts: (at) => partsOf(checkedAt(work, at)),
    set,
    attempt: (edits, at) => attempt(work, edits, at),
    unset: (paths, at) =>
      set(
        paths.map((path) => ({ path, value: undefined })),
        at,
      ),
    toggle: (part, on, at) => set([{ path: partSwitch(part), value: on }], at),
    text: (at) => fileAt(work, at).text,
    setText: (text, at) => take(work, { environment: at, before: fileAt(work, at).text, after: text }),
    canUndo: () => work.done.length > 0,
    canRedo: () => work.undone.length > 0,
    undo: () => undo(work),
    redo: () => redo(work),
    findings: () => findingsOf(work),
    texts: () => new Map(work.files.map(({ shown, text }) => [shown, text])),
    changedFiles: () => unsaved().map(({ file }) => file),
    unsaved,
    preview: () => preview(work.files, work.saved, work.now),
    refresh: () => refresh(work),
    conflicted: () => conflicted(work),
    resolve: (keep, at) => resolve(work, keep, at),
    async save(options = {}) {
      await refresh(work);
      const known = { before: work.saved.findings, now: findingsOf(work), secretFiles };
      const result = await saveFiles(tree, work.files, { ...options, ...known });
      if (result.isSaved) keepSaved(work);
      return result;
    },
    async putSecret(path, value, environment, options) {
      const { config } = checkedAt(work, environment);
      if (config === undefined)
        throw new Failure(work.now.findings.filter((each) => each.severity === 'error'));
      const file = fileAt(work, environment);
      const isEdited = file.text !== file.saved;
      const put = await putSecret(tree, environment, config, path, value, { ...options, isEdited });
      if (put.file !== undefined) secretFiles[environment] = [...(secretFiles[environment] ?? []), put.file];
      if (put.fromEnv !== undefined) await set([{ path, value: { fromEnv: put.fromEnv } }], environment);
      await refresh(work);
      return put;
    },
  };
}

function unsavedOf(
  files: readonly EditedFile[],
  typed: { readonly at?: At; readonly text: string } | undefined,
): Unsaved[] {
  return files.flatMap(({ environment: at, shown: file, saved, text: now }) => {
    const text = typed !== undefined && typed.at === at ? typed.text : now;
    return text === saved ? [] : [{ at, file, saved: saved ?? '', text }];
  });
}
