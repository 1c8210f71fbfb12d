/** What the pods of all three workloads have in common. */
import { patchesIn } from '../config/layers.ts';
import type { Config } from '../config/schema/resource.ts';
import { isGiven, type KeyReader, type SecretKey, secretKeys } from '../config/secret-keys.ts';
import { equal, isObject, type JsonObject, setKey } from '../model/json.ts';
import { canonicalResourceQuantity } from '../model/kubernetes-values.ts';
import { podTemplate as podTemplatePoint } from '../model/merge-keys.ts';
import { strategicMerge } from '../model/strategic-merge.ts';
import { appFile } from './app-file.ts';
import { namesOf, unlessEmpty } from './names.ts';
import { withCanonicalQuantities } from './pod-quantities.ts';

/** Where the program finds its configuration file. */
export const configPath = '/etc/glyphoxa/config.yaml';

const configFolder = '/etc/glyphoxa';

/** An environment variable of a container. */
export interface EnvVar extends JsonObject {
  name: string;
}

/** A variable with a fixed value; Kubernetes would expand `$(NAME)` in it and fold `$$`, so both are escaped. */
export function literal(name: string, value: string): EnvVar {
  return { name, value: value.replace(/\$(?=[$(])/g, '$$$$') };
}

/** A variable that is read from a key of a Secret. */
function fromSecret(name: string, secret: string, key: string, optional = false): EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secret, key, ...(optional ? { optional } : {}) } } };
}

/** A secret of the resource as a variable, where a workload reads it and the deployment has it. */
function secretVariable(config: Config, key: SecretKey, reader: KeyReader): EnvVar[] {
  const { variable, provider: owner } = key;
  if (variable === undefined || !key.readers.includes(reader) || !key.isRead) return [];
  const { provider, name } = config.spec.secrets;
  const reference = key.value?.secretKeyRef;
  if (reference !== undefined) return [fromSecret(variable, reference.name, reference.key)];
  if (!isGiven(config, key)) return [];
  const mayLack = key.mayLack || owner !== undefined;
  return [fromSecret(variable, name, key.key, mayLack && provider === 'existing')];
}

/** A secret by its name. */
export function variableOf(config: Config, name: string, reader: KeyReader): EnvVar[] {
  return secretKeys(config).flatMap((key) => (key.key === name ? secretVariable(config, key, reader) : []));
}

/** Keys whose variables have a place of their own in a pod. */
const placed = ['admin-key', 'database-dsn'];

/** The secrets of a workload but those with a place of their own. In an operator's Secret most may be absent. */
export function secretVariables(config: Config, reader: KeyReader): EnvVar[] {
  return secretKeys(config).flatMap((key) =>
    placed.includes(key.key) ? [] : secretVariable(config, key, reader),
  );
}

/**
 * How the program reaches PostgreSQL: by the DSN from the deployment's Secret, or by what the database in
 * the same namespace offers: CloudNativePG's `uri`, or, for Bitnami, a DSN without password and the password
 * beside it, which pgx takes from `PGPASSWORD`.
 */
export function databaseVariables(config: Config, reader: KeyReader): EnvVar[] {
  const { postgresql } = config.spec;
  if (!postgresql.enabled) return variableOf(config, 'database-dsn', reader);
  const server = namesOf(config).postgresql;
  if (postgresql.provider === 'cloudnative-pg') {
    return [fromSecret('GLYPHOXA_DATABASE_DSN', `${server}-app`, 'uri')];
  }
  const dsn = `postgres://postgres@${server}:5432/${postgresql.database}?sslmode=disable`;
  return [
    literal('GLYPHOXA_DATABASE_DSN', dsn),
    fromSecret('PGPASSWORD', postgresql.existingSecret, 'postgres-password'),
  ];
}

/** The volume with the configuration file. */
export function configVolume(config: Config): JsonObject {
  return { name: 'config', ...appFile(config).volume };
}

/** Where the volume with the configuration file is mounted. */
export function configMount(): JsonObject {
  return { name: 'config', mountPath: configFolder, readOnly: true };
}

