/** The database of a release, as far as it can be seen from here. */
import { dig, maps } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Client } from '../../api/client.ts';
import { apiPath } from '../../api/resources.ts';
import type { Database } from '../../state/database.ts';

/** How the database is. */
export interface DatabaseStatus {
  readonly provider: Database['provider'];
  /** The Cluster or StatefulSet; absent for an external database, which is not looked at. */
  readonly name?: string;
  readonly isThere?: boolean;
  readonly ready?: number;
  readonly instances?: number;
  /** What its operator says. */
  readonly phase?: string;
}

/** Reads the database's object; an external one is not looked at. */
export async function readDatabase(
  client: Client,
  namespace: string,
  { provider, object }: Database,
): Promise<DatabaseStatus> {
  if (object === undefined) return { provider };
  const live = await client.get(apiPath(object.type, namespace, object.name));
  return databaseStatus(provider, object.name, live);
}

/**
 * The state of a CloudNativePG Cluster or of a StatefulSet. Sources: CloudNativePG's API reference
 * (`ClusterStatus`), Kubernetes' (`StatefulSetStatus`).
 */
export function databaseStatus(
  provider: Database['provider'],
  name: string,
  live: KubernetesObject | undefined,
): DatabaseStatus {
  if (live === undefined) return { provider, name, isThere: false, ready: 0 };
  const { spec, status } = live;
  const of = { provider, name, isThere: true };
  if (provider === 'bitnami') {
    return {
      ...of,
      ready: number(dig(status, ['readyReplicas'])) ?? 0,
      instances: number(dig(spec, ['replicas'])) ?? 1,
    };
  }
  const instances = number(dig(spec, ['instances'])) ?? 1;
  const isReady = maps(dig(status, ['conditions'])).some(
    (condition) => condition.type === 'Ready' && condition.status === 'True',
  );
  const phase = dig(status, ['phase']);
  return {
    ...of,
    ready: number(dig(status, ['readyInstances'])) ?? (isReady ? instances : 0),
    instances,
    ...(typeof phase === 'string' ? { phase } : {}),
  };
}

/** Whether the release can use it: an external one counts as ready, since nothing is known of it. */
export function isDatabaseReady({ name, ready = 0 }: DatabaseStatus): boolean {
  return name === undefined || ready > 0;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
