/** Where editors find the JSON Schema of a file: in the repository, in the installed package, or where releases are made. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { type SchemaName, schemaFiles } from '../config/json-schema.ts';
import type { Tree } from './disk.ts';
import { release } from './release.ts';

/**
 * The `$schema` of a file's first line, for the YAML language server. A path where the repository has the schema or
 * the package, so that it works without a network; else the address in the repository that releases are made in.
 * Undefined where none is set: an address under a name that nobody holds could become anybody's.
 *
 * @param file the file's path in the tree
 */
export function schemaFor(tree: Tree, what: SchemaName, file: string): string | undefined {
  const name = `schema/${schemaFiles[what]}`;
  for (const local of [name, `node_modules/${release.name}/${name}`]) {
    if (existsSync(path.join(tree.root, local))) return path.posix.relative(path.posix.dirname(file), local);
  }
  const { repository, version } = release;
  return repository && `https://raw.githubusercontent.com/${repository}/v${version}/${name}`;
}

/** The first lines of a file: the schema where there is one, and what the file is. */
export function headerWith(schema: string | undefined, about: string): string {
  return schema === undefined ? about : `yaml-language-server: $schema=${schema}\n${about}`;
}
