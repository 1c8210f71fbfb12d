/** What configurations ask of pods, within the restricted Pod Security level. */
import type { JsonObject } from '../../../../generator/model/json.ts';

/** On which nodes pods run. */
export function placement(): JsonObject {
  return {
    nodeSelector: { disktype: 'ssd', 'example.com/pool': '' },
    tolerations: [
      { key: 'dedicated', operator: 'Equal', value: 'voice', effect: 'NoSchedule' },
      { key: 'spot', operator: 'Exists', effect: 'PreferNoSchedule' },
      { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    ],
  };
}

/** CPU, memory and ephemeral storage, as requests and as limits. */
export function resources(requests: (string | number)[], limits: (string | number)[]): JsonObject {
  const side = ([cpu = '', memory = '', storage = '']: (string | number)[]): JsonObject => ({
    cpu,
    memory,
    'ephemeral-storage': storage,
  });
  return { requests: side(requests), limits: side(limits) };
}

/** A patch on a workload's own container, with another beside it. */
export function podPatch(container: string): JsonObject {
  return {
    metadata: {
      labels: { team: 'voice' },
      annotations: { 'example.com/scrape': 'yes', note: "it's: a\nnote" },
    },
    spec: {
      securityContext: { fsGroupChangePolicy: 'OnRootMismatch' },
      containers: [
        {
          name: container,
          env: [
            { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
            { name: 'EXTRA', valueFrom: { secretKeyRef: { name: 'own', key: 'extra', optional: true } } },
          ],
          startupProbe: { failureThreshold: 40 },
          terminationMessagePolicy: 'FallbackToLogsOnError',
        },
        {
          name: 'proxy',
          image: 'registry.example.com/proxy:1.10',
          ports: [{ name: 'proxy', containerPort: 15001, protocol: 'TCP' }],
          resources: { requests: { cpu: '1000m', memory: '64Mi' }, limits: { memory: '128Mi' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}

/** A patch on a workload's pod. */
export function podSpec(component: string): JsonObject {
  return {
    priorityClassName: 'high',
    runtimeClassName: 'gvisor',
    schedulerName: 'second-scheduler',
    terminationGracePeriodSeconds: 120,
    hostAliases: [{ ip: '10.1.2.3', hostnames: ['db.internal'] }],
    dnsConfig: { options: [{ name: 'ndots', value: '1' }] },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { 'app.kubernetes.io/component': component } },
      },
    ],
    initContainers: [
      {
        name: 'wait',
        image: 'busybox:1',
        command: ['sh', '-c', 'until nc -z db 5432; do sleep 1; done'],
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
    volumes: [{ name: 'cache', emptyDir: { sizeLimit: '1Gi' } }],
    containers: [{ name: component, volumeMounts: [{ name: 'cache', mountPath: '/cache' }] }],
  };
}
