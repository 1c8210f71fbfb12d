/** Whether what is written of one environment is what its configuration says. */
import { advise } from '../model/command.ts';
import { Failure, type Finding, hasErrors } from '../model/finding.ts';
import { validate } from '../objects/build.ts';
import { compareFolder } from './changes.ts';
import { folderWords, type Tree } from './disk.ts';
import { presentSecretFiles } from './generate.ts';
import { baseFolder, componentsFolder, environmentFolder } from './layout.ts';
import { readLayer, readResource } from './load.ts';
import { planTree } from './plan.ts';

/**
 * What is out of date in the folders that an environment is built from. Looks at no other environment, and is nothing
 * while the configuration has errors: those are told where it is read.
 */
export async function staleFindings(tree: Tree, name: string): Promise<Finding[]> {
  const resource = readResource(tree);
  const alone = await validate(resource);
  const { config, findings } = await validate(resource, readLayer(tree, name));
  if (alone.config === undefined || config === undefined || hasErrors(findings)) return [];
  const folder = environmentFolder(name);
  const secretFiles = (environment: string) => presentSecretFiles(tree, environment);
  const plans = planTree(alone.config, [{ name, config }], secretFiles);
  try {
    const changes = plans
      .filter((plan) => [baseFolder, componentsFolder, folder].includes(plan.folder))
      .flatMap((plan) => compareFolder(tree, plan, false).changes);
    return changes.length === 0
      ? []
      : [
          stale(
            tree,
            name,
            changes.map(({ path }) => path),
          ),
        ];
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.findings.map((finding) => ({ ...finding, environments: [name] }));
  }
}

function stale(tree: Tree, name: string, files: readonly string[]): Finding {
  const number = files.length === 1 ? 'file' : 'files';
  return {
    code: 'tree-stale',
    severity: 'error',
    path: [],
    message: `the tree is not what glyphoxa.yaml and config.yaml say: ${files.length} ${number} out of date`,
    hint: `run ${advise('tree-stale')`glyphoxa-kustomize generate ${folderWords(tree)}`}, and look at what it changes`,
    details: files.map(tree.show),
    environments: [name],
  };
}
