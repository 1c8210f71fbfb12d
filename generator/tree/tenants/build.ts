/** Tenants of a fleet as commands ask for them: the configuration of one, and its objects. */
import { fleetFile, type Tenant, tenantNamed } from '../../config/fleet.ts';
import type { SecretSources } from '../../config/resolve.ts';
import type { Config } from '../../config/schema/resource.ts';
import { Failure, type Finding, failure } from '../../model/finding.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { YamlSource } from '../../model/yaml.ts';
import { type Built, buildValidated, type Validated } from '../../objects/build.ts';
import { generate } from '../../objects/generate.ts';
import { tenantObjects } from '../../objects/tenant.ts';
import type { Tree } from '../disk.ts';
import { readImages } from '../environment-images.ts';
import type { ImageOverride } from '../images.ts';
import { readResource } from '../load.ts';
import { treeId, treeObjects } from '../objects.ts';
import { type LoadedFleet, loadFleet, readFleetOf, validateTenant } from './load.ts';
import { sameNamespaces } from './plan-fleet.ts';
import { followTemplate, type Objects } from './plan-tenant.ts';

/** A fleet that was read, with what its tenants have in common: one tenant after the other then costs little. */
export interface OpenFleet extends LoadedFleet {
  readonly tree: Tree;
  readonly resource: YamlSource;
  readonly templateObjects: Objects;
  /** The `images` that people and programs set in the template environment. */
  readonly images: readonly ImageOverride[];
  /** Of tenants that share a namespace with another one. */
  readonly clashes: readonly Finding[];
}

/** A tenant that was found and checked. */
export interface FoundTenant {
  readonly tenant: Tenant;
  readonly validated: Validated;
}

/**
 * Opens the fleet of a tree.
 *
 * @param texts takes the texts that were read, by the names that findings give them
 * @throws Failure where there is none, or what all tenants rest on has errors
 */
export async function openFleet(tree: Tree, texts: Map<string, string>): Promise<OpenFleet> {
  const resource = readResource(tree);
  texts.set(resource.file, resource.text);
  const fleet = readFleetOf(tree, texts);
  if (fleet === undefined) {
    const hint = `write it, or name the folder that has it`;
    throw failure('no-fleet', `${tree.show(fleetFile)} does not exist`, hint);
  }
  const loaded = await loadFleet(tree, fleet, resource, texts);
  const { template } = loaded;
  const images = readImages(tree, fleet.template, template).overrides;
  const templateObjects = new Map(treeObjects(template).map((object) => [treeId(object), object]));
  const clashes = sameNamespaces(fleet, []);
  return { ...loaded, tree, resource, templateObjects, images, clashes };
}

/**
 * Finds a tenant, and checks its configuration.
 *
 * @throws Failure where there is no such tenant, or the file has errors that are about it
 */
export async function findTenant(open: OpenFleet, id: string): Promise<FoundTenant> {
  const tenant = tenantNamed(open.fleet, id);
  const clashes = open.clashes.filter(({ tenants = [] }) => tenants.includes(id));
  if (clashes.length > 0) throw new Failure(clashes);
  return { tenant, validated: await validateTenant(open, tenant) };
}

/** The Deployments of a tenant as they are listed, for those who want to know what runs. */
export function tenantDeployments(
  { template, templateObjects, images }: OpenFleet,
  { tenant }: FoundTenant,
  config: Config,
): KubernetesObject[] {
  const deployments = generate(config, new Map()).filter(({ kind }) => kind === 'Deployment');
  const followed = followTemplate(deployments, config, template, templateObjects, images);
  return tenantObjects(followed, config, { ...tenant, bounds: {} });
}

/** Builds the objects of a tenant. @throws Failure with every finding, where one is an error */
export function buildTenant(
  { template, templateObjects, images }: OpenFleet,
  { tenant, validated }: FoundTenant,
  from: SecretSources,
): Built {
  const { config, objects, findings } = buildValidated(validated, from);
  const followed = followTemplate(objects, config, template, templateObjects, images);
  return { config, objects: tenantObjects(followed, config, tenant), findings };
}
