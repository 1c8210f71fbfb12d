/** Plans the folders of a fleet. */
import { type Fleet, fleetFile, readFleet, type Tenant } from '../../config/fleet.ts';
import { toFinding } from '../../config/load.ts';
import { Failure, type Finding, finding, hasErrors } from '../../model/finding.ts';
import { isLeftover } from '../../model/write-file.ts';
import { kindOf, listFolder, readText, type Tree } from '../disk.ts';
import { engineFindings, planEngine } from '../engine/plan-engine.ts';
import { readImages } from '../environment-images.ts';
import {
  baseFolder,
  componentsFolder,
  environmentFolder,
  kustomizationFile,
  sharedTenantFolder,
  tenantFolder,
  tenantsFolder,
} from '../layout.ts';
import type { Environment, Inputs } from '../load.ts';
import type { FolderPlan } from '../plan.ts';
import { parseSums, sumOf, sumsFile } from '../sums.ts';
import { fleetTextOf, loadFleet, validateTenant } from './load.ts';
import { planShared, tenantPlan } from './plan-tenant.ts';
import { type FleetRecord, type RecordedTenant, type Remaining, remainingOf } from './record.ts';

/** The folders of a fleet as they should be. */
export interface PlannedFleet {
  /** Folders of tenants with errors are not among them, nor those that are as the last run wrote them. */
  readonly plans: readonly FolderPlan[];
  readonly findings: readonly Finding[];
  /** What the next run has to know; undefined where nothing can be remembered. */
  readonly record?: FleetRecord;
}

/**
 * Plans the folders of a tree's fleet; those of tenants that are gone are to be emptied.
 *
 * @param below the folders of the rest of the tree
 * @param texts takes the texts that were read, by the names that findings give them
 * @param known what the last run wrote; @default everything is done anew
 */
export async function planFleet(
  tree: Tree,
  inputs: Inputs,
  below: readonly FolderPlan[],
  texts: Map<string, string> = new Map(),
  known?: FleetRecord,
): Promise<PlannedFleet> {
  try {
    const text = fleetTextOf(tree, texts);
    if (text === undefined) return { plans: [], findings: abandoned(tree) };
    const remaining = remainingOf(tree, text, inputTexts(tree, inputs), known);
    const fleet = readRemaining(tree, text, remaining);
    return await planTenants(tree, fleet, inputs, below, remaining);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { plans: [], findings: error.findings };
  }
}

/** The texts that tenants are written from beside their own file. */
function inputTexts(tree: Tree, { resource, environments }: Inputs): string[] {
  return [
    resource.text,
    ...environments.flatMap(({ name, layer, config }) => [
      name,
      layer.text,
      JSON.stringify(readImages(tree, name, config).overrides),
    ]),
  ];
}

