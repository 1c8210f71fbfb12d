/** The program's configuration file: what is in it, where it lies, and how pods get it. */
import { appFilePlace } from '../config/app-secrets.ts';
import type { Config } from '../config/schema/resource.ts';
import { configFileKey, placesInFile } from '../config/secret-keys.ts';
import { fingerprint } from '../model/fingerprint.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { metadataOf, namesOf } from './names.ts';

/** The addresses that the program listens on when its configuration file names none. */
const programDefaults = { listen_addr: ':8081', observe_addr: ':9090' };

/** Everything about the file that objects, tree and commands ask; worked out once for a configuration. */
export interface AppFile {
  readonly place: ReturnType<typeof appFilePlace>;
  /** The name of the ConfigMap or Secret that it lies in, under the key `config.yaml`. */
  readonly name: string;
  /** The keys of the Secret whose values stand in it. */
  readonly keys: readonly string[];
  /** Its text, with these values of keys; one that is not among them is left out. */
  readonly text: (values: ReadonlyMap<string, string>) => string;
  /** Its text as a Go template of the External Secrets operator, which has the values. */
  readonly template: () => string;
  /**
   * The annotation that rolls pods when it changes. None where it is a Secret: a hash of a secret could be
   * guessed from, so such a file is rolled by a restart.
   */
  readonly checksum: { readonly [annotation: string]: string };
  /** The volume that it is mounted from. */
  readonly volume: JsonObject;
}

const known = new WeakMap<Config, AppFile>();

/** The configuration file of a deployment. */
export function appFile(config: Config): AppFile {
  const file = known.get(config) ?? describe(config);
  known.set(config, file);
  return file;
}

function describe(config: Config): AppFile {
  const { configSecret, name: secretName } = config.spec.secrets;
  const place = appFilePlace(config);
  const missing = placesInFile(config.spec).map(({ kind, key }) => ({ kind, key: `${key}-api-key` }));
  const name = configSecret?.name ?? (place === 'secret' ? secretName : namesOf(config).config);
  const items = [{ key: configFileKey, path: configFileKey }];
  const plain = once(() => write(config, {}));
  const text = (values: ReadonlyMap<string, string>) => {
    const given = missing.flatMap(({ kind, key }) => {
      const value = values.get(key);
      return value === undefined ? [] : [[kind, value] as const];
    });
    return given.length === 0 ? plain() : write(config, Object.fromEntries(given));
  };
  return {
    place,
    name,
    keys: [...new Set(missing.map(({ key }) => key))],
    text,
    template: () => templateOf(plain(), missing, (keys) => write(config, keys)),
    checksum: place === 'config-map' ? { 'checksum/config': fingerprint(plain()) } : {},
    volume: place === 'config-map' ? { configMap: { name } } : { secret: { secretName: name, items } },
  };
}

const once = <T>(make: () => T): (() => T) => {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/**
 * The text of the file: what the resource says, keys in alphabetical order, and the listen addresses where the
 * ports are not the program's own defaults.
 *
 * @param keys the API keys that belong into it, by the part of the voice pipeline
 */
function write(config: Config, keys: { readonly [kind: string]: string }): string {
  const { gateway, config: file } = config.spec;
  const addresses = {
    listen_addr: `:${gateway.ports.admin}`,
    observe_addr: `:${gateway.ports.observe}`,
  };
  const server: JsonObject = { ...file.server } as JsonObject;
  for (const key of ['listen_addr', 'observe_addr'] as const) {
    if (server[key] === undefined && addresses[key] !== programDefaults[key]) server[key] = addresses[key];
  }
  const providers = { ...file.providers } as { [kind: string]: JsonObject };
  for (const [kind, api_key] of Object.entries(keys)) providers[kind] = { ...providers[kind], api_key };
  const complete = {
    ...file,
    ...(Object.keys(server).length === 0 ? {} : { server }),
    ...(Object.keys(keys).length === 0 ? {} : { providers }),
  } as JsonObject;
  return writeYaml(complete, { keyOrder: [] });
}

/**
 * A Go template that makes the file. What the file itself has of `{{` is written as text; a value is written as
 * JSON, which is YAML too. Values stand behind `api_key: `, so that no brace of the text touches theirs.
 */
function templateOf(
  plain: string,
  missing: readonly { kind: string; key: string }[],
  fill: (keys: { [kind: string]: string }) => string,
): string {
  let mark = 'KEY';
  while (plain.includes(mark)) mark += 'X';
  const marks = missing.map(({ kind }) => [kind, `${mark}-${kind}`] as const);
  let template = fill(Object.fromEntries(marks)).replaceAll('{{', '{{ "{{" }}');
  for (const [index, [, text]] of marks.entries())
    template = template.replace(
      `api_key: ${text}\n`,
      `api_key: {{ index . "${missing[index]?.key}" | toJson }}\n`,
    );
  return template;
}

/** The ConfigMap with the file, unless that is a Secret. */
export function configMap(config: Config): KubernetesObject[] {
  const { place, name, text } = appFile(config);
  if (place !== 'config-map') return [];
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadataOf(config, name),
      data: { [configFileKey]: text(new Map()) },
    },
  ];
}
