/** Writes a tree, or says how it is out of date. */
import { createTwoFilesPatch } from 'diff';
import { Failure, type Finding, hasErrors, uniqueFindings } from '../model/finding.ts';
import { isObject, type Json } from '../model/json.ts';
import { quote } from '../model/quote.ts';
import { trace } from '../model/trace.ts';
import { type Change, compareFolder, type Edit, type FolderChanges } from './changes.ts';
import { kindOf, modeOf, readText, removeFile, removeLeftovers, type Tree, writeFile } from './disk.ts';
import { readImages } from './environment-images.ts';
import { readKustomization } from './kustomization.ts';
import { baseFolder, environmentFolder, infrastructureFolder, kustomizationFile } from './layout.ts';
import { type Inputs, isAbout, loadInputs } from './load.ts';
import { type FolderPlan, planTree } from './plan.ts';
import { type Sums, sumsFile, sumsFileOf, withSums, writeSums } from './sums.ts';
import { planFleet } from './tenants/plan-fleet.ts';
import { type FleetRecord, keepRecord, readRecord } from './tenants/record.ts';

/** How a tree is written. */
export interface GenerateOptions {
  /** Only say what would change. @default false */
  readonly check?: boolean;
  /** Overwrite files that were edited by hand, and those of a newer tool. @default false */
  readonly force?: boolean;
  /** Takes the texts that were read, by the names that findings give them. */
  readonly texts?: Map<string, string>;
  /**
   * The file that remembers what was written of the tenants, outside of the tree, so that what did not change is not read
   * and rendered again. @default nothing is remembered
   */
  readonly record?: string;
  /** Files that the `secretGenerator` of an environment has to read beside those that it reads now. */
  readonly secretFiles?: { readonly [environment: string]: readonly string[] };
  /** New texts of the resource and of layers, by their paths: they are written with the tree that follows from them. */
  readonly layers?: ReadonlyMap<string, string>;
  /** An environment whose errors keep everything from being written. @default one with errors is left as it is */
  readonly required?: string;
}

/** What was written, or would be. */
export interface Generated {
  readonly changes: readonly Pick<Change, 'path' | 'what'>[];
  readonly inputs: Inputs;
  /** Warnings, and the errors of environments and tenants that were left as they are. */
  readonly findings: readonly Finding[];
}

/** Files that were edited by hand, and that are therefore not overwritten. */
export class EditedFiles extends Failure {
  /** The edits as a unified diff, from what would be written to what is there. */
  override readonly diff: string;

  constructor(edits: readonly Edit[], tree: Tree) {
    super(edits.map((edit) => editFinding(edit, tree)));
    this.name = 'EditedFiles';
    this.diff = edits
      .map(({ path, planned, onDisk }) =>
        createTwoFilesPatch(tree.show(path), tree.show(path), planned, onDisk, 'as written', 'as edited'),
      )
      .join('');
  }
}

/**
 * Brings base, components, environments and tenants in step with the resource. Only files that differ are written,
 * each atomically. A run that is killed leaves each file old or new; the next run does the rest.
 *
 * @throws Failure where the resource or every environment has errors; then nothing is written
 * @throws EditedFiles where a file was edited by hand
 */
export async function generateTree(tree: Tree, options: GenerateOptions = {}): Promise<Generated> {
  const { check = false, force = false, layers = new Map() } = options;
  const meant = { ...tree, pending: layers, folders: new Set<string>() };
  const inputs = await loadInputs(meant, options.texts);
  demandEnvironment(inputs, options.required);
  const isPartial = hasErrors(inputs.findings);
  const all = planTree(inputs.config, inputs.environments, (name) => [
    ...presentSecretFiles(tree, name),
    ...(options.secretFiles?.[name] ?? []),
  ]);
  // What environments share stays as it is, since some of it may be of those with errors.
  const known = options.record === undefined ? undefined : readRecord(options.record);
  const fleet = await planFleet(meant, inputs, all, options.texts, known);
  const plans = [
    ...all.filter(({ folder }) => !isPartial || folder !== infrastructureFolder),
    ...fleet.plans,
  ];
  const { compared, findings } = compareAll(tree, plans, force);
  const edits = compared.flatMap((folder) => folder.edits);
  const refused = edits.filter(({ written }) => !written || !force);
  if (refused.length > 0 && !check) throw new EditedFiles(refused, tree);
  if (!check) {
    writeLayers(tree, layers);
    for (const folder of compared) writeFolder(tree, folder);
    if (options.record !== undefined && fleet.record !== undefined && !same(known, fleet.record))
      keepRecord(options.record, fleet.record);
  }
  const changes = compared.flatMap((folder) => changesOf(folder, check));
  const images = inputs.environments
    .filter(({ name }) => compared.some(({ folder }) => folder === environmentFolder(name)))
    .flatMap(({ name, config }) => readImages(tree, name, config).findings);
  return {
    changes,
    inputs,
    findings: uniqueFindings([...inputs.findings, ...fleet.findings, ...findings, ...images]),
  };
}

