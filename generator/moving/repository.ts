/** The files of a repository that begins with a resource and one environment. */
import { environmentFile, resourceFile } from '../config/files.ts';
import type { JsonObject } from '../model/json.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import type { Tree } from '../tree/disk.ts';
import { surroundings } from '../tree/init.ts';
import { environmentFolder } from '../tree/layout.ts';
import { headerWith, schemaFor } from '../tree/schema-file.ts';

/** The files by their paths. */
export function repositoryFiles(
  tree: Tree,
  resource: JsonObject & { readonly metadata: { readonly name: string } },
  environment: string,
  layer: JsonObject,
): Map<string, string> {
  const file = `${environmentFolder(environment)}/${environmentFile}`;
  const written = (path: string, what: 'resource' | 'environment', value: JsonObject, about: string) =>
    [path, writeYaml(value, { header: headerWith(schemaFor(tree, what, path), about) })] as const;
  const shared = 'What all environments share. Then: glyphoxa-kustomize generate';
  const changed = `What ${environment} changes of glyphoxa.yaml. Then: glyphoxa-kustomize generate`;
  return new Map([
    written(resourceFile, 'resource', resource, shared),
    written(file, 'environment', layer, changed),
    ...surroundings(resource.metadata.name, [environment]),
  ]);
}
