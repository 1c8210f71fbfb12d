/** Builds what can be built without other people's plugins and keys, and says what is not seen then. */
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Finding, finding } from '../model/finding.ts';
import { isObject, type Json, type JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { readFile } from '../model/read-file.ts';
import { parseYaml } from '../model/yaml.ts';
import type { Layer } from './check/layers.ts';
import { nameOf } from './check/release.ts';
import { type BuildOptions, type BuildResult, type Kustomize, runKustomize } from './kustomize.ts';
import { kustomizationFile } from './layout.ts';

/** The fields of a kustomization that may name programs. */
const pluginFields = ['generators', 'transformers', 'validators'] as const;

/** What every kustomize says where it meets a plugin that is not its own and may not run it. */
const disabled = /external plugins disabled/;

/** A build, and what is not in it. */
export interface SeenBuild {
  readonly result: BuildResult;
  /** Warnings: what plugins would have made. */
  readonly unseen: readonly Finding[];
}

/** Builds a folder; where it asks for plugins that do not run here (ksops, …), without them. */
export async function buildSeen(
  kustomize: Kustomize,
  { folder, layers }: { readonly folder: string; readonly layers: readonly Layer[] },
  env: { readonly [name: string]: string | undefined },
  options: BuildOptions = {},
): Promise<SeenBuild> {
  const result = await runKustomize(kustomize, folder, env, options);
  if (result.ok || !disabled.test(result.error)) return { result, unseen: [] };
  const plugins = layers.map((layer) => ({ layer, entries: pluginsOf(layer) }));
  // Without its own plugin nothing of a release would be left.
  const isOurs = plugins.some(({ entries }) => entries.some(({ kinds }) => kinds.includes('Glyphoxa')));
  if (isOurs) return { result, unseen: [] };
  const copy = realpathSync(mkdtempSync(path.join(tmpdir(), 'glyphoxa-kustomize-')));
  try {
    const root = commonFolder(layers.map((layer) => layer.folder));
    for (const { layer, entries } of plugins)
      copyLayer(layer, entries, path.join(copy, path.relative(root, layer.folder)));
    const without = await runKustomize(kustomize, path.join(copy, path.relative(root, folder)), env, options);
    if (!without.ok)
      return { result: { ok: false, error: without.error.replaceAll(copy, root) }, unseen: [] };
    return {
      result: without,
      unseen: plugins.flatMap(({ layer, entries }) => unseenFindings(layer, entries)),
    };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Warnings about objects whose values are encrypted where they stand. */
export function encryptedFindings(objects: readonly KubernetesObject[]): Finding[] {
  return objects.filter(isEncrypted).map((object) => {
    const message = `${nameOf(object)} is encrypted with SOPS: its values are not seen here`;
    return finding(
      'encrypted-unseen',
      message,
      'fine where what applies it decrypts it first, as Flux and ksops do',
      'warning',
    );
  });
}

/** Whether SOPS has encrypted an object; source: the field that it adds. */
export function isEncrypted({ sops }: KubernetesObject): boolean {
  return isObject(sops);
}

/** The kinds of what programs of somebody else's make or change in a kustomization. */
export function pluginKinds(layer: Layer): string[] {
  return pluginsOf(layer).flatMap(({ kinds }) => kinds);
}

/** An entry of a kustomization that a program of somebody else's carries out. */
interface Plugin {
  readonly field: (typeof pluginFields)[number];
  readonly entry: Json;
  readonly kinds: readonly string[];
}

function pluginsOf({ folder, value }: Layer): Plugin[] {
  return pluginFields.flatMap((field) => {
    const entries = value[field];
    if (!Array.isArray(entries)) return [];
    return entries.flatMap((entry): Plugin[] => {
      const configs = configsOf(folder, entry);
      if (configs.length > 0 && configs.every(({ apiVersion }) => apiVersion === 'builtin')) return [];
      return [{ field, entry, kinds: configs.map(({ kind }) => String(kind)) }];
    });
  });
}

/** What an entry configures: a file, or a text in the kustomization itself; nothing where it is another folder. */
function configsOf(folder: string, entry: Json): JsonObject[] {
  try {
    const text = String(entry);
    const yaml = text.includes('\n') ? text : readFile(path.resolve(folder, text)).toString('utf8');
    return parseYaml(yaml).filter(isObject);
  } catch {
    return [];
  }
}

function unseenFindings({ folder }: Layer, entries: readonly Plugin[]): Finding[] {
  if (entries.length === 0) return [];
  const names = entries.map(({ field, entry, kinds }) => {
    const what = kinds.join(', ') || 'unknown';
    return `${what} among ${field}${String(entry).includes('\n') ? '' : ` (${String(entry)})`}`;
  });
  const message = `${path.join(folder, kustomizationFile)} asks for plugins that do not run here, and what they make or change is not seen: ${names.join('; ')}`;
  const hint =
    'build with what runs them (Argo CD, kustomize build --enable-alpha-plugins --enable-exec); "check -" takes what it prints';
  return [finding('plugin-unseen', message, hint, 'warning')];
}

/** Copies a kustomization without its plugins, and the files in its folder that it names. */
function copyLayer({ folder, value }: Layer, plugins: readonly Plugin[], to: string): void {
  mkdirSync(to, { recursive: true });
  const left = { ...value };
  for (const field of pluginFields) {
    const entries = left[field];
    if (Array.isArray(entries))
      left[field] = entries.filter(
        (entry) => !plugins.some((plugin) => plugin.field === field && plugin.entry === entry),
      );
  }
  for (const name of textsIn(left)) {
    const file = path.resolve(folder, name);
    if (isFileIn(folder, file))
      cpSync(file, path.join(to, path.relative(folder, file)), { dereference: true });
  }
  writeFileSync(path.join(to, kustomizationFile), JSON.stringify(left));
}

/** All texts that may name a file; behind `KEY=` too. */
function textsIn(value: Json): string[] {
  if (typeof value === 'string')
    return value.includes('\n') ? [] : [value, value.slice(value.indexOf('=') + 1)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((item) => textsIn(item as Json));
}

/** What lies outside is left out: kustomize refuses it, and says so. */
function isFileIn(folder: string, file: string): boolean {
  try {
    const relative = path.relative(realpathSync(folder), realpathSync(file));
    return statSync(file).isFile() && relative !== '' && relative.split(path.sep)[0] !== '..';
  } catch {
    return false;
  }
}

function commonFolder(folders: readonly string[]): string {
  const [first = '/', ...rest] = folders;
  const contains = (folder: string) =>
    [first, ...rest].every((other) => !path.relative(folder, other).startsWith('..'));
  let common = first;
  while (!contains(common)) common = path.dirname(common);
  return common;
}
