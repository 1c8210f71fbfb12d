import type { JsonObject } from '../../../../generator/model/json.ts';
import { type Case, external, file, given, kubernetes, providers, sealed, servers, stdio } from '../case.ts';

const publicNote = { secrets: { publicOptions: ['note'] } };

export const secretCases: readonly Case[] = [
  {
    code: 'admin-key-missing',
    spec: { ...kubernetes(), gateway: {} },
    path: 'spec.gateway.adminKey',
    fine: { spec: kubernetes() },
  },
  {
    code: 'admin-key-missing',
    spec: { ...kubernetes(), gateway: {}, core: { environment: 'development' } },
    path: 'spec.gateway.adminKey',
    severity: 'warning',
    fine: { spec: { core: { environment: 'development' } } },
  },
  {
    code: 'admin-key-missing',
    spec: { ...sealed({}, { sealed: { 'database-dsn': 'YWJj' } }), gateway: { adminKey: { fromEnv: 'A' } } },
    path: 'spec.gateway.adminKey',
    fine: {
      spec: {
        ...sealed({}, { sealed: { 'database-dsn': 'YWJj' } }),
        gateway: { adminKey: { secretKeyRef: { name: 'own', key: 'k' } } },
      },
    },
  },
  {
    code: 'dsn-missing',
    spec: { ...kubernetes(), database: {} },
    path: 'spec.database.dsn',
    fine: { spec: { ...kubernetes(), database: {}, postgresql: { enabled: true } } },
  },
  {
    code: 'dsn-missing',
    spec: {
      secrets: {
        provider: 'external-secrets',
        external: { storeRef: { name: 's' }, keys: { 'admin-key': { key: 'a' } } },
      },
    },
    path: 'spec.database.dsn',
    fine: { spec: external() },
  },
  ...[{ value: 'k' }, { fromEnv: 'K' }, { fromFile: 'k' }].map((adminKey) => ({
    code: 'dropped-secret',
    spec: { gateway: { adminKey } } as JsonObject,
    path: `spec.gateway.adminKey.${Object.keys(adminKey)[0]}`,
    fine: { spec: { gateway: { adminKey: { secretKeyRef: { name: 'own', key: 'k' } } } } },
  })),
  {
    code: 'dropped-secret',
    spec: { ...external(), vault: { token: { fromEnv: 'T' } } },
    path: 'spec.vault.token.fromEnv',
    fine: { spec: { ...sealed(), ...given } },
  },
  {
    code: 'literal-secret',
    spec: kubernetes({ providerKeys: { groq: { value: 'k' } } }),
    path: 'spec.secrets.providerKeys.groq.value',
    fine: { spec: kubernetes({ providerKeys: { groq: { fromFile: 'k' } } }) },
  },
  {
    code: 'literal-secret',
    spec: { ...kubernetes(), config: { mcp: { servers: [{ ...stdio, auth: { token: 't' } }] } } },
    path: 'spec.config.mcp.servers[0].auth.token',
    fine: { spec: { ...kubernetes(), config: { mcp: { servers: [{ ...stdio, auth: { token: '' } }] } } } },
  },
  {
    code: 'app-config-secret',
    ...providers({ llm: { name: 'groq', model: 'm', api_key: 'k' } }),
    path: 'spec.config.providers.llm.api_key',
    fine: providers({ llm: { name: 'groq', model: 'm', api_key: 'k' } }, kubernetes()),
  },
  {
    code: 'app-config-secret',
    ...providers({ llm: { options: { headers: { Authorization: 'k' }, note: 'n', top: 1 } } }, publicNote),
    path: 'spec.config.providers.llm.options.headers.Authorization',
    fine: providers({ stt: { options: { language: 'de', note: 'n', list: [1, true] } } }, publicNote),
  },
  {
    code: 'app-config-secret',
    ...servers({ name: 'a', transport: 'streamable-http', url: 'https://tools.example.com/mcp?apiKey=k' }),
    path: 'spec.config.mcp.servers[0].url',
    fine: servers({ name: 'a', transport: 'streamable-http', url: 'https://tools.example.com/mcp' }),
  },
  {
    code: 'app-config-secret',
    ...servers({ name: 'a', transport: 'stdio', command: '/opt/tools --api-key k' }),
    path: 'spec.config.mcp.servers[0].command',
    fine: servers({ name: 'a', transport: 'stdio', command: '/opt/keycloak-tools serve --port 1' }),
  },
  {
    code: 'app-config-secret',
    spec: { ...external(), config: { mcp: { servers: [stdio, { ...stdio, name: 'b', env: { X: 'k' } }] } } },
    path: 'spec.config.mcp.servers[1].env.X',
    fine: {
      spec: {
        secrets: { configSecret: { name: 'own' } },
        config: { mcp: { servers: [{ ...stdio, name: 'b', env: { X: 'k' } }] } },
      },
    },
  },
  {
    code: 'app-config-not-sealed',
    ...file({ memory: { postgres_dsn: 'k' } }, sealed()),
    path: 'spec.secrets.sealed',
    fine: file({ memory: { postgres_dsn: 'k' } }, sealed({ 'config.yaml': 'YWJj' })),
  },
  {
    code: 'config-secret-and-config',
    ...file({ server: {} }, { secrets: { configSecret: { name: 'own' } } }),
    path: 'spec.config',
    fine: file({}, { secrets: { configSecret: { name: 'own' } } }),
  },
  {
    code: 'secret-whitespace',
    spec: kubernetes({ providerKeys: { groq: { value: 'k\n' } } }),
    path: 'spec.secrets.providerKeys.groq.value',
    fine: { spec: kubernetes({ providerKeys: { groq: { value: 'k k' } } }) },
  },
  {
    code: 'vault-without-address',
    spec: { vault: { enabled: true } },
    path: 'spec.vault.addr',
    fine: { spec: { vault: { enabled: true, addr: 'https://vault.example.com' } } },
  },
  {
    code: 'vault-token-missing',
    spec: { ...kubernetes(), vault: { enabled: true, addr: 'https://vault.example.com' } },
    path: 'spec.vault.token',
    fine: { spec: { vault: { enabled: true, addr: 'https://vault.example.com' } } },
  },
  {
    code: 'vault-token-unused',
    spec: { ...kubernetes(), vault: { token: { fromEnv: 'T' } } },
    path: 'spec.vault.token',
    fine: {
      spec: {
        ...kubernetes(),
        vault: { token: { fromEnv: 'T' }, enabled: true, addr: 'https://vault.example.com' },
      },
    },
  },
  {
    code: 'grpc-tls',
    spec: { grpcTls: { secretName: 'tls' } },
    path: 'spec.grpcTls.secretName',
    fine: { spec: { grpcTls: { clientAuth: true } } },
  },
  {
    code: 'app-config-not-sealed',
    ...providers({ stt: { name: 'deepgram' } }, sealed()),
    path: 'spec.secrets.sealed',
    fine: providers({ stt: { name: 'deepgram' } }, sealed({ 'config.yaml': 'YWJj' })),
  },
];
