/**
 * How tests start the program as a process: by the clone's launchers, or as the one file that `GLYPHOXA_BINARY` names,
 * so that the same tests say what both do.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const generator = fileURLToPath(new URL('../../generator/', import.meta.url));
const place = path.join('deploy.glyphoxa.io', 'v1alpha1', 'glyphoxa', 'Glyphoxa');

/** The one file under test; undefined where the clone is. */
export const binary = process.env.GLYPHOXA_BINARY ? path.resolve(process.env.GLYPHOXA_BINARY) : undefined;

/** The program, and the words before those of the command line. */
export const program: { readonly command: string; readonly words: readonly string[] } =
  binary === undefined
    ? { command: process.execPath, words: [path.join(generator, 'bin/glyphoxa-kustomize.js')] }
    : { command: binary, words: [] };

/** A shell's words that start the program. */
export const programWords = [program.command, ...program.words].map((word) => `'${word}'`).join(' ');

const links = binary === undefined ? undefined : linksTo(binary);

/** A plugin home with the plugin in it. */
export const pluginHome = links ?? path.join(generator, 'plugin');

/** The KRM function's executable. */
export const functionFile =
  links === undefined ? path.join(generator, 'bin/function') : path.join(links, 'glyphoxa-kustomize-fn');

/** The classic plugin's executable. */
export const pluginFile = path.join(pluginHome, place);

/** What `plugin install` links to. */
export const linkTarget = binary ?? pluginFile;

/** A folder with the file under the names that it acts by, gone when this process ends. */
function linksTo(file: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'glyphoxa-links-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(path.dirname(path.join(folder, place)), { recursive: true });
  for (const name of [place, 'glyphoxa-kustomize-fn']) symlinkSync(file, path.join(folder, name));
  return folder;
}
