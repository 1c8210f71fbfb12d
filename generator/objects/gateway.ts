import type { Config } from '../config/schema/resource.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { imageOf, labelsOf, metadataOf, namesOf, selectorLabels } from './names.ts';
import {
  configMount,
  configPath,
  configVolume,
  containerPort,
  containerResources,
  containerSecurity,
  databaseVariables,
  literal,
  patchPod,
  placement,
  podSecurity,
  pullSecrets,
  secretVariables,
  serverProbes,
  servicePort,
  variableOf,
} from './pod.ts';
import { proxyVariables } from './proxy.ts';
import type { Texts } from './texts.ts';

/** The working directory, where the gateway appends `feedback.jsonl`. */
const workFolder = '/var/lib/glyphoxa';

/** The gateway's Deployment and Service. */
export function gateway(config: Config, texts: Texts): KubernetesObject[] {
  return [deployment(config, texts), service(config)];
}

function deployment(config: Config, texts: Texts): KubernetesObject {
  const { autoscaling, gateway } = config.spec;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(config, namesOf(config).gateway, 'gateway'),
    spec: {
      ...(autoscaling.enabled ? {} : { replicas: gateway.replicaCount }),
      selector: { matchLabels: selectorLabels(config, 'gateway') },
      template: patchPod(gatewayPod(config, texts), gateway.podPatch),
    },
  };
}

/** The pod template, without the user's patch. */
export function gatewayPod(config: Config, texts: Texts): JsonObject {
  const { gateway } = config.spec;
  return {
    metadata: {
      labels: labelsOf(config, 'gateway'),
      annotations: { ...texts.configChecksum, ...texts.jobTemplateChecksum },
    },
    spec: {
      serviceAccountName: gateway.serviceAccount.name,
      ...pullSecrets(config),
      ...podSecurity(config),
      ...antiAffinity(config),
      ...placement(config, gateway, true),
      containers: [container(config)],
      volumes: [configVolume(config), { name: 'work', emptyDir: {} }],
    },
  };
}

function container(config: Config): JsonObject {
  const { gateway, core } = config.spec;
  const { admin, grpc, observe } = gateway.ports;
  return {
    name: 'gateway',
    image: imageOf(config),
    imagePullPolicy: core.image.pullPolicy,
    args: ['--mode=gateway', `--config=${configPath}`],
    workingDir: workFolder,
    ports: [containerPort('admin', admin), containerPort('grpc', grpc), containerPort('observe', observe)],
    env: [
      ...variableOf(config, 'admin-key', 'gateway'),
      literal('GLYPHOXA_GRPC_ADDR', `:${grpc}`),
      ...databaseVariables(config, 'gateway'),
      ...vaultAddress(config),
      ...secretVariables(config, 'gateway'),
      // with its default: the API server compares the reference as a whole, and another manager's would conflict
      {
        name: 'GLYPHOXA_K8S_NAMESPACE',
        valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } },
      },
      literal('GLYPHOXA_JOB_TEMPLATE_CM', namesOf(config).jobTemplate),
      ...proxyVariables(config),
    ],
    volumeMounts: [configMount(), { name: 'work', mountPath: workFolder }],
    ...serverProbes(),
    ...containerResources(gateway.resources),
    ...containerSecurity(),
  };
}

function vaultAddress(config: Config) {
  const { enabled, addr } = config.spec.vault;
  return enabled && addr !== undefined ? [literal('VAULT_ADDR', addr)] : [];
}

function antiAffinity(config: Config): JsonObject {
  if (!config.spec.gateway.podAntiAffinity.enabled) return {};
  const podAffinityTerm = {
    labelSelector: { matchLabels: selectorLabels(config, 'gateway') },
    topologyKey: 'kubernetes.io/hostname',
  };
  const preferred = [{ weight: 100, podAffinityTerm }];
  return { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } } };
}

function service(config: Config): KubernetesObject {
  const { admin, grpc, observe } = config.spec.gateway.ports;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadataOf(config, namesOf(config).gateway, 'gateway'),
    spec: {
      type: 'ClusterIP',
      ports: [servicePort('admin', admin), servicePort('grpc', grpc), servicePort('observe', observe)],
      selector: selectorLabels(config, 'gateway'),
    },
  };
}
