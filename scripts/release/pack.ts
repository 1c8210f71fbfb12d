/**
 * `npm run release:pack`: the package, as `npm pack` makes it of what is built, in `release/`, and `SHA256SUMS` of all that
 * lies there.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { root } from '../bundles.ts';
import { releaseFolder, writeSums } from './binaries.ts';

mkdirSync(releaseFolder, { recursive: true });
execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', releaseFolder], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
});
writeSums();
