import Type, { type Static } from 'typebox';
import { dnsLabelPattern } from '../../model/kubernetes-values.ts';
import { appConfig } from './app-config.ts';
import { map, object, optional, text } from './build.ts';
import { core } from './core.ts';
import { ingress, monitoring } from './exposure.ts';
import { postgresql, sealedSecrets } from './infrastructure.ts';
import { networkPolicy } from './network-policy.ts';
import { database, grpcTls, secrets, vault } from './secrets.ts';
import { autoscaling, gateway, mcpGateway, worker } from './workloads.ts';

/** The resource's `apiVersion`. */
export const apiVersion = 'deploy.glyphoxa.io/v1alpha1';

/** The resource's `kind`. */
export const kind = 'Glyphoxa';

const ignored = (title: string, description: string) =>
  optional(map(text({ title, description, minLength: 0 }), { title, description, keys: 'label-key' }));

/** The whole resource, every value with its default filled in. */
export const resourceSchema = object(
  {
    apiVersion: Type.Literal(apiVersion, { title: 'API version', description: 'Always this.' }),
    kind: Type.Literal(kind, { title: 'Kind', description: 'Always this.' }),
    metadata: object(
      {
        name: text({
          title: 'Release name',
          description:
            'The prefix of every object. An RFC 1123 label, short enough for `<name>-worker-` and a session id.',
          check: 'release-name',
          pattern: dnsLabelPattern,
          maxLength: 47,
          examples: ['glyphoxa'],
        }),
        namespace: text({
          title: 'Namespace',
          description: 'The namespace of every object.',
          default: 'glyphoxa',
          check: 'dns-label',
          pattern: dnsLabelPattern,
          maxLength: 63,
        }),
        labels: ignored('Labels', 'Labels of the resource itself; they reach no object.'),
        annotations: ignored(
          'Annotations',
          'Annotations of the resource itself, for tools; they reach no object.',
        ),
      },
      { title: 'Metadata', description: 'What the release is called and where it lives.' },
    ),
    spec: object(
      {
        core,
        gateway,
        worker,
        mcpGateway,
        config: appConfig,
        database,
        secrets,
        vault,
        grpcTls,
        networkPolicy,
        autoscaling,
        ingress,
        monitoring,
        postgresql,
        sealedSecrets,
      },
      { title: 'Specification', description: 'What is deployed, and how.', default: {} },
    ),
  },
  {
    title: 'Glyphoxa',
    description: 'A Glyphoxa deployment: gateway, workers, MCP gateway and what they need.',
  },
);

/** A complete configuration: every value that has a default is there. */
export type Config = Static<typeof resourceSchema>;
