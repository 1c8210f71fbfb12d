/** Versions of charts, and PostgreSQL's in the tag of an image. */
import { splitImage } from './image.ts';

/**
 * Compares two semantic versions, negative, 0 or positive as for sorting; a leading `v` and what follows a `+`
 * do not count. Source: Semantic Versioning 2.0.0, section 11.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [split(a), split(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left.numbers[i] ?? 0) - (right.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePreReleases(left.pre, right.pre);
}

function split(version: string): { numbers: number[]; pre: string[] } {
  const [core = '', ...pre] = version.replace(/^v/, '').replace(/\+.*$/, '').split('-');
  const text = pre.join('-');
  return { numbers: core.split('.').map(Number), pre: text === '' ? [] : text.split('.') };
}

function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  // A release comes after all that lead to it.
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const [left = '', right = ''] = [a[i], b[i]];
    if (left === right) continue;
    const [m, n] = [left, right].map((part) => (/^\d+$/.test(part) ? Number(part) : undefined));
    if (m !== undefined && n !== undefined) return m - n;
    if (m !== undefined || n !== undefined) return m === undefined ? 1 : -1;
    return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

/** PostgreSQL's major version, which an image's tag begins with; undefined where it does not. */
export function postgresMajor(image: string): number | undefined {
  const digits = /^\d+/.exec(splitImage(image).tag ?? '')?.[0];
  return digits === undefined ? undefined : Number(digits);
}
