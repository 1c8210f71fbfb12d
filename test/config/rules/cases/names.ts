import { type Case, kubernetes, postgresql } from '../case.ts';

export const nameCases: readonly Case[] = [
  {
    code: 'postgresql-name-length',
    ...postgresql({}),
    metadata: { name: 'v'.repeat(40) },
    path: 'metadata.name',
    fine: { ...postgresql({}), metadata: { name: 'v'.repeat(39) } },
  },
  {
    code: 'postgresql-name-length',
    ...postgresql({ provider: 'bitnami' }),
    metadata: { name: 'v'.repeat(42) },
    path: 'metadata.name',
    fine: { ...postgresql({ provider: 'bitnami' }), metadata: { name: 'v'.repeat(41) } },
  },
  {
    code: 'reserved-namespace',
    metadata: { namespace: 'kube-system' },
    spec: { core: { createNamespace: true } },
    path: 'metadata.namespace',
    fine: { metadata: { namespace: 'kube' }, spec: { core: { createNamespace: true } } },
  },
  {
    code: 'reserved-namespace',
    metadata: { namespace: 'default' },
    spec: { core: { createNamespace: true } },
    path: 'metadata.namespace',
    fine: { metadata: { namespace: 'default' } },
  },
  {
    code: 'secret-name-taken',
    spec: { ...kubernetes({ name: 'voice-postgresql-app' }), postgresql: { enabled: true } },
    path: 'spec.secrets.name',
    fine: { spec: { ...kubernetes({ name: 'voice-postgresql' }), postgresql: { enabled: true } } },
  },
  {
    code: 'duplicate-pull-secret',
    spec: { core: { imagePullSecrets: [{ name: 'a' }, { name: 'b' }, { name: 'a' }] } },
    path: 'spec.core.imagePullSecrets[2].name',
    fine: { spec: { core: { imagePullSecrets: [{ name: 'a' }, { name: 'b' }] } } },
  },
  {
    code: 'floating-tag',
    spec: { core: { image: { tag: 'latest' } } },
    path: 'spec.core.image.tag',
    fine: { spec: { core: { image: { tag: 'latest', digest: `sha256:${'0'.repeat(64)}` } } } },
  },
];
