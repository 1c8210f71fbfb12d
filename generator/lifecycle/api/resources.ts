/** Which path of the API an object has. */
import { failure } from '../../model/finding.ts';
import { type KubernetesObject, namespaceOf } from '../../model/object.ts';

/** A kind as the API server serves it. */
export interface ResourceType {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The name in paths and in RBAC rules, such as `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

const builtIn = new Map<string, ResourceType>();

for (const [groupVersion, kinds] of Object.entries({
  v1: 'ConfigMap Secret Service ServiceAccount Pod Event PersistentVolumeClaim ResourceQuota LimitRange',
  'apps/v1': 'Deployment ReplicaSet StatefulSet DaemonSet',
  'batch/v1': 'Job CronJob',
  'rbac.authorization.k8s.io/v1': 'Role RoleBinding',
  'networking.k8s.io/v1': 'NetworkPolicy Ingress',
  'policy/v1': 'PodDisruptionBudget',
  'autoscaling/v2': 'HorizontalPodAutoscaler',
  'coordination.k8s.io/v1': 'Lease',
  'discovery.k8s.io/v1': 'EndpointSlice',
})) {
  for (const kind of kinds.split(' ')) add(groupVersion, kind, true);
}
add('v1', 'Namespace', false);
add('v1', 'Node', false);
add('rbac.authorization.k8s.io/v1', 'ClusterRole', false);
add('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', false);
add('apiextensions.k8s.io/v1', 'CustomResourceDefinition', false);

function add(groupVersion: string, kind: string, namespaced: boolean): void {
  const plural = `${kind.toLowerCase()}s`.replace(/ys$/, 'ies').replace(/sss$/, 'sses');
  builtIn.set(`${groupVersion}/${kind}`, { ...splitVersion(groupVersion), kind, plural, namespaced });
}

/** `apps/v1` as group and version; the core group is empty. */
export function splitVersion(apiVersion: string): { group: string; version: string } {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return { group, version };
}

/** A kind that every API server has, such as `apps/v1` and `Deployment`. Throws for another. */
export function knownType(apiVersion: string, kind: string): ResourceType {
  const type = builtIn.get(`${apiVersion}/${kind}`);
  if (type === undefined) throw new Error(`${apiVersion} ${kind} is not built in`);
  return type;
}

/** The same by its group alone, in the version that every API server has; undefined for another kind. */
export function knownInGroup(group: string, kind: string): ResourceType | undefined {
  return [...builtIn.values()].find((type) => type.group === group && type.kind === kind);
}

/** Who asks the API server for its kinds. */
export interface Discovery {
  /** The kinds of a group and version, as the server lists them; none where it does not have it. */
  discover(apiVersion: string): Promise<readonly ResourceType[]>;
}

/**
 * The kind of an object: from the table of kinds that every API server has, else as the server lists it.
 * Undefined where the server does not serve it, since its CustomResourceDefinition is missing, say.
 */
export async function findType(
  client: Discovery,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
): Promise<ResourceType | undefined> {
  return (
    builtIn.get(`${apiVersion}/${kind}`) ??
    (await client.discover(apiVersion)).find((type) => type.kind === kind)
  );
}

/** As {@link findType}. Throws a Failure where the server does not serve it. */
export async function typeOf(
  client: Discovery,
  object: { readonly apiVersion: string; readonly kind: string },
): Promise<ResourceType> {
  const type = await findType(client, object);
  if (type !== undefined) return type;
  const what = `${object.kind} of ${object.apiVersion}`;
  throw failure(
    'no-such-kind',
    `the API server does not know ${what}`,
    'install what brings its CustomResourceDefinition',
  );
}

/** An object as the cluster has it now; undefined where it is not there, or its kind is not served. */
export async function readObject(
  client: Discovery & { get(path: string): Promise<KubernetesObject | undefined> },
  object: KubernetesObject,
): Promise<KubernetesObject | undefined> {
  const type = await findType(client, object);
  return type && client.get(apiPath(type, namespaceOf(object), object.metadata.name));
}

/** The path of a kind in the API, of one object where a name is given, and of a part such as `scale`. */
export function apiPath(
  { group, version, plural, namespaced }: ResourceType,
  namespace: string | undefined,
  name?: string,
  subresource?: string,
): string {
  const parts = [group === '' ? 'api' : `apis/${group}`, version];
  if (namespaced && namespace !== undefined) parts.push('namespaces', encodeURIComponent(namespace));
  parts.push(plural);
  if (name !== undefined) parts.push(encodeURIComponent(name));
  if (subresource !== undefined) parts.push(subresource);
  return `/${parts.join('/')}`;
}

/** `Deployment.apps`, `ConfigMap`: a kind and its group as ApplySets write it. */
export function groupKind({ kind, group }: { readonly kind: string; readonly group: string }): string {
  return group === '' ? kind : `${kind}.${group}`;
}

/** `deployment.apps/glyphoxa-gateway`: an object as kubectl names it. */
export function shortName({ apiVersion, kind, metadata }: KubernetesObject): string {
  return `${groupKind({ kind: kind.toLowerCase(), group: splitVersion(apiVersion).group })}/${metadata.name}`;
}
