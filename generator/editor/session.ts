/** A resource and its environments while they are edited: see README.md for what a face does with it. */
import type { KeyObject } from 'node:crypto';
import type { SecretSources } from '../config/resolve.ts';
import type { Config } from '../config/schema/resource.ts';
import { Failure, type Finding } from '../model/finding.ts';
import type { Json, Path } from '../model/json.ts';
import type { Validated } from '../objects/build.ts';
import type { Tree } from '../tree/disk.ts';
import { type Checked, makeChecker, newFindings } from './check.ts';
import { type Edit, fileEdits, withoutEmpty } from './edits.ts';
import { type EditedFile, readFiles } from './files.ts';
import { edited, mergeFile, replayed, type Step } from './history.ts';
import { type Part, partSwitch, partsOf } from './parts.ts';
import { makePreviewer, type Preview } from './preview.ts';
import { type Saved, type SaveOptions, saveFiles } from './save.ts';
import { putSecret, type SecretPut, secretRows } from './secret.ts';
import { type Section, sectionsOf, type Value, type View, valueAt } from './values.ts';
import type { YamlEdit } from './yaml/edit.ts';
import { withPlainEnds } from './yaml/line-ends.ts';

/** The resource (undefined), or the name of an environment. */
export type At = string | undefined;

/** What became of a change. */
export interface Changed {
  /** Whether anything is different now. */
  readonly isDone: boolean;
  /** Why it was not made; empty where it was, or where everything was as asked already. */
  readonly refused: readonly Finding[];
  /** What is wrong since then and was not before: an error of these is what the change did. */
  readonly made: readonly Finding[];
}

