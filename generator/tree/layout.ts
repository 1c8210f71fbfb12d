/** Where everything in a tree has its place. All paths are relative to the tree's root, with `/`. */
import type { Config } from '../config/schema/resource.ts';
import type { KubernetesObject } from '../model/object.ts';

/** The optional parts of a deployment that are components of the tree, in the order of their lists. */
export const componentNames = ['mcp-gateway', 'network-policy', 'mcp-network-policy', 'autoscaling'] as const;

/** The name of a component, which is also its folder's. */
export type ComponentName = (typeof componentNames)[number];

/** The folder of what is always there. */
export const baseFolder = 'base';

/** The folder of the components. */
export const componentsFolder = 'components';

/** The folder of the environments. */
export const overlaysFolder = 'overlays';

/** The folder of the overlays that install the infrastructure; no environment can have its name. */
export const infrastructureFolder = 'overlays/infrastructure';

/** The name of a kustomization's file. */
export const kustomizationFile = 'kustomization.yaml';

/** The other names that kustomize takes for a kustomization; two of them in a folder fail the build. */
export const otherKustomizationFiles = ['kustomization.yml', 'Kustomization'];

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

/** Names that an environment may have: a folder's name that needs no quoting anywhere. */
export const environmentNamePattern = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/;

/** Whether a configuration has a component. */
export function hasComponent(config: Config, name: ComponentName): boolean {
  const { mcpGateway, networkPolicy, autoscaling } = config.spec;
  switch (name) {
    case 'mcp-gateway':
      return mcpGateway.enabled;
    case 'network-policy':
      return networkPolicy.enabled;
    case 'mcp-network-policy':
      return mcpGateway.enabled && networkPolicy.enabled;
    case 'autoscaling':
      return autoscaling.enabled;
  }
}

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
