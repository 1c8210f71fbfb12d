import type { Config } from '../config/schema/resource.ts';
import type { KubernetesObject } from '../model/object.ts';
import { metadataOf, namesOf, selectorLabels } from './names.ts';

/** Scaling of the gateway by CPU use, and at most one pod away at a time while nodes are drained. */
export function autoscaling(config: Config): KubernetesObject[] {
  const { minReplicas, maxReplicas, targetCPUUtilizationPercentage } = config.spec.autoscaling;
  const name = namesOf(config).gateway;
  const target = { type: 'Utilization', averageUtilization: targetCPUUtilizationPercentage };
  return [
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: metadataOf(config, name, 'gateway'),
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
        minReplicas,
        maxReplicas,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
      },
    },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: metadataOf(config, name, 'gateway'),
      spec: { maxUnavailable: 1, selector: { matchLabels: selectorLabels(config, 'gateway') } },
    },
  ];
}
