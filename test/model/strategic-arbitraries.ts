/** Random realistic objects in two states, to find patches between. */
import fc, { type Arbitrary } from 'fast-check';
import { unkeptCharacter } from '../../generator/model/characters.ts';
import { clone, type Json, type JsonObject } from '../../generator/model/json.ts';

/** An object in two states. */
export interface Pair {
  readonly before: JsonObject;
  readonly after: JsonObject;
}

/** A value in two states, either of which may be absent. */
type Change = { readonly before: Json | undefined; readonly after: Json | undefined };

/** The same value in both states mostly, else another, or one that comes or goes. */
function scalar(value: Arbitrary<Json>): Arbitrary<Change> {
  return fc.oneof(
    { weight: 6, arbitrary: value.map((v) => ({ before: v, after: v })) },
    { weight: 3, arbitrary: fc.record({ before: value, after: value }) },
    { weight: 1, arbitrary: value.map((v) => ({ before: v, after: undefined })) },
    { weight: 1, arbitrary: value.map((v) => ({ before: undefined, after: v })) },
    { weight: 2, arbitrary: fc.constant({ before: undefined, after: undefined }) },
  );
}

/** Always there, and seldom another. */
function steady(value: Arbitrary<Json>): Arbitrary<Change> {
  return fc.oneof(
    { weight: 4, arbitrary: value.map((v) => ({ before: v, after: v })) },
    { weight: 1, arbitrary: fc.record({ before: value, after: value }) },
  );
}

function fixed(value: Json): Arbitrary<Change> {
  return fc.constant({ before: value, after: value });
}

/** A map of fields; one that is left without any is absent, unless the empty map means something. */
function map(
  fields: { [key: string]: Arbitrary<Change> },
  empty: 'absent' | 'kept' = 'absent',
): Arbitrary<Change> {
  return fc.record(fields).map((changes) => {
    const state = (which: keyof Change): JsonObject | undefined => {
      const entries = Object.entries(changes).flatMap(([key, change]) => {
        const value = (change as Change)[which];
        return value === undefined ? [] : [[key, value] as const];
      });
      return entries.length === 0 && empty === 'absent' ? undefined : Object.fromEntries(entries);
    };
    return { before: state('before'), after: state('after') };
  });
}

/** A map of free keys. */
function dictionary(keys: readonly string[], value: Arbitrary<Json>): Arbitrary<Change> {
  return fc
    .subarray([...keys])
    .chain((chosen) => map(Object.fromEntries(chosen.map((key) => [key, scalar(value)]))));
}

/** One of several fields, the same one in both states or another. */
function union(branches: { [key: string]: Arbitrary<Json> }): { [key: string]: Arbitrary<Change> } {
  const one = fc.oneof(...Object.entries(branches).map(([key, value]) => value.map((v) => ({ key, v }))));
  const both = scalar(one as unknown as Arbitrary<Json>);
  return { '': both };
}

/** A map with fields of its own and a union of others. */
function variant(
  fields: { [key: string]: Arbitrary<Change> },
  branches: { [key: string]: Arbitrary<Json> },
): Arbitrary<Change> {
  return map({ ...fields, ...union(branches) }).map(({ before, after }) => {
    const spread = (state: Json | undefined): Json | undefined => {
      if (state === undefined) return undefined;
      const { '': branch, ...rest } = state as JsonObject;
      if (branch === undefined) return rest;
      const { key, v } = branch as { key: string; v: Json };
      return { ...rest, [key]: v };
    };
    return { before: spread(before), after: spread(after) };
  });
}

