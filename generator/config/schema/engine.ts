import type { Static } from 'typebox';
import { dnsLabelPattern, dnsSubdomainPattern } from '../../model/kubernetes-values.ts';
import { choice, list, object, optional, text } from './build.ts';

const label = (title: string, description: string, standard?: string) =>
  text({
    title,
    description,
    check: 'dns-label',
    pattern: dnsLabelPattern,
    maxLength: 63,
    ...(standard === undefined ? {} : { default: standard }),
  });

const subdomain = (title: string, description: string, standard?: string) =>
  text({
    title,
    description,
    check: 'dns-subdomain',
    pattern: dnsSubdomainPattern,
    maxLength: 253,
    ...(standard === undefined ? {} : { default: standard }),
  });

const duration = (title: string, description: string, standard: string) =>
  text({ title, description, pattern: '^([0-9]+h)?([0-9]+m)?([0-9]+s)?$', default: standard });

const folder = () =>
  optional(
    text({
      title: 'Folder in the repository',
      description: 'The folder of `glyphoxa.yaml` in the repository. Default: its root.',
      check: 'repository-folder',
      examples: ['deploy/games'],
    }),
  );

const argocd = object(
  {
    repoURL: text({
      title: 'Repository',
      description: 'The address of the git repository, as Argo CD knows it. Credentials have no place in it.',
      check: 'git-address',
      examples: ['https://git.example.com/team/deployment.git'],
    }),
    revision: text({
      title: 'Revision',
      description: 'The branch, tag or commit that is deployed.',
      check: 'git-revision',
      default: 'main',
    }),
    path: folder(),
    namespace: label('Namespace', 'The namespace of Argo CD.', 'argocd'),
    name: label(
      'Name',
      'The name of the ApplicationSet. Each fleet of one Argo CD has its own.',
      'glyphoxa-tenants',
    ),
    namePrefix: optional(
      text({
        title: 'Prefix of Applications',
        description:
          'What the name of an Application begins with, before the namespace of its tenant: for fleets on several clusters.',
        pattern: '^[a-z0-9][a-z0-9-]*$',
        maxLength: 100,
      }),
    ),
    project: label('Project', 'The AppProject of the Applications.', 'default'),
    server: text({
      title: 'Cluster',
      description: 'The address of the cluster that the tenants are on, as Argo CD knows it.',
      check: 'http-url',
      default: 'https://kubernetes.default.svc',
    }),
    maxUpdate: optional(
      text({
        title: 'At once',
        description:
          'How many tenants of a wave are updated at once: a number, or a part such as `10%`. Default: all of them.',
        pattern: '^(?:[1-9][0-9]{0,5}|(?:[1-9][0-9]?|100)%)$',
      }),
    ),
  },
  { title: 'Argo CD', description: 'An ApplicationSet that makes an Application of each tenant.' },
);

const registry = object(
  {
    url: text({
      title: 'Repository',
      description:
        'The repository of a registry that `publish --all` pushes to: `oci://HOST/REPOSITORY`, and no tag.',
      check: 'oci-repository',
      examples: ['oci://registry.example.com/deploy/tenants'],
    }),
    interval: duration('Interval', 'How often the registry is asked for each tenant.', '5m'),
    provider: choice(['generic', 'aws', 'azure', 'gcp'], {
      title: 'Provider',
      description: 'Whose credentials the source controller uses.',
      default: 'generic',
    }),
    secretName: optional(
      subdomain('Secret', 'The image pull Secret for the registry, in the namespace of Flux.'),
    ),
  },
  {
    title: 'Registry',
    description:
      'An artifact of each tenant in a registry, so that only a tenant that changed is reconciled. Waves are then those of `publish --wave`.',
  },
);

const flux = object(
  {
    namespace: label('Namespace', 'The namespace of the Flux objects.', 'flux-system'),
    source: object(
      {
        kind: choice(['GitRepository', 'OCIRepository', 'Bucket', 'ExternalArtifact'], {
          title: 'Kind',
          description: 'The kind of the source.',
          default: 'GitRepository',
        }),
        name: subdomain('Name', 'The name of the source.', 'flux-system'),
      },
      {
        title: 'Source',
        description:
          'The source in the namespace of Flux that has the whole tree, where there is no `registry`.',
        default: {},
      },
    ),
    path: folder(),
    shards: optional(
      list(label('Shard', 'The value of `sharding.fluxcd.io/key`.'), {
        title: 'Shards',
        description:
          'The shards of the controllers, over which tenants are spread by their ids. Default: none, and no label.',
        minItems: 1,
      }),
    ),
    interval: duration(
      'Interval',
      'How often each tenant is reconciled, and what was edited is set right.',
      '30m',
    ),
    timeout: duration('Timeout', 'How long a tenant may take until it runs.', '5m'),
    serviceAccountName: optional(
      subdomain('ServiceAccount', 'Whom Flux acts as when it applies a tenant, in the namespace of Flux.'),
    ),
    registry: optional(registry),
  },
  { title: 'Flux', description: 'A Kustomization for each tenant.' },
);

/** Who runs the fleet, where this machine does not. */
export const engineSchema = object(
  { argocd: optional(argocd), flux: optional(flux) },
  {
    title: 'Engine',
    description: 'Who deploys the tenants: `argocd` or `flux`. Default: nobody but `apply`.',
  },
);

/** An engine with its defaults. */
export type EngineValue = Static<typeof engineSchema>;

/** Argo CD, with its defaults. */
export type ArgoCd = NonNullable<EngineValue['argocd']>;

/** Flux, with its defaults. */
export type Flux = NonNullable<EngineValue['flux']>;
