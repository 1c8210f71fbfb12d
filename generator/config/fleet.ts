/** A fleet: many tenants from one file, each a layer over the template environment. */
import { Failure, type Finding, failure } from '../model/finding.ts';
import { dig, isObject, type Json, type JsonObject, type Path } from '../model/json.ts';
import { readYaml, type YamlSource } from '../model/yaml.ts';
import { aboutTenant, checkFleet } from './fleet-checks.ts';
import { mergeLayer, withDefaults } from './layers.ts';
import type { Source } from './load.ts';
import { type ArgoCd, engineSchema, type Flux } from './schema/engine.ts';
import { type FleetValue, fleetKind, type TenantSettings } from './schema/fleet.ts';
import type { SchemaNode } from './schema/node.ts';
import { apiVersion, kind } from './schema/resource.ts';
import { suggest } from './suggest.ts';

/** The name of a fleet's file, beside the resource. */
export const fleetFile = 'tenants.yaml';

/** How large its file may be: ten thousand tenants are some megabytes. */
export const maxFleetBytes = 16 * 1024 * 1024;

const defaultPrefix = 'glyphoxa-tenant-';

/** What a namespace gets beside the deployment. */
export type Bounds = Pick<TenantSettings, 'resourceQuota' | 'limitRange' | 'defaultDeny'>;

/** What others have to know of a tenant. */
export interface KnownTenant {
  readonly id: string;
  readonly namespace: string;
  /** Undefined where the fleet has no waves. */
  readonly wave?: string;
}

/** One tenant, with the defaults of the fleet. */
export interface Tenant extends KnownTenant {
  /** Its own release name; undefined where it is the resource's. */
  readonly release: string | undefined;
  /** Its labels, `glyphoxa.io/tenant` among them. */
  readonly labels: { readonly [label: string]: string };
  readonly bounds: Bounds;
  /** What it changes, as the highest of the layers. */
  readonly layer: Source;
}

/** Who deploys the tenants, with all defaults. */
export type Engine =
  | { readonly kind: 'argocd'; readonly argocd: ArgoCd }
  | { readonly kind: 'flux'; readonly flux: Flux };

/** A fleet as it was read. */
export interface Fleet {
  readonly source: YamlSource;
  readonly template: string;
  /** The waves in their order; none where the fleet is rolled out at once. */
  readonly waves: readonly string[];
  /** Who deploys the tenants; undefined where nobody but this tool does. */
  readonly engine: Engine | 'wrong' | undefined;
  /** What all tenants have, as the layer between the template environment and theirs. */
  readonly defaults: Source;
  readonly bounds: Bounds;
  readonly tenants: readonly Tenant[];
  /** Tenants that are known already, whose text was not read again. */
  readonly unchanged: readonly KnownTenant[];
  /** What is wrong with the file; tenants that an error is about are not among {@link tenants}. */
  readonly findings: readonly Finding[];
}

/**
 * Reads a fleet and checks all of it but the values of the resource in it.
 *
 * @param unchanged tenants that the text leaves out, since they are known
 * @throws Failure where nothing of it can be used
 */
export function readFleet(text: string, file: string, unchanged: readonly KnownTenant[] = []): Fleet {
  const source = readYaml(text, file, false, maxFleetBytes);
  const { value } = source;
  if (value === undefined) throw new Failure(source.findings);
  if (!isObject(value) || value.kind !== fleetKind) {
    const hint = `begin it with apiVersion: ${apiVersion} and kind: ${fleetKind}`;
    const position = source.locate(['kind']);
    const finding = { code: 'wrong-kind', severity: 'error', path: ['kind'], position } as const;
    throw new Failure([{ ...finding, message: `this is not the kind ${fleetKind}`, hint }]);
  }
  const findings: Finding[] = source.findings.map(aboutTenant);
  const fleet = checkFleet(source, value, findings, unchanged);
  if (typeof fleet.template !== 'string') throw new Failure(findings);
  const ids = Object.keys(fleet.tenants ?? {});
  const wrong = new Set(findings.filter(isError).flatMap(({ tenants = [] }) => tenants));
  const tenants = ids.filter((id) => !wrong.has(id)).map((id) => tenantOf(id, fleet, source));
  const { template, waves, defaults } = fleet;
  return {
    source,
    template,
    waves: waves ?? [],
    engine: engineOf(fleet, findings),
    defaults: layerAt(source, ['defaults'], {}),
    bounds: boundsOf(defaults ?? {}),
    tenants,
    unchanged,
    findings,
  };
}

