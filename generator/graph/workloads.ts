/** The deployment's own workloads, as its objects have them. */
import { addressesOf } from '../config/addresses.ts';
import { providerKinds } from '../config/providers.ts';
import type { Config } from '../config/schema/resource.ts';
import { dig, isObject, type JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { parseYaml } from '../model/yaml.ts';
import { type Component, namesOf } from '../objects/names.ts';
import { templateKey } from '../objects/worker.ts';
import type { Party } from './party.ts';
import type { Labels } from './selectors.ts';

/** A workload. */
export interface Workload {
  readonly party: Party;
  /** The labels of its pods. */
  readonly labels: Labels;
  /** The named ports of its pods. */
  readonly ports: ReadonlyMap<string, number>;
}

/** The workloads, from the gateway down. */
export function workloadsOf(config: Config, objects: readonly KubernetesObject[]): Workload[] {
  const names = namesOf(config);
  const found = (kind: string, name: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name === name);
  const template = dig(found('ConfigMap', names.jobTemplate) as JsonObject | undefined, [
    'data',
    templateKey,
  ]);
  const [job] = typeof template === 'string' ? parseYaml(template) : [];
  const gateway = found('Deployment', names.gateway);
  const scaler = found('HorizontalPodAutoscaler', names.gateway);
  const mcp = found('Deployment', names.mcpGateway);
  return [
    workload('gateway', gateway, scaled(gateway, scaler), 'Deployment'),
    workload('worker', job, {}, 'a Job for each voice session', workerDetails(config)),
    workload('mcp-gateway', mcp, scaled(mcp), 'Deployment', commandTools(config)),
  ].flatMap((one) => one ?? []);
}

function workload(
  id: Component,
  object: unknown,
  replicas: Pick<Party, 'replicas'>,
  what: string,
  more: readonly string[] = [],
): Workload | undefined {
  if (!isObject(object)) return undefined;
  const labels = dig(object, ['spec', 'template', 'metadata', 'labels']) ?? {};
  const containers = dig(object, ['spec', 'template', 'spec', 'containers']);
  const ports = (Array.isArray(containers) ? containers : []).flatMap((container) => {
    const listed = dig(container, ['ports']);
    return Array.isArray(listed) ? listed.filter(isObject) : [];
  });
  return {
    party: { id, kind: id, name: id, details: [what, ...more], isInside: true, ...replicas },
    labels: labels as unknown as Labels,
    ports: new Map(ports.map(({ name, containerPort }) => [String(name), Number(containerPort)])),
  };
}

function scaled(deployment: unknown, scaler?: KubernetesObject): Pick<Party, 'replicas'> {
  const spec = (scaler as JsonObject | undefined)?.spec;
  if (isObject(spec)) return { replicas: { min: Number(spec.minReplicas), max: Number(spec.maxReplicas) } };
  const count = dig(deployment as JsonObject | undefined, ['spec', 'replicas']) ?? 1;
  return { replicas: { min: Number(count), max: Number(count) } };
}

/** Providers that need no server: the worker runs them. */
const inProcess: readonly (readonly [kind: string, name: string])[] = [
  ['stt', 'whisper-native'],
  ['vad', 'energy'],
  ['vad', 'silero'],
];

/** Whether the worker runs a provider itself. */
export function isInProcess(kind: string, name: string | undefined): boolean {
  return inProcess.some(([ofKind, called]) => ofKind === kind && called === name);
}

function workerDetails(config: Config): string[] {
  const { config: file, worker } = config.spec;
  const inside = providerKinds.flatMap((kind) => {
    const { name } = file.providers?.[kind] ?? {};
    return name !== undefined && isInProcess(kind, name) ? [`${kind} by ${name}`] : [];
  });
  const beside = addressesOf(config)
    .filter(({ url, callers }) => callers.includes('worker') && isLoopback(url))
    .map(({ url }) => `calls its own pod on ${url.port || url.protocol}`);
  return [
    `profile ${worker.resourceProfile}`,
    ...inside,
    ...beside,
    ...(config.spec.mcpGateway.enabled ? [] : commandTools(config)),
  ];
}

/** Whether an address leads to the pod that calls it. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}

/** MCP servers that are started as commands, inside the pod. */
function commandTools(config: Config): string[] {
  const servers = config.spec.config.mcp?.servers ?? [];
  return servers.filter(({ url }) => url === undefined).map(({ name }) => `runs ${name}`);
}
