import { type Rule, repeats } from './rule.ts';

/** The longest name of a CloudNativePG Cluster that its operator takes. */
const longestCluster = 50;

/** A StatefulSet's pods carry its name, `-` and a hash of ten digits as a label value of at most 63. */
const longestStatefulSet = 52;

const postgresqlNameLength: Rule = {
  code: 'postgresql-name-length',
  severity: 'error',
  about:
    'The database is called `<release>-postgresql`: with CloudNativePG at most 50 characters, with Bitnami at most 52.',
  reads: [['spec', 'postgresql']],
  check: ({ config }) => {
    const { enabled, provider } = config.spec.postgresql;
    const name = `${config.metadata.name}-postgresql`;
    const limit = provider === 'cloudnative-pg' ? longestCluster : longestStatefulSet;
    if (!enabled || name.length <= limit) return [];
    const release = limit - '-postgresql'.length;
    return {
      path: ['metadata', 'name'],
      message: `the database would be called ${name}, which is longer than ${limit} characters`,
      hint: `shorten the release name to ${release} characters`,
    };
  },
};

const reservedNamespace: Rule = {
  code: 'reserved-namespace',
  severity: 'error',
  about:
    "`core.createNamespace` labels the namespace as restricted, so it may not be one of Kubernetes' own (`default`, `kube-*`).",
  check: ({ config }) => {
    const { namespace } = config.metadata;
    if (!config.spec.core.createNamespace || !/^(?:default$|kube-)/.test(namespace)) return [];
    return {
      path: ['metadata', 'namespace'],
      message: `the namespace ${namespace} belongs to Kubernetes and is not created`,
      hint: 'name a namespace of your own, or set spec.core.createNamespace: false',
    };
  },
};

/** Secrets that CloudNativePG writes for a Cluster, by what follows its name. */
const clusterSecrets = ['app', 'superuser', 'ca', 'server', 'replication'];

const secretNameTaken: Rule = {
  code: 'secret-name-taken',
  severity: 'error',
  about: 'The Secret of the deployment may not have the name of a Secret that CloudNativePG writes.',
  reads: [
    ['spec', 'secrets', 'provider'],
    ['spec', 'postgresql'],
  ],
  check: ({ config }) => {
    const { secrets, postgresql } = config.spec;
    if (!postgresql.enabled || postgresql.provider !== 'cloudnative-pg') return [];
    const taken = clusterSecrets.map((suffix) => `${config.metadata.name}-postgresql-${suffix}`);
    if (secrets.provider === 'existing' || !taken.includes(secrets.name)) return [];
    return {
      path: ['spec', 'secrets', 'name'],
      message: `CloudNativePG writes a Secret called ${secrets.name}`,
      hint: 'choose another name, or leave it out',
    };
  },
};

const duplicatePullSecret: Rule = {
  code: 'duplicate-pull-secret',
  severity: 'error',
  about: 'Kubernetes keeps image pull secrets by name, so each name stands once in `core.imagePullSecrets`.',
  check: ({ config }) => {
    const names = config.spec.core.imagePullSecrets.map(({ name }) => name);
    return [...repeats(names)].map((index) => ({
      path: ['spec', 'core', 'imagePullSecrets', index, 'name'],
      message: `${names[index]} stands here a second time`,
      hint: 'remove it',
    }));
  },
};

const floatingTag: Rule = {
  code: 'floating-tag',
  severity: 'warning',
  about: 'Gateway and workers must run the same version, which the tag `latest` does not promise.',
  check: ({ config }) => {
    const { tag, digest } = config.spec.core.image;
    if (tag !== 'latest' || digest !== undefined) return [];
    return {
      path: ['spec', 'core', 'image', 'tag'],
      message: 'latest may be another version for each pod that starts',
      hint: 'name a version, or add spec.core.image.digest',
    };
  },
};

/** Rules on what things are called. */
export const nameRules: readonly Rule[] = [
  postgresqlNameLength,
  reservedNamespace,
  secretNameTaken,
  duplicatePullSecret,
  floatingTag,
];
