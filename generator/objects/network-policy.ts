import { calledPorts } from '../config/addresses.ts';
import { databasePorts } from '../config/dsn.ts';
import type { Config } from '../config/schema/resource.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { type Component, metadataOf, namesOf, selectorLabels, unlessEmpty } from './names.ts';

/** The policies of gateway and workers. */
export function networkPolicies(config: Config): KubernetesObject[] {
  return [gatewayPolicy(config), workerPolicy(config)];
}

/**
 * What exists only with both MCP gateway and policies: policies add up, so the worker's way to the MCP
 * gateway is a policy of its own.
 */
export function mcpPolicies(config: Config): KubernetesObject[] {
  const names = namesOf(config);
  const { ports } = config.spec.mcpGateway;
  const { extraIngress, extraEgress } = config.spec.networkPolicy.mcpGateway;
  const mcp = policy(config, names.mcpGateway, 'mcp-gateway', {
    ingress: [
      { from: [pods(config, 'worker')], ports: [tcp(ports.mcp)] },
      { ports: [tcp(ports.observe)] },
      ...extraIngress,
    ],
    egress: [dns(config), { ports: tcpPorts([443, ...calledPorts(config, 'mcpGateway')]) }, ...extraEgress],
  });
  const worker = policy(config, names.workerMcp, 'worker', {
    egress: [{ to: [pods(config, 'mcp-gateway')], ports: [tcp(ports.mcp)] }],
  });
  return [mcp, worker];
}

/** The rule for DNS, from wherever it is served. */
export function dns(config: Config): JsonObject {
  const { ports, to } = config.spec.networkPolicy.dns;
  const each = [...new Set(ports)].sort((a, b) => a - b);
  return {
    ...unlessEmpty('to', to),
    ports: each.flatMap((port) => [{ port, protocol: 'UDP' }, tcp(port)]),
  };
}

/** Discord's voice servers listen on any high UDP port. */
const discordVoice: { [how: string]: JsonObject } = {
  'port-range': { ports: [{ port: 1024, endPort: 65535, protocol: 'UDP' }] },
  'all-udp': { ports: [{ protocol: 'UDP' }] },
};

function gatewayPolicy(config: Config): KubernetesObject {
  const { gateway, worker, networkPolicy } = config.spec;
  const { apiServerPorts, discordVoice: voice, ingressFrom } = networkPolicy;
  const { extraIngress, extraEgress } = networkPolicy.gateway;
  return policy(config, namesOf(config).gateway, 'gateway', {
    ingress: [
      { from: [...anyoneButWorkers, ...ingressFrom], ports: [tcp(gateway.ports.admin)] },
      { from: [pods(config, 'worker')], ports: [tcp(gateway.ports.grpc)] },
      { ports: [tcp(gateway.ports.observe)] },
      ...extraIngress,
    ],
    egress: [
      dns(config),
      { to: [pods(config, 'worker')], ports: [tcp(worker.ports.grpc)] },
      databaseEgress(config),
      { ports: tcpPorts([443, ...apiServerPorts, ...calledPorts(config, 'gateway')]) },
      discordVoice[voice] as JsonObject,
      ...extraEgress,
    ],
  });
}

function workerPolicy(config: Config): KubernetesObject {
  const { gateway, worker, networkPolicy } = config.spec;
  return policy(config, namesOf(config).worker, 'worker', {
    ingress: [
      { from: [pods(config, 'gateway')], ports: [tcp(worker.ports.grpc)] },
      { ports: [tcp(worker.ports.observe)] },
      ...networkPolicy.worker.extraIngress,
    ],
    egress: [
      dns(config),
      { to: [pods(config, 'gateway')], ports: [tcp(gateway.ports.grpc)] },
      databaseEgress(config),
      { ports: tcpPorts([443, ...calledPorts(config, 'worker')]) },
      ...networkPolicy.worker.extraEgress,
    ],
  });
}

/** Every pod of the namespace but Glyphoxa's workers: a pod that is not of the program, or not a worker. */
export const anyoneButWorkers: JsonObject[] = [
  {
    podSelector: {
      matchExpressions: [{ key: 'app.kubernetes.io/name', operator: 'NotIn', values: ['glyphoxa'] }],
    },
  },
  {
    podSelector: {
      matchExpressions: [{ key: 'app.kubernetes.io/component', operator: 'NotIn', values: ['worker'] }],
    },
  },
];

/** The database: by its pods where it runs in the namespace, else by its ports, wherever it is. */
function databaseEgress(config: Config): JsonObject {
  const { postgresql } = config.spec;
  const ports = tcpPorts(databasePorts(config));
  if (!postgresql.enabled) return { ports };
  return { to: [{ podSelector: { matchLabels: databaseLabels(config) } }], ports };
}

/** The labels of the pods of a database that runs beside the deployment. */
export function databaseLabels(config: Config): { [label: string]: string } {
  const server = namesOf(config).postgresql;
  return config.spec.postgresql.provider === 'cloudnative-pg'
    ? { 'cnpg.io/cluster': server }
    : { 'app.kubernetes.io/name': 'postgresql', 'app.kubernetes.io/instance': config.metadata.name };
}

function pods(config: Config, component: Component): JsonObject {
  return { podSelector: { matchLabels: selectorLabels(config, component) } };
}

/** A TCP port of a rule. */
export function tcp(port: number): JsonObject {
  return { port, protocol: 'TCP' };
}

/** Each port once, in ascending order. */
function tcpPorts(ports: readonly number[]): JsonObject[] {
  return [...new Set(ports)].sort((a, b) => a - b).map(tcp);
}

/** A policy that lets the pods of a component do what the rules say, and nothing else in their directions. */
export function policy(
  config: Config,
  name: string,
  component: Component,
  rules: { ingress?: JsonObject[]; egress?: JsonObject[] },
): KubernetesObject {
  const policyTypes = [
    ...(rules.ingress === undefined ? [] : ['Ingress']),
    ...(rules.egress === undefined ? [] : ['Egress']),
  ];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(config, name, component),
    spec: { podSelector: { matchLabels: selectorLabels(config, component) }, policyTypes, ...rules },
  };
}
