/**
 * A record of Helm's: a Secret (with HELM_DRIVER=configmap a ConfigMap) named `sh.helm.release.v1.NAME.vN` for each
 * revision of a release, whose labels say what it is and whose data is the gzipped release. Source: Helm's
 * pkg/storage/driver, the same in Helm 3 and 4.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { dig, isObject, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { parseYaml } from '../../model/yaml.ts';
import type { Client } from '../api/client.ts';
import { knownType } from '../api/resources.ts';

/** The kinds that records have. */
export const recordKinds = ['Secret', 'ConfigMap'] as const;

/**
 * The records of a release, oldest first, with those that are out of helm's sight.
 *
 * @param kinds where to look. @default everywhere
 */
export async function recordsOf(
  client: Client,
  name: string,
  namespace: string,
  kinds: readonly string[] = recordKinds,
): Promise<KubernetesObject[]> {
  const query = { labelSelector: `name=${name}` };
  const lists = await Promise.all(kinds.map((kind) => client.list(knownType('v1', kind), namespace, query)));
  return lists
    .flat()
    .filter(({ metadata }) => metadata.name.startsWith(`sh.helm.release.v1.${name}.v`))
    .sort((a, b) => revisionOf(a) - revisionOf(b));
}

/** Whether helm sees a record: one under another owner does not exist for it. */
export function isVisible(record: KubernetesObject): boolean {
  return recordLabel(record, 'owner') === 'helm';
}

/** A label of a record: `owner`, `name`, `status`, `version`; undefined where it has none. */
export function recordLabel({ metadata }: KubernetesObject, name: string): string | undefined {
  const value = dig(metadata.labels, [name]);
  return typeof value === 'string' ? value : undefined;
}

/** The number of a record's revision; 0 where it has none. */
export function revisionOf(record: KubernetesObject): number {
  return Number(recordLabel(record, 'version') ?? 0);
}

/**
 * The release in a record. It holds values, with their secrets.
 *
 * @throws Error where it cannot be read, with a message that may quote it
 */
export function decodeRecord(record: KubernetesObject): JsonObject {
  const stored = String(dig(record.data, ['release']) ?? '');
  const text = record.kind === 'Secret' ? Buffer.from(stored, 'base64').toString('latin1') : stored;
  const bytes = Buffer.from(text, 'base64');
  const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const release: unknown = JSON.parse((isZipped ? gunzipSync(bytes) : bytes).toString('utf8'));
  return isObject(release) ? release : {};
}

/** A release as the data of such a record has it. */
export function encodeRecord({ kind }: KubernetesObject, release: JsonObject): string {
  const text = gzipSync(JSON.stringify(release)).toString('base64');
  return kind === 'Secret' ? Buffer.from(text).toString('base64') : text;
}

/** The objects of some kinds among what Helm rendered. Others, such as large definitions, are not even parsed. */
export function renderedObjects(manifest: string, ...kinds: readonly string[]): KubernetesObject[] {
  const asked = new RegExp(`^kind: ["']?(?:${kinds.join('|')})["']?\\s*$`, 'm');
  return manifest
    .split(/^---.*$/m)
    .filter((text) => asked.test(text))
    .flatMap((text) => parseYaml(text))
    .filter((value): value is KubernetesObject => isObject(value) && kinds.includes(String(value.kind)));
}
