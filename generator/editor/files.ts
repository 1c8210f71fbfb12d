/** The files that a session edits. */

import { environmentFile, resourceFile } from '../config/files.ts';
import type { Finding } from '../model/finding.ts';
import { readText, type Tree } from '../tree/disk.ts';
import { environmentFolder } from '../tree/layout.ts';
import { environmentNames, readResource } from '../tree/load.ts';

/** The resource (undefined), or the name of an environment. */
export type At = string | undefined;

/** The resource, or the layer of an environment. */
export interface EditedFile {
  /** None for the resource. */
  readonly environment: At;
  /** Its path in the tree. */
  readonly file: string;
  /** Its path as findings name it. */
  readonly shown: string;
  /** What was on disk when that was last looked at; undefined for a file that is gone. */
  readonly saved: string | undefined;
  /** What it says now. */
  readonly text: string;
  /** What is on disk and cannot be merged with the edits. */
  readonly conflict?: Conflict;
}

/** A file that was changed on disk where it was edited too. */
export interface Conflict {
  readonly theirs: string | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Reads the resource and the layers of all environments, the resource first.
 *
 * @param named takes findings of the environments' names
 * @throws Failure where there is no resource, or a file is no text
 */
export function readFiles(tree: Tree, named: Finding[]): EditedFile[] {
  const resource = readResource(tree).text;
  const names = environmentNames(tree, named);
  return [
    fileOf(tree, undefined, resourceFile, resource),
    ...names.map((name) => {
      const file = `${environmentFolder(name)}/${environmentFile}`;
      return fileOf(tree, name, file, readText(tree, file) ?? '');
    }),
  ];
}

function fileOf(tree: Tree, environment: At, file: string, text: string): EditedFile {
  return { environment, file, shown: tree.show(file), saved: text, text };
}
