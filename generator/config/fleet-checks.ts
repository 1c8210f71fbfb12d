/** What is wrong with the file of a fleet, but for the values of the resource in it. */
import type { Finding } from '../model/finding.ts';
import { dig, isObject, type Json, type JsonObject, type Path } from '../model/json.ts';
import type { YamlSource } from '../model/yaml.ts';
import { toFinding } from './load.ts';
import { type FleetValue, fleetSchema } from './schema/fleet.ts';
import type { SchemaNode } from './schema/node.ts';
import { checkSchema } from './schema-check.ts';
import { isTenantId } from './tenant-id.ts';

type Add = (
  code: string,
  path: Path,
  message: string,
  hint: string,
  severity?: Finding['severity'],
  at?: 'key' | 'value',
) => void;

/** A finding inside of one tenant is about that tenant alone. */
export function aboutTenant(finding: Finding): Finding {
  const [section, id] = finding.path;
  return section === 'tenants' && typeof id === 'string' ? { ...finding, tenants: [id] } : finding;
}

/** Checks the file; gives what is right of it, and adds what is wrong to the findings. */
export function checkFleet(
  source: YamlSource,
  value: JsonObject,
  findings: Finding[],
  unchanged: readonly { readonly wave?: string }[],
): FleetValue {
  const add: Add = (code, path, message, hint, severity = 'error', at = 'value') =>
    findings.push(aboutTenant(toFinding({ code, severity, path, message, hint, at }, source)));
  const { clean, problems } = checkSchema(fleetSchema as unknown as SchemaNode, withoutSpecs(value), {
    layer: true,
    written: source.written,
  });
  for (const problem of problems) findings.push(aboutTenant(toFinding(problem, source)));
  const tenants = isObject(clean.tenants) ? clean.tenants : {};
  const fleet = { ...clean, tenants } as unknown as FleetValue;
  if (value.template === undefined || value.template === null)
    add('required', ['template'], 'this value is required', 'name an environment of overlays/ as template');
  checkWaves(fleet, unchanged, add);
  checkEngine(fleet, value, add);
  for (const id of Object.keys(isObject(value.tenants) ? value.tenants : {}))
    if (!isTenantId(id)) {
      const hint = 'use lower-case letters, digits and _, at most 63, the first a letter';
      add('tenant-id', ['tenants', id], 'this is no id of a tenant', hint, 'error', 'key');
    } else if (id.endsWith('_')) {
      const message = 'this id ends with _, and the value of a label may not, nor its namespace with -';
      add('tenant-id', ['tenants', id], message, 'take the last _ away', 'error', 'key');
    }
  for (const [path, { labels }] of settingsIn(fleet))
    for (const key of Object.keys(labels ?? {}))
      if (takenLabels.test(key)) {
        const message = `the label ${key} is set by this tool`;
        add('taken-label', [...path, 'labels', key], message, 'use a label of your own', 'error', 'key');
      }
  return fleet;
}

/** What an engine needs beside values of the right form. */
function checkEngine({ engine }: FleetValue, { engine: written }: JsonObject, add: Add): void {
  const { argocd, flux } = engine ?? {};
  if (argocd && flux) {
    const message = 'two engines would deploy the same objects';
    add('two-engines', ['engine'], message, 'keep one of argocd and flux', 'error', 'key');
  }
  const needed = [
    [['argocd'], 'repoURL', 'name the git repository as repoURL'],
    [['flux', 'registry'], 'url', 'name the repository of the registry as url'],
  ] as const;
  for (const [path, key, hint] of needed) {
    const section = dig(written, [...path]);
    if (!isObject(section) || (section[key] !== undefined && section[key] !== null)) continue;
    add('required', ['engine', ...path, key], 'this value is required', hint);
  }
  const shards = flux?.shards ?? [];
  for (const [index, shard] of shards.entries())
    if (shards.indexOf(shard) < index) {
      const path = ['engine', 'flux', 'shards', index];
      add('duplicate-shard', path, `the shard ${shard} stands here a second time`, 'remove one of the two');
    }
}

/** Labels that objects have anyway, and by which they are found. */
const takenLabels =
  /^(?:app\.kubernetes\.io\/(?:name|instance|component|part-of|managed-by)|glyphoxa\.io\/(?:tenant|tier|wave)|sharding\.fluxcd\.io\/key|(?:applyset|pod-security)\.kubernetes\.io\/.*)$/;

type Settings = {
  readonly wave?: string | null;
  readonly labels?: { readonly [key: string]: string } | null;
};

/** The defaults and all tenants, with their places in the file. */
function settingsIn({ defaults, tenants }: FleetValue): [Path, Settings][] {
  const own = Object.entries(tenants).map(([id, tenant]): [Path, Settings] => [
    ['tenants', id],
    tenant ?? {},
  ]);
  return [[['defaults'], defaults ?? {}], ...own];
}

function checkWaves(fleet: FleetValue, unchanged: readonly { readonly wave?: string }[], add: Add): void {
  const waves = fleet.waves ?? [];
  for (const [index, wave] of waves.entries())
    if (waves.indexOf(wave) < index)
      add(
        'duplicate-wave',
        ['waves', index],
        `the wave ${wave} stands here a second time`,
        'remove one of the two',
      );
  const used = new Set([...waves.slice(-1), ...unchanged.flatMap(({ wave }) => wave ?? [])]);
  for (const [path, { wave }] of settingsIn(fleet)) {
    if (typeof wave !== 'string') continue;
    used.add(wave);
    if (waves.includes(wave)) continue;
    const hint =
      waves.length === 0 ? 'list it in waves' : `use one of ${waves.join(', ')}, or add it to waves`;
    add('unknown-wave', [...path, 'wave'], `${wave} is not among the waves`, hint);
  }
  for (const [index, wave] of waves.entries())
    if (!used.has(wave)) {
      const message = `no tenant is in the wave ${wave}`;
      add('empty-wave', ['waves', index], message, 'put a tenant into it, or remove it', 'warning');
    }
}

/** The file without the values of the resource, which are checked with the layers below them. */
function withoutSpecs(value: JsonObject): JsonObject {
  const bare = (settings: Json | undefined): Json | undefined => {
    if (!isObject(settings)) return settings;
    const { spec, ...rest } = settings;
    return spec === undefined || isObject(spec) || spec === null ? rest : settings;
  };
  const { defaults, tenants, ...rest } = value;
  const all = isObject(tenants)
    ? Object.fromEntries(Object.entries(tenants).map(([id, tenant]) => [id, bare(tenant) as Json]))
    : (tenants ?? {});
  return {
    ...rest,
    ...(defaults === undefined ? {} : { defaults: bare(defaults) as Json }),
    ...(all === undefined ? {} : { tenants: all }),
  };
}
