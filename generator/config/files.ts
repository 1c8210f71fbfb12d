/** Where the layers of a configuration lie on disk, and how they are read. */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { printable } from '../model/characters.ts';
import type { Finding } from '../model/finding.ts';
import { Failure } from '../model/finding.ts';
import { maxFileBytes, readFile, whyUnreadable } from '../model/read-file.ts';
import { trace } from '../model/trace.ts';
import { readYaml, type YamlSource } from '../model/yaml.ts';
import type { Source } from './load.ts';
import { suggest } from './suggest.ts';

/** The name of a resource's file in its folder. */
export const resourceFile = 'glyphoxa.yaml';

/** The name of an environment's layer in its overlay's folder. */
export const environmentFile = 'config.yaml';

/** The word on a command line that stands for standard input. */
const standardInput = '-';

/** The layers of one configuration, as they were read. */
export interface Layers {
  readonly base: YamlSource;
  readonly environment?: YamlSource & Source;
  /** The folder of the environment. */
  readonly overlay?: string;
  /** The folder that `fromFile` names files in: that of the resource. */
  readonly folder: string;
}

/** Where files are looked for. */
export interface FileContext {
  /** The folder that relative paths begin at. */
  readonly cwd: string;
  readonly stdin: AsyncIterable<Uint8Array | string>;
}

/** More than any file may have, so that reading ends also where the data does not. */
const readLimit = maxFileBytes + 1;

/**
 * Reads the layers that a path stands for: a resource's file, an environment's `config.yaml`, the folder of
 * either, or standard input. The resource of an environment is the `glyphoxa.yaml` in the nearest folder
 * above it.
 *
 * @param given the path as the user gave it; files are named in findings the way that it is written
 * @throws Failure where a file cannot be read or no resource is found
 */
export async function readLayers(given: string, context: FileContext): Promise<Layers> {
  const { cwd } = context;
  if (given === standardInput) {
    const text = decode(await readStream(context.stdin), '<stdin>');
    return { base: readYaml(text, '<stdin>'), folder: cwd };
  }
  const show = shownPath(given, cwd);
  const file = layerFile(path.resolve(cwd, given), show);
  if (path.basename(file) !== environmentFile)
    return { base: read(file, show, 'the resource'), folder: path.dirname(file) };
  const base = resourceAbove(path.dirname(file));
  if (base === undefined) {
    throw unusable(
      'no-resource',
      show(file),
      `no folder above has a ${resourceFile} that this environment could change`,
      `write the resource into ${resourceFile} two folders above, or rename this file if it is the resource`,
    );
  }
  const overlay = path.dirname(file);
  const environment = {
    ...read(file, show, 'the layer of the environment'),
    environment: printable(path.basename(overlay)),
  };
  return {
    base: read(base, show, 'the resource, in the nearest folder above'),
    environment,
    overlay,
    folder: path.dirname(base),
  };
}

/**
 * The configurations that the words on a command line stand for: each itself; for a folder of overlays and
 * for `FOLDER/*` every environment in it, in the order of their names. Of several words (a shell makes them
 * of `overlays/*`), a folder without resource and environment, such as one with charts only, is passed over.
 */
export function expandPaths(given: readonly string[], cwd: string): { paths: string[]; passed: string[] } {
  const isEmpty = (word: string) => {
    const folder = path.resolve(cwd, word);
    return word !== standardInput && kindOf(folder) === 'folder' && !hasLayer(folder);
  };
  const expanded = given.flatMap((word) => expandPath(word, cwd));
  const passed = expanded.length > 1 ? expanded.filter(isEmpty) : [];
  return { paths: expanded.filter((word) => !passed.includes(word)), passed };
}

function expandPath(given: string, cwd: string): string[] {
  if (given === standardInput) return [given];
  const parent = path.basename(given) === '*' ? path.dirname(given) : given;
  const folder = path.resolve(cwd, parent);
  if (parent === given && hasLayer(folder)) return [given];
  const overlays = environmentsIn(folder);
  return overlays.length === 0 ? [given] : overlays.map((name) => path.join(parent, name));
}

function hasLayer(folder: string): boolean {
  return [resourceFile, environmentFile].some((name) => kindOf(path.join(folder, name)) !== undefined);
}

/**
 * The folder of a tree: the one that is named, or the nearest at or above `cwd` with a `glyphoxa.yaml`, or else `cwd`.
 *
 * @param dir as the user names it; undefined where none is named
 * @throws Failure where the one above belongs to somebody else
 */
export function treeFolder(dir: string | undefined, cwd: string): string {
  if (dir !== undefined) return dir;
  const file = resourceAtOrAbove(cwd);
  return (file && path.relative(cwd, path.dirname(file))) || '.';
}

/** The names of the environments beside a resource; none where the folder cannot be read. */
export function environmentsBeside(dir: string | undefined, cwd: string): string[] {
  return environmentsIn(path.resolve(cwd, treeFolder(dir, cwd), 'overlays'));
}

/** The names of the folders in a folder of overlays that hold an environment. */
function environmentsIn(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    return [];
  }
  return names.filter((name) => kindOf(path.join(folder, name, environmentFile)) === 'file');
}

/**
 * The `glyphoxa.yaml` in a folder or the nearest one above it that has one.
 *
 * @throws Failure where one above belongs to somebody else, who could so decide what is deployed from here
 */
function resourceAtOrAbove(folder: string): string | undefined {
  const file = path.join(folder, resourceFile);
  return kindOf(file) === 'file' ? file : resourceAbove(folder);
}

