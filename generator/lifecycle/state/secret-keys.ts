/** Which keys a Secret has, and, for this machine's files alone, their values. */
import { isUtf8 } from 'node:buffer';
import { isObject } from '../../model/json.ts';
import type { Client } from '../api/client.ts';
import { apiPath, knownType } from '../api/resources.ts';

/** The keys of a Secret, whose values are dropped as they arrive; undefined where there is none. Throws an ApiError where it may not be read. */
export async function secretKeys(
  client: Client,
  namespace: string,
  name: string,
): Promise<string[] | undefined> {
  const secret = await client.get(apiPath(knownType('v1', 'Secret'), namespace, name));
  if (secret === undefined) return undefined;
  return isObject(secret.data) ? Object.keys(secret.data) : [];
}

/** The values of a Secret that are text, by their keys; none where there is no Secret. Throws an ApiError where it may not be read. */
export async function secretValues(
  client: Client,
  namespace: string,
  name: string,
): Promise<ReadonlyMap<string, string>> {
  const secret = await client.get(apiPath(knownType('v1', 'Secret'), namespace, name));
  const data = isObject(secret?.data) ? secret.data : {};
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(data)) {
    const bytes = Buffer.from(String(value), 'base64');
    if (isUtf8(bytes)) values.set(key, bytes.toString('utf8'));
  }
  return values;
}
