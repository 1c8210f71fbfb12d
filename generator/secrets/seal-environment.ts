/** Seals the values of an environment into its `config.yaml`. */
import type { KeyObject } from 'node:crypto';
import { environmentFile } from '../config/files.ts';
import { readSecret, type SecretSources } from '../config/resolve.ts';
import type { Config } from '../config/schema/resource.ts';
import { configFileKey } from '../config/secret-keys.ts';
import { Failure, type Finding, failure, hasErrors } from '../model/finding.ts';
import { appFile } from '../objects/app-file.ts';
import { readText, type Tree, writeFile } from '../tree/disk.ts';
import { sealedRecordFile } from '../tree/layout.ts';
import { readEnvironment, type SecretEnvironment } from './environment.ts';
import { withCiphertexts } from './layer-text.ts';
import { type LocalSecrets, missingIgnores, readLocalSecrets, writeSecretFile } from './local-files.ts';
import { type NeededKey, neededKeys } from './needed.ts';
import { seal } from './seal.ts';
import { holds, readRecord, remember, writeRecord } from './sealed-record.ts';
import { plainFileKey, targetOf } from './stale-sealed.ts';

/** How values are sealed. */
export interface SealOptions {
  /** Reads the controller's key, when it is clear that there is something to seal. */
  readonly key: (config: Config) => Promise<KeyObject>;
  readonly sources: SecretSources;
  /** Seal these keys only. @default all that changed */
  readonly only?: readonly string[];
  /** Seal every value again, whether it changed or not. @default false */
  readonly all?: boolean;
}

/** What was sealed. */
export interface SealedEnvironment {
  readonly environment: SecretEnvironment;
  readonly sealed: readonly string[];
  /** Keys whose ciphertexts hold their values already. */
  readonly unchanged: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * Seals what changed since it was sealed here, and writes the ciphertexts into the environment's `config.yaml`.
 *
 * @throws Failure where the environment does not use sealed-secrets, a value cannot be read, or the certificate
 * is not usable; then nothing is written
 */
export async function sealEnvironment(
  tree: Tree,
  name: string,
  options: SealOptions,
  texts: Map<string, string>,
): Promise<SealedEnvironment> {
  const environment = await readEnvironment(tree, name, texts);
  const { config, folder, layer } = environment;
  const { provider, sealed: present } = config.spec.secrets;
  if (provider !== 'sealed-secrets') {
    const hint = 'set spec.secrets.provider: sealed-secrets in its config.yaml';
    throw failure('not-sealed-secrets', `${name} has the secret provider ${provider}`, hint, [
      'spec',
      'secrets',
      'provider',
    ]);
  }
  const local = readLocalSecrets(tree, folder);
  const { values, findings } = readValues(config, local, options);
  if (hasErrors(findings)) throw new Failure([...findings, ...local.findings]);
  const target = targetOf(config);
  const recordFile = `${folder}/${sealedRecordFile}`;
  const record = new Map(readRecord(readText(tree, recordFile)));
  const isCurrent = (key: string, value: string) =>
    options.all !== true && present[key] !== undefined && holds(record, key, value, present[key], target);
  const changed = [...values].filter(([key, value]) => !isCurrent(key, value));
  const unchanged = [...values.keys()].filter((key) => !changed.some(([other]) => other === key));
  if (changed.length > 0) {
    const publicKey = await options.key(config);
    const ciphertexts = new Map<string, string>();
    for (const [key, value] of changed) {
      const ciphertext = seal(publicKey, Buffer.from(value), target);
      ciphertexts.set(key, ciphertext);
      record.set(key, remember(value, ciphertext, target));
      if (key === configFileKey)
        record.set(plainFileKey, remember(appFile(config).text(new Map()), ciphertext, target));
    }
    // The record is of this machine: it is written where git does not see it.
    const ignores = missingIgnores(tree);
    if (ignores !== undefined) writeFile(tree, '.gitignore', ignores);
    writeFile(tree, `${folder}/${environmentFile}`, withCiphertexts(layer.text, ciphertexts));
    writeSecretFile(tree, recordFile, writeRecord(record));
  }
  const sealed = changed.map(([key]) => key);
  const left = environment.findings.filter(({ code, path }) => {
    return code !== 'sealed-elsewhere' && !(code === 'sealed-form' && sealed.includes(String(path.at(-1))));
  });
  return { environment, sealed, unchanged, findings: [...left, ...findings, ...local.findings] };
}

/** The values to seal, from the sources that the resource names, else from the environment's files. */
function readValues(
  config: Config,
  local: LocalSecrets,
  { only, sources }: SealOptions,
): { values: Map<string, string>; findings: Finding[] } {
  const values = new Map<string, string>();
  const findings: Finding[] = [];
  const needed = neededKeys(config).filter(({ value }) => value?.secretKeyRef === undefined);
  const others = [...local.values.keys()].filter((key) => !needed.some((each) => each.key === key));
  const keys = [...needed.map(({ key }) => key), ...others];
  const unknown = (only ?? []).filter((key) => !keys.includes(key));
  if (unknown.length > 0) {
    const hint = keys.length === 0 ? 'there is no value to seal' : `known: ${keys.join(', ')}`;
    throw failure('unknown-key', `there is no value for ${unknown.join(', ')}`, hint);
  }
  const wanted = (key: string) => only === undefined || only.includes(key);
  const file = appFile(config);
  const inFile = new Map<string, string>();
  for (const each of needed) {
    const isInFile = wanted(configFileKey) && file.keys.includes(each.key);
    if (!wanted(each.key) && !isInFile) continue;
    const value =
      each.key === configFileKey ? file.text(inFile) : readValue(each, local, config, sources, findings);
    if (isInFile && value !== undefined) inFile.set(each.key, value);
    if (!wanted(each.key)) continue;
    if (value !== undefined && value !== '') values.set(each.key, value);
    else if (
      value === '' ||
      (config.spec.secrets.sealed[each.key] === undefined && each.value === undefined)
    ) {
      findings.push(noValue(each));
    }
  }
  for (const key of others.filter(wanted)) {
    const value = local.values.get(key);
    if (value) values.set(key, value);
  }
  return { values, findings };
}

/** A value; undefined where no source gives one. A ciphertext that is there makes up for a source that is not here. */
function readValue(
  { key, path, value: source }: NeededKey,
  local: LocalSecrets,
  { spec }: Config,
  sources: SecretSources,
  findings: Finding[],
): string | undefined {
  if (source === undefined) return local.values.get(key);
  const read = readSecret(source, sources);
  if ('value' in read) return read.value;
  const stored = local.values.get(key);
  if (stored !== undefined) return stored;
  const severity = spec.secrets.sealed[key] === undefined ? 'error' : 'warning';
  findings.push({ code: 'secret-unreadable', severity, path, showSource: false, ...read });
  return undefined;
}

function noValue({ key, path, required }: NeededKey): Finding {
  const message = `there is no value for ${key}`;
  const hint = 'write it into secrets.env ("secrets init" begins one), or name a fromEnv or fromFile';
  return {
    code: 'no-value',
    severity: required ? 'error' : 'warning',
    path,
    message,
    hint,
    showSource: false,
  };
}
