/** The secret values that a deployment needs, whoever keeps them. */
import { type KeyProvider, keyProviders, providerKinds } from '../config/providers.ts';
import type { Config } from '../config/schema/resource.ts';
import { configFileKey, isGiven, type SecretValue, secretKeys } from '../config/secret-keys.ts';
import type { Path } from '../model/json.ts';
import { appConfigIn } from '../objects/config.ts';

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

const purposes: { readonly [key: string]: string } = {
  'admin-key': 'bearer key of the admin API; any long random text',
  'database-dsn': 'PostgreSQL connection string; special characters of the password percent-encoded',
  'vault-token': 'token for Vault Transit',
};

/**
 * The keys of the deployment's Secret that are needed: those that pods name, those of AI providers in use, and
 * whatever the resource speaks of. In the order of the documentation.
 */
export function neededKeys(config: Config): NeededKey[] {
  const { spec } = config;
  const used = providersInUse(config);
  const keys = secretKeys(config)
    .filter(({ key }) => isRead(config, key))
    .flatMap((known): NeededKey[] => {
      const { key, path, value, provider } = known;
      const isMade = spec.secrets.provider !== 'existing' && isGiven(config, known);
      const mayLack =
        provider !== undefined || (key === 'admin-key' && spec.core.environment === 'development');
      const isWanted = provider === undefined || isMade || value !== undefined || used.includes(provider);
      if (!isWanted) return [];
      const purpose = purposes[key] ?? `API key of ${provider}`;
      const required = isMade || !mayLack;
      const random = key === 'admin-key';
      return [{ key, path, purpose, required, random, ...(value === undefined ? {} : { value }) }];
    });
  if (appConfigIn(config) !== 'secret') return keys;
  const purpose = "the program's whole configuration file, which holds secrets";
  return [...keys, { key: configFileKey, purpose, path: ['spec', 'config'], required: true, random: false }];
}

/** Whether a pod reads a key at all. */
function isRead({ spec }: Config, key: string): boolean {
  if (key === 'database-dsn') return !spec.postgresql.enabled;
  return key !== 'vault-token' || spec.vault.enabled;
}

/** The AI providers of the program's configuration file that take a key from a variable. */
function providersInUse({ spec }: Config): KeyProvider[] {
  const names = providerKinds.map((kind) => spec.config.providers?.[kind]?.name ?? '');
  return keyProviders.filter((provider) =>
    names.some((name) => name === provider || name.startsWith(`${provider}-`)),
  );
}
