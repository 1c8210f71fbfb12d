/**
 * Random configurations that are valid by construction: every section of the resource varies, in the resource
 * and in an environment over it. A configuration is drawn as independent genes, and `compose` makes a
 * consistent resource of them; an environment redraws some of the genes, and its layer is the difference.
 */
import * as fc from 'fast-check';
import { keyPlace, type ProviderKind } from '../../generator/config/providers.ts';
import { type Config, resourceSchema } from '../../generator/config/schema/resource.ts';
import { secretKeys } from '../../generator/config/secret-keys.ts';
import { equal, isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { type Genes, genes, type SourceName } from './config-genes.ts';
import { putSecrets } from './secret-keys.ts';

/** A resource that validates without errors. */
export function arbitraryResource(): fc.Arbitrary<JsonObject> {
  return fc.record(genes).map((drawn) => remember(compose(drawn), drawn));
}

/**
 * An environment's layer over a resource; together they validate without errors.
 *
 * @param resource one that `arbitraryResource` made
 */
export function arbitraryEnvironment(resource: JsonObject): fc.Arbitrary<JsonObject> {
  const before = drawnFor.get(resource);
  const names = Object.keys(genes) as (keyof Genes)[];
  const redrawn = fc.oneof(
    { weight: 4, arbitrary: fc.subarray(names, { maxLength: 5 }) },
    { weight: 1, arbitrary: fc.subarray(names) },
  );
  return fc.tuple(fc.record(genes), redrawn, fc.subarray(sectionNames)).map(([fresh, changed, repeated]) => {
    const drawn: Genes = { ...(before ?? fresh), name: (resource.metadata as JsonObject).name as string };
    for (const name of changed) {
      if (name !== 'name') Object.assign(drawn, { [name]: fresh[name] });
    }
    return difference(resource, compose(drawn), repeated);
  });
}

/** A resource and a layer over it. */
export function arbitraryLayers(): fc.Arbitrary<{ resource: JsonObject; environment: JsonObject }> {
  return arbitraryResource().chain((resource) =>
    arbitraryEnvironment(resource).map((environment) => ({ resource, environment })),
  );
}

/** Values for the keys of the Secret that a configuration takes from variables and files. */
export function resolvedSecrets(config: Config): Map<string, string> {
  const secrets = new Map<string, string>();
  if (config.spec.secrets.provider !== 'kubernetes') return secrets;
  for (const { key, value } of secretKeys(config)) {
    if (value === undefined || value.secretKeyRef !== undefined) continue;
    const text = key === 'database-dsn' ? `postgres://db:${config.spec.database.port}/x` : `secret of ${key}`;
    secrets.set(key, value.value ?? text);
  }
  return secrets;
}

/** What was drawn for a resource, so that an environment can redraw a part of it. */
const drawnFor = new WeakMap<JsonObject, Genes>();

function remember(resource: JsonObject, drawn: Genes): JsonObject {
  drawnFor.set(resource, drawn);
  return resource;
}

/** The sections that a layer may repeat; the program's file is all values. */
const sectionNames = Object.keys(resourceSchema.properties.spec.properties).filter(
  (name) => name !== 'config',
);

/** A consistent resource of genes that know nothing of each other. */
function compose(drawn: Genes): JsonObject {
  const secrets = composeSecrets(drawn);
  const portsOf = composePorts(drawn);
  const { addr, enabled } = drawn.vault;
  const vault = {
    ...drawn.vault,
    ...(enabled === true && addr === undefined ? { addr: 'https://vault.example.com' } : {}),
  };
  const resource = pruned({
    apiVersion: 'deploy.glyphoxa.io/v1alpha1',
    kind: 'Glyphoxa',
    metadata: { name: drawn.name, namespace: drawn.namespace, ...drawn.metadata },
    spec: {
      // A gene with a section's name is that section, unless it is made of several below.
      ...Object.fromEntries(sectionNames.map((name) => [name, (drawn as { [gene: string]: unknown })[name]])),
      core: {
        environment: drawn.environment,
        topology: drawn.topology,
        tierScheduling: drawn.tierScheduling,
        createNamespace: drawn.createNamespace,
        image: drawn.image,
        proxy: drawn.proxy,
        imagePullSecrets: drawn.pullSecrets,
        ...drawn.users,
      },
      gateway: {
        ...drawn.gateway,
        ports: portsOf.gateway,
        podPatch: drawn.gatewayPatch,
      },
      worker: { ...drawn.worker, ports: portsOf.worker, podPatch: drawn.workerPatch },
      mcpGateway: { ...drawn.mcpGateway, ports: portsOf.mcpGateway, podPatch: drawn.mcpGatewayPatch },
      config: composeFile(drawn, secrets.mayBeInFile, portsOf.addresses),
      database: { port: drawn.databasePort },
      secrets: secrets.section,
      vault,
      postgresql:
        drawn.postgresql === undefined || drawn.postgresql.provider === 'bitnami'
          ? drawn.postgresql
          : { ...drawn.postgresql, ...drawn.aroundCluster },
    },
  });
  return putSecrets(resource, secrets.sourceOf);
}

function composePorts({ ports: { numbers, defaultGrpc, written, addresses } }: Genes) {
  const [admin = 1, other = 2, observe = 3, mcp = 4] =
    written === 'none' ? [8081, 50051, 9090, 8080] : numbers;
  const grpc = defaultGrpc ? 50051 : other;
  const listen_addr = addresses === 'none' ? undefined : addresses === 'ipv6' ? `[::]:${admin}` : `:${admin}`;
  const observe_addr = addresses === 'both' ? `0.0.0.0:${observe}` : undefined;
  const [gateway, worker, mcpGateway] = [{ admin, grpc, observe }, { observe }, { mcp, observe }];
  if (written === 'none') return { addresses: { listen_addr, observe_addr } };
  return { gateway, worker, mcpGateway, addresses: { listen_addr, observe_addr } };
}

/** A ciphertext that nobody can open. */
const sealed = (key: string) => Buffer.from(`sealed ${key} `.repeat(4)).toString('base64');

function composeSecrets(drawn: Genes) {
  const provider = drawn.secretProvider ?? 'existing';
  const configSecret = drawn.configSecret === undefined ? undefined : { name: drawn.configSecret };
  const keys: { [key: string]: SourceName } = { ...drawn.secretSources };
  for (const key of drawn.providerKeys.keys) keys[key] = drawn.providerKeys.source;
  const inFile = configSecret === undefined ? keysInFile(drawn) : [];
  for (const name of inFile) keys[`${name}-api-key`] = 'fromEnv';
  const mayLack = drawn.environment === 'development' && drawn.secretProvider !== undefined;
  if (!mayLack && keys['admin-key'] === 'none') keys['admin-key'] = 'fromEnv';
  if (drawn.postgresql?.enabled !== true && keys['database-dsn'] === 'none')
    keys['database-dsn'] = 'fromFile';
  const made = Object.keys(keys).filter((key) => keys[key] !== 'none' && keys[key] !== 'secretKeyRef');
  const mayBeInFile =
    drawn.secretsInFile &&
    (configSecret !== undefined || ['kubernetes', 'sealed-secrets'].includes(provider));
  const literal = provider === 'kubernetes' || provider === 'sealed-secrets';
  const { property, refreshInterval, kind } = drawn.external;
  const inSealed = [...made, ...(drawn.secretsInFile || inFile.length > 0 ? ['config.yaml'] : [])];
  return {
    mayBeInFile,
    sourceOf: (key: string) => composeSource(key, keys[key] ?? 'none', literal),
    section: {
      provider: drawn.secretProvider,
      name: drawn.secretName,
      configSecret,
      publicOptions: mayBeInFile ? undefined : ['language', 'text', 'nested'],
      sealedScope: drawn.sealedScope,
      ...(provider === 'sealed-secrets'
        ? { sealed: Object.fromEntries(inSealed.map((key) => [key, sealed(key)])) }
        : {}),
      ...(provider === 'external-secrets'
        ? {
            external: {
              storeRef: { name: 'vault-store', kind },
              refreshInterval,
              keys: Object.fromEntries(
                made.map((key) => [
                  key,
                  { key: `glyphoxa/${key}`, ...(property === true ? { property: 'value' } : {}) },
                ]),
              ),
            },
          }
        : {}),
    },
  };
}

/** The providers whose keys the configuration file needs. */
function keysInFile({ providers }: Genes): string[] {
  return Object.entries(providers ?? {}).flatMap(([kind, provider]) => {
    const place = keyPlace(kind as ProviderKind, provider?.name as string | undefined);
    return place?.readFrom === 'file' ? [place.key] : [];
  });
}

function composeSource(key: string, name: SourceName, literal: boolean): JsonObject | undefined {
  if (name === 'secretKeyRef') return { secretKeyRef: { name: 'own-secret', key: 'a.b_c-D' } };
  if (name === 'none' || !literal) return undefined;
  if (name === 'fromEnv') return { fromEnv: key.toUpperCase().replaceAll('-', '_') };
  if (name === 'fromFile') return { fromFile: `secrets/${key}.txt` };
  return {
    value: key === 'database-dsn' ? 'postgres://u:p%40ss@db.example.com:6543/glyphoxa' : `it's "${key}"`,
  };
}

/** The program's configuration file: engines that have their providers, secrets only where it may hold them. */
function composeFile(drawn: Genes, secrets: boolean, addresses: { [key: string]: string | undefined }) {
  const providers: { [kind: string]: Json | undefined } = { ...drawn.providers } as JsonObject;
  const has = (kind: string) => providers[kind] !== undefined;
  const engines: { [engine: string]: boolean } = {
    cascaded: has('llm') && has('tts'),
    sentence_cascade: has('llm') && has('tts'),
    s2s: has('s2s'),
  };
  const helper = drawn.npcs?.findIndex(({ gm_helper }) => gm_helper === true);
  const npcs = drawn.npcs?.map(
    ({ engine, gm_helper, ...npc }, index): JsonObject => ({
      ...npc,
      ...(engine !== undefined && engines[engine as string] === true ? { engine } : {}),
      ...(gm_helper === undefined ? {} : { gm_helper: gm_helper === true && index === helper }),
    }),
  );
  const servers = drawn.mcpServers?.map((server): JsonObject => {
    if (!secrets) return server;
    return server.transport === 'stdio'
      ? { ...server, env: { TOKEN: "it's: secret", 'a b': 'yes' } }
      : {
          ...server,
          url: `${server.url}?key=it's`,
          auth: {
            oauth: { client_id: '0123', client_secret: 'yes', token_url: 'https://id.example.com:9443/t' },
          },
        };
  });
  if (secrets && isObject(providers.llm)) providers.llm = { ...providers.llm, api_key: '$(sk)-"literal"' };
  const server = { ...drawn.server, ...addresses };
  return {
    server,
    providers: drawn.providers === undefined ? undefined : providers,
    npcs,
    memory: drawn.memory,
    mcp: servers === undefined ? undefined : { servers },
    campaign: drawn.campaign,
    transcript: drawn.transcript,
  };
}

/** A copy without what is undefined; a section in which nothing is left goes too, at the top. */
function pruned(value: unknown): JsonObject {
  const copy = (part: unknown): Json => {
    if (Array.isArray(part)) return part.map(copy);
    if (!isObject(part)) return part as Json;
    const entries = Object.entries(part).filter(([, item]) => (item as unknown) !== undefined);
    return Object.fromEntries(entries.map(([key, item]) => [key, copy(item)]));
  };
  const resource = copy(value) as JsonObject;
  const spec = resource.spec as JsonObject;
  for (const [name, section] of Object.entries(spec)) {
    if (isObject(section) && Object.keys(section).length === 0) delete spec[name];
  }
  return resource;
}

const sourceKeys = ['value', 'fromEnv', 'fromFile', 'secretKeyRef'];

const isSecret = (value: JsonObject) =>
  Object.keys(value).length === 1 && sourceKeys.includes(Object.keys(value)[0] ?? '');

/**
 * The layer that makes one resource of another: a JSON merge patch, but that secrets are replaced whole, and that a pod
 * patch comes after the resource's.
 *
 * @param repeated sections of which the layer also says what does not change
 */
function difference(base: JsonObject, target: JsonObject, repeated: readonly string[]): JsonObject {
  const compare = (from: Json | undefined, to: Json, all: boolean): Json | undefined => {
    if (!isObject(to)) return !all && equal(from, to) ? undefined : to;
    if (!isObject(from)) return to;
    if (isSecret(to) || isSecret(from)) return equal(from, to) ? undefined : to;
    const layer: JsonObject = {};
    for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) layer[key] = null;
    for (const [key, item] of Object.entries(to)) {
      const isPatch = key === 'podPatch' && !equal(from[key], item);
      const changed = isPatch ? item : compare(from[key], item, all);
      if (changed !== undefined) layer[key] = changed;
    }
    return Object.keys(layer).length === 0 && !all ? undefined : layer;
  };
  const spec: JsonObject = {};
  const [before, after] = [base.spec as JsonObject, target.spec as JsonObject];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const changed =
      after[name] === undefined ? null : compare(before[name], after[name] as Json, repeated.includes(name));
    if (changed !== undefined) spec[name] = changed;
  }
  const metadata = compare(base.metadata, target.metadata as Json, false);
  return {
    apiVersion: 'deploy.glyphoxa.io/v1alpha1',
    kind: 'Glyphoxa',
    ...(metadata === undefined ? {} : { metadata }),
    ...(Object.keys(spec).length === 0 ? {} : { spec }),
  };
}
