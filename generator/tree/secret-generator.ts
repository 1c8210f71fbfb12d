/** The Secret of provider `kubernetes` in a tree: made of git-ignored files while kustomize builds, never a value. */
import type { Config } from '../config/schema/resource.ts';
import { configFileKey, sourcedKeys } from '../config/secret-keys.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { appFile } from '../objects/app-file.ts';
import { labelsOf, unsubstituted } from '../objects/names.ts';
import { secretsEnvFile, secretsFolder } from './layout.ts';

/** The keys of the Secret that the tool makes: those from sources, and the configuration file if it is secret. */
export function secretFileKeys(config: Config): string[] {
  if (config.spec.secrets.provider !== 'kubernetes') return [];
  const file = appFile(config).place === 'secret' ? [configFileKey] : [];
  return [...sourcedKeys(config).map(({ key }) => key), ...file].sort();
}

/** How the Secret of an environment is made when its tree is built. */
export interface SecretInTree {
  /** The Secret, each of its keys without a value. */
  readonly object: KubernetesObject;
  /** The entry of `secretGenerator` that reads the files. */
  readonly generator: JsonObject;
  /** One for each key that the Secret takes of what was read. */
  readonly replacements: JsonObject[];
}

/** What is only read while kustomize builds is not among what it prints. */
const notPrinted = { 'config.kubernetes.io/local-config': 'true' };

/**
 * The Secret of an environment, or undefined where the tool makes none. Values of one line stand in `secrets.env`; others
 * in `secrets/KEY`: the configuration file always, and every key that the present entry already reads from there. kustomize
 * takes every line of an env file, so the keys are taken one by one: a line that nothing reads goes nowhere, and one that
 * is missing fails the build.
 */
export function secretInTree(config: Config, present: readonly string[]): SecretInTree | undefined {
  const keys = secretFileKeys(config);
  if (keys.length === 0) return undefined;
  const fromFiles = keys.filter(
    (key) => key === configFileKey || present.includes(`${secretsFolder}/${key}`),
  );
  const { name } = config.spec.secrets;
  const values = `${name}-values`;
  const kind = 'Secret';
  const metadata = { name, labels: labelsOf(config), annotations: unsubstituted };
  return {
    // A key that is not there yet would make nothing of an empty value.
    object: {
      apiVersion: 'v1',
      kind,
      metadata,
      type: 'Opaque',
      data: Object.fromEntries(keys.map((key) => [key, ''])),
    },
    generator: {
      name: values,
      type: 'Opaque',
      ...(fromFiles.length === keys.length ? {} : { envs: [secretsEnvFile] }),
      ...(fromFiles.length === 0 ? {} : { files: fromFiles.map((key) => `${secretsFolder}/${key}`) }),
      options: { disableNameSuffixHash: true, annotations: notPrinted },
    },
    replacements: keys.map((key) => {
      const fieldPath = `data.${key.replaceAll('.', '\\.')}`;
      return {
        source: { kind, name: values, fieldPath },
        targets: [{ select: { kind, name }, fieldPaths: [fieldPath] }],
      };
    }),
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
