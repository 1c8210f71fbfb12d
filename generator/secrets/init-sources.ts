/** Secret values of a resource that is built alone: they are kept where it says. */
import { randomBytes } from 'node:crypto';
import { readSecret, type SecretSources } from '../config/resolve.ts';
import type { Finding } from '../model/finding.ts';
import { readText, type Tree, writeFile } from '../tree/disk.ts';
import type { SecretEnvironment } from './environment.ts';
import { missingIgnores, writeSecretFile } from './local-files.ts';
import { type NeededKey, neededKeys } from './needed.ts';

/** What was written, and what is left to do. */
export interface Initialized {
  readonly environment: SecretEnvironment;
  readonly changes: readonly { readonly path: string; readonly what: 'create' | 'change' }[];
  /** Keys whose values are still to be filled in. */
  readonly empty: readonly string[];
  /** Keys that got a random value. */
  readonly random: readonly string[];
  /** Variables that are to be set for the commands that build. */
  readonly unset: readonly string[];
  /** Keys whose values were taken over from the cluster. */
  readonly taken: readonly string[];
  readonly findings: readonly Finding[];
}

/** A random value for where any text will do. */
export function randomValue(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Makes the files that `fromFile` names and that are not there, random where any text will do, else empty, and says which
 * variables of `fromEnv` are not set. A file that is there is never touched.
 */
export function initSources(tree: Tree, environment: SecretEnvironment, sources: SecretSources): Initialized {
  const lacking = neededKeys(environment.config).filter((needed) => isLacking(needed, sources));
  const unset = lacking.flatMap(({ value }) => value?.fromEnv ?? []);
  const files = new Map(
    lacking.flatMap((needed) =>
      needed.value?.fromFile === undefined ? [] : [[needed.value.fromFile, needed]],
    ),
  );
  const made = [...files].filter(([file]) => readText(tree, file) === undefined);
  const isRandom = ([, { random }]: readonly [string, NeededKey]) => random;
  const changes: { path: string; what: 'create' | 'change' }[] = [];
  const ignores =
    made.length === 0
      ? undefined
      : missingIgnores(
          tree,
          made.map(([file]) => file),
        );
  if (ignores !== undefined) {
    changes.push({
      path: '.gitignore',
      what: readText(tree, '.gitignore') === undefined ? 'create' : 'change',
    });
    writeFile(tree, '.gitignore', ignores);
  }
  for (const [file, needed] of made) {
    writeSecretFile(tree, file, needed.random ? randomValue() : '');
    changes.push({ path: file, what: 'create' });
  }
  const random = made.filter(isRandom);
  const empty = [...files.keys()].filter((file) => !random.some(([name]) => name === file));
  return {
    environment,
    changes,
    empty,
    random: random.map(([, { key }]) => key),
    unset,
    taken: [],
    findings: environment.findings,
  };
}

function isLacking({ value }: NeededKey, sources: SecretSources): boolean {
  return value !== undefined && value.secretKeyRef === undefined && !('value' in readSecret(value, sources));
}
