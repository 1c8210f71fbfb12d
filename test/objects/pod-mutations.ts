/** Pod templates by chance: valid ones, and what becomes of them when something in them changes. */

import { clone, isObject, type Json, type JsonObject, type Path } from '../../generator/model/json.ts';
import schema from '../../generator/objects/pod-schema.json' with { type: 'json' };
import type { Chance } from '../support/chance.ts';

const types: Readonly<Record<string, Readonly<Record<string, string>>>> = schema.types;

/** A template that the API server takes, with nearly every field in it. */
export function fullTemplate(kind: 'Deployment' | 'Job'): JsonObject {
  return {
    metadata: {
      labels: { app: 'pod' },
      annotations: {
        'example.com/Note': 'any text: ü',
        'controller.kubernetes.io/pod-deletion-cost': '-5',
        'container.apparmor.security.beta.kubernetes.io/main': 'runtime/default',
      },
    },
    spec: {
      ...(kind === 'Job'
        ? { restartPolicy: 'Never', activeDeadlineSeconds: 60 }
        : { restartPolicy: 'Always' }),
      terminationGracePeriodSeconds: 45,
      serviceAccountName: 'account',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      hostname: 'host',
      subdomain: 'sub',
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      schedulerName: 'default-scheduler',
      priorityClassName: 'high',
      preemptionPolicy: 'Never',
      runtimeClassName: 'gvisor',
      overhead: { cpu: '10m' },
      os: { name: 'linux' },
      dnsPolicy: 'None',
      dnsConfig: {
        nameservers: ['10.0.0.10'],
        searches: ['example.com.'],
        options: [{ name: 'ndots', value: '2' }],
      },
      hostAliases: [{ ip: '10.1.2.3', hostnames: ['foo.example.com'] }],
      imagePullSecrets: [{ name: 'registry' }],
      readinessGates: [{ conditionType: 'example.com/ready' }],
      schedulingGates: [{ name: 'example.com/gate' }],
      tolerations: [
        { key: 'tier', operator: 'Equal', value: 'shared', effect: 'NoSchedule' },
        { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 },
      ],
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 999,
        runAsGroup: 999,
        fsGroup: 999,
        fsGroupChangePolicy: 'OnRootMismatch',
        supplementalGroups: [1, 2],
        seccompProfile: { type: 'RuntimeDefault' },
        seLinuxOptions: { level: 's0' },
        sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }],
      },
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              {
                matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }],
                matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['node-1'] }],
              },
            ],
          },
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 5,
              preference: { matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['4'] }] },
            },
          ],
        },
        podAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            {
              topologyKey: 'topology.kubernetes.io/zone',
              namespaces: ['default'],
              labelSelector: {
                matchLabels: { app: 'db' },
                matchExpressions: [{ key: 'a', operator: 'Exists' }],
              },
            },
          ],
        },
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 100,
              podAffinityTerm: {
                topologyKey: 'kubernetes.io/hostname',
                labelSelector: { matchLabels: { app: 'pod' } },
                namespaceSelector: {},
              },
            },
          ],
        },
      },
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'DoNotSchedule',
          minDomains: 2,
          nodeAffinityPolicy: 'Honor',
          labelSelector: { matchLabels: { app: 'pod' } },
          matchLabelKeys: ['pod-template-hash'],
        },
        { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
      ],
      initContainers: [
        {
          name: 'setup',
          image: 'busybox:1.36',
          command: ['true'],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
        {
          name: 'sidecar',
          image: 'busybox',
          restartPolicy: 'Always',
          startupProbe: { tcpSocket: { port: 80 } },
          ports: [{ containerPort: 80, hostPort: 80 }],
        },
      ],
      containers: [
        {
          name: 'main',
          image: 'registry.example.com:5000/team/app:1.0',
          imagePullPolicy: 'IfNotPresent',
          command: ['app'],
          args: ['--mode=x'],
          workingDir: '/srv',
          terminationMessagePolicy: 'File',
          ports: [
            { name: 'http', containerPort: 8080 },
            { name: 'udp', containerPort: 8080, protocol: 'UDP', hostPort: 9000 },
          ],
          env: [
            { name: 'A', value: 'b' },
            { name: 'FIELD', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
            { name: 'SIZE', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } },
            { name: 'KEY', valueFrom: { configMapKeyRef: { name: 'config', key: 'key', optional: true } } },
            { name: 'SECRET', valueFrom: { secretKeyRef: { name: 'secret', key: 'key' } } },
          ],
          envFrom: [{ prefix: 'P_', configMapRef: { name: 'config' } }, { secretRef: { name: 'secret' } }],
          resources: {
            requests: { cpu: '250m', memory: '256Mi', 'example.com/gpu': 1, 'hugepages-2Mi': '4Mi' },
            limits: {
              cpu: 1,
              memory: '1Gi',
              'example.com/gpu': '1',
              'hugepages-2Mi': '4Mi',
              'ephemeral-storage': '1G',
            },
          },
          resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'NotRequired' }],
          volumeMounts: [
            { name: 'data', mountPath: '/data', subPath: 'a/b', readOnly: true, mountPropagation: 'None' },
            { name: 'config', mountPath: '/etc/config' },
          ],
          volumeDevices: [{ name: 'claim', devicePath: '/dev/claim' }],
          livenessProbe: {
            httpGet: { port: 'http', path: '/healthz', httpHeaders: [{ name: 'X-A', value: 'b' }] },
          },
          readinessProbe: { exec: { command: ['true'] }, successThreshold: 2 },
          startupProbe: { grpc: { port: 50051 }, failureThreshold: 30, terminationGracePeriodSeconds: 10 },
          lifecycle: { preStop: { httpGet: { port: 8080 } }, postStart: { exec: { command: ['true'] } } },
          securityContext: {
            runAsUser: 1000,
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
            procMount: 'Default',
            seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/a.json' },
          },
        },
      ],
      volumes: [
        { name: 'data', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
        { name: 'config', configMap: { name: 'config', items: [{ key: 'a', path: 'b/c', mode: 256 }] } },
        { name: 'secret', secret: { secretName: 'secret', defaultMode: 420, optional: true } },
        { name: 'claim', persistentVolumeClaim: { claimName: 'claim' } },
        { name: 'host', hostPath: { path: '/var', type: 'Directory' } },
        { name: 'nfs', nfs: { server: 'nfs.example.com', path: '/export' } },
        { name: 'csi', csi: { driver: 'csi.example.com', volumeAttributes: { a: 'b' } } },
        {
          name: 'downward',
          downwardAPI: {
            items: [
              { path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } },
              {
                path: 'cpu',
                resourceFieldRef: { containerName: 'main', resource: 'limits.cpu', divisor: '1m' },
              },
            ],
          },
        },
        {
          name: 'projected',
          projected: {
            sources: [
              { secret: { name: 'secret', items: [{ key: 'a', path: 'secret' }] } },
              { configMap: { name: 'config', items: [{ key: 'a', path: 'config' }] } },
              { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
              { serviceAccountToken: { path: 'token', expirationSeconds: 3600, audience: 'vault' } },
            ],
          },
        },
        {
          name: 'ephemeral',
          ephemeral: {
            volumeClaimTemplate: {
              metadata: { labels: { a: 'b' } },
              spec: {
                accessModes: ['ReadWriteOnce'],
                storageClassName: 'fast',
                volumeMode: 'Filesystem',
                resources: { requests: { storage: '1Gi' } },
              },
            },
          },
        },
      ],
    },
  };
}

