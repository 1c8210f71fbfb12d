import { dig, type Json, type Path } from '../model/json.ts';
import {
  hasVariable,
  type KeyProvider,
  keyPlace,
  keyProviders,
  type ProviderKind,
  providerKinds,
} from './providers.ts';
import type { Config } from './schema/resource.ts';

/** A secret value of the resource: exactly one of the fields is set. */
export type SecretValue = NonNullable<Config['spec']['database']['dsn']>;

/** The workloads whose pods read keys of the Secret. */
export type KeyReader = 'gateway' | 'worker';

/** What is true of a key of the deployment's Secret, whatever the resource says. */
interface KeyRow {
  /** The key in the Secret. */
  readonly key: string;
  /** The environment variable that the program reads it from; undefined for a key that it takes from its file alone. */
  readonly variable?: string;
  /** Whose pods get the variable. */
  readonly readers: readonly KeyReader[];
  /** Where the resource sets it. */
  readonly path: Path;
  /** What it is, for people: a sentence without its full stop. */
  readonly purpose: string;
  /** Whether any random text will do, so that it can be made up. @default false */
  readonly random?: true;
  /** The AI provider whose key it is. */
  readonly provider?: KeyProvider;
  /** Whether anything of the deployment reads it. @default always */
  readonly isRead?: (spec: Config['spec']) => boolean;
  /** Whether pods start without it. @default never */
  readonly mayLack?: (spec: Config['spec']) => boolean;
  /** Whether the deployment has a use for it even where the resource does not speak of it. @default always */
  readonly isUsed?: (spec: Config['spec']) => boolean;
}

/**
 * Every key that the deployment's Secret can have, in the order of the documentation and of the variables in a
 * pod. Pods, rules, `secrets init`, `secrets status` and the tree follow from this table.
 */
const table: readonly KeyRow[] = [
  {
    key: 'admin-key',
    variable: 'GLYPHOXA_ADMIN_KEY',
    readers: ['gateway'],
    path: ['spec', 'gateway', 'adminKey'],
    purpose: 'bearer key of the admin API; any long random text',
    random: true,
    mayLack: ({ core }) => core.environment === 'development',
  },
  {
    key: 'database-dsn',
    variable: 'GLYPHOXA_DATABASE_DSN',
    readers: ['gateway', 'worker'],
    path: ['spec', 'database', 'dsn'],
    purpose: 'PostgreSQL connection string; special characters of the password percent-encoded',
    isRead: ({ postgresql }) => !postgresql.enabled,
  },
  {
    key: 'vault-token',
    variable: 'VAULT_TOKEN',
    readers: ['gateway'],
    path: ['spec', 'vault', 'token'],
    purpose: 'token for Vault Transit',
    isRead: ({ vault }) => vault.enabled,
  },
  ...keyProviders.map((provider): KeyRow => {
    const isInFile = (spec: Config['spec']) => placesInFile(spec).some(({ key }) => key === provider);
    const variable = `${provider.toUpperCase()}_API_KEY`;
    const isVariable = hasVariable(provider);
    return {
      key: `${provider}-api-key`,
      ...(isVariable ? { variable } : {}),
      readers: ['gateway', 'worker'],
      path: ['spec', 'secrets', 'providerKeys', provider],
      purpose: `API key of ${provider}`,
      provider,
      isRead: (spec) => isVariable || isInFile(spec),
      mayLack: (spec) => !isInFile(spec),
      isUsed: ({ config: { providers } }) =>
        providerKinds.some((kind) => keyPlace(kind, providers?.[kind]?.name)?.key === provider),
    };
  }),
  {
    key: 'grpc-mgmt-secret',
    variable: 'GLYPHOXA_GRPC_MGMT_SECRET',
    readers: ['gateway'],
    path: ['spec', 'gateway', 'managementSecret'],
    purpose: 'shared secret of the management service, in late versions of the program; any long random text',
    random: true,
    mayLack: () => true,
    isUsed: ({ secrets }) => secrets.provider === 'existing',
  },
];

