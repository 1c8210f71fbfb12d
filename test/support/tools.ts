/** The real tools that tests run, and what they say about rendered objects: one place to import from. */
export { type Connectivity, connectivity, type Peer } from './connectivity.ts';
export {
  findTool,
  type RunOptions,
  requireTool,
  runTool,
  type ToolName,
  type ToolRun,
  toolEnv,
} from './find-tool.ts';
export {
  hasKubernetesSchema,
  type KubernetesMinor,
  type KubernetesObject,
  kubernetesMinors,
  validateKubernetes,
} from './kubernetes-schemas.ts';
export {
  type BuildOptions,
  type Kustomizer,
  kustomizers,
  newestKustomize,
  requireKustomize,
  requireKustomizers,
} from './kustomizers.ts';
