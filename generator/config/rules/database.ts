import type { Path } from '../../model/json.ts';
import { quantityMillis } from '../../model/quantity.ts';
import { dsnHint, dsnPorts, noDsn } from '../dsn.ts';
import type { Rule } from './rule.ts';

const database: Path[] = [
  ['spec', 'postgresql', 'enabled'],
  ['spec', 'postgresql', 'provider'],
];

const dsnUnused: Rule = {
  code: 'dsn-unused',
  severity: 'warning',
  about: 'While `postgresql` is enabled the program gets the DSN of that database, and not `database.dsn`.',
  reads: database,
  check: ({ config }) => {
    const { postgresql, database } = config.spec;
    if (!postgresql.enabled || database.dsn === undefined) return [];
    const message = 'the DSN is not used while spec.postgresql is enabled';
    return { path: ['spec', 'database', 'dsn'], message, hint: 'remove one of the two', at: 'key' };
  },
};

const dsnForm: Rule = {
  code: 'dsn-form',
  severity: 'error',
  about:
    'The gateway exits when it cannot read the DSN; special characters of a password are percent-encoded in it.',
  check: ({ config }) => {
    const dsn = config.spec.database.dsn?.value;
    if (dsn === undefined || config.spec.postgresql.enabled || dsnPorts(dsn) !== undefined) return [];
    return {
      path: ['spec', 'database', 'dsn', 'value'],
      message: noDsn,
      hint: dsnHint,
      hidden: true,
    };
  },
};

const bitnamiPgvector: Rule = {
  code: 'bitnami-without-pgvector',
  severity: 'warning',
  about: "The program's memory needs the `vector` extension, which Bitnami's PostgreSQL images do not have.",
  reads: database,
  check: ({ config }) => {
    const { enabled, provider, image } = config.spec.postgresql;
    if (!enabled || provider !== 'bitnami' || image !== undefined) return [];
    return {
      path: ['spec', 'postgresql', 'provider'],
      message: "Bitnami's images have no vector extension, so memory does not work",
      hint: 'use cloudnative-pg, or set spec.postgresql.image to an image with pgvector',
    };
  },
};

const bitnamiInstances: Rule = {
  code: 'bitnami-instances',
  severity: 'warning',
  about: 'With the provider `bitnami` one PostgreSQL server runs, whatever `postgresql.instances` says.',
  reads: database,
  check: ({ config }) => {
    const { enabled, provider, instances } = config.spec.postgresql;
    if (!enabled || provider !== 'bitnami' || instances <= 1) return [];
    return {
      path: ['spec', 'postgresql', 'instances'],
      message: 'the provider bitnami runs one server',
      hint: 'use 1, or the provider cloudnative-pg',
    };
  },
};

const existingSecretUnused: Rule = {
  code: 'existing-secret-unused',
  severity: 'warning',
  about: 'CloudNativePG makes its own credentials; `postgresql.existingSecret` acts with `bitnami` only.',
  reads: database,
  check: ({ config, isSet }) => {
    const { enabled, provider } = config.spec.postgresql;
    const path = ['spec', 'postgresql', 'existingSecret'];
    if (!enabled || provider === 'bitnami' || !isSet(path)) return [];
    return { path, message: `the provider ${provider} does not read this Secret`, hint: 'remove the line' };
  },
};

const imageVersion: Rule = {
  code: 'postgresql-image-version',
  severity: 'error',
  about: "CloudNativePG reads PostgreSQL's version from the image tag, which must begin with it.",
  reads: database,
  check: ({ config }) => {
    const { enabled, provider, image } = config.spec.postgresql;
    if (!enabled || provider !== 'cloudnative-pg' || image === undefined) return [];
    const tag = /:([^:/@]+)(?:@.*)?$/.exec(image.replace(/@.*$/, ''))?.[1];
    if (tag !== undefined && /^\d/.test(tag)) return [];
    return {
      path: ['spec', 'postgresql', 'image'],
      message: 'CloudNativePG cannot tell the version of PostgreSQL from this image',
      hint: 'give it a tag that begins with the version, like 17-standard-trixie',
    };
  },
};

const reservedDatabase: Rule = {
  code: 'reserved-database',
  severity: 'warning',
  about: "The databases `postgres`, `template0` and `template1` are PostgreSQL's own.",
  reads: database,
  check: ({ config }) => {
    const { enabled, database } = config.spec.postgresql;
    if (!enabled || !['postgres', 'template0', 'template1'].includes(database)) return [];
    const path = ['spec', 'postgresql', 'database'];
    const message = `${database} is a database of PostgreSQL itself`;
    return { path, message, hint: 'choose another name, like glyphoxa' };
  },
};

const storageSize: Rule = {
  code: 'storage-size',
  severity: 'error',
  about: 'A volume has a size above 0.',
  check: ({ config }) => {
    const { enabled, storage } = config.spec.postgresql;
    if (!enabled || (quantityMillis(storage.size) ?? 1n) > 0n) return [];
    const path = ['spec', 'postgresql', 'storage', 'size'];
    return { path, message: 'a volume needs a size above 0', hint: 'write it like 10Gi' };
  },
};

const clusterChartUnused: Rule = {
  code: 'cluster-chart-unused',
  severity: 'warning',
  about: "CloudNativePG's `Cluster` is written without a chart, so `postgresql.charts.cluster` is not read.",
  reads: database,
  check: ({ isSet }) => {
    const path = ['spec', 'postgresql', 'charts', 'cluster'];
    if (!isSet(path)) return [];
    const message = 'the Cluster is written without a chart, so this is not read';
    const hint = 'remove it; the command infrastructure takes a database of that chart over as it is';
    return { path, message, hint, at: 'key' };
  },
};

const backupDestination: Rule = {
  code: 'backup-destination',
  severity: 'error',
  about: 'A backup needs `postgresql.backup.destinationPath`, the folder that it goes to.',
  reads: database,
  check: ({ config }) => {
    const { enabled, backup } = config.spec.postgresql;
    if (!enabled || !backup.enabled || backup.destinationPath !== undefined) return [];
    const path = ['spec', 'postgresql', 'backup', 'enabled'];
    const hint = 'set destinationPath beside it, like s3://backups/glyphoxa';
    return { path, message: 'where backups go is not said', hint };
  },
};

const bitnamiUnsupported: Rule = {
  code: 'bitnami-unsupported',
  severity: 'error',
  about: 'Backup and monitoring are what CloudNativePG does; the provider `bitnami` has none of it here.',
  reads: database,
  check: ({ config }) => {
    const { enabled, provider, backup, monitoring } = config.spec.postgresql;
    if (!enabled || provider !== 'bitnami') return [];
    const on = Object.entries({ backup, monitoring }).filter(([, { enabled }]) => enabled);
    return on.map(([name]) => ({
      path: ['spec', 'postgresql', name, 'enabled'],
      message: `the provider bitnami has no ${name} here`,
      hint: 'switch it off, or use the provider cloudnative-pg',
    }));
  },
};

/** Rules on PostgreSQL, in the namespace or elsewhere. */
export const databaseRules: readonly Rule[] = [
  dsnUnused,
  dsnForm,
  bitnamiPgvector,
  bitnamiInstances,
  existingSecretUnused,
  imageVersion,
  reservedDatabase,
  storageSize,
  clusterChartUnused,
  backupDestination,
  bitnamiUnsupported,
];
