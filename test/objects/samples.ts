/** Configurations that together use every optional part in every combination. */
import { loadConfig } from '../../generator/config/load.ts';
import type { Config } from '../../generator/config/schema/resource.ts';
import { formatFinding, hasErrors } from '../../generator/model/finding.ts';
import type { JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { generate } from '../../generator/objects/generate.ts';

/** A complete configuration from a `spec`; throws where it has an error. */
export function configOf(
  spec: JsonObject,
  metadata: JsonObject = { name: 'tavern', namespace: 'games' },
): Config {
  const value = { apiVersion: 'deploy.glyphoxa.io/v1alpha1', kind: 'Glyphoxa', metadata, spec };
  const { config, findings } = loadConfig({ value, findings: [] });
  if (config === undefined || hasErrors(findings)) throw new Error(findings.map(formatFinding).join('\n'));
  return config;
}

/** The objects of a `spec`. */
export function objectsOf(
  spec: JsonObject,
  secrets: ReadonlyMap<string, string> = new Map(),
): KubernetesObject[] {
  return generate(configOf(spec), secrets);
}

/** The one object of a kind and name. */
export function find(objects: readonly KubernetesObject[], kind: string, name: string): KubernetesObject {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name === name);
  if (found.length !== 1) throw new Error(`${found.length} objects ${kind}/${name}`);
  return found[0] as KubernetesObject;
}

const parts: { [name: string]: JsonObject } = {
  namespace: { core: { createNamespace: true } },
  tier: { core: { tierScheduling: true } },
  'no-mcp': { mcpGateway: { enabled: false } },
  'no-policies': { networkPolicy: { enabled: false } },
  autoscaling: { autoscaling: { enabled: true } },
  ingress: { ingress: { enabled: true, host: 'a.example.com', controllerNamespace: 'ingress' } },
  monitoring: { monitoring: { enabled: true } },
  vault: { vault: { enabled: true, addr: 'http://vault:8200' } },
};

const choices: { [name: string]: JsonObject }[] = [
  { shared: {}, dedicated: { core: { topology: 'dedicated' } } },
  {
    existing: {},
    kubernetes: {
      secrets: { provider: 'kubernetes', providerKeys: { openai: { fromEnv: 'OPENAI' } } },
      gateway: { adminKey: { fromEnv: 'ADMIN' } },
      database: { dsn: { fromEnv: 'DSN' } },
      vault: { token: { fromEnv: 'TOKEN' } },
    },
    sealed: {
      secrets: {
        provider: 'sealed-secrets',
        sealed: { 'admin-key': 'AgA=', 'database-dsn': 'AgB=', 'vault-token': 'AgC=' },
      },
    },
    external: {
      secrets: {
        provider: 'external-secrets',
        external: {
          storeRef: { name: 'store' },
          keys: {
            'admin-key': { key: 'a' },
            'database-dsn': { key: 'b', property: 'dsn' },
            'vault-token': { key: 'c' },
          },
        },
      },
    },
  },
  {
    'outside-database': {},
    cloudnative: { postgresql: { enabled: true } },
    bitnami: { postgresql: { enabled: true, provider: 'bitnami' } },
  },
  {
    cloud: {},
    whisper: { worker: { resourceProfile: 'whisper-native' } },
    gpu: { worker: { resourceProfile: 'local-llm', gpu: { requestResource: true } } },
  },
];

/** Secret values for the provider `kubernetes`. */
export const sampleSecrets = new Map([
  ['admin-key', 'admin'],
  ['database-dsn', 'postgres://db/x'],
  ['openai-api-key', 'sk'],
]);

/** Every combination of the optional parts, each with a name, with the choices taking turns. */
export function* combinations(): Generator<{ name: string; spec: JsonObject }> {
  const names = Object.keys(parts);
  for (let bits = 0; bits < 2 ** names.length; bits += 1) {
    const chosen = names.filter((_, index) => bits & (1 << index));
    const picks = choices.map((choice, index) => {
      const options = Object.keys(choice);
      return [options[Math.floor(bits / (index + 1)) % options.length] as string, choice] as const;
    });
    const specs = [...chosen.map((name) => parts[name]), ...picks.map(([option, choice]) => choice[option])];
    const name = [...chosen, ...picks.map(([option]) => option)].join(' ');
    yield { name, spec: specs.reduce<JsonObject>((all, part) => merge(all, part ?? {}), {}) };
  }
}

function merge(a: JsonObject, b: JsonObject): JsonObject {
  const merged = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = merged[key];
    const both = typeof before === 'object' && typeof value === 'object' && !Array.isArray(value);
    merged[key] = both ? merge(before as JsonObject, value as JsonObject) : value;
  }
  return merged;
}
