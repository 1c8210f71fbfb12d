/** Plans the folders of a fleet. */
import { type Fleet, fleetFile, type Tenant } from '../../config/fleet.ts';
import { toFinding } from '../../config/load.ts';
import { Failure, type Finding, hasErrors } from '../../model/finding.ts';
import { isLeftover, kindOf, listFolder, type Tree } from '../disk.ts';
import { readImages } from '../environment-images.ts';
import { sharedTenantFolder, tenantFolder, tenantsFolder } from '../layout.ts';
import type { Environment, Inputs } from '../load.ts';
import type { FolderPlan } from '../plan.ts';
import { sumsFile } from '../sums.ts';
import { loadFleet, readFleetOf, validateTenant } from './load.ts';
import { planShared, planTenant } from './plan-tenant.ts';

/** The folders of a fleet as they should be. */
export interface PlannedFleet {
  /** Folders of tenants with errors are not among them. */
  readonly plans: readonly FolderPlan[];
  readonly findings: readonly Finding[];
}

/** Plans the folders of a tree's fleet; those of tenants that are gone are to be emptied. */
export async function planFleet(
  tree: Tree,
  inputs: Inputs,
  texts: Map<string, string> = new Map(),
): Promise<PlannedFleet> {
  const findings: Finding[] = [];
  try {
    const fleet = readFleetOf(tree, texts);
    if (fleet === undefined) return { plans: [], findings: abandoned(tree) };
    findings.push(...fleet.findings);
    const loaded = await loadFleet(tree, fleet, inputs.resource);
    const { template, shared } = loaded;
    const images = readImages(tree, fleet.template, template).overrides;
    const { base, files } = planShared(fleet.template, template, shared, fleet.bounds, images);
    const release = template.metadata.name;
    const plans: FolderPlan[] = [{ folder: sharedTenantFolder, release, files }];
    findings.push(...sameNamespaces(fleet, inputs.environments));
    for (const tenant of fleet.tenants) {
      const { config, findings: found } = await validateTenant(loaded, tenant);
      findings.push(...found);
      if (config === undefined || hasErrors(found)) continue;
      const about = { tenants: [tenant.id] };
      plans.push({
        folder: tenantFolder(tenant.id),
        about,
        release: config.metadata.name,
        files: planTenant(base, config, tenant),
      });
    }
    const wrong = new Set(
      findings.filter(({ severity }) => severity === 'error').flatMap(({ tenants = [] }) => tenants),
    );
    const right = plans.filter(({ about }) => !about?.tenants?.some((id) => wrong.has(id)));
    return { plans: [...right, ...gone(tree, fleet)], findings };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { plans: [], findings: [...findings, ...error.findings] };
  }
}

/** The folders that were written for tenants which the file has no more. */
function gone(tree: Tree, { source, tenants }: Fleet): FolderPlan[] {
  const all = source.value as { tenants?: { [id: string]: unknown } | null };
  const known = new Set([...tenants.map(({ id }) => id), ...Object.keys(all.tenants ?? {})]);
  return written(tree)
    .filter((id) => !known.has(id))
    .map((id) => ({ folder: tenantFolder(id), about: { tenants: [id] }, release: id, files: new Map() }));
}

/** The tenants whose folders this tool wrote, or began to write. */
function written(tree: Tree): string[] {
  const names = kindOf(tree, tenantsFolder) === 'folder' ? (listFolder(tree, tenantsFolder) ?? []) : [];
  return names.filter(
    (name) =>
      /^[a-z]\w*$/.test(name) &&
      kindOf(tree, tenantFolder(name)) === 'folder' &&
      (listFolder(tree, tenantFolder(name)) ?? []).some((file) => file === sumsFile || isLeftover(file)),
  );
}

/** Folders of tenants without a file that says so. */
function abandoned(tree: Tree): Finding[] {
  if (kindOf(tree, `${sharedTenantFolder}/${sumsFile}`) !== 'file') return [];
  return [
    {
      code: 'no-fleet',
      severity: 'warning',
      path: [],
      message: `${tree.show(tenantsFolder)} was written by this tool, and there is no ${fleetFile} any more`,
      hint: `write ${fleetFile} again, or delete the folder`,
    },
  ];
}

/** Tenants that would share a namespace with each other or with an environment. */
function sameNamespaces({ tenants }: Fleet, environments: readonly Environment[]): Finding[] {
  const taken = new Map(
    environments.map(({ name, config }) => [
      config.metadata.namespace,
      { words: `the environment ${name}`, id: '' },
    ]),
  );
  return tenants.flatMap(({ id, namespace, layer }: Tenant): Finding[] => {
    const other = taken.get(namespace);
    if (other === undefined) {
      taken.set(namespace, { words: `the tenant ${id}`, id });
      return [];
    }
    const problem = {
      code: 'same-namespace',
      severity: 'error',
      path: ['metadata', 'namespace'],
      message: `${other.words} and the tenant ${id} are both in the namespace ${namespace}`,
      hint: 'give one of them a namespace of its own',
    } as const;
    const about = other.id === '' ? [id] : [other.id, id];
    return [{ ...toFinding(problem, layer), tenants: about }];
  });
}
