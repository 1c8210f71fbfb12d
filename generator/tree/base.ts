/** The written text of `base/` and `components/`. */
import type { Config } from '../config/schema/resource.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { strategicDiff } from '../model/strategic-diff.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { type Component, components } from '../objects/parts.ts';
import { kustomizationHeader, sharedHeader } from './headers.ts';
import { baseFolder, componentFolder, kustomizationFile, objectFile } from './layout.ts';
import { baseObjects, componentObjects, treeId } from './objects.ts';
import { writeKustomization } from './written.ts';

/** Files by their paths. */
export type Files = Map<string, string>;

/** The files of `base/`: an object each. */
export function baseFiles(config: Config): Files {
  const files: Files = new Map();
  const resources = baseObjects(config).map((object) => {
    const name = objectFile(object, config.metadata.name);
    files.set(`${baseFolder}/${name}`, writeYaml(object, { header: sharedHeader }));
    return name;
  });
  const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources };
  files.set(`${baseFolder}/${kustomizationFile}`, writeKustomization(kustomization, kustomizationHeader));
  return files;
}

/** The files of all components. */
export function componentFiles(config: Config): Files {
  return new Map(components.flatMap((component) => [...oneComponent(config, component)]));
}

function oneComponent(config: Config, component: Component): Files {
  const files: Files = new Map();
  const folder = componentFolder(component.name);
  const write = (object: JsonObject, file: string) => {
    files.set(`${folder}/${file}`, writeYaml(object, { header: sharedHeader }));
    return file;
  };
  const release = config.metadata.name;
  const { added, changed } = componentObjects(config, component);
  const resources = added.map((object) => write(object, objectFile(object, release)));
  const base = new Map(baseObjects(config).map((object) => [treeId(object), object]));
  const patches = changed.flatMap((object) => {
    const patch = strategicDiff(base.get(treeId(object)) as KubernetesObject, object);
    if (patch === undefined) return [];
    // With a target a patch that finds nothing is passed over, so that the component builds by itself too.
    const { kind, metadata } = object;
    const path = write(patch, `patches/${objectFile(object, release)}`);
    return [{ path, target: { kind, name: metadata.name } }];
  });
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1alpha1',
    kind: 'Component',
    // One that is empty builds only while it says anything: "kustomize edit fix" takes empty lists away.
    ...(resources.length + patches.length === 0 ? { metadata: { name: component.name } } : {}),
    ...(resources.length === 0 ? {} : { resources }),
    ...(patches.length === 0 ? {} : { patches }),
  };
  files.set(`${folder}/${kustomizationFile}`, writeKustomization(kustomization, kustomizationHeader));
  return files;
}
