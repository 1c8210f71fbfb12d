/** The workloads of a release: what runs, and how many. */
import { splitImage } from '../../../model/image.ts';
import { dig, given, type Json, maps } from '../../../model/json.ts';
import type { KubernetesObject } from '../../../model/object.ts';
import { parseYaml } from '../../../model/yaml.ts';
import { templateKey } from '../../../objects/worker.ts';
import { podProblems } from '../../rollout/pod-problems.ts';
import type { Pod } from '../../rollout/views.ts';
import { podReason, type Workload, workloadState } from '../../rollout/workload.ts';
import { workloadProblems } from '../../rollout/workload-problems.ts';

/** A Deployment, or the template of the workers. */
export interface WorkloadStatus {
  readonly name: string;
  /** `gateway`, `mcp-gateway`, `worker`; empty where its labels do not say. */
  readonly component: string;
  readonly isThere: boolean;
  readonly image?: string;
  /** The label `app.kubernetes.io/version`, else the image's tag or digest. */
  readonly version?: string;
  /** Pods that are ready, of whatever template, as kubectl counts them; of workers the sessions that run. */
  readonly ready: number;
  /** Absent for workers, of which there is one for each session. */
  readonly desired?: number;
  /** Whether the newest template runs in as many pods as there should be. */
  readonly isDone: boolean;
  /** How far it is, in words. */
  readonly text?: string;
  /** When it was created. */
  readonly since?: string;
  /** What keeps its pods from getting ready, where no pod is there to have the trouble. */
  readonly problems: readonly string[];
}

/** A pod of a Deployment. */
export interface PodStatus {
  readonly name: string;
  readonly workload: string;
  /** The one word of `kubectl get pods`: `Running`, `CrashLoopBackOff`. */
  readonly status: string;
  readonly isReady: boolean;
  readonly restarts: number;
  readonly since?: string;
  /** What is wrong with it, in words. */
  readonly problems: readonly string[];
}

/** A Deployment that is listed; `workload` is undefined where it is not there. */
export function deploymentStatus(wanted: KubernetesObject, workload: Workload | undefined): WorkloadStatus {
  const { name } = wanted.metadata;
  const component = componentOf(wanted);
  if (workload === undefined) {
    return { name, component, isThere: false, ready: 0, isDone: false, text: 'not there', problems: [] };
  }
  const live = workload.deployment as unknown as KubernetesObject;
  const { wanted: desired, isDone, text } = workloadState(workload);
  return {
    name,
    component,
    isThere: true,
    ...imageOf(live, component),
    ready: workload.deployment.status?.readyReplicas ?? 0,
    desired,
    isDone,
    text,
    ...sinceOf(live),
    problems: workloadProblems(workload)
      .filter(({ pod }) => pod === undefined)
      .map(({ message }) => message),
  };
}

/** The pods of a Deployment, those that are on their way out included. */
export function podsOf({ deployment, pods }: Workload): PodStatus[] {
  return pods.map((pod): PodStatus => {
    const { metadata, status = {} } = pod;
    const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    const reason = podReason(pod);
    return {
      name: metadata.name,
      workload: deployment.metadata.name,
      status: reason,
      isReady: reason === 'Running',
      restarts: containers.reduce((sum, { restartCount = 0 }) => sum + restartCount, 0),
      ...given({ since: metadata.creationTimestamp }),
      problems: problemsOf(pod),
    };
  });
}

function problemsOf(pod: Pod): string[] {
  return podProblems(pod).map(({ message }) => message);
}

/**
 * The template of the workers, as the ConfigMap in the cluster has it.
 *
 * @param running how many sessions run
 */
export function workerStatus(configMap: KubernetesObject | undefined, running: number): WorkloadStatus {
  const job = configMap === undefined ? undefined : readJob(dig(configMap.data, [templateKey]));
  return {
    name: 'worker',
    component: 'worker',
    isThere: job !== undefined,
    ...(job === undefined ? { text: 'no template' } : imageOf(job as KubernetesObject, 'worker')),
    ready: running,
    isDone: job !== undefined,
    problems: [],
  };
}

function readJob(text: Json | undefined): Json | undefined {
  try {
    return typeof text === 'string' ? parseYaml(text)[0] : undefined;
  } catch {
    return undefined;
  }
}

function imageOf({ metadata, spec }: KubernetesObject, component: string) {
  const template = dig(spec, ['template']);
  const containers = maps(dig(template, ['spec', 'containers']));
  const container = containers.find(({ name }) => name === component) ?? containers[0];
  const image = container?.image;
  if (typeof image !== 'string') return {};
  const label = dig(metadata.labels, [versionLabel]) ?? dig(template, ['metadata', 'labels', versionLabel]);
  const { tag, digest } = splitImage(image);
  const version = typeof label === 'string' ? label : (tag ?? digest ?? 'latest');
  return { image, version };
}

const versionLabel = 'app.kubernetes.io/version';

function componentOf({ metadata }: KubernetesObject): string {
  return String(dig(metadata.labels, ['app.kubernetes.io/component']) ?? '');
}

function sinceOf({ metadata }: KubernetesObject) {
  const { creationTimestamp } = metadata;
  return typeof creationTimestamp === 'string' ? { since: creationTimestamp } : {};
}
