/** Secret values of an operator: they stay where they are, or go into the git-ignored files of the environment. */
import type { KeyObject } from 'node:crypto';
import type { Config } from '../config/schema/resource.ts';
import { configFileKey, secretKeys } from '../config/secret-keys.ts';
import type { Finding } from '../model/finding.ts';
import { fitsEnvFile, writeEnvFile } from '../secrets/env-file.ts';
import {
  missingIgnores,
  readLocalSecrets,
  staleConfigFile,
  writeSecretFile,
} from '../secrets/local-files.ts';
import { neededKeys } from '../secrets/needed.ts';
import { sealEnvironment } from '../secrets/seal-environment.ts';
import { readText, type Tree, writeFile } from '../tree/disk.ts';
import { environmentFolder, secretsEnvFile, secretsFolder } from '../tree/layout.ts';
import type { Converted } from './chart-values.ts';
import type { Aim, FoundSecret } from './draft.ts';

/** Where secret values go: a file that git ignores, or that and ciphertexts in the environment. */
export type SecretsWay = 'secrets.env' | 'sealed';

/** The values that are written, and what for. */
export interface SecretValues {
  readonly aim: Aim;
  readonly config: Config;
  /** By the keys of the Secret. */
  readonly values: ReadonlyMap<string, string>;
}

/** Writes secret values. */
export interface SecretsWriter {
  readonly way: SecretsWay;
  /** @param created takes the files that are new */
  write(tree: Tree, values: SecretValues, created: string[]): Promise<void>;
}

/** Writes into `secrets.env`. */
export const envWriter: SecretsWriter = { way: 'secrets.env', write: writeValues };

/** Writes into `secrets.env`, and seals for the controller of this key. */
export function sealingWriter(key: KeyObject): SecretsWriter {
  return {
    way: 'sealed',
    async write(tree, values, created) {
      await writeValues(tree, values, created);
      const { environment } = values.aim;
      const sources = { env: {}, folder: tree.root };
      await sealEnvironment(tree, environment, { key: async () => key, sources }, new Map());
    },
  };
}

async function writeValues(
  tree: Tree,
  { aim, config, values }: SecretValues,
  created: string[],
): Promise<void> {
  const folder = environmentFolder(aim.environment);
  const ignores = missingIgnores(tree);
  if (ignores !== undefined) writeFile(tree, '.gitignore', ignores);
  const write = (path: string, text: string) => {
    if (readText(tree, path) === undefined) created.push(path);
    writeSecretFile(tree, path, text);
  };
  const read = keysOf(config).filter(({ key }) => values.has(key));
  const entries = read.map(({ key, purpose }) => ({
    key,
    value: values.get(key) as string,
    comment: purpose,
  }));
  const lines = entries.filter(({ key, value }) => key !== configFileKey && fitsEnvFile(key, value));
  if (lines.length > 0) write(`${folder}/${secretsEnvFile}`, writeEnvFile([header(aim, config)], lines));
  for (const { key, value } of entries)
    if (!lines.some((line) => line.key === key)) write(`${folder}/${secretsFolder}/${key}`, value);
  const file = staleConfigFile(config, readLocalSecrets(tree, folder));
  if (file !== undefined) write(`${folder}/${secretsFolder}/${configFileKey}`, file);
}

function header({ environment }: Aim, { spec }: Config): string {
  return `Secret values of the environment ${environment}, for the Secret ${spec.secrets.name}. Never commit this file.`;
}

/** The keys of the Secret that pods read. */
function keysOf(config: Config): { readonly key: string; readonly purpose: string }[] {
  const file = { key: configFileKey, purpose: "the program's whole configuration file" };
  return [...secretKeys(config).filter(({ isRead }) => isRead), file];
}

/** Says of each secret where it stays, and which keys the Secret lacks. */
export function tellSecrets(converted: Converted, config: Config, way: SecretsWay | undefined): Finding[] {
  const found = converted.secrets;
  const left =
    way === undefined ? found : found.filter(({ key }) => !keysOf(config).some((each) => each.key === key));
  return [
    ...left.map((secret) => tellSecret(converted, secret, config)),
    ...tellMissing(converted, config, way),
  ];
}

const copy = 'with --secrets secrets.env it is written into a file that git ignores';

function tellSecret(
  { draft }: Converted,
  { key, from, isInSecret, kept }: FoundSecret,
  config: Config,
): Finding {
  const name = draft.nameOf(from);
  const { secrets, postgresql } = config.spec;
  const isRead = keysOf(config).some((each) => each.key === key);
  const base = { code: 'secret-not-copied', severity: 'warning', path: [], showSource: false } as const;
  const position = draft.placeOf(from);
  const at = { ...base, ...(position === undefined ? {} : { position }) };
  if (key === 'postgres-password') {
    const message = postgresql.enabled
      ? `${name} is not copied: pods read it from the key postgres-password of the Secret ${postgresql.existingSecret}`
      : `${name} is not copied, and nothing reads it`;
    return { ...at, message, hint: 'nothing to do' };
  }
  if (!isRead)
    return { ...at, message: `${name} is not copied, and nothing reads it`, hint: 'nothing to do' };
  if (isInSecret)
    return {
      ...at,
      message: `${name} is not copied: pods read it from the key ${key} of the Secret ${kept?.reference.name ?? secrets.name}, where it is`,
      hint: copy,
    };
  return {
    ...at,
    message: `${name} is not copied, and it stood in the clear: from now on pods read it from the key ${key} of the Secret ${secrets.name}, which has to get it first`,
    hint: copy,
  };
}

/** Keys that pods cannot start without, and that the values say nothing of. */
function tellMissing(
  { secrets, configFile }: Converted,
  config: Config,
  way: SecretsWay | undefined,
): Finding[] {
  const given = secrets.map(({ key }) => key);
  if (configFile !== undefined && way !== undefined) given.push(configFileKey);
  return neededKeys(config)
    .filter(({ key, required }) => required && !given.includes(key))
    .filter(({ key }) => key !== configFileKey || way === undefined)
    .map(({ key, purpose }) => ({
      code: 'secret-key-missing',
      severity: 'warning',
      path: [],
      message: `the pods need the key ${key} of the Secret ${config.spec.secrets.name} (${purpose}), and the values do not say it`,
      hint:
        key === configFileKey
          ? copy
          : 'look whether the Secret has it; "secrets status" with --cluster says so',
    }));
}