/** Values for fields of these names, good and bad ones. Other fields get values by their type. */
const values: Readonly<Record<string, readonly Json[]>> = {
  name: [
    'main',
    'data',
    'config',
    'claim',
    'setup',
    'http',
    'device',
    'x',
    'Upper',
    'a.b',
    'a_b',
    '-a',
    'a-',
    '',
    'x'.repeat(63),
    'x'.repeat(64),
    'a/b',
    'example.com/a',
    'metadata.name',
    'A B',
    'net.ipv4.ip_forward',
    'net/ipv4/ip_forward',
    'kernel.shm_rmid_forced',
    '1',
  ],
  key: [
    '',
    'a',
    'a/b',
    'A_b.c',
    '..',
    '.',
    'a b',
    'metadata.name',
    '-x',
    'example.com/',
    '/x',
    'a/b/c',
    'x'.repeat(63),
    'x'.repeat(64),
    'x'.repeat(254),
    'app',
    'pod-template-hash',
    'Example.com/x',
  ],
  operator: ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt', 'Equal', '', 'in', 'Nope'],
  effect: ['NoSchedule', 'NoExecute', 'PreferNoSchedule', '', 'Bad'],
  value: ['', 'a', 'shared', 'a b', 'x'.repeat(64), '-', 'A.b_c', 'ü'],
  values: [[], ['a'], ['a', 'b'], ['1'], ['-3'], ['x y'], [''], ['node-1']],
  image: [
    '',
    'busybox',
    'busybox:latest',
    'a/b@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  ],
  imagePullPolicy: ['Always', 'Never', 'IfNotPresent', '', 'always'],
  protocol: ['TCP', 'UDP', 'SCTP', '', 'tcp'],
  containerPort: [0, 1, 80, 8080, 65535, 65536, -1],
  hostPort: [0, 1, 80, 8080, 9000, 65535, 65536, -1],
  port: ['http', 'udp', 80, 0, 65536, '', '80', 'no--pe', 'Http', 'much-too-long-name', 50051],
  mountPath: ['', '/data', '/etc/config', '/x', 'relative', '/a:b', '/dev/claim'],
  devicePath: ['', '/dev/claim', '/data', '/x/../y'],
  subPath: ['', 'a', '/a', '../a', 'a/../b', 'a..b'],
  subPathExpr: ['', '$(A)', '/a', '../a'],
  path: [
    '',
    'a',
    'b/c',
    '/a',
    '../a',
    '..a',
    'a/..',
    'token',
    'secret',
    'config',
    'name',
    '/var',
    '/var/../x',
  ],
  mountPropagation: ['None', 'HostToContainer', 'Bidirectional', '', 'none'],
  recursiveReadOnly: ['Disabled', 'IfPossible', 'Enabled', ''],
  defaultMode: [0, 420, 511, 512, -1],
  mode: [0, 420, 511, 512, -1],
  fieldPath: [
    '',
    'metadata.name',
    'metadata.namespace',
    'metadata.labels',
    'metadata.annotations',
    'metadata.uid',
    "metadata.labels['app']",
    "metadata.annotations['Example.com/A']",
    "metadata.labels['Example.com/A']",
    "metadata.labels['']",
    "spec.nodeName['a']",
    'spec.nodeName',
    'spec.host',
    'spec.serviceAccountName',
    'status.podIP',
    'status.hostIP',
    'status.podIPs',
    'status.phase',
    'spec.restartPolicy',
    'nope',
  ],
  apiVersion: ['v1', 'v2', ''],
  resource: [
    'limits.cpu',
    'requests.memory',
    'limits.ephemeral-storage',
    'limits.hugepages-2Mi',
    'limits.gpu',
    '',
    'cpu',
  ],
  divisor: ['0', '1', '1m', '1Mi', '1k', '2', '1000m', '1024', '0.001', '1024Ki', -1],
  containerName: ['main', '', 'other'],
  topologyKey: ['zone', '', 'a b', 'topology.kubernetes.io/zone'],
  whenUnsatisfiable: ['DoNotSchedule', 'ScheduleAnyway', '', 'No'],
  nodeAffinityPolicy: ['Honor', 'Ignore', '', 'x'],
  nodeTaintsPolicy: ['Honor', 'Ignore', '', 'x'],
  maxSkew: [0, 1, -1, 5],
  minDomains: [0, 1, 3],
  weight: [0, 1, 100, 101, -1],
  matchLabelKeys: [[], ['a'], ['app'], ['a b'], ['app', 'a']],
  mismatchLabelKeys: [[], ['a'], ['tenant'], ['a b']],
  namespaces: [[], ['default'], ['Bad'], ['a.b']],
  restartPolicy: ['Always', 'Never', 'OnFailure', '', 'Nope', 'NotRequired', 'RestartContainer'],
  dnsPolicy: ['ClusterFirst', 'Default', 'None', 'ClusterFirstWithHostNet', '', 'x'],
  nameservers: [
    [],
    ['1.2.3.4'],
    ['1.2.3.4', '::1', '8.8.8.8', '9.9.9.9'],
    ['x'],
    ['01.2.3.4'],
    ['::ffff:1.2.3.4'],
    ['fe80::1%eth0'],
    ['2001:DB8::1'],
  ],
  searches: [[], ['a.b'], ['.'], ['A'], ['a.b.'], [''], ['x'.repeat(250)]],
  ip: ['1.2.3.4', '', '::1', '1.2.3', '010.1.1.1', '::ffff:10.0.0.1', '10.1.2.3'],
  hostnames: [[], ['a'], ['A'], ['a_b'], ['']],
  hostname: ['a', '', 'A', 'a.b', 'x'.repeat(64)],
  subdomain: ['a', '', 'A', 'a.b'],
  runAsUser: [0, 1, -1, 2147483647, 2147483648],
  runAsGroup: [0, 1, -1, 2147483647, 2147483648],
  fsGroup: [0, -1, 2147483648],
  supplementalGroups: [[], [0], [-1], [2147483648]],
  fsGroupChangePolicy: ['OnRootMismatch', 'Always', '', 'x'],
  supplementalGroupsPolicy: ['Merge', 'Strict', '', 'x'],
  seLinuxChangePolicy: ['MountOption', 'Recursive', '', 'x'],
  procMount: ['Default', 'Unmasked', '', 'x'],
  type: ['RuntimeDefault', 'Localhost', 'Unconfined', '', 'x', 'Directory', 'File', 'BlockDevice'],
  localhostProfile: ['a', '', '/a', '../a', ' a', 'a/b'],
  add: [[], ['NET_BIND_SERVICE'], ['CAP_SYS_ADMIN'], ['SYS_ADMIN']],
  drop: [[], ['ALL'], ['all']],
  terminationMessagePolicy: ['File', 'FallbackToLogsOnError', '', 'x'],
  preemptionPolicy: ['Never', 'PreemptLowerPriority', '', 'x'],
  activeDeadlineSeconds: [0, 1, -1, 2147483647, 2147483648],
  terminationGracePeriodSeconds: [0, 1, -1, 30],
  seconds: [1, 30, 31, 45, 46, -1],
  successThreshold: [0, 1, 2, -1],
  failureThreshold: [0, 1, -1],
  periodSeconds: [0, 1, -1],
  timeoutSeconds: [0, 1, -1],
  initialDelaySeconds: [0, 1, -1],
  scheme: ['HTTP', 'HTTPS', '', 'http'],
  expirationSeconds: [600, 599, 3600, 4294967296, 4294967297, 0],
  conditionType: ['a', 'example.com/a', '', 'a b'],
  serviceAccountName: ['a', '', 'A', 'a.b', 'a_b'],
  serviceAccount: ['a', ''],
  nodeName: ['a', '', 'A', 'a.b'],
  priorityClassName: ['a', '', 'A'],
  runtimeClassName: ['a', '', 'A'],
  secretName: ['a', '', 'secret'],
  claimName: ['a', '', 'claim'],
  volumeName: ['a', '', 'data', 'A'],
  driver: ['csi.example.com', '', 'CSI.example.com', 'a_b', 'x'.repeat(64)],
  accessModes: [[], ['ReadWriteOnce'], ['ReadWriteOncePod'], ['ReadWriteOnce', 'ReadWriteOncePod'], ['x']],
  volumeMode: ['Block', 'Filesystem', '', 'x'],
  storageClassName: ['a', '', 'A'],
  kind: ['PersistentVolumeClaim', '', 'Managed', 'Shared', 'x'],
  cachingMode: ['None', 'ReadOnly', '', 'x'],
  diskURI: ['/subscriptions/a', 'https://a', '', 'x'],
  iqn: [
    'iqn.2001-04.com.example:storage',
    'iqn.x',
    'eui.0123456789abcdef',
    'naa.0123456789abcdef0123456789abcdef',
    '',
    'x',
  ],
  initiatorName: ['iqn.2001-04.com.example:storage', '', 'x'],
  lun: [0, 255, 256, -1],
  partition: [0, 255, 256, -1],
  monitors: [[], ['a:1']],
  targetWWNs: [[], ['a']],
  wwids: [[], ['a']],
  registry: ['a:1', 'a', 'a:1,b:2', 'a:1,b', '[::1]:1', ''],
  resourceName: ['cpu', 'memory', '', 'gpu'],
  resourceClaimName: ['a', '', 'A'],
  resourceClaimTemplateName: ['a', '', 'A'],
  request: ['a', '', 'A'],
  prefix: ['', 'A_', 'a.b', '1'],
  signerName: ['example.com/a', '', 'a/b', 'example.com/a/b', 'Example.com/a'],
  os: [{ name: 'linux' }, { name: '' }, { name: 'x' }, {}],
  datasetName: ['a', '', 'a/b'],
  datasetUUID: ['a', ''],
  sizeLimit: ['1Gi', '0', '-1', '-1Gi', '1m'],
  storage: ['1Gi', '0', '-1', '0.5'],
  uid: ['1', '2'],
  stopSignal: [
    'SIGTERM',
    'SIGRTMIN+1',
    'SIGRTMIN+15',
    'SIGRTMIN+16',
    'SIGRTMAX-14',
    'SIGRTMAX-15',
    'TERM',
    '',
  ],
  creationTimestamp: ['2025-01-31T12:00:00Z', 'x', '2025-01-31', '2025-01-31T12:00:00.5+01:00', ''],
  hostnameOverride: ['a', '', 'A', 'a.b', 'x'.repeat(65)],
  pullPolicy: ['Always', '', 'x'],
  reference: ['busybox', ''],
};

const labelMaps: readonly Json[] = [
  {},
  { a: 'b' },
  { 'A b': 'c' },
  { a: 'b c' },
  { 'example.com/a': '' },
  { 'Example.com/a': 'b' },
  { a: 'x'.repeat(64) },
];
const resourceMaps: readonly Json[] = [
  {},
  { cpu: '100m' },
  { cpu: '2', memory: '1Gi' },
  { cpu: '-1' },
  { memory: '128m' },
  { foo: 1 },
  { pods: 1 },
  { 'example.com/gpu': 1 },
  { 'example.com/gpu': '1.5' },
  { 'example.com/gpu': '999m', cpu: '0.1u' },
  { 'requests.example.com/gpu': 1 },
  { 'a.kubernetes.io/b': '0.5' },
  { 'hugepages-2Mi': '4Mi' },
  { 'hugepages-2Mi': '3Mi', cpu: 1 },
  { 'hugepages-2Mi': '4Mi', cpu: 1 },
  { 'hugepages-': '4Mi', cpu: 1 },
  { 'hugepages-x': '4Mi', cpu: 1 },
  { 'ephemeral-storage': '1G', memory: 12345 },
  { 'a b': 1 },
  { cpu: '1e3', memory: '0.1' },
];
const maps: Readonly<Record<string, readonly Json[]>> = {
  labels: labelMaps,
  matchLabels: labelMaps,
  nodeSelector: labelMaps,
  annotations: [
    {},
    { a: 'any ü' },
    { 'Example.com/A': 'b' },
    { 'a b': 'c' },
    { '': 'x' },
    { 'controller.kubernetes.io/pod-deletion-cost': '01' },
    { 'controller.kubernetes.io/pod-deletion-cost': '2147483648' },
    { 'controller.kubernetes.io/pod-deletion-cost': '-2147483648' },
    { 'container.apparmor.security.beta.kubernetes.io/nope': 'unconfined' },
    { 'container.apparmor.security.beta.kubernetes.io/main': 'nope' },
    { 'container.apparmor.security.beta.kubernetes.io/main': 'localhost/a' },
    { 'seccomp.security.alpha.kubernetes.io/pod': 'runtime/default' },
    { 'seccomp.security.alpha.kubernetes.io/pod': 'nope' },
    { 'seccomp.security.alpha.kubernetes.io/pod': 'localhost/../a' },
    { 'container.seccomp.security.alpha.kubernetes.io/main': 'unconfined' },
    { 'container.seccomp.security.alpha.kubernetes.io/main': 'localhost/profiles/a.json' },
  ],
  requests: resourceMaps,
  limits: resourceMaps,
  overhead: resourceMaps,
  options: [{}, { a: 'b' }, { 'kubernetes.io/a': 'b' }, { 'x.K8s.io': 'b' }],
};

/** Values that are wrong for most fields. */
const wrong: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1.5,
  3_000_000_000,
  1e20,
  '',
  'x',
  [],
  {},
  [1],
  ['x'],
  { x: 'y' },
  [{}],
];

