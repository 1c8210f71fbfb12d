/** Puts one new secret value where the provider of an environment wants it. */
import type { Config } from '../config/schema/resource.ts';
import { configFileKey, type SecretKey, secretKeys } from '../config/secret-keys.ts';
import { advise } from '../model/command.ts';
import { failure } from '../model/finding.ts';
import { equal, formatPath, type Path } from '../model/json.ts';
import { kindOf, readText, type Tree, writeFile } from '../tree/disk.ts';
import { environmentFolder, secretsEnvFile, secretsFolder } from '../tree/layout.ts';
import { envLines, fitsEnvFile, writeEnvFile } from './env-file.ts';
import {
  handMadeCommands,
  missingIgnores,
  readLocalSecrets,
  staleConfigFile,
  writeSecretFile,
} from './local-files.ts';

/** What was done with a value, and what is left to do. Nothing in it is the value. */
export interface SecretSet {
  readonly key: string;
  readonly changes: readonly { readonly path: string; readonly what: 'create' | 'change' }[];
  /** The file of its own that the value went into, in the environment's folder, where it is no line of `secrets.env`. */
  readonly file?: string;
  /** The variable that the environment has to name as its source, where it names none. */
  readonly fromEnv?: string;
  /** Words about what is left to do. */
  readonly notes: readonly string[];
}

/**
 * Writes a value into the environment's git-ignored `secrets.env`, or into `secrets/KEY` where it has several lines, or
 * has stood there.
 *
 * @param path where the resource speaks of the secret
 * @throws Failure where the value is kept elsewhere, or does not fit; then nothing is written
 */
export function setSecretValue(
  tree: Tree,
  name: string,
  config: Config,
  path: Path,
  value: string,
): SecretSet {
  const known = demandKey(config, path);
  const { key } = known;
  if (value === '')
    throw failure('no-value', `there is no value for ${key}`, 'type it, or hand it to standard input', path);
  if (value.includes('\0') || Buffer.from(value).toString() !== value)
    throw failure(
      'no-value',
      `the value of ${key} has a character that no variable holds`,
      'give it as text',
      path,
    );
  const folder = environmentFolder(name);
  const changes: { path: string; what: 'create' | 'change' }[] = [];
  const note = (file: string) =>
    changes.push({ path: file, what: readText(tree, file) === undefined ? 'create' : 'change' });
  const ignores = missingIgnores(tree);
  if (ignores !== undefined) {
    note('.gitignore');
    writeFile(tree, '.gitignore', ignores);
  }
  const own = `${secretsFolder}/${key}`;
  const isOwn = !fitsEnvFile(key, value) || kindOf(tree, `${folder}/${own}`) !== undefined;
  const write = (file: string, text: string) => {
    note(file);
    writeSecretFile(tree, file, text);
  };
  const file = `${folder}/${secretsEnvFile}`;
  const before = readText(tree, file);
  if (isOwn) write(`${folder}/${own}`, value);
  if (!isOwn) write(file, withLine(before, name, known, value));
  // kustomize takes a key from one place alone
  else if (before !== undefined && lineOf(before, key) !== -1) write(file, withoutLine(before, key));
  const configFile = staleConfigFile(config, readLocalSecrets(tree, folder));
  if (configFile !== undefined) write(`${folder}/${secretsFolder}/${configFileKey}`, configFile);
  const place = isOwn ? { file: own } : {};
  const notes = notesOf(tree, name, config, known, place.file ?? secretsEnvFile);
  return { key, changes, ...place, ...sourceOf(config, known), notes };
}

/**
 * The key that a value of the resource speaks of, where its value can be kept on this machine.
 *
 * @throws Failure where it is no key, or kept elsewhere
 */
export function demandKey(config: Config, path: Path): SecretKey {
  const known = secretKeys(config).find((each) => equal([...each.path], [...path]));
  if (known !== undefined) {
    demandPlace(config, known);
    return known;
  }
  const hint =
    'keys of providers stand in spec.secrets.providerKeys; edit others in the file, or name a Secret of your own';
  throw failure(
    'no-secret-key',
    `${formatPath(path)} is no key of the Secret of this deployment`,
    hint,
    path,
  );
}

/** That the value is kept on this machine at all. */
function demandPlace({ spec }: Config, { key, path, value }: SecretKey): void {
  const { provider, external } = spec.secrets;
  const elsewhere = (message: string, hint: string) => failure('secrets-elsewhere', message, hint, path);
  if (value?.secretKeyRef !== undefined) {
    const { name, key: other } = value.secretKeyRef;
    throw elsewhere(
      `${key} is read from the Secret ${name} of the cluster`,
      `change the key ${other} of that Secret`,
    );
  }
  if (provider !== 'external-secrets') return;
  const mapping = external.keys[key];
  const hint =
    mapping === undefined
      ? `write the value there, and name it in spec.secrets.external.keys.${key}`
      : `write the value there, under ${mapping.key}${mapping.property === undefined ? '' : ` (${mapping.property})`}`;
  throw elsewhere(`${key} is kept in the secret store ${external.storeRef.name ?? ''}`.trim(), hint);
}

function withLine(
  text: string | undefined,
  name: string,
  { key, purpose, path }: SecretKey,
  value: string,
): string {
  const entry = { key, value, comment: `${purpose} (${formatPath(path)})` };
  if (text === undefined)
    return writeEnvFile([`Secret values of the environment ${name}. Never commit this file.`], [entry]);
  const lines = text.split('\n');
  const index = lineOf(text, key);
  if (index === -1) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${envLines(entry)}`;
  return lines.with(index, `${key}=${value}`).join('\n');
}

/** The index of the line of a key; -1 where it has none. */
function lineOf(text: string, key: string): number {
  return text.split('\n').findIndex((line) => line.trimStart().startsWith(`${key}=`));
}

/** A file of values without the line of a key, and without the comment above that says what it is. */
function withoutLine(text: string, key: string): string {
  const lines = text.split('\n');
  const index = lineOf(text, key);
  const isDescribed = /^#.*\(spec\./.test(lines[index - 1] ?? '');
  return lines.toSpliced(isDescribed ? index - 1 : index, isDescribed ? 2 : 1).join('\n');
}

/** With `kubernetes` the Secret has the keys that the resource names a source of. */
function sourceOf({ spec }: Config, { key, variable, value }: SecretKey): Pick<SecretSet, 'fromEnv'> {
  const hasSource = value?.fromEnv !== undefined || value?.fromFile !== undefined;
  if (spec.secrets.provider !== 'kubernetes' || hasSource) return {};
  return { fromEnv: variable ?? key.toUpperCase().replace(/\W/g, '_') };
}

function notesOf(
  tree: Tree,
  name: string,
  config: Config,
  { key, value, variable }: SecretKey,
  place: string,
): string[] {
  const { provider, name: secret } = config.spec.secrets;
  const folder = environmentFolder(name);
  if (provider === 'existing') {
    const lines = handMadeCommands(tree, folder, config).map((line) => advise('set-existing')`${{ line }}`);
    return [`the Secret ${secret} of the cluster needs the key ${key}: write it with ${lines.join(' and ')}`];
  }
  if (provider !== 'kubernetes') return [];
  const source = value?.fromFile ?? value?.fromEnv ?? variable;
  const what = value?.fromFile === undefined ? 'the variable' : 'the file';
  const file = tree.show(`${folder}/${place}`);
  return [`the tree reads it from ${file}; "build" and the plugin read ${what} ${source}`];
}
