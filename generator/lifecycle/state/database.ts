/** Where the database of a target is. */
import { dig, type Json, maps } from '../../model/json.ts';
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
