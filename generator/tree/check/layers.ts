/** What the layers of a kustomization say that its objects do not: where ours stands in it, and what lies in no git. */
import path from 'node:path';
import { type Finding, finding } from '../../model/finding.ts';
import { isObject, type JsonObject, maps } from '../../model/json.ts';
import { type KubernetesObject, namespaceOf } from '../../model/object.ts';
import { readFile } from '../../model/read-file.ts';
import { parseYaml } from '../../model/yaml.ts';
import { kustomizationFile, otherKustomizationFiles, secretsEnvFile, secretsFolder } from '../layout.ts';
import { nameOf } from './release.ts';

/** A kustomization among those that a build reads. */
export interface Layer {
  readonly folder: string;
  readonly value: JsonObject;
}

/** Deeper than any real stack of kustomizations. */
const maxDepth = 20;

/** The kustomizations that a folder's build reads from the disk, the folder's own first. */
export function layersOf(folder: string): Layer[] {
  const layers = new Map<string, Layer>();
  const visit = (at: string, depth: number): void => {
    const value = readKustomization(at);
    if (value === undefined || layers.has(at) || depth > maxDepth) return;
    layers.set(at, { folder: at, value });
    for (const field of ['resources', 'bases', 'components']) {
      const entries = value[field];
      if (!Array.isArray(entries)) continue;
      for (const entry of entries) {
        if (typeof entry === 'string' && !entry.includes('://')) visit(path.resolve(at, entry), depth + 1);
      }
    }
  };
  visit(path.resolve(folder), 0);
  return [...layers.values()];
}

/** Sealed secrets that an outer `namespace` moved away from the one that they were sealed for. */
export function checkSealed(layers: readonly Layer[], objects: readonly KubernetesObject[]): Finding[] {
  const innermost = layers.filter(({ value }) => typeof value.namespace === 'string');
  const namespaces = new Set(innermost.map(({ value }) => value.namespace));
  if (namespaces.size < 2) return [];
  const [outer] = innermost;
  // A tenant has ciphertexts of its own, for its namespace.
  if (outer !== undefined && patchesSealed(outer)) return [];
  return objects
    .filter(({ kind, metadata }) => kind === 'SealedSecret' && !isClusterWide(metadata))
    .filter((object) => outer !== undefined && namespaceOf(object) === outer.value.namespace)
    .map((object) => {
      const message = `${nameOf(object)} was sealed for another namespace and cannot be opened in ${namespaceOf(object)}`;
      const hint = 'set metadata.namespace in config.yaml instead of namespace around it, and seal again';
      return finding('sealed-for-another-namespace', message, hint);
    });
}

function patchesSealed({ value }: Layer): boolean {
  return maps(value.patches).some(({ patch }) => /^kind: SealedSecret$/m.test(String(patch)));
}

/** Secrets that are built from files which git ignores. */
export function checkSecretFiles(layers: readonly Layer[]): Finding[] {
  return layers.flatMap((layer) => {
    const local = localSecretFiles(layer);
    if (local.length === 0) return [];
    const message = `${layer.folder} builds its Secret from ${local.join(', ')}, which git ignores: Argo CD and Flux cannot build it`;
    const hint =
      'fine where you apply by hand; for GitOps use the provider sealed-secrets or external-secrets';
    return [finding('secret-files', message, hint, 'warning')];
  });
}

/** The files with secret values that a layer's Secret is built from, by their paths in its folder. */
export function localSecretFiles({ value }: Layer): string[] {
  const generators = Array.isArray(value.secretGenerator) ? value.secretGenerator.filter(isObject) : [];
  return generators
    .flatMap(({ envs, files }) => [envs, files].flat())
    .map(String)
    .filter((file) => file === secretsEnvFile || file.startsWith(`${secretsFolder}/`));
}

function isClusterWide(metadata: JsonObject): boolean {
  const { annotations } = metadata;
  return isObject(annotations) && annotations['sealedsecrets.bitnami.com/cluster-wide'] === 'true';
}

function readKustomization(folder: string): JsonObject | undefined {
  for (const name of [kustomizationFile, ...otherKustomizationFiles]) {
    const file = path.join(folder, name);
    try {
      const [value] = parseYaml(readFile(file).toString('utf8'));
      return isObject(value) ? value : undefined;
    } catch {
      // Not there, or not readable: kustomize says so where it matters.
    }
  }
  return undefined;
}
