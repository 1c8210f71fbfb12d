/** Reads what a tree is written from: the resource and the layers of its environments. */

import { environmentFile, resourceFile } from '../config/files.ts';
import type { Source } from '../config/load.ts';
import type { Config } from '../config/schema/resource.ts';
import { advise } from '../model/command.ts';
import { Failure, type Finding, failure, finding, sortFindings, uniqueFindings } from '../model/finding.ts';
import { trace } from '../model/trace.ts';
import { readYaml, type YamlSource } from '../model/yaml.ts';
import { validate } from '../objects/build.ts';
import { withTreeCharts } from './chart-versions.ts';
import { folderWords, kindOf, listFolder, readText, type Tree } from './disk.ts';
import {
  environmentFolder,
  environmentNamePattern,
  formerInfrastructureFolder,
  overlaysFolder,
} from './layout.ts';
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
  /** Warnings, and the errors of environments that are therefore not among {@link environments}. */
  readonly findings: readonly Finding[];
}

/**
 * Reads and checks the resource and all environments of a tree. An environment with errors stands among neither the
 * environments nor in the way of the others: its errors are among the findings.
 *
 * @param texts takes the texts that were read, by the names that findings give them
 * @throws Failure with every finding, where the resource has errors or no environment is without
 */
export async function loadInputs(tree: Tree, texts: Map<string, string> = new Map()): Promise<Inputs> {
  const resource = readResource(tree);
  texts.set(resource.file, resource.text);
  const alone = await validate(resource);
  const named: Finding[] = [];
  const checked: CheckedEnvironment[] = [];
  for (const name of environmentNames(tree, named)) {
    const layer = readLayer(tree, name);
    texts.set(layer.file, layer.text);
    const own = await validate(resource, layer);
    const config = own.config && withTreeCharts(tree, own.config, own.merged, name);
    checked.push({ name, layer, ...own, config });
  }
  const all = treeFindings(alone.findings, checked, named);
  const errors = all.filter(({ severity }) => severity === 'error');
  const valid = valuesOf(checked).filter(({ name }) => !errors.some((error) => isAbout(error, name)));
  const isWhole = errors.every(({ environments: about }) => about !== undefined);
  if (alone.config === undefined || !isWhole || (valid.length === 0 && errors.length > 0))
    throw new Failure(all.length > 0 ? all : alone.findings);
  const config = withTreeCharts(tree, alone.config, alone.merged);
  return { resource, config, environments: valid, findings: all };
}

/** An environment whose layer was checked together with the resource. */
export interface CheckedEnvironment {
  readonly name: string;
  readonly layer: YamlSource;
  readonly config: Config | undefined;
  readonly findings: readonly Finding[];
}

/**
 * All that is wrong with a resource and its environments, each finding once.
 *
 * @param alone findings of the resource alone; what it lacks, such as a DSN, an environment may supply
 * @param named findings of the environments' names
 */
export function treeFindings(
  alone: readonly Finding[],
  checked: readonly CheckedEnvironment[],
  named: readonly Finding[] = [],
): Finding[] {
  const ofAll = checked.length === 0 ? alone : checked.flatMap(({ findings }) => findings);
  return uniqueFindings(sortFindings([...named, ...ofAll, ...sameTargets(valuesOf(checked))]));
}

function valuesOf(checked: readonly CheckedEnvironment[]): Environment[] {
  return checked.flatMap(({ name, config, layer }) =>
    config === undefined ? [] : [{ name, config, layer }],
  );
}

/** Whether a finding is about an environment. */
export function isAbout({ environments = [] }: Finding, name: string): boolean {
  return environments.includes(name);
}

/** The layer of an environment. */
export function readLayer(tree: Tree, name: string): YamlSource & Source {
  const file = `${environmentFolder(name)}/${environmentFile}`;
  trace(() => `read ${tree.show(file)}: the layer of the environment ${name}`);
  return { ...readYaml(readText(tree, file) ?? '', tree.show(file)), environment: name };
}

/** Reads the resource of a tree. */
export function readResource(tree: Tree): YamlSource {
  trace(() => `read ${tree.show(resourceFile)}: the resource`);
  const text = readText(tree, resourceFile);
  if (text !== undefined) return readYaml(text, tree.show(resourceFile));
  throw failure(
    'no-resource',
    `${tree.show(resourceFile)} does not exist`,
    `name the folder that has it, or begin one with ${advise('no-resource')`glyphoxa-kustomize init ${folderWords(tree)}`}`,
  );
}

/** The names of a tree's environments: the folders in `overlays/` with a `config.yaml`. */
export function environmentNames(tree: Tree, findings: Finding[] = []): string[] {
  const names: string[] = [];
  for (const name of listFolder(tree, overlaysFolder) ?? []) {
    const folder = environmentFolder(name);
    if (name.startsWith('.') || kindOf(tree, folder) !== 'folder') continue;
    const hasLayer = kindOf(tree, `${folder}/${environmentFile}`) === 'file';
    if (folder === formerInfrastructureFolder) {
      if (hasLayer) findings.push(reservedName(name));
      continue;
    }
    if (!hasLayer && kindOf(tree, `${folder}/${sumsFile}`) === undefined) continue;
    if (!hasLayer) {
      findings.push(
        finding(
          'no-environment',
          `${tree.show(folder)} was written by this tool and has no ${environmentFile} any more`,
          `write ${environmentFile} again, or delete the folder`,
          'warning',
        ),
      );
    } else if (environmentNamePattern.test(name)) names.push(name);
    else findings.push(wrongName(name));
  }
  return names;
}

/** What is wrong with the name of an environment that earlier versions used for something else. */
export function reservedName(name: string): Finding {
  return {
    code: 'environment-name',
    severity: 'error',
    path: [],
    environments: [name],
    message: `an environment cannot be called ${name}, which earlier versions wrote operators and database into`,
    hint: 'rename its folder',
  };
}

/** What is wrong with the name of an environment. */
export function wrongName(name: string): Finding {
  return {
    code: 'environment-name',
    severity: 'error',
    path: [],
    environments: [name],
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
    const position = layer.locate(path);
    const about = { path, position, showSource: true, environments: [other, name] };
    return [{ code: 'same-target', severity: 'error', message, hint, ...about }];
  });
}
