/** What older deployments left in a namespace: the objects of the old chart's form, as helm and zhi made them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clone, isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { writeYamlStream } from '../../generator/model/yaml-writer.ts';
import { type Deployment, environment, secretValues } from './lifecycle.ts';
import { newestKustomize } from './tools.ts';

/** A literal that the old deployment kept in a variable: no output may have it. */
export const oldAdminKey = 'kSecretOldAdminKey';

/** The objects of a deployment's environment, as kustomize builds them. */
export async function builtObjects({ folder }: Deployment): Promise<KubernetesObject[]> {
  const built = await newestKustomize()?.build(join(folder, 'overlays', environment));
  if (built?.exitCode !== 0) throw new Error(built?.stderr ?? 'there is no kustomize');
  return parseYaml(built.stdout) as KubernetesObject[];
}

/**
 * The environment's objects as an older tool had them: its own labels, a debug port, a variable, annotations and a
 * strategy more, quantities in another spelling; the MCP gateway's pods are the same. Beside them a Secret and a
 * database of its own. zhi had the admin key as a literal besides, so that field and value contradict ours.
 */
export function oldObjects(objects: readonly KubernetesObject[], tool: string): KubernetesObject[] {
  const namespace = String(objects.find(({ kind }) => kind === 'Deployment')?.metadata.namespace);
  const ours = objects
    .filter(({ kind }) => kind !== 'Namespace')
    .map((object) => oldForm(clone(object), tool));
  return [...ours, oldSecret(namespace), oldDatabase(namespace)];
}

function oldForm(object: KubernetesObject, tool: string): KubernetesObject {
  const { metadata, kind } = object;
  const marks = { 'app.kubernetes.io/managed-by': tool, 'helm.sh/chart': 'glyphoxa-0.9.0' };
  metadata.labels = { ...(isObject(metadata.labels) ? metadata.labels : {}), ...marks };
  if (metadata.name !== 'glyphoxa-gateway' || !isObject(object.spec)) return object;
  const { spec } = object;
  if (kind === 'Service') (spec.ports as Json[]).push({ name: 'debug', port: 6060, targetPort: 6060 });
  if (kind !== 'Deployment') return object;
  metadata.annotations = { 'example.org/note': 'old' };
  spec.strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  const { containers } = (spec.template as { spec: { containers: JsonObject[] } }).spec;
  const [container] = containers as [{ env: JsonObject[]; ports: JsonObject[]; resources: JsonObject }];
  if (tool === 'zhi') {
    const adminKey = container.env.find(({ name }) => name === 'GLYPHOXA_ADMIN_KEY') as JsonObject;
    delete adminKey.valueFrom;
    adminKey.value = oldAdminKey;
  }
  container.env.push({ name: 'OLD_SETTING', value: 'on' });
  container.ports.push({ name: 'debug', containerPort: 6060 });
  container.resources = { ...container.resources, limits: { cpu: '1000m', memory: '512Mi' } };
  return object;
}

function oldSecret(namespace: string): KubernetesObject {
  const metadata = { name: 'glyphoxa-secrets', namespace };
  return { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { ...secretValues } };
}

function oldDatabase(namespace: string): KubernetesObject {
  const labels = { app: 'glyphoxa-postgresql' };
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const pod = {
    securityContext: { runAsNonRoot: true, runAsUser: 999, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name: 'postgresql', image: 'bitnamilegacy/postgresql:17', securityContext }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'glyphoxa-postgresql', namespace },
    spec: {
      serviceName: 'glyphoxa-postgresql',
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: pod },
    },
  };
}

/** Writes objects as a chart. Returns its folder. */
export function writeChart({ folder }: Deployment, objects: readonly KubernetesObject[]): string {
  const chart = join(folder, 'old-chart');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: glyphoxa\nversion: 0.9.0\n');
  for (const object of objects) {
    const file = `${object.kind.toLowerCase()}-${object.metadata.name}.yaml`;
    writeFileSync(join(chart, 'templates', file), JSON.stringify(object));
  }
  return chart;
}

/** Writes objects as one file of manifests. Returns its path. */
export function writeManifests({ folder }: Deployment, objects: readonly KubernetesObject[]): string {
  const file = join(folder, 'manifests.yaml');
  writeFileSync(file, writeYamlStream(objects));
  return file;
}
