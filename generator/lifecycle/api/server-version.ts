/** Which Kubernetes an API server is. */
import type { Client } from './client.ts';
import { unlessForbidden } from './errors.ts';

/** A minor release of Kubernetes. */
export interface Version {
  readonly major: number;
  readonly minor: number;
}

/**
 * The version that a server behaves as, which may be an earlier one than its program's (`--emulated-version`).
 * Undefined where it does not say, or not to everybody.
 */
export async function versionOf(client: Client): Promise<Version | undefined> {
  const answer: { readonly [field: string]: unknown } = (await unlessForbidden(client.get('/version'))) ?? {};
  const major = wholeNumber(answer.emulationMajor ?? answer.major);
  const minor = wholeNumber(answer.emulationMinor ?? answer.minor);
  return major === undefined || minor === undefined ? undefined : { major, minor };
}

/** A version as people write it: `1.36`. */
export function apiVersionWords({ major, minor }: Version): string {
  return `${major}.${minor}`;
}

/** Clouds add to the number: `29+`. */
function wholeNumber(text: unknown): number | undefined {
  const number = Number.parseInt(String(text), 10);
  return Number.isNaN(number) ? undefined : number;
}
