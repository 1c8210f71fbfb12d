/** The whole tree as it should be: pure, from the configurations of the resource and its environments. */
import type { Config } from '../config/schema/resource.ts';
import type { Finding } from '../model/finding.ts';
import { baseFiles, componentFiles, type Files } from './base.ts';
import { type Managed, planEnvironment } from './environment.ts';
import { infrastructureFiles } from './infrastructure.ts';
import {
  baseFolder,
  componentsFolder,
  environmentFolder,
  formerInfrastructureFolder,
  infrastructureFolder,
} from './layout.ts';

/** A folder with checksums of its own: base, components, the infrastructure, an environment, or a tenant. */
export interface FolderPlan {
  readonly folder: string;
  /** The files that are written as a whole, by their paths in the folder. */
  readonly files: Files;
  readonly release: string;
  /** The environment or the tenant whose folder it is; absent of what several share. */
  readonly about?: Pick<Finding, 'environments' | 'tenants'>;
  /** Of an environment: the entries of its kustomization that are written. */
  readonly managed?: Managed;
}

/** What the plan of an environment takes from its present kustomization. */
export type SecretFilesOf = (environment: string) => readonly string[];

/** Plans the tree of a resource and its environments. */
export function planTree(
  resource: Config,
  environments: readonly { readonly name: string; readonly config: Config }[],
  secretFilesOf: SecretFilesOf = () => [],
): FolderPlan[] {
  const within = (folder: string, files: Files): Files =>
    new Map([...files].map(([path, text]) => [path.slice(folder.length + 1), text]));
  const release = resource.metadata.name;
  const infrastructure = infrastructureFiles(resource, environments);
  return [
    { folder: baseFolder, release, files: within(baseFolder, baseFiles(resource)) },
    { folder: componentsFolder, release, files: within(componentsFolder, componentFiles(resource)) },
    { folder: infrastructureFolder, release, files: within(infrastructureFolder, infrastructure) },
    // What earlier versions wrote there goes.
    { folder: formerInfrastructureFolder, release, files: new Map() },
    ...environments.map(({ name, config }) => ({
      folder: environmentFolder(name),
      about: { environments: [name] },
      ...planEnvironment(resource, config, secretFilesOf(name)),
    })),
  ];
}
