/** The files that kustomize and kpt start: launchers in the package, or this program itself where it is one file. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { release } from '../../tree/release.ts';

/** Where the plugin stands inside a plugin home: group, version, kind in lower case, kind. */
export const placeInHome = path.join('deploy.glyphoxa.io', 'v1alpha1', 'glyphoxa', 'Glyphoxa');

/** What starts the function where a program of that name is looked for. */
export const functionName = 'glyphoxa-kustomize-fn';

/** Executables that stay where they are; each must be linked under its own name, since one file acts by its name. */
export interface ProgramFiles {
  readonly plugin: string;
  readonly function: string;
  /** What must be there beside them; undefined where they are all there is. */
  readonly bundle?: string;
}

/** The files of this program. */
export function programFiles(): ProgramFiles {
  const here = import.meta.url;
  if (isInsideOneFile(here)) return { plugin: process.execPath, function: process.execPath };
  const generator = path.join(packageRoot(path.dirname(fileURLToPath(here))), 'generator');
  return {
    plugin: path.join(generator, 'plugin', placeInHome),
    function: path.join(generator, 'bin', 'function'),
    bundle: path.join(generator, '..', 'dist', 'function.cjs'),
  };
}

/** Whether a link at the plugin's place leads to a plugin of ours, whichever copy that is. */
export function isPluginFile(target: string): boolean {
  return (
    target.endsWith(path.join('generator', 'plugin', placeInHome)) ||
    /^(?:glyphoxa-kustomize|kubectl-glyphoxa)/.test(path.basename(target))
  );
}

/** Whether this program is one file, which bun runs. */
export function isOneFile(): boolean {
  return isInsideOneFile(import.meta.url);
}

/** Where the documentation is: of a release on the web, else in the package. */
export function docsPlace(): string {
  const { repository, version } = release;
  if (repository !== undefined) return `https://github.com/${repository}/tree/v${version}/docs`;
  if (isOneFile()) return 'the folder docs of the repository that it was built from';
  return path.join(packageRoot(path.dirname(fileURLToPath(import.meta.url))), 'docs');
}

/** Where bun has the modules of a single-file executable. */
function isInsideOneFile(url: string): boolean {
  return url.startsWith('file:///$bunfs/') || url.includes('/~BUN/');
}

/** The folder of this package: a clone, or the package in somebody's node_modules. */
function packageRoot(start: string): string {
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'generator', 'plugin'))) return folder;
    if (path.dirname(folder) === folder) throw new Error(`${start} is not inside the package`);
  }
}
