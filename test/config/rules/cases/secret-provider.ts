import { type Case, external, kubernetes, mapped, providers, sealed, sealedBoth } from '../case.ts';

export const secretProviderCases: readonly Case[] = [
  {
    code: 'missing-secret-key',
    spec: {
      ...kubernetes({ providerKeys: { groq: { secretKeyRef: { name: 'voice-secrets', key: 'groq' } } } }),
    },
    path: 'spec.secrets.providerKeys.groq.secretKeyRef.key',
    fine: {
      spec: {
        ...kubernetes({
          providerKeys: { groq: { secretKeyRef: { name: 'voice-secrets', key: 'admin-key' } } },
        }),
      },
    },
  },
  {
    code: 'missing-secret-key',
    spec: { ...kubernetes({ configSecret: { name: 'voice-secrets' } }) },
    path: 'spec.secrets.configSecret.name',
    fine: { spec: { ...kubernetes({ configSecret: { name: 'own' } }) } },
  },
  {
    code: 'missing-secret-key',
    spec: {
      ...kubernetes({ name: 'voice-postgresql' }),
      postgresql: { enabled: true, provider: 'bitnami' },
    },
    path: 'spec.postgresql.existingSecret',
    fine: { spec: { ...kubernetes(), postgresql: { enabled: true, provider: 'bitnami' } } },
  },
  {
    code: 'unused-secret-key',
    spec: sealed({ 'grok-api-key': 'YWJj' }),
    path: 'spec.secrets.sealed.grok-api-key',
    fine: { spec: sealed({ 'groq-api-key': 'YWJj', 'discord-bot-token': 'YWJj', 'config.yaml': 'YWJj' }) },
  },
  {
    code: 'unused-secret-key',
    spec: kubernetes({ providerKeys: { deepgram: { fromEnv: 'K' } } }),
    path: 'spec.secrets.providerKeys.deepgram',
    fine: providers(
      { stt: { name: 'deepgram' } },
      kubernetes({ providerKeys: { deepgram: { fromEnv: 'K' } } }),
    ),
  },
  {
    code: 'unused-secret-key',
    spec: external({ 'vault-token': { key: 'v' } }),
    path: 'spec.secrets.external.keys.vault-token',
    fine: {
      spec: {
        ...external({ extra: { key: 'v' } }),
        worker: {
          podPatch: {
            spec: {
              containers: [
                {
                  name: 'worker',
                  env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'voice-secrets', key: 'extra' } } }],
                },
              ],
            },
          },
        },
      },
    },
  },
  {
    code: 'unused-secret-source',
    spec: { secrets: { sealed: sealedBoth } },
    path: 'spec.secrets.sealed',
    fine: { spec: sealed() },
  },
  {
    code: 'unused-secret-source',
    spec: { secrets: { external: { keys: mapped } } },
    path: 'spec.secrets.external.keys',
    fine: { spec: { secrets: { external: { storeRef: { name: 's' } } } } },
  },
  {
    code: 'external-store',
    spec: { secrets: { provider: 'external-secrets', external: { keys: mapped } } },
    path: 'spec.secrets.external.storeRef.name',
    fine: { spec: external() },
  },
  {
    code: 'sealed-elsewhere',
    spec: sealed(),
    environment: { metadata: { namespace: 'other' } },
    path: 'metadata.namespace',
    fine: {
      spec: sealed(),
      environment: { metadata: { namespace: 'other' }, spec: { secrets: { sealedScope: 'cluster-wide' } } },
    },
  },
  {
    code: 'sealed-elsewhere',
    spec: sealed(),
    environment: { spec: { secrets: { name: 'other' } } },
    path: 'spec.secrets.name',
    fine: {
      spec: sealed(),
      environment: {
        spec: { secrets: { name: 'other', sealed: { 'admin-key': 'ZGVm', 'database-dsn': 'ZGVm' } } },
      },
    },
  },
  {
    code: 'sealed-elsewhere',
    spec: sealed({}, { sealedScope: 'namespace-wide' }),
    environment: { metadata: { namespace: 'other' } },
    path: 'metadata.namespace',
    fine: {
      spec: sealed({}, { sealedScope: 'namespace-wide' }),
      environment: { spec: { secrets: { name: 'other' } } },
    },
  },
];
