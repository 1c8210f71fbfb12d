/** One file for each object, in a folder that holds nothing else. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { Failure, type Finding, finding } from '../../../model/finding.ts';
import { makeFolder } from '../../../model/make-folder.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { writeFiles } from '../../../model/write-file.ts';
import { writeYaml } from '../../../model/yaml-writer.ts';

/** The first line of every file that is written; a file without it is somebody else's. */
const header = 'written by "glyphoxa-kustomize build -o files"; the next run overwrites it';

/** A file that was written. */
export interface WrittenFile {
  readonly name: string;
  /** Whether it holds secret values. Only its owner can read it then. */
  readonly secret: boolean;
}

/**
 * Makes a folder hold exactly the files of these objects. Files of an earlier run are replaced or removed;
 * where anything else lies in the folder, nothing is touched. Each file appears whole or not at all.
 *
 * @param shown the folder's name for messages
 * @throws Failure where something foreign is in the way
 */
export function writeObjectFiles(
  folder: string,
  objects: readonly KubernetesObject[],
  shown: string,
): WrittenFile[] {
  const existing = ownFiles(folder, shown);
  const files = objects.map((object) => ({
    name: `${object.kind}-${object.metadata.name}.yaml`.toLowerCase(),
    secret: object.kind === 'Secret',
    text: writeYaml(object, { header }),
  }));
  try {
    makeFolder(folder);
    writeFiles(
      files.map(({ name, secret, text }) => ({
        file: path.join(folder, name),
        text,
        mode: secret ? 0o600 : 0o644,
      })),
    );
    for (const name of existing)
      if (!files.some((file) => file.name === name)) rmSync(path.join(folder, name));
  } catch (error) {
    throw cannotWrite(shown, error, folder);
  }
  return files.map(({ name, secret }) => ({ name, secret }));
}

/** The names of the files of an earlier run. */
function ownFiles(folder: string, shown: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw cannotWrite(shown, error, folder);
  }
  const foreign = names.filter((name) => !isOwn(path.join(folder, name)));
  if (foreign.length === 0) return names;
  const findings = foreign.map(
    (name): Finding =>
      finding(
        'foreign-file',
        `${path.join(shown, name)} was not written by this command, and nothing was changed`,
        'use an empty folder, or move the file away',
      ),
  );
  throw new Failure(findings);
}

function isOwn(file: string): boolean {
  if (!lstatSync(file).isFile()) return false;
  const wanted = Buffer.from(`# ${header}\n`);
  const start = Buffer.alloc(wanted.length);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, start);
  } finally {
    closeSync(descriptor);
  }
  return start.equals(wanted);
}

function cannotWrite(shown: string, error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const reasons: { [code: string]: string } = {
    ENOENT: 'lies where no folder can be made',
    ENOTDIR: 'is no folder',
    EEXIST: 'is no folder, or another run writes to it',
    EACCES: 'may not be written to',
    EPERM: 'may not be written to',
    EROFS: 'lies on a file system that is read-only',
    ENOSPC: 'lies on a full disk',
  };
  const why = code === 'ENOENT' ? whyNoFolder(folder) : code;
  const message = `${shown} ${reasons[why] ?? `cannot be written (${why})`}`;
  return new Failure([finding('unwritable', message, 'name another folder')]);
}

/** Why a folder cannot be made, by the nearest one above it: Node says of each reason that something is not there. */
function whyNoFolder(folder: string): string {
  let parent = folder;
  while (!existsSync(parent) && path.dirname(parent) !== parent) parent = path.dirname(parent);
  try {
    accessSync(parent, constants.W_OK);
    return 'ENOENT';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'ENOENT';
  }
}
