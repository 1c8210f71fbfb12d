import type { Config } from '../config/schema/resource.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { imageOf, labelsOf, metadataOf, namesOf, selectorLabels, unlessEmpty } from './names.ts';
import {
  configMount,
  configPath,
  configVolume,
  containerPort,
  containerResources,
  containerSecurity,
  literal,
  patchPod,
  placement,
  podSecurity,
  pullSecrets,
  serverProbes,
  servicePort,
} from './pod.ts';
import { proxyVariables } from './proxy.ts';
import type { Texts } from './texts.ts';
import { mcpUrlKey } from './worker.ts';

/**
 * The MCP gateway: Deployment, Service, and a ConfigMap with its URL. The worker template refers to that
 * ConfigMap as optional, so that it stays the same whether there is an MCP gateway or not.
 */
export function mcpGateway(config: Config, texts: Texts): KubernetesObject[] {
  return [deployment(config, texts), service(config), address(config)];
}

function deployment(config: Config, texts: Texts): KubernetesObject {
  const { mcpGateway } = config.spec;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(config, namesOf(config).mcpGateway, 'mcp-gateway'),
    spec: {
      replicas: mcpGateway.replicaCount,
      selector: { matchLabels: selectorLabels(config, 'mcp-gateway') },
      template: patchPod(mcpGatewayPod(config, texts), mcpGateway.podPatch),
    },
  };
}

/** The pod template, without the user's patch. */
export function mcpGatewayPod(config: Config, texts: Texts): JsonObject {
  return {
    metadata: {
      labels: labelsOf(config, 'mcp-gateway'),
      ...unlessEmpty('annotations', { ...texts.configChecksum }),
    },
    spec: {
      automountServiceAccountToken: false,
      ...pullSecrets(config),
      ...podSecurity(config),
      ...placement(config, config.spec.mcpGateway, false),
      containers: [container(config)],
      volumes: [configVolume(config)],
    },
  };
}

function container(config: Config): JsonObject {
  const { mcpGateway, core } = config.spec;
  const { mcp, observe } = mcpGateway.ports;
  return {
    name: 'mcp-gateway',
    image: imageOf(config),
    imagePullPolicy: core.image.pullPolicy,
    args: ['--mode=mcp-gateway', `--config=${configPath}`],
    ports: [containerPort('mcp', mcp), containerPort('observe', observe)],
    env: [literal('GLYPHOXA_MCP_ADDR', `:${mcp}`), ...proxyVariables(config)],
    volumeMounts: [configMount()],
    ...serverProbes(),
    ...containerResources(mcpGateway.resources),
    ...containerSecurity(),
  };
}

function service(config: Config): KubernetesObject {
  const { mcp, observe } = config.spec.mcpGateway.ports;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(config, namesOf(config).mcpGateway, 'mcp-gateway'),
    spec: {
      type: 'ClusterIP',
      ports: [servicePort('mcp', mcp), servicePort('observe', observe)],
      selector: selectorLabels(config, 'mcp-gateway'),
    },
  };
}

function address(config: Config): KubernetesObject {
  const name = namesOf(config).mcpGateway;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(config, name, 'mcp-gateway'),
    data: { [mcpUrlKey]: `http://${name}:${config.spec.mcpGateway.ports.mcp}/mcp` },
  };
}