/** What was found on disk. */
export interface Refreshed {
  /** Files that were read anew, by the names that findings give them; the edits in them were made again. */
  readonly merged: readonly string[];
  /** What was changed here and there; the edits stay until {@link Session.resolve} says which one counts. */
  readonly conflicts: readonly Finding[];
}

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
  const named: Finding[] = [];
  const check = makeChecker();
  const preview = makePreviewer(tree);
  let files = readFiles(tree, named);
  let done: Step[] = [];
  let undone: Step[] = [];
  const secretFiles: { [environment: string]: string[] } = {};
  let saved = await check(files, named);
  let now = saved;

  const fileAt = (at: At): EditedFile => {
    const file = files.find(({ environment }) => environment === at);
    if (file !== undefined) return file;
    throw new Failure([noEnvironment(String(at), files)]);
  };
  const replace = (at: At, change: Partial<EditedFile>) => {
    files = files.map((file) => (file.environment === at ? { ...file, ...change } : file));
  };
  const unsaved: Session['unsaved'] = (typed) =>
    files.flatMap(({ environment: at, shown: file, saved: disk, text: now }) => {
      const text = typed !== undefined && typed.at === at ? typed.text : now;
      return text === disk ? [] : [{ at, file, saved: disk ?? '', text }];
    });
  const conflicted = () =>
    files.flatMap(({ environment: at, conflict }) =>
      conflict === undefined ? [] : [{ at, findings: conflict.findings }],
    );
  const conflicts = () => conflicted().flatMap((each) => each.findings);
  const findings = () => [...conflicts(), ...now.findings];
  const recheck = async () => {
    now = await check(files, named);
  };
  const apply = async (step: Step): Promise<Changed> => {
    if (step.before === step.after) return { isDone: false, refused: [], made: [] };
    const before = findings();
    replace(step.environment, { text: step.after });
    done.push(step);
    undone = [];
    await recheck();
    return { isDone: true, refused: [], made: newFindings(before, findings()) };
  };
  const checkedAt = (at: At): Validated => now.of.get(fileAt(at).environment) as Validated;
  const view = (at: At): View => {
    const loaded = checkedAt(at);
    const all = at === undefined && files.length > 1 ? loaded.findings : findings();
    const own = all.filter(
      ({ environments }) => environments === undefined || environments.includes(at ?? ''),
    );
    return { loaded, findings: own, secrets: secretRows(tree, at, loaded, env) };
  };
  /** The step that edits are, or why there is none. */
  const planned = (edits: readonly Edit[], at: At): Step | readonly Finding[] => {
    const { text, shown } = fileAt(at);
    const { merged, config } = checkedAt(at);
    const publicOptions = config?.spec.secrets.publicOptions ?? [];
    const layer = {
      text: withPlainEnds(text),
      merged,
      complete: config as unknown as Json | undefined,
      publicOptions,
    };
    const meant = fileEdits(edits, layer);
    if (meant.findings.length > 0) return meant.findings;
    let after = text;
    const made: YamlEdit[] = [];
    for (const each of meant.edits) {
      const edit = withoutEmpty(withPlainEnds(after), each);
      const next = edited(after, [edit], shown);
      if (!('text' in next)) return next.findings;
      after = next.text;
      made.push(edit);
    }
    return { environment: at, before: text, after, edits: made };
  };
  const set = async (edits: readonly Edit[], at: At): Promise<Changed> => {
    const step = planned(edits, at);
    return 'after' in step ? apply(step) : { isDone: false, refused: step, made: [] };
  };
  const attempt = async (edits: readonly Edit[], at: At): Promise<Changed> => {
    const step = planned(edits, at);
    if (!('after' in step)) return { isDone: false, refused: step, made: [] };
    const tried = files.map((file) => (file.environment === at ? { ...file, text: step.after } : file));
    const { findings: then } = await check(tried, named);
    return { isDone: false, refused: [], made: newFindings(now.findings, then) };
  };
  const move = async (from: Step[], to: Step[], side: 'before' | 'after'): Promise<{ at: At } | false> => {
    const step = from.pop();
    if (step === undefined) return false;
    to.push(step);
    replace(step.environment, { text: step[side] });
    await recheck();
    return { at: step.environment };
  };
  const stepsOf = (at: At) => done.filter(({ environment }) => environment === at);
  const rebase = (at: At, text: string, disk: string | undefined, steps: readonly Step[]) => {
    const { conflict: _, ...file } = fileAt(at);
    files = files.map((each) => (each.environment === at ? { ...file, text, saved: disk } : each));
    const left = [...steps];
    const isOfFile = ({ environment }: Step) => environment === at;
    done = done.flatMap((step) => (isOfFile(step) ? left.splice(0, 1) : [step]));
    undone = undone.filter((step) => !isOfFile(step));
  };
  const markSaved = async () => {
    const before = files.map(({ conflict: _, ...file }) => ({ ...file, text: file.saved ?? '' }));
    saved = before.every(({ text }, index) => text === files[index]?.text)
      ? now
      : await makeChecker()(before, named);
  };
  const refresh = async (): Promise<Refreshed> => {
    named.length = 0;
    const onDisk = readFiles(tree, named);
    const merged: string[] = [];
    for (const file of files) {
      const theirs = onDisk.find(({ environment }) => environment === file.environment)?.text;
      if (theirs === file.saved || (file.conflict !== undefined && theirs === file.conflict.theirs)) continue;
      merged.push(file.shown);
      const result = mergeFile(file, theirs, stepsOf(file.environment));
      if ('text' in result) rebase(file.environment, result.text, theirs, result.steps);
      else if (theirs === undefined && file.text === file.saved)
        files = files.filter((each) => each !== file);
      else replace(file.environment, { conflict: result });
    }
    const fresh = onDisk.filter(({ environment }) => !files.some((file) => file.environment === environment));
    files = [...files, ...fresh].sort((a, b) => ((a.environment ?? '') < (b.environment ?? '') ? -1 : 1));
    if (merged.length > 0 || fresh.length > 0) {
      await recheck();
      await markSaved();
    }
    return { merged: [...merged, ...fresh.map(({ shown }) => shown)], conflicts: conflicts() };
  };
  const session: Session = {
    tree,
    environments: () => files.flatMap(({ environment }) => environment ?? []),
    sections: (at) => sectionsOf(view(at)),
    value: (path, at) => valueAt(view(at), path),
    loaded: checkedAt,
    parts: (at) => partsOf(checkedAt(at)),
    set,
    attempt,
    unset: (paths, at) =>
      set(
        paths.map((path) => ({ path, value: undefined })),
        at,
      ),
    toggle: (part, on, at) => set([{ path: partSwitch(part), value: on }], at),
    text: (at) => fileAt(at).text,
    setText: (text, at) => apply({ environment: at, before: fileAt(at).text, after: text }),
    canUndo: () => done.length > 0,
    canRedo: () => undone.length > 0,
    undo: () => move(done, undone, 'before'),
    redo: () => move(undone, done, 'after'),
    findings,
    texts: () => new Map(files.map(({ shown, text }) => [shown, text])),
    changedFiles: () => unsaved().map(({ file }) => file),
    unsaved,
    preview: () => preview(files, saved, now),
    refresh,
    conflicted,
    async resolve(keep, at) {
      const file = fileAt(at);
      if (file.conflict === undefined) return;
      const { theirs } = file.conflict;
      const again =
        keep === 'ours' && theirs !== undefined ? replayed(theirs, stepsOf(at), file.shown) : undefined;
      const whole: Step = { environment: at, before: theirs ?? '', after: file.text };
      if (keep === 'theirs') rebase(at, theirs ?? '', theirs, []);
      else rebase(at, again?.text ?? file.text, theirs, again?.steps ?? [whole]);
      await recheck();
      await markSaved();
    },
    async save(options = {}) {
      await refresh();
      const before: Checked = saved;
      const known = { before: before.findings, now: findings(), secretFiles };
      const result = await saveFiles(tree, files, { ...options, ...known });
      if (!result.isSaved) return result;
      files = files.map((file) => ({ ...file, saved: file.text }));
      saved = now;
      return result;
    },
    async putSecret(path, value, environment, options) {
      const { config } = checkedAt(environment);
      if (config === undefined) throw new Failure(now.findings.filter((each) => each.severity === 'error'));
      const isEdited = fileAt(environment).text !== fileAt(environment).saved;
      const put = await putSecret(tree, environment, config, path, value, { ...options, isEdited });
      if (put.file !== undefined) secretFiles[environment] = [...(secretFiles[environment] ?? []), put.file];
      if (put.fromEnv !== undefined) await set([{ path, value: { fromEnv: put.fromEnv } }], environment);
      await refresh();
      return put;
    },
  };
  return session;
}

function noEnvironment(name: string, files: readonly EditedFile[]): Finding {
  const known = files.flatMap(({ environment }) => environment ?? []).join(', ');
  const hint = known === '' ? 'there is none; make one with "overlay create"' : `known: ${known}`;
  return {
    code: 'no-environment',
    severity: 'error',
    path: [],
    message: `there is no environment ${JSON.stringify(name)}`,
    hint,
  };
}
