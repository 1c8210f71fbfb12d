/** What is wrong with one container, from its status. The reasons are the kubelet's. */
import { given } from '../../model/json.ts';
import { said } from '../../model/one-line.ts';
import type { Problem } from './problem.ts';
import type { ContainerStatus, Pod, Terminated } from './views.ts';

/** How often a container must have been started again until it counts as one that will not run. */
const hopelessRestarts = 3;

/**
 * How long a missing Secret may stay missing, in milliseconds: those who make Secrets out of sealed or external
 * ones need a moment, and the kubelet looks again every 10 to 15 s.
 */
export const lateSecretMs = 20_000;

/** Images that no waiting brings: the kubelet has tried and waits longer each time, or will not try. */
const hopelessImages = ['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'];

/** Troubles with an image that may pass. */
const passingImages = [
  'ErrImagePull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
];

/** The problem that a container has; undefined where it runs, or begins to. */
export function containerProblem({ metadata }: Pod, status: ContainerStatus): Problem | undefined {
  const { name, state = {}, lastState = {} } = status;
  const { reason = '', message } = state.waiting ?? {};
  const of = { pod: metadata.name, container: name };
  const isHopeless = hopelessImages.includes(reason);
  if (isHopeless || passingImages.includes(reason)) {
    return {
      ...of,
      code: 'rollout-image',
      message: `the image ${status.image} cannot be had (${reason}${said(message)})`,
      hint: 'see that the registry has what spec.core.image names, and that it lets the cluster in (spec.core.imagePullSecrets)',
      retried: retriedBy(metadata.creationTimestamp, status),
      ...(isHopeless ? { certainAfterMs: 0 } : {}),
    };
  }
  if (reason === 'CreateContainerConfigError') return { ...of, ...configProblem(name, message) };
  const ended = state.terminated ?? lastState.terminated;
  if (reason === 'CrashLoopBackOff' || (ended !== undefined && status.ready !== true && isFault(status)))
    return { ...of, ...crash(metadata.creationTimestamp, status, ended) };
  if (!reason.endsWith('Error')) return undefined;
  return {
    ...of,
    code: 'rollout-container',
    message: `container ${name} cannot be started (${reason}${said(message)})`,
    hint: 'see what the node says; a podPatch can be the cause, with a command, a mount or a security context',
  };
}

/** An init container that ended well has no fault, and neither has a container that was never started again. */
function isFault({ restartCount = 0, state = {} }: ContainerStatus): boolean {
  return state.terminated === undefined ? restartCount > 0 : state.terminated.exitCode !== 0;
}

function crash(since: string | undefined, status: ContainerStatus, ended: Terminated | undefined): Problem {
  const { name, restartCount = 0, state = {} } = status;
  const isHopeless = state.waiting?.reason === 'CrashLoopBackOff' && restartCount >= hopelessRestarts;
  const times = `${restartCount + 1} time${restartCount === 0 ? '' : 's'}`;
  return {
    code: 'rollout-crash-loop',
    message: `container ${name} has ended ${times}${ended === undefined ? '' : `, with ${endOf(ended)}`}`,
    hint: crashHint(ended),
    retried: retriedBy(since, status),
    ...given({
      said: ended?.message,
      ranAt: ended?.startedAt,
      certainAfterMs: isHopeless ? 0 : undefined,
    }),
  };
}

function retriedBy(since: string | undefined, { name, state, restartCount = 0 }: ContainerStatus) {
  return { since, attempt: `${name} ${state?.waiting?.reason ?? ''} ${restartCount}` };
}

/** The kubelet cannot put a container's settings together; only its message tells what is missing. */
function configProblem(name: string, message: string | undefined): Problem {
  const isSecret = /\bsecret\b/i.test(message ?? '');
  return {
    code: isSecret ? 'rollout-missing-secret' : 'rollout-config',
    message: `container ${name} cannot be started${said(message)}`,
    hint: `${isSecret ? 'create the Secret with that key' : 'create what is missing'}; the pods continue by themselves then`,
    certainAfterMs: lateSecretMs,
  };
}

function endOf({ exitCode, reason = 'Error' }: Terminated): string {
  return `exit code ${exitCode ?? 'unknown'}${reason === 'Error' ? '' : ` (${reason})`}`;
}

function crashHint({ reason }: Terminated = {}): string {
  switch (reason) {
    case 'OOMKilled':
      return 'it needs more memory than its limit: raise resources.limits.memory of that workload';
    case 'StartError':
    case 'ContainerCannotRun':
      return 'the image does not have that program: see spec.core.image, and any podPatch with a command';
    case 'Completed':
      return 'it ended by itself, and must run on: see the image and any podPatch with a command';
    default:
      return 'mend what its log tells, then apply again';
  }
}
