import type { Config } from '../config/schema/resource.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { type Component, metadataOf, namesOf, selectorLabels } from './names.ts';

/** What the Prometheus operator needs to read the metrics of the gateway, by its Service, and of workers, which have none. */
export function monitoring(config: Config): KubernetesObject[] {
  const { gateway, worker } = namesOf(config);
  return [
    monitor(config, 'ServiceMonitor', 'endpoints', gateway, 'gateway'),
    monitor(config, 'PodMonitor', 'podMetricsEndpoints', worker, 'worker'),
  ];
}

/** The same of the MCP gateway. */
export function mcpMonitoring(config: Config): KubernetesObject[] {
  return [monitor(config, 'ServiceMonitor', 'endpoints', namesOf(config).mcpGateway, 'mcp-gateway')];
}

function monitor(
  config: Config,
  kind: 'ServiceMonitor' | 'PodMonitor',
  endpoints: string,
  name: string,
  component: Component,
): KubernetesObject {
  const { interval, labels } = config.spec.monitoring;
  const metadata = metadataOf(config, name, component);
  const own = metadata.labels as JsonObject;
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind,
    metadata: { ...metadata, labels: { ...labels, ...own } },
    spec: {
      selector: { matchLabels: selectorLabels(config, component) },
      [endpoints]: [{ port: 'observe', path: '/metrics', interval }],
    },
  };
}
