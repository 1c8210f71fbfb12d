import type { JsonObject } from './json.ts';

/**
 * What a patch has to know of a value: which of the lists in it Kustomize merges item by item. Where there
 * is no point, every list is replaced as a whole.
 */
export interface SchemaPoint {
  /** Of a list: the fields that tell its items apart; empty for a list of strings that is merged as a set. */
  readonly keys?: readonly string[];
  /** The fields of the map, or of each item of the list, that lead to such lists. */
  readonly fields?: { readonly [name: string]: SchemaPoint };
}

// Every list that is not here is atomic: tolerations, envFrom, args, rules, items of a volume and so on.
// Kustomize goes by the OpenAPI document of Kubernetes 1.21.2 in all versions from 4.5.4 to 5.8.1 and knows
// no newer field: resourceClaims, schedulingGates and all of autoscaling/v2 are atomic for it, although the
// API server merges them.

const set: SchemaPoint = { keys: [] };

function keyed(keys: string, fields?: SchemaPoint['fields']): SchemaPoint {
  return { keys: keys.split(' '), ...(fields && { fields }) };
}

const metadata: SchemaPoint = { fields: { finalizers: set, ownerReferences: keyed('uid') } };

/** An ephemeral container's ports have no keys. */
const ephemeralContainer: SchemaPoint['fields'] = {
  env: keyed('name'),
  volumeDevices: keyed('devicePath'),
  volumeMounts: keyed('mountPath'),
};

const container: SchemaPoint['fields'] = { ...ephemeralContainer, ports: keyed('containerPort protocol') };

const volume: SchemaPoint['fields'] = {
  ephemeral: { fields: { volumeClaimTemplate: { fields: { metadata } } } },
};

/** A PodTemplateSpec: the `spec.template` of a Deployment or a Job. */
export const podTemplate: SchemaPoint = {
  fields: {
    metadata,
    spec: {
      fields: {
        containers: keyed('name', container),
        ephemeralContainers: keyed('name', ephemeralContainer),
        hostAliases: keyed('ip'),
        imagePullSecrets: keyed('name'),
        initContainers: keyed('name', container),
        topologySpreadConstraints: keyed('topologyKey whenUnsatisfiable'),
        volumes: keyed('name', volume),
      },
    },
  },
};

const plain: SchemaPoint = { fields: { metadata } };
const workload: SchemaPoint = { fields: { metadata, spec: { fields: { template: podTemplate } } } };

const kinds = new Map<string, SchemaPoint>([
  ['apps/v1 Deployment', workload],
  ['autoscaling/v2 HorizontalPodAutoscaler', {}],
  ['batch/v1 Job', workload],
  ['networking.k8s.io/v1 Ingress', plain],
  ['networking.k8s.io/v1 NetworkPolicy', plain],
  ['policy/v1 PodDisruptionBudget', plain],
  ['rbac.authorization.k8s.io/v1 Role', plain],
  ['rbac.authorization.k8s.io/v1 RoleBinding', plain],
  ['v1 ConfigMap', plain],
  ['v1 Namespace', plain],
  ['v1 Secret', plain],
  ['v1 Service', { fields: { metadata, spec: { fields: { ports: keyed('port protocol') } } } }],
  ['v1 ServiceAccount', { fields: { metadata, secrets: keyed('name') } }],
]);

/**
 * The point of a whole object. Of a custom resource Kustomize knows no schema, so all its lists are atomic.
 *
 * @throws Error for a kind of Kubernetes' own that this table does not know, rather than to guess its keys
 */
export function schemaOf(object: JsonObject): SchemaPoint {
  const { apiVersion, kind } = object;
  const known = kinds.get(`${apiVersion} ${kind}`);
  if (known !== undefined) return known;
  const [group = ''] = String(apiVersion).split('/');
  if (group.includes('.') && !group.endsWith('.k8s.io')) return {};
  throw new Error(`the merge keys of ${apiVersion} ${kind} are not known`);
}

/** The point of a map's field or of the same field in a list's items; undefined where all lists are atomic. */
export function pointAt(at: SchemaPoint | undefined, field: string): SchemaPoint | undefined {
  return at?.fields !== undefined && Object.hasOwn(at.fields, field) ? at.fields[field] : undefined;
}
