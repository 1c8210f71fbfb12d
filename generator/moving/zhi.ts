/**
 * Makes a resource of the store of a zhi workspace: slash paths with values, as JSON or YAML. Its values are those of the chart
 * under other names, so they are brought into the chart's form.
 */
import { providerKinds } from '../config/providers.ts';
import { failure } from '../model/finding.ts';
import { isObject, type Json, type JsonObject, type Path, setKey } from '../model/json.ts';
import { parseYaml } from '../model/yaml.ts';
import { type Converted, convertChart } from './chart-values.ts';
import type { Aim } from './draft.ts';
import { Places, type Values } from './places.ts';

/** What is known of a workspace besides its store. */
export interface Workspace {
  /** Which components are on, by name, as the workspace keeps it. @default what the store lets expect */
  readonly components?: { readonly [name: string]: boolean } | undefined;
  readonly environment: string;
  readonly release?: string | undefined;
  readonly namespace?: string | undefined;
  /** The image to run instead of the one in the store. */
  readonly image?: string | undefined;
}

/** How a value of the store becomes one of the chart. */
type Reading = 'text' | 'flag' | 'yaml' | 'names' | 'gpu' | 'number';

const workload = (zhi: string, helm: string): [string, string, Reading][] => [
  [`${zhi}/replica-count`, `${helm}.replicaCount`, 'number'],
  ...['requests', 'limits'].flatMap((side) =>
    ['cpu', 'memory'].map((of): [string, string, Reading] => [
      `${zhi}/${side}/${of}`,
      `${helm}.resources.${side}.${of}`,
      'text',
    ]),
  ),
  ...placement(zhi, helm),
];

const placement = (zhi: string, helm: string): [string, string, Reading][] => [
  [`${zhi}/node-selector`, `${helm}.nodeSelector`, 'yaml'],
  [`${zhi}/tolerations`, `${helm}.tolerations`, 'yaml'],
];

/** Every value of the workspace that the chart has too. */
export const zhiTable: readonly (readonly [zhi: string, helm: string, as: Reading])[] = [
  ['core/topology', 'topology', 'text'],
  ['core/image-repository', 'image.repository', 'text'],
  ['core/image-tag', 'image.tag', 'text'],
  ['core/image-pull-policy', 'image.pullPolicy', 'text'],
  ['core/image-pull-secrets', 'imagePullSecrets', 'names'],
  ...workload('gateway', 'gateway'),
  ['gateway/admin-key', 'gateway.adminKey', 'text'],
  ['gateway/pod-anti-affinity', 'gateway.podAntiAffinity.enabled', 'flag'],
  ['gateway/service-account-create', 'gateway.serviceAccount.create', 'flag'],
  ['gateway/service-account-name', 'gateway.serviceAccount.name', 'text'],
  ['gateway/service-account-annotations', 'gateway.serviceAccount.annotations', 'yaml'],
  ['worker/resource-profile', 'worker.resourceProfile', 'text'],
  ...placement('worker', 'worker'),
  ['worker/gpu-enabled', 'worker.gpu', 'gpu'],
  ...workload('mcp-gateway', 'mcpGateway'),
  ['database/dsn', 'database.dsn', 'text'],
  ['autoscaling/min-replicas', 'autoscaling.minReplicas', 'number'],
  ['autoscaling/max-replicas', 'autoscaling.maxReplicas', 'number'],
  ['autoscaling/target-cpu', 'autoscaling.targetCPUUtilizationPercentage', 'number'],
  ['postgresql/postgres-password', 'postgresql.auth.postgresPassword', 'text'],
  ['postgresql/database', 'postgresql.auth.database', 'text'],
  ['postgresql/persistence-size', 'postgresql.primary.persistence.size', 'text'],
  ['config/server/log-level', 'config.data.server.log_level', 'text'],
  ['config/memory/embedding-dimensions', 'config.data.memory.embedding_dimensions', 'number'],
  ['config/campaign/name', 'config.data.campaign.name', 'text'],
  ['config/campaign/system', 'config.data.campaign.system', 'text'],
  ['config/transcript/llm-correction', 'config.data.transcript.llm_correction', 'flag'],
  ['config/mcp-servers', 'config.data.mcp.servers', 'yaml'],
  ...providerKinds.flatMap((kind): [string, string, Reading][] => [
    [`config/providers/${kind}/name`, `config.data.providers.${kind}.name`, 'text'],
    [`config/providers/${kind}/api-key`, `config.data.providers.${kind}.api_key`, 'text'],
    [`config/providers/${kind}/base-url`, `config.data.providers.${kind}.base_url`, 'text'],
    [`config/providers/${kind}/model`, `config.data.providers.${kind}.model`, 'text'],
    [`config/providers/${kind}/options`, `config.data.providers.${kind}.options`, 'yaml'],
  ]),
];

