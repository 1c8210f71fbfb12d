/** Where rules on secrets, and on who makes them, begin and end: beside the `cases`. */
import { type Edges, edges } from './edges.ts';

const fromEnv = { fromEnv: 'A' };
const own = (key: string) => ({ secretKeyRef: { name: 'voice-secrets', key } });
const kubernetes = (more: object = {}) => ({
  secrets: { provider: 'kubernetes', ...more },
  gateway: { adminKey: fromEnv },
  database: { dsn: fromEnv },
});
const sealed = (...keys: string[]) => ({
  secrets: { provider: 'sealed-secrets', sealed: Object.fromEntries(keys.map((key) => [key, 'YWJj'])) },
});
const external = (...keys: string[]) => ({
  secrets: {
    provider: 'external-secrets',
    external: { storeRef: { name: 's' }, keys: Object.fromEntries(keys.map((key) => [key, { key: 'k' }])) },
  },
});
const configSecret = { configSecret: { name: 'own' } };
const keyInFile = { config: { providers: { llm: { name: 'groq', model: 'm', api_key: 'k' } } } };
const apiKey = 'spec.config.providers.llm.api_key';
const vault = { vault: { enabled: true, addr: 'https://vault.example.com' } };
const patchWith = (podPatch: object) => ({ worker: { podPatch: { spec: podPatch } } });

