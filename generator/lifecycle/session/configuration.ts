/** The configuration behind a kustomization: which file decides what it is, where it may go, and whether it was written. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { environmentFile, readLayers, resourceFile } from '../../config/files.ts';
import { fleetFile } from '../../config/fleet.ts';
import type { Config } from '../../config/schema/resource.ts';
import { isTenantId } from '../../config/tenant-id.ts';
import { Failure, type Finding, hasErrors } from '../../model/finding.ts';
import { validate } from '../../objects/build.ts';
import { withTreeCharts } from '../../tree/chart-versions.ts';
import type { Layer } from '../../tree/check/layers.ts';
import { folderWords, openTree, type Tree } from '../../tree/disk.ts';
import { environmentFolder, overlaysFolder, tenantsFolder } from '../../tree/layout.ts';
import { staleFindings } from '../../tree/stale.ts';
import { findTenant, type OpenFleet, openFleet } from '../../tree/tenants/build.ts';
import { type FleetStaleness, fleetStaleness } from '../../tree/tenants/stale.ts';

/** A context that an environment is for. */
export interface Pin {
  readonly context: string;
  /** The file that says so. */
  readonly file: string;
}

/** What is known of the configuration behind a kustomization. */
export interface Origin {
  readonly config: Config | undefined;
  readonly root: string | undefined;
  readonly environment: readonly string[] | undefined;
  readonly pins: readonly Pin[];
  readonly stale: readonly Finding[];
}

/** A fleet that was read, and how its tree differs from it. */
export interface CheckedFleet {
  readonly open: OpenFleet;
  readonly staleness: FleetStaleness;
}

/** Where the texts of an origin are, and where they are handed to. */
interface OriginContext {
  readonly cwd: string;
  readonly texts: Map<string, string>;
  readonly fleet?: CheckedFleet;
}

/**
 * Reads the fleet of a folder.
 *
 * @param dir the folder of `tenants.yaml`, as {@link openTree} takes it
 * @throws Failure where there is none, or what all tenants rest on has errors
 */
export async function checkFleet(
  dir: string | undefined,
  { cwd, texts }: Omit<OriginContext, 'fleet'>,
): Promise<CheckedFleet> {
  const open = await openFleet(openTree(dir, cwd), texts);
  return { open, staleness: await fleetStaleness(open) };
}

/**
 * The configuration behind a kustomization: that of the outermost of its layers that is an environment or a tenant. The
 * template of a tenant is not looked at: what of it counts is among the tenant's values.
 */
export async function originOf(layers: readonly Layer[], context: OriginContext): Promise<Origin> {
  const found: Origin[] = [];
  const templates: string[] = [];
  for (const { folder } of layers) {
    if (templates.includes(folder)) continue;
    const tenant = await tenantIn(folder, context);
    if (tenant !== undefined) templates.push(tenant.template);
    const origin = tenant?.origin ?? (await environmentIn(folder, context));
    if (origin !== undefined) found.push(origin);
  }
  const [outermost] = found;
  return {
    config: outermost?.config,
    root: outermost?.root,
    environment: outermost?.environment,
    pins: found.flatMap(({ pins }) => pins),
    stale: found.flatMap(({ stale }) => stale),
  };
}

/** The tenant whose folder it is, written or not, and the folder of its template; undefined where it is none. */
export async function tenantIn(
  folder: string,
  context: OriginContext,
): Promise<{ origin: Origin; template: string; tree: Tree } | undefined> {
  const [above, id] = [path.dirname(folder), path.basename(folder)];
  const root = path.dirname(above);
  const isOne = path.basename(above) === tenantsFolder && isTenantId(id);
  if (!isOne || !existsSync(path.join(root, fleetFile))) return undefined;
  const { open, staleness } = await fleetAt(root, context);
  const found = await findTenant(open, id);
  const { config, findings } = found.validated;
  if (config === undefined || hasErrors(findings)) throw new Failure(findings);
  const template = path.join(root, environmentFolder(open.fleet.template));
  return {
    template,
    tree: open.tree,
    origin: {
      config,
      root,
      environment: undefined,
      pins: pinsOf(config, open.tree.show(fleetFile)),
      stale: [...staleness.below, ...staleness.of(found)],
    },
  };
}

async function fleetAt(root: string, { cwd, texts, fleet }: OriginContext): Promise<CheckedFleet> {
  if (fleet?.open.tree.root === realpathSync(root)) return fleet;
  return checkFleet(path.relative(cwd, root) || '.', { cwd, texts });
}

/** The environment whose folder it is; undefined where it is none. */
async function environmentIn(folder: string, { cwd, texts }: OriginContext): Promise<Origin | undefined> {
  const file = path.join(folder, environmentFile);
  const shown = path.relative(cwd, file) || file;
  if (!isEnvironmentFile(file)) return undefined;
  const read = await readLayers(shown, { cwd, stdin: noInput() }).catch((error: unknown) => {
    if (error instanceof Failure && error.findings.every(({ code }) => code === 'no-resource'))
      return undefined;
    throw error;
  });
  if (read === undefined) return undefined;
  for (const source of [read.base, read.environment])
    if (source !== undefined) texts.set(source.file, source.text);
  const { config, findings, merged } = await validate(read.base, read.environment);
  // What it is pinned to may be lost with the mistake.
  if (config === undefined || hasErrors(findings)) throw new Failure(findings);
  const tree = openTree(path.relative(cwd, read.folder) || '.', cwd);
  return {
    config: withTreeCharts(tree, config, merged, path.basename(folder)),
    root: read.folder,
    environment: environmentWords(read.folder, folder, cwd),
    pins: pinsOf(config, shown),
    stale: await staleIn(read.folder, folder, cwd),
  };
}

/** The words by which a command line names an environment of a tree; undefined of one that is in no tree. */
function environmentWords(root: string, folder: string, cwd: string): string[] | undefined {
  if (path.basename(path.dirname(folder)) !== overlaysFolder) return undefined;
  return [path.basename(folder), ...folderWords(openTree(path.relative(cwd, root) || '.', cwd), '--dir')];
}

/** What is out of date of an environment in the tree at a root; an environment elsewhere is nobody's to write. */
async function staleIn(root: string, folder: string, cwd: string): Promise<Finding[]> {
  const [realRoot, realFolder] = [realpathSync(root), realpathSync(folder)];
  const name = path.basename(realFolder);
  if (path.relative(realRoot, realFolder) !== path.join(overlaysFolder, name)) return [];
  return staleFindings(openTree(path.relative(cwd, root) || '.', cwd), name);
}

/**
 * In a tree every `config.yaml` of an overlay is one, whatever is wrong with it. Elsewhere kustomizations of others may
 * have a `config.yaml` of their own, so that it must say so: in YAML or JSON, and even where it cannot be parsed.
 */
function isEnvironmentFile(file: string): boolean {
  if (!existsSync(file)) return false;
  const overlays = path.dirname(path.dirname(file));
  const isInTree =
    path.basename(overlays) === overlaysFolder && existsSync(path.join(path.dirname(overlays), resourceFile));
  return isInTree || /(?:^|[{,]\s*)["']?kind["']?\s*:\s*["']?Glyphoxa/m.test(readFileSync(file, 'utf8'));
}

/** The context that a configuration is for, if it names one. */
export function pinsOf({ spec }: Config, file: string): Pin[] {
  const { context } = spec.core;
  return context === undefined ? [] : [{ context, file }];
}

/** Standard input that is not read. */
export async function* noInput(): AsyncGenerator<Uint8Array> {}
