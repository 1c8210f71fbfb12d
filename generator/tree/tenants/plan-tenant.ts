/** What is written for a tenant, and for all tenants together; pure. */
import type { Bounds, Fleet, Tenant } from '../../config/fleet.ts';
import type { Config } from '../../config/schema/resource.ts';
import { dig, isObject, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { writeYaml } from '../../model/yaml-writer.ts';
import { namesOf } from '../../objects/names.ts';
import { boundObjects } from '../../objects/tenant.ts';
import { setTemplateImage, templateImages, templateKey } from '../../objects/worker.ts';
import type { Files } from '../base.ts';
import { engineTenantFiles } from '../engine/plan-engine.ts';
import { imageReplacements, subjectReplacement } from '../environment.ts';
import { tenantHeader, tenantKustomizationHeader } from '../headers.ts';
import { type ImageOverride, withImages } from '../images.ts';
import { layerOver } from '../layer.ts';
import { environmentFolder, kustomizationFile, objectFile, tenantFolder } from '../layout.ts';
import { treeId, treeObjects } from '../objects.ts';
import type { FolderPlan } from '../plan.ts';
import { withSums } from '../sums.ts';
import { writeKustomization, writtenSum } from '../written.ts';

/** Objects by what makes them the same ones in all layers. */
export type Objects = ReadonlyMap<string, KubernetesObject>;

/** What every tenant is built on. */
export interface TenantBase {
  /** The template environment. */
  readonly template: Config;
  readonly templateObjects: Objects;
  /** The `images` that people and programs set in the template environment. */
  readonly images: readonly ImageOverride[];
  /** The objects that all tenants have in common. */
  readonly shared: Objects;
}

/** The file with all objects of a tenant that shares none. */
const objectsFile = 'objects.yaml';

/** The base of the tenants, and the files of the folder that holds what they have in common. */
export function planShared(
  name: string,
  template: Config,
  config: Config,
  bounds: Bounds,
  images: readonly ImageOverride[],
): { base: TenantBase; files: Files } {
  const templateObjects = byId(treeObjects(template), template);
  const shared = byId([...treeObjects(config), ...bare(boundObjects(config, bounds))], template);
  const files: Files = new Map();
  const below = `../../${environmentFolder(name)}`;
  const { kustomization, setsImage } = writeLayer(files, templateObjects, shared, template, below);
  const replacements = setsImage ? imageReplacements(config, shared) : [];
  files.set(
    kustomizationFile,
    writeKustomization(
      { ...kustomization, ...(replacements.length === 0 ? {} : { replacements }) },
      tenantKustomizationHeader,
    ),
  );
  return { base: { template, templateObjects, images, shared }, files };
}

/** The folder of a tenant, with what the engine of the fleet has of it. */
export function tenantPlan(fleet: Fleet, base: TenantBase, config: Config, tenant: Tenant): FolderPlan {
  const engine = engineTenantFiles(fleet, tenant, isAlone(base, config));
  const files = new Map([...planTenant(base, config, tenant), ...engine]);
  const sums = new Map([...files].map(([file, text]) => [file, new Set([writtenSum(text)])]));
  files.set(kustomizationFile, withSums(files.get(kustomizationFile) as string, sums));
  return {
    folder: tenantFolder(tenant.id),
    about: { tenants: [tenant.id] },
    release: config.metadata.name,
    files,
  };
}

/** Whether a tenant has a release name of its own, and therefore shares no object with the others. */
function isAlone({ template }: TenantBase, config: Config): boolean {
  return config.metadata.name !== template.metadata.name;
}

/** The files of a tenant's folder. */
export function planTenant(base: TenantBase, config: Config, { bounds, labels }: Tenant): Files {
  const files: Files = new Map();
  const objects = [...treeObjects(config), ...bare(boundObjects(config, bounds))];
  const alone = isAlone(base, config);
  const targets = alone ? byId(objects) : withImageBelow(byId(objects, base.template), base.shared, config);
  const { kustomization: layer, setsImage } = alone
    ? { kustomization: writeObjects(files, base, config, objects), setsImage: true }
    : writeLayer(files, base.shared, targets, config, '../_shared');
  const { apiVersion, kind, ...rest } = layer;
  const replacements = [
    ...(setsImage ? imageReplacements(config, targets) : []),
    ...subjectReplacement(targets, alone ? [] : [base.shared, base.templateObjects]),
  ];
  const kustomization = {
    apiVersion: apiVersion as string,
    kind: kind as string,
    namespace: config.metadata.namespace,
    ...rest,
    labels: [{ pairs: { ...labels } }],
    ...(replacements.length === 0 ? {} : { replacements }),
  };
  files.set(kustomizationFile, writeKustomization(kustomization, tenantKustomizationHeader));
  return files;
}

/**
 * The objects by what makes them the same ones in all layers. A Namespace is one whatever it is called: kustomize gives it
 * the name of the namespace that it builds for.
 *
 * @param template what a Namespace is called below
 */
function byId(objects: readonly KubernetesObject[], template?: Config): Map<string, KubernetesObject> {
  return new Map(
    objects.map((object) => {
      if (object.kind !== 'Namespace' || template === undefined) return [treeId(object), object];
      const metadata = { ...object.metadata, name: template.metadata.namespace };
      return ['v1 Namespace', { ...object, metadata }];
    }),
  );
}

/** Files of the tree carry no namespace. */
function bare(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.map((object) => {
    const { namespace: _, ...metadata } = object.metadata;
    return { ...object, metadata } as KubernetesObject;
  });
}

/**
 * A kustomization that turns the objects below it into others, with what it adds in files of their own; and whether it sets
 * an image of gateway or workers, so that the one must be carried to the others again.
 */
function writeLayer(
  files: Files,
  below: Objects,
  targets: Objects,
  config: Config,
  folder: string,
): { kustomization: JsonObject; setsImage: boolean } {
  const { resources, patches } = layerOver(below, targets);
  const added = resources.map((object) => {
    const file = `resources/${objectFile(object, config.metadata.name)}`;
    files.set(file, writeYaml(object, { header: tenantHeader }));
    return file;
  });
  const { jobTemplate } = namesOf(config);
  const setsImage = [...resources, ...patches.map(({ patch }) => patch)].some(
    (one) => dig(one, ['metadata', 'name']) === jobTemplate || JSON.stringify(one).includes('"image"'),
  );
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [folder, ...added],
    ...(patches.length === 0 ? {} : { patches: patches.map(({ patch }) => ({ patch: inlinePatch(patch) })) }),
  };
  return { kustomization, setsImage };
}

