/** A release as Helm knows it, by its records. */
import { failure } from '../../../model/finding.ts';
import { dig, isObject, type JsonObject } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { apiPath, knownType } from '../../api/resources.ts';
import type { Session } from '../../session/session.ts';
import {
  decodeRecord,
  encodeRecord,
  isVisible,
  recordLabel,
  recordsOf,
  revisionOf,
} from '../../state/helm-record.ts';

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
  { client, env: { HELM_DRIVER = '' } }: Session,
  name: string,
  namespace: string,
): Promise<FoundInstalled> {
  if (!/^(?:(?:secret|configmap)s?)?$/.test(HELM_DRIVER)) {
    const message = `HELM_DRIVER is ${HELM_DRIVER}, and releases that are kept there cannot be read`;
    throw failure('helm-driver', message, 'unset HELM_DRIVER, or set it to secret or configmap');
  }
  const records = await recordsOf(client, name, namespace);
  const seen = records.filter(isVisible);
  const [before, newest] = [seen.at(-2), seen.at(-1)];
  if (newest === undefined) return { release: undefined, isParked: records.length > 0 };
  const deployed = seen.findLast((record) => recordLabel(record, 'status') === 'deployed');
  // Whoever upgrades keeps the labels of the revision before.
  const run = recordLabel(newest, runLabel);
  const isInherited = before !== undefined && recordLabel(before, runLabel) === run;
  const content = decodeRecord(newest);
  const release: InstalledRelease = {
    name,
    namespace,
    revision: revisionOf(newest),
    status: recordLabel(newest, 'status') ?? '',
    chart: String(dig(content, ['chart', 'metadata', 'name']) ?? ''),
    version: versionOf(content),
    values: isObject(content.config) ? content.config : {},
    run: isInherited ? undefined : run,
    begunAt: Date.parse(String(newest.metadata.creationTimestamp)),
    deployedVersion: deployed && versionOf(decodeRecord(deployed)),
    manifest: String(content.manifest ?? ''),
    record: newest,
  };
  return { release, isParked: false };
}

function versionOf(content: JsonObject): string {
  return String(dig(content, ['chart', 'metadata', 'version']) ?? '');
}

/**
 * Marks a revision that was never finished as failed, so that Helm continues from it. That touches no object of
 * the release: taking the revision back would delete what it made, a database among it.
 */
export async function markFailed(
  { client }: Session,
  { record, namespace }: InstalledRelease,
): Promise<void> {
  const content = decodeRecord(record);
  const [info, labels] = [content.info, record.metadata.labels].map((map) => (isObject(map) ? map : {}));
  const ended = { status: 'failed', description: 'was cut off; marked as failed by glyphoxa-kustomize' };
  const body = {
    ...record,
    metadata: { ...record.metadata, labels: { ...labels, status: 'failed' } },
    data: { release: encodeRecord(record, { ...content, info: { ...info, ...ended } }) },
  };
  await client.send('PUT', apiPath(knownType('v1', record.kind), namespace, record.metadata.name), { body });
}
