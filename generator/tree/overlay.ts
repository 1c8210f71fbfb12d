/** Environments of a tree: making a new one, and listing those that are there. */

import { parseAssignment } from '../config/assignment.ts';
import { environmentFile } from '../config/files.ts';
import { apiVersion, kind } from '../config/schema/resource.ts';
import { Failure, type Finding, failure } from '../model/finding.ts';
import { isObject, type Json, type JsonObject, type Path, setKey } from '../model/json.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { componentsOf } from '../objects/parts.ts';
import { kindOf, type Tree } from './disk.ts';
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
  const text = layerText(options, releaseOf(readResource(tree).value));
  const layers = new Map([[file, text]]);
  const generated = await generateTree(tree, { layers, required: name, ...(texts && { texts }) });
  return { ...generated, changes: [{ path: file, what: 'create' }, ...generated.changes] };
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
