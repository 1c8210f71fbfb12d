/** Compares a plan with the disk: what has to be written, and what was edited by hand. */
import { suggest } from '../config/suggest.ts';
import { Failure, type Finding, finding } from '../model/finding.ts';
import { equal, type JsonObject, sortKeys } from '../model/json.ts';
import { conflictIn } from '../model/yaml.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { components } from '../objects/parts.ts';
import { kindOf, listFolder, readBytes, readText, type Tree } from './disk.ts';
import type { Managed } from './environment.ts';
import {
  managedPart,
  managedValue,
  newKustomization,
  type Ownership,
  readKustomization,
  updateKustomization,
} from './kustomization.ts';
import { componentsFolder, kustomizationFile, otherKustomizationFiles } from './layout.ts';
import type { FolderPlan } from './plan.ts';
import { parseSums, type ReadSums, type Sums, sumOf, sumsFileOf } from './sums.ts';
import { formattedSum, writtenSum } from './written.ts';

/** A file that has to change. */
export interface Change {
  readonly path: string;
  readonly what: 'create' | 'change' | 'delete';
  /** The new content; of a file to delete nothing. */
  readonly text: string;
}

/** A file that was edited by hand since it was written, or that this tool never wrote. */
export interface Edit {
  readonly path: string;
  /** Whether this tool wrote the file at all. A file that it did not write is never touched. */
  readonly written: boolean;
  /** Whether the file is no longer needed and would be deleted. */
  readonly obsolete: boolean;
  readonly onDisk: string;
  readonly planned: string;
  /** The namespace that the kustomization was given, where nothing else of ours in it was touched. */
  readonly namespace?: string;
}

/** How a folder on disk differs from its plan. */
export interface FolderChanges {
  readonly folder: string;
  readonly about?: FolderPlan['about'];
  readonly changes: Change[];
  readonly edits: Edit[];
  /** The checksums of what was written before. */
  readonly before: Sums;
  /** The checksums of the plan. */
  readonly after: Sums;
  /** Whether there is no such folder yet. */
  readonly isNew: boolean;
}

/** Reads the checksums of a folder. */
function readSums(tree: Tree, folder: string): ReadSums {
  return parseSums(readText(tree, `${folder}/${sumsFileOf(folder)}`) ?? '');
}

/**
 * Compares a folder with its plan. Reads only.
 *
 * @throws Failure where a newer version of the tool wrote the folder, or a file cannot be read
 */
export function compareFolder(tree: Tree, plan: FolderPlan, force: boolean): FolderChanges {
  const { folder } = plan;
  const isNew = kindOf(tree, folder) === undefined;
  const { sums: before, newer } = isNew ? parseSums('') : readSums(tree, folder);
  if (newer !== undefined && !force) {
    const message = `${tree.show(folder)} was written by glyphoxa-kustomize ${newer}, which is newer than this one`;
    const hint = 'update glyphoxa-kustomize, or go back to this version with --force';
    throw new Failure([finding('newer-tool', message, hint)]);
  }
  const compared: FolderChanges = {
    folder,
    ...(plan.about && { about: plan.about }),
    changes: [],
    edits: [],
    before,
    after: new Map(),
    isNew,
  };
  const after = compared.after as Map<string, Set<string>>;
  for (const [file, text] of plan.files) {
    after.set(file, new Set([writtenSum(text)]));
    if (isNew) compared.changes.push({ path: `${folder}/${file}`, what: 'create', text });
    else compareFile(tree, compared, file, text);
  }
  if (plan.managed !== undefined) {
    after.set(kustomizationFile, new Set([entriesSum(managedValue(plan.managed))]));
    compareKustomization(tree, plan, plan.managed, compared);
  }
  for (const file of before.keys()) if (!after.has(file)) compareObsolete(tree, compared, file);
  return compared;
}

function compareFile(
  tree: Tree,
  { folder, changes, edits, before }: FolderChanges,
  file: string,
  text: string,
): void {
  const path = `${folder}/${file}`;
  const bytes = readBytes(tree, path);
  if (bytes === undefined) changes.push({ path, what: 'create', text });
  else if (!bytes.equals(Buffer.from(text))) {
    const onDisk = bytes.toString('utf8');
    const sum = writtenSum(text);
    if (writtenSum(onDisk) === sum || formattedSum(onDisk) === sum) return;
    if (!isUntouched(onDisk, before.get(file))) {
      const written = before.has(file) || /^# Written by "glyphoxa-kustomize /m.test(onDisk);
      edits.push({ path, written, obsolete: false, onDisk, planned: text });
    }
    changes.push({ path, what: 'change', text });
  }
}

