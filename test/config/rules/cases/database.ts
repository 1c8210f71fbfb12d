import { type Case, kubernetes, postgresql } from '../case.ts';

export const databaseCases: readonly Case[] = [
  {
    code: 'dsn-unused',
    spec: { ...kubernetes(), postgresql: { enabled: true } },
    path: 'spec.database.dsn',
    fine: { spec: { ...kubernetes(), postgresql: { enabled: false } } },
  },
  ...[
    'mysql://u@db/x',
    'db.example.com',
    'postgres://u:pa/ss@db/x',
    'postgres://u:p%zz@db/x',
    'postgres://u:p[ss@db/x',
    'postgres://u:p@db:port/x',
    'postgres://u:p@db/x\n',
    'host=db port=x',
  ].map((value) => ({
    code: 'dsn-form',
    spec: { ...kubernetes(), database: { dsn: { value } } },
    path: 'spec.database.dsn.value',
    fine: { spec: { ...kubernetes(), database: { dsn: { value: "host=db password='a b' port=6432" } } } },
  })),
  {
    code: 'dsn-form',
    spec: { ...kubernetes(), database: { dsn: { value: 'postgres://u:p@ss w@db/x' } } },
    path: 'spec.database.dsn.value',
    fine: { spec: { ...kubernetes(), database: { dsn: { value: 'postgres://u:p%40ss@a:1,b:2/x' } } } },
  },
  {
    code: 'dsn-form',
    spec: { ...kubernetes(), database: { dsn: { value: 'postgres:/db/x' } } },
    path: 'spec.database.dsn.value',
    fine: { spec: { ...kubernetes(), database: { dsn: { value: 'postgresql:///x' } } } },
  },
  {
    code: 'bitnami-without-pgvector',
    ...postgresql({ provider: 'bitnami' }),
    path: 'spec.postgresql.provider',
    fine: postgresql({ provider: 'bitnami', image: 'registry.example.com/pgvector:latest' }),
  },
  {
    code: 'cluster-chart-unused',
    ...postgresql({ charts: { cluster: { version: '0.8.1' } } }),
    path: 'spec.postgresql.charts.cluster',
    fine: postgresql({ charts: { operator: { version: '0.29.0' } } }),
  },
  {
    code: 'backup-destination',
    ...postgresql({ backup: { enabled: true } }),
    path: 'spec.postgresql.backup.enabled',
    fine: postgresql({ backup: { enabled: true, destinationPath: 's3://backups/a' } }),
  },
  {
    code: 'bitnami-unsupported',
    ...postgresql({ provider: 'bitnami', monitoring: { enabled: true } }),
    path: 'spec.postgresql.monitoring.enabled',
    fine: postgresql({ monitoring: { enabled: true } }),
  },
  {
    code: 'bitnami-instances',
    ...postgresql({ provider: 'bitnami', instances: 2 }),
    path: 'spec.postgresql.instances',
    fine: postgresql({ instances: 2 }),
  },
  {
    code: 'existing-secret-unused',
    ...postgresql({ existingSecret: 'own' }),
    path: 'spec.postgresql.existingSecret',
    fine: postgresql({ provider: 'bitnami', existingSecret: 'own' }),
  },
  ...['registry.example.com:5000/postgresql', 'postgresql:latest', `postgresql@sha256:${'0'.repeat(64)}`].map(
    (image) => ({
      code: 'postgresql-image-version',
      ...postgresql({ image }),
      path: 'spec.postgresql.image',
      fine: postgresql({ image: `registry.example.com:5000/postgresql:17.2@sha256:${'0'.repeat(64)}` }),
    }),
  ),
  {
    code: 'reserved-database',
    ...postgresql({ database: 'postgres' }),
    path: 'spec.postgresql.database',
    fine: postgresql({ database: 'postgres1' }),
  },
  {
    code: 'storage-size',
    ...postgresql({ storage: { size: 0 } }),
    path: 'spec.postgresql.storage.size',
    fine: postgresql({ storage: { size: '1Gi' } }),
  },
];
