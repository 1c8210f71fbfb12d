/** Why a kustomization cannot be built, and what to do about it. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { resourceFile } from '../config/files.ts';
import { advise } from '../model/command.ts';
import { type Failure, failure } from '../model/finding.ts';
import { readFile } from '../model/read-file.ts';
import { conflictIn } from '../model/yaml.ts';
import { type Layer, layersOf, localSecretFiles } from './check/layers.ts';
import { folderWords, openTree, type Tree } from './disk.ts';
import { kustomizationFile, otherKustomizationFiles, overlaysFolder } from './layout.ts';

const kustomizationFiles = [kustomizationFile, ...otherKustomizationFiles];

/** A kustomization that kustomize refused. */
export interface Refused {
  /** As messages name it. */
  readonly shown: string;
  readonly folder: string;
  readonly cwd: string;
  /** What kustomize said. */
  readonly error: string;
}

/**
 * The failure of a build.
 *
 * @param isOfCluster whether the environment's cluster is known, which may have its secret values already
 */
export function buildFailure(refused: Refused, isOfCluster: boolean): Failure {
  const { shown, error } = refused;
  const conflict = conflictedFile(refused);
  if (conflict !== undefined) {
    const hint = 'keep one of the two sides, and remove the lines <<<<<<<, ======= and >>>>>>>';
    return failure('merge-conflict', `a conflict of a merge is left in ${conflict}`, hint);
  }
  return failure('build', `${shown} cannot be built: ${error}`, hintFor(refused, isOfCluster));
}

/** A file of the user's that a merge has left a conflict in: a kustomization, or a file of secret values. */
function conflictedFile({ folder, cwd }: Refused): string | undefined {
  const own = kustomizationFiles.map((name) => path.join(folder, name));
  const secrets = layersOf(folder).flatMap((layer) =>
    localSecretFiles(layer).map((file) => path.resolve(layer.folder, file)),
  );
  const file = [...own, ...secrets].find((file) => existsSync(file) && hasConflict(file));
  return file && (path.relative(cwd, file) || file);
}

function hasConflict(file: string): boolean {
  try {
    return conflictIn(readFile(file).toString('utf8')) !== undefined;
  } catch {
    // kustomize has said what is wrong with it.
    return false;
  }
}

function hintFor({ shown, folder, cwd, error }: Refused, isOfCluster: boolean): string {
  const layers = layersOf(folder);
  const lacksKey = /is missing for replacement source Secret\b/.test(error);
  const lacking = layers.find(
    (layer) =>
      treeOf(layer, cwd) !== undefined &&
      localSecretFiles(layer).some((file) => lacksKey || !existsSync(path.resolve(layer.folder, file))),
  );
  if (lacking !== undefined) {
    const folderOption = folderWords(treeOf(lacking, cwd) as Tree, '--dir');
    const name = path.basename(lacking.folder);
    const command = advise(
      'no-secret-files',
    )`glyphoxa-kustomize secrets init ${name} ${folderOption} ${isOfCluster ? '--cluster' : []}`;
    return `bring its secret values from where they were written, or begin with ${command}`;
  }
  const [tree] = layers.flatMap((layer) => treeOf(layer, cwd) ?? []);
  const generate = tree && advise('no-base')`glyphoxa-kustomize generate ${folderWords(tree)}`;
  if (generate !== undefined && /\bbase\b|components\//.test(error))
    return `write base and components with ${generate}`;
  if (isOfCluster)
    return `see what kustomize says; ${advise('no-build')`glyphoxa-kustomize check ${shown}`} tells more`;
  return `see what kustomize says${generate === undefined ? '' : `; ${generate} repairs what it wrote`}`;
}

/** The tree that a layer is an environment of. */
function treeOf({ folder }: Layer, cwd: string): Tree | undefined {
  const overlays = path.dirname(folder);
  const root = path.dirname(overlays);
  const isInTree = path.basename(overlays) === overlaysFolder && existsSync(path.join(root, resourceFile));
  return isInTree ? openTree(path.relative(cwd, root) || '.', cwd) : undefined;
}
