/** The package as npm packs it, installed where nothing else is. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { toolEnv } from './find-tool.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A registry that is not there, so that nothing can come from one. */
const noRegistry = { npm_config_registry: 'http://127.0.0.1:9/', npm_config_update_notifier: 'false' };

/** A packed and installed package. */
export interface InstalledPackage {
  /** The packed file. */
  readonly tarball: string;
  /** The empty folder that it was installed in. */
  readonly folder: string;
  /** Where it is now. */
  readonly place: string;
  /** An environment in which npm reaches no registry. */
  readonly env: Record<string, string>;
}

/** Packs the repository as it is built, and installs it from the file with scripts and without a registry. */
export function installPackage(): InstalledPackage & { remove(): void } {
  const folder = mkdtempSync(path.join(tmpdir(), 'glyphoxa-package-'));
  const cache = mkdtempSync(path.join(tmpdir(), 'glyphoxa-npm-'));
  const env = { ...toolEnv({ npm_config_cache: cache, ...noRegistry }) };
  // the build has run: "prepare" would swap dist/ while other tests read it
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', cache], {
    cwd: root,
    env,
  });
  const [name = ''] = readdirSync(cache).filter((file) => file.endsWith('.tgz'));
  const tarball = path.join(cache, name);
  writeFileSync(path.join(folder, 'package.json'), '{"private": true}\n');
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', tarball], { cwd: folder, env });
  const { name: called } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const remove = () => {
    for (const made of [folder, cache]) rmSync(made, { recursive: true, force: true });
  };
  return { tarball, folder, place: path.join(folder, 'node_modules', called), env, remove };
}
