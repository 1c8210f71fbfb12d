/** The rules of pod templates one by one: the restricted level, names, ports, variables, mounts, and types. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatPath, isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { checkPodTemplate, checkRestricted } from '../../generator/objects/pod-check.ts';

const fineContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

/** Where a container has a handler. */
const handlers = [
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle.postStart',
  'lifecycle.preStop',
];

interface Parts {
  readonly pod?: JsonObject;
  readonly container?: JsonObject;
  readonly context?: JsonObject;
  readonly podContext?: JsonObject;
  readonly annotations?: JsonObject;
}

/** A pod that the restricted level takes, but for these parts. */
function podOf({ pod, container, context, podContext, annotations }: Parts): JsonObject {
  const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }, ...podContext };
  const main = { name: 'main', image: 'a', securityContext: { ...fineContext, ...context }, ...container };
  return {
    metadata: { annotations: annotations ?? {} },
    spec: { restartPolicy: 'Always', securityContext, containers: [main], ...pod },
  };
}

const volume = (source: JsonObject) => ({ pod: { volumes: [{ name: 'v', ...source }] } });
const profile = 'container.apparmor.security.beta.kubernetes.io/main';
const [inPod, inContainer] = ['spec.securityContext', 'spec.containers[0].securityContext'];

describe('the restricted level', () => {
  /** What is changed, and where it is refused; nowhere where no place is given. */
  const table: [Parts, ...places: string[]][] = [
    [{ pod: { hostNetwork: true } }, 'spec.hostNetwork'],
    [{ pod: { hostPID: true } }, 'spec.hostPID'],
    [{ pod: { hostIPC: true } }, 'spec.hostIPC'],
    [{ pod: { hostNetwork: false, hostPID: false, hostIPC: null } }],
    ...['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'image', 'projected', 'secret'].map(
      (kind): [Parts] => [volume({ [kind]: {} })],
    ),
    [volume({ persistentVolumeClaim: { claimName: 'a' } })],
    [volume({})],
    [volume({ hostPath: { path: '/' } }), 'spec.volumes[0].hostPath'],
    [volume({ nfs: {} }), 'spec.volumes[0].nfs'],
    ...[
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.ip_local_reserved_ports',
      'net.ipv4.ip_unprivileged_port_start',
      'net.ipv4.ping_group_range',
      'net.ipv4.tcp_syncookies',
    ].map((name): [Parts] => [{ podContext: { sysctls: [{ name, value: '1' }] } }]),
    [{ podContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }, `${inPod}.sysctls[0]`],
    [{ annotations: { [profile]: 'runtime/default' } }],
    [{ annotations: { [profile]: 'localhost/a' } }],
    [{ annotations: { [profile]: '', other: 'unconfined' } }],
    [{ annotations: { [profile]: 'unconfined' } }, `metadata.annotations["${profile}"]`],
    ...[
      ['context', inContainer],
      ['podContext', inPod],
    ].flatMap(([part = '', place]): (typeof table)[number][] => {
      const of = (context: JsonObject): Parts => ({ [part]: context });
      return [
        ...['', 'container_t', 'container_init_t', 'container_kvm_t'].map((type): [Parts] => [
          of({ seLinuxOptions: { type, level: 'a' } }),
        ]),
        [of({ seLinuxOptions: { type: 'spc_t' } }), `${place}.seLinuxOptions.type`],
        [of({ seLinuxOptions: { user: 'a' } }), `${place}.seLinuxOptions.user`],
        [of({ seLinuxOptions: { role: 'a' } }), `${place}.seLinuxOptions.role`],
        [of({ seLinuxOptions: { user: '', role: '' } })],
        [of({ appArmorProfile: { type: 'RuntimeDefault' } })],
        [of({ appArmorProfile: { type: 'Localhost', localhostProfile: 'a' } })],
        [of({ appArmorProfile: { type: 'Unconfined' } }), `${place}.appArmorProfile.type`],
        [of({ seccompProfile: { type: 'Localhost', localhostProfile: 'a' } })],
        [of({ seccompProfile: { type: 'RuntimeDefault' } })],
        [of({ seccompProfile: { type: 'Unconfined' } }), `${place}.seccompProfile.type`],
        [of({ runAsUser: 0 }), `${place}.runAsUser`],
        [of({ runAsUser: 1 })],
      ];
    }),
    [{ context: { runAsNonRoot: false } }, `${inContainer}.runAsNonRoot`],
    [{ podContext: { runAsNonRoot: null }, context: { runAsNonRoot: true } }],
    [{ podContext: { runAsNonRoot: null } }, `${inContainer}.runAsNonRoot`],
    [{ podContext: { seccompProfile: null }, context: { seccompProfile: { type: 'RuntimeDefault' } } }],
    [{ podContext: { seccompProfile: null } }, `${inContainer}.seccompProfile`],
    [{ context: { privileged: true } }, `${inContainer}.privileged`],
    [{ context: { privileged: false, procMount: 'Default' } }],
    [{ context: { procMount: 'Unmasked' } }, `${inContainer}.procMount`],
    [{ context: { allowPrivilegeEscalation: true } }, `${inContainer}.allowPrivilegeEscalation`],
    [{ context: { capabilities: { drop: ['NET_RAW'] } } }, `${inContainer}.capabilities.drop`],
    [{ context: { capabilities: { drop: ['NET_RAW', 'ALL'], add: ['NET_BIND_SERVICE'] } } }],
    [
      { context: { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE', 'CHOWN'] } } },
      `${inContainer}.capabilities.add[1]`,
    ],
    [{ container: { ports: [{ containerPort: 1, hostPort: 0 }, { containerPort: 2 }] } }],
    [{ container: { ports: [{ containerPort: 1, hostPort: 2 }] } }, 'spec.containers[0].ports[0].hostPort'],
    ...handlers.flatMap((place): (typeof table)[number][] =>
      ['httpGet', 'tcpSocket'].flatMap((kind): (typeof table)[number][] => {
        const [first = '', second] = place.split('.');
        const of = (host: string) => {
          const handler = { [kind]: { port: 1, host } };
          return { container: { [first]: second === undefined ? handler : { [second]: handler } } };
        };
        return [[of('a'), `spec.containers[0].${place}.${kind}.host`], [of('')]];
      }),
    ),
  ];
  for (const [parts, ...places] of table) {
    test(`${places.length === 0 ? 'takes' : 'refuses'} ${JSON.stringify(parts)}`, () => {
      assert.deepEqual(
        checkRestricted(podOf(parts)).map(({ path }) => formatPath(path)),
        places,
      );
    });
  }

  test('holds for each container, those that run first too', () => {
    const initContainers = [{ name: 'i', image: 'a', securityContext: { ...fineContext, runAsUser: 0 } }];
    assert.deepEqual(
      checkRestricted(podOf({ pod: { initContainers } })).map(({ path }) => formatPath(path)),
      ['spec.initContainers[0].securityContext.runAsUser'],
    );
  });
});

describe('a pod template', () => {
  const ports = (...names: string[]) => names.map((name, i) => ({ name, containerPort: 80 + i }));
  const env = (...list: Json[]): Parts => ({ container: { env: list } });
  const reference = (more: JsonObject) =>
    env({ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k', ...more } } });
  const mounted = (mount: JsonObject): Parts => ({
    pod: { volumes: [{ name: 'v' }] },
    container: { volumeMounts: [{ name: 'v', mountPath: '/a', ...mount }] },
  });
  const first = 'spec.containers[0]';
  /** What is changed, and where something is wrong with it; nowhere where no place is given. */
  const table: [Parts, ...places: string[]][] = [
    [{ container: { name: null } }, `${first}.name`],
    [{ container: { name: 'x'.repeat(64) } }, `${first}.name`],
    [{ container: { image: '' } }, `${first}.image`],
    [{ container: { ports: ports('a', 'b') } }],
    [{ container: { ports: ports('a', 'a') } }, `${first}.ports[1].name`],
    [{ container: { ports: [{ name: 'a' }] } }, `${first}.ports[0].containerPort`],
    [{ container: { ports: [{ containerPort: 65536 }] } }, `${first}.ports[0].containerPort`],
    [{ container: { ports: [{ name: 'A', containerPort: 1 }] } }, `${first}.ports[0].name`],
    ...handlers.flatMap((place): (typeof table)[number][] =>
      ['httpGet', 'tcpSocket'].flatMap((kind): (typeof table)[number][] => {
        const [one = '', two] = place.split('.');
        const of = (port: Json) => {
          const handler = { [kind]: { port } };
          return {
            container: { ports: ports('web'), [one]: two === undefined ? handler : { [two]: handler } },
          };
        };
        return [[of('none'), `${first}.${place}.${kind}.port`], [of('web')], [of(1)]];
      }),
    ),
    [{ context: { runAsUser: 0 } }, `${inContainer}.runAsUser`],
    [{ context: { runAsUser: 0, runAsNonRoot: false } }],
    [{ podContext: { runAsUser: 0 } }, `${inContainer}.runAsUser`],
    [{ podContext: { runAsUser: 0 }, context: { runAsUser: 1 } }],
    [{ podContext: { runAsNonRoot: null }, context: { runAsUser: 0 } }],
    [env({ value: 'x' }), `${first}.env[0].name`],
    [env({ name: 'A', valueFrom: { fieldRef: { fieldPath: 'a' } }, value: '' })],
    [
      env({ name: 'A', valueFrom: { fieldRef: { fieldPath: 'a' }, secretKeyRef: { name: 's', key: 'k' } } }),
      `${first}.env[0].valueFrom`,
    ],
    [env({ name: 'A', valueFrom: {} }), `${first}.env[0].valueFrom`],
    [reference({})],
    [reference({ name: 'S' }), `${first}.env[0].valueFrom.secretKeyRef.name`],
    [reference({ name: null }), `${first}.env[0].valueFrom.secretKeyRef.name`],
    [reference({ key: '' }), `${first}.env[0].valueFrom.secretKeyRef.key`],
    [reference({ key: 'x'.repeat(253) })],
    [reference({ key: 'x'.repeat(254) }), `${first}.env[0].valueFrom.secretKeyRef.key`],
    [reference({ key: '.' }), `${first}.env[0].valueFrom.secretKeyRef.key`],
    [reference({ key: '..a' }), `${first}.env[0].valueFrom.secretKeyRef.key`],
    [reference({ key: '.a..b' })],
    [
      env({ name: 'A', valueFrom: { configMapKeyRef: { name: 'c' } } }),
      `${first}.env[0].valueFrom.configMapKeyRef.key`,
    ],
    [
      {
        container: { envFrom: [{ configMapRef: { name: 'a' }, prefix: 'A_' }, { secretRef: { name: 'a' } }] },
      },
    ],
    [{ container: { envFrom: [{}] } }, `${first}.envFrom[0]`],
    [{ container: { envFrom: [{ secretRef: {} }] } }, `${first}.envFrom[0].secretRef.name`],
    [{ container: { envFrom: [{ secretRef: { name: 'a' }, prefix: '1' }] } }, `${first}.envFrom[0].prefix`],
    [mounted({})],
    [mounted({ name: 'w' }), `${first}.volumeMounts[0].name`],
    [mounted({ name: '' }), `${first}.volumeMounts[0].name`],
    [mounted({ mountPath: '' }), `${first}.volumeMounts[0].mountPath`],
    [mounted({ subPath: 'a' })],
    [mounted({ subPath: 'a', subPathExpr: 'b' }), `${first}.volumeMounts[0].subPathExpr`],
    [mounted({ subPathExpr: '../b' }), `${first}.volumeMounts[0].subPathExpr`],
    [mounted({ subPathExpr: '/b' }), `${first}.volumeMounts[0].subPathExpr`],
    [
      {
        pod: { volumes: [{ name: 'v' }] },
        container: { volumeDevices: [{ name: 'w' }, { name: 'v', devicePath: '/a' }] },
      },
      `${first}.volumeDevices[0].name`,
      `${first}.volumeDevices[0].devicePath`,
    ],
    [volume({ secret: {} }), 'spec.volumes[0].secret.secretName'],
    [volume({ persistentVolumeClaim: {} }), 'spec.volumes[0].persistentVolumeClaim.claimName'],
    [volume({ configMap: { name: 'A' } }), 'spec.volumes[0].configMap.name'],
    [volume({ configMap: { name: 'a', items: [{ key: 'k', path: 'p' }] } })],
    [
      volume({ secret: { secretName: 'a', items: [{}] } }),
      'spec.volumes[0].secret.items[0].key',
      'spec.volumes[0].secret.items[0].path',
    ],
    [{ pod: { volumes: [{ name: 'V' }] } }, 'spec.volumes[0].name'],
    [{ pod: { resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } } }, 'spec.resources.requests.cpu'],
    [{ pod: { activeDeadlineSeconds: 5 } }, 'spec.activeDeadlineSeconds'],
    [{ pod: { initContainers: [{ name: 'main', image: 'a' }] } }, 'spec.initContainers[0].name'],
    [{ pod: { terminationGracePeriodSeconds: 0, serviceAccountName: 'a' } }],
    [{ pod: { priority: 2 ** 31 - 1 } }],
    [{ pod: { priority: 2 ** 31 } }, 'spec.priority'],
    [{ pod: { priority: -(2 ** 31) - 1 } }, 'spec.priority'],
    [{ podContext: { runAsUser: 2 ** 40 } }],
    [volume({ emptyDir: { sizeLimit: 5 } })],
    [volume({ emptyDir: { sizeLimit: '1GB' } }), 'spec.volumes[0].emptyDir.sizeLimit'],
    [{ container: { resources: { claims: [{ name: 'a' }] } } }, `${first}.resources.claims[0].name`],
    [{ container: { resources: { claims: [{ name: 'a' }] } }, pod: { resourceClaims: [{ name: 'a' }] } }],
    [volume({ emptyDir: { sizeLimit: true } }), 'spec.volumes[0].emptyDir.sizeLimit'],
    [{ container: { livenessProbe: { tcpSocket: { port: 1.5 } } } }, `${first}.livenessProbe.tcpSocket.port`],
    [{ pod: { hostNetwork: 'no' } }, 'spec.hostNetwork'],
    [{ pod: { nodeSelector: 'a' } }, 'spec.nodeSelector'],
    [{ pod: { affinity: [] } }, 'spec.affinity'],
    [{ pod: { imagePullSecrets: {} } }, 'spec.imagePullSecrets'],
  ];
  for (const [parts, ...places] of table) {
    test(`${places.length === 0 ? 'is fine with' : 'is refused with'} ${JSON.stringify(parts).slice(0, 200)}`, () => {
      const found = checkPodTemplate(podOf(parts), 'Deployment').filter(({ since }) => since === undefined);
      assert.deepEqual([...new Set(found.map(({ path }) => formatPath(path)))].sort(), places.sort());
    });
  }

  test('of a Job ends, of a Deployment does not, and each bound is its own', () => {
    const seconds = (activeDeadlineSeconds: number) =>
      checkPodTemplate(podOf({ pod: { restartPolicy: 'Never', activeDeadlineSeconds } }), 'Job').map(
        ({ path }) => formatPath(path),
      );
    assert.deepEqual([1, 2 ** 31 - 1].map(seconds), [[], []]);
    for (const wrong of [0, 2 ** 31])
      assert.deepEqual([...new Set(seconds(wrong))], ['spec.activeDeadlineSeconds']);
  });

  test('has times that are times', () => {
    const wrong = (creationTimestamp: string) =>
      checkPodTemplate({ ...podOf({}), metadata: { creationTimestamp } }, 'Deployment').map(({ path }) =>
        formatPath(path),
      );
    assert.deepEqual(['2025-01-31T12:00:00Z', '2025-01-31T12:00:00.5+01:00'].flatMap(wrong), []);
    assert.deepEqual(wrong('today'), ['metadata.creationTimestamp']);
  });

  test('says each thing once, and of a key that it is the key', () => {
    const labels = { 'a b': 'x' };
    const found = checkPodTemplate({ ...podOf({}), metadata: { labels, unknown: 1 } }, 'Deployment');
    assert.deepEqual(
      found.map(({ path, at }) => [path.at(-1), at]),
      [
        ['unknown', 'key'],
        ['a b', 'key'],
      ],
    );
    const twice = podOf({ container: { ports: ['a', 'b'].map((name) => ({ name, containerPort: 80 })) } });
    assert.equal(checkPodTemplate(twice, 'Deployment').length, 1);
    assert.ok(isObject(twice.spec));
  });
});
