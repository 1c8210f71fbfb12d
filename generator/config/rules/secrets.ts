import type { Path } from '../../model/json.ts';
import { appFilePlace, appSecrets } from '../app-secrets.ts';
import type { Config } from '../schema/resource.ts';
import { isGiven, type SecretKey, secretKeys } from '../secret-keys.ts';
import type { Found, Rule } from './rule.ts';

const provider: Path = ['spec', 'secrets', 'provider'];

/** What gives a key of the Secret, in words for a hint. */
function howToGive(config: Config, { key, path }: SecretKey): string {
  switch (config.spec.secrets.provider) {
    case 'sealed-secrets':
      return `seal it into spec.secrets.sealed.${key}`;
    case 'external-secrets':
      return `map it in spec.secrets.external.keys.${key}`;
    default:
      return `set ${path.join('.')} to a fromEnv, fromFile or secretKeyRef`;
  }
}

/** A rule that finds something where the deployment will not have a key of the Secret. */
function missingRule(
  name: string,
  { reads = [], finds, ...rule }: Pick<Rule, 'code' | 'severity' | 'about' | 'reads'> & MissingFinds,
): Rule {
  return {
    ...rule,
    reads: [provider, ['spec', 'secrets', 'sealed'], ['spec', 'secrets', 'external'], ...reads],
    untilGiven: true,
    check: ({ config }) => {
      const key = secretKeys(config).find((row) => row.key === name && !isGiven(config, row));
      if (key === undefined) return [];
      const found = finds(config.spec, howToGive(config, key));
      return found === undefined ? [] : { path: key.path, ...found };
    },
  };
}

interface MissingFinds {
  /** What is wrong without the key; undefined where it is not missed. */
  readonly finds: (spec: Config['spec'], hint: string) => Omit<Found, 'path'> | undefined;
}

const adminKeyMissing = missingRule('admin-key', {
  code: 'admin-key-missing',
  severity: 'error',
  about: 'Without an admin key the admin API rejects every request; a development deployment may do without.',
  reads: [['spec', 'core', 'environment']],
  finds: ({ core }, hint) => ({
    severity: core.environment === 'development' ? 'warning' : 'error',
    message: 'no admin key is given, so the admin API rejects every request',
    hint,
  }),
});

const dsnMissing = missingRule('database-dsn', {
  code: 'dsn-missing',
  severity: 'error',
  about: 'The gateway exits without a PostgreSQL DSN, unless `postgresql` is enabled and brings its own.',
  reads: [['spec', 'postgresql', 'enabled']],
  finds: ({ postgresql }, hint) =>
    postgresql.enabled
      ? undefined
      : {
          message: 'no DSN is given, and the gateway exits without one',
          hint: `${hint}, or set spec.postgresql.enabled: true`,
        },
});

const droppedSecret: Rule = {
  code: 'dropped-secret',
  severity: 'error',
  about:
    'With the providers `existing` and `external-secrets` no Secret is made from values, variables or files, so such a source would be dropped.',
  reads: [provider],
  check: ({ config }) => {
    const { secrets } = config.spec;
    if (secrets.provider !== 'existing' && secrets.provider !== 'external-secrets') return [];
    return secretKeys(config).flatMap(({ key, path, value }) => {
      const source = (['value', 'fromEnv', 'fromFile'] as const).find((name) => value?.[name] !== undefined);
      if (source === undefined) return [];
      const instead =
        secrets.provider === 'existing'
          ? `put it into the key ${key} of the Secret ${secrets.name}`
          : `map it in spec.secrets.external.keys.${key}`;
      return [
        {
          path: [...path, source],
          message: `the provider ${secrets.provider} makes no Secret from this, so it would be dropped`,
          hint: `${instead}, use secretKeyRef, or set spec.secrets.provider: kubernetes`,
          at: 'key' as const,
          hidden: true,
        },
      ];
    });
  },
};

/** What else to do about a text in the configuration file that only counts as a secret. */
const unless = {
  option: 'if it is no secret, name it in spec.secrets.publicOptions; else ',
  url: 'take what stands before the host or in the query out of the URL; else ',
  argument: 'hand it over in env, or ',
};

const literalSecret: Rule = {
  code: 'literal-secret',
  severity: 'warning',
  about: 'A secret that stands in the resource is readable for everyone who can read the file.',
  reads: [provider],
  check: ({ config }) => {
    const { provider: kind, configSecret } = config.spec.secrets;
    const refused = configSecret === undefined && (kind === 'existing' || kind === 'external-secrets');
    const values = secretKeys(config).filter(({ value }) => value?.value !== undefined);
    return [
      ...values.map(({ path }) => ({
        path: [...path, 'value'],
        message: 'a secret stands here in plain text',
        hint: 'use fromEnv, fromFile or secretKeyRef',
        hidden: true,
      })),
      ...(refused ? [] : appSecrets(config)).map(({ path, because }) => ({
        path,
        message: 'a secret stands here in plain text',
        hint: `${because === undefined ? '' : unless[because]}use spec.secrets.providerKeys for keys of AI providers, spec.secrets.configSecret for a whole file`,
        hidden: true,
      })),
    ];
  },
};

