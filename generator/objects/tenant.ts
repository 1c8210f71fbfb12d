/** What a tenant of a fleet has beside its deployment: bounds of its namespace, and labels on everything. */
import type { Bounds } from '../config/fleet.ts';
import type { Config } from '../config/schema/resource.ts';
import { canonicalResourceQuantity } from '../model/kubernetes-values.ts';
import { type KubernetesObject, sortObjects } from '../model/object.ts';
import { labelsOf, unsubstituted } from './names.ts';

type Amounts = { readonly [resource: string]: string | number };

/** The objects that bound a tenant's namespace: quota, limits of containers, and a policy that denies by default. */
export function boundObjects(config: Config, bounds: Bounds): KubernetesObject[] {
  const { name, namespace } = config.metadata;
  const metadata = (suffix: string) => ({
    name: `${name}-${suffix}`,
    namespace,
    labels: labelsOf(config),
    annotations: unsubstituted,
  });
  const { resourceQuota, limitRange, defaultDeny } = bounds;
  const hard = canonical(resourceQuota?.hard ?? {});
  const limits = Object.entries(limitRange ?? {}).flatMap(([key, amounts]) =>
    Object.keys(amounts).length === 0 ? [] : [[key, canonical(amounts)]],
  );
  return [
    ...(Object.keys(hard).length === 0
      ? []
      : [{ apiVersion: 'v1', kind: 'ResourceQuota', metadata: metadata('quota'), spec: { hard } }]),
    ...(limits.length === 0
      ? []
      : [
          {
            apiVersion: 'v1',
            kind: 'LimitRange',
            metadata: metadata('limits'),
            spec: { limits: [{ type: 'Container', ...Object.fromEntries(limits) }] },
          },
        ]),
    ...(defaultDeny === true
      ? [
          {
            apiVersion: 'networking.k8s.io/v1',
            kind: 'NetworkPolicy',
            metadata: metadata('default-deny'),
            spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
          },
        ]
      : []),
  ];
}

/** The objects of a tenant: those of its deployment and its bounds, with its labels on each. */
export function tenantObjects(
  deployment: readonly KubernetesObject[],
  config: Config,
  { bounds, labels }: { readonly bounds: Bounds; readonly labels: { readonly [label: string]: string } },
): KubernetesObject[] {
  return sortObjects([...deployment, ...boundObjects(config, bounds)]).map((object) => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...(object.metadata.labels as object), ...labels } },
  }));
}

function canonical(amounts: Amounts): { [resource: string]: string } {
  return Object.fromEntries(
    Object.entries(amounts)
      .filter(([, amount]) => amount !== null)
      .map(([resource, amount]) => [resource, canonicalResourceQuantity(amount)]),
  );
}
