/** What the tests of `infrastructure` need: charts that render real objects, helm on the PATH, and an operator. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isObject, type JsonObject } from '../../generator/model/json.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { type Chart, crd, standIn } from './charts.ts';
import type { ControlPlane } from './control-plane.ts';
import { findTool, type ToolName } from './find-tool.ts';
import type { Deployment } from './lifecycle.ts';

const container = (image: string) => `
      securityContext: {runAsNonRoot: true, runAsUser: 999, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: postgresql
        image: ${image}
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
`;

/** The StatefulSet of the Bitnami chart, as far as it matters: its names, labels, image and volumes. */
const statefulSet = `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ .Values.fullnameOverride }}
  namespace: {{ .Release.Namespace }}
spec:
  serviceName: {{ .Values.fullnameOverride }}
  selector: {matchLabels: {app.kubernetes.io/name: postgresql, app.kubernetes.io/instance: {{ .Release.Name }}}}
  template:
    metadata:
      labels: {app.kubernetes.io/name: postgresql, app.kubernetes.io/instance: {{ .Release.Name }}}
    spec:${container('{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}')}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], storageClassName: "", resources: {requests: {storage: {{ .Values.primary.persistence.size }}}}}
`;

/** While a ConfigMap \`hold\` is in the namespace, helm waits for this after it has made everything else. */
const hold = `{{ if lookup "v1" "ConfigMap" .Release.Namespace "hold" }}
apiVersion: batch/v1
kind: Job
metadata:
  name: hold
  namespace: {{ .Release.Namespace }}
  annotations: {helm.sh/hook: "post-install,post-upgrade", helm.sh/hook-delete-policy: before-hook-creation}
spec:
  template:
    metadata: {annotations: {test.glyphoxa.io/fate: never-ready}}
    spec:
      restartPolicy: Never${container('registry.example.com/hold:1')}{{ end }}
`;

/** A Deployment whose pods meet a fate of the tests' stages. */
const operator = (fate: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Values.fullnameOverride }}
  namespace: {{ .Release.Namespace }}
spec:
  selector: {matchLabels: {app: it}}
  template:
    metadata: {labels: {app: it}, annotations: {test.glyphoxa.io/fate: ${fate}}}
    spec: {containers: [{name: it, image: registry.example.com/it:1}]}
`;

/** The definition of SealedSecrets as a later chart has it. */
function laterDefinition(): JsonObject {
  const definition = crd('bitnami.com', 'sealedsecrets', 'SealedSecret', 'v1alpha1');
  const spec = definition.spec as { names: JsonObject };
  return { ...definition, spec: { ...spec, names: { ...spec.names, shortNames: ['later'] } } };
}

/** The charts, in the versions that the tests ask for. */
export const charts: readonly Chart[] = [
  ...['0.28.0', '0.29.0'].map((version) => standIn('cloudnative-pg', version)),
  // What made the databases of earlier versions.
  standIn('cluster', '0.8.1', { 'templates/hold.yaml': hold }),
  ...['16.4.11', '16.4.12'].map((version) =>
    standIn('postgresql', version, {
      'templates/statefulset.yaml': statefulSet,
      'templates/hold.yaml': hold,
    }),
  ),
  standIn('sealed-secrets', '2.19.1'),
  standIn('sealed-secrets', '2.20.0', {
    'templates/controller.yaml': operator('image-pull'),
    'crds/sealedsecrets.yaml': writeYaml(laterDefinition()),
  }),
];

/** The variables of a deployment with a helm first on the PATH, which notes what it is given. */
export function withHelm(of: Deployment, tool: ToolName, more: { readonly [name: string]: string } = {}) {
  const bin = path.join(of.folder, `bin-${tool}`);
  const [calls, input, variables] = ['calls', 'input', 'variables'].map((name) =>
    path.join(of.folder, `${tool}-${name}.log`),
  );
  mkdirSync(bin, { recursive: true });
  for (const file of [calls, input, variables]) writeFileSync(file ?? '', '', { flag: 'a' });
  // The last program of the pipe takes the shell's place, and gets its signals.
  writeFileSync(
    path.join(bin, 'helm'),
    `#!/bin/bash
printf '%s\\n' "$*" >> '${calls}'
env >> '${variables}'
case "$*" in
  *--values=-*) exec '${findTool(tool)}' "$@" < <(tee -a '${input}') ;;
  *) exec '${findTool(tool)}' "$@" ;;
esac
`,
  );
  chmodSync(path.join(bin, 'helm'), 0o755);
  const env = { ...of.env, PATH: `${bin}${path.delimiter}${of.env.PATH}`, ...more };
  return { env, calls: calls ?? '', input: input ?? '', variables: variables ?? '' };
}

/** Plays CloudNativePG: clusters get ready in two steps, databases are applied, but in namespaces told otherwise. */
export interface Operator {
  /** What a Database's status becomes in a namespace. @default applied */
  readonly databases: Map<string, JsonObject>;
  /** What a Cluster's status becomes in a namespace. @default ready */
  readonly clusters: Map<string, JsonObject>;
  stop(): Promise<void>;
}

/** Starts to play. */
export function playOperator({ request }: ControlPlane): Operator {
  const [databases, clusters] = [new Map<string, JsonObject>(), new Map<string, JsonObject>()];
  let isStopped = false;
  const list = async (plural: string): Promise<JsonObject[]> => {
    const { body, status } = await request('GET', `/apis/postgresql.cnpg.io/v1/${plural}`);
    return status === 200 && isObject(body) && Array.isArray(body.items) ? body.items.filter(isObject) : [];
  };
  const update = async (plural: string, { metadata }: JsonObject, status: JsonObject) => {
    const { name, namespace } = metadata as { name: string; namespace: string };
    const path = `/apis/postgresql.cnpg.io/v1/namespaces/${namespace}/${plural}/${name}/status`;
    await request('PATCH', path, { status }, 'application/merge-patch+json');
  };
  const turn = async () => {
    for (const cluster of await list('clusters')) {
      const { namespace } = cluster.metadata as { namespace: string };
      await update('clusters', cluster, clusters.get(namespace) ?? nextStatus(cluster));
    }
    for (const database of await list('databases')) {
      const { namespace, generation } = database.metadata as { namespace: string; generation: number };
      const status = databases.get(namespace) ?? { applied: true };
      await update('databases', database, { ...status, observedGeneration: generation });
    }
  };
  const playing = (async () => {
    while (!isStopped) {
      await turn().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  })();
  return {
    databases,
    clusters,
    async stop() {
      isStopped = true;
      await playing;
    },
  };
}

/** As CloudNativePG writes it: first that it is at work, then that all is well. */
function nextStatus({ spec, status }: JsonObject): JsonObject {
  const { instances, imageName } = spec as { instances: number; imageName: string };
  const image = isObject(status) ? status.image : undefined;
  const isReady = image === imageName;
  const condition = (text: string) => [
    { type: 'Ready', status: text, reason: 'Test', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' },
  ];
  const phase = isReady ? 'Cluster in healthy state' : 'Setting up primary';
  const readyInstances = isReady ? instances : 0;
  return {
    phase,
    instances,
    readyInstances,
    image: imageName,
    conditions: condition(isReady ? 'True' : 'False'),
  };
}
