/** One Deployment that is waited for, and what was seen of it so far. */
import { advise } from '../../model/command.ts';
import { failure } from '../../model/finding.ts';
import type { Json, JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { managedFieldsOf, ownEntry } from '../api/managers.ts';
import { serverNow } from '../api/server-time.ts';
import type { Session } from '../session/session.ts';
import { isLeft } from '../state/field-set.ts';
import { type Certainty, watchCertainty } from './certainty.ts';
import { lastWords } from './last-words.ts';
import { type Problem, problemKey } from './problem.ts';
import { readPodEvents, readWorkload } from './read-workload.ts';
import { sameProblems, workloadName } from './rollout-findings.ts';
import { isReady, type PodEvent } from './views.ts';
import { type Workload, type WorkloadState, workloadState } from './workload.ts';
import { workloadProblems } from './workload-problems.ts';

/** How often events and logs of pods in trouble are read, in milliseconds. */
const readEveryMs = 5_000;

/** Of how many pods of a workload at most: what is wrong with one of them is wrong with the others. */
const readPods = 3;

/** What tells one rollout from the next. */
interface Applied {
  /** When an apply of ours was at the Deployment last; two of them may be in one second, which is all that it tells. */
  readonly at: Json | undefined;
  /** The Deployment. */
  readonly deployment: KubernetesObject;
  /** The fields of it that our applies have set. */
  readonly fields: JsonObject;
  /** Whether there are to be any. */
  readonly runs: boolean;
}

/** What is known of a Deployment. */
export interface Watched {
  readonly name: string;
  /** Undefined until it was looked at. */
  state: WorkloadState | undefined;
  /** Everything that is wrong at the last look. */
  problems: readonly Problem[];
  /** Those that waiting does not help. */
  certain: readonly Problem[];
  /** What containers said about their problems, by {@link problemKey}; safe to show. */
  readonly told: Map<string, readonly string[]>;
  /** The events of pods in trouble; undefined where they cannot be read. */
  readonly events: Map<string, readonly PodEvent[] | undefined>;
  readonly certainty: Certainty;
  workload: Workload | undefined;
  /** What was to run at the first look; undefined before. */
  applied: Applied | undefined;
  /** When events and logs were read last. */
  readAt: number;
}

/** Begins to watch a Deployment; nothing is read yet. */
export function watch(name: string): Watched {
  return {
    name,
    state: undefined,
    problems: [],
    certain: [],
    told: new Map(),
    events: new Map(),
    certainty: watchCertainty(),
    workload: undefined,
    applied: undefined,
    readAt: performance.now(),
  };
}

/** Looks at the Deployment and reports how far it is. Throws a Failure where it is gone, or another run has changed it. */
export async function look(session: Session, one: Watched): Promise<void> {
  const { client, target, report } = session;
  const workload = await readWorkload(client, target.namespace, one.name);
  if (workload === undefined) {
    const message = `${workloadName(one.name)} is not there any more`;
    throw failure('rollout-gone', message, 'see who deleted it, then apply again');
  }
  const state = workloadState(workload);
  const applied = appliedOf(workload, state);
  one.applied ??= applied;
  if (isOther(one.applied, applied)) {
    const message = `${workloadName(one.name)} was changed by another run while its rollout was waited for`;
    const see = advise('rollout-superseded')`glyphoxa-kustomize status ${target.name}`;
    throw failure('rollout-superseded', message, `see what runs now: ${see}`);
  }
  const isDue = !state.isDone && performance.now() - one.readAt >= readEveryMs;
  if (isDue) await readEvents(session, one, state);
  one.workload = workload;
  one.state = state;
  one.problems = workloadProblems(workload, (pod) => one.events.get(pod));
  one.certain = one.certainty(one.problems, serverNow(session));
  const { text, ready, wanted, isDone } = state;
  report.progress(workloadName(one.name), text, { ready, wanted, done: isDone });
  if (!isDue) return;
  // When the time is up nothing can be read any more.
  await tell(session, one, one.problems);
  one.readAt = performance.now();
}

function appliedOf(workload: Workload, { wanted }: WorkloadState): Applied {
  const deployment = workload.deployment as unknown as KubernetesObject;
  const own = ownEntry(managedFieldsOf(deployment));
  return { at: own?.time, deployment, fields: own?.fieldsV1 ?? {}, runs: wanted > 0 };
}

/** Whether another apply of ours was there since; what others do to the Deployment is a part of this rollout. */
function isOther(was: Applied, is: Applied): boolean {
  if (was.at !== is.at || (was.runs && !is.runs)) return true;
  return !isLeft(was.deployment, is.deployment, was.fields, is.fields);
}

async function readEvents({ client, target }: Session, one: Watched, { pods }: WorkloadState): Promise<void> {
  const inTrouble = pods.filter((pod) => !isReady(pod)).slice(0, readPods);
  await Promise.all(
    inTrouble.map(async ({ metadata: { name } }) =>
      one.events.set(name, await readPodEvents(client, target.namespace, name)),
    ),
  );
}

/** Reads what the containers of some problems have said. */
export async function tell(session: Session, one: Watched, problems: readonly Problem[]): Promise<void> {
  const podSpec = one.workload?.deployment.spec?.template?.spec as Json | undefined;
  await Promise.all(
    sameProblems(problems).map(async ({ problem }) =>
      one.told.set(problemKey(problem), await lastWords(session, podSpec, problem)),
    ),
  );
}
