/** The Secret of provider `kubernetes` in a tree: a generator over git-ignored files, never a value. */
import type { Config } from '../config/schema/resource.ts';
import { configFileKey, sourcedKeys } from '../config/secret-keys.ts';
import type { JsonObject } from '../model/json.ts';
import { appFile } from '../objects/app-file.ts';
import { labelsOf, unsubstituted } from '../objects/names.ts';
import { secretsEnvFile, secretsFolder } from './layout.ts';

/** The keys of the Secret that the tool makes: those from sources, and the configuration file if it is secret. */
export function secretFileKeys(config: Config): string[] {
  if (config.spec.secrets.provider !== 'kubernetes') return [];
  const file = appFile(config).place === 'secret' ? [configFileKey] : [];
  return [...sourcedKeys(config).map(({ key }) => key), ...file].sort();
}

/**
 * The `secretGenerator` entry of an environment, or undefined where the tool makes no Secret. Values of one
 * line stand in `secrets.env`; others in `secrets/KEY`: the configuration file always, and every key that
 * the present entry already reads from there.
 */
export function secretGenerator(config: Config, present: readonly string[]): JsonObject | undefined {
  const keys = secretFileKeys(config);
  if (keys.length === 0) return undefined;
  const fromFiles = keys.filter(
    (key) => key === configFileKey || present.includes(`${secretsFolder}/${key}`),
  );
  return {
    name: config.spec.secrets.name,
    type: 'Opaque',
    ...(fromFiles.length === keys.length ? {} : { envs: [secretsEnvFile] }),
    ...(fromFiles.length === 0 ? {} : { files: fromFiles.map((key) => `${secretsFolder}/${key}`) }),
    options: { disableNameSuffixHash: true, labels: labelsOf(config), annotations: unsubstituted },
  };
}

/** The git-ignored files of an environment that hold secret values, by their paths in its folder. */
export function secretFiles(
  secrets: ReadonlyMap<string, string>,
  fromFiles: readonly string[],
): Map<string, string> {
  const files = new Map<string, string>();
  const lines: string[] = [];
  for (const [key, value] of secrets) {
    const file = `${secretsFolder}/${key}`;
    if (fromFiles.includes(file)) files.set(file, value);
    else lines.push(`${key}=${value}\n`);
  }
  if (lines.length > 0) files.set(secretsEnvFile, lines.join(''));
  return files;
}
