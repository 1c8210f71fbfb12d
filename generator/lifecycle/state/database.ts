/** Where the database of a target is. */
import { dig, type Json, maps } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { containerOf, variableOf } from '../../model/workload.ts';
import { namesOf } from '../../objects/names.ts';
import { knownType, type ResourceType } from '../api/resources.ts';
import type { Target } from '../session/target.ts';

/** The database that the gateway is told to use. */
export interface Database {
  readonly provider: 'cloudnative-pg' | 'bitnami' | 'external';
  /** What stands for it in the cluster, in the target's namespace; undefined for an external one. */
  readonly object: { readonly type: ResourceType; readonly name: string } | undefined;
}

/** CloudNativePG's Cluster. */
export const databaseCluster: ResourceType = {
  group: 'postgresql.cnpg.io',
  version: 'v1',
  kind: 'Cluster',
  plural: 'clusters',
  namespaced: true,
};

/** CloudNativePG's Database: what must be in the database of a Cluster. */
export const databaseObject: ResourceType = { ...databaseCluster, kind: 'Database', plural: 'databases' };

/** The variable with the gateway's DSN. */
const dsnVariable = 'GLYPHOXA_DATABASE_DSN';

/**
 * The database of a target: as its configuration says; where none is to be found, by what the gateway reads its
 * DSN from: CloudNativePG's Secret `<cluster>-app`, or a server in the same namespace.
 */
export function databaseOf({ config, parts }: Target): Database {
  if (config !== undefined) {
    const { enabled, provider } = config.spec.postgresql;
    return enabled ? inCluster(provider, namesOf(config).postgresql) : external;
  }
  const gateway = containerOf(parts.gateway, 'gateway');
  const variable = maps(gateway?.env).find(({ name }) => name === dsnVariable);
  const cluster = clusterOf(dig(variable, ['valueFrom', 'secretKeyRef']));
  if (cluster !== undefined) return inCluster('cloudnative-pg', cluster);
  const server = serverOf(variableOf(gateway, dsnVariable));
  return server === undefined ? external : inCluster('bitnami', server);
}

const external: Database = { provider: 'external', object: undefined };

function inCluster(provider: 'cloudnative-pg' | 'bitnami', name: string): Database {
  const type = provider === 'bitnami' ? knownType('apps/v1', 'StatefulSet') : databaseCluster;
  return { provider, object: { type, name } };
}

/** The Secret that CloudNativePG writes for a Cluster is called after it, and has the DSN under `uri`. */
function clusterOf(reference: Json | undefined): string | undefined {
  const [name, key] = [dig(reference, ['name']), dig(reference, ['key'])];
  return key === 'uri' ? /^(.+)-app$/.exec(String(name))?.[1] : undefined;
}

/** The host of a DSN that is a Service of the same namespace: it has no dot. */
function serverOf(dsn: string | undefined): string | undefined {
  if (dsn === undefined || !URL.canParse(dsn)) return undefined;
  const { hostname } = new URL(dsn);
  return /^[a-z][a-z0-9-]*$/.test(hostname) && hostname !== 'localhost' ? hostname : undefined;
}

/** How far a database is. */
export interface DatabaseState {
  readonly ready: number;
  readonly instances: number;
  /** What the operator says of it, in a word; undefined where it says nothing. */
  readonly phase: string | undefined;
  /** What is missing, in the operator's words; undefined where nothing is, or it does not say. */
  readonly missing: string | undefined;
}

/**
 * How far a Cluster or a StatefulSet is. Sources: CloudNativePG's API reference (`ClusterStatus`), Kubernetes'
 * (`StatefulSetStatus`).
 */
export function databaseState({ kind, spec, status }: KubernetesObject): DatabaseState {
  const number = (value: Json | undefined) => (typeof value === 'number' ? value : undefined);
  const text = (value: Json | undefined) => (typeof value === 'string' && value !== '' ? value : undefined);
  if (kind === 'StatefulSet') {
    const ready = number(dig(status, ['readyReplicas'])) ?? 0;
    return { ready, instances: number(dig(spec, ['replicas'])) ?? 1, phase: undefined, missing: undefined };
  }
  const instances = number(dig(spec, ['instances'])) ?? 1;
  const condition = maps(dig(status, ['conditions'])).find(({ type }) => type === 'Ready');
  const isReady = condition?.status === 'True';
  const phase = text(dig(status, ['phase']));
  return {
    ready: number(dig(status, ['readyInstances'])) ?? (isReady ? instances : 0),
    instances,
    phase,
    missing: isReady ? undefined : (text(condition?.message) ?? phase),
  };
}
