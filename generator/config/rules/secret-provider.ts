import type { Path } from '../../model/json.ts';
import { appFilePlace } from '../app-secrets.ts';
import type { Config } from '../schema/resource.ts';
import { configFileKey, isInPodPatch, keysOfOthers, secretKeys, sourcedKeys } from '../secret-keys.ts';
import { suggest } from '../suggest.ts';
import type { Found, Rule } from './rule.ts';

const provider: Path = ['spec', 'secrets', 'provider'];
const sealedPath: Path = ['spec', 'secrets', 'sealed'];
const mappedPath: Path = ['spec', 'secrets', 'external', 'keys'];

/** The keys of the Secret that the provider makes. Empty where it makes none. */
function madeKeys(config: Config): string[] {
  const { secrets } = config.spec;
  switch (secrets.provider) {
    case 'existing':
      return [];
    case 'kubernetes': {
      const file = appFilePlace(config) === 'secret' ? [configFileKey] : [];
      return [...sourcedKeys(config).map(({ key }) => key), ...file];
    }
    case 'sealed-secrets':
      return Object.keys(secrets.sealed);
    case 'external-secrets':
      return Object.keys(secrets.external.keys);
  }
}

/** Keys of a Secret that pods need, and where the resource names it. */
interface Reference {
  readonly secret: string;
  readonly keys: readonly string[];
  readonly path: Path;
}

/** The keys that the resource asks of Secrets by their names. */
function references(config: Config): Reference[] {
  const { secrets, postgresql } = config.spec;
  const found: Reference[] = [];
  const add = (secret: string, keys: string[], path: Path) => found.push({ secret, keys, path });
  for (const { path, value } of secretKeys(config)) {
    const reference = value?.secretKeyRef;
    if (reference !== undefined) add(reference.name, [reference.key], [...path, 'secretKeyRef', 'key']);
  }
  if (secrets.configSecret !== undefined)
    add(secrets.configSecret.name, [configFileKey], ['spec', 'secrets', 'configSecret', 'name']);
  if (postgresql.enabled && postgresql.provider === 'bitnami') {
    const keys = ['postgres-password', 'password'];
    add(postgresql.existingSecret, keys, ['spec', 'postgresql', 'existingSecret']);
  }
  return found;
}

const missingSecretKey: Rule = {
  code: 'missing-secret-key',
  severity: 'error',
  about: 'What refers to the Secret that is made here names a key that it has; else its pods never start.',
  reads: [provider, sealedPath, mappedPath],
  check: ({ config }) => {
    const made = madeKeys(config);
    if (made.length === 0) return [];
    return references(config).flatMap(({ secret, keys, path }) => {
      const missing = keys.filter((key) => !made.includes(key));
      if (secret !== config.spec.secrets.name || missing.length === 0) return [];
      return [
        {
          path,
          message: `the Secret ${secret}, which is made here, has no key ${missing.join(', ')}`,
          hint: 'name another Secret, or let this one have it',
          hidden: true,
        },
      ];
    });
  },
};

/** The keys of the deployment's Secret that its pods read. */
function readKeys(config: Config): string[] {
  const { secrets } = config.spec;
  const read = secretKeys(config).filter(({ isRead, value }) => isRead && value?.secretKeyRef === undefined);
  const named = references(config).filter(({ secret }) => secret === secrets.name);
  return [...read.map(({ key }) => key), ...named.flatMap(({ keys }) => keys), ...keysOfOthers];
}

