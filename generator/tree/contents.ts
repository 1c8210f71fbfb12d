/** The files that a kustomization is built from, all of them in one tree: what it needs where nothing else is. */
import path from 'node:path';
import { type Finding, finding } from '../model/finding.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import { parseYaml } from '../model/yaml.ts';
import { kindOf, readBytes, type Tree } from './disk.ts';
import { kustomizationFile, otherKustomizationFiles } from './layout.ts';
import { pluginKinds } from './seen-build.ts';

/** What a build reads. */
export interface Contents {
  /** Files by their paths in the tree. */
  readonly files: Map<string, Buffer>;
  /** The kustomizations among them, by their files. */
  readonly kustomizations: Map<string, JsonObject>;
  readonly findings: Finding[];
}

/** What folders are built from that were read already. */
type Known = ReadonlyMap<string, Contents>;

/**
 * Everything that the kustomization in a folder of the tree is built from.
 *
 * @param known folders that need not be read again, since many are built on them; @default none
 */
export function contentsOf(tree: Tree, folder: string, known: Known = new Map()): Contents {
  const contents: Contents = { files: new Map(), kustomizations: new Map(), findings: [] };
  visit(tree, folder, contents, known);
  return contents;
}

function visit(tree: Tree, folder: string, contents: Contents, known: Known): void {
  const present = known.get(folder);
  if (present !== undefined) {
    for (const [file, bytes] of present.files) contents.files.set(file, bytes);
    for (const [file, value] of present.kustomizations) contents.kustomizations.set(file, value);
    contents.findings.push(...present.findings);
    return;
  }
  const file = [kustomizationFile, ...otherKustomizationFiles]
    .map((name) => path.posix.join(folder, name))
    .find((name) => kindOf(tree, name) === 'file');
  if (file === undefined) {
    const hint = 'write it, or leave the folder out of what is built';
    contents.findings.push(finding('not-in-tree', `${tree.show(folder)} has no ${kustomizationFile}`, hint));
    return;
  }
  if (contents.files.has(file)) return;
  const bytes = readBytes(tree, file) as Buffer;
  contents.files.set(file, bytes);
  const value = firstObject(bytes);
  contents.kustomizations.set(file, value);
  for (const field of ['helmCharts', 'helmChartInflationGenerator']) {
    if (value[field] === undefined) continue;
    const hint = 'publish the environment alone, and install charts apart: Flux builds none';
    contents.findings.push(finding('charts', `${tree.show(file)} takes in charts (${field})`, hint));
  }
  const plugins = pluginKinds({ folder: path.join(tree.root, folder), value });
  if (plugins.length > 0) {
    const message = `${tree.show(file)} asks for plugins (${plugins.join(', ')}): what they read and make is not known here`;
    const hint = 'publish from where they run; Secrets that SOPS has encrypted Flux decrypts without one';
    contents.findings.push(finding('plugin-unseen', message, hint));
  }
  for (const name of namedIn(value)) follow(tree, { from: file, folder, name }, contents, known);
}

function firstObject(bytes: Buffer): JsonObject {
  try {
    const [value] = parseYaml(bytes.toString('utf8'));
    return isObject(value) ? value : {};
  } catch {
    // Flux or Argo CD would say so: what is published has been checked by "generate"
    return {};
  }
}

interface Mention {
  readonly from: string;
  readonly folder: string;
  readonly name: string;
}

function follow(tree: Tree, { from, folder, name }: Mention, contents: Contents, known: Known): void {
  const target = path.posix.join(folder, name).replace(/\/$/, '');
  const isOutside = path.posix.isAbsolute(name) || target === '..' || target.startsWith('../');
  const kind = isOutside || /:\/\/|^git@/.test(name) ? undefined : kindOf(tree, target);
  if (kind === 'folder') visit(tree, target, contents, known);
  if (kind === 'file') contents.files.set(target, readBytes(tree, target) as Buffer);
  if (kind !== undefined) return;
  const why = isOutside ? 'is outside of the tree' : 'is not in the tree';
  const hint = 'put it into the tree: what is published is built where nothing else is';
  contents.findings.push(finding('not-in-tree', `${tree.show(from)} names ${name}, which ${why}`, hint));
}

const lists = {
  /** Files or folders; what has several lines is written in place. */
  paths: [
    'resources',
    'bases',
    'components',
    'crds',
    'configurations',
    'generators',
    'transformers',
    'validators',
    'patchesStrategicMerge',
  ],
  /** Objects that name a file as their `path`. */
  withPath: ['patches', 'patchesJson6902', 'replacements'],
  generators: ['configMapGenerator', 'secretGenerator'],
};

/** The files and folders that a kustomization names. */
function namedIn(value: JsonObject): string[] {
  const items = (fields: readonly string[]): Json[] => fields.flatMap((field) => asList(value[field]));
  const paths = items(lists.paths)
    .filter(isText)
    .filter((text) => !text.includes('\n'));
  const withPath = [...items(lists.withPath), value.openapi ?? null].flatMap((item) =>
    isObject(item) ? [item.path] : [],
  );
  const generated = items(lists.generators).filter(isObject).flatMap(generatorFiles);
  return [...paths, ...withPath.filter(isText), ...generated];
}

/** `files` may say `KEY=PATH`. */
function generatorFiles({ files, envs, env }: JsonObject): string[] {
  const named = asList(files)
    .filter(isText)
    .map((text) => text.replace(/^[^=]*=/, ''));
  return [...named, ...asList(envs).filter(isText), ...asList(env).filter(isText)];
}

function asList(value: Json | undefined): Json[] {
  return value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '';
}