/**
 * Whether a file is as it was written, or git made it of what was written: where two branches wrote it, both
 * checksums are there, and its content may be of both; and a conflict that is left in it is nobody's edit.
 */
function isUntouched(onDisk: string, sums: ReadonlySet<string> = new Set()): boolean {
  if (onDisk === '' || sums.size > 1 || (sums.size === 1 && conflictIn(onDisk) !== undefined)) return true;
  return sums.has(sumOf(onDisk)) || sums.has(writtenSum(onDisk)) || sums.has(formattedSum(onDisk) ?? '');
}

function compareObsolete(tree: Tree, { folder, changes, edits, before }: FolderChanges, file: string): void {
  const path = `${folder}/${file}`;
  if (kindOf(tree, path) !== 'file') return;
  const onDisk = (readBytes(tree, path) as Buffer).toString('utf8');
  if (!isUntouched(onDisk, before.get(file))) {
    edits.push({ path, written: true, obsolete: true, onDisk, planned: '' });
  }
  changes.push({ path, what: 'delete', text: '' });
}

function compareKustomization(tree: Tree, plan: FolderPlan, managed: Managed, compared: FolderChanges): void {
  const { folder } = plan;
  const path = `${folder}/${kustomizationFile}`;
  for (const name of otherKustomizationFiles) {
    if (kindOf(tree, `${folder}/${name}`) === undefined) continue;
    const message = `${tree.show(`${folder}/${name}`)} stands where ${kustomizationFile} belongs`;
    const hint = `rename it to ${kustomizationFile}; kustomize takes only one of them`;
    throw new Failure([finding('two-kustomizations', message, hint)]);
  }
  const text = readText(tree, path);
  if (text === undefined) {
    compared.changes.push({ path, what: 'create', text: newKustomization(managed) });
    return;
  }
  const read = readKustomization(text, tree.show(path));
  checkComponents(tree, folder, read.value);
  const ownership = ownershipOf(plan, compared.before);
  const [present, wanted] = [managedPart(read.value, ownership), managedValue(managed)];
  if (equal(present, wanted)) return;
  const sums = compared.before.get(kustomizationFile);
  const untouched =
    Object.keys(present).length === 0 || (sums?.size ?? 0) > 1 || sums?.has(entriesSum(present)) === true;
  if (!untouched) {
    const [onDisk, planned] = [writeYaml(present), writeYaml(wanted)];
    const alone = onlyNamespace(present, wanted, sums);
    const namespace = alone === undefined ? {} : { namespace: alone };
    compared.edits.push({ path, written: true, obsolete: false, onDisk, planned, ...namespace });
  }
  compared.changes.push({ path, what: 'change', text: updateKustomization(read, managed, ownership) });
}

/** The namespace that somebody set, as `kustomize edit set namespace` does, and changed nothing else of ours. */
function onlyNamespace(
  present: JsonObject,
  wanted: JsonObject,
  sums: ReadonlySet<string> = new Set(),
): string | undefined {
  const { namespace } = present;
  const before = { ...present, namespace: wanted.namespace ?? '' };
  const isAlone = equal(before, wanted) || sums.has(entriesSum(before));
  return isAlone && typeof namespace === 'string' && namespace !== wanted.namespace ? namespace : undefined;
}

/** Components of the tree that an environment names and that are not there. */
function checkComponents(tree: Tree, folder: string, value: JsonObject): void {
  const named = Array.isArray(value.components) ? value.components : [];
  const findings = named.flatMap((entry): Finding[] => {
    const name = /^(?:\.\/)*\.\.\/\.\.\/components\/([\w.-]+)\/*$/.exec(String(entry))?.[1];
    const names = components.map((component) => component.name);
    const known = [...names, ...(listFolder(tree, componentsFolder) ?? [])];
    if (name === undefined || known.includes(name)) return [];
    const close = suggest(name, known);
    const hint = close === undefined ? `there are ${names.join(', ')}` : `did you mean ${close}?`;
    const message = `${tree.show(`${folder}/${kustomizationFile}`)} names the component ${name}, which is not there`;
    return [{ code: 'unknown-component', severity: 'error', path: ['components'], message, hint }];
  });
  if (findings.length > 0) throw new Failure(findings);
}

/** Tells the entries of an environment's kustomization that are written from the user's. */
function ownershipOf({ files }: FolderPlan, before: Sums): Ownership {
  return { owns: (path) => files.has(path) || before.has(path) };
}

/** The checksum of the entries of a kustomization; the order of their keys does not count. */
function entriesSum(entries: JsonObject): string {
  return sumOf(JSON.stringify(sortKeys(entries)));
}