/** A list of items with keys: some stay, some come or go, and some are in another order afterwards. */
function items(
  item: (key: string) => Arbitrary<Change>,
  keys: readonly string[],
  max = 5,
): Arbitrary<Change> {
  const slot = (key: string) =>
    fc.record({ change: item(key), presence: fc.constantFrom('both', 'both', 'both', 'before', 'after') });
  return fc
    .shuffledSubarray([...keys], { maxLength: Math.min(max, keys.length) })
    .chain((chosen) =>
      fc.tuple(
        fc.tuple(...chosen.map(slot)),
        fc.oneof(
          { weight: 2, arbitrary: fc.constant(chosen.map((_, i) => i)) },
          {
            weight: 1,
            arbitrary: fc.shuffledSubarray(
              chosen.map((_, i) => i),
              { minLength: chosen.length },
            ),
          },
        ),
      ),
    )
    .map(([slots, order]) => {
      const before = slots.flatMap(({ change, presence }) =>
        presence === 'after' ? [] : [change.before as Json],
      );
      const after = order.flatMap((i) => {
        const chosen = slots[i];
        return chosen === undefined || chosen.presence === 'before' ? [] : [chosen.change.after as Json];
      });
      return {
        before: before.length === 0 ? undefined : before,
        after: after.length === 0 ? undefined : after,
      };
    });
}

/** A list that patches replace as a whole. */
function atomic(item: Arbitrary<Json>, max = 3): Arbitrary<Change> {
  return scalar(fc.array(item, { minLength: 1, maxLength: max }));
}

/** Strings that YAML readers take for something else when they stand without quotes, and others. */
const text: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'glyphoxa', 'ghcr.io/mrwong99/glyphoxa:v1.2.3') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...[
        'yes',
        'no',
        'y',
        'N',
        'on',
        'Off',
        'true',
        'null',
        '~',
        '',
        '0755',
        '0o7',
        '0x1f',
        '1e3',
        '1_000',
        '.5',
      ],
      ...['12:30', '12:30:45', '2024-01-01', '2001-12-14t21:59:43Z', '1.10', '-1', '+1', '.inf', '<<', '='],
      ...[
        'a: b',
        '- a',
        '# a',
        'a # b',
        '{a}',
        '[a]',
        '*a',
        '&a',
        '!a',
        '%a',
        '@a',
        '`a`',
        "it's",
        '"a"',
        '\\',
        '|',
      ],
      ...[
        ' a',
        'a ',
        'a\n',
        'a\nb\n',
        'a\n\n',
        '\na',
        'a \n b\n',
        '  a\nb',
        'a\tb',
        '\t',
        'ünïcödé ☃ 😀',
        'a\r\nb',
      ],
      ...['$(VAR)', '$patch', 'null\n', '---\na', 'a: |\n  b\n', `${'long '.repeat(40)}end`],
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .filter((text) => unkeptCharacter(text) === undefined),
  },
);
const word = fc.constantFrom('a', 'b', 'c', 'yes', '0755', 'null', '1e3', 'web-1', '12:30');
const number = fc.constantFrom(0, 1, 2, 3, 80, 8080, 65535);
const numberOrName: Arbitrary<Json> = fc.oneof(number, fc.constantFrom<Json>('http', '25%', '80', '8080'));
const flag = fc.boolean();
const quantity = fc.constantFrom<Json>('100m', '1', '2Gi', '0.5', '1e3', 1);

const labelKeys = [
  'app',
  'app.kubernetes.io/name',
  'app.kubernetes.io/component',
  'yes',
  '0755',
  'null',
  'a.io/x-1',
];
const labels = dictionary(labelKeys, word);
const annotations = dictionary(labelKeys, text);
// Kustomize fails on annotations of an object whose keys YAML takes for null or a number, patch or no patch.
const plainAnnotations = dictionary(['a.io/x-1', 'a.io/0755', 'yes', 'checksum/config'], text);
const finalizers = scalar(fc.uniqueArray(word, { minLength: 1, maxLength: 3 }));
const metadata = map({ labels, annotations: plainAnnotations, finalizers, name: fixed('x') });
const selector = fc.oneof(
  map({ matchLabels: labels }, 'kept'),
  map(
    {
      matchLabels: labels,
      matchExpressions: atomic(fc.record({ key: word, operator: fc.constant('Exists') })),
    },
    'kept',
  ),
);

