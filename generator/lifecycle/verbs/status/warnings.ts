/** What the cluster has warned of lately. */
import { dig, type JsonObject } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { oneLine } from '../../../model/one-line.ts';
import { knownType } from '../../api/resources.ts';
import { masking } from '../../rollout/mask.ts';
import { lastSeen, type PodEvent, view } from '../../rollout/views.ts';
import type { Session } from '../../session/session.ts';

/** The same warning, however often it came. */
export interface Warning {
  readonly reason: string;
  /** `pod/glyphoxa-gateway-7d9f-x2x4z`; of several the one that had it last. */
  readonly object: string;
  readonly message: string;
  readonly count: number;
  /** When it came last. */
  readonly last: string;
}

/** How far back is looked, in milliseconds. */
const recentMs = 3_600_000;

/** The most that are told. */
const most = 8;

const eventType = knownType('v1', 'Event');

/** The warnings of the last hour about objects of the release, the newest first. */
export async function readWarnings({ client, target }: Session, now: number): Promise<Warning[]> {
  const events = await client.list(eventType, target.namespace, { fieldSelector: 'type=Warning' });
  const names = target.objects.map(({ kind, metadata }) => ({ kind, name: metadata.name }));
  return newestWarnings(
    events,
    (object) => isAbout(object, names, workerPrefix(target.parts.template?.job)),
    now,
  );
}

/** Puts the same warnings about pods of one workload together. */
export function newestWarnings(
  events: readonly KubernetesObject[],
  isOurs: (object: InvolvedObject) => boolean,
  now: number,
): Warning[] {
  const found = new Map<string, Warning>();
  // A probe's words may be those of a program: what has the form of a secret is not shown.
  const mask = masking([]);
  for (const event of events) {
    const { kind = '', name = '' } = (event.involvedObject ?? {}) as Partial<InvolvedObject>;
    const last = lastSeen(view<PodEvent>(event));
    if (!isOurs({ kind, name }) || !(now - Date.parse(last) <= recentMs)) continue;
    const reason = String(event.reason ?? '');
    const message = oneLine(mask(String(event.message ?? '').replace(combined, '')));
    const key = [kind, kind === 'Pod' ? ownerOf(name) : name, reason, withoutNames(message, name)].join('\n');
    const before = found.get(key);
    const isNewer = before === undefined || before.last < last;
    found.set(key, {
      reason,
      object: isNewer ? `${kind.toLowerCase()}/${name}` : before.object,
      message: isNewer ? message : before.message,
      count: (before?.count ?? 0) + countOf(event),
      last: isNewer ? last : before.last,
    });
  }
  return [...found.values()].sort((a, b) => (a.last < b.last ? 1 : -1)).slice(0, most);
}

interface InvolvedObject {
  readonly kind: string;
  readonly name: string;
}

/** What of an object's name its ReplicaSet or Job has: all but the part that is drawn for each pod. */
function ownerOf(pod: string): string {
  return pod.replace(/-[^-]*$/, '');
}

/** What is before the message of an event that stands for several. Source: client-go's event correlator. */
const combined = /^\(combined from similar events\): /;

/** The kubelet names the pod in many messages, and a ReplicaSet the one that it could not make, each time another. */
function withoutNames(message: string, name: string): string {
  return message
    .replace(new RegExp(`${name.replaceAll('.', '\\.')}(?:-[a-z0-9]{5}\\b)?`, 'g'), '')
    .replace(/\([0-9a-f-]{36}\)/g, '');
}

/** The release's own objects, what its Deployments made, and the workers' Jobs and pods. */
export function isAbout(
  { kind, name }: InvolvedObject,
  objects: readonly InvolvedObject[],
  workers: string | undefined,
): boolean {
  if (objects.some((object) => object.kind === kind && object.name === name)) return true;
  const madeOf = (owner: string) =>
    name.startsWith(`${owner}-`) && /^[a-z0-9]+(?:-[a-z0-9]{5})?$/.test(name.slice(owner.length + 1));
  if (kind === 'ReplicaSet' || kind === 'Pod') {
    if (objects.some((object) => object.kind === 'Deployment' && madeOf(object.name))) return true;
  }
  return (
    (kind === 'Job' || kind === 'Pod') && workers !== undefined && workers !== '' && name.startsWith(workers)
  );
}

/** What the names of all worker Jobs begin with. */
function workerPrefix(job: JsonObject | undefined): string | undefined {
  const name = dig(job, ['metadata', 'name']);
  return typeof name === 'string' && name.includes('SESSION_ID') ? name.split('SESSION_ID')[0] : undefined;
}

function countOf({ series, count }: KubernetesObject): number {
  const times = dig(series, ['count']) ?? count;
  return typeof times === 'number' && times > 0 ? times : 1;
}
