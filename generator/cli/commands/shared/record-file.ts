/** Where is remembered what was written of a fleet. */
import { fingerprint } from '../../../model/fingerprint.ts';
import type { Tree } from '../../../tree/disk.ts';
import type { Io } from '../../io.ts';

/** A file of the user's cache for each tree; none where the user has no home. */
export function recordFile(tree: Tree, { env }: Io): { record?: string } {
  const { HOME: home, XDG_CACHE_HOME: given } = env;
  const cache = given?.startsWith('/') ? given : home?.startsWith('/') ? `${home}/.cache` : undefined;
  return cache === undefined
    ? {}
    : { record: `${cache}/glyphoxa-kustomize/fleets/${fingerprint(tree.root)}.json` };
}
