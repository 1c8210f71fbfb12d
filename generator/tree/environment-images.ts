/** The `images` of an environment's kustomization, which win over the image of the resource. */
import path from 'node:path';
import { otherProgram } from '../config/generation.ts';
import type { Config } from '../config/schema/resource.ts';
import type { Finding } from '../model/finding.ts';
import { splitImage } from '../model/image.ts';
import { imageOf } from '../objects/names.ts';
import { openTree, readText, type Tree } from './disk.ts';
import { type ImageOverride, imageOverrides, overrideImage } from './images.ts';
import { readKustomization } from './kustomization.ts';
import { environmentFolder, kustomizationFile } from './layout.ts';

/** What an environment runs. */
export interface EnvironmentImages {
  readonly overrides: readonly ImageOverride[];
  /** The image of all workloads. */
  readonly image: string;
  /** Entries that do not do what they look like. */
  readonly findings: readonly Finding[];
}

/** Reads the `images` of an environment, and what becomes of its image. */
export function readImages(tree: Tree, environment: string, config: Config): EnvironmentImages {
  const file = `${environmentFolder(environment)}/${kustomizationFile}`;
  const text = readText(tree, file);
  const overrides = text === undefined ? [] : overridesOf(text, tree.show(file));
  const image = overrideImage(imageOf(config), overrides);
  const about = tree.show(file);
  const findings = [...findingsOf(overrides, config, about), ...programOf(image, environment, config, about)];
  return { overrides, image, findings };
}

/** The `images` of a kustomization, from its text; the file's name is for findings. */
export function overridesOf(text: string, file: string): ImageOverride[] {
  return imageOverrides(readKustomization(text, file).value);
}

/** The `images` of the kustomization in an environment's folder, for a command that was given that folder alone. */
export function overridesIn(folder: string): ImageOverride[] {
  const tree = openTree('.', folder);
  const text = readText(tree, kustomizationFile);
  return text === undefined ? [] : overridesOf(text, path.join(folder, kustomizationFile));
}

/** Whether an entry brings another program than the one that is deployed; what the configuration says has its own rule. */
function programOf(image: string, environment: string, config: Config, file: string): Finding[] {
  const found = image === imageOf(config) ? undefined : otherProgram(splitImage(image));
  if (found === undefined) return [];
  const message = `${file}: ${found.message}`;
  return [{ ...found, code: 'other-generation', path: [], message, environments: [environment] }];
}

function findingsOf(overrides: readonly ImageOverride[], config: Config, file: string): Finding[] {
  const warning = (code: string, message: string, hint: string): Finding => {
    return { code, severity: 'warning', path: [], message: `${file}: ${message}`, hint };
  };
  const { repository } = config.spec.core.image;
  const last = (name: string) => name.slice(name.lastIndexOf('/') + 1);
  return overrides.flatMap(({ name, newTag, digest }) => {
    if (newTag !== undefined && digest !== undefined && name === repository) {
      const message = `images sets both newTag and digest of ${name}, which versions of kustomize read differently`;
      return [warning('image-tag-and-digest', message, 'keep one of them')];
    }
    const isNamed = overrides.some((other) => other.newName === name) || name === repository;
    if (isNamed || last(name) !== last(repository)) return [];
    const message = `images names ${name}, and the image of this environment is ${repository}: the entry does nothing`;
    return [
      warning('image-unmatched', message, `name ${repository} in it, and the new repository as newName`),
    ];
  });
}
