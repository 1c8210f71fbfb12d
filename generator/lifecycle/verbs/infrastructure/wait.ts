/** Waits until a database works, and tells how far it is. */
import { Failure, type Finding, failure, finding, hasErrors } from '../../../model/finding.ts';
import { dig, isObject, type JsonObject, maps } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { oneLine } from '../../../model/one-line.ts';
import type { PartOf } from '../../../tree/infrastructure.ts';
import { pause } from '../../api/pause.ts';
import { apiPath, groupKind, knownType, type ResourceType, shortName } from '../../api/resources.ts';
import { watchCertainty } from '../../rollout/certainty.ts';
import { podProblems } from '../../rollout/pod-problems.ts';
import type { Problem } from '../../rollout/problem.ts';
import { type Pod, view } from '../../rollout/views.ts';
import type { Session } from '../../session/session.ts';
import { databaseCluster, databaseObject } from '../../state/database.ts';

/** How often is looked, in milliseconds. */
const lookEveryMs = 1_000;

/** How long a Database may be refused for the same reason until that is told, in milliseconds. */
const refusedMs = 15_000;

/** How long a volume may take until it is there, in milliseconds. */
const volumeMs = 180_000;

/** What a look has found out. */
export interface Look {
  /** How far it is. */
  readonly text: string;
  readonly isDone: boolean;
  readonly problems?: readonly Problem[];
  /** Why waiting cannot help. */
  readonly findings?: readonly Finding[];
}

/** A database's main object: what it is, and how far it is. */
export interface Main {
  readonly type: ResourceType;
  readonly name: string;
  readonly namespace: string;
  /** The labels of its pods. */
  readonly selector: string;
  readonly look: (live: KubernetesObject) => Look;
}

/** The Cluster of a database, or the StatefulSet of its chart. */
export function mainOf({ chart, objects }: PartOf): Main {
  if (chart !== undefined) {
    return {
      type: knownType('apps/v1', 'StatefulSet'),
      name: String(chart.valuesInline.fullnameOverride),
      namespace: chart.namespace,
      selector: `app.kubernetes.io/instance=${chart.releaseName},app.kubernetes.io/name=postgresql`,
      look: statefulSetLook,
    };
  }
  const { metadata } = objects.find(({ kind }) => kind === databaseCluster.kind) as KubernetesObject;
  const { name, namespace } = metadata;
  const selector = `cnpg.io/cluster=${name}`;
  return { type: databaseCluster, name, namespace: String(namespace), selector, look: clusterLook };
}

/** The main object of a database as it is. */
export function readMain({ client }: Session, part: PartOf): Promise<KubernetesObject | undefined> {
  const { type, name, namespace } = mainOf(part);
  return client.get(apiPath(type, namespace, name));
}