/** A named TCP port of a container. */
export function containerPort(name: string, port: number): JsonObject {
  return { name, containerPort: port, protocol: 'TCP' };
}

/** A named port of a Service, which leads to the container port of that name. */
export function servicePort(name: string, port: number): JsonObject {
  return { name, port, targetPort: name, protocol: 'TCP' };
}

const healthCheck = (path: string): JsonObject => ({ httpGet: { path, port: 'observe' } });

/** A slow start is waited for a minute, so that the other probes need not be lenient. */
export function startupProbe(): JsonObject {
  return { startupProbe: { ...healthCheck('/healthz'), failureThreshold: 30, periodSeconds: 2 } };
}

/** The probes of a server that runs for long. */
export function serverProbes(): JsonObject {
  const timing = { initialDelaySeconds: 5, periodSeconds: 10 };
  return {
    livenessProbe: { ...healthCheck('/healthz'), ...timing },
    readinessProbe: { ...healthCheck('/readyz'), ...timing },
    ...startupProbe(),
  };
}

/** The security context of every container: the restricted Pod Security level, and a read-only root. */
export function containerSecurity(): JsonObject {
  return {
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    },
  };
}

/** The security context of every pod: the restricted Pod Security level. */
export function podSecurity(config: Config): JsonObject {
  const { runAsUser, runAsGroup, fsGroup } = config.spec.core;
  return {
    securityContext: {
      runAsNonRoot: true,
      runAsUser,
      runAsGroup,
      fsGroup,
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}

/** The credentials for pulling the image. */
export function pullSecrets(config: Config): JsonObject {
  return unlessEmpty('imagePullSecrets', config.spec.core.imagePullSecrets);
}

interface Placement {
  readonly nodeSelector: { readonly [label: string]: string };
  readonly tolerations: readonly object[];
}

/**
 * Where pods may run: what the workload asks for, the nodes of the topology's tier, and nodes of a kind.
 *
 * @param kind what nodes of a kind ask for, such as those with a GPU; what the workload says itself wins
 */
export function placement(
  config: Config,
  workload: Placement,
  tiered: boolean,
  kind?: Placement,
): JsonObject {
  const { tierScheduling, topology } = config.spec.core;
  const tier = tiered && tierScheduling;
  const nodeSelector = {
    ...kind?.nodeSelector,
    ...workload.nodeSelector,
    ...(tier ? { 'glyphoxa.io/tier': topology } : {}),
  };
  const toleration = { key: 'glyphoxa.io/tier', value: topology, effect: 'NoSchedule' };
  const own = [...workload.tolerations, ...(tier ? [toleration] : [])] as JsonObject[];
  const added = ((kind?.tolerations ?? []) as JsonObject[]).filter(
    (extra) => !own.some((each) => equal({ ...each }, { ...extra })),
  );
  return { ...unlessEmpty('nodeSelector', nodeSelector), ...unlessEmpty('tolerations', [...own, ...added]) };
}

/** Container resources as the API server stores them. */
export function containerResources(resources: {
  readonly requests: { readonly [name: string]: string | number };
  readonly limits: { readonly [name: string]: string | number };
}): JsonObject {
  const canonical = (amounts: { readonly [name: string]: string | number }) => {
    const written: JsonObject = {};
    for (const [name, amount] of Object.entries(amounts)) {
      setKey(written, name, canonicalResourceQuantity(amount));
    }
    return written;
  };
  const both = {
    ...unlessEmpty('limits', canonical(resources.limits)),
    ...unlessEmpty('requests', canonical(resources.requests)),
  };
  return unlessEmpty('resources', both);
}

/** Lays the user's patches over a pod template, one layer's after the other's. */
export function patchPod(template: JsonObject, patch: JsonObject): JsonObject {
  if (Object.keys(patch).length === 0) return template;
  const merged = patchesIn(patch).reduce(
    (patched, each) => strategicMerge(patched, each, podTemplatePoint),
    template,
  );
  const { spec } = merged;
  return isObject(spec) ? { ...merged, spec: withCanonicalQuantities(spec) } : merged;
}