const keyRef = fc.record({ name: word, key: word });
const env = (name: string) =>
  variant(
    { name: fixed(name) },
    {
      value: text,
      valueFrom: fc.oneof<Arbitrary<Json>[]>(
        fc.record({ secretKeyRef: keyRef }),
        fc.record({
          configMapKeyRef: fc.record({ name: word, key: word, optional: flag }, { requiredKeys: ['name'] }),
        }),
        fc.record({
          fieldRef: fc.record({ fieldPath: fc.constantFrom('metadata.name', 'metadata.namespace') }),
        }),
      ),
    },
  );
const port = (key: string) => {
  const [containerPort, protocol] = key.split(' ');
  return map({
    containerPort: fixed(Number(containerPort)),
    protocol: fixed(protocol as string),
    name: scalar(word),
    hostPort: scalar(number),
  });
};
const portKeys = ['80 TCP', '80 UDP', '8080 TCP', '9090 TCP', '9090 SCTP'];
const probe = variant(
  { periodSeconds: scalar(number), failureThreshold: scalar(number) },
  {
    exec: fc.record({ command: fc.array(text, { minLength: 1, maxLength: 3 }) }),
    httpGet: fc.record(
      { path: text, port: numberOrName, scheme: fc.constant('HTTP') },
      { requiredKeys: ['port'] },
    ),
    tcpSocket: fc.record({ port: numberOrName }),
    grpc: fc.record({ port: number }),
  },
);
const container = (name: string) =>
  map({
    name: fixed(name),
    image: steady(text),
    command: atomic(text),
    args: atomic(text),
    workingDir: scalar(text),
    env: items(env, ['A', 'B', 'C', 'yes', '0755', 'D']),
    envFrom: atomic(fc.record({ secretRef: fc.record({ name: word }) })),
    ports: items(port, portKeys),
    resources: map({
      requests: dictionary(['cpu', 'memory'], quantity),
      limits: dictionary(['cpu', 'memory', 'nvidia.com/gpu'], quantity),
      claims: atomic(fc.record({ name: word })),
    }),
    volumeMounts: items(
      (mountPath) =>
        map({
          mountPath: fixed(mountPath),
          name: steady(word),
          subPath: scalar(text),
          readOnly: scalar(flag),
        }),
      ['/', '/tmp', '/etc/glyphoxa', '/0755'],
    ),
    livenessProbe: probe,
    readinessProbe: probe,
    securityContext: map({
      runAsNonRoot: scalar(flag),
      runAsUser: scalar(number),
      capabilities: map({
        drop: atomic(fc.constantFrom('ALL', 'NET_RAW')),
        add: atomic(fc.constantFrom('NET_ADMIN')),
      }),
    }),
  });
const volume = (name: string) =>
  variant(
    { name: fixed(name) },
    {
      configMap: fc.record(
        {
          name: word,
          defaultMode: number,
          items: fc.array(fc.record({ key: word, path: text }), { minLength: 1, maxLength: 2 }),
        },
        { requiredKeys: ['name'] },
      ),
      secret: fc.record({ secretName: word, optional: flag }, { requiredKeys: ['secretName'] }),
      emptyDir: fc.record({ medium: fc.constant('Memory'), sizeLimit: quantity }, { requiredKeys: [] }),
      projected: fc.record({
        sources: fc.array(fc.record({ secret: fc.record({ name: word }) }), { minLength: 1, maxLength: 2 }),
      }),
    },
  );
