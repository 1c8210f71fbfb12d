/** The program's configuration file: what of it stands in the resource, and what is secret in it. */
import { appFileNode } from '../config/app-secrets.ts';
import { keyPlace, providerKinds } from '../config/providers.ts';
import { secretParts } from '../config/secret-parts.ts';
import { clone, dig, isObject, type Json, type JsonObject } from '../model/json.ts';
import type { Draft, FoundSecret } from './draft.ts';

const from = ['config', 'data'];

/**
 * Moves the file into the resource. Keys of AI providers in it become keys of the Secret. A file with other secrets
 * becomes a key of the Secret as a whole.
 *
 * @param secrets takes the keys
 * @returns the file, where it is to be a key of the Secret
 */
export function keepConfig(
  draft: Draft,
  data: Json | undefined,
  secrets: FoundSecret[],
): JsonObject | undefined {
  if (data === undefined || data === null || data === '') return undefined;
  if (!isObject(data)) {
    draft.set(['config'], data, from);
    return undefined;
  }
  const config = clone(data);
  const lifted = liftKeys(config, secrets);
  const [first] = secretParts(config, appFileNode);
  if (first === undefined) {
    draft.set(['config'], config, from);
    secrets.push(...lifted);
    return undefined;
  }
  draft.tell(
    'file-is-secret',
    [...from, ...first.path],
    'the configuration file holds a secret, so it is a key of the Secret as a whole, config.yaml, and none of it stands in the resource',
    'if it is an option that holds no secret, name it in spec.secrets.publicOptions and write the file into spec.config',
  );
  return data;
}

/** Takes the keys of AI providers out of a file. One that contradicts another stays. */
function liftKeys(config: JsonObject, secrets: readonly FoundSecret[]): FoundSecret[] {
  const lifted: FoundSecret[] = [];
  for (const kind of providerKinds) {
    const provider = dig(config, ['providers', kind]);
    if (!isObject(provider) || typeof provider.api_key !== 'string' || provider.api_key === '') continue;
    const place = keyPlace(kind, typeof provider.name === 'string' ? provider.name : undefined);
    if (place === undefined) continue;
    const { api_key: value } = provider;
    const key = `${place.key}-api-key`;
    const other = [...secrets, ...lifted].find((each) => each.key === key);
    if (other !== undefined && other.value !== value) continue;
    delete provider.api_key;
    if (other === undefined)
      lifted.push({ key, value, from: [...from, 'providers', kind, 'api_key'], isInSecret: false });
  }
  return lifted;
}
