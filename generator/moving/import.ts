/** Writes a repository of what was made of an operator's values. All is checked before the first file is written. */
import { resourceFile } from '../config/files.ts';
import { loadConfig } from '../config/load.ts';
import { notGivenYet } from '../config/rules.ts';
import type { Config } from '../config/schema/resource.ts';
import { Failure, type Finding, failure, hasErrors, sortFindings } from '../model/finding.ts';
import type { JsonObject } from '../model/json.ts';
import { appFile } from '../objects/app-file.ts';
import { validate } from '../objects/build.ts';
import { kindOf, removeFile, type Tree } from '../tree/disk.ts';
import { generateTree } from '../tree/generate.ts';
import { writeNew } from '../tree/init.ts';
import { environmentFolder, environmentNamePattern } from '../tree/layout.ts';
import { wrongName } from '../tree/load.ts';
import type { Converted } from './chart-values.ts';
import { morePorts } from './ports.ts';
import { repositoryFiles } from './repository.ts';
import { type SecretsWriter, tellSecrets } from './secrets.ts';

/** What was written, and what is to be told of it. */
export interface Imported {
  readonly created: readonly string[];
  readonly findings: readonly Finding[];
}

/** What is to be written: all of it is checked. */
export interface Prepared {
  readonly converted: Converted;
  readonly resource: JsonObject & { readonly metadata: { readonly name: string } };
  readonly layer: JsonObject;
  readonly config: Config;
  readonly findings: readonly Finding[];
  readonly secrets: SecretsWriter | undefined;
}

/**
 * Writes the resource, the environment, the tree that follows, and what a repository needs around them.
 *
 * @throws Failure where there is a resource or the environment already, or where a file cannot be written; then nothing is left
 */
export async function writeImport(tree: Tree, prepared: Prepared): Promise<Imported> {
  const { converted, resource, layer, config, secrets } = prepared;
  const { aim } = converted.draft;
  demandRoom(tree, aim.environment);
  const created: string[] = [];
  try {
    const kept = writeNew(tree, repositoryFiles(tree, resource, aim.environment, layer), created);
    await secrets?.write(tree, { aim, config, values: secretValues(converted, config) }, created);
    const { changes } = await generateTree(tree);
    return {
      created: [...created, ...changes.map(({ path }) => path)],
      findings: sortFindings([...prepared.findings, ...kept]),
    };
  } catch (error) {
    for (const file of created) removeFile(tree, file);
    throw error;
  }
}

function demandRoom(tree: Tree, environment: string): void {
  const taken = [
    [resourceFile, 'resource-exists'],
    [environmentFolder(environment), 'overlay-exists'],
  ].find(([path = '']) => kindOf(tree, path) !== undefined);
  if (taken === undefined) return;
  const [path = '', code = ''] = taken;
  const message = `${tree.show(path)} exists already, and an import overwrites nothing`;
  throw failure(code, message, 'name another folder with --dir');
}

/** The values of the Secret's keys that pods read. */
function secretValues({ secrets, configFile }: Converted, config: Config): Map<string, string> {
  const values = new Map(secrets.map(({ key, value }) => [key, value]));
  if (configFile !== undefined)
    values.set('config.yaml', appFile(withFile(config, configFile)).text(new Map()));
  return values;
}

/** The configuration as it would be with the whole file in it. */
function withFile(config: Config, file: JsonObject): Config {
  const { configSecret: _, ...secrets } = config.spec.secrets;
  return { ...config, spec: { ...config.spec, config: file as Config['spec']['config'], secrets } };
}

/** What only sealing can give. */
const notSealedYet = [...notGivenYet, 'missing-secret-key'];

/**
 * Makes the resource and the layer as they are written, and checks them.
 *
 * @param secrets where secret values go; @default they stay where they are
 * @throws Failure where they have errors
 */
export async function prepareImport(converted: Converted, secrets?: SecretsWriter): Promise<Prepared> {
  const { draft, configFile } = converted;
  const { release, environment } = draft.aim;
  if (!environmentNamePattern.test(environment)) throw new Failure([wrongName(environment)]);
  if (configFile !== undefined) {
    draft.set(['secrets', 'configSecret'], { name: `${release}-secrets` }, ['config', 'data']);
    const { resource, layer } = draft.sources();
    const { config } = loadConfig(resource, layer);
    if (config !== undefined) morePorts(draft, withFile(config, configFile));
  }
  if (secrets === undefined)
    for (const { kept, from } of converted.secrets)
      if (kept !== undefined) draft.set(kept.to, { secretKeyRef: kept.reference }, from);
  const { resource, layer } = draft.sources();
  const value = layer.value as JsonObject & { spec?: JsonObject };
  const isSealed = secrets?.way === 'sealed';
  if (isSealed) value.spec = { ...value.spec, secrets: { provider: 'sealed-secrets' } };
  const { config, findings } = await validate(resource, layer);
  const kept = findings.filter(({ code }) => !isSealed || !notSealedYet.includes(code));
  const all = [...draft.findings, ...kept.map(({ environments: _, ...finding }) => finding)];
  if (config === undefined || hasErrors(all)) throw new Failure(sortFindings(all));
  return {
    converted,
    resource: resource.value as Prepared['resource'],
    layer: value,
    config,
    findings: [...all, ...tellSecrets(converted, config, secrets?.way)],
    secrets,
  };
}
