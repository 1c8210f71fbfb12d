/**
 * What this machine remembers of the values that it sealed, so that only what changed is sealed again. It lies
 * beside the values themselves, in a folder that git ignores, open to its owner alone; each value stands in it as
 * a slow, salted digest. See docs/adr/0022-what-was-sealed.md.
 */
import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { isObject, type JsonObject } from '../model/json.ts';
import { type SealingTarget, sealingLabel } from './seal.ts';

/** What is remembered of one key. */
interface Sealed extends JsonObject {
  /** The checksum of the ciphertext that is meant. */
  ciphertext: string;
  scope: string;
  label: string;
  salt: string;
  digest: string;
}

/** What is remembered, by key. */
export type SealedRecord = ReadonlyMap<string, Sealed>;

/** Reads a record; what is no record counts as nothing remembered. */
export function readRecord(text: string | undefined): SealedRecord {
  const record = new Map<string, Sealed>();
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    for (const [key, entry] of Object.entries(isObject(value) ? value : {})) {
      const fields = ['ciphertext', 'scope', 'label', 'salt', 'digest'] as const;
      if (isObject(entry) && fields.every((field) => typeof entry[field] === 'string'))
        record.set(key, entry as Sealed);
    }
  } catch {
    // Not JSON: a file that was cut off, say.
  }
  return record;
}

/** The text of a record. */
export function writeRecord(record: SealedRecord): string {
  const sorted = [...record].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify(Object.fromEntries(sorted), null, 2)}\n`;
}

/** What to remember of a value that was just sealed. */
export function remember(value: string, ciphertext: string, target: SealingTarget): Sealed {
  const salt = randomBytes(16);
  return {
    ciphertext: checksum(ciphertext),
    scope: target.scope,
    label: sealingLabel(target),
    salt: salt.toString('base64'),
    digest: digest(value, salt).toString('base64'),
  };
}

/** Whether a ciphertext is known to hold this very value, for this very target. */
export function holds(
  record: SealedRecord,
  key: string,
  value: string,
  ciphertext: string,
  target: SealingTarget,
): boolean {
  const sealed = record.get(key);
  if (sealed === undefined || sealed.ciphertext !== checksum(ciphertext)) return false;
  if (sealed.scope !== target.scope || sealed.label !== sealingLabel(target)) return false;
  const known = Buffer.from(sealed.digest, 'base64');
  const now = digest(value, Buffer.from(sealed.salt, 'base64'));
  return known.length === now.length && timingSafeEqual(known, now);
}

/** Whether a ciphertext is known to hold another value than this. What this machine did not seal is not known. */
export function holdsAnother(record: SealedRecord, key: string, value: string, sealed: Sealing): boolean {
  const { ciphertext, target } = sealed;
  const isKnown = record.get(key)?.ciphertext === checksum(ciphertext);
  return isKnown && otherTarget(record, key, ciphertext, target) === undefined
    ? !holds(record, key, value, ciphertext, target)
    : false;
}

/** A ciphertext, and what it is bound to. */
interface Sealing {
  readonly ciphertext: string;
  readonly target: SealingTarget;
}

/** The target that a ciphertext is known to be sealed for, where it is another one than this. */
export function otherTarget(
  record: SealedRecord,
  key: string,
  ciphertext: string,
  target: SealingTarget,
): string | undefined {
  const sealed = record.get(key);
  if (sealed === undefined || sealed.ciphertext !== checksum(ciphertext)) return undefined;
  if (sealed.scope === target.scope && sealed.label === sealingLabel(target)) return undefined;
  return sealed.scope === 'cluster-wide' ? 'the whole cluster' : sealed.label;
}

/** A ciphertext is public, and so is its checksum. */
function checksum(ciphertext: string): string {
  return createHash('sha256').update(ciphertext).digest('base64');
}

/** About 60 ms and 32 MiB for each guess. */
function digest(value: string, salt: Buffer): Buffer {
  return scryptSync(value, salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 });
}
