import type { Path } from '../model/json.ts';
import { type KeyProvider, keyProviders } from './providers.ts';
import type { Config } from './schema/resource.ts';

/** A secret value of the resource: exactly one of the fields is set. */
export type SecretValue = NonNullable<Config['spec']['database']['dsn']>;

/** A key of the deployment's Secret, and the environment variable that the program reads it from. */
export interface SecretKey {
  /** The key in the Secret. */
  readonly key: string;
  /** The environment variable of the program. */
  readonly variable: string;
  /** Where the resource sets it. */
  readonly path: Path;
  /** What the resource sets. */
  readonly value: SecretValue | undefined;
  /** The AI provider whose key it is. */
  readonly provider?: KeyProvider;
}

/** The key of a Secret under which a whole configuration file stands. */
export const configFileKey = 'config.yaml';

/** The keys of each configuration: many rules and every pod ask for them. */
const known = new WeakMap<Config, readonly SecretKey[]>();

/** Every key that the deployment's Secret can have, with what the resource says of it. */
export function secretKeys(config: Config): readonly SecretKey[] {
  const keys = known.get(config) ?? listKeys(config);
  known.set(config, keys);
  return keys;
}

function listKeys(config: Config): SecretKey[] {
  const { gateway, database, vault, secrets } = config.spec;
  return [
    {
      key: 'admin-key',
      variable: 'GLYPHOXA_ADMIN_KEY',
      path: ['spec', 'gateway', 'adminKey'],
      value: gateway.adminKey,
    },
    {
      key: 'database-dsn',
      variable: 'GLYPHOXA_DATABASE_DSN',
      path: ['spec', 'database', 'dsn'],
      value: database.dsn,
    },
    { key: 'vault-token', variable: 'VAULT_TOKEN', path: ['spec', 'vault', 'token'], value: vault.token },
    ...keyProviders.map((provider) => ({
      key: `${provider}-api-key`,
      variable: `${provider.toUpperCase()}_API_KEY`,
      path: ['spec', 'secrets', 'providerKeys', provider],
      value: secrets.providerKeys[provider],
      provider,
    })),
  ];
}

/**
 * Whether the Secret that the provider makes will have a key. With `existing` the operator makes it, and
 * every key counts as given.
 */
export function isGiven(config: Config, key: SecretKey): boolean {
  if (key.value?.secretKeyRef !== undefined) return true;
  const { secrets } = config.spec;
  switch (secrets.provider) {
    case 'existing':
      return true;
    case 'kubernetes':
      return key.value !== undefined;
    case 'sealed-secrets':
      return Object.hasOwn(secrets.sealed, key.key);
    case 'external-secrets':
      return Object.hasOwn(secrets.external.keys, key.key);
  }
}
