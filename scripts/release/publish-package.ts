/**
 * `npm run release:publish -- [--dry-run]`: publishes the packed file of `release/` to the registry that package.json names,
 * with its provenance. `NPM_TOKEN` logs in.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { releaseOf } from '../../generator/tree/release.ts';
import { releaseFolder } from './binaries.ts';
import { type Candidate, manifestOf, registryProblem } from './check.ts';

const manifest: Candidate['manifest'] = manifestOf();
const problem = registryProblem(manifest);
if (problem === undefined) publish(manifest.publishConfig?.registry ?? '', process.argv.slice(2));
else {
  console.error(`error: ${problem}`);
  process.exitCode = 1;
}

/** npm itself fills the token in, so that it stands in no file and no argument. */
function publish(registry: string, more: readonly string[]): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'release-'));
  const config = path.join(folder, 'npmrc');
  const { host, pathname } = new URL(registry);
  try {
    writeFileSync(config, `//${host}${pathname.replace(/\/?$/, '/')}:_authToken=\${NPM_TOKEN}\n`);
    const file = path.join(releaseFolder, releaseOf(manifest).file);
    const options = ['--provenance', '--access', 'public', '--ignore-scripts', `--registry=${registry}`];
    execFileSync('npm', ['publish', file, ...options, `--userconfig=${config}`, ...more], {
      stdio: 'inherit',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