function resourceAbove(folder: string): string | undefined {
  let at = path.dirname(folder);
  while (kindOf(path.join(at, resourceFile)) !== 'file') {
    if (at === path.dirname(at)) return undefined;
    at = path.dirname(at);
  }
  const file = path.join(at, resourceFile);
  const trusted = [process.getuid?.(), 0, kindOf(folder) && statSync(folder).uid];
  if (
    process.getuid !== undefined &&
    ![lstatSync(file), statSync(file)].every(({ uid }) => trusted.includes(uid))
  )
    throw unusable(
      'foreign-resource',
      file,
      'this resource in a folder above belongs to another user',
      'name it if it is the one that you mean, or run this as its owner',
    );
  return file;
}

/** The file that a path stands for: itself, or the resource or environment in the folder. */
function layerFile(absolute: string, show: (file: string) => string): string {
  if (kindOf(absolute) !== 'folder') return absolute;
  const [resource, environment] = [resourceFile, environmentFile].map((name) => path.join(absolute, name));
  const hasResource = kindOf(resource as string) !== undefined;
  const hasEnvironment = kindOf(environment as string) !== undefined;
  if (
    hasResource &&
    hasEnvironment &&
    /^kind:\s*["']?Glyphoxa/m.test(readText(environment as string, show))
  ) {
    throw unusable(
      'two-layers',
      show(environment as string),
      `an environment stands beside a ${resourceFile}, and it is not clear which is meant`,
      `name the file, or keep the environment in overlays/<name>/${environmentFile}`,
    );
  }
  if (hasResource) return resource as string;
  if (hasEnvironment) return environment as string;
  throw unusable(
    'no-resource',
    show(absolute),
    `the folder has neither a ${resourceFile} nor a ${environmentFile}`,
    'name the file of a resource, or the folder of an overlay',
  );
}

function read(file: string, show: (file: string) => string, why: string): YamlSource {
  trace(() => `read ${show(file)}: ${why}`);
  return readYaml(readText(file, show), show(file));
}

function readText(file: string, show: (file: string) => string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFile(file);
  } catch (error) {
    const isTooLarge = (error as NodeJS.ErrnoException).code === 'EFBIG';
    throw unusable(
      isTooLarge ? 'too-large' : 'unreadable',
      show(file),
      `the file ${whyUnreadable(error)}`,
      isTooLarge ? 'check the path: no resource is that large' : 'check the path and its permissions',
    );
  }
  return decode(bytes, show(file));
}

async function readStream(stream: AsyncIterable<Uint8Array | string>): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    length += bytes.length;
    if (length >= readLimit) break;
  }
  return Buffer.concat(chunks).subarray(0, readLimit);
}

/** The text of UTF-8; a byte order mark stays, to be found. */
function decode(bytes: Uint8Array, file: string): string {
  const isCut = bytes.length >= readLimit;
  try {
    return new TextDecoder('utf-8', { fatal: !isCut, ignoreBOM: true }).decode(bytes);
  } catch {
    throw unusable('not-utf8', file, 'the file is not UTF-8 text', 'save it as UTF-8');
  }
}

function kindOf(file: string): 'file' | 'folder' | undefined {
  try {
    return statSync(file).isDirectory() ? 'folder' : 'file';
  } catch {
    return undefined;
  }
}

/** Files are shown as the user writes paths: absolute, or relative to the working directory. */
function shownPath(given: string, cwd: string): (file: string) => string {
  return (file) => printable(path.isAbsolute(given) ? file : path.relative(cwd, file)) || '.';
}

function unusable(code: string, file: string, message: string, hint: string): Failure {
  const position = { file: printable(file), line: 1, col: 1 };
  const finding: Finding = { code, severity: 'error', path: [], message, hint, position, showSource: false };
  return new Failure([finding]);
}

/**
 * The folder of an environment's overlay: `overlays/<name>` beside the resource.
 *
 * @param resource the resource's file or folder; @default the nearest glyphoxa.yaml at or above `cwd`
 * @throws Failure where there is no such overlay
 */
export function overlayFolder(name: string, resource: string | undefined, cwd: string): string {
  const given = resource === undefined ? resourceAtOrAbove(cwd) : path.resolve(cwd, resource);
  if (given === undefined)
    throw unusable('no-resource', resourceFile, 'neither here nor above', 'name the file of the resource');
  const overlays = path.join(kindOf(given) === 'folder' ? given : path.dirname(given), 'overlays');
  const folder = path.join(overlays, name);
  const known = environmentsIn(overlays);
  if (known.includes(name)) return path.relative(cwd, folder) || '.';
  const close = suggest(name, known);
  const hint =
    known.length === 0 ? `there is no overlays/<name>/${environmentFile}` : `known: ${known.join(', ')}`;
  throw unusable(
    'no-environment',
    path.relative(cwd, folder),
    'there is no such environment',
    close === undefined ? hint : `did you mean ${close}?`,
  );
}

/**
 * What a word on a command line stands for, as {@link readLayers} takes it: an environment beside the resource, or a path.
 *
 * @param dir the folder of the resource; for names the nearest at or above `cwd` where it is undefined
 * @throws Failure where it is neither
 */
export function environmentOrPath(word: string, dir: string | undefined, cwd: string): string {
  if (word === standardInput) return word;
  if (word === '.') return dir ?? word;
  if (/[/\\]/.test(word)) return word;
  const folder = treeFolder(dir, cwd);
  if (environmentsBeside(folder, cwd).includes(word)) return path.join(folder, 'overlays', word);
  // a word with a dot that is none is the name of a file
  if (word.includes('.') || kindOf(path.resolve(cwd, word)) !== undefined) return word;
  return overlayFolder(word, dir, cwd);
}
