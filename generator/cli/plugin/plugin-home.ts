/** The classic plugin in the folder where kustomize looks for plugins. */
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { failure } from '../../model/finding.ts';
import { makeFolder } from '../../model/make-folder.ts';
import { writeFiles } from '../../model/write-file.ts';
import type { Io } from '../io.ts';
import { isPluginFile, placeInHome, programFiles } from './program-files.ts';

/** Beside the link, what `install` made, so that `uninstall` undoes that and no more. */
const recordName = '.glyphoxa-kustomize.json';

/**
 * The folder that kustomize takes for its plugin home: of `$KUSTOMIZE_PLUGIN_HOME`,
 * `$XDG_CONFIG_HOME/kustomize/plugin`, `~/.config/kustomize/plugin` and `~/kustomize/plugin` the first that
 * exists (kustomize's api/konfig/plugins.go); undefined where none does.
 */
export function usedPluginHome(env: Io['env']): string | undefined {
  return candidates(env).find((folder) => existsSync(folder));
}

/**
 * The plugin home to install into: the one that `$KUSTOMIZE_PLUGIN_HOME` names, else the one that kustomize
 * uses already, since a new one before it would hide the plugins there, else the first that it looks for.
 */
function targetPluginHome(env: Io['env']): string {
  const home = env.KUSTOMIZE_PLUGIN_HOME || (usedPluginHome(env) ?? candidates(env)[0]);
  if (home !== undefined) return path.resolve(home);
  throw failure('no-plugin-home', 'neither HOME nor KUSTOMIZE_PLUGIN_HOME is set', 'set one of them');
}

function candidates({ KUSTOMIZE_PLUGIN_HOME, XDG_CONFIG_HOME, HOME }: Io['env']): string[] {
  const inside = ['kustomize', 'plugin'];
  return [
    ...(KUSTOMIZE_PLUGIN_HOME ? [KUSTOMIZE_PLUGIN_HOME] : []),
    ...(XDG_CONFIG_HOME ? [path.join(XDG_CONFIG_HOME, ...inside)] : []),
    ...(HOME ? [path.join(HOME, '.config', ...inside), path.join(HOME, ...inside)] : []),
  ];
}

/** What stands at the plugin's place in a plugin home. */
export type Installed = 'nothing' | 'this' | 'another' | 'foreign';

/** Says what stands at the plugin's place: this package's plugin, another copy's, or something else. */
export function installedIn(home: string): Installed {
  const link = path.join(home, placeInHome);
  const stat = lstatSync(link, { throwIfNoEntry: false });
  if (stat === undefined) return 'nothing';
  const own = realpathSync(programFiles().plugin);
  if (existsSync(link) && realpathSync(link) === own) return 'this';
  if (!stat.isSymbolicLink()) return 'foreign';
  const target = path.resolve(path.dirname(link), readlinkSync(link));
  return isPluginFile(target) ? 'another' : 'foreign';
}

/** What a command did, for people. */
export interface Done {
  readonly link: string;
  readonly changed: boolean;
}

/**
 * Links this package's plugin into the plugin home. Does nothing where it is there already.
 *
 * @throws Failure where something that is not ours is in the way
 */
export function installPlugin(env: Io['env']): Done {
  const home = targetPluginHome(env);
  const plugin = builtPlugin();
  const link = path.join(home, placeInHome);
  const there = installedIn(home);
  if (there === 'this') return { link, changed: false };
  const isDangling = there === 'another' && !existsSync(link);
  if (there !== 'nothing' && !isDangling) {
    const what = there === 'another' ? 'the plugin of another copy' : 'something else';
    throw failure(
      'plugin-in-the-way',
      `${link} is ${what}, and nothing was changed`,
      there === 'another' ? 'run "plugin uninstall" of that copy first' : 'move it away',
    );
  }
  return onDisk(link, () => {
    const folder = path.dirname(link);
    const record = path.join(folder, recordName);
    const created = makeFolder(folder);
    if (isDangling) rmSync(link);
    else writeFiles([{ file: record, text: `${JSON.stringify({ created }, null, 2)}\n` }]);
    symlinkSync(plugin, link);
    return { link, changed: true };
  });
}

/**
 * Removes the link that `installPlugin` made, and the folders that it made where they are empty.
 *
 * @throws Failure where what stands there is not ours
 */
export function uninstallPlugin(env: Io['env']): Done {
  const home = targetPluginHome(env);
  const link = path.join(home, placeInHome);
  const there = installedIn(home);
  if (there === 'nothing') return { link, changed: false };
  const isLink = lstatSync(link).isSymbolicLink();
  const isDangling = isLink && !existsSync(link);
  if (there === 'foreign' || (there === 'another' && !isDangling)) {
    throw failure(
      'plugin-in-the-way',
      `${link} was not made by this copy, and nothing was changed`,
      'remove it by hand',
    );
  }
  if (!isLink) return { link, changed: false };
  return onDisk(link, () => {
    const record = path.join(path.dirname(link), recordName);
    const created = readRecord(record, link);
    rmSync(link);
    rmSync(record, { force: true });
    for (const folder of created) removeIfEmpty(folder);
    return { link, changed: true };
  });
}

function builtPlugin(): string {
  const { plugin, bundle } = programFiles();
  if (bundle !== undefined && !existsSync(bundle))
    throw failure(
      'not-built',
      'dist/ is missing',
      'the package is not whole: install it again, a clone with npm ci',
    );
  try {
    accessSync(plugin, constants.X_OK);
  } catch {
    throw failure('not-built', `${plugin} cannot be executed`, 'check its permissions');
  }
  return plugin;
}

/** The folders that were made for a link, the innermost first; only folders around the link count. */
function readRecord(record: string, link: string): string[] {
  try {
    const { created } = JSON.parse(readFileSync(record, 'utf8')) as { created?: unknown };
    if (!Array.isArray(created)) return [];
    return created.filter(
      (folder): folder is string => typeof folder === 'string' && link.startsWith(folder + path.sep),
    );
  } catch {
    return [];
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // something else lies in it by now
  }
}

function onDisk(link: string, work: () => Done): Done {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw failure(
      'unwritable',
      `${link} cannot be written (${code})`,
      'check the permissions of its folders',
    );
  }
}
