/** Makes the git-ignored files of secret values, with what can be made up in them. */
import type { SecretSources } from '../config/resolve.ts';
import { readSecret } from '../config/resolve.ts';
import { configFileKey } from '../config/secret-keys.ts';
import { Failure, failure } from '../model/finding.ts';
import { formatPath } from '../model/json.ts';
import { readText, type Tree, writeFile } from '../tree/disk.ts';
import { generateTree, presentSecretFiles } from '../tree/generate.ts';
import { secretsEnvFile, secretsFolder } from '../tree/layout.ts';
import { secretFileKeys } from '../tree/secret-generator.ts';
import { type EnvEntry, envLines, fitsEnvFile, writeEnvFile } from './env-file.ts';
import type { SecretEnvironment } from './environment.ts';
import { type Initialized, initSources, randomValue } from './init-sources.ts';
import {
  type LocalSecrets,
  missingIgnores,
  readLocalSecrets,
  staleConfigFile,
  writeSecretFile,
} from './local-files.ts';
import { unreadLines } from './local-findings.ts';
import { type NeededKey, neededKeys } from './needed.ts';

/** The values of a Secret of the cluster, by their keys. */
export type ValuesInCluster = (namespace: string, secret: string) => Promise<ReadonlyMap<string, string>>;

/**
 * Writes `secrets.env` of an environment, or of a resource alone, with every key that it needs, from the sources that the resource names
 * where those are there, else from the cluster, else random where any text will do, else empty. A value that is there is
 * never touched.
 *
 * @param environment what {@link readEnvironment} or {@link readAlone} read
 * @param ask reads what the Secret of the cluster has; @default nothing is taken over
 * @throws Failure where the secrets are kept elsewhere, or a merge has left a conflict in the files
 */
export async function initSecrets(
  tree: Tree,
  environment: SecretEnvironment,
  sources: SecretSources,
  ask: ValuesInCluster = async () => new Map(),
): Promise<Initialized> {
  const { config, folder, isAlone, name } = environment;
  if (config.spec.secrets.provider === 'external-secrets') {
    throw failure(
      'secrets-elsewhere',
      `the values of ${name} are kept in a secret store`,
      'write them there; spec.secrets.external.keys says under which names',
      ['spec', 'secrets', 'provider'],
    );
  }
  if (isAlone && config.spec.secrets.provider === 'sealed-secrets') {
    throw failure(
      'secrets-elsewhere',
      'sealed values stand in the config.yaml of an environment',
      'describe an environment, or choose another provider',
      ['spec', 'secrets', 'provider'],
    );
  }
  if (isAlone && config.spec.secrets.provider === 'kubernetes')
    return initSources(tree, environment, sources);
  const local = readLocalSecrets(tree, folder);
  // What is in such a file is not known, so nothing can be added to it.
  const conflicts = local.findings.filter(({ code }) => code === 'merge-conflict');
  if (conflicts.length > 0) throw new Failure(conflicts);
  const missing = keysToWrite(environment).filter(({ key }) => !local.values.has(key));
  const { namespace = '' } = config.metadata;
  const inCluster = missing.length === 0 ? new Map() : await ask(namespace, config.spec.secrets.name);
  const drafts = missing.map((needed) => draft(needed, sources, inCluster));
  const lines = drafts.filter(({ entry }) => fitsEnvFile(entry.key, entry.value));
  const several = drafts.filter((each) => !lines.includes(each));
  const changes: { path: string; what: 'create' | 'change' }[] = [];
  const write = (path: string, text: string, isSecret = true) => {
    changes.push({ path, what: readText(tree, path) === undefined ? 'create' : 'change' });
    if (isSecret) writeSecretFile(tree, path, text);
    else writeFile(tree, path, text);
  };

  const ignores = missingIgnores(tree, isAlone ? [secretsEnvFile, `${secretsFolder}/`] : undefined);
  if (ignores !== undefined) write('.gitignore', ignores, false);
  const file = `${folder}/${secretsEnvFile}`;
  const before = readText(tree, file);
  const entries = lines.map(({ entry }) => entry);
  if (before === undefined && entries.length > 0) write(file, writeEnvFile(header(environment), entries));
  else if (entries.length > 0) write(file, `${before}${entries.map(envLines).join('')}`);
  for (const { entry } of several) write(`${folder}/${secretsFolder}/${entry.key}`, entry.value);
  const configFile = staleConfigFile(config, readLocalSecrets(tree, folder));
  if (configFile !== undefined) write(`${folder}/${secretsFolder}/${configFileKey}`, configFile);
  const now = readLocalSecrets(tree, folder);
  const unnamed = unnamedFiles(tree, environment, now);
  if (unnamed.length > 0) {
    const generated = await generateTree(tree, { secretFiles: { [name]: unnamed } });
    for (const { path, what } of generated.changes) if (what !== 'delete') changes.push({ path, what });
  }
  const empty = keysToWrite(environment).filter(({ key, required }) => required && !now.values.get(key));
  return {
    environment,
    changes,
    empty: empty.map(({ key }) => key),
    taken: drafts.filter(({ isTaken }) => isTaken).map(({ entry }) => entry.key),
    random: drafts.filter(({ isRandom }) => isRandom).map(({ entry }) => entry.key),
    unset: [],
    findings: [...environment.findings, ...now.findings, ...unreadLines(tree, name, config, now)],
  };
}

/** The files of values that the Secret takes and the kustomization does not name yet, whoever wrote them. */
function unnamedFiles(
  tree: Tree,
  { name, config }: SecretEnvironment,
  { values, lines }: LocalSecrets,
): string[] {
  const named = presentSecretFiles(tree, name);
  return secretFileKeys(config)
    .filter((key) => key !== configFileKey && values.has(key) && !lines.has(key))
    .map((key) => `${secretsFolder}/${key}`)
    .filter((file) => !named.includes(file));
}

/** The keys whose values belong into the files. The configuration file is not among them: it follows from the rest. */
function keysToWrite({ config }: SecretEnvironment): NeededKey[] {
  const keys = neededKeys(config).filter(
    ({ key, value }) => key !== configFileKey && value?.secretKeyRef === undefined,
  );
  if (config.spec.secrets.provider !== 'kubernetes') return keys;
  const made = secretFileKeys(config);
  return keys.filter(({ key }) => made.includes(key));
}

function draft(
  needed: NeededKey,
  sources: SecretSources,
  inCluster: ReadonlyMap<string, string>,
): { entry: EnvEntry; isRandom: boolean; isTaken: boolean } {
  const { key, purpose, path, value: source, required, random } = needed;
  const comment = `${purpose} (${formatPath(path)})${required ? '' : '; may stay empty'}`;
  const read = source === undefined ? undefined : readSecret(source, sources);
  const sourced = read !== undefined && 'value' in read ? read.value : undefined;
  const given = sourced ?? (inCluster.get(key) || undefined);
  const isRandom = given === undefined && random;
  const value = given ?? (isRandom ? randomValue() : '');
  return { entry: { key, value, comment }, isRandom, isTaken: sourced === undefined && given !== undefined };
}

function header({ config, isAlone, name }: SecretEnvironment): string[] {
  const { secrets } = config.spec;
  return [
    `Secret values of ${isAlone ? name : `the environment ${name}`}, for the Secret ${secrets.name}. Never commit this file.`,
    'A KEY=VALUE a line, taken as it stands: no quotes, no escapes. A value of several lines goes into secrets/KEY.',
  ];
}
