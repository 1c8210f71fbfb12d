/** What a deployment rests on: the database, and the controllers that are installed by charts. */
import { dnsLabelPattern, dnsSubdomainPattern } from '../../model/kubernetes-values.ts';
import { choice, flag, group, integer, map, optional, quantity, resources, section, text } from './build.ts';

const chart = (title: string, repository: string, version: string) =>
  group(
    {
      repository: text({
        title: 'Repository',
        description: 'Chart repository: an https:// or oci:// address.',
        default: repository,
        check: 'chart-repository',
        pattern: '^(?:https?|oci)://',
      }),
      version: text({
        title: 'Version',
        description: 'Exact chart version.',
        default: version,
        check: 'chart-version',
      }),
    },
    { title, description: `Where the ${title.toLowerCase()} comes from.` },
  );

/** A PostgreSQL in the same namespace. */
export const postgresql = section(
  {
    enabled: flag({ title: 'Enabled', description: 'Run PostgreSQL in the same namespace.', default: false }),
    provider: choice(['cloudnative-pg', 'bitnami'], {
      title: 'Provider',
      description: 'The CloudNativePG operator, or the Bitnami chart that older deployments run.',
      default: 'cloudnative-pg',
    }),
    database: text({
      title: 'Database',
      description: 'Name of the database.',
      default: 'glyphoxa',
      check: 'database-name',
      pattern: '^[a-z_][a-z0-9_]*$',
      maxLength: 63,
    }),
    instances: integer({
      title: 'Instances',
      description: 'Number of PostgreSQL servers: one primary, the rest standby.',
      default: 1,
      minimum: 1,
    }),
    storage: group(
      {
        size: quantity({ title: 'Size', description: 'Size of each volume.', default: '10Gi' }),
        storageClass: optional(
          text({
            title: 'Storage class',
            description: "Storage class of the volumes. Unset: the cluster's default.",
            check: 'dns-subdomain',
            pattern: dnsSubdomainPattern,
            maxLength: 253,
          }),
        ),
      },
      { title: 'Storage', description: 'Volumes of the database.' },
    ),
    resources: resources({ title: 'Resources', description: 'CPU and memory of each PostgreSQL server.' }),
    existingSecret: text({
      title: 'Existing Secret',
      description: 'Bitnami: the Secret with `postgres-password` and `password`.',
      derived: '<release>-postgresql',
      check: 'dns-subdomain',
      pattern: dnsSubdomainPattern,
      maxLength: 253,
    }),
    charts: group(
      {
        operator: chart('Operator chart', 'https://cloudnative-pg.github.io/charts', '0.29.0'),
        cluster: optional(
          group(
            {
              repository: optional(text({ title: 'Repository', description: 'Not read any more.' })),
              version: optional(text({ title: 'Version', description: 'Not read any more.' })),
            },
            {
              title: 'Cluster chart',
              description: 'Not read any more: the `Cluster` is written without a chart.',
            },
          ),
        ),
        bitnami: chart('Bitnami chart', 'oci://registry-1.docker.io/bitnamicharts', '16.4.11'),
      },
      { title: 'Charts', description: 'Helm charts and their versions.' },
    ),
    backup: group(
      {
        enabled: flag({
          title: 'Enabled',
          description:
            'CloudNativePG: archive to an object store by the Barman Cloud plugin, which has to be installed beside the operator.',
          default: false,
        }),
        destinationPath: optional(
          text({
            title: 'Destination',
            description: 'The folder in the object store.',
            pattern: '^(?:s3://|gs://|https://)[^\\s?#@]+$',
            examples: ['s3://backups/glyphoxa'],
          }),
        ),
        endpointURL: optional(
          text({
            title: 'Endpoint',
            description: "Address of an S3 that is not Amazon's.",
            check: 'http-url',
            examples: ['https://minio.example.com'],
          }),
        ),
        existingSecret: optional(
          text({
            title: 'Existing Secret',
            description:
              'The Secret with `access-key-id` and `secret-access-key` for `s3://`, `credentials` for `gs://`, `connection-string` for Azure. Unset: the identity that the cloud gives the pods.',
            check: 'dns-subdomain',
            pattern: dnsSubdomainPattern,
            maxLength: 253,
          }),
        ),
        schedule: text({
          title: 'Schedule',
          description: 'When a whole backup is made: six fields, the first of them seconds.',
          default: '0 0 3 * * *',
          pattern: '^(?:@\\w+(?: \\w+)?|\\S+(?: \\S+){5})$',
        }),
        retentionPolicy: text({
          title: 'Retention',
          description: 'How long backups are kept, in days, weeks or months.',
          default: '30d',
          pattern: '^[1-9][0-9]*[dwm]$',
        }),
        serverName: optional(
          text({
            title: 'Server name',
            description:
              "The folder below the destination. A database that was restored needs another than the one that it was restored from. Unset: the Cluster's name.",
            check: 'dns-label',
            pattern: dnsLabelPattern,
            maxLength: 63,
          }),
        ),
      },
      {
        title: 'Backup',
        description: 'Continuous backup of the database, with restore to any point in time.',
      },
    ),
    monitoring: group(
      {
        enabled: flag({
          title: 'Enabled',
          description: "CloudNativePG: a PodMonitor for the database; it needs Prometheus' operator.",
          default: false,
        }),
        labels: map(text({ title: 'Label', description: 'A label.', check: 'label-value', minLength: 0 }), {
          title: 'Labels',
          description: 'Labels of the PodMonitor, by which Prometheus finds it.',
          keys: 'label-key',
          default: {},
        }),
      },
      { title: 'Monitoring', description: 'Metrics of the database.' },
    ),
    image: optional(
      text({
        title: 'Image',
        description:
          'PostgreSQL image. It must hold the `vector` extension. Unset: one that fits the provider.',
        check: 'image',
      }),
    ),
  },
  { title: 'PostgreSQL', description: 'A PostgreSQL beside the deployment.' },
);

/** The controller that decrypts SealedSecrets. */
export const sealedSecrets = section(
  {
    enabled: flag({
      title: 'Enabled',
      description: 'Install the sealed-secrets controller.',
      default: false,
    }),
    chart: chart('Chart', 'https://bitnami.github.io/sealed-secrets', '2.19.1'),
    namespace: text({
      title: 'Namespace',
      description: 'Namespace of the controller; kubeseal looks for it in `kube-system`.',
      default: 'kube-system',
      check: 'dns-label',
      pattern: dnsLabelPattern,
      maxLength: 63,
    }),
  },
  {
    title: 'Sealed Secrets',
    description: 'The controller that decrypts SealedSecrets, one for each cluster.',
  },
);