/** Values of the resource that the chart has not. */
const ownValues: readonly (readonly [zhi: string, to: Path])[] = [
  ['core/run-as-user', ['spec', 'core', 'runAsUser']],
  ['core/run-as-group', ['spec', 'core', 'runAsGroup']],
  ['core/fs-group', ['spec', 'core', 'fsGroup']],
];

/** Every value of the workspace that the chart has not, and where it goes. */
export const zhiOwn: readonly (readonly [zhi: string, to: Path])[] = [
  ['core/release-name', ['metadata', 'name']],
  ['core/namespace', ['metadata', 'namespace']],
  ...ownValues,
];

/** Components that can be off, and the value of the chart that says the same. */
const components = {
  'mcp-gateway': 'mcpGateway.enabled',
  'network-policy': 'networkPolicy.enabled',
  autoscaling: 'autoscaling.enabled',
  postgresql: 'postgresql.enabled',
} as const;

/** Every path of the store that is known. */
export const zhiPaths: readonly string[] = [...zhiTable.map(([zhi]) => zhi), ...zhiOwn.map(([zhi]) => zhi)];

interface Entry {
  readonly value: Json;
  /** Where it stands in the store. */
  readonly from: Path;
}

/**
 * Makes a resource of a store.
 *
 * @throws Failure where it is no store of this workspace
 */
export function convertZhi(store: Values, workspace: Workspace): Converted {
  const entries = entriesOf(store.value);
  if (![...entries.keys()].some((path) => zhiPaths.includes(path)))
    throw failure(
      'not-a-store',
      'no path of the Glyphoxa workspace of zhi is in this file',
      'name the file of its store, such as .zhi/store/NAME.json',
    );
  const release = text(entries, 'core/release-name') ?? 'glyphoxa';
  const aim: Aim = {
    release: workspace.release ?? release,
    namespace: workspace.namespace ?? text(entries, 'core/namespace') ?? 'glyphoxa',
    environment: workspace.environment,
  };
  const chart = new ChartForm(store.places);
  const wrong: Path[] = [];
  for (const [zhi, helm, as] of zhiTable) {
    const entry = entries.get(zhi);
    if (entry === undefined) continue;
    const value = read(entry.value, as);
    if (value === undefined) wrong.push(entry.from);
    else if (value !== '') chart.set(helm.split('.'), value, entry.from, zhi);
  }
  withoutNameless(chart.value);
  const assumed = setComponents(chart, workspace.components, entries);
  const { value, places, nameOf } = chart;
  const converted = convertChart({ value, places, nameOf }, aim, { image: workspace.image });
  const { draft } = converted;
  for (const from of wrong)
    draft.tellAt(
      store.places.at(from),
      'not-yaml',
      'this text is no YAML of the kind that is meant',
      'write it as in a pod',
      'error',
    );
  for (const [path, { from }] of entries)
    if (!zhiPaths.includes(path))
      draft.tellAt(
        store.places.at(from),
        'unknown-value',
        `${path} is no value of the workspace`,
        'it was left out',
      );
  for (const [zhi, to] of ownValues) {
    const entry = entries.get(zhi);
    if (entry !== undefined) draft.set(to.slice(1), read(entry.value, 'number') ?? entry.value, []);
  }
  if (assumed !== undefined)
    draft.tellAt(
      store.places.at([]),
      'assumed',
      `the store does not say which components are on; ${assumed}`,
      'say it with --components, which takes the file of the workspace that does',
    );
  return { ...converted, secrets: converted.secrets.map((secret) => elsewhere(secret, aim)) };
}

/**
 * The file in which a workspace keeps which components are on.
 *
 * @throws Failure where it is no map of names and true or false
 */
export function readComponents({ value }: Values): { [name: string]: boolean } {
  const names = Object.entries(value);
  if (names.length > 0 && names.every(([, isOn]) => typeof isOn === 'boolean'))
    return value as { [name: string]: boolean };
  throw failure(
    'not-components',
    'this file does not say which components are on',
    'it is a map of their names and true or false',
  );
}

/** zhi keeps the admin key in a Secret of its own, and the DSN in the pods. */
function elsewhere(secret: Converted['secrets'][number], { release }: Aim): Converted['secrets'][number] {
  if (secret.key !== 'admin-key') return secret;
  const to = ['gateway', 'adminKey'];
  return { ...secret, kept: { to, reference: { name: `${release}-admin-key`, key: 'admin-key' } } };
}

