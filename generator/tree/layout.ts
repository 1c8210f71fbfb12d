/** Where everything in a tree has its place. All paths are relative to the tree's root, with `/`. */
import type { KubernetesObject } from '../model/object.ts';
import type { ComponentName } from '../objects/parts.ts';

/** The folder of what is always there. */
export const baseFolder = 'base';

/** The folder of the components. */
export const componentsFolder = 'components';

/** The folder of the environments. */
export const overlaysFolder = 'overlays';

/** The folder of a fleet's tenants. */
export const tenantsFolder = 'tenants';

/** What all tenants of a fleet have in common; no tenant can be called like it. */
export const sharedTenantFolder = `${tenantsFolder}/_shared`;

/** The folder of what runs a fleet on Argo CD or Flux, apart from all that is built for a cluster. */
export const engineFolder = 'engine';

/** The folder of the operators and the database, apart from the environments: some of it needs helm. */
export const infrastructureFolder = 'infrastructure';

/** Where earlier versions wrote the infrastructure. */
export const formerInfrastructureFolder = 'overlays/infrastructure';

/** The name of a kustomization's file. */
export const kustomizationFile = 'kustomization.yaml';

/** The other names that kustomize takes for a kustomization; two of them in a folder fail the build. */
export const otherKustomizationFiles = ['kustomization.yml', 'Kustomization'];

/** The replacements of an environment, in its folder. */
export const replacementsFile = 'replacements.yaml';

/** The git-ignored file with the values of an environment's Secret, where the tool makes it. */
export const secretsEnvFile = 'secrets.env';

/** The git-ignored folder with the values of the Secret that take more than one line. */
export const secretsFolder = 'secrets';

/** The git-ignored record of what was sealed, so that only what changed is sealed again. */
export const sealedRecordFile = 'secrets/.sealed.json';

/** The folder of a component. */
export function componentFolder(name: ComponentName): string {
  return `${componentsFolder}/${name}`;
}

/** The folder of an environment. */
export function environmentFolder(name: string): string {
  return `${overlaysFolder}/${name}`;
}

/** The folder of a tenant. */
export function tenantFolder(id: string): string {
  return `${tenantsFolder}/${id}`;
}

/** Names that an environment may have: a folder's name that needs no quoting anywhere. */
export const environmentNamePattern = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;

/** Kinds of which a tree has at most one and whose name the user may choose. */
const oneOfAKind = ['Namespace', 'ServiceAccount', 'Secret', 'SealedSecret', 'ExternalSecret'];

/** The file of an object, without its folder: the name without the release, and the kind. */
export function objectFile(object: KubernetesObject, release: string): string {
  const kind = object.kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
  if (oneOfAKind.includes(object.kind)) return `${kind}.yaml`;
  const { name } = object.metadata;
  const short = name.startsWith(`${release}-`) ? name.slice(release.length + 1) : name;
  return `${short}-${kind}.yaml`;
}
