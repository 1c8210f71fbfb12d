/** Random pod patches that the API server takes and that keep what the deployment stands on. */
import * as fc from 'fast-check';
import type { JsonObject } from '../../generator/model/json.ts';

const some = (values: { [key: string]: fc.Arbitrary<JsonObject[string]> }) =>
  fc.record(values, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;

const texts = fc.constantFrom('yes', '1.10', "it's", 'a: b', '$(HOME)', '$$', '0755', 'é', 'a\nb\n', 'plain');

const env = fc.shuffledSubarray<JsonObject>([
  { name: 'LANG', value: 'C.UTF-8' },
  { name: 'DEBUG', value: 'yes' },
  { name: 'HTTP_PROXY', value: 'http://proxy.example.com:3128' },
  { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  { name: 'EXTRA', valueFrom: { secretKeyRef: { name: 'own-secret', key: 'extra', optional: true } } },
]);

const ownContainer = (name: string) =>
  fc
    .record(
      {
        env,
        lifecycle: fc.constant<JsonObject>({ preStop: { exec: { command: ['/bin/true', "it's"] } } }),
        volumeMounts: fc.constant<JsonObject[]>([{ name: 'extra', mountPath: '/extra', readOnly: true }]),
        startupProbe: fc.constant<JsonObject>({ failureThreshold: 40 }),
        ...(name === 'worker' ? {} : { livenessProbe: fc.constant(null) }),
        terminationMessagePolicy: fc.constant('FallbackToLogsOnError'),
      },
      { requiredKeys: [] },
    )
    .map((fields): JsonObject => ({ name, ...(fields as JsonObject) }));

/** What a namespace of our own asks of each container. */
const securityContext: JsonObject = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

const sidecars = fc.shuffledSubarray<JsonObject>([
  {
    name: 'proxy',
    image: 'registry.example.com/proxy:1.10',
    ports: [{ name: 'proxy', containerPort: 15001, protocol: 'TCP' }],
    resources: { requests: { cpu: '1000m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    securityContext: { ...securityContext, readOnlyRootFilesystem: true },
  },
  {
    name: 'logs',
    image: 'registry.example.com/logs@sha256:'.concat('cd'.repeat(32)),
    args: ['--follow', 'no'],
    securityContext,
  },
]);

const init = fc.shuffledSubarray<JsonObject>([
  {
    name: 'wait',
    image: 'busybox:1',
    command: ['sh', '-c', 'until nc -z db 5432; do sleep 1; done'],
    securityContext,
  },
  { name: 'copy', image: 'busybox:1', args: ["it's"], securityContext },
]);

/**
 * A strategic merge patch on a pod template.
 *
 * @param container the name of the workload's own container
 */
export function arbitraryPodPatch(container: string): fc.Arbitrary<JsonObject> {
  const metadata = some({
    annotations: some({ 'example.com/scrape': texts, note: texts }),
    labels: some({ team: fc.constantFrom('voice', 'yes', '1.10'), 'example.com/cost': fc.constant('a') }),
  });
  const containers = fc
    .tuple(ownContainer(container), sidecars)
    .map(([own, others]): JsonObject[] => [own, ...others]);
  const spec = some({
    priorityClassName: fc.constantFrom('high', 'low'),
    terminationGracePeriodSeconds: fc.constantFrom(0, 30, 120),
    hostAliases: fc.constant<JsonObject[]>([{ ip: '10.1.2.3', hostnames: ['db.internal'] }]),
    dnsConfig: fc.constant<JsonObject>({ options: [{ name: 'ndots', value: '1' }] }),
    schedulerName: fc.constant('second-scheduler'),
    runtimeClassName: fc.constant('gvisor'),
    securityContext: fc.constant<JsonObject>({ fsGroupChangePolicy: 'OnRootMismatch' }),
    nodeSelector: some({ patched: fc.constantFrom('yes', 'no') }),
    tolerations: fc.shuffledSubarray<JsonObject>([{ key: 'patched', operator: 'Exists' }]),
    initContainers: init,
    containers,
    topologySpreadConstraints: fc.constant<JsonObject[]>([
      {
        maxSkew: 1,
        topologyKey: 'topology.kubernetes.io/zone',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { 'app.kubernetes.io/component': container } },
      },
    ]),
    volumes: fc.shuffledSubarray<JsonObject>([{ name: 'cache', emptyDir: { sizeLimit: '1Gi' } }]),
  }).map((patched): JsonObject => {
    const mounts = JSON.stringify(patched.containers ?? []).includes('"extra"');
    if (!mounts) return patched;
    const volumes = Array.isArray(patched.volumes) ? patched.volumes : [];
    return { ...patched, volumes: [{ name: 'extra', configMap: { name: 'extra-files' } }, ...volumes] };
  });
  return fc.record({ metadata, spec }, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;
}