/** The values of a store: by slash paths, or by maps inside each other; each bare, or with metadata beside it. */
function entriesOf(store: JsonObject): Map<string, Entry> {
  const found = new Map<string, Entry>();
  const visit = (value: Json, path: string, from: Path): void => {
    const bare = isObject(value) ? (own(value, 'value') ?? own(value, 'val')) : value;
    const isLeaf =
      !isObject(value) || (bare !== undefined && Object.keys(value).every((key) => leafKeys.includes(key)));
    if (isLeaf || zhiPaths.includes(path)) found.set(path, { value: isLeaf ? (bare ?? null) : value, from });
    else
      for (const [key, item] of Object.entries(value))
        visit(item, path === '' ? key : `${path}/${key}`, [...from, key]);
  };
  visit(store, '', []);
  return found;
}

const leafKeys = ['value', 'val', 'metadata', 'version'];

function own(value: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}

function text(entries: ReadonlyMap<string, Entry>, path: string): string | undefined {
  const value = entries.get(path)?.value;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A value as the chart has it; an empty text where nothing is set, undefined where it cannot be read. */
function read(value: Json, as: Reading): Json | undefined {
  if (value === null || value === '') return '';
  switch (as) {
    case 'flag':
      return value === true || value === 'true';
    case 'gpu':
      return value === true || value === 'true' ? '' : null;
    case 'number':
      return typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
    case 'names':
      return typeof value === 'string'
        ? value.split(',').flatMap((name) => (name.trim() === '' ? [] : [{ name: name.trim() }]))
        : value;
    case 'yaml':
      return typeof value === 'string' ? parsed(value) : value;
    default:
      return value;
  }
}

function parsed(yaml: string): Json | undefined {
  try {
    const [value = '', ...more] = parseYaml(yaml);
    return more.length === 0 && typeof value === 'object' ? value : undefined;
  } catch {
    // the message would quote the text
    return undefined;
  }
}

/** Of a provider without a name zhi writes nothing. */
function withoutNameless({ config }: JsonObject): void {
  const data = isObject(config) ? config.data : undefined;
  const providers = isObject(data) ? data.providers : undefined;
  if (!isObject(providers) || !isObject(data)) return;
  for (const [kind, provider] of Object.entries(providers))
    if (isObject(provider) && provider.name === undefined) delete providers[kind];
  if (Object.keys(providers).length === 0) delete data.providers;
}

/**
 * Says which components are on.
 *
 * @returns what was assumed, in words
 */
function setComponents(
  chart: ChartForm,
  known: Workspace['components'],
  entries: ReadonlyMap<string, Entry>,
): string | undefined {
  const hasDatabase =
    text(entries, 'database/dsn') === undefined &&
    text(entries, 'postgresql/postgres-password') !== undefined;
  const expected = {
    'mcp-gateway': true,
    'network-policy': true,
    autoscaling: false,
    postgresql: hasDatabase,
  };
  for (const [name, helm] of Object.entries(components)) {
    const isOn = known === undefined ? expected[name as keyof typeof expected] : known[name] === true;
    chart.set(helm.split('.'), isOn, [], name);
  }
  if (known !== undefined) return undefined;
  const on = Object.keys(expected).filter((name) => expected[name as keyof typeof expected]);
  return `taken to be on: ${on.join(', ')}`;
}

/** Values in the form of the chart, that know what they are called in the store. */
class ChartForm {
  readonly value: JsonObject = {};
  readonly places = new Places();
  readonly #names = new Map<string, string>();
  readonly #store: Places;

  constructor(store: Places) {
    this.#store = store;
    const start = store.at([]);
    if (start !== undefined) this.places.set([], start);
  }

  set(path: Path, value: Json, from: Path, name: string): void {
    let at = this.value;
    for (const part of path.slice(0, -1)) {
      const key = String(part);
      if (!isObject(at[key])) setKey(at, key, {});
      at = at[key] as JsonObject;
    }
    setKey(at, String(path.at(-1)), value);
    const position = this.#store.at(from);
    if (position !== undefined) this.places.set(path, position);
    this.#names.set(path.join('.'), name);
  }

  /** The name that a value of the chart has in the store. */
  readonly nameOf = (path: Path): string => {
    for (let length = path.length; length > 0; length -= 1) {
      const name = this.#names.get(path.slice(0, length).join('.'));
      if (name !== undefined) return name;
    }
    return path.join('.');
  };
}