const unusedSecretKey: Rule = {
  code: 'unused-secret-key',
  severity: 'warning',
  about:
    'A sealed or external key that no pod reads is mistyped more often than meant; a value that nothing reads goes nowhere.',
  reads: [provider],
  check: ({ config }) => {
    const { secrets } = config.spec;
    const unread = secretKeys(config)
      .filter(
        ({ provider, value, isRead, isPatchedIn }) =>
          provider !== undefined && value !== undefined && !isRead && !isPatchedIn,
      )
      .map(({ path }) => ({
        path,
        message:
          'the program reads this key from its configuration file, which names no provider that needs it',
        hint: 'remove it',
        at: 'key' as const,
        hidden: true,
      }));
    if (secrets.provider !== 'sealed-secrets' && secrets.provider !== 'external-secrets') return unread;
    const read = readKeys(config);
    const parent = secrets.provider === 'sealed-secrets' ? sealedPath : mappedPath;
    const others = madeKeys(config).flatMap((key) => {
      if (read.includes(key) || isInPodPatch(config, key)) return [];
      const all = secretKeys(config).map((known) => known.key);
      const close = all.includes(key) ? undefined : suggest(key, [...all, ...keysOfOthers]);
      return [
        {
          path: [...parent, key],
          message: 'no pod of this deployment reads this key',
          hint: close === undefined ? 'remove it' : `did you mean ${close}?`,
          at: 'key' as const,
          hidden: true,
        },
      ];
    });
    return [...unread, ...others];
  },
};

const unusedSecretSource: Rule = {
  code: 'unused-secret-source',
  severity: 'warning',
  about:
    '`secrets.sealed` acts only with the provider `sealed-secrets`, `secrets.external.keys` only with `external-secrets`.',
  reads: [provider],
  check: ({ config }) => {
    const { secrets } = config.spec;
    const found: Found[] = [];
    const add = (path: Path, wanted: string) =>
      found.push({
        path,
        message: `these keys have no effect with the provider ${secrets.provider}`,
        hint: `set spec.secrets.provider: ${wanted}, or remove them`,
        at: 'key',
      });
    if (secrets.provider !== 'sealed-secrets' && Object.keys(secrets.sealed).length > 0)
      add(sealedPath, 'sealed-secrets');
    if (secrets.provider !== 'external-secrets' && Object.keys(secrets.external.keys).length > 0)
      add(mappedPath, 'external-secrets');
    return found;
  },
};

const externalStore: Rule = {
  code: 'external-store',
  severity: 'error',
  about: 'The External Secrets operator must know which store to read.',
  reads: [provider],
  check: ({ config }) => {
    const { secrets } = config.spec;
    if (secrets.provider !== 'external-secrets' || secrets.external.storeRef.name !== undefined) return [];
    return {
      path: ['spec', 'secrets', 'external', 'storeRef', 'name'],
      message: 'no store is named',
      hint: `set it to the name of a ${secrets.external.storeRef.kind}`,
    };
  },
};

const sealedElsewhere: Rule = {
  code: 'sealed-elsewhere',
  severity: 'warning',
  about:
    'A ciphertext is bound to the namespace (and, with the scope `strict`, to the Secret) that it was sealed for, so an environment with another one needs ciphertexts of its own.',
  reads: [provider, sealedPath],
  check: ({ config, isChanged }) => {
    const { provider: kind, sealed, sealedScope } = config.spec.secrets;
    if (kind !== 'sealed-secrets' || sealedScope === 'cluster-wide') return [];
    const inherited = Object.keys(sealed).filter((key) => !isChanged([...sealedPath, key]));
    if (inherited.length === 0) return [];
    const bound: Path[] = [
      ['metadata', 'namespace'],
      ...(sealedScope === 'strict' ? [['spec', 'secrets', 'name']] : []),
    ];
    return bound.filter(isChanged).map((path) => ({
      path,
      message: `the ciphertexts of ${inherited.join(', ')} come from the resource, which has another value here`,
      hint: 'seal them for this environment into its spec.secrets.sealed',
    }));
  },
};

/** Rules on what the secret provider makes, and on what reads it. */
export const secretProviderRules: readonly Rule[] = [
  missingSecretKey,
  unusedSecretKey,
  unusedSecretSource,
  externalStore,
  sealedElsewhere,
];