edges({
  'admin-key-missing': [
    ['made elsewhere', {}],
    ['sealed', sealed('admin-key')],
    ['mapped', external('admin-key')],
    ['of another Secret', { ...sealed(), gateway: { adminKey: { secretKeyRef: { name: 'a', key: 'b' } } } }],
    ['not sealed', sealed('database-dsn'), 'error spec.gateway.adminKey'],
    ['not mapped', external('database-dsn'), 'error spec.gateway.adminKey'],
  ],
  'dsn-missing': [
    ['made elsewhere', {}],
    ['sealed', sealed('database-dsn')],
    ['not sealed', sealed('admin-key'), 'error spec.database.dsn'],
    ['of a database here', { ...sealed('admin-key'), postgresql: { enabled: true } }],
  ],
  'dropped-secret': [
    ['sealed', { ...sealed(), gateway: { adminKey: fromEnv } }],
    ['made here', kubernetes()],
    ['no source', {}],
    [
      'two',
      { gateway: { adminKey: fromEnv }, database: { dsn: { value: 'postgres://a/b' } } },
      'error spec.gateway.adminKey.fromEnv',
      'error spec.database.dsn.value',
    ],
  ],
  'literal-secret': [
    [
      'of the resource, with any provider',
      { gateway: { adminKey: { value: 'k' } } },
      'warning spec.gateway.adminKey.value',
    ],
    ['of the file, which is refused', keyInFile],
    ['of the file, which is refused by another rule', { ...keyInFile, ...external() }],
    ['of the file, which becomes a Secret', { ...keyInFile, ...kubernetes() }, `warning ${apiKey}`],
    ['of the file, which is sealed', { ...keyInFile, ...sealed('config.yaml') }, `warning ${apiKey}`],
    ['of the file, which nobody reads', { ...keyInFile, secrets: configSecret }, `warning ${apiKey}`],
  ],
  'app-config-secret': [
    ['with existing', keyInFile, `error ${apiKey}`],
    ['with external-secrets', { ...keyInFile, ...external() }, `error ${apiKey}`],
    ['with kubernetes', { ...keyInFile, ...kubernetes() }],
    ['with sealed-secrets', { ...keyInFile, ...sealed('config.yaml') }],
    ['in a file that nobody reads', { ...keyInFile, secrets: configSecret }],
  ],
  'app-config-not-sealed': [
    ['no secret in it', { ...sealed(), config: { campaign: { name: 'a' } } }],
    ['made here', { ...keyInFile, ...kubernetes() }],
    ['not sealed', { ...keyInFile, ...sealed() }, 'error spec.secrets.sealed'],
  ],
  'config-secret-and-config': [
    ['no file', { secrets: configSecret, config: {} }],
    ['no Secret', { config: { server: { log_level: 'info' } } }],
  ],
  'secret-whitespace': [
    ...[' k', 'k\t', 'k\n'].map((value): Edges[string][number] => [
      JSON.stringify(value),
      { ...kubernetes(), gateway: { adminKey: { value } } },
      'warning spec.gateway.adminKey.value',
    ]),
    ['from elsewhere', kubernetes()],
  ],
  'vault-without-address': [['off', { vault: {} }]],
  'vault-token-missing': [
    ['off', kubernetes()],
    ['made elsewhere', vault],
    ['sealed', { ...vault, ...sealed('vault-token') }],
    ['not sealed', { ...vault, ...sealed() }, 'warning spec.vault.token'],
    ['not mapped', { ...vault, ...external() }, 'warning spec.vault.token'],
  ],
  'vault-token-unused': [
    ['no token', { vault: { enabled: false } }],
    ['read', { vault: { ...vault.vault, token: own('vault-token') } }],
  ],
  'grpc-tls': [['nothing', { grpcTls: {} }]],
  'missing-secret-key': [
    ['made elsewhere', { gateway: { adminKey: own('other') } }],
    ['nothing is made', { secrets: { provider: 'kubernetes' }, gateway: { adminKey: own('other') } }],
    ['sealed', { ...sealed('other'), gateway: { adminKey: own('other') } }],
    [
      'not sealed',
      { ...sealed('admin-key'), gateway: { adminKey: own('other') } },
      'error spec.gateway.adminKey.secretKeyRef.key',
    ],
    ['mapped', { ...external('other'), gateway: { adminKey: own('other') } }],
    [
      'not mapped',
      { ...external('admin-key'), gateway: { adminKey: own('other') } },
      'error spec.gateway.adminKey.secretKeyRef.key',
    ],
    [
      'of another Secret',
      { ...sealed('a'), gateway: { adminKey: { secretKeyRef: { name: 'b', key: 'c' } } } },
    ],
    [
      'a file that is made',
      { ...keyInFile, ...kubernetes(), vault: { ...vault.vault, token: own('config.yaml') } },
    ],
    [
      'a file that holds no secret',
      { ...kubernetes(), vault: { ...vault.vault, token: own('config.yaml') } },
      'error spec.vault.token.secretKeyRef.key',
    ],
    [
      'a file of ours',
      { secrets: { ...sealed('admin-key').secrets, configSecret: { name: 'voice-secrets' } } },
      'error spec.secrets.configSecret.name',
    ],
    [
      'a file of ours that is sealed',
      { secrets: { ...sealed('config.yaml').secrets, configSecret: { name: 'voice-secrets' } } },
    ],
    [
      'of a database',
      {
        ...sealed('password'),
        postgresql: { enabled: true, provider: 'bitnami', existingSecret: 'voice-secrets' },
      },
      'error spec.postgresql.existingSecret',
    ],
    [
      'of a database, all there',
      {
        ...sealed('password', 'postgres-password'),
        postgresql: { enabled: true, provider: 'bitnami', existingSecret: 'voice-secrets' },
      },
    ],
    [
      'of a database that is off',
      { ...sealed('a'), postgresql: { provider: 'bitnami', existingSecret: 'voice-secrets' } },
    ],
    ['of the operator', { ...sealed('a'), postgresql: { enabled: true, existingSecret: 'voice-secrets' } }],
  ],
  'unused-secret-key': [
    ['with another provider', { secrets: { sealed: { other: 'YWJj' } } }],
    ['every key that is read', sealed('admin-key', 'database-dsn', 'config.yaml', 'discord-bot-token')],
    [
      'of a database here',
      { ...sealed('database-dsn'), postgresql: { enabled: true } },
      'warning spec.secrets.sealed.database-dsn',
    ],
    ['of Vault, which is off', sealed('vault-token'), 'warning spec.secrets.sealed.vault-token'],
    ['of Vault', { ...vault, ...sealed('vault-token') }],
    [
      'that comes from another Secret',
      { ...sealed('admin-key'), gateway: { adminKey: { secretKeyRef: { name: 'b', key: 'c' } } } },
      'warning spec.secrets.sealed.admin-key',
    ],
    ['under another name', { ...sealed('other'), gateway: { adminKey: own('other') } }],
    [
      'named by a pod patch',
      {
        ...sealed('other'),
        ...patchWith({ volumes: [{ name: 'a', secret: { secretName: 'voice-secrets' } }] }),
      },
    ],
    [
      'whose Secret a pod patch reads',
      {
        ...sealed('other'),
        ...patchWith({ containers: [{ name: 'x', envFrom: [{ secretRef: { name: 'voice-secrets' } }] }] }),
      },
    ],
    [
      'while a pod patch speaks of another',
      {
        ...sealed('other'),
        ...patchWith({ volumes: [{ name: 'a', secret: { secretName: 'b', items: [{ key: 'c' }] } }] }),
      },
      'warning spec.secrets.sealed.other',
    ],
    [
      'of a provider without a variable',
      kubernetes({ providerKeys: { elevenlabs: fromEnv } }),
      'warning spec.secrets.providerKeys.elevenlabs',
    ],
    ['of a provider with one', kubernetes({ providerKeys: { groq: fromEnv } })],
    [
      'of a provider, in a pod patch',
      {
        ...kubernetes({ providerKeys: { elevenlabs: fromEnv } }),
        ...patchWith({
          containers: [
            {
              name: 'x',
              env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'b', key: 'elevenlabs-api-key' } } }],
            },
          ],
        }),
      },
    ],
  ],
  'unused-secret-source': [
    ['none', {}],
    [
      'both',
      { secrets: { sealed: { a: 'YWJj' }, external: { keys: { a: { key: 'k' } } } } },
      'warning spec.secrets.sealed',
      'warning spec.secrets.external.keys',
    ],
    [
      'of each other',
      { secrets: { ...external('a').secrets, sealed: { a: 'YWJj' } } },
      'warning spec.secrets.sealed',
    ],
  ],
  'external-store': [['with another provider', sealed()]],
  'sealed-form': [
    ['no base64', { secrets: { provider: 'sealed-secrets', sealed: { a: wrapped(256, 272) } } }],
    ['the smallest key', { secrets: { sealed: { a: wrapped(256, 256 + 16) } } }],
    ['a larger one', { secrets: { sealed: { a: wrapped(512, 512 + 16) } } }],
    [
      'cut off by a byte',
      { secrets: { sealed: { a: wrapped(256, 256 + 15) } } },
      'warning spec.secrets.sealed.a',
    ],
    [
      'a key that is not safe',
      { secrets: { sealed: { a: wrapped(128, 1024) } } },
      'warning spec.secrets.sealed.a',
    ],
    [
      'a length that no key has',
      { secrets: { sealed: { a: wrapped(257, 1024) } } },
      'warning spec.secrets.sealed.a',
    ],
    ['two bytes', { secrets: { sealed: { a: wrapped(256, 0) } } }, 'warning spec.secrets.sealed.a'],
    ['one byte', { secrets: { sealed: { a: 'AQ==' } } }, 'warning spec.secrets.sealed.a'],
    ['without its padding', { secrets: { sealed: { a: wrapped(256, 272).replace(/=+$/, '') } } }],
  ],
});

/** A text with the form of a ciphertext: the length of its RSA part, and as many bytes as follow. */
function wrapped(length: number, bytes: number): string {
  return Buffer.concat([Buffer.from([length >> 8, length & 255]), Buffer.alloc(bytes, 7)]).toString('base64');
}