/** Waits until the database takes connections on all of its instances. */
export async function waitForDatabase(session: Session, part: PartOf): Promise<void> {
  const { type, name, namespace, selector, look } = mainOf(part);
  const key = `${groupKind({ ...type, kind: type.kind.toLowerCase() })}/${name}`;
  await until(session, key, async () => {
    const live = await readMain(session, part);
    if (live === undefined)
      throw failure('database-gone', `${key} in ${namespace} is gone`, 'run this again');
    const now = look(live);
    if (now.isDone) return now;
    const pods = await session.client.list(knownType('v1', 'Pod'), namespace, { labelSelector: selector });
    return { ...now, problems: pods.flatMap((pod) => podProblems(view<Pod>(pod)).map(withVolumeTime)) };
  });
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

/** Waits until the operator has made the database as the Database object says. */
export async function waitForDatabaseObject(session: Session, object: KubernetesObject): Promise<void> {
  const key = shortName(object);
  const path = apiPath(databaseObject, String(object.metadata.namespace), object.metadata.name);
  let refused: { readonly message: string; readonly since: number } | undefined;
  await until(session, key, async () => {
    const live = await session.client.get(path);
    if (live === undefined) throw failure('database-gone', `${key} is gone`, 'run this again');
    const status = asMap(live.status);
    const isObserved = Number(status.observedGeneration ?? 0) >= Number(live.metadata.generation ?? 0);
    if (isObserved && status.applied === true) return { text: 'applied', isDone: true };
    if (!isObserved || status.applied !== false) return { text: 'waiting for the operator', isDone: false };
    const message = refusalOf(live);
    if (refused?.message !== message) refused = { message, since: Date.now() };
    const isCertain = Date.now() - refused.since >= refusedMs;
    const findings = isCertain ? [refusedFinding(key, message)] : [];
    return { text: `not applied: ${message}`, isDone: false, findings };
  });
}

/** Looks again and again until it is done. When the time is up, what it waited for is told besides. */
export async function until(session: Session, key: string, look: () => Promise<Look>): Promise<void> {
  const { report, signal } = session;
  const certain = watchCertainty();
  let last: Look | undefined;
  try {
    for (;;) {
      last = await look();
      const { text, isDone, problems = [], findings = [] } = last;
      const [first] = problems;
      report.progress(key, first === undefined || isDone ? text : `${text}; ${first.pod}: ${first.message}`);
      if (isDone) return;
      if (hasErrors(findings)) throw new Failure(findings);
      const hopeless = certain(problems, Date.now());
      if (hopeless.length > 0) throw new Failure(hopeless.map((problem) => problemFinding(key, problem)));
      await pause(lookEveryMs, signal);
    }
  } catch (error) {
    if (last === undefined || !(error instanceof Failure) || error !== signal.reason) throw error;
    const problems = (last.problems ?? []).map((problem) => problemFinding(key, problem));
    const state = finding('not-ready', `${key} is not ready: ${last.text}`, 'see its events and its pods');
    throw new Failure([...error.findings, state, ...problems]);
  }
}

function problemFinding(key: string, { code, message, hint, pod }: Problem): Finding {
  return finding(code, `${key}: ${pod === undefined ? '' : `pod ${pod}: `}${message}`, hint);
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
export function clusterLook({ metadata, spec, status }: KubernetesObject): Look {
  const [wanted, now] = [asMap(spec), asMap(status)];
  const condition = maps(now.conditions).find(({ type }) => type === 'Ready');
  const instances = Number(wanted.instances ?? 1);
  const ready = Number(now.readyInstances ?? 0);
  const { phase = healthyPhase, phaseReason = '' } = now;
  const reason = phaseReason === '' ? '' : ` (${phaseReason})`;
  const isStale =
    Number(condition?.observedGeneration ?? metadata.generation) < Number(metadata.generation) ||
    (typeof now.image === 'string' && typeof wanted.imageName === 'string' && now.image !== wanted.imageName);
  const isDone = condition?.status === 'True' && !isStale && ready === instances && phase === healthyPhase;
  const said = now.phase === undefined ? 'the operator has not begun' : oneLine(`${phase}${reason}`);
  const text = `${ready} of ${instances} instances ready${isDone ? '' : `, ${said}`}`;
  if (!hopelessPhase.test(String(phase))) return { text, isDone };
  const hint = 'see the log of the operator';
  return { text, isDone, findings: [finding('database-failed', `the database cannot start: ${said}`, hint)] };
}

/** How far a StatefulSet is, by the rules of `kubectl rollout status`. */
export function statefulSetLook({ metadata, spec, status }: KubernetesObject): Look {
  const [wanted, now] = [asMap(spec), asMap(status)];
  const replicas = Number(wanted.replicas ?? 1);
  const ready = Number(now.readyReplicas ?? 0);
  const isObserved = Number(now.observedGeneration ?? 0) >= Number(metadata.generation ?? 0);
  const isNewest =
    now.currentRevision === now.updateRevision || Number(now.updatedReplicas ?? 0) === replicas;
  return { text: `${ready} of ${replicas} pods ready`, isDone: isObserved && isNewest && ready === replicas };
}

/** Why the operator could not apply a Database: in all, and for each extension. */
function refusalOf({ status }: KubernetesObject): string {
  const extensions = maps(dig(status, ['extensions']))
    .filter(({ applied }) => applied === false)
    .map(({ name, message }) => `${name}: ${message ?? 'not applied'}`);
  const said = [dig(status, ['message']), ...extensions].filter((text) => typeof text === 'string');
  return oneLine(said.join('; ')) || 'the operator does not say why';
}

function refusedFinding(key: string, message: string): Finding {
  const hint = /extension|vector/i.test(message)
    ? 'use an image that holds the vector extension: spec.postgresql.image'
    : 'see the log of the operator';
  return finding('database-refused', `the operator cannot make ${key}: ${message}`, hint);
}

function asMap(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
