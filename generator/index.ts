/**
 * The library: a `Glyphoxa` resource in, findings and Kubernetes objects out.
 *
 * ```ts
 * import { build, readYaml } from 'glyphoxa-kustomize';
 *
 * const base = readYaml(text, 'glyphoxa.yaml');
 * const { objects, findings } = await build(base, undefined, { env: process.env, folder: '.' });
 * ```
 */
import type { Config } from './config/schema/resource.ts';

/** Where a resource and its environments lie, and how their layers are read. */
export {
  environmentFile,
  expandPaths,
  type FileContext,
  type Layers,
  readLayers,
  resourceFile,
} from './config/files.ts';
/** The JSON Schemas (draft 2020-12) of the resource and of an environment's layer. */
export { jsonSchema, type SchemaName } from './config/json-schema.ts';
/** Checks a configuration and fills in its defaults, reading no file and no variable. */
export { type Loaded, loadConfig, type Origin, type Source } from './config/load.ts';
/** Reads the secret values that a resource takes from variables and files. */
export { type Resolved, resolveSecrets, type SecretSources } from './config/resolve.ts';
export type { Rule } from './config/rules/rule.ts';
/** Every rule, with its code, its severity and what it asks for. */
export { rules } from './config/rules.ts';
/** The resource's identity, and a complete configuration. */
export { apiVersion, type Config, kind } from './config/schema/resource.ts';
export type { SecretValue } from './config/secret-keys.ts';
/** Findings: expected problems, with code, severity, path and position. */
export {
  Failure,
  type Finding,
  formatFinding,
  hasErrors,
  type Position,
  type Severity,
  sortFindings,
} from './model/finding.ts';
export type { Json, JsonObject, Path } from './model/json.ts';
export type { KubernetesObject, ObjectMeta } from './model/object.ts';
/** Reads a YAML file that a person wrote, with positions. */
export { readYaml, type YamlSource } from './model/yaml.ts';
/** Writes YAML that every reader takes for the same value. */
export { type WriteOptions, writeYaml, writeYamlStream } from './model/yaml-writer.ts';
/** Checks a configuration completely (`validate`), and makes its objects (`build`). */
export { type Built, build, type Validated, validate } from './objects/build.ts';
/** The objects of a configuration without errors: a pure function. */
export { generate } from './objects/generate.ts';
export type { ResolvedSecrets } from './objects/secrets.ts';
/** What is inconsistent in a kustomization that rests on a written tree. */
export { checkFolder, checkObjects } from './tree/check/check.ts';
/** The folder of a tree on disk. */
export { openTree, type Tree } from './tree/disk.ts';
/** Writes the Kustomize tree of a resource and its environments. */
export { EditedFiles, type Generated, type GenerateOptions, generateTree } from './tree/generate.ts';
/** Makes and lists environments. */
export { createOverlay, type ListedOverlay, listOverlays, type NewOverlay } from './tree/overlay.ts';
/** What differs between two environments, by object and field. */
export { diffOverlays, type FieldDiff, type ObjectDiff } from './tree/overlay-diff.ts';

/** A value as people write it: everything that has a default may be left out. Lists are written whole. */
export type Written<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [key in keyof T]?: Written<T[key]> }
    : T;

/** A resource as people write it. */
export interface GlyphoxaResource {
  apiVersion: Config['apiVersion'];
  kind: Config['kind'];
  metadata: Pick<Config['metadata'], 'name'> & Partial<Config['metadata']>;
  spec?: Written<Config['spec']>;
}

/** A value of an environment: null removes it. */
export type Changed<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [key in keyof T]?: Changed<T[key]> | null }
    : T;

/** What an environment changes in its resource, as people write it. */
export interface GlyphoxaEnvironment {
  apiVersion: Config['apiVersion'];
  kind: Config['kind'];
  metadata?: Changed<Omit<Config['metadata'], 'name'>> & { name?: string };
  spec?: Changed<Config['spec']> | null;
}
