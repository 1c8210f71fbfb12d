/** The only door between a tree and the disk: paths stay inside the root, no link is followed, writes are atomic. */
import { existsSync, lstatSync, readdirSync, realpathSync, rmdirSync, type Stats, unlinkSync } from 'node:fs';
import path from 'node:path';
import { treeFolder } from '../config/files.ts';
import { printable } from '../model/characters.ts';
import { Failure } from '../model/finding.ts';
import { makeFolder } from '../model/make-folder.ts';
import { readFile } from '../model/read-file.ts';
import { isLeftover, removeFile as removeQuietly, writeFiles } from '../model/write-file.ts';

/** No file of a tree comes near this many bytes. */
const largestFile = 16 * 1024 * 1024;

/** A tree's folder on disk. All paths that it takes are relative to it, with `/`. */
export interface Tree {
  /** The real path of the folder. */
  readonly root: string;
  /** The path of a file as messages name it. */
  readonly show: (path: string) => string;
  /** The path of a file as command lines name it. */
  readonly at: (path: string) => string;
  /** Texts that files are read with in place of what is on disk: those that are about to be written. */
  readonly pending?: ReadonlyMap<string, string>;
  /** Folders that are known to be folders, for the time of one run. @default each is looked at whenever a file in it is */
  readonly folders?: Set<string>;
}

/** The words by which a command line names a tree's folder; none for the folder that the user stands in. */
export function folderWords(tree: Tree, option?: '--dir'): string[] {
  const folder = tree.at('');
  return folder === '.' ? [] : [option === undefined ? folder : `${option}=${folder}`];
}

/**
 * Opens a tree.
 *
 * @param dir its folder, as the user names it; @default the nearest at or above `cwd` with a `glyphoxa.yaml`
 * @param cwd the folder that a relative path begins at
 * @throws Failure where there is no such folder
 */
export function openTree(dir: string | undefined, cwd: string): Tree {
  const given = treeFolder(dir, cwd);
  const folder = path.resolve(cwd, given);
  const at = (file: string) => path.join(given, file).replace(/^-/, './-');
  const show = (file: string) => printable(path.join(given, file)) || '.';
  try {
    const root = realpathSync(folder);
    if (lstatSync(root).isDirectory()) return { root, show, at };
  } catch (error) {
    throw diskFailure(error, given, 'read');
  }
  throw problem('no-folder', given, 'is a file, not a folder', 'name the folder of glyphoxa.yaml');
}

/** Works in a tree whose folder need not exist yet; where that fails, folders that were made for it and are empty go. */
export async function inMadeTree<T>(
  given: string,
  cwd: string,
  work: (tree: Tree) => Promise<T>,
): Promise<T> {
  let made: readonly string[];
  try {
    made = makeFolder(path.resolve(cwd, given));
  } catch (error) {
    throw diskFailure(error, given, 'write');
  }
  try {
    return await work(openTree(given, cwd));
  } catch (error) {
    for (const folder of made) removeEmpty(folder);
    throw error;
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // something is in it
  }
}

/** Where a tree is in the git repository that it stands in, empty at its root; undefined where it stands in none. */
export function folderInRepository({ root }: Tree): string | undefined {
  for (let above = root; ; above = path.dirname(above)) {
    if (existsSync(path.join(above, '.git'))) return path.relative(above, root).split(path.sep).join('/');
    if (path.dirname(above) === above) return undefined;
  }
}

/** The names in a folder, in order; undefined where it does not exist. */
export function listFolder(tree: Tree, folder: string): string[] | undefined {
  const pending = [...(tree.pending?.keys() ?? [])].filter((file) => file.startsWith(`${folder}/`));
  const names = pending.map((file) => file.slice(folder.length + 1).split('/')[0] ?? '');
  const present = namesOnDisk(tree, folder);
  if (names.length === 0) return present;
  return [...new Set([...names, ...(present ?? [])])].sort();
}

function namesOnDisk(tree: Tree, folder: string): string[] | undefined {
  const stats = statOf(tree, folder);
  if (stats === undefined) return undefined;
  if (!stats.isDirectory())
    throw problem('no-folder', tree.show(folder), 'is a file, not a folder', 'move it away');
  try {
    return readdirSync(path.join(tree.root, folder)).sort();
  } catch (error) {
    throw diskFailure(error, tree.show(folder), 'read');
  }
}

/**
 * The content of a file; undefined where it does not exist.
 *
 * @internal the library's types know nothing of Node
 */
export function readBytes(tree: Tree, file: string): Buffer | undefined {
  const pending = tree.pending?.get(file);
  if (pending !== undefined) return Buffer.from(pending);
  const stats = statOf(tree, file);
  if (stats === undefined) return undefined;
  if (!stats.isFile()) throw problem('no-file', tree.show(file), 'is not an ordinary file', 'move it away');
  try {
    return readFile(path.join(tree.root, file), largestFile);
  } catch (error) {
    throw diskFailure(error, tree.show(file), 'read');
  }
}

/** The text of a file that people write; undefined where it does not exist. */
export function readText(tree: Tree, file: string): string | undefined {
  const bytes = readBytes(tree, file);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw problem('not-utf8', tree.show(file), 'is not UTF-8 text', 'save it as UTF-8');
  }
}

