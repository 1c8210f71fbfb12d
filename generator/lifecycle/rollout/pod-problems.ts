/** What is wrong with a pod, from its status and its events. */

import { advise } from '../../model/command.ts';
import { said } from '../../model/one-line.ts';
import { containerProblem, lateSecretMs } from './container-problem.ts';
import type { Problem } from './problem.ts';
import {
  type Condition,
  conditionOf,
  inNamespace,
  isReady,
  lastSeen,
  type Pod,
  type PodEvent,
  type Probe,
} from './views.ts';

/** How long a pod may be without a node until nobody will bring one: an autoscaler looks every 10 s. */
const noNodeMs = 15_000;

/** The same where the events that an autoscaler leaves cannot be read. */
const noNodeUnseenMs = 60_000;

/** How long a volume may be missing: the kubelet tries again, longer apart each time. */
const noVolumeMs = 30_000;

/**
 * Everything that keeps a pod from getting ready, as far as status and events tell; nothing for a pod that is
 * ready, is being deleted, or is on its way.
 *
 * @param events the pod's own; undefined where they were not or cannot be read
 */
export function podProblems(pod: Pod, events?: readonly PodEvent[]): Problem[] {
  const { metadata, status = {} } = pod;
  if (metadata.deletionTimestamp !== undefined || isReady(pod)) return [];
  const scheduled = conditionOf(status.conditions, 'PodScheduled');
  if (scheduled?.status === 'False') return unscheduled(pod, scheduled, events);
  if (status.phase === 'Failed' && status.reason !== undefined) return [evicted(pod)];
  const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const found = containers.flatMap((container) => containerProblem(pod, container) ?? []);
  if (found.length > 0) return found;
  if (status.phase === 'Running') return unready(pod, events ?? []);
  return volumes(pod, events ?? []);
}

function unscheduled(
  { metadata, status = {} }: Pod,
  { reason, message }: Condition,
  events: readonly PodEvent[] | undefined,
): Problem[] {
  if (reason !== 'Unschedulable') return [];
  const told = new Set(events?.map((event) => event.reason));
  const isComing =
    status.nominatedNodeName !== undefined || told.has('TriggeredScaleUp') || told.has('Nominated');
  return [
    {
      code: 'rollout-unschedulable',
      message: `no node takes the pod${said(message)}`,
      hint: 'add nodes, or change resources, nodeSelector or tolerations of that workload',
      pod: metadata.name,
      ...(isComing ? {} : { certainAfterMs: events === undefined ? noNodeUnseenMs : noNodeMs }),
    },
  ];
}

function evicted({ metadata, spec, status = {} }: Pod): Problem {
  return {
    code: 'rollout-evicted',
    message: `its node put the pod out (${status.reason}${said(status.message)})`,
    hint: `see the node: ${advise('node-lost')`kubectl describe node ${spec?.nodeName ?? []}`}`,
    pod: metadata.name,
  };
}

/** Containers that run and are not ready: their probes say no, or have not been asked. */
function unready({ metadata, spec, status = {} }: Pod, events: readonly PodEvent[]): Problem[] {
  const said = newest(events, 'Unhealthy')?.message;
  return (status.containerStatuses ?? []).flatMap(({ name, ready, started, state }): Problem[] => {
    if (ready === true || state?.running === undefined) return [];
    const container = spec?.containers?.find((one) => one.name === name);
    const isStarted = started !== false || container?.startupProbe === undefined;
    const probe = isStarted ? container?.readinessProbe : container?.startupProbe;
    const kind = isStarted ? 'readiness' : 'startup';
    return [
      {
        code: 'rollout-not-ready',
        message: `container ${name} runs and its ${kind} probe does not succeed${probe === undefined ? '' : ` (${probeText(probe)})`}`,
        hint: `see its log: ${advise('rollout-not-ready')`kubectl ${inNamespace(metadata)} logs ${metadata.name} -c ${name}`}`,
        pod: metadata.name,
        container: name,
        ...(said === undefined ? {} : { said }),
      },
    ];
  });
}

function probeText({ httpGet, tcpSocket, grpc }: Probe): string {
  if (httpGet !== undefined) return `GET ${httpGet.path ?? '/'} on port ${httpGet.port}`;
  if (tcpSocket !== undefined) return `connecting to port ${tcpSocket.port}`;
  return grpc === undefined ? 'a command' : `gRPC on port ${grpc.port}`;
}

/** Volumes that cannot be mounted show themselves in events alone. */
function volumes({ metadata }: Pod, events: readonly PodEvent[]): Problem[] {
  const failed = newest(events, 'FailedMount') ?? newest(events, 'FailedAttachVolume');
  if (failed === undefined) return [];
  const isSecret = /\bsecret "[^"]*" not found|references non-existent secret key/.test(failed.message ?? '');
  return [
    {
      code: isSecret ? 'rollout-missing-secret' : 'rollout-volume',
      message: `a volume of the pod cannot be mounted${said(failed.message)}`,
      hint: isSecret
        ? 'create the Secret with that key; the pods continue by themselves then'
        : 'create what is missing; the pods continue by themselves then',
      pod: metadata.name,
      certainAfterMs: isSecret ? lateSecretMs : noVolumeMs,
    },
  ];
}

function newest(events: readonly PodEvent[], reason: string): PodEvent | undefined {
  return events
    .filter((event) => event.reason === reason)
    .sort((a, b) => (lastSeen(a) < lastSeen(b) ? 1 : -1))
    .at(0);
}
