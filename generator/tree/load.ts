/** Reads what a tree is written from: the resource and the layers of its environments. */
import { environmentFile, resourceFile } from '../config/files.ts';
import type { Config } from '../config/schema/resource.ts';
import { Failure, type Finding, failure, formatFinding, hasErrors, sortFindings } from '../model/finding.ts';
import { readYaml, type YamlSource } from '../model/yaml.ts';
import { validate } from '../objects/deployment.ts';
import { kindOf, listFolder, readText, type Tree } from './disk.ts';
import { environmentFolder, environmentNamePattern, infrastructureFolder, overlaysFolder } from './layout.ts';
import { sumsFile } from './sums.ts';

/** An environment with its layer applied. */
export interface Environment {
  readonly name: string;
  readonly config: Config;
  readonly layer: YamlSource;
}

/** Everything that a tree is written from. */
export interface Inputs {
  readonly resource: YamlSource;
  /** The configuration of the resource alone. */
  readonly config: Config;
  readonly environments: readonly Environment[];
  /** Warnings; errors are thrown. */
  readonly findings: readonly Finding[];
}

/**
 * Reads and checks the resource and all environments of a tree.
 *
 * @param texts takes the texts that were read, by the names that findings give them
 * @throws Failure with every finding, where one is an error
 */
export async function loadInputs(tree: Tree, texts: Map<string, string> = new Map()): Promise<Inputs> {
  const resource = readResource(tree);
  texts.set(resource.file, resource.text);
  const findings: Finding[] = [];
  const alone = await validate(resource);
  const environments: Environment[] = [];
  for (const name of environmentNames(tree, findings)) {
    const file = `${environmentFolder(name)}/${environmentFile}`;
    const layer = readYaml(readText(tree, file) ?? '', tree.show(file));
    texts.set(layer.file, layer.text);
    const { config, findings: found } = await validate(resource, layer);
    findings.push(...found);
    if (config !== undefined) environments.push({ name, config, layer });
  }
  // What the resource alone lacks, such as a DSN, an environment may supply.
  if (environments.length === 0) findings.push(...alone.findings);
  findings.push(...sameTargets(environments));
  const all = unique(sortFindings(findings));
  if (hasErrors(all)) throw new Failure(all);
  if (alone.config === undefined) throw new Failure(alone.findings);
  return { resource, config: alone.config, environments, findings: all };
}

/** Reads the resource of a tree. */
export function readResource(tree: Tree): YamlSource {
  const text = readText(tree, resourceFile);
  if (text !== undefined) return readYaml(text, tree.show(resourceFile));
  throw failure(
    'no-resource',
    `${tree.show(resourceFile)} does not exist`,
    'name the folder that has it, or begin one with "glyphoxa-kustomize init"',
  );
}

/** The names of a tree's environments: the folders in `overlays/` with a `config.yaml`. */
export function environmentNames(tree: Tree, findings: Finding[] = []): string[] {
  const names: string[] = [];
  for (const name of listFolder(tree, overlaysFolder) ?? []) {
    const folder = environmentFolder(name);
    if (name.startsWith('.') || kindOf(tree, folder) !== 'folder') continue;
    const hasLayer = kindOf(tree, `${folder}/${environmentFile}`) === 'file';
    if (folder === infrastructureFolder) {
      if (hasLayer) findings.push(reservedName(name));
      continue;
    }
    if (!hasLayer && kindOf(tree, `${folder}/${sumsFile}`) === undefined) continue;
    if (!hasLayer) {
      findings.push({
        code: 'no-environment',
        severity: 'warning',
        path: [],
        message: `${tree.show(folder)} was written by this tool and has no ${environmentFile} any more`,
        hint: `write ${environmentFile} again, or delete the folder`,
      });
    } else if (environmentNamePattern.test(name)) names.push(name);
    else findings.push(wrongName(name));
  }
  return names;
}

function reservedName(name: string): Finding {
  return {
    code: 'environment-name',
    severity: 'error',
    path: [],
    message: `an environment cannot be called ${name}, whose folder holds the overlays of operators and database`,
    hint: 'rename its folder',
  };
}

/** What is wrong with the name of an environment. */
export function wrongName(name: string): Finding {
  return {
    code: 'environment-name',
    severity: 'error',
    path: [],
    message: `${JSON.stringify(name)} is no name for an environment`,
    hint: 'use lower-case letters, digits, "-", "_" and ".", beginning and ending with a letter or digit',
  };
}

/** Environments that would overwrite each other in a cluster. */
function sameTargets(environments: readonly Environment[]): Finding[] {
  const first = new Map<string, string>();
  return environments.flatMap(({ name, config, layer }): Finding[] => {
    const { namespace } = config.metadata;
    const other = first.get(namespace);
    if (other === undefined) {
      first.set(namespace, name);
      return [];
    }
    const path = ['metadata', 'namespace'];
    const message = `the environments ${other} and ${name} have the same release in the namespace ${namespace}`;
    const hint = `set another metadata.namespace in ${layer.file}`;
    return [{ code: 'same-target', severity: 'error', path, message, hint, position: layer.locate(path) }];
  });
}

/** Each finding once: those about the resource come up in every environment. */
function unique(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [formatFinding(finding), finding])).values()];
}
