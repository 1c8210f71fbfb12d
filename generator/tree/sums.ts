/**
 * What was written into a folder, as a file of checksums beside it: so files that were edited by hand are told
 * from files that are merely out of date. See docs/adr/0010-checksum-files.md.
 */
import { createHash } from 'node:crypto';
import manifest from '../../package.json' with { type: 'json' };
import { compareVersions } from '../model/versions.ts';
import { kustomizationFile, sharedTenantFolder, tenantsFolder } from './layout.ts';

/** The name of the file with the checksums of its folder. */
export const sumsFile = '.glyphoxa-kustomize.sum';

/**
 * The file in a folder that has its checksums. A tenant's stand in the head of its kustomization, which is written as a
 * whole: one file for each of thousands of tenants.
 */
export function sumsFileOf(folder: string): string {
  return isOfTenant(folder) ? kustomizationFile : sumsFile;
}

function isOfTenant(folder: string): boolean {
  return folder.startsWith(`${tenantsFolder}/`) && folder !== sharedTenantFolder;
}

/** The checksums that each file may have and still count as written, not edited. */
export type Sums = ReadonlyMap<string, ReadonlySet<string>>;

/** A file of checksums that was read. */
export interface ReadSums {
  readonly sums: Sums;
  /** The version of the tool that wrote it where that is newer than this one. */
  readonly newer: string | undefined;
}

/** The checksum of a file's content. */
export function sumOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * Reads a file of checksums. Lines that are none are passed over, so that a file with merge conflicts in it
 * still says what both sides wrote, as one does that git merged by union; no line can name a file outside of the folder.
 */
export function parseSums(text: string): ReadSums {
  const sums = new Map<string, Set<string>>();
  for (const line of text.split('\n')) {
    const [, sum = '', path = ''] =
      /^(?:# )?([0-9a-f]{64}) {2}((?:[\w-][\w.-]*\/)*[\w-][\w.-]*)\r?$/.exec(line) ?? [];
    if (sum !== '') sums.set(path, (sums.get(path) ?? new Set()).add(sum));
  }
  const versions = [...text.matchAll(/^# glyphoxa-kustomize (\d+\.\d+\.\d+\S*)/gm)];
  return {
    sums,
    newer: versions
      .map(([, version = '']) => version)
      .find((version) => compareVersions(version, manifest.version) > 0),
  };
}

/** The text of a file of checksums. Empty lines keep the changes of two branches apart, so that git can merge them. */
export function writeSums(sums: Sums): string {
  const lines = [...sums].flatMap(([path, all]) => [...all].map((sum) => `\n${sum}  ${path}\n`));
  return `# glyphoxa-kustomize ${manifest.version}
# What "glyphoxa-kustomize generate" wrote here, so that it can tell files that you edited. Commit this file.
# Of an environment's kustomization.yaml only the entries that are written count.
${lines.sort((a, b) => (a.slice(67) < b.slice(67) ? -1 : 1)).join('')}`;
}

const headOfSums =
  '# What "glyphoxa-kustomize generate" wrote here, so that it can tell files that you edited:\n';

/** A kustomization with the checksums of its folder in its head, in place of those that are there. */
export function withSums(text: string, sums: Sums): string {
  const [head = ''] = /^(?:#.*\n)*/.exec(text) ?? [];
  const before = head.split(headOfSums, 1)[0] as string;
  const lines = [...sums].flatMap(([path, all]) => [...all].map((sum) => `# ${sum}  ${path}\n`));
  return `${before}${headOfSums}${lines.sort().join('')}${text.slice(head.length)}`;
}