const spread = (key: string) => {
  const [topologyKey, whenUnsatisfiable] = key.split(' ');
  return map({
    topologyKey: fixed(topologyKey as string),
    whenUnsatisfiable: fixed(whenUnsatisfiable as string),
    maxSkew: steady(number),
    labelSelector: selector,
  });
};
const requirement = fc.record({
  key: word,
  operator: fc.constantFrom('In', 'Exists'),
  values: fc.array(word, { minLength: 1, maxLength: 2 }),
});
const podSpec = map({
  serviceAccountName: scalar(word),
  automountServiceAccountToken: scalar(flag),
  terminationGracePeriodSeconds: scalar(number),
  containers: items(container, ['gateway', 'sidecar', 'yes'], 2),
  initContainers: items(container, ['wait', '0755'], 1),
  volumes: items(volume, ['config', 'tmp', 'null', 'data']),
  imagePullSecrets: items((name) => map({ name: fixed(name) }), ['a', 'b', 'c', '1e3']),
  hostAliases: items((ip) => map({ ip: fixed(ip), hostnames: atomic(word) }), ['10.0.0.1', '::1', '1.10']),
  nodeSelector: dictionary(labelKeys, word),
  tolerations: atomic(
    fc.record(
      { key: word, operator: fc.constantFrom('Exists', 'Equal'), value: text },
      { requiredKeys: ['operator'] },
    ),
  ),
  topologySpreadConstraints: items(spread, [
    'zone DoNotSchedule',
    'zone ScheduleAnyway',
    'host DoNotSchedule',
  ]),
  affinity: map({
    nodeAffinity: map({
      requiredDuringSchedulingIgnoredDuringExecution: map({
        nodeSelectorTerms: atomic(
          fc.record({ matchExpressions: fc.array(requirement, { minLength: 1, maxLength: 2 }) }),
        ),
      }),
    }),
  }),
  securityContext: map({
    fsGroup: scalar(number),
    seccompProfile: map({ type: scalar(fc.constant('RuntimeDefault')) }),
  }),
  dnsConfig: map({ nameservers: atomic(word), options: atomic(fc.record({ name: word, value: text })) }),
});
const template = map({ metadata: map({ labels, annotations, finalizers }), spec: podSpec });

const object = (apiVersion: string, kind: string, fields: { [key: string]: Arbitrary<Change> }) =>
  map({ apiVersion: fixed(apiVersion), kind: fixed(kind), metadata, ...fields }).map(
    // fast-check makes objects without a prototype, which no strict comparison takes for plain ones.
    ({ before, after }): Pair => ({ before: clone(before as JsonObject), after: clone(after as JsonObject) }),
  );