/** The tenant of that id. @throws Failure where there is none */
export function tenantNamed(fleet: Fleet, id: string): Tenant {
  const found = fleet.tenants.find((tenant) => tenant.id === id);
  if (found !== undefined) return found;
  const about = fleet.findings.filter(({ tenants = [] }) => tenants.includes(id));
  if (about.length > 0) throw new Failure(about);
  const close = suggest(
    id,
    fleet.tenants.map((tenant) => tenant.id),
  );
  const hint = close === undefined ? `add it to ${fleet.source.file}` : `did you mean ${close}?`;
  throw failure('no-tenant', `there is no tenant ${JSON.stringify(id)} in ${fleet.source.file}`, hint);
}

function engineOf({ engine }: FleetValue, findings: readonly Finding[]): Fleet['engine'] {
  if (findings.some(({ severity, path: [section] }) => severity === 'error' && section === 'engine'))
    return 'wrong';
  if (engine === undefined || engine === null) return undefined;
  const context = { topology: 'dedicated', release: '' } as const;
  const { argocd, flux } = withDefaults(engineSchema as unknown as SchemaNode, engine as Json, context) as {
    argocd?: ArgoCd;
    flux?: Flux;
  };
  if (argocd) return { kind: 'argocd', argocd };
  return flux ? { kind: 'flux', flux } : undefined;
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

function tenantOf(id: string, fleet: FleetValue, source: YamlSource): Tenant {
  const own = (fleet.tenants[id] ?? {}) as FleetValue['tenants'][string];
  const merged = mergeLayer(undefined, (fleet.defaults ?? {}) as Json, own as Json) as TenantSettings;
  const { release } = own;
  const wave = merged.wave ?? fleet.waves?.at(-1);
  const namespace = own.namespace ?? `${fleet.namespacePrefix ?? defaultPrefix}${id.replaceAll('_', '-')}`;
  const metadata = { namespace, ...(release === undefined || release === null ? {} : { name: release }) };
  return {
    id,
    namespace,
    release: release ?? undefined,
    ...(wave === undefined ? {} : { wave }),
    labels: { 'glyphoxa.io/tenant': id, ...merged.labels },
    bounds: boundsOf(merged),
    layer: { ...layerAt(source, ['tenants', id], metadata), tenant: id },
  };
}

function boundsOf({ resourceQuota, limitRange, defaultDeny }: TenantSettings): Bounds {
  return {
    ...(resourceQuota ? { resourceQuota } : {}),
    ...(limitRange ? { limitRange } : {}),
    ...(defaultDeny ? { defaultDeny } : {}),
  };
}

/** The values of the resource that stand somewhere in the file, as a layer. */
function layerAt(source: YamlSource, at: Path, metadata: JsonObject): Source {
  const spec = dig(source.value, [...at, 'spec']);
  const place = (path: Path): Path => {
    if (path[0] === 'metadata') return path[1] === 'name' ? [...at, 'release'] : [...at, 'namespace'];
    return path[0] === 'spec' ? [...at, ...path] : at;
  };
  return {
    file: source.file,
    value: { apiVersion, kind, metadata, ...(spec === undefined ? {} : { spec }) },
    findings: [],
    locate: (path, what) => source.locate(place(path), what),
    written: (path) => source.written(place(path)),
    place,
  };
}
