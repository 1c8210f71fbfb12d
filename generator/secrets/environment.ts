/** What secrets are worked on for: an environment, or a resource alone. */
import { environmentFile } from '../config/files.ts';
import { notGivenYet } from '../config/rules.ts';
import type { Config } from '../config/schema/resource.ts';
import { suggest } from '../config/suggest.ts';
import { Failure, type Finding, failure } from '../model/finding.ts';
import { readYaml, type YamlSource } from '../model/yaml.ts';
import { validate } from '../objects/build.ts';
import { kindOf, readText, type Tree } from '../tree/disk.ts';
import { environmentFolder, environmentNamePattern } from '../tree/layout.ts';
import { environmentNames, readLayer, readResource, wrongName } from '../tree/load.ts';

/** An environment that was read, or a resource that is deployed alone. */
export interface SecretEnvironment {
  /** Its name; of a resource alone its file. */
  readonly name: string;
  /** Its folder in the tree; `.` of a resource alone. */
  readonly folder: string;
  /** Whether it is a resource alone, without a tree. */
  readonly isAlone: boolean;
  readonly config: Config;
  /** The file of the environment; of a resource alone the resource. */
  readonly layer: YamlSource;
  readonly findings: readonly Finding[];
}

/**
 * Reads an environment. That secrets are missing in it is no error here: giving them is what this is for.
 *
 * @param texts takes the texts that were read, by the names that findings give them
 * @throws Failure where there is no such environment, or it has errors
 */
export async function readEnvironment(
  tree: Tree,
  name: string,
  texts: Map<string, string>,
): Promise<SecretEnvironment> {
  const folder = environmentFolder(name);
  const file = `${folder}/${environmentFile}`;
  if (!environmentNamePattern.test(name)) throw new Failure([wrongName(name)]);
  const resource = readResource(tree);
  if (kindOf(tree, file) !== 'file') {
    const known = environmentNames(tree);
    const close = suggest(name, known);
    const hint =
      close === undefined
        ? `known: ${known.join(', ') || 'none'}; see "overlay create"`
        : `did you mean ${close}?`;
    throw failure('no-environment', `${tree.show(file)} does not exist`, hint);
  }
  const layer = readLayer(tree, name);
  for (const source of [resource, layer]) texts.set(source.file, source.text);
  return { name, folder, isAlone: false, layer, ...(await validated(resource, layer)) };
}

/**
 * Reads a resource that is deployed alone, without a tree.
 *
 * @param tree the folder that it is in
 * @param file its name
 * @throws Failure where it has errors
 */
export async function readAlone(
  tree: Tree,
  file: string,
  texts: Map<string, string>,
): Promise<SecretEnvironment> {
  const layer = readYaml(readText(tree, file) ?? '', tree.show(file));
  texts.set(layer.file, layer.text);
  return { name: file, folder: '.', isAlone: true, layer, ...(await validated(layer)) };
}

/** The configuration, and what is wrong with it but that secrets are missing. */
async function validated(
  resource: YamlSource,
  layer?: YamlSource,
): Promise<Pick<SecretEnvironment, 'config' | 'findings'>> {
  const { config, findings } = await validate(resource, layer);
  const isSealed = config?.spec.secrets.provider === 'sealed-secrets';
  const kept = findings.filter(({ code }) => !(isSealed && notGivenYet.includes(code)));
  if (config === undefined || kept.some(({ severity }) => severity === 'error')) throw new Failure(kept);
  return { config, findings: kept };
}
