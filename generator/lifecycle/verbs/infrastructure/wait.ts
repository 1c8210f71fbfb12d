/** Waits until a database works, and tells how far it is. */
import { Failure, failure, finding } from '../../../model/finding.ts';
import { dig, isObject, type JsonObject, maps } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { oneLine } from '../../../model/one-line.ts';
import { pause } from '../../api/pause.ts';
import { apiPath, groupKind, knownType, type ResourceType } from '../../api/resources.ts';
import { watchCertainty } from '../../rollout/certainty.ts';
import { podProblems } from '../../rollout/pod-problems.ts';
import type { Problem } from '../../rollout/problem.ts';
import { type Pod, view } from '../../rollout/views.ts';
import type { Session } from '../../session/session.ts';
import { databaseState } from '../../state/database.ts';
import { selectorText } from '../../state/gone.ts';

/** How often is looked, in milliseconds. */
const lookEveryMs = 1_000;

/** How long a Database may be refused for the same reason until that is told, in milliseconds. */
const refusedMs = 15_000;

/** How long a volume may take until it is there, in milliseconds. */
const volumeMs = 180_000;

/** How often something is tried again for want of what may come back, and how long after, in milliseconds. */
const [maxAttempts, againAfterMs] = [40, 2_000];

/**
 * Tries something until it is done.
 *
 * @param attempt says why it has to be tried again; throws where that is hopeless, or there is no other time
 */
export async function patiently(
  { report, signal }: Session,
  key: string,
  attempt: (isLast: boolean) => Promise<string | undefined>,
): Promise<void> {
  for (let left = maxAttempts - 1; ; left--) {
    const why = await attempt(left === 0);
    if (why === undefined) return;
    report.progress(key, `${why}; trying again`);
    await pause(againAfterMs, signal);
  }
}

/** What a look has found out. */
export interface Look {
  /** How far it is. */
  readonly text: string;
  readonly isDone: boolean;
  readonly problems?: readonly Problem[];
}

/** Waits until an object of the database is as it should be: until it takes connections on all of its instances, say. */
export async function waitForDatabase(session: Session, type: ResourceType, name: string): Promise<void> {
  const { client, target } = session;
  const key = `${groupKind({ ...type, kind: type.kind.toLowerCase() })}/${name}`;
  await until(session, key, async () => {
    const live = await client.get(apiPath(type, target.namespace, name));
    if (live === undefined) throw failure('database-gone', `${key} is gone`, 'run this again');
    const [now, labelSelector] = lookAt(live);
    if (now.isDone || labelSelector === undefined) return now;
    const pods = await client.list(knownType('v1', 'Pod'), target.namespace, { labelSelector });
    const problems = pods.flatMap((pod) => podProblems(view<Pod>(pod)).map(withVolumeTime));
    return { ...now, problems: [...(now.problems ?? []), ...problems] };
  });
}

/** How far an object is, and how its pods are found, if it has any. */
function lookAt(live: KubernetesObject): [Look, string | undefined] {
  if (live.kind === 'Cluster') return [clusterLook(live), `cnpg.io/cluster=${live.metadata.name}`];
  if (live.kind === 'Database') return [databaseLook(live), undefined];
  return [statefulSetLook(live), selectorText(dig(live.spec, ['selector']))];
}

/** Volumes are made while the pod waits for a node, which takes longer than finding one. */
function withVolumeTime(problem: Problem): Problem {
  if (problem.code !== 'rollout-unschedulable' || !/PersistentVolumeClaim/.test(problem.message))
    return problem;
  return {
    ...problem,
    certainAfterMs: volumeMs,
    hint: 'see the PersistentVolumeClaim, and whether the cluster has a default storage class (spec.postgresql.storage.storageClass)',
  };
}

