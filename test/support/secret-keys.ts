/** The keys of the deployment's Secret, for tests that give all of them. */
import { loadConfig } from '../../generator/config/load.ts';
import { type SecretKey, secretKeys } from '../../generator/config/secret-keys.ts';
import { isObject, type JsonObject } from '../../generator/model/json.ts';

const { config } = loadConfig({
  value: { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa', metadata: { name: 'g' } },
  findings: [],
});

/** Every key that has a value in the resource. */
export const keyTable: readonly SecretKey[] = config === undefined ? [] : secretKeys(config);

/**
 * Puts a source of every secret where the resource has it.
 *
 * @param resource is changed
 * @param source of a key and its place in the table; undefined for none
 */
export function putSecrets<T extends JsonObject>(
  resource: T,
  source: (key: string, place: number) => JsonObject | undefined,
): T {
  for (const [place, { key, path }] of keyTable.entries()) {
    const given = source(key, place);
    if (given === undefined) continue;
    let at: JsonObject = resource;
    for (const part of path.slice(0, -1)) {
      const section = isObject(at[part]) ? at[part] : {};
      at[part] = section;
      at = section;
    }
    at[path.at(-1) as string] = given;
  }
  return resource;
}
