/** The database of a release, as far as it can be seen from here. */
import { given } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import type { Client } from '../../api/client.ts';
import { apiPath } from '../../api/resources.ts';
import { type Database, databaseState } from '../../state/database.ts';

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

/** How a database is whose object was read; undefined where it is not there. */
export function databaseStatus(
  provider: Database['provider'],
  name: string,
  live: KubernetesObject | undefined,
): DatabaseStatus {
  if (live === undefined) return { provider, name, isThere: false, ready: 0 };
  const { ready, instances, phase } = databaseState(live);
  return { provider, name, isThere: true, ready, instances, ...given({ phase }) };
}

/** Whether the release can use it: an external one counts as ready, since nothing is known of it. */
export function isDatabaseReady({ name, ready = 0 }: DatabaseStatus): boolean {
  return name === undefined || ready > 0;
}
