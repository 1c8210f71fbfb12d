import Type, { type Static } from 'typebox';
import { dnsLabelPattern, labelValuePattern } from '../../model/kubernetes-values.ts';
import { flag, freeform, list, map, object, optional, quantity, text } from './build.ts';
import { engineSchema } from './engine.ts';
import { apiVersion } from './resource.ts';

/** The `kind` of the file that describes a fleet. */
export const fleetKind = 'GlyphoxaFleet';

const wave = (description: string) =>
  text({ title: 'Wave', description, check: 'dns-label', pattern: dnsLabelPattern, maxLength: 50 });

const amounts = (title: string, description: string) =>
  map(quantity({ title: 'Amount', description: 'A number or a quantity such as `500m` or `2Gi`.' }), {
    title,
    description,
    keys: 'resource-name',
  });

/** What may differ from tenant to tenant, beside the values of the resource. */
const settings = {
  wave: optional(wave('When its changes are rolled out: one of `waves`. Default: the last one.')),
  labels: optional(
    map(
      Type.String({
        title: 'Label value',
        description: 'The value of the label.',
        check: 'label-value',
        maxLength: 63,
        pattern: labelValuePattern,
      }),
      {
        title: 'Labels',
        description:
          'Labels of every object of the tenant, beside `glyphoxa.io/tenant`. They reach no pod, so that nothing restarts.',
        keys: 'label-key',
      },
    ),
  ),
  resourceQuota: optional(
    object(
      { hard: amounts('Hard limits', 'What all pods and objects of the namespace may take together.') },
      { title: 'Resource quota', description: 'A ResourceQuota in the namespace of each tenant.' },
    ),
  ),
  limitRange: optional(
    object(
      {
        default: optional(amounts('Default limits', 'The limits of a container that names none.')),
        defaultRequest: optional(amounts('Default requests', 'The requests of a container that names none.')),
        max: optional(amounts('Maximum', 'The most that a container may have.')),
        min: optional(amounts('Minimum', 'The least that a container may have.')),
      },
      { title: 'Limit range', description: 'A LimitRange for the containers of each tenant.' },
    ),
  ),
  defaultDeny: optional(
    flag({
      title: 'Default deny',
      description:
        'A NetworkPolicy that shuts off every pod of the namespace which no other policy opens. Needs `spec.networkPolicy.enabled`.',
    }),
  ),
  spec: optional(
    freeform({
      title: 'Values',
      description: 'What differs from the template environment: any value of the resource; null removes one.',
    }),
  ),
};

const tenant = object(
  {
    namespace: optional(
      text({
        title: 'Namespace',
        description: 'Its namespace. Default: `namespacePrefix` and the id, with `-` for each `_`.',
        check: 'dns-label',
        pattern: dnsLabelPattern,
        maxLength: 63,
      }),
    ),
    release: optional(
      text({
        title: 'Release name',
        description:
          'Its own release name, where it came from Helm: `glyphoxa-<id>`. Nothing of it is then shared with the others.',
        check: 'release-name',
        pattern: dnsLabelPattern,
        maxLength: 47,
      }),
    ),
    ...settings,
  },
  { title: 'Tenant', description: 'What a tenant has for itself. Nothing, where everything is as for all.' },
);

/** The whole file. */
export const fleetSchema = object(
  {
    apiVersion: Type.Literal(apiVersion, { title: 'API version', description: 'Always this.' }),
    kind: Type.Literal(fleetKind, { title: 'Kind', description: 'Always this.' }),
    template: text({
      title: 'Template environment',
      description: 'The environment in `overlays/` that every tenant is built on.',
      examples: ['dedicated'],
    }),
    namespacePrefix: optional(
      text({
        title: 'Prefix of namespaces',
        description: 'What the namespace of a tenant begins with. Default `glyphoxa-tenant-`.',
        pattern: '^[a-z0-9][a-z0-9-]*$',
        maxLength: 62,
      }),
    ),
    waves: optional(
      list(wave('The name of a wave.'), {
        title: 'Waves',
        description: 'The waves in their order: a change reaches the tenants of the first one first.',
      }),
    ),
    engine: optional(engineSchema),
    defaults: optional(
      object(settings, {
        title: 'Defaults',
        description:
          'What all tenants have, over the template environment and below what they say themselves.',
      }),
    ),
    tenants: map(tenant, { title: 'Tenants', description: 'The tenants by their ids.' }),
  },
  { title: 'Glyphoxa fleet', description: 'Many tenants of one template environment, a namespace each.' },
);

/** A fleet as it is written. */
export type FleetValue = Static<typeof fleetSchema>;

/** What `defaults` and each tenant may say. */
export type TenantSettings = NonNullable<FleetValue['defaults']>;
