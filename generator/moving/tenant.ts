/** What Helm deploys for one tenant, as that tenant's entry in the file of the fleet. */
import { fleetFile } from '../config/fleet.ts';
import { lay, loadStack, type Source, schema } from '../config/load.ts';
import type { SchemaNode } from '../config/schema/node.ts';
import { apiVersion, type Config, kind } from '../config/schema/resource.ts';
import { failure } from '../model/finding.ts';
import {
  dig,
  equal,
  formatPath,
  isObject,
  type Json,
  type JsonObject,
  type Path,
  setKey,
} from '../model/json.ts';
import type { OpenFleet } from '../tree/tenants/build.ts';
import type { Prepared } from './import.ts';

/** The namespace and the release of a tenant that a script of the chart's has made. */
export function chartNames(id: string): { readonly release: string; readonly namespace: string } {
  const name = id.replaceAll('_', '-');
  return { release: `glyphoxa-${name}`, namespace: `glyphoxa-tenant-${name}` };
}

/**
 * The entry: its own release and namespace, and what the chart says otherwise than all tenants have it. What the chart does
 * not speak of is as all tenants have it.
 */
export function tenantEntry(
  { converted, config }: Prepared,
  { shared, below }: Pick<OpenFleet, 'shared' | 'below'>,
): JsonObject {
  const { draft } = converted;
  const { release, namespace } = draft.aim;
  const said = draft.get([]);
  // Defaults depend on the name of the release, and on the topology.
  const { topology } = config.spec.core;
  const layer: Source = {
    file: fleetFile,
    value: { apiVersion, kind, metadata: { name: release, namespace }, spec: { core: { topology } } },
    findings: [],
    locate: () => ({ file: fleetFile, line: 1, col: 1 }),
  };
  const { config: empty = shared } = loadStack(
    lay({ ...below, findings: [] }, layer, { renames: true }),
    below,
  );
  const differing = difference(specNode, said, specOf(config), specOf(empty));
  const spec: JsonObject = isObject(differing) ? { ...differing } : {};
  if (topology !== shared.spec.core.topology)
    spec.core = { ...(isObject(spec.core) ? spec.core : {}), topology };
  return {
    namespace,
    ...(release === shared.metadata.name ? {} : { release }),
    ...(Object.keys(spec).length === 0 ? {} : { spec }),
  };
}

/**
 * Demands that a tenant has every value that the chart speaks of as the chart says it.
 *
 * @param tenant its configuration in the fleet
 * @throws Failure with the values that it has otherwise
 */
export function demandSame({ converted, config }: Prepared, id: string, tenant: Config): void {
  const [wanted, found] = [specOf(config), specOf(tenant)];
  const wrong = leaves(specNode, converted.draft.get([])).filter(
    (path) => !equal(dig(wanted, path) ?? null, dig(found, path) ?? null),
  );
  if (wrong.length === 0) return;
  const paths = wrong.map((path) => formatPath(['spec', ...path])).join(', ');
  const message = `the tenant ${id} would not have what Helm deploys: ${paths}`;
  throw failure(
    'import-differs',
    message,
    `take what ${fleetFile} or the template environment adds there away`,
  );
}

const specNode = schema.properties?.spec as SchemaNode;

function specOf({ spec }: Config): Json {
  return spec as unknown as Json;
}

/** Of what was said the values that differ; null for what is there and was not said. Undefined where nothing differs. */
function difference(
  node: SchemaNode | undefined,
  said: Json | undefined,
  wanted: Json | undefined,
  below: Json | undefined,
): Json | undefined {
  if (said === undefined || equal(wanted ?? null, below ?? null)) return undefined;
  if (!isObject(said) || !isObject(wanted) || !isObject(below)) return wanted ?? null;
  const changed: JsonObject = {};
  if (node?.properties === undefined) {
    // A map without fixed fields is all that was said of it: one that is set takes the place of its default.
    for (const key of Object.keys(below)) if (!Object.hasOwn(wanted, key)) setKey(changed, key, null);
    for (const [key, value] of Object.entries(wanted)) setKey(changed, key, value);
    return changed;
  }
  for (const [key, value] of Object.entries(said)) {
    const part = difference(node.properties[key], value, at(wanted, key), at(below, key));
    if (part !== undefined) setKey(changed, key, part);
  }
  return Object.keys(changed).length === 0 ? undefined : changed;
}

function at(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** The paths of what was said, down to values and to maps without fixed fields. */
function leaves(node: SchemaNode | undefined, said: Json | undefined, at: Path = []): Path[] {
  if (said === undefined) return [];
  if (!isObject(said) || node?.properties === undefined) return [at];
  return Object.entries(said).flatMap(([key, value]) => leaves(node.properties?.[key], value, [...at, key]));
}