const appConfigSecret: Rule = {
  code: 'app-config-secret',
  severity: 'error',
  about:
    'A configuration file with secrets in it must be a Secret, which the providers `existing` and `external-secrets` cannot make of it.',
  reads: [provider],
  check: ({ config }) => {
    const { provider: kind, configSecret } = config.spec.secrets;
    if (configSecret !== undefined || (kind !== 'existing' && kind !== 'external-secrets')) return [];
    return appSecrets(config).map(({ path, because }) => ({
      path,
      message: `the provider ${kind} makes no Secret from the secret that stands here`,
      hint: `${because === undefined ? '' : unless[because]}keep the file in a Secret of your own and name it in spec.secrets.configSecret, or give keys of AI providers in spec.secrets.providerKeys`,
      hidden: true,
    }));
  },
};

const appConfigNotSealed: Rule = {
  code: 'app-config-not-sealed',
  severity: 'error',
  about:
    'With `sealed-secrets` a configuration file with secrets in it is sealed as a whole, under the key `config.yaml`; without it no pod starts.',
  reads: [provider, ['spec', 'secrets', 'sealed']],
  untilGiven: true,
  check: ({ config }) => {
    const { provider: kind, sealed } = config.spec.secrets;
    if (kind !== 'sealed-secrets' || appFilePlace(config) !== 'secret') return [];
    if (Object.hasOwn(sealed, 'config.yaml')) return [];
    return {
      path: ['spec', 'secrets', 'sealed'],
      message: 'the configuration file holds secrets and is not sealed',
      hint: 'seal it: the command seal writes spec.secrets.sealed["config.yaml"]',
      hidden: true,
    };
  },
};

const configSecretAndConfig: Rule = {
  code: 'config-secret-and-config',
  severity: 'warning',
  about:
    'With `secrets.configSecret` the program reads the file in that Secret; of `config` only the ports of addresses count, for the network policies.',
  check: ({ config }) => {
    const { config: file, secrets } = config.spec;
    if (secrets.configSecret === undefined || Object.keys(file).length === 0) return [];
    return {
      path: ['spec', 'config'],
      message: 'the program reads the file in spec.secrets.configSecret and not this one',
      hint: 'remove one of the two',
      at: 'key' as const,
    };
  },
};

const secretWhitespace: Rule = {
  code: 'secret-whitespace',
  severity: 'warning',
  about: 'A line end or space around a key makes it another key; `|-` in YAML keeps it away.',
  check: ({ config }) =>
    secretKeys(config).flatMap(({ path, value }) =>
      value?.value === undefined || value.value.trim() === value.value
        ? []
        : [
            {
              path: [...path, 'value'],
              message: 'the secret begins or ends with white space',
              hint: 'write it on one line, in double quotes',
              hidden: true,
            },
          ],
    ),
};

const vaultWithoutAddress: Rule = {
  code: 'vault-without-address',
  severity: 'error',
  about: 'Vault is reached by its address, so `vault.enabled` needs `vault.addr`.',
  check: ({ config }) => {
    const { enabled, addr } = config.spec.vault;
    if (!enabled || addr !== undefined) return [];
    const message = 'Vault is enabled and has no address';
    return { path: ['spec', 'vault', 'addr'], message, hint: 'set it to the URL of the server' };
  },
};

const vaultTokenMissing = missingRule('vault-token', {
  code: 'vault-token-missing',
  severity: 'warning',
  about: 'Vault refuses requests without a token.',
  finds: ({ vault }, hint) =>
    vault.enabled ? { message: 'Vault is enabled and no token is given', hint } : undefined,
});

const vaultTokenUnused: Rule = {
  code: 'vault-token-unused',
  severity: 'warning',
  about: '`vault.token` is read only while `vault.enabled`.',
  reads: [['spec', 'vault', 'enabled']],
  check: ({ config }) => {
    const { enabled, token } = config.spec.vault;
    if (enabled || token === undefined) return [];
    const message = 'the token has no effect while Vault is off';
    return { path: ['spec', 'vault', 'token'], message, hint: 'set spec.vault.enabled: true, or remove it' };
  },
};

const grpcTls: Rule = {
  code: 'grpc-tls',
  severity: 'error',
  about:
    'No version of the program can start a session with gRPC TLS: its gateway dials workers without TLS, by the address of the pod.',
  check: ({ config }) => {
    if (config.spec.grpcTls.secretName === undefined) return [];
    return {
      path: ['spec', 'grpcTls', 'secretName'],
      message: 'the gateway dials workers without TLS, so no session starts with it',
      hint: 'remove it; a network that encrypts (Cilium, a service mesh) protects gRPC',
    };
  },
};

/** Rules on secrets, whoever makes the Secret. */
export const secretRules: readonly Rule[] = [
  adminKeyMissing,
  dsnMissing,
  droppedSecret,
  literalSecret,
  appConfigSecret,
  appConfigNotSealed,
  configSecretAndConfig,
  secretWhitespace,
  vaultWithoutAddress,
  vaultTokenMissing,
  vaultTokenUnused,
  grpcTls,
];