const servicePort = (key: string) => {
  const [number_, protocol] = key.split(' ');
  return map({
    port: fixed(Number(number_)),
    protocol: fixed(protocol as string),
    name: steady(word),
    targetPort: scalar(numberOrName),
    nodePort: scalar(number),
  });
};
const peer = fc.constantFrom<Json>(
  { podSelector: {} },
  { podSelector: { matchLabels: { app: 'a' } } },
  { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } },
);
const rule: Arbitrary<Json> = fc.record(
  {
    to: fc.array(peer, { minLength: 1, maxLength: 2 }),
    ports: fc.array(
      fc.record(
        { port: numberOrName, protocol: fc.constantFrom('TCP', 'UDP'), endPort: number },
        { requiredKeys: ['port'] },
      ),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
  },
  { requiredKeys: [] },
);
const words = fc.array(word, { minLength: 1, maxLength: 3 });

const deployment = object('apps/v1', 'Deployment', {
  spec: map({
    replicas: scalar(number),
    strategy: variant(
      { type: steady(fc.constantFrom('Recreate', 'RollingUpdate')) },
      { rollingUpdate: fc.record({ maxSurge: numberOrName, maxUnavailable: numberOrName }) },
    ),
    selector,
    template,
  }),
});

/** Every kind of object that patches are written for, in two states. */
export const pairs: Arbitrary<Pair> = fc.oneof(
  { weight: 8, arbitrary: deployment },
  {
    weight: 2,
    arbitrary: object('batch/v1', 'Job', { spec: map({ backoffLimit: scalar(number), template }) }),
  },
  {
    weight: 3,
    arbitrary: object('v1', 'Service', {
      spec: map({
        type: scalar(fc.constantFrom('ClusterIP', 'NodePort')),
        selector: labels,
        ports: items(servicePort, portKeys),
        loadBalancerSourceRanges: atomic(word),
      }),
    }),
  },
  {
    weight: 3,
    arbitrary: object('networking.k8s.io/v1', 'NetworkPolicy', {
      spec: map({
        podSelector: selector,
        policyTypes: atomic(fc.constantFrom('Ingress', 'Egress')),
        ingress: atomic(rule),
        egress: atomic(rule),
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: object('rbac.authorization.k8s.io/v1', 'Role', {
      rules: atomic(
        fc.record(
          { apiGroups: words, resources: words, verbs: words, resourceNames: words },
          { requiredKeys: ['verbs'] },
        ),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: object('rbac.authorization.k8s.io/v1', 'RoleBinding', {
      roleRef: map({ apiGroup: fixed('rbac.authorization.k8s.io'), kind: fixed('Role'), name: steady(word) }),
      subjects: atomic(fc.record({ kind: fc.constant('ServiceAccount'), name: word })),
    }),
  },
  {
    weight: 2,
    arbitrary: object('v1', 'ServiceAccount', {
      automountServiceAccountToken: scalar(flag),
      imagePullSecrets: atomic(fc.record({ name: word })),
      secrets: items((name) => map({ name: fixed(name) }), ['a', 'b', 'yes']),
    }),
  },
  {
    weight: 2,
    arbitrary: object('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: map({
        minReplicas: scalar(number),
        maxReplicas: steady(number),
        scaleTargetRef: map({ apiVersion: fixed('apps/v1'), kind: fixed('Deployment'), name: steady(word) }),
        metrics: atomic(
          fc.record({
            type: fc.constant('Resource'),
            resource: fc.record({ name: fc.constantFrom('cpu', 'memory') }),
          }),
        ),
        behavior: map({
          scaleDown: map({
            stabilizationWindowSeconds: scalar(number),
            policies: atomic(fc.record({ type: word, value: number })),
          }),
        }),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: object('policy/v1', 'PodDisruptionBudget', {
      spec: variant({ selector }, { maxUnavailable: numberOrName, minAvailable: numberOrName }),
    }),
  },
  {
    weight: 2,
    arbitrary: object('v1', 'ConfigMap', {
      data: dictionary(['config.yaml', 'job.yaml', 'yes', '0755'], text),
    }),
  },
  {
    weight: 1,
    arbitrary: object('v1', 'Secret', {
      type: fixed('Opaque'),
      stringData: dictionary(['DSN', 'token', 'y'], text),
    }),
  },
  { weight: 1, arbitrary: object('v1', 'Namespace', {}) },
  {
    weight: 1,
    arbitrary: object('bitnami.com/v1alpha1', 'SealedSecret', {
      spec: map({
        encryptedData: dictionary(['DSN', 'token'], text),
        template: map({ type: scalar(word), metadata: map({ labels, annotations }) }),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: object('external-secrets.io/v1', 'ExternalSecret', {
      spec: map({
        refreshInterval: scalar(word),
        secretStoreRef: map({ kind: fixed('SecretStore'), name: steady(word) }),
        target: map({ name: steady(word), creationPolicy: scalar(word) }),
        data: atomic(fc.record({ secretKey: word, remoteRef: fc.record({ key: text, property: text }) })),
      }),
    }),
  },
  {
    weight: 1,
    arbitrary: object('postgresql.cnpg.io/v1', 'Cluster', {
      spec: map({
        instances: steady(number),
        imageName: scalar(text),
        storage: map({ size: steady(quantity), storageClass: scalar(word) }),
        postgresql: map({ parameters: dictionary(['max_connections', 'yes'], text), pg_hba: atomic(text) }),
        managed: map({ roles: atomic(fc.record({ name: word, login: flag })) }),
        env: atomic(fc.record({ name: word, value: text })),
      }),
    }),
  },
);
