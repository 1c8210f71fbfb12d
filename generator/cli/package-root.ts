import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this package: a clone, or the package in somebody's node_modules. */
export function packageRoot(): string {
  const start = path.dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'generator', 'plugin'))) return folder;
    if (path.dirname(folder) === folder) throw new Error(`${start} is not inside the package`);
  }
}
