/**
 * What a run wrote of each tenant and from what, in a file outside of the tree: so that the next run need not read and
 * render again what did not change. Nothing depends on it but time: without it everything is done anew.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import manifest from '../../../package.json' with { type: 'json' };
import type { KnownTenant } from '../../config/fleet.ts';
import { type Slice, sliceTenants, withoutSlices } from '../../config/fleet-slices.ts';
import type { Finding } from '../../model/finding.ts';
import { makeFolder } from '../../model/make-folder.ts';
import { writeFiles } from '../../model/write-file.ts';
import { readBytes, type Tree } from '../disk.ts';
import { tenantFolder } from '../layout.ts';
import { sumOf } from '../sums.ts';

/** A tenant as the last run wrote it. */
export interface RecordedTenant extends KnownTenant {
  /** The checksum of its part of the file. */
  readonly slice: string;
  /** The checksums of its files as they are on disk, by their paths in its folder. */
  readonly files: { readonly [file: string]: string };
  /** Warnings, none of which stands in the file. */
  readonly findings: readonly Finding[];
}

/** What is known of the tenants of one tree. */
export interface FleetRecord {
  /** The checksum of everything that all tenants are written from, this program among it. */
  readonly from: string;
  readonly tenants: { readonly [id: string]: RecordedTenant };
}

/** A fleet's text, without the tenants that are as they were. */
export interface Remaining {
  readonly text: string;
  readonly unchanged: readonly RecordedTenant[];
  /** The checksum of each tenant's part of the text; undefined where they cannot be told apart. */
  readonly slices: ReadonlyMap<string, string> | undefined;
  readonly from: string;
}

/** This build of the program: the names of its files are made from their contents. */
const build = `${manifest.version} ${path.basename(import.meta.url)}`;

/**
 * What is left to do of a fleet.
 *
 * @param inputs the texts of everything else that tenants are written from
 */
export function remainingOf(
  tree: Tree,
  text: string,
  inputs: readonly string[],
  record: FleetRecord | undefined,
): Remaining {
  const places = sliceTenants(text);
  if (places === undefined) return { text, unchanged: [], slices: undefined, from: '' };
  const slices = new Map([...places].map(([id, { from, to }]) => [id, sumOf(text.slice(from, to))]));
  const head = withoutTenants(text, places);
  const from = sumOf(JSON.stringify([build, head, ...inputs]));
  if (record?.from !== from) return { text, unchanged: [], slices, from };
  const unchanged = [...slices].flatMap(([id, sum]) => {
    const known = Object.hasOwn(record.tenants, id) ? record.tenants[id] : undefined;
    return known?.slice === sum && isAsRecorded(tree, known) ? [known] : [];
  });
  const left = withoutSlices(
    text,
    unchanged.map(({ id }) => places.get(id) as Slice),
  );
  return { text: left, unchanged, slices, from };
}

function withoutTenants(text: string, places: ReadonlyMap<string, Slice>): string {
  const all = [...places.values()];
  const [first, last] = [all[0], all.at(-1)];
  return first === undefined || last === undefined ? text : text.slice(0, first.from) + text.slice(last.to);
}

/** Whether a tenant's files are what was written. */
function isAsRecorded(tree: Tree, { id, files }: RecordedTenant): boolean {
  return Object.entries(files).every(([file, sum]) => {
    const bytes = readBytes(tree, `${tenantFolder(id)}/${file}`);
    return bytes !== undefined && sumOf(bytes) === sum;
  });
}

/** Reads a record; undefined where there is none that can be used. */
export function readRecord(file: string): FleetRecord | undefined {
  try {
    const { from, tenants } = JSON.parse(readFileSync(file, 'utf8')) as Partial<FleetRecord>;
    return typeof from === 'string' && typeof tenants === 'object' && tenants !== null
      ? { from, tenants }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a record; where that cannot be done, the next run takes longer. */
export function keepRecord(file: string, record: FleetRecord): void {
  try {
    makeFolder(path.dirname(file));
    writeFiles([{ file, text: JSON.stringify(record), mode: 0o600 }]);
  } catch {
    // A full disk, a home that cannot be written: the tree itself is written.
  }
}
