/** Secret values: where they come from, and what reads them. */
import { dnsSubdomainPattern } from '../../model/kubernetes-values.ts';
import { hasVariable, type KeyProvider, programProviders, providerKinds } from '../providers.ts';
import {
  choice,
  flag,
  group,
  httpPattern,
  list,
  map,
  object,
  optional,
  port,
  secret,
  section,
  text,
} from './build.ts';

const names: Record<KeyProvider, string> = {
  openai: 'OpenAI',
  anthropic: 'Anthropic',
  gemini: 'Gemini',
  deepseek: 'DeepSeek',
  mistral: 'Mistral',
  groq: 'Groq',
  elevenlabs: 'ElevenLabs',
  deepgram: 'Deepgram',
};

/** Where the program reads a key, in words. */
function whereRead(provider: KeyProvider): string {
  const kinds = providerKinds.filter((kind) =>
    Object.values(programProviders[kind]).some(
      (place) => place?.key === provider && place.readFrom === 'file',
    ),
  );
  const variable = hasVariable(provider)
    ? [`\`${provider.toUpperCase()}_API_KEY\` of gateway and workers`]
    : [];
  const file = kinds.length === 0 ? [] : [`the configuration file, for ${kinds.join(', ')}`];
  return `it goes into ${[...variable, ...file].join(', and into ')}`;
}

const providerKey = (provider: KeyProvider) =>
  optional(
    secret({
      title: `${names[provider]} key`,
      description: `API key of ${names[provider]}: ${whereRead(provider)}.`,
    }),
  );

const providerKeys = Object.fromEntries(
  (Object.keys(names) as KeyProvider[]).map((provider) => [provider, providerKey(provider)]),
) as Record<KeyProvider, ReturnType<typeof providerKey>>;

const secretName = (title: string, description: string) =>
  text({ title, description, check: 'dns-subdomain', pattern: dnsSubdomainPattern, maxLength: 253 });

/** The PostgreSQL database, wherever it runs. */
export const database = section(
  {
    dsn: optional(
      secret({
        title: 'DSN',
        description:
          'PostgreSQL connection string, as pgx reads it. Not needed while `postgresql` is enabled.',
      }),
    ),
    port: port({
      title: 'Port',
      description:
        "Port that the network policies open where the DSN does not stand in the resource, or names a service file. Of a DSN in the resource each host's port is opened.",
      default: 5432,
    }),
  },
  { title: 'Database', description: 'The PostgreSQL database, with the `vector` extension.' },
);

/** Where secrets come from. */
export const secrets = section(
  {
    provider: choice(['existing', 'kubernetes', 'sealed-secrets', 'external-secrets'], {
      title: 'Provider',
      description:
        'Who makes the Secret: you (`existing`), this tool from the environment or files (`kubernetes`), the sealed-secrets controller, or the External Secrets operator.',
      default: 'existing',
    }),
    name: text({
      title: 'Name',
      description: 'Name of the Secret.',
      derived: '<release>-secrets',
      check: 'dns-subdomain',
      pattern: dnsSubdomainPattern,
      maxLength: 253,
    }),
    providerKeys: group(providerKeys, { title: 'Provider keys', description: 'API keys of AI providers.' }),
    configSecret: optional(
      object(
        { name: secretName('Name', 'Name of a Secret whose key `config.yaml` is the configuration file.') },
        {
          title: 'Configuration Secret',
          description: 'An existing Secret that is mounted instead of the ConfigMap made from `config`.',
        },
      ),
    ),
    publicOptions: list(text({ title: 'Option', description: 'The name of an option.' }), {
      title: 'Public options',
      description:
        'Names of `options` of providers in `config` that hold no secret. Texts in other options that the program does not read by name make the file a Secret.',
      default: [],
    }),
    sealed: map(
      text({
        title: 'Ciphertext',
        description: 'The sealed value, as `kubeseal --raw` prints it.',
        pattern: '^[A-Za-z0-9+/]+={0,2}$',
        secret: true,
      }),
      {
        title: 'Sealed values',
        description: 'With `sealed-secrets`: a ciphertext for each key of the Secret.',
        default: {},
        keys: 'secret-key',
      },
    ),
    sealedScope: choice(['strict', 'namespace-wide', 'cluster-wide'], {
      title: 'Sealing scope',
      description: 'What a ciphertext is bound to: name and namespace, the namespace, or nothing.',
      default: 'strict',
    }),
    external: group(
      {
        storeRef: group(
          {
            name: optional(secretName('Name', 'Name of the store.')),
            kind: choice(['ClusterSecretStore', 'SecretStore'], {
              title: 'Kind',
              description: 'Whether the store serves the cluster or one namespace.',
              default: 'ClusterSecretStore',
            }),
          },
          { title: 'Store', description: 'The secret store that the operator reads.' },
        ),
        refreshInterval: text({
          title: 'Refresh interval',
          description: 'How often the operator reads the store again.',
          default: '1h',
          check: 'duration',
          pattern: '^(?:0|(?:[0-9]+(?:\\.[0-9]*)?(?:ns|us|µs|ms|s|m|h))+)$',
        }),
        keys: map(
          object(
            {
              key: text({ title: 'Key', description: 'Name of the entry in the store.' }),
              property: optional(text({ title: 'Property', description: 'A field inside that entry.' })),
            },
            { title: 'Mapping', description: 'Where in the store a key of the Secret comes from.' },
          ),
          {
            title: 'Keys',
            description: 'With `external-secrets`: where each key of the Secret comes from.',
            default: {},
            keys: 'secret-key',
          },
        ),
      },
      { title: 'External Secrets', description: 'What the External Secrets operator reads.' },
    ),
  },
  { title: 'Secrets', description: 'Where secrets come from. They stand in Secrets and nowhere else.' },
);

/** HashiCorp Vault, for Transit encryption of bot tokens. */
export const vault = section(
  {
    enabled: flag({
      title: 'Enabled',
      description: 'Encrypt bot tokens with Vault Transit.',
      default: false,
    }),
    addr: optional(
      text({
        title: 'Address',
        description: 'URL of the Vault server.',
        check: 'http-url',
        pattern: httpPattern,
        examples: ['https://vault.example.com:8200'],
      }),
    ),
    token: optional(secret({ title: 'Token', description: 'Vault token.' })),
  },
  { title: 'Vault', description: 'HashiCorp Vault, for Transit encryption of bot tokens.' },
);

/** TLS between gateway and workers. */
export const grpcTls = section(
  {
    secretName: optional(
      secretName('Secret', 'Refused: no version of the program starts a session with gRPC TLS.'),
    ),
    clientAuth: flag({
      title: 'Client certificates',
      description: 'Mutual TLS. Has no effect, as the program cannot use TLS here.',
      default: true,
    }),
  },
  {
    title: 'gRPC TLS',
    description: 'Encryption between gateway and workers, which the program cannot do.',
  },
);