/** Looks again and again until it is done. When the time is up, what it waited for is told besides. */
export async function until(session: Session, key: string, look: () => Promise<Look>): Promise<void> {
  const { report, signal } = session;
  const certain = watchCertainty();
  let last: Look | undefined;
  const findings = (problems: readonly Problem[]) =>
    problems.map(({ code, message, hint, pod }) =>
      finding(code, `${key}: ${pod === undefined ? '' : `pod ${pod}: `}${message}`, hint),
    );
  try {
    for (;;) {
      last = await look();
      const { text, isDone, problems = [] } = last;
      const first = problems.find(({ pod }) => pod !== undefined);
      report.progress(key, first === undefined || isDone ? text : `${text}; ${first.pod}: ${first.message}`);
      if (isDone) return;
      const hopeless = certain(problems, Date.now());
      if (hopeless.length > 0) throw new Failure(findings(hopeless));
      await pause(lookEveryMs, signal);
    }
  } catch (error) {
    if (last === undefined || !(error instanceof Failure) || error !== signal.reason) throw error;
    const state = finding('not-ready', `${key} is not ready: ${last.text}`, 'see its events and its pods');
    throw new Failure([...error.findings, state, ...findings(last.problems ?? [])]);
  }
}

/** Phases that no waiting ends. Source: CloudNativePG's api/v1, the constants `Phase…`. */
const hopelessPhase =
  /unrecoverable|manual intervention|invalid image catalog|unknown plugin|not enough disk/i;

/** The words of CloudNativePG for a cluster in which nothing is left to do. */
const healthyPhase = 'Cluster in healthy state';

/**
 * How far a Cluster is: ready once the operator says so for what the object asks for now, and all instances are
 * ready. Source: CloudNativePG's `status`: conditions, phase, instances, readyInstances, image.
 */
export function clusterLook(cluster: KubernetesObject): Look {
  const { metadata, spec, status } = cluster;
  const { ready, instances, phase } = databaseState(cluster);
  const { conditions, image, phaseReason = '' } = asMap(status);
  const condition = maps(conditions).find(({ type }) => type === 'Ready');
  const asked = dig(spec, ['imageName']);
  const isStale =
    Number(condition?.observedGeneration ?? metadata.generation) < Number(metadata.generation) ||
    (typeof image === 'string' && typeof asked === 'string' && image !== asked);
  const isHealthy = phase === undefined || phase === healthyPhase;
  const isDone = condition?.status === 'True' && !isStale && ready === instances && isHealthy;
  const reason = phaseReason === '' ? '' : ` (${phaseReason})`;
  const said = phase === undefined ? 'the operator has not begun' : oneLine(`${phase}${reason}`);
  const text = `${ready} of ${instances} instances ready${isDone ? '' : `, ${said}`}`;
  if (!hopelessPhase.test(phase ?? '')) return { text, isDone };
  const message = `the database cannot start: ${said}`;
  const hint = 'see the log of the operator';
  return { text, isDone, problems: [{ code: 'database-failed', message, hint, certainAfterMs: 0 }] };
}

/** How far a StatefulSet is, by the rules of `kubectl rollout status`. */
export function statefulSetLook(set: KubernetesObject): Look {
  const { ready, instances } = databaseState(set);
  const { observedGeneration, currentRevision, updateRevision, updatedReplicas } = asMap(set.status);
  const isObserved = Number(observedGeneration ?? 0) >= Number(set.metadata.generation ?? 0);
  const isNewest = currentRevision === updateRevision || Number(updatedReplicas ?? 0) === instances;
  const isDone = isObserved && isNewest && ready === instances;
  return { text: `${ready} of ${instances} pods ready`, isDone };
}

/** Whether the operator has made the database as a Database object says, all of its extensions too. */
export function databaseLook({ metadata, status }: KubernetesObject): Look {
  const { observedGeneration = 0, applied, message, extensions } = asMap(status);
  const isObserved = Number(observedGeneration) >= Number(metadata.generation ?? 0);
  if (isObserved && applied === true) return { text: 'applied', isDone: true };
  if (!isObserved || applied !== false) return { text: 'waiting for the operator', isDone: false };
  const refused = maps(extensions).filter((extension) => extension.applied === false);
  const reasons = refused.map(({ name, message: why }) => `${name}: ${why ?? 'not applied'}`);
  const said = oneLine([message ?? [], ...reasons].flat().join('; ')) || 'the operator does not say why';
  const problem = {
    code: 'database-refused',
    message: `the operator cannot make it: ${said}`,
    hint: /extension|vector/i.test(said)
      ? 'use an image that holds the vector extension: spec.postgresql.image'
      : 'see the log of the operator',
    certainAfterMs: refusedMs,
    // another reason is waited for anew
    retried: { since: undefined, attempt: said },
  } as const;
  return { text: `not applied: ${said}`, isDone: false, problems: [problem] };
}

function asMap(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
