/** What is written for one environment: what differs from base and components, and what Kustomize needs. */
import type { Config } from '../config/schema/resource.ts';
import { equal, type JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { strategicDiff } from '../model/strategic-diff.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { namesOf } from '../objects/names.ts';
import { componentsOf } from '../objects/parts.ts';
import { templateKey } from '../objects/worker.ts';
import type { Files } from './base.ts';
import { configMapFiles } from './config-maps.ts';
import { environmentHeader } from './headers.ts';
import { baseFolder, componentFolder, objectFile } from './layout.ts';
import { composedObjects, treeId, treeObjects } from './objects.ts';
import { secretGenerator } from './secret-generator.ts';

/** The part of an environment's `kustomization.yaml` that is written; the rest is the user's. */
export interface Managed {
  readonly namespace: string;
  readonly resources: string[];
  readonly components: string[];
  readonly patches: JsonObject[];
  readonly configMapGenerator: JsonObject[];
  readonly secretGenerator: JsonObject[];
  readonly replacements: JsonObject[];
}

/** What is written for an environment. */
export interface EnvironmentPlan {
  /** Files by their paths in the environment's folder; its kustomization is not among them. */
  readonly files: Files;
  readonly managed: Managed;
  readonly release: string;
}

const base = `../../${baseFolder}`;

/**
 * Plans an environment.
 *
 * @param resource the configuration of the resource alone, which base and components are written from
 * @param config the configuration with the environment's layer
 * @param presentSecretFiles the files that the present `secretGenerator` reads
 */
export function planEnvironment(
  resource: Config,
  config: Config,
  presentSecretFiles: readonly string[] = [],
): EnvironmentPlan {
  const files: Files = new Map();
  const write = (object: JsonObject, file: string) => {
    files.set(file, writeYaml(object, { header: environmentHeader }));
    return file;
  };
  const release = config.metadata.name;
  const composed = composedObjects(resource, config);
  const targets = new Map(treeObjects(config).map((object) => [treeId(object), object]));
  const resources: string[] = [];
  const patches: JsonObject[] = [];
  const configMapGenerator: JsonObject[] = [];

  for (const [id, target] of targets) {
    const old = composed.get(id);
    const generated = configMapFiles(config, target, old !== undefined);
    if (old !== undefined && equal(old, target)) continue;
    if (generated !== undefined) {
      configMapGenerator.push(generated.generator);
      for (const [path, text] of generated.files) files.set(path, text);
    } else if (old === undefined) {
      resources.push(write(target, `resources/${objectFile(target, release)}`));
    } else {
      const patch = strategicDiff(old, target);
      if (patch !== undefined) patches.push({ path: write(patch, `patches/${objectFile(target, release)}`) });
    }
  }
  for (const [id, old] of composed) {
    if (!targets.has(id)) patches.push({ path: write(deletion(old), `patches/${objectFile(old, release)}`) });
  }

  const secret = secretGenerator(config, presentSecretFiles);
  const managed: Managed = {
    namespace: config.metadata.namespace,
    resources: [base, ...resources],
    components: componentsOf(config).map(({ name }) => `../../${componentFolder(name)}`),
    patches,
    configMapGenerator,
    secretGenerator: secret === undefined ? [] : [secret],
    replacements: [imageReplacement(config), ...subjectReplacement(targets)],
  };
  return { files, managed, release };
}

/** A patch that takes an object of the base away. */
function deletion({ apiVersion, kind, metadata }: KubernetesObject): JsonObject {
  return { apiVersion, kind, metadata: { name: metadata.name }, $patch: 'delete' };
}

/**
 * Gives the worker template the gateway's image, its first single-quoted text. It stands beside `images`,
 * which it comes after, so that one entry there moves gateway and workers together.
 */
function imageReplacement(config: Config): JsonObject {
  const { gateway, jobTemplate } = namesOf(config);
  const fieldPath = 'spec.template.spec.containers.[name=gateway].image';
  return {
    source: { kind: 'Deployment', name: gateway, fieldPath },
    targets: [
      {
        select: { kind: 'ConfigMap', name: jobTemplate },
        fieldPaths: [`data.${templateKey.replaceAll('.', '\\.')}`],
        options: { delimiter: "'", index: 1 },
      },
    ],
  };
}

/**
 * The namespace of the RoleBinding's ServiceAccount, which Kustomize sets by itself only where that
 * ServiceAccount is in the build.
 */
function subjectReplacement(targets: ReadonlyMap<string, KubernetesObject>): JsonObject[] {
  const objects = [...targets.values()];
  const binding = objects.find(({ kind }) => kind === 'RoleBinding');
  if (binding === undefined || objects.some(({ kind }) => kind === 'ServiceAccount')) return [];
  const { name } = binding.metadata;
  return [
    {
      source: { kind: 'RoleBinding', name, fieldPath: 'metadata.namespace' },
      targets: [
        {
          select: { kind: 'RoleBinding', name },
          fieldPaths: ['subjects.0.namespace'],
          options: { create: true },
        },
      ],
    },
  ];
}
