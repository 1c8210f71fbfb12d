/** A Glyphoxa deployment as it is found among built objects. */

import { dig, isObject, type Json, type JsonObject } from '../../model/json.ts';
import { type KubernetesObject, namespaceOf } from '../../model/object.ts';
import { containerOf, variableOf } from '../../model/workload.ts';
import { parseYaml } from '../../model/yaml.ts';
import { templateKey } from '../../objects/worker.ts';

/** A gateway with everything in its namespace. */
export interface Release {
  readonly gateway: KubernetesObject;
  /** Undefined where the build sets none. */
  readonly namespace: string | undefined;
  /** The objects of the namespace, but those of other releases in it. */
  readonly objects: readonly KubernetesObject[];
  /** Everything that is built. */
  readonly all: readonly KubernetesObject[];
  /** The worker template: the one that the gateway names, else any that is there. */
  readonly template: WorkerTemplate | undefined;
}

/** The worker template that a gateway uses. */
export interface WorkerTemplate {
  readonly configMap: KubernetesObject;
  readonly text: string | undefined;
  /** The Job in it; undefined where it is no YAML map. */
  readonly job: JsonObject | undefined;
}

/** The Glyphoxa deployments among built objects: one for each gateway. */
export function findReleases(objects: readonly KubernetesObject[]): Release[] {
  return objects.filter(isGateway).map((gateway) => {
    const namespace = namespaceOf(gateway);
    const instance = instanceOf(gateway);
    const near = objects.filter((object) => {
      return namespaceOf(object) === namespace && [undefined, instance].includes(instanceOf(object));
    });
    return { gateway, namespace, objects: near, all: objects, template: templateOf(gateway, near) };
  });
}

/** An object as messages name it. */
export function nameOf(object: KubernetesObject): string {
  const namespace = namespaceOf(object);
  return `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${object.metadata.name}`;
}

/** An object of a release by kind and name. */
export function find(
  { objects }: Release,
  kind: string,
  name: Json | undefined,
): KubernetesObject | undefined {
  return objects.find((object) => object.kind === kind && object.metadata.name === name);
}

/** The MCP gateways of a release. */
export function mcpGatewaysOf({ objects }: Release): KubernetesObject[] {
  return objects.filter((object) => hasMode(object, 'mcp-gateway'));
}

/** The release's name, as an object's label says it. */
export function instanceOf({ metadata }: KubernetesObject): Json | undefined {
  return dig(metadata.labels, ['app.kubernetes.io/instance']);
}

function isGateway(object: KubernetesObject): boolean {
  return hasMode(object, 'gateway');
}

function hasMode(object: KubernetesObject, mode: string): boolean {
  if (object.kind !== 'Deployment') return false;
  const { args } = containerOf(object, mode) ?? {};
  return Array.isArray(args) && args.includes(`--mode=${mode}`);
}

function templateOf(
  gateway: KubernetesObject,
  near: readonly KubernetesObject[],
): WorkerTemplate | undefined {
  const name = variableOf(containerOf(gateway, 'gateway'), 'GLYPHOXA_JOB_TEMPLATE_CM');
  const configMaps = near.filter(({ kind }) => kind === 'ConfigMap');
  const configMap =
    configMaps.find(({ metadata }) => metadata.name === name) ??
    configMaps.find(({ data }) => dig(data, [templateKey]) !== undefined);
  if (configMap === undefined) return undefined;
  const text = dig(configMap.data, [templateKey]);
  if (typeof text !== 'string') return { configMap, text: undefined, job: undefined };
  return { configMap, text, job: readJob(text) };
}

function readJob(text: string): JsonObject | undefined {
  try {
    const [job, second] = parseYaml(text);
    return isObject(job) && second === undefined ? job : undefined;
  } catch {
    return undefined;
  }
}
