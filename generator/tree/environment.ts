/** What is written for one environment: what differs from base and components, and what Kustomize needs. */
import type { Config } from '../config/schema/resource.ts';
import { isObject, type JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { namesOf } from '../objects/names.ts';
import { componentsOf } from '../objects/parts.ts';
import { templateImages, templateKey } from '../objects/worker.ts';
import type { Files } from './base.ts';
import { environmentHeader } from './headers.ts';
import { layerOver } from './layer.ts';
import { baseFolder, componentFolder, objectFile, replacementsFile } from './layout.ts';
import { composedObjects, treeId, treeObjects } from './objects.ts';
import { secretInTree } from './secret-generator.ts';

/** The part of an environment's `kustomization.yaml` that is written; the rest is the user's. */
export interface Managed {
  readonly namespace: string;
  readonly resources: string[];
  readonly components: string[];
  readonly patches: JsonObject[];
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
  const write = (object: JsonObject | JsonObject[], file: string) => {
    files.set(file, writeYaml(object, { header: environmentHeader }));
    return file;
  };
  const release = config.metadata.name;
  const composed = composedObjects(resource, config);
  const targets = new Map(treeObjects(config).map((object) => [treeId(object), object]));
  const { resources, patches } = layerOver(composed, targets);
  const path = (object: KubernetesObject, folder: string) => `${folder}/${objectFile(object, release)}`;

  const secret = secretInTree(config, presentSecretFiles);
  const own = [...resources, ...(secret === undefined ? [] : [secret.object])];
  const managed: Managed = {
    namespace: config.metadata.namespace,
    resources: [base, ...own.map((object) => write(object, path(object, 'resources')))],
    components: componentsOf(config).map(({ name }) => `../../${componentFolder(name)}`),
    patches: patches.map(({ object, patch }) => ({ path: write(patch, path(object, 'patches')) })),
    secretGenerator: secret === undefined ? [] : [secret.generator],
    replacements: [
      {
        path: write(
          [
            ...imageReplacements(config, targets),
            ...subjectReplacement(targets),
            ...(secret?.replacements ?? []),
          ],
          replacementsFile,
        ),
      },
    ],
  };
  return { files, managed, release };
}

/**
 * Gives the worker template the gateway's image, wherever that stands in it between two apostrophes. This comes
 * after `images` of the same kustomization, so that one entry there moves gateway and workers together. A
 * replacement into a text without its delimiter would write the image behind the text, without a word; to read
 * behind the last apostrophe first fails the build instead.
 */
export function imageReplacements(
  config: Config,
  targets: ReadonlyMap<string, KubernetesObject>,
): JsonObject[] {
  const { gateway, jobTemplate } = namesOf(config);
  const data = targets.get(`v1 ConfigMap ${jobTemplate}`)?.data;
  const fieldPath = `data.${templateKey.replaceAll('.', '\\.')}`;
  const select = { kind: 'ConfigMap', name: jobTemplate };
  const at = (index: number) => ({ delimiter: "'", index });
  const target = (index: number) => ({ select, fieldPaths: [fieldPath], options: at(index) });
  const images = isObject(data) ? templateImages(String(data[templateKey])).length : 0;
  const image = 'spec.template.spec.containers.[name=gateway].image';
  return [
    { source: { ...select, fieldPath, options: at(2 * images) }, targets: [target(2 * images)] },
    {
      source: { kind: 'Deployment', name: gateway, fieldPath: image },
      targets: Array.from({ length: images }, (_, index) => target(2 * index + 1)),
    },
  ];
}

/**
 * The namespace of the RoleBinding's ServiceAccount, which Kustomize sets by itself only where that
 * ServiceAccount is in the build, and was in every build below.
 *
 * @param below the objects of each kustomization below
 */
export function subjectReplacement(
  targets: ReadonlyMap<string, KubernetesObject>,
  below: readonly ReadonlyMap<string, KubernetesObject>[] = [],
): JsonObject[] {
  const objects = [...targets.values()];
  const hasAccount = [targets, ...below].every((some) =>
    [...some.values()].some(({ kind }) => kind === 'ServiceAccount'),
  );
  const binding = objects.find(({ kind }) => kind === 'RoleBinding');
  if (binding === undefined || hasAccount) return [];
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