/** Refuses what is wrong with one environment. */
function demandEnvironment({ environments, findings }: Inputs, name: string | undefined): void {
  if (name === undefined || environments.some((environment) => environment.name === name)) return;
  throw new Failure(findings.filter((finding) => isAbout(finding, name)));
}

/** Writes the resource and layers, each with the permissions that it has. */
export function writeLayers(tree: Tree, layers: ReadonlyMap<string, string>): void {
  for (const [file, text] of layers) writeFile(tree, file, text, modeOf(tree, file));
}

/** Whether nothing has to be remembered that is not. Tenants that did not change are the very same values. */
function same(known: FleetRecord | undefined, now: FleetRecord): boolean {
  const ids = Object.keys(now.tenants);
  return (
    known?.from === now.from &&
    Object.keys(known.tenants).length === ids.length &&
    ids.every((id) => known.tenants[id] === now.tenants[id])
  );
}

/**
 * What changes in a folder; its checksums are named only where nothing else does. A tree whose files are as
 * they should be is in step whatever its checksums say: another tool may have made the same change.
 */
function changesOf(
  { folder, changes, before, after }: FolderChanges,
  check: boolean,
): Pick<Change, 'path' | 'what'>[] {
  if (changes.length > 0) return changes.map(({ path, what }) => ({ path, what }));
  const what = before.size === 0 ? 'create' : 'change';
  const inStep = sameSums(before, after) || (check && what === 'change');
  return inStep ? [] : [{ path: `${folder}/${sumsFileOf(folder)}`, what }];
}

/**
 * Compares all folders, so that every problem is told at once. An environment whose folder cannot be compared is not in
 * the way of the others.
 */
function compareAll(
  tree: Tree,
  plans: readonly FolderPlan[],
  force: boolean,
): { readonly compared: FolderChanges[]; readonly findings: Finding[] } {
  const findings: Finding[] = [];
  const compared = plans.flatMap((plan) => {
    try {
      return [compareFolder(tree, plan, force)];
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      findings.push(...error.findings.map((finding) => ({ ...finding, ...plan.about })));
      return [];
    }
  });
  const isShared = findings.some(({ environments, tenants }) => (environments ?? tenants) === undefined);
  const owned = new Set(plans.filter(({ about }) => about !== undefined).map(({ folder }) => folder));
  const isAll = !compared.some(({ folder }) => owned.has(folder));
  if (isShared || (findings.length > 0 && isAll)) throw new Failure(findings);
  return { compared, findings };
}

/**
 * Writes what differs in a folder. The checksums come first, with what is there and what is to come, so that
 * a run that is killed in between has not made its own files look edited.
 */