/** A key that stands in the program's configuration file, since its client looks nowhere else. */
export interface KeyInFile {
  /** The part of the voice pipeline that needs it there. */
  readonly kind: ProviderKind;
  readonly key: KeyProvider;
  /** Whether the worker exits without it. */
  readonly exits: boolean;
}

/** The keys that the files of configurations need: most rows of the table ask for them. */
const inFile = new WeakMap<Config['spec'], readonly KeyInFile[]>();

/** The keys that the file needs and that do not stand in it. None where the file is one of the operator's own. */
export function placesInFile(spec: Config['spec']): readonly KeyInFile[] {
  const places = inFile.get(spec) ?? findPlaces(spec);
  inFile.set(spec, places);
  return places;
}

function findPlaces({ config, secrets }: Config['spec']): KeyInFile[] {
  if (secrets.configSecret !== undefined) return [];
  return providerKinds.flatMap((kind) => {
    const { name, api_key } = config.providers?.[kind] ?? {};
    const place = keyPlace(kind, name);
    if (place?.readFrom !== 'file' || api_key !== undefined) return [];
    return [{ kind, key: place.key, exits: place.exits === true }];
  });
}

/** The key of a Secret under which a whole configuration file stands. */
export const configFileKey = 'config.yaml';

/** Keys that no variable and no file of ours is made of, and that have their place in the Secret all the same. */
export const keysOfOthers: readonly string[] = [configFileKey, 'discord-bot-token'];

/** The names of all keys that this tool puts into the deployment's Secret. */
export const secretKeyNames: readonly string[] = [...table.map(({ key }) => key), configFileKey];

/** A key of the deployment's Secret, with what the resource says of it. */
export interface SecretKey
  extends Pick<KeyRow, 'key' | 'variable' | 'readers' | 'path' | 'purpose' | 'provider'> {
  /** What the resource sets. */
  readonly value: SecretValue | undefined;
  readonly random: boolean;
  /** Whether pods of ours read it, as a variable or in the file. */
  readonly isRead: boolean;
  /** Whether a pod patch reads it. */
  readonly isPatchedIn: boolean;
  readonly mayLack: boolean;
  readonly isUsed: boolean;
}

/** The keys of each configuration: many rules and every pod ask for them. */
const known = new WeakMap<Config, readonly SecretKey[]>();

/** Every key that the deployment's Secret can have, with what the resource says of it. */
export function secretKeys(config: Config): readonly SecretKey[] {
  const keys = known.get(config) ?? table.map((row) => keyOf(config, row));
  known.set(config, keys);
  return keys;
}

function keyOf(config: Config, row: KeyRow): SecretKey {
  const { spec } = config;
  return {
    ...row,
    value: dig(config as unknown as Json, row.path) as SecretValue | undefined,
    random: row.random === true,
    isRead: row.isRead?.(spec) ?? true,
    isPatchedIn: isInPodPatch(config, row.key),
    mayLack: row.mayLack?.(spec) ?? false,
    isUsed: row.isUsed?.(spec) ?? true,
  };
}

/** Whether a pod patch speaks of a key, or of the whole Secret. */
export function isInPodPatch({ spec }: Config, key: string): boolean {
  const { name } = spec.secrets;
  const speaks = (value: Json): boolean => {
    if (typeof value !== 'object' || value === null) return false;
    if (Array.isArray(value)) return value.some(speaks);
    const names = [value.name, value.secretName];
    return value.key === key || names.includes(name) || Object.values(value).some(speaks);
  };
  return [spec.gateway, spec.mcpGateway, spec.worker].some(({ podPatch }) => speaks(podPatch));
}

/** The keys of the Secret that this tool makes from sources, with `kubernetes`: those that something reads. */
export function sourcedKeys(config: Config): SecretKey[] {
  if (config.spec.secrets.provider !== 'kubernetes') return [];
  return secretKeys(config).filter(
    ({ value, isRead, isPatchedIn }) =>
      value !== undefined && value.secretKeyRef === undefined && (isRead || isPatchedIn),
  );
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
