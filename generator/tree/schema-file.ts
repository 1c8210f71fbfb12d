/** Where editors find the JSON Schema of a file: in the installed package, else on the web. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import type { Tree } from './disk.ts';

/**
 * The `$schema` of a file's first line, for the YAML language server. A path where the repository has the schema or
 * the package, so that it works without a network; else the address of this version.
 *
 * @param file the file's path in the tree
 */
export function schemaFor(tree: Tree, what: 'resource' | 'environment', file: string): string {
  const name = `schema/${what === 'resource' ? 'glyphoxa' : 'environment'}.schema.json`;
  for (const local of [name, `node_modules/${manifest.name}/${name}`]) {
    if (existsSync(path.join(tree.root, local))) return path.posix.relative(path.posix.dirname(file), local);
  }
  return `https://unpkg.com/${manifest.name}@${manifest.version}/${name}`;
}
