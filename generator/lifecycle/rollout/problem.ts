/** Something that keeps pods, or a database, from getting ready. */

/** One problem of one pod or workload, as a snapshot of the cluster shows it. */
export interface Problem {
  /** The stable name of its kind. */
  readonly code: ProblemCode;
  /** What is wrong: lower case, no full stop. Holds what the cluster says, and nothing that a container has said. */
  readonly message: string;
  /** What the container itself has said. It may hold the value of a Secret: never to be shown without masking. */
  readonly said?: string;
  /** What to do about it. */
  readonly hint: string;
  /** The pod that has it; undefined where there is no pod yet. */
  readonly pod?: string;
  readonly container?: string;
  /** Where the container has run and ended: when that run began. Its log may tell why it ended. */
  readonly ranAt?: string;
  /** How long it has to last until waiting cannot help, in milliseconds; undefined: it may always pass. */
  readonly certainAfterMs?: number;
  /**
   * Set where what is shown may be about an attempt of long ago, since the next one waits for longer each time:
   * when the attempts began, and a text that changes with each of them.
   */
  readonly retried?: { readonly since: string | undefined; readonly attempt: string };
}

/** The kinds of problems. */
export type ProblemCode =
  | 'rollout-image'
  | 'rollout-quota'
  | 'rollout-pod-security'
  | 'rollout-refused'
  | 'rollout-crash-loop'
  | 'rollout-missing-secret'
  | 'rollout-config'
  | 'rollout-container'
  | 'rollout-volume'
  | 'rollout-evicted'
  | 'rollout-unschedulable'
  | 'rollout-not-ready'
  | 'rollout-paused'
  | 'rollout-deadline'
  | 'database-failed'
  | 'database-refused';

/** What makes a problem the same one at another look. */
export function problemKey({ code, pod = '', container = '' }: Problem): string {
  return [code, pod, container].join(' ');
}
