/** Ciphertexts that this machine sealed, and whose values are others by now. */
import { readSecret, type SecretSources } from '../config/resolve.ts';
import type { Config } from '../config/schema/resource.ts';
import { configFileKey, secretKeys } from '../config/secret-keys.ts';
import { appFile } from '../objects/app-file.ts';
import { readText, type Tree } from '../tree/disk.ts';
import { environmentFolder, sealedRecordFile } from '../tree/layout.ts';
import type { LocalSecrets } from './local-files.ts';
import type { SealingTarget } from './seal.ts';
import { holdsAnother, readRecord } from './sealed-record.ts';

/** What is remembered of the configuration file without its keys, so that a change of it shows on its own. */
export const plainFileKey = `${configFileKey} without keys`;

/** The Secret that an environment's values are sealed for. */
export function targetOf({ metadata, spec }: Config): SealingTarget {
  const { sealedScope: scope, name } = spec.secrets;
  return { scope, namespace: metadata.namespace, name };
}

/**
 * The keys whose ciphertexts do not hold what the configuration and the values say. Only what is known counts: what
 * this machine sealed, and values that are here.
 *
 * @param sources where the resource's variables and files are read; @default they are not, and say nothing
 */
export function staleSealed(
  tree: Tree,
  name: string,
  config: Config,
  local: LocalSecrets,
  sources?: SecretSources,
): string[] {
  const { provider, sealed } = config.spec.secrets;
  if (provider !== 'sealed-secrets') return [];
  const record = readRecord(readText(tree, `${environmentFolder(name)}/${sealedRecordFile}`));
  if (record.size === 0) return [];
  const target = targetOf(config);
  const isAnother = (key: string, value: string, ciphertext = sealed[key]) =>
    ciphertext !== undefined && holdsAnother(record, key, value, { ciphertext, target });
  const values = new Map<string, string>();
  for (const { key, value: source } of secretKeys(config)) {
    const value = valueHere(key, source, local, sources);
    if (value) values.set(key, value);
  }
  const keys = [...values].filter(([key, value]) => isAnother(key, value)).map(([key]) => key);
  const file = appFile(config);
  if (file.place !== 'secret') return keys;
  const isStale =
    isAnother(plainFileKey, file.text(new Map()), sealed[configFileKey]) ||
    (file.keys.every((key) => values.has(key)) && isAnother(configFileKey, file.text(values)));
  return isStale ? [...keys, configFileKey] : keys;
}

type Source = ReturnType<typeof secretKeys>[number]['value'];

/** A value by the order of `seal`: the resource's source, else the environment's files. */
function valueHere(
  key: string,
  source: Source,
  local: LocalSecrets,
  sources: SecretSources | undefined,
): string | undefined {
  if (source === undefined) return local.values.get(key);
  if (source.value !== undefined) return source.value;
  if (source.secretKeyRef !== undefined || sources === undefined) return undefined;
  const read = readSecret(source, sources);
  return 'value' in read ? read.value : undefined;
}
