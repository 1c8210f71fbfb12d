/** What is wrong with a rollout as a whole: its Deployment, its newest ReplicaSet, and that one's pods. */
import { advise } from '../../model/command.ts';
import { said } from '../../model/one-line.ts';
import { podProblems } from './pod-problems.ts';
import type { Problem } from './problem.ts';
import { type Condition, conditionOf, type Deployment, inNamespace, type PodEvent } from './views.ts';
import { type Workload, type WorkloadState, workloadState } from './workload.ts';

/** How long pods may be refused while nothing else moves: a quota has room again when old pods have gone. */
const refusedMs = 10_000;

/**
 * Everything that keeps a rollout from ending; nothing where it is done. Only the newest pods count.
 *
 * @param events those of a pod by its name; undefined where they were not or cannot be read
 */
export function workloadProblems(
  workload: Workload,
  events: (pod: string) => readonly PodEvent[] | undefined = () => undefined,
): Problem[] {
  const { deployment } = workload;
  const state = workloadState(workload);
  if (state.isDone) return [];
  const problems = [
    ...refusals(deployment, state),
    ...state.pods.flatMap((pod) => podProblems(pod, events(pod.metadata.name))),
  ];
  return [...problems, ...stops(deployment, problems)];
}

/** Pods that the API server does not let in. The message names what refused them. */
function refusals(deployment: Deployment, { newest, pods, old, ending }: WorkloadState): Problem[] {
  const failed =
    failureOf(newest?.status?.conditions) ??
    (newest === undefined ? replicaSetFailure(deployment.status?.conditions) : undefined);
  if (failed === undefined) return [];
  const { message = '', lastTransitionTime: since } = failed;
  const { code, what, hint } = refusal(message);
  return [
    {
      code,
      message: `${what}${said(message)}`,
      hint,
      retried: { since, attempt: [since, pods.length, old, ending].join(' ') },
      ...(ending > 0 ? {} : { certainAfterMs: refusedMs }),
    },
  ];
}

function failureOf(conditions: readonly Condition[] | undefined): Condition | undefined {
  const failure = conditionOf(conditions, 'ReplicaFailure');
  return failure?.status === 'True' && failure.reason === 'FailedCreate' ? failure : undefined;
}

/** The Deployment could not even make its ReplicaSet. */
function replicaSetFailure(conditions: readonly Condition[] | undefined): Condition | undefined {
  const progressing = conditionOf(conditions, 'Progressing');
  return progressing?.reason === 'ReplicaSetCreateError' ? progressing : undefined;
}

/** Who refuses is told in words alone: the words of the admission plugins ResourceQuota and PodSecurity. */
function refusal(message: string): Pick<Problem, 'code' | 'hint'> & { readonly what: string } {
  if (/\bexceeded quota: |\bfailed quota: /.test(message)) {
    return {
      code: 'rollout-quota',
      what: 'the quota of the namespace does not let its pods in',
      hint: 'raise the ResourceQuota, or lower replicas or resources; a rolling update needs room for one pod more',
    };
  }
  if (/\bviolates PodSecurity /.test(message)) {
    return {
      code: 'rollout-pod-security',
      what: 'the Pod Security level of the namespace does not let its pods in',
      hint: 'take from podPatch what the level forbids, or label the namespace with another level',
    };
  }
  return {
    code: 'rollout-refused',
    what: 'the API server does not let its pods in',
    hint: 'see what refused them: a missing ServiceAccount, a LimitRange or an admission webhook',
  };
}

/** What stops a rollout whatever its pods do. */
function stops({ metadata, spec, status }: Deployment, others: readonly Problem[]): Problem[] {
  if (spec?.paused === true) {
    return [
      {
        code: 'rollout-paused',
        message: 'its rollout is paused',
        hint: `resume it: ${advise('rollout-paused')`kubectl ${inNamespace(metadata)} rollout resume ${`deployment/${metadata.name}`}`}`,
        certainAfterMs: 0,
      },
    ];
  }
  const progressing = conditionOf(status?.conditions, 'Progressing');
  if (progressing?.status !== 'False' || progressing.reason !== 'ProgressDeadlineExceeded') return [];
  const since = progressing.lastUpdateTime ?? progressing.lastTransitionTime;
  const [likely] = others;
  return [
    {
      code: 'rollout-deadline',
      message: `there was no progress before its deadline${said(progressing.message)}`,
      hint:
        likely?.hint ??
        `see its pods: ${advise('rollout-deadline')`kubectl ${inNamespace(metadata)} describe deployment ${metadata.name}`}`,
      retried: { since, attempt: since ?? '' },
      certainAfterMs: 0,
    },
  ];
}
