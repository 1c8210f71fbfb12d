import { databasePorts } from '../config/dsn.ts';
import { providerKinds } from '../config/providers.ts';
import type { Config } from '../config/schema/resource.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { type Component, metadataOf, namesOf, selectorLabels } from './names.ts';

/** The policies of gateway and workers, and, where there is an MCP gateway, what it adds. */
export function networkPolicies(config: Config): KubernetesObject[] {
  const { networkPolicy, mcpGateway } = config.spec;
  if (!networkPolicy.enabled) return [];
  return [gatewayPolicy(config), workerPolicy(config), ...(mcpGateway.enabled ? mcpPolicies(config) : [])];
}

/**
 * What exists only with both MCP gateway and policies: policies add up, so the worker's way to the MCP
 * gateway is a policy of its own.
 */
export function mcpPolicies(config: Config): KubernetesObject[] {
  const names = namesOf(config);
  const { ports } = config.spec.mcpGateway;
  const mcp = policy(config, names.mcpGateway, 'mcp-gateway', {
    ingress: [{ from: [pods(config, 'worker')], ports: [tcp(ports.mcp)] }, { ports: [tcp(ports.observe)] }],
    egress: [dns, { ports: tcpPorts([443, ...mcpServerPorts(config)]) }],
  });
  const worker = policy(config, names.workerMcp, 'worker', {
    egress: [{ to: [pods(config, 'mcp-gateway')], ports: [tcp(ports.mcp)] }],
  });
  return [mcp, worker];
}

/** DNS, from wherever it is served. */
const dns: JsonObject = { ports: [{ port: 53, protocol: 'UDP' }, tcp(53)] };

/** Discord's voice servers listen on any high UDP port. */
const discordVoice: JsonObject = { ports: [{ port: 1024, endPort: 65535, protocol: 'UDP' }] };

function gatewayPolicy(config: Config): KubernetesObject {
  const { gateway, worker, vault } = config.spec;
  const outside = [443, 6443, ...(vault.enabled && vault.addr !== undefined ? [portOf(vault.addr)] : [])];
  return policy(config, namesOf(config).gateway, 'gateway', {
    ingress: [
      { from: anyoneButWorkers, ports: [tcp(gateway.ports.admin)] },
      { from: [pods(config, 'worker')], ports: [tcp(gateway.ports.grpc)] },
      { ports: [tcp(gateway.ports.observe)] },
    ],
    egress: [
      dns,
      { to: [pods(config, 'worker')], ports: [tcp(worker.ports.grpc)] },
      databaseEgress(config),
      { ports: tcpPorts(outside) },
      discordVoice,
    ],
  });
}

function workerPolicy(config: Config): KubernetesObject {
  const { gateway, worker } = config.spec;
  return policy(config, namesOf(config).worker, 'worker', {
    ingress: [
      { from: [pods(config, 'gateway')], ports: [tcp(worker.ports.grpc)] },
      { ports: [tcp(worker.ports.observe)] },
    ],
    egress: [
      dns,
      { to: [pods(config, 'gateway')], ports: [tcp(gateway.ports.grpc)] },
      databaseEgress(config),
      { ports: tcpPorts([443, ...providerPorts(config)]) },
    ],
  });
}

/** Every pod of the namespace but Glyphoxa's workers: a pod that is not of the program, or not a worker. */
const anyoneButWorkers: JsonObject[] = [
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
  const server = namesOf(config).postgresql;
  const matchLabels: JsonObject =
    postgresql.provider === 'cloudnative-pg'
      ? { 'cnpg.io/cluster': server }
      : { 'app.kubernetes.io/name': 'postgresql', 'app.kubernetes.io/instance': config.metadata.name };
  return { to: [{ podSelector: { matchLabels } }], ports };
}

/** The ports of all provider addresses in the program's configuration file. */
function providerPorts(config: Config): number[] {
  const { providers } = config.spec.config;
  return providerKinds.flatMap((kind) => {
    const address = providers?.[kind]?.base_url;
    return address === undefined ? [] : [portOf(address)];
  });
}

/** The ports of all MCP servers in the program's configuration file. */
function mcpServerPorts(config: Config): number[] {
  const servers = config.spec.config.mcp?.servers ?? [];
  return servers.flatMap(({ url, auth }) =>
    [url, auth?.oauth?.token_url].flatMap((address) =>
      address !== undefined && URL.canParse(address) ? [portOf(address)] : [],
    ),
  );
}

/** The port that a URL leads to, by its scheme where it names none. */
function portOf(address: string): number {
  const url = new URL(address);
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'http:' || url.protocol === 'ws:' ? 80 : 443;
}

function pods(config: Config, component: Component): JsonObject {
  return { podSelector: { matchLabels: selectorLabels(config, component) } };
}

function tcp(port: number): JsonObject {
  return { port, protocol: 'TCP' };
}

/** Each port once, in ascending order. */
function tcpPorts(ports: readonly number[]): JsonObject[] {
  return [...new Set(ports)].sort((a, b) => a - b).map(tcp);
}

function policy(
  config: Config,
  name: string,
  component: Component,
  rules: { ingress?: JsonObject[]; egress: JsonObject[] },
): KubernetesObject {
  const policyTypes = [...(rules.ingress === undefined ? [] : ['Ingress']), 'Egress'];
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadataOf(config, name, component),
    spec: { podSelector: { matchLabels: selectorLabels(config, component) }, policyTypes, ...rules },
  };
}
