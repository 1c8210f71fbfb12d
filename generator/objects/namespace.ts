import type { Config } from '../config/schema/resource.ts';
import type { KubernetesObject } from '../model/object.ts';
import { labelsOf } from './names.ts';

/** The Namespace, where the resource asks for it: it refuses pods that are not restricted. */
export function namespace(config: Config): KubernetesObject[] {
  const { createNamespace, topology } = config.spec.core;
  if (!createNamespace) return [];
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: config.metadata.namespace,
        labels: {
          ...labelsOf(config),
          'glyphoxa.io/tier': topology,
          'pod-security.kubernetes.io/enforce': 'restricted',
          'pod-security.kubernetes.io/audit': 'restricted',
          'pod-security.kubernetes.io/warn': 'restricted',
        },
      },
    },
  ];
}
