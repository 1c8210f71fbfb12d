import type { Config } from '../config/schema/resource.ts';
import type { JsonObject } from '../model/json.ts';
import type { ObjectMeta } from '../model/object.ts';

/** The three workloads; also the value of their `app.kubernetes.io/component` label. */
export type Component = 'gateway' | 'worker' | 'mcp-gateway';

/** The names of a release's objects. They are those of the Helm chart, so that a deployment moves over in place. */
export interface Names {
  /** Deployment, Service, NetworkPolicy, Ingress, ServiceMonitor, HorizontalPodAutoscaler, PodDisruptionBudget. */
  readonly gateway: string;
  /** Deployment, Service, NetworkPolicy, and the ConfigMap with the URL that workers read. */
  readonly mcpGateway: string;
  /** NetworkPolicy of the workers; also the beginning of their Jobs' names. */
  readonly worker: string;
  /** NetworkPolicy that lets workers reach the MCP gateway. */
  readonly workerMcp: string;
  /** NetworkPolicy that lets the ingress controller in. */
  readonly gatewayIngress: string;
  /** ConfigMap with the program's configuration file. */
  readonly config: string;
  /** ConfigMap with the worker Job template. */
  readonly jobTemplate: string;
  /** Role and RoleBinding of the gateway. */
  readonly jobManager: string;
  /** The database in the same namespace: CloudNativePG Cluster, or the Bitnami chart's Service and StatefulSet. */
  readonly postgresql: string;
}

/** The names of a release's objects. */
export function namesOf(config: Config): Names {
  const release = config.metadata.name;
  return {
    gateway: `${release}-gateway`,
    mcpGateway: `${release}-mcp-gateway`,
    worker: `${release}-worker`,
    workerMcp: `${release}-worker-mcp`,
    gatewayIngress: `${release}-gateway-ingress`,
    config: `${release}-config`,
    jobTemplate: `${release}-worker-job-template`,
    jobManager: `${release}-job-manager`,
    postgresql: `${release}-postgresql`,
  };
}

/** The labels that select a workload's pods. A Deployment's selector is immutable: these never change. */
export function selectorLabels(config: Config, component: Component): { [label: string]: string } {
  return {
    'app.kubernetes.io/name': 'glyphoxa',
    'app.kubernetes.io/instance': config.metadata.name,
    'app.kubernetes.io/component': component,
  };
}

/** The recommended labels of an object: of a workload, or of the release as a whole. */
export function labelsOf(config: Config, component?: Component): { [label: string]: string } {
  return {
    'app.kubernetes.io/name': 'glyphoxa',
    'app.kubernetes.io/instance': config.metadata.name,
    ...(component === undefined ? {} : { 'app.kubernetes.io/component': component }),
    'app.kubernetes.io/part-of': 'glyphoxa',
    'app.kubernetes.io/managed-by': 'glyphoxa-kustomize',
  };
}

/** The metadata of an object in the release's namespace. */
export function metadataOf(config: Config, name: string, component?: Component): ObjectMeta {
  return { name, namespace: config.metadata.namespace, labels: labelsOf(config, component) };
}

/**
 * Keeps Flux's post-build substitution out of an object: it would read `${…}` and `$$` in texts, such as the
 * program's file or a variable's value, as its own, whatever field they stand in.
 */
export const unsubstituted = { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' };

/** The image reference that all workloads run: by digest where one is given, else by tag. */
export function imageOf(config: Config): string {
  const { repository, tag, digest } = config.spec.core.image;
  return digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
}

/** Leaves a list or map out where it is empty: kustomize patches cannot make an empty one. */
export function unlessEmpty<K extends string, T extends JsonObject | readonly unknown[]>(
  key: K,
  value: T,
): { [key in K]?: T } {
  const empty = Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
  return (empty ? {} : { [key]: value }) as { [key in K]?: T };
}
