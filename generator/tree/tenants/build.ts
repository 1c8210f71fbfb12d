/** One tenant of a fleet as a command asks for it: its configuration, and its objects. */
import { fleetFile, type Tenant, tenantNamed } from '../../config/fleet.ts';
import type { SecretSources } from '../../config/resolve.ts';
import { failure } from '../../model/finding.ts';
import { type Built, buildValidated, type Validated } from '../../objects/build.ts';
import { tenantObjects } from '../../objects/tenant.ts';
import type { Tree } from '../disk.ts';
import { readImages } from '../environment-images.ts';
import { readResource } from '../load.ts';
import { treeId, treeObjects } from '../objects.ts';
import { type LoadedFleet, loadFleet, readFleetOf, validateTenant } from './load.ts';
import { followTemplate } from './plan-tenant.ts';

/** A tenant that was found and checked. */
export interface FoundTenant {
  readonly loaded: LoadedFleet;
  readonly tenant: Tenant;
  readonly validated: Validated;
}

/**
 * Finds a tenant in the fleet of a tree, and checks its configuration.
 *
 * @param texts takes the texts that were read, by the names that findings give them
 * @throws Failure where there is no such tenant, or what it rests on has errors
 */
export async function findTenant(tree: Tree, id: string, texts: Map<string, string>): Promise<FoundTenant> {
  const resource = readResource(tree);
  texts.set(resource.file, resource.text);
  const fleet = readFleetOf(tree, texts);
  if (fleet === undefined) {
    const hint = `write it, or name the folder that has it`;
    throw failure('no-fleet', `${tree.show(fleetFile)} does not exist`, hint);
  }
  const loaded = await loadFleet(tree, fleet, resource, texts);
  const tenant = tenantNamed(fleet, id);
  return { loaded, tenant, validated: await validateTenant(loaded, tenant) };
}

/** Builds the objects of a tenant. @throws Failure with every finding, where one is an error */
export function buildTenant(
  tree: Tree,
  { loaded, tenant, validated }: FoundTenant,
  from: SecretSources,
): Built {
  const { config, objects, findings } = buildValidated(validated, from);
  const { template, fleet } = loaded;
  const { overrides } = readImages(tree, fleet.template, template);
  const templateObjects = new Map(treeObjects(template).map((object) => [treeId(object), object]));
  const followed = followTemplate(objects, config, template, templateObjects, overrides);
  return { config, objects: tenantObjects(followed, config, tenant), findings };
}
