/** What is wrong with one container, from its status. The reasons are the kubelet's. */
import { quote } from '../../model/quote.ts';
import type { Problem } from './problem.ts';
import type { ContainerStatus, Pod, Terminated } from './views.ts';

/** How often a container must have been started again until it counts as one that will not run. */
const hopelessRestarts = 3;

/**
 * How long a missing Secret may stay missing: those that make Secrets out of sealed or external ones need a
 * moment, and the kubelet looks again every 10 to 15 s.
 */
const lateSecretMs = 20_000;

/** Images that no waiting brings: the kubelet has tried them and waits longer each time, or will not try. */
const hopelessImages = ['ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'];

/** Troubles with an image that may pass. */
const imageTroubles = [
  'ErrImagePull',
  'ImageInspectError',
  'RegistryUnavailable',
  'SignatureValidationFailed',
];

/** The problem that a container has; undefined where it runs, or begins to. */
export function containerProblem(pod: Pod, status: ContainerStatus): Problem | undefined {
  const { name, image = '', restartCount = 0, state = {}, lastState = {} } = status;
  const { reason = '', message = '' } = state.waiting ?? {};
  const of = { pod: pod.metadata.name, container: name };
  const retried = {
    since: pod.metadata.creationTimestamp,
    attempt: `${name} ${reason} ${restartCount} ${lastState.terminated?.finishedAt ?? ''}`,
  };
  if ([...hopelessImages, ...imageTroubles].includes(reason)) {
    return {
      code: 'rollout-image',
      message: `the image ${image} cannot be pulled (${reason}${said(message)})`,
      hint: 'check spec.core.image, that the registry has it, and for a private one spec.core.imagePullSecrets',
      ...of,
      retried,
      ...(hopelessImages.includes(reason) ? { certainAfterMs: 0 } : {}),
    };
  }
  if (reason === 'CreateContainerConfigError') return { ...configProblem(message), ...of };
  const ended = state.terminated ?? lastState.terminated;
  if (reason === 'CrashLoopBackOff' || (restartCount > 0 && status.ready !== true && ended !== undefined)) {
    return {
      code: 'rollout-crash-loop',
      message: `container ${name} ends again and again${ended === undefined ? '' : `, last with ${endOf(ended)}`}`,
      hint: crashHint(ended),
      ...of,
      retried,
      ...(ended?.startedAt === undefined ? {} : { ranAt: ended.startedAt }),
      ...(reason === 'CrashLoopBackOff' && restartCount >= hopelessRestarts ? { certainAfterMs: 0 } : {}),
    };
  }
  if (/Error$/.test(reason)) {
    return {
      code: 'rollout-container',
      message: `container ${name} cannot be started (${reason}${said(message)})`,
      hint: 'see the message; a podPatch with another command or security context can be the cause',
      ...of,
    };
  }
  return undefined;
}

/** The kubelet cannot put a container's settings together; only its message says what is missing. */
function configProblem(message: string): Problem {
  const isSecret = /\bsecret\b/i.test(message);
  return {
    code: isSecret ? 'rollout-missing-secret' : 'rollout-config',
    message: `its settings are not complete${said(message)}`,
    hint: isSecret
      ? 'create the Secret with that key; the pods go on by themselves then'
      : 'create what is missing; the pods go on by themselves then',
    certainAfterMs: lateSecretMs,
  };
}

/** How a container ended: `exit code 137 (OOMKilled)`. */
export function endOf({ exitCode, signal, reason, message = '' }: Terminated): string {
  const how = exitCode === undefined && signal !== undefined ? `signal ${signal}` : `exit code ${exitCode}`;
  const words = reason === undefined || reason === 'Error' ? '' : ` (${reason})`;
  return `${how}${words}${said(message)}`;
}

function crashHint(ended: Terminated | undefined): string {
  switch (ended?.reason) {
    case 'OOMKilled':
      return 'it needs more memory than its limit: raise resources.limits.memory of that workload';
    case 'StartError':
    case 'ContainerCannotRun':
      return 'the image does not have that command: check the image and any podPatch of its command';
    case 'Completed':
      return 'it must run on, and ended by itself: check the image and its arguments';
    default:
      return 'its log says why; after a change apply again';
  }
}

function said(message: string): string {
  const text = message.replace(/\s+/g, ' ').trim();
  return text === '' ? '' : `: ${text.length > 400 ? `${text.slice(0, 397)}…` : text}`;
}

/** A text of the cluster on one line, at most 400 characters of it. */
export const shorten = (text: string) => said(text).slice(2);

/** Exported for messages that name a probe. */
export { quote };
