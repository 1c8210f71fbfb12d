/** Waits until objects and pods are gone. */
import { dig, isObject, type Json, type JsonObject, maps } from '../../model/json.ts';
import { nameSome } from '../../model/names.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { pause } from '../api/pause.ts';
import { knownType, readObject, shortName } from '../api/resources.ts';
import type { Session } from '../session/session.ts';

/** How often is looked, in milliseconds. */
const everyMs = 500;

const podType = knownType('v1', 'Pod');

/**
 * Waits until nothing is left, and says how much is.
 *
 * @param key what is waited for, as messages name it
 * @param look reads what is left
 */
export async function waitUntilGone(
  { report, signal }: Session,
  key: string,
  look: () => Promise<readonly KubernetesObject[]>,
): Promise<void> {
  for (let first = true; ; first = false) {
    const left = await look();
    if (left.length === 0) {
      if (!first) report.progress(key, 'gone');
      return;
    }
    report.progress(key, `waiting for ${nameSome(left.map(({ metadata }) => metadata.name))} to end`, {
      left: left.length,
    });
    await pause(everyMs, signal);
  }
}

/** Waits until the very objects are gone; others of their names that came after do not count. */
export async function waitUntilDeleted(
  session: Session,
  key: string,
  objects: readonly KubernetesObject[],
): Promise<void> {
  let left = objects;
  await waitUntilGone(session, key, async () => {
    const still = await Promise.all(left.map((object) => isThere(session, object)));
    left = left.filter((_, index) => still[index]);
    return left.map((object) => ({ ...object, metadata: { ...object.metadata, name: shortName(object) } }));
  });
}

async function isThere({ client }: Session, object: KubernetesObject): Promise<boolean> {
  const live = await readObject(client, object);
  return live !== undefined && live.metadata.uid === object.metadata.uid;
}

/** The pods that a selector finds and that have not ended. */
export async function livingPods(
  { client }: Session,
  namespace: string,
  selector: string,
): Promise<KubernetesObject[]> {
  const pods = await client.list(podType, namespace, { labelSelector: selector });
  return pods.filter((pod) => !hasEnded(pod));
}

/** Whether a pod has ended, well or not. */
export function hasEnded({ status }: KubernetesObject): boolean {
  return ['Succeeded', 'Failed'].includes(String(dig(status, ['phase'])));
}

/** A `LabelSelector` of the API as lists take it. */
export function selectorText(selector: Json | undefined): string {
  const { matchLabels, matchExpressions } = isObject(selector) ? selector : ({} as JsonObject);
  const labels = isObject(matchLabels) ? Object.entries(matchLabels) : [];
  return [
    ...labels.map(([key, value]) => `${key}=${value}`),
    ...maps(matchExpressions).map(({ key, operator, values }) => {
      const listed = `(${Array.isArray(values) ? values.join(',') : ''})`;
      if (operator === 'Exists') return String(key);
      if (operator === 'DoesNotExist') return `!${key}`;
      return `${key} ${operator === 'In' ? 'in' : 'notin'} ${listed}`;
    }),
  ].join(',');
}
