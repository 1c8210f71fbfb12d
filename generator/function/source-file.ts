import { readdirSync } from 'node:fs';
import path from 'node:path';
import { isObject, type Json } from '../model/json.ts';
import { readFile } from '../model/read-file.ts';
import { parseYaml, readYaml, type YamlSource } from '../model/yaml.ts';

/**
 * Finds the file that a resource was read from. kustomize hands a plugin the resource re-serialised, without
 * the file's name, so errors would have no positions; the file is one of the kustomization's generators or
 * lies beside it, and holds a resource of the same kind and name.
 *
 * @param folder the kustomization's folder
 * @returns the one file that fits; undefined where there is none or more than one
 */
export function findSourceFile(folder: string, value: Json | undefined): YamlSource | undefined {
  const wanted = identity(value);
  if (wanted === undefined) return undefined;
  const fits = candidates(folder).flatMap((name) => {
    try {
      const source = readYaml(readFile(path.join(folder, name)).toString('utf8'), name);
      return mentions(source, wanted) ? [source] : [];
    } catch {
      return [];
    }
  });
  return fits.length === 1 ? fits[0] : undefined;
}

function identity(value: Json | undefined): { kind: Json | undefined; name: Json | undefined } | undefined {
  if (!isObject(value) || !isObject(value.metadata)) return undefined;
  return { kind: value.kind, name: value.metadata.name };
}

/** Whether a file holds the resource. A name that YAML reads as a number is compared as it is written. */
function mentions(source: YamlSource, wanted: { kind: Json | undefined; name: Json | undefined }): boolean {
  const found = identity(source.value);
  if (found === undefined || found.kind !== wanted.kind) return false;
  return found.name === wanted.name || source.written(['metadata', 'name']) === String(wanted.name);
}

/** The generators and transformers that the kustomization names, and the YAML files beside it. */
function candidates(folder: string): string[] {
  const beside = names(() => readdirSync(folder)).filter((name) => /\.ya?ml$/.test(name));
  const kustomization = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'].flatMap((name) =>
    names(() => parseYaml(readFile(path.join(folder, name)).toString('utf8')).flatMap(entries)),
  );
  return [...new Set([...kustomization, ...beside].map((name) => path.normalize(name)))];
}

function entries(kustomization: Json): string[] {
  if (!isObject(kustomization)) return [];
  return [kustomization.generators, kustomization.transformers]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .filter(
      (entry): entry is string =>
        typeof entry === 'string' && /\.ya?ml$/.test(entry) && !entry.includes('\n'),
    );
}

function names(list: () => string[]): string[] {
  try {
    return list();
  } catch {
    return [];
  }
}