/** Fields that the API server of the tests is too old for. */
const TOO_NEW = / >=1\.37$/;

function parse(notation: string): { type: string; container: string } {
  const [, type = '', container = ''] = /^([\w-]+)(\{\}|\[[^\]]*\])?/.exec(notation) ?? [];
  return { type, container };
}

/** A value for a field, by its name and its type. */
function generate(name: string, notation: string, chance: Chance, depth = 0): Json {
  const { type, container } = parse(notation);
  const known = Object.hasOwn(values, name) ? values[name] : undefined;
  if (container === '{}') {
    if (Object.hasOwn(maps, name)) return clone(chance.pick(maps[name] ?? []));
    return chance.pick<Json>([{}, { a: type === 'quantity' ? '1' : 'b' }]);
  }
  if (container !== '') {
    if (known !== undefined && types[type] === undefined) return clone(chance.pick(known));
    const length = chance.pick([0, 1, 1, 2]);
    return Array.from({ length }, () => generate(`${name}.item`, type, chance, depth + 1));
  }
  const fields = types[type];
  if (fields !== undefined) {
    if (known !== undefined && chance.below(2) === 0) return clone(chance.pick(known));
    const object: JsonObject = {};
    for (const [field, each] of Object.entries(fields)) {
      if (TOO_NEW.test(each) || chance.below(depth === 0 ? 2 : 3) > 0) continue;
      if (depth > 3 && types[parse(each).type] !== undefined) continue;
      object[field] = generate(field, each, chance, depth + 1);
    }
    return object;
  }
  if (known !== undefined) return clone(chance.pick(known));
  switch (type) {
    case 'boolean':
      return chance.below(2) === 0;
    case 'int32':
    case 'int64':
      return chance.pick([0, 1, 5, -1]);
    case 'quantity':
      return chance.pick<Json>(['1', '100m', 2, '1Gi', 'x', '0.5']);
    case 'int-or-string':
      return chance.pick<Json>([1, 'a']);
    default:
      return chance.pick(['', 'a', 'A', '/a', 'x y']);
  }
}

