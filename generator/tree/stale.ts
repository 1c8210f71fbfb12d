/** Whether what is written of one environment is what its configuration says. */
import type { Config } from '../config/schema/resource.ts';
import { advise } from '../model/command.ts';
import { Failure, type Finding, hasErrors } from '../model/finding.ts';
import { validate } from '../objects/build.ts';
import { compareFolder } from './changes.ts';
import { folderWords, type Tree } from './disk.ts';
import { presentSecretFiles } from './generate.ts';
import { baseFolder, componentsFolder, environmentFolder } from './layout.ts';
import { readLayer, readResource } from './load.ts';
import { type FolderPlan, planTree } from './plan.ts';

/**
 * What is out of date in the folders that an environment is built from. Looks at no other environment, and is nothing
 * while the configuration has errors: those are told where it is read.
 */
export async function staleFindings(tree: Tree, name: string): Promise<Finding[]> {
  const resource = readResource(tree);
  const alone = await validate(resource);
  const { config, findings } = await validate(resource, readLayer(tree, name));
  if (alone.config === undefined || config === undefined || hasErrors(findings)) return [];
  const plans = environmentPlans(tree, alone.config, { name, config });
  return staleFindingsOf(tree, () => changedFiles(tree, plans), { environments: [name] });
}

/** The folders that an environment is built from, as they should be. */
export function environmentPlans(
  tree: Tree,
  resource: Config,
  environment: { readonly name: string; readonly config: Config },
): FolderPlan[] {
  const folders = [baseFolder, componentsFolder, environmentFolder(environment.name)];
  const plans = planTree(resource, [environment], (name) => presentSecretFiles(tree, name));
  return plans.filter(({ folder }) => folders.includes(folder));
}

/** The files in some folders that are not as they should be. @throws Failure where a folder cannot be compared */
export function changedFiles(tree: Tree, plans: readonly FolderPlan[]): string[] {
  return plans.flatMap((plan) => compareFolder(tree, plan, false).changes.map(({ path }) => path));
}

/** What is reported of files that are out of date, and whose they are; nothing where none is. */
export function staleFindingsOf(
  tree: Tree,
  changed: () => readonly string[],
  about: Pick<Finding, 'environments' | 'tenants'>,
): Finding[] {
  try {
    const files = changed();
    return files.length === 0 ? [] : [stale(tree, files, about)];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.findings.map((finding) => ({ ...finding, ...about }));
  }
}

function stale(
  tree: Tree,
  files: readonly string[],
  about: Pick<Finding, 'environments' | 'tenants'>,
): Finding {
  const number = files.length === 1 ? 'file' : 'files';
  const says = about.tenants === undefined ? 'glyphoxa.yaml and config.yaml say' : 'tenants.yaml says';
  return {
    code: 'tree-stale',
    severity: 'error',
    path: [],
    message: `the tree is not what ${says}: ${files.length} ${number} out of date`,
    hint: `run ${advise('tree-stale')`glyphoxa-kustomize generate ${folderWords(tree)}`}, and look at what it changes`,
    details: files.map(tree.show),
    ...about,
  };
}
