import type { Config } from '../config/schema/resource.ts';
import { fingerprint } from '../model/fingerprint.ts';
import type { JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { writeYaml } from '../model/yaml-writer.ts';
import { imageOf, labelsOf, metadataOf, namesOf } from './names.ts';
import {
  configMount,
  configPath,
  configVolume,
  containerPort,
  containerResources,
  containerSecurity,
  databaseVariables,
  literal,
  patchPod,
  placement,
  podSecurity,
  pullSecrets,
  secretVariables,
  startupProbe,
} from './pod.ts';
import { proxyVariables } from './proxy.ts';

/** The key of the ConfigMap that the gateway reads. */
export const templateKey = 'job-template.yaml';

/** The key of the ConfigMap of the MCP gateway that holds its URL. */
export const mcpUrlKey = 'url';

/** The ConfigMap with the template of worker Jobs. */
export function worker(config: Config, template: string): KubernetesObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadataOf(config, namesOf(config).jobTemplate, 'worker'),
      data: { [templateKey]: template },
    },
  ];
}

/**
 * The Job of a voice session as text. It names no namespace, and services by their short names, so it fits
 * wherever the release goes. The application's image stands in single quotes, in the containers that a user
 * added too, and no apostrophe stands elsewhere: kustomize replacements find it by that (delimiter `'`,
 * index 1, 3, …) and set the gateway's image.
 */
export function jobTemplate(config: Config): JobTemplate {
  const image = imageOf(config);
  const job = workerJob(config, image);
  const key = JSON.stringify([image, job]);
  const known = writtenJobs.get(key);
  if (known !== undefined) return known;
  const keyOrder = ['apiVersion', 'kind', 'metadata', 'name', 'image'];
  const text = writeYaml(job, { singleQuoted: image, keyOrder });
  const written = { text, fingerprint: fingerprint(setTemplateImage(text)) };
  if (writtenJobs.size >= mostWrittenJobs) writtenJobs.clear();
  writtenJobs.set(key, written);
  return written;
}

/** The text of a Job, and its fingerprint with no image in it. */
export interface JobTemplate {
  readonly text: string;
  readonly fingerprint: string;
}

/** Jobs that were written, by their values: most tenants of a fleet have the same one. */
const writtenJobs = new Map<string, JobTemplate>();
const mostWrittenJobs = 16;

/** The places of a template's text where the application's image stands. */
const quoted = /'([^']*)'/g;

/** The images of a template: its single-quoted texts. */
export function templateImages(text: string): string[] {
  return [...text.matchAll(quoted)].map(([, image = '']) => image);
}

/** A template with another image; @default `image`, as it is fingerprinted */
export function setTemplateImage(text: string, image = 'image'): string {
  return text.replace(quoted, () => `'${image}'`);
}

/** The Job of a voice session. The gateway replaces `SESSION_ID` by eight letters or digits. */
function workerJob(config: Config, image: string): JsonObject {
  const { worker } = config.spec;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `${namesOf(config).worker}-SESSION_ID`, labels: labelsOf(config, 'worker') },
    spec: {
      parallelism: 1,
      completions: 1,
      backoffLimit: 0,
      activeDeadlineSeconds: worker.activeDeadlineSeconds,
      ttlSecondsAfterFinished: worker.ttlSecondsAfterFinished,
      template: patchPod(workerPod(config, image), worker.podPatch),
    },
  };
}

/** The pod template, without the user's patch. */
export function workerPod(config: Config, image: string): JsonObject {
  return {
    metadata: { labels: labelsOf(config, 'worker') },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      ...pullSecrets(config),
      ...podSecurity(config),
      ...nodes(config),
      containers: [container(config, image)],
      volumes: [configVolume(config)],
    },
  };
}

/** Where workers run; what GPU nodes ask for comes last, as in the Helm chart. The worker's own values win. */
function nodes(config: Config): JsonObject {
  const { gpu, ...own } = config.spec.worker;
  return placement(config, own, true, usesGpu(config) ? gpu : undefined);
}

function usesGpu(config: Config): boolean {
  return config.spec.worker.resourceProfile === 'local-llm' && config.spec.worker.gpu.enabled;
}

function container(config: Config, image: string): JsonObject {
  const { worker, gateway, core } = config.spec;
  const names = namesOf(config);
  const gatewayAddress = `${names.gateway}:${gateway.ports.grpc}`;
  const mcpUrl = { name: names.mcpGateway, key: mcpUrlKey, optional: true };
  const { requests, limits } = worker.profiles[worker.resourceProfile];
  const gpu = usesGpu(config) && worker.gpu.requestResource ? { 'nvidia.com/gpu': '1' } : {};
  return {
    name: 'worker',
    image,
    imagePullPolicy: core.image.pullPolicy,
    args: ['--mode=worker', `--config=${configPath}`],
    ports: [containerPort('grpc', worker.ports.grpc), containerPort('observe', worker.ports.observe)],
    env: [
      literal('GLYPHOXA_GATEWAY_ADDR', gatewayAddress),
      literal('GLYPHOXA_GRPC_ADDR', `:${worker.ports.grpc}`),
      { name: 'GLYPHOXA_MCP_GATEWAY_URL', valueFrom: { configMapKeyRef: mcpUrl } },
      ...databaseVariables(config, 'worker'),
      ...secretVariables(config, 'worker'),
      literal('GLYPHOXA_AUDIO_BRIDGE_ADDR', gatewayAddress),
      ...proxyVariables(config),
    ],
    volumeMounts: [configMount()],
    ...startupProbe(),
    ...containerResources({ requests: { ...gpu, ...requests }, limits: { ...gpu, ...limits } }),
    ...containerSecurity(),
  };
}