/** What is left of the fleet; all of it, where something is wrong with the text of what is left. */
function readRemaining(tree: Tree, text: string, remaining: Remaining): Fleet {
  const file = tree.show(fleetFile);
  if (remaining.unchanged.length === 0) return readFleet(text, file);
  try {
    const fleet = readFleet(remaining.text, file, remaining.unchanged);
    const taken = new Set(fleet.unchanged.map(({ namespace }) => namespace));
    // of two in one namespace the second is told, whichever of them changed
    const isShared = fleet.tenants.some(({ namespace }) => taken.has(namespace));
    if (fleet.source.findings.length === 0 && !isShared) return fleet;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
  return readFleet(text, file);
}

async function planTenants(
  tree: Tree,
  fleet: Fleet,
  inputs: Inputs,
  below: readonly FolderPlan[],
  remaining: Remaining,
): Promise<PlannedFleet> {
  const unchanged = fleet.unchanged as readonly RecordedTenant[];
  const findings = [
    ...fleet.findings,
    ...engineFindings(tree, fleet),
    ...unchanged.flatMap(({ id, findings }) => findings.map((finding) => ({ ...finding, tenants: [id] }))),
  ];
  const loaded = await loadFleet(tree, fleet, inputs.resource);
  const { template, shared } = loaded;
  const images = readImages(tree, fleet.template, template).overrides;
  const { base, files } = planShared(fleet.template, template, shared, fleet.bounds, images);
  const release = template.metadata.name;
  findings.push(...sameNamespaces(fleet, inputs.environments));
  const planned: { tenant: Tenant; plan: FolderPlan; found: readonly Finding[] }[] = [];
  for (const tenant of fleet.tenants) {
    const { config, findings: found } = await validateTenant(loaded, tenant);
    findings.push(...found);
    if (config === undefined || hasErrors(found)) continue;
    planned.push({ tenant, plan: tenantPlan(fleet, base, config, tenant), found });
  }
  const errors = findings.filter(({ severity }) => severity === 'error');
  const wrong = new Set(errors.flatMap(({ tenants = [] }) => tenants));
  const right = planned.filter(({ tenant }) => !wrong.has(tenant.id));
  // the files of an engine are in the tenants' folders too, and nobody knows which
  if (fleet.engine === 'wrong') return { plans: [], findings };
  const kept = unchanged.filter(({ id }) => !wrong.has(id));
  const sharedPlan = { folder: sharedTenantFolder, release, files };
  const tenants = [...right.map(({ tenant }) => tenant), ...kept];
  const rests = [baseFolder, componentsFolder, environmentFolder(fleet.template)];
  const used = below.filter(({ folder }) => rests.includes(folder));
  const plans = [
    sharedPlan,
    ...right.map(({ plan }) => plan),
    ...gone(tree, fleet),
    // what all tenants have of an engine stays as it is, since some of it may be of those with errors
    ...(errors.length > 0
      ? []
      : [planEngine(tree, fleet, tenants, sharedTenantFolder, [...used, sharedPlan])]),
  ];
  return { plans, findings, ...recordOf(remaining, fleet, right, kept) };
}

/** What the next run has to know: of the tenants about which nothing was said that stands in their file. */
function recordOf(
  { from, slices }: Remaining,
  { source, tenants, unchanged }: Fleet,
  right: readonly { tenant: Tenant; plan: FolderPlan; found: readonly Finding[] }[],
  kept: readonly RecordedTenant[],
): { record?: FleetRecord } {
  // Where a text reads in another way than it is cut, nothing is known of its parts.
  if (slices === undefined || slices.size !== tenants.length + unchanged.length) return {};
  const entries = right.flatMap(({ tenant, plan, found }): [string, RecordedTenant][] => {
    const slice = slices.get(tenant.id);
    const isElsewhere = found.every(
      ({ position }) => position !== undefined && position.file !== source.file,
    );
    if (slice === undefined || !isElsewhere) return [];
    const { id, namespace, wave } = tenant;
    const findings = found.map(({ tenants: _, ...finding }) => finding);
    return [
      [id, { id, namespace, ...(wave === undefined ? {} : { wave }), slice, files: filesOf(plan), findings }],
    ];
  });
  return {
    record: { from, tenants: Object.fromEntries([...kept.map((one) => [one.id, one] as const), ...entries]) },
  };
}

/** The checksums of a folder's files as they are written. */
function filesOf({ files }: FolderPlan): { [file: string]: string } {
  return Object.fromEntries([...files].map(([file, text]) => [file, sumOf(text)]));
}

/** The folders that were written for tenants which the file has no more. */
function gone(tree: Tree, { source, tenants, unchanged }: Fleet): FolderPlan[] {
  const all = source.value as { tenants?: { [id: string]: unknown } | null };
  const read = [...tenants, ...unchanged].map(({ id }) => id);
  const known = new Set([...read, ...Object.keys(all.tenants ?? {})]);
  return written(tree, known).map((id) => ({
    folder: tenantFolder(id),
    about: { tenants: [id] },
    release: id,
    files: new Map(),
  }));
}

/** The tenants but those that are known whose folders this tool wrote, or began to write. */
function written(tree: Tree, known: ReadonlySet<string>): string[] {
  const names = kindOf(tree, tenantsFolder) === 'folder' ? (listFolder(tree, tenantsFolder) ?? []) : [];
  return names.filter((name) => {
    if (known.has(name) || !/^[a-z]\w*$/.test(name)) return false;
    const folder = tenantFolder(name);
    if (kindOf(tree, folder) !== 'folder') return false;
    return (listFolder(tree, folder) ?? []).some(
      (file) =>
        isLeftover(file) ||
        (file === kustomizationFile && parseSums(readText(tree, `${folder}/${file}`) ?? '').sums.size > 0),
    );
  });
}

/** Folders of tenants without a file that says so. */
function abandoned(tree: Tree): Finding[] {
  if (kindOf(tree, `${sharedTenantFolder}/${sumsFile}`) !== 'file') return [];
  return [
    finding(
      'no-fleet',
      `${tree.show(tenantsFolder)} was written by this tool, and there is no ${fleetFile} any more`,
      `write ${fleetFile} again, or delete the folder`,
      'warning',
    ),
  ];
}

/** Tenants that would share a namespace with each other or with an environment. */
export function sameNamespaces({ tenants }: Fleet, environments: readonly Environment[]): Finding[] {
  const taken = new Map(
    environments.map(({ name, config }) => [
      config.metadata.namespace,
      { who: `the environment ${name}`, id: '' },
    ]),
  );
  return tenants.flatMap(({ id, namespace, layer }: Tenant): Finding[] => {
    const other = taken.get(namespace);
    if (other === undefined) {
      taken.set(namespace, { who: `the tenant ${id}`, id });
      return [];
    }
    const problem = {
      code: 'same-namespace',
      severity: 'error',
      path: ['metadata', 'namespace'],
      message: `${other.who} and the tenant ${id} are both in the namespace ${namespace}`,
      hint: 'give one of them a namespace of its own',
    } as const;
    const about = other.id === '' ? [id] : [other.id, id];
    return [{ ...toFinding(problem, layer), tenants: about }];
  });
}