interface Spot {
  readonly path: Path;
  readonly parent: JsonObject | Json[];
  readonly key: string | number;
  readonly notation: string;
}

/** Every place of a template where a value is or could be. */
function spots(template: JsonObject): Spot[] {
  const found: Spot[] = [];
  const visit = (value: Json, notation: string, path: Path): void => {
    const { type, container } = parse(notation);
    if (container === '{}' && isObject(value)) {
      for (const key of Object.keys(value))
        found.push({ path: [...path, key], parent: value, key, notation: type });
    } else if (container !== '' && Array.isArray(value)) {
      value.forEach((item, key) => {
        found.push({ path: [...path, key], parent: value, key, notation: type });
        visit(item, type, [...path, key]);
      });
    } else if (container === '' && isObject(value)) {
      for (const [key, each] of Object.entries(types[type] ?? {})) {
        if (TOO_NEW.test(each)) continue;
        found.push({ path: [...path, key], parent: value, key, notation: each });
        const item = value[key];
        if (item !== undefined) visit(item, each, [...path, key]);
      }
    }
  };
  visit(template, 'PodTemplateSpec', []);
  return found;
}

/** Fields that would make the object another one, or that the server itself decides on. */
const KEPT = /^metadata(?:\.(?:labels|managedFields).*)?$/;

/** A copy of the template with something changed in it, and where. */
export function mutate(template: JsonObject, chance: Chance): { template: JsonObject; path: Path } {
  const copy = clone(template);
  const all = spots(copy).filter((spot) => !KEPT.test(spot.path.join('.')));
  const present = all.filter(({ parent, key }) => Array.isArray(parent) || Object.hasOwn(parent, key));
  const plain = all.filter(({ notation }) => types[parse(notation).type] === undefined);
  const spot = chance.pick(chance.pick([all, present, plain, plain]));
  const { parent, key } = spot;
  const set = (value: Json) => {
    if (Array.isArray(parent)) parent[Number(key)] = value;
    else parent[String(key)] = value;
  };
  const action = chance.below(20);
  if (action < 13) set(generate(String(key), spot.notation, chance));
  else if (action < 16) {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[String(key)];
  } else if (action === 16) set(clone(chance.pick(wrong)));
  else if (action === 17 && Array.isArray(parent)) parent.push(clone(parent[Number(key)] ?? null));
  else if (action === 18 && !Array.isArray(parent)) parent[`${key}x`] = 'x';
  else set(generate(String(key), spot.notation, chance));
  return { template: copy, path: spot.path };
}
