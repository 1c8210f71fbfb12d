/** How long to wait before a request is tried again. */
import { ApiError } from './errors.ts';

/** The first wait, and the longest, in milliseconds. */
const [shortest, longest] = [100, 2_000];

/**
 * The wait before the next attempt: as long as the server asks for, else twice as long each time, with a random
 * part of a half, so that many that were refused together do not come back together.
 *
 * @param attempt counts from 0
 * @param random @default Math.random
 */
export function retryDelayMs(error: unknown, attempt: number, random: () => number = Math.random): number {
  const asked = error instanceof ApiError ? error.retryAfterMs : undefined;
  if (asked !== undefined) return asked * (1 + random() * 0.25);
  return Math.min(longest, shortest * 2 ** attempt) * (0.75 + random() * 0.5);
}
