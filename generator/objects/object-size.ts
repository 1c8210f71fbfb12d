/** How much a ConfigMap or a Secret may hold. */
import type { Problem } from '../config/problem.ts';
import type { Config } from '../config/schema/resource.ts';
import { configFileKey } from '../config/secret-keys.ts';
import { appFile } from './app-file.ts';

/** The API server takes no more, all values of an object together. */
const mostBytes = 1024 * 1024;

/** Whether values are more than the API server takes in one object. */
export function isTooLarge(values: Iterable<string>): boolean {
  return [...values].reduce((sum, value) => sum + Buffer.byteLength(value), 0) > mostBytes;
}

/** What to do about values that are too large. */
export const tooLargeHint = 'mount what is large from a volume of your own';

/** Where the configuration file, and the values beside it in its Secret, are more than one object may hold. */
export function tooLarge(config: Config, secrets: ReadonlyMap<string, string> = new Map()): Problem[] {
  const { place, text } = appFile(config);
  const file = place === 'own-secret' ? '' : text(secrets);
  if (isTooLarge([file]))
    return [problem(['spec', 'config'], 'the configuration file is larger than the 1 MiB of an object')];
  const values = new Map(secrets);
  if (place === 'secret') values.set(configFileKey, file);
  if (!isTooLarge(values.values())) return [];
  return [problem(['spec', 'secrets'], 'the values of the Secret are larger than 1 MiB together')];
}

function problem(path: Problem['path'], message: string): Problem {
  return { code: 'object-too-large', severity: 'error', path, message, hint: tooLargeHint };
}
