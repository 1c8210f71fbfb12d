/** What Helm knows of a release: the values that were given for it, and the chart that it took them to. */
import { failure } from '../../model/finding.ts';
import { dig, isObject, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Client } from '../api/client.ts';
import { unlessForbidden } from '../api/errors.ts';
import {
  decodeRecord,
  isVisible,
  recordLabel,
  recordsOf,
  renderedObjects,
  revisionOf,
} from './helm-record.ts';

/** A release as its record has it. */
export interface ReleaseValues {
  /** What was given for it; nulls among it take away what the chart has. */
  readonly values: JsonObject;
  /** The chart's own values. */
  readonly defaults: JsonObject;
  readonly chart: string;
  /** The version of the program that the chart names. */
  readonly appVersion: string | undefined;
  /** The names of its Deployments. */
  readonly deployments: readonly string[];
}

/**
 * Reads the newest revision of a release that was deployed, from where Helm keeps it: in Secrets, or in ConfigMaps.
 *
 * @throws Failure where there is none, or where its record may not be read
 */
export async function readReleaseValues(
  client: Client,
  name: string,
  namespace: string,
): Promise<ReleaseValues> {
  const records = [
    ...(await readRecords(client, 'Secret', name, namespace)),
    ...(await readRecords(client, 'ConfigMap', name, namespace)),
  ].sort((a, b) => revisionOf(b) - revisionOf(a));
  const owned = records.filter(isVisible);
  const record = owned.find((each) => recordLabel(each, 'status') === 'deployed') ?? owned[0];
  if (record === undefined) {
    const isParked = records.length > 0;
    const message = `there is no Helm release ${name} in the namespace ${namespace}${isParked ? ' any more: it was taken over' : ''}`;
    throw failure(
      'no-release',
      message,
      isParked ? 'the repository that took it over has its values' : 'name its namespace with --namespace',
    );
  }
  return contentOf(record, name);
}

async function readRecords(client: Client, kind: string, name: string, namespace: string) {
  const records = await unlessForbidden(recordsOf(client, name, namespace, [kind]));
  if (records === undefined && kind === 'Secret')
    throw failure(
      'forbidden',
      `the Secrets of ${namespace} may not be listed, and Helm keeps its record there`,
      'ask for the right to list Secrets, or hand over the files of values',
    );
  return records ?? [];
}

function contentOf(record: KubernetesObject, name: string): ReleaseValues {
  let content: JsonObject;
  try {
    content = decodeRecord(record);
  } catch {
    // the message would quote it
    throw failure(
      'helm-record',
      `the record of the Helm release ${name} cannot be read`,
      'hand over the files of values',
    );
  }
  const map = (value: unknown) => (isObject(value) ? value : {});
  const appVersion = dig(content, ['chart', 'metadata', 'appVersion']);
  return {
    values: map(content.config),
    defaults: map(dig(content, ['chart', 'values'])),
    chart: String(dig(content, ['chart', 'metadata', 'name']) ?? ''),
    appVersion: typeof appVersion === 'string' && appVersion !== '' ? appVersion : undefined,
    deployments: deploymentsIn(String(content.manifest ?? '')),
  };
}

function deploymentsIn(manifest: string): string[] {
  try {
    return renderedObjects(manifest, 'Deployment').map(({ metadata }) => metadata.name);
  } catch {
    return [];
  }
}
