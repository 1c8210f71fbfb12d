/** Environments of a tree: making a new one, and listing those that are there. */

import { parseAssignment } from '../config/assignment.ts';
import { environmentFile } from '../config/files.ts';
import { apiVersion, kind } from '../config/schema/resource.ts';
import { Failure, type Finding, failure, hasErrors } from '../model/finding.ts';
import { isObject, type Json, type JsonObject, type Path, setKey } from '../model/json.ts';
import { readYaml } from '../model/yaml.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { validate } from '../objects/build.ts';
import { componentsOf } from '../objects/parts.ts';
import { kindOf, removeFile, type Tree, writeFile } from './disk.ts';
import { readImages } from './environment-images.ts';
import { type Generated, generateTree } from './generate.ts';
import { environmentFolder, environmentNamePattern } from './layout.ts';
import { loadInputs, readResource, wrongName } from './load.ts';
import { headerWith } from './schema-file.ts';

/** What a new environment differs in. */
export interface NewOverlay {
  readonly name: string;
  readonly topology?: 'shared' | 'dedicated';
  /** Values as `path=value`, by the paths of the resource. */
  readonly set?: readonly string[];
  /** The schema that editors check the layer against. @default none is named */
  readonly schema?: string;
  /** Takes the texts that were read, by the names that findings give them. */
  readonly texts?: Map<string, string>;
}

/**
 * Makes an environment: its layer, and the tree that follows from it.
 *
 * @throws Failure where it exists or would be invalid; then nothing is written
 */
export async function createOverlay(tree: Tree, options: NewOverlay): Promise<Generated> {
  const { name, texts } = options;
  if (!environmentNamePattern.test(name)) throw new Failure([wrongName(name)]);
  const file = `${environmentFolder(name)}/${environmentFile}`;
  if (kindOf(tree, environmentFolder(name)) !== undefined) {
    const hint = 'choose another name, or change its config.yaml and generate';
    throw failure('overlay-exists', `${tree.show(environmentFolder(name))} exists already`, hint);
  }
  const resource = readResource(tree);
  const text = layerText(options, releaseOf(resource.value));
  const layer = { ...readYaml(text, tree.show(file)), environment: name };
  texts?.set(resource.file, resource.text).set(layer.file, text);
  const { findings } = await validate(resource, layer);
  if (hasErrors(findings)) throw new Failure(findings);
  writeFile(tree, file, text);
  try {
    const { environments, findings } = await loadInputs(tree, texts);
    if (!environments.some((environment) => environment.name === name)) throw new Failure(findings);
    const generated = await generateTree(tree);
    return { ...generated, changes: [{ path: file, what: 'create' }, ...generated.changes] };
  } catch (error) {
    removeFile(tree, file);
    throw error;
  }
}

/** An environment in short. */
export interface ListedOverlay {
  readonly name: string;
  readonly namespace: string;
  readonly topology: string;
  readonly image: string;
  /** The optional parts that are on. */
  readonly components: readonly string[];
}

/**
 * The environments of a tree that have no errors.
 *
 * @param told takes the findings of all
 */
export async function listOverlays(tree: Tree, told: Finding[] = []): Promise<ListedOverlay[]> {
  const { environments, findings } = await loadInputs(tree);
  told.push(...findings);
  return environments.map(({ name, config }) => ({
    name,
    namespace: config.metadata.namespace,
    topology: config.spec.core.topology,
    image: readImages(tree, name, config).image,
    components: componentsOf(config).map((component) => component.name),
  }));
}

function layerText({ name, topology, set = [], schema }: NewOverlay, release: string): string {
  const layer: JsonObject = { apiVersion, kind, metadata: { namespace: namespaceFor(release, name) } };
  if (topology !== undefined) setAt(layer, ['spec', 'core', 'topology'], topology);
  for (const assignment of set) {
    const { path, value } = parseAssignment(assignment, 'write --set path=value');
    setAt(layer, path, value);
  }
  const about = `What the environment ${name} changes of glyphoxa.yaml. Then: glyphoxa-kustomize generate`;
  return writeYaml(layer, {
    header: headerWith(schema, about),
  });
}

/** A namespace of its own, so that environments do not overwrite each other. */
function namespaceFor(release: string, name: string): string {
  return `${release}-${name.replace(/[^a-z0-9]+/g, '-')}`.slice(0, 63).replace(/-+$/, '');
}

function setAt(object: JsonObject, path: Path, value: Json): void {
  let at = object;
  for (const [index, part] of path.entries()) {
    const key = String(part);
    if (index === path.length - 1) setKey(at, key, value);
    else {
      const next = Object.hasOwn(at, key) ? at[key] : undefined;
      if (!isObject(next)) setKey(at, key, {});
      at = at[key] as JsonObject;
    }
  }
}

function releaseOf(resource: Json | undefined): string {
  const metadata = isObject(resource) ? resource.metadata : undefined;
  return isObject(metadata) && typeof metadata.name === 'string' ? metadata.name : 'glyphoxa';
}