/** The permissions of a file, without its type; undefined where it does not exist. */
export function modeOf(tree: Tree, file: string): number | undefined {
  const stats = statOf(tree, file);
  return stats === undefined ? undefined : stats.mode & 0o777;
}

/** Whether a path names an ordinary file or a folder; undefined where there is nothing. */
export function kindOf(tree: Tree, file: string): 'file' | 'folder' | undefined {
  if (tree.pending?.has(file)) return 'file';
  const stats = statOf(tree, file);
  if (stats !== undefined) return stats.isDirectory() ? 'folder' : 'file';
  const isPending = [...(tree.pending?.keys() ?? [])].some((path) => path.startsWith(`${file}/`));
  return isPending ? 'folder' : undefined;
}

/**
 * Writes a file so that it is either old or new at every moment, also when the process is killed.
 *
 * @param mode its permissions; @default readable for everyone
 * @param flush whether it must survive a power failure too, which takes milliseconds a file: without that it may be empty
 *   after one. @default true
 */
export function writeFile(tree: Tree, file: string, text: string, mode = 0o644, flush = true): void {
  statOf(tree, file);
  const target = path.join(tree.root, file);
  try {
    makeFolder(path.dirname(target));
    writeFiles([{ file: target, text, mode }], flush);
  } catch (error) {
    throw diskFailure(error, tree.show(file), 'write');
  }
}

/** Removes a file, and its folder if that is then empty. */
export function removeFile(tree: Tree, file: string): void {
  if (statOf(tree, file) === undefined) return;
  const target = path.join(tree.root, file);
  try {
    unlinkSync(target);
  } catch (error) {
    throw diskFailure(error, tree.show(file), 'remove');
  }
  removeIfEmpty(path.dirname(target));
}

/** Removes what killed runs left in a folder: their half-written temporary files, and a folder for them alone. */
export function removeLeftovers(tree: Tree, folder: string): void {
  const leftovers = (listFolder(tree, folder) ?? []).filter(isLeftover);
  for (const name of leftovers) removeQuietly(path.join(tree.root, folder, name));
  if (leftovers.length > 0) removeIfEmpty(path.join(tree.root, folder));
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Something else is in it.
  }
}

/** What a path names, itself and not behind a link; undefined where there is nothing. */
function statOf(tree: Tree, file: string): Stats | undefined {
  const parts = file.split('/');
  if (path.isAbsolute(file) || parts.some((part) => part === '..' || part === '' || part.includes('\0'))) {
    throw problem('outside', tree.show(file), 'is not a path inside the tree', 'name a file inside of it');
  }
  let stats: Stats | undefined;
  let part = '';
  for (const [index, name] of parts.entries()) {
    part += index === 0 ? name : `/${name}`;
    if (index < parts.length - 1 && tree.folders?.has(part)) continue;
    stats = entryAt(tree, part);
    if (stats === undefined) return undefined;
    if (stats.isDirectory()) tree.folders?.add(part);
  }
  return stats;
}

/** What a path names, whose folder is known to be none behind a link. */
function entryAt(tree: Tree, file: string): Stats | undefined {
  let stats: Stats | undefined;
  try {
    stats = lstatSync(`${tree.root}/${file}`, { throwIfNoEntry: false });
  } catch (error) {
    throw diskFailure(error, tree.show(file), 'read');
  }
  if (stats?.isSymbolicLink()) {
    const hint =
      'put a real file or folder in its place; links are not followed, so that nothing outside is touched';
    throw problem('symbolic-link', tree.show(file), 'is a symbolic link', hint);
  }
  return stats;
}

function problem(code: string, file: string, message: string, hint: string): Failure {
  return new Failure([{ code, severity: 'error', path: [], message: `${file} ${message}`, hint }]);
}

/** What the operating system said, in words; anything unknown is thrown on. */
function diskFailure(error: unknown, file: string, what: 'read' | 'write' | 'remove'): Failure {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  if (code === 'EFBIG' && what === 'read')
    return problem('too-large', file, 'is larger than any file of a tree', 'move it away');
  const reasons: { [code: string]: [why: string, hint: string] } = {
    ENOENT: ['it does not exist', 'check the path'],
    ENOTDIR: ['a file stands where a folder is needed', 'move that file away'],
    EISDIR: ['a folder stands there', 'move that folder away'],
    EACCES: ['permission is denied', 'check the permissions of the file and its folder'],
    EPERM: ['permission is denied', 'check the permissions of the file and its folder'],
    EROFS: ['the file system is read-only', 'run this where the tree can be written'],
    ENOSPC: ['the disk is full', 'make room and run this again'],
    EDQUOT: ['the disk quota is used up', 'make room and run this again'],
    EFBIG: ['the disk is full', 'make room and run this again'],
    ELOOP: ['links lead in a circle', 'remove them'],
    ENAMETOOLONG: ['the name is too long', 'shorten it'],
    EEXIST: ['another run is writing it', 'wait for that run to end'],
  };
  const [why, hint] = reasons[code] ?? [code, 'check the disk'];
  return problem(
    `cannot-${what}`,
    file,
    `cannot be ${what === 'read' ? 'read' : what === 'write' ? 'written' : 'removed'}: ${why}`,
    hint,
  );
}
