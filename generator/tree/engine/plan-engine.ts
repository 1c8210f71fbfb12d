/** Plans what an engine needs to run a fleet. */
import type { Engine, Fleet, KnownTenant, Tenant } from '../../config/fleet.ts';
import { toFinding } from '../../config/load.ts';
import { Failure, type Finding } from '../../model/finding.ts';
import type { Files } from '../base.ts';
import { compareFolder } from '../changes.ts';
import { contentsOf } from '../contents.ts';
import { folderInRepository, type Tree } from '../disk.ts';
import { engineFolder } from '../layout.ts';
import type { FolderPlan } from '../plan.ts';
import { argocdFiles, argocdTenantFiles } from './argocd.ts';
import { fluxFiles, fluxTenantFiles } from './flux.ts';

/** What the engine has in the folder of a tenant. */
export function engineTenantFiles(fleet: Fleet, tenant: Tenant, isAlone: boolean): Files {
  const engine = engineOf(fleet);
  if (engine?.kind === 'argocd') return argocdTenantFiles(tenant, isAlone);
  return engine === undefined ? new Map() : fluxTenantFiles(engine.flux, fleet, tenant);
}

function engineOf({ engine }: Fleet): Engine | undefined {
  return engine === 'wrong' ? undefined : engine;
}

/**
 * What the engine has for all tenants; nothing is left where the fleet has no engine.
 *
 * @param shared the folder with what tenants have in common
 * @param plans the folders that tenants are built from, as they should be
 */
export function planEngine(
  tree: Tree,
  fleet: Fleet,
  tenants: readonly KnownTenant[],
  shared: string,
  plans: readonly FolderPlan[],
): FolderPlan {
  const engine = engineOf(fleet);
  const files =
    engine === undefined
      ? new Map<string, string>()
      : engine.kind === 'argocd'
        ? argocdFiles(engine.argocd, fleet, readsOf(planned(tree, plans), shared))
        : fluxFiles(engine.flux, fleet, tenants);
  return { folder: engineFolder, release: engineFolder, files };
}

/** Where the engine would look for the tree in another folder than that which the tree is in. */
export function engineFindings(tree: Tree, fleet: Fleet): Finding[] {
  const engine = engineOf(fleet);
  if (engine === undefined || (engine.kind === 'flux' && engine.flux.registry !== undefined)) return [];
  const { path = '' } = engine.kind === 'flux' ? engine.flux : engine.argocd;
  const folder = folderInRepository(tree);
  if (folder === undefined || folder === path) return [];
  const shown = (where: string) => (where === '' ? 'its root' : where);
  const problem = {
    code: 'engine-path',
    severity: 'warning',
    path: ['engine', engine.kind, ...(path === '' ? [] : ['path'])],
    message: `the tree is in ${shown(folder)} of its git repository, and the engine looks in ${shown(path)}`,
    hint: folder === '' ? 'remove path' : `set path: ${folder}`,
  } as const;
  return [toFinding(problem, fleet.source)];
}

/** The folders, and the files beside them, that a kustomization is built from. */
function readsOf(tree: Tree, folder: string): string[] {
  const { files, kustomizations } = contentsOf(tree, folder);
  const parent = (file: string) => file.slice(0, Math.max(file.lastIndexOf('/'), 0));
  const folders = [...kustomizations.keys()].map(parent);
  const isIn = (path: string, above: string) =>
    above === '' || path === above || path.startsWith(`${above}/`);
  const outer = folders.filter((one) => !folders.some((other) => other !== one && isIn(one, other)));
  const beside = [...files.keys()].filter((file) => !outer.some((above) => isIn(file, above)));
  return [...outer, ...beside].sort();
}

/** The tree as it will be. Where something is in the way of that, the comparison that follows tells it. */
function planned(tree: Tree, plans: readonly FolderPlan[]): Tree {
  const texts = plans.flatMap((plan): [string, string][] => {
    try {
      const { changes } = compareFolder(tree, plan, false);
      return changes.filter(({ what }) => what !== 'delete').map(({ path, text }) => [path, text]);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return [];
    }
  });
  return { ...tree, pending: new Map([...(tree.pending ?? []), ...texts]) };
}
