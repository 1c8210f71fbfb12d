import { isObject, type Json, type Path } from '../model/json.ts';
import { childNode, type SchemaNode } from './schema/node.ts';
import { type Config, resourceSchema } from './schema/resource.ts';
import { placesInFile } from './secret-keys.ts';
import { type SecretPart, secretParts } from './secret-parts.ts';

/** The schema of the program's configuration file. */
export const appFileNode = childNode(
  childNode(resourceSchema as unknown as SchemaNode, 'spec') as SchemaNode,
  'config',
) as SchemaNode;

/** The secrets in the program's configuration file, with paths below `spec.config`. */
const known = new WeakMap<Config, readonly SecretPart[]>();

/** What is secret in the program's configuration file, a part for each value; paths are those of the resource. */
export function appSecrets(config: Config): readonly SecretPart[] {
  const found = known.get(config) ?? listSecrets(config);
  known.set(config, found);
  return found;
}

function listSecrets({ spec }: Config): SecretPart[] {
  const path: Path = ['spec', 'config'];
  const byPath = new Map<string, SecretPart>();
  for (const part of secretParts(spec.config as Json, appFileNode, spec.secrets.publicOptions, path)) {
    const id = JSON.stringify(part.path);
    if (!byPath.has(id)) byPath.set(id, part);
  }
  return [...byPath.values()];
}

/**
 * Where the program's configuration file stands: in the ConfigMap, in the deployment's Secret (where it holds
 * secrets, or keys that belong nowhere else), or in a Secret of the operator's own.
 */
export function appFilePlace(config: Config): 'config-map' | 'secret' | 'own-secret' {
  if (config.spec.secrets.configSecret !== undefined) return 'own-secret';
  return appSecrets(config).length + placesInFile(config.spec).length === 0 ? 'config-map' : 'secret';
}

/** Whether a value is a configuration file of the program, by its keys. */
export function isAppFile(value: Json): boolean {
  const names = isObject(value) ? Object.keys(value) : [];
  return names.length > 0 && names.every((name) => Object.hasOwn(appFileNode.properties ?? {}, name));
}
