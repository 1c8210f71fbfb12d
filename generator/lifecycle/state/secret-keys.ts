/** Which keys a Secret has. Its values are dropped as they arrive. */
import { isObject } from '../../model/json.ts';
import type { Client } from '../api/client.ts';
import { apiPath, knownType } from '../api/resources.ts';

/** The keys of a Secret; undefined where there is none. Throws an ApiError where it may not be read. */
export async function secretKeys(
  client: Client,
  namespace: string,
  name: string,
): Promise<string[] | undefined> {
  const secret = await client.get(apiPath(knownType('v1', 'Secret'), namespace, name));
  if (secret === undefined) return undefined;
  return isObject(secret.data) ? Object.keys(secret.data) : [];
}
