/** The secret values that a deployment needs, whoever keeps them. */
import type { Config } from '../config/schema/resource.ts';
import { configFileKey, isGiven, type SecretValue, secretKeys } from '../config/secret-keys.ts';
import type { Path } from '../model/json.ts';
import { appFile } from '../objects/app-file.ts';

/** A key of the deployment's Secret that the program reads. */
export interface NeededKey {
  readonly key: string;
  /** What it is, for people: a sentence without its full stop. */
  readonly purpose: string;
  /** Where the resource speaks of it. */
  readonly path: Path;
  /** What the resource says of it. */
  readonly value?: SecretValue;
  /** Whether pods cannot start without it. */
  readonly required: boolean;
  /** Whether any random text will do, so that it can be made up. */
  readonly random: boolean;
}

/**
 * The keys of the deployment's Secret that are needed: those that pods name, those of AI providers in use, and
 * whatever the resource speaks of. In the order of the documentation.
 */
export function neededKeys(config: Config): NeededKey[] {
  const keys = secretKeys(config)
    .filter(({ isRead, isPatchedIn }) => isRead || isPatchedIn)
    .flatMap((known): NeededKey[] => {
      const { key, path, purpose, value, random, mayLack, isUsed } = known;
      const isMade = config.spec.secrets.provider !== 'existing' && isGiven(config, known);
      if (!isMade && value === undefined && !isUsed) return [];
      const required = isMade || !mayLack;
      return [{ key, path, purpose, required, random, ...(value === undefined ? {} : { value }) }];
    });
  if (appFile(config).place !== 'secret') return keys;
  const purpose = "the program's whole configuration file, which holds secrets";
  return [...keys, { key: configFileKey, purpose, path: ['spec', 'config'], required: true, random: false }];
}