function writeFolder(tree: Tree, { folder, about, changes, before, after, isNew }: FolderChanges): void {
  // A fleet has thousands of files; an empty one counts as nobody's edit, and the next run writes it again.
  const write = (file: string, text: string) =>
    writeFile(tree, file, text, undefined, about?.tenants === undefined);
  const sums = `${folder}/${sumsFileOf(folder)}`;
  if (!isNew) {
    const files = [sumsFile, ...before.keys(), ...after.keys()];
    const folders = new Set(files.map((file) => `${folder}/${file}`.replace(/\/[^/]*$/, '')));
    for (const some of folders) removeLeftovers(tree, some);
  }
  if (changes.length === 0 && sameSums(before, after)) {
    trace(() => `keep ${tree.show(folder)}: it is what the configuration makes`);
    return;
  }
  for (const { path, what } of changes) trace(() => `${what} ${tree.show(path)}: ${whyChanged[what]}`);
  // where the checksums stand in a file, that one is written with them
  const others = changes.filter(({ path }) => path !== sums);
  const own = changes.find(({ path }) => path === sums)?.text || readText(tree, sums);
  const textOf = (of: Sums) => (sums.endsWith(sumsFile) ? writeSums(of) : withSums(own ?? '', of));
  const both = union(before, after);
  const isAtOnce = others.length === 0;
  if (!isAtOnce && after.size > 0) write(sums, textOf(both));
  for (const { path, what, text } of others) {
    if (what === 'delete') removeFile(tree, path);
    else write(path, text);
  }
  if (after.size === 0) removeFile(tree, sums);
  else if (isAtOnce || !sameSums(both, after)) write(sums, textOf(after));
}

const whyChanged = {
  create: 'the configuration makes it',
  change: 'the configuration makes it otherwise',
  delete: 'the configuration does not make it any more',
} as const;

function union(a: Sums, b: Sums): Sums {
  const both = new Map([...a].map(([path, sums]) => [path, new Set(sums)]));
  for (const [path, sums] of b) both.set(path, new Set([...(both.get(path) ?? []), ...sums]));
  return both;
}

function sameSums(a: Sums, b: Sums): boolean {
  return (
    a.size === b.size &&
    [...a].every(([path, sums]) => sums.size === 1 && b.get(path)?.has([...sums][0] ?? ''))
  );
}

/** Whether a tree was ever written. */
export function hasTree(tree: Tree): boolean {
  return kindOf(tree, `${baseFolder}/${sumsFile}`) !== undefined;
}

/** The files that the `secretGenerator` of an environment reads, as the user or `secrets init` wrote them. */
export function presentSecretFiles(tree: Tree, environment: string): string[] {
  const file = `${environmentFolder(environment)}/${kustomizationFile}`;
  const text = readText(tree, file);
  if (text === undefined) return [];
  let entries: Json | undefined;
  try {
    entries = readKustomization(text, tree.show(file)).value.secretGenerator;
  } catch (error) {
    // The comparison of the folder tells it.
    if (!(error instanceof Failure)) throw error;
  }
  if (!Array.isArray(entries)) return [];
  return entries
    .flatMap((entry) => (isObject(entry) && Array.isArray(entry.files) ? entry.files : []))
    .filter((file) => typeof file === 'string');
}

function editFinding({ path, written, obsolete, namespace }: Edit, tree: Tree): Finding {
  const file = tree.show(path);
  const base = { severity: 'error', path: [] } as const;
  if (namespace !== undefined) {
    const message = `${file} has the namespace ${quote(namespace)}, and the configuration another`;
    const hint = `set metadata.namespace: ${quote(namespace)} in config.yaml beside it, where checks and sealed secrets know of it; to drop it use --force`;
    return { ...base, code: 'edited', message, hint };
  }
  if (!written) {
    const hint = 'rename or remove it; a file that this tool did not write is never overwritten';
    return { ...base, code: 'not-ours', message: `${file} stands where a file has to be written`, hint };
  }
  if (path.startsWith(`${infrastructureFolder}/`) && !obsolete) {
    const hint =
      'to keep the change make it in glyphoxa.yaml, where spec.postgresql.charts and spec.sealedSecrets.chart have the versions of charts; to drop it use --force';
    return { ...base, code: 'edited', message: `${file} was edited by hand`, hint };
  }
  const way = path.endsWith(kustomizationFile)
    ? 'entries of your own in kustomization.yaml'
    : 'a patch of your own in kustomization.yaml';
  const hint = `to keep the change make it in glyphoxa.yaml, in config.yaml or by ${way}; to drop it use --force`;
  const message = obsolete
    ? `${file} was edited by hand, and is no longer needed`
    : `${file} was edited by hand`;
  return { ...base, code: 'edited', message, hint };
}