/**
 * A patch as text inside of a kustomization. Kustomize takes the white space at its end away, which a text of several lines
 * may end with: so the name of the object, which is none, comes last.
 */
function inlinePatch({ metadata, ...rest }: JsonObject): string {
  const { name = null, ...others } = metadata as JsonObject;
  return writeYaml({ ...rest, metadata: { ...others, name } });
}

/** A kustomization of all objects of a tenant, for one with a release name of its own: it is in every object. */
function writeObjects(
  files: Files,
  { template, templateObjects, images }: TenantBase,
  config: Config,
  objects: readonly KubernetesObject[],
): JsonObject {
  const items = followTemplate(objects, config, template, templateObjects, images);
  files.set(objectsFile, writeYaml({ apiVersion: 'v1', kind: 'List', items }, { header: tenantHeader }));
  return {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [objectsFile],
  };
}

/** A tenant's objects with the images that were set in the template environment, where they are those of the template. */
export function followTemplate(
  objects: readonly KubernetesObject[],
  config: Config,
  template: Config,
  templateObjects: Objects,
  images: readonly ImageOverride[],
): KubernetesObject[] {
  if (images.length === 0) return [...objects];
  const files = new Map(
    [...templateObjects.values()].map((object) => [objectFile(object, template.metadata.name), object]),
  );
  return withImages(objects, images, (object) => files.get(objectFile(object, config.metadata.name)));
}

/**
 * A worker template that differs from the one below in nothing but the image is that one: the replacement gives it the
 * gateway's image.
 */
function withImageBelow(targets: Map<string, KubernetesObject>, below: Objects, config: Config): Objects {
  const id = `v1 ConfigMap ${namesOf(config).jobTemplate}`;
  const [now, old] = [targets.get(id), below.get(id)];
  const [text, textBelow] = [now, old].map((object) =>
    isObject(object?.data) ? object.data[templateKey] : '',
  );
  if (now === undefined || typeof text !== 'string' || typeof textBelow !== 'string') return targets;
  if (text === textBelow) return targets;
  const [image] = templateImages(textBelow);
  if (image === undefined || setTemplateImage(text, image) !== textBelow) return targets;
  return targets.set(id, { ...now, data: { ...(now.data as JsonObject), [templateKey]: textBelow } });
}
