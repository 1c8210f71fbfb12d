import { appSecretPaths } from '../config/app-secrets.ts';
import type { Config } from '../config/schema/resource.ts';
import { configFileKey } from '../config/secret-keys.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { metadataOf, namesOf } from './names.ts';
import type { Texts } from './texts.ts';

/** The addresses that the program listens on when its configuration file names none. */
const programDefaults = { listen_addr: ':8081', observe_addr: ':9090' };

/**
 * Where the program's configuration file stands: in the ConfigMap, in the deployment's Secret (where it
 * holds secrets), or in a Secret of the operator's own.
 */
export function appConfigIn(config: Config): 'config-map' | 'secret' | 'own-secret' {
  if (config.spec.secrets.configSecret !== undefined) return 'own-secret';
  return appSecretPaths(config).length === 0 ? 'config-map' : 'secret';
}

/**
 * The text of the program's configuration file: what the resource says, keys in alphabetical order, and the
 * listen addresses where the ports are not the program's own defaults.
 */
export function appConfigText(config: Config): string {
  const { gateway, config: file } = config.spec;
  const addresses = {
    listen_addr: `:${gateway.ports.admin}`,
    observe_addr: `:${gateway.ports.observe}`,
  };
  const server: JsonObject = { ...file.server } as JsonObject;
  for (const key of ['listen_addr', 'observe_addr'] as const) {
    if (server[key] === undefined && addresses[key] !== programDefaults[key]) server[key] = addresses[key];
  }
  const complete = { ...file, ...(Object.keys(server).length === 0 ? {} : { server }) } as JsonObject;
  return writeYaml(complete, { keyOrder: [] });
}

/** The ConfigMap with the program's configuration file, unless that is a Secret. */
export function configMap(config: Config, texts: Texts): KubernetesObject[] {
  if (appConfigIn(config) !== 'config-map') return [];
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadataOf(config, namesOf(config).config),
      data: { [configFileKey]: texts.config },
    },
  ];
}
