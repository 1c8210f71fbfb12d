/** A release as Helm knows it, by its records. */
import { failure } from '../../../model/finding.ts';
import { dig, isObject, type JsonObject } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { parseYaml } from '../../../model/yaml.ts';
import { apiPath, knownType, type ResourceType } from '../../api/resources.ts';
import type { Session } from '../../session/session.ts';
import { decodeRecord, encodeRecord, recordLabel, revisionOf } from '../../state/helm-record.ts';

/** A release as its newest revision has it. */
export interface InstalledRelease {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  /** Helm's word: `deployed`, `failed`, `pending-install`, `pending-upgrade`, `pending-rollback`, … */
  readonly status: string;
  readonly chart: string;
  readonly version: string;
  /** What was given for it, without the chart's own values. */
  readonly values: JsonObject;
  /** Which run of ours made this revision; undefined where Helm was run otherwise. */
  readonly run: string | undefined;
  /** When the revision was begun, by the API server's clock, in milliseconds. */
  readonly begunAt: number;
  /** The version of the chart in the revision that was deployed last; undefined where none ever was. */
  readonly deployedVersion: string | undefined;
  /** What Helm rendered. */
  readonly manifest: string;
  /** The object that holds the revision. */
  readonly record: KubernetesObject;
}

/** What of a release's name is to be found. */
export interface FoundInstalled {
  /** Undefined where Helm has no such release. */
  readonly release: InstalledRelease | undefined;
  /** Whether records are there that Helm does not find, since the release was adopted. */
  readonly isParked: boolean;
}

/** The label of a release's records that names the run of ours that made the revision. */
export const runLabel = 'glyphoxa.io/run';

/**
 * Reads a release from where Helm keeps it.
 *
 * @throws Failure where Helm is told to keep releases outside of the cluster
 */
export async function readInstalled(
  { client, env }: Session,
  name: string,
  namespace: string,
): Promise<FoundInstalled> {
  const type = recordType(env.HELM_DRIVER);
  const records = await client.list(type, namespace, { labelSelector: `name=${name}` });
  const ours = records.filter(({ metadata }) => metadata.name.startsWith(`sh.helm.release.v1.${name}.v`));
  const found = ours
    .filter((record) => recordLabel(record, 'owner') === 'helm')
    .sort((a, b) => revisionOf(b) - revisionOf(a));
  const [newest, before] = found;
  const isParked = newest === undefined && ours.length > 0;
  if (newest === undefined) return { release: undefined, isParked };
  const deployed = found.find((record) => recordLabel(record, 'status') === 'deployed');
  // Whoever upgrades keeps the labels of the revision before.
  const run = recordLabel(newest, runLabel);
  const isInherited = before !== undefined && recordLabel(before, runLabel) === run;
  const content = decodeRecord(newest);
  return {
    isParked,
    release: {
      name,
      namespace,
      revision: revisionOf(newest),
      status: recordLabel(newest, 'status') ?? '',
      chart: String(dig(content, ['chart', 'metadata', 'name']) ?? ''),
      version: versionOf(content),
      values: isObject(content.config) ? content.config : {},
      run: isInherited ? undefined : run,
      begunAt: Date.parse(String(newest.metadata.creationTimestamp)),
      deployedVersion: deployed === undefined ? undefined : versionOf(decodeRecord(deployed)),
      manifest: String(content.manifest ?? ''),
      record: newest,
    },
  };
}

/** The objects of a kind among what Helm rendered. Others, such as large definitions, are not even parsed. */
export function renderedObjects(manifest: string, kind: string): KubernetesObject[] {
  return manifest
    .split(/^---.*$/m)
    .filter((text) => new RegExp(`^kind: ["']?${kind}["']?\\s*$`, 'm').test(text))
    .flatMap((text) => parseYaml(text))
    .filter((value): value is KubernetesObject => isObject(value) && value.kind === kind);
}

/**
 * Marks a revision that was never finished as failed, so that Helm goes on from it. That touches no object of
 * the release: taking the revision back would delete what it made, a database among it.
 */
export async function markFailed(
  { client, env }: Session,
  { record, namespace }: InstalledRelease,
): Promise<void> {
  const type = recordType(env.HELM_DRIVER);
  const content = decodeRecord(record);
  const info = isObject(content.info) ? content.info : {};
  const failed = {
    ...info,
    status: 'failed',
    description: 'was cut off; marked as failed by glyphoxa-kustomize',
  };
  const labels = isObject(record.metadata.labels) ? record.metadata.labels : {};
  const metadata = { ...record.metadata, labels: { ...labels, status: 'failed' } };
  const data = { release: encodeRecord(record, { ...content, info: failed }) };
  await client.send('PUT', apiPath(type, namespace, record.metadata.name), {
    body: { ...record, metadata, data },
  });
}

function recordType(driver: string | undefined): ResourceType {
  if (driver === undefined || /^(?:secrets?)?$/.test(driver)) return knownType('v1', 'Secret');
  if (/^configmaps?$/.test(driver)) return knownType('v1', 'ConfigMap');
  throw failure(
    'helm-driver',
    `HELM_DRIVER is ${driver}, and releases that are kept there cannot be read`,
    'unset HELM_DRIVER, or set it to secret or configmap',
  );
}

function versionOf(content: JsonObject): string {
  return String(dig(content, ['chart', 'metadata', 'version']) ?? '');
}
