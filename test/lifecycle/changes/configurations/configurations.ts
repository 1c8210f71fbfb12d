/** Configurations that together set every option of the resource to something else than its default. */
import { loadConfig } from '../../../../generator/config/load.ts';
import type { Config } from '../../../../generator/config/schema/resource.ts';
import { formatFinding, hasErrors } from '../../../../generator/model/finding.ts';
import { isObject, type JsonObject } from '../../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../../generator/model/object.ts';
import { generate } from '../../../../generator/objects/generate.ts';
import {
  postgresql,
  postgresqlOperator,
  sealedSecretsController,
} from '../../../../generator/objects/infrastructure.ts';
import { resolvedSecrets } from '../../../support/configs.ts';
import { aspects } from './aspects.ts';

/** How many configurations there are. */
const count = 48;

/** A configuration, and what it was made of. */
export interface Configuration {
  readonly resource: JsonObject;
  readonly config: Config;
  /** The choice of each aspect. */
  readonly name: string;
}

/**
 * The configurations, each for a namespace of its own.
 *
 * @param prefix what the namespaces' names begin with
 */
export function configurations(prefix: string): Configuration[] {
  return Array.from({ length: count }, (_, index) => {
    const chosen = Object.entries(aspects).map(([aspect, choices], place) => {
      const entries = Object.entries(choices);
      // Choices meet in ever other company, since they move on at different times.
      const turn = (index + Math.floor(index / entries.length) * place) % entries.length;
      const [choice, part] = entries[turn] as [string, JsonObject];
      return { name: `${aspect}: ${choice}`, part };
    });
    const start = {
      apiVersion: 'deploy.glyphoxa.io/v1alpha1',
      kind: 'Glyphoxa',
      metadata: { name: 'tavern', namespace: `${prefix}-${index}` },
    };
    const resource = chosen.reduce<JsonObject>((all, { part }) => merge(all, part), start);
    const name = `${index} (${chosen.map((choice) => choice.name).join(', ')})`;
    return { resource, config: configOf(resource, name), name };
  });
}

/** All objects of a configuration but those that Helm charts bring. */
export function allObjects(config: Config): KubernetesObject[] {
  const { spec } = config;
  const parts = [
    ...(spec.postgresql.enabled ? [postgresql(config)] : []),
    ...(spec.postgresql.enabled && spec.postgresql.provider === 'cloudnative-pg'
      ? [postgresqlOperator(config)]
      : []),
    ...(spec.sealedSecrets.enabled ? [sealedSecretsController(config)] : []),
  ];
  return [...parts.flatMap(({ objects }) => objects), ...generate(config, resolvedSecrets(config))];
}

/** A complete configuration; throws where the resource has an error. */
export function configOf(resource: JsonObject, name = ''): Config {
  const { config, findings } = loadConfig({ value: resource, findings: [] });
  if (config === undefined || hasErrors(findings))
    throw new Error(`configuration ${name}:\n${findings.map(formatFinding).join('\n')}`);
  return config;
}

/** Lays one object over another, key by key; lists are replaced. */
function merge(a: JsonObject, b: JsonObject): JsonObject {
  const merged = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = merged[key];
    merged[key] = isObject(before) && isObject(value) ? merge(before, value) : value;
  }
  return merged;
}
