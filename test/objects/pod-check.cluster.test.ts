/** Compares the checks of pods with what a real API server says, thing by thing, over many by chance. */
import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { clone, formatPath, isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import * as values from '../../generator/model/kubernetes-values.ts';
import { checkPodTemplate, checkRestricted, type PodOwner } from '../../generator/objects/pod-check.ts';
import { Chance } from '../support/chance.ts';
import {
  type Answer,
  type ControlPlane,
  hasControlPlane,
  requireControlPlane,
  startControlPlane,
} from '../support/control-plane.ts';
import { fullTemplate, mutate } from './pod-mutations.ts';

/** How many requests are under way at once. */
const LANES = 8;

let plane: ControlPlane | undefined;

before(async () => {
  if (hasControlPlane(['apiserver'])) plane = await startControlPlane({ components: ['apiserver'] });
});
after(() => plane?.stop());

/** The control plane; undefined where its tools are missing, and then the test is skipped. */
function running(t: TestContext): ControlPlane | undefined {
  return requireControlPlane(t, ['apiserver']) ? plane : undefined;
}

/** Runs something for each item, some at a time. */
async function each<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (const item of queue) await run(item);
    }),
  );
}

/** Applies a workload with this template, without any effect. */
function dryRun(cluster: ControlPlane, kind: PodOwner, template: JsonObject): Promise<Answer> {
  const [group, resource] = kind === 'Deployment' ? ['apps/v1', 'deployments'] : ['batch/v1', 'jobs'];
  const spec = kind === 'Deployment' ? { selector: { matchLabels: { app: 'pod' } }, template } : { template };
  return cluster.request(
    'PATCH',
    `/apis/${group}/namespaces/default/${resource}/pod?fieldManager=test&force=true&dryRun=All&fieldValidation=Strict`,
    { apiVersion: group, kind, metadata: { name: 'pod', namespace: 'default' }, spec },
    'application/apply-patch+yaml',
  );
}

/** A template around some parts of a pod. */
function pod(spec: JsonObject, container: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  const labels = isObject(metadata.labels) ? metadata.labels : {};
  return {
    metadata: { ...metadata, labels: { ...labels, app: 'pod' } },
    spec: { containers: [{ name: 'main', image: 'a', ...container }], ...spec },
  };
}

function messageOf(answer: Answer): string {
  const { body } = answer;
  return isObject(body) ? String(body.message) : String(body);
}

const taken = (answer: Answer) => answer.status >= 200 && answer.status < 300;

/** Where this project is stricter than the API server of the tests, on purpose. */
const stricter = [
  // Such a pod is taken and then never starts.
  /is not a DNS name/,
  /^no port of this container is called/,
  /^user 0 is root/,
  /is not a whole number$/,
  // Older versions refuse these.
  /is not a variable name/,
  /^labelSelector has/,
  /^must not be empty$/,
  // Server-side apply stores something else than was written.
  /^this number is too large$/,
  /is more than a quantity can hold$/,
  /^nothing where/,
  // Without effect.
  /^only labels and annotations may be given here$/,
  /^-\d+ is below the minimum 0$/,
];

/** What the checks leave to the API server's dry run: the fields that it names when it refuses. */
const leftToTheServer = new RegExp(
  [
    '^(?:metadata\\.)?annotations',
    '^spec\\.(?:affinity|topologySpreadConstraints|schedulingGates|priorityClassName|preemptionPolicy|runtimeClassName|nodeName)\\b',
    '^spec\\.(?:dnsPolicy|dnsConfig|hostAliases|hostname|hostnameOverride|subdomain|hostNetwork|hostUsers|hostPID|hostIPC)\\b',
    '^spec\\.(?:securityContext|shareProcessNamespace|os|overhead|readinessGates|resources|resourceClaims)\\b',
    '^spec\\.volumes\\[\\d+\\](?:\\.name$|\\.\\w+)',
    '[cC]ontainers\\[\\d+\\]\\.(?:lifecycle|\\w+Probe|securityContext|resizePolicy|restartPolicy\\w*|terminationMessagePolicy|volumeDevices)\\b',
    '[cC]ontainers\\[\\d+\\]\\.(?:ports\\[\\d+\\]\\.(?:host\\w+|protocol)|env\\[\\d+\\]\\.valueFrom\\.(?:field|resourceField|fileKey)Ref)\\b',
    '[cC]ontainers\\[\\d+\\]\\.(?:volumeMounts(?:\\[\\d+\\])?\\.(?:mountPropagation|recursiveReadOnly)|resources\\.claims)\\b',
  ].join('|'),
);

/** The fields that an answer refuses. */
function refusedFields({ body }: Answer): string[] {
  const details = isObject(body) && isObject(body.details) ? body.details : {};
  const causes = Array.isArray(details.causes) ? details.causes.filter(isObject) : [];
  return causes.map(({ field }) => String(field).replace(/^spec\.template\./, ''));
}

test('templates changed by chance are taken and refused as the API server does', async (t) => {
  const cluster = running(t);
  if (cluster === undefined) return;
  const chance = new Chance(2026);
  const cases = Array.from({ length: 2000 }, () => {
    const kind = chance.pick<PodOwner>(['Deployment', 'Job']);
    const first = mutate(fullTemplate(kind), chance);
    const second = chance.below(6) === 0 ? mutate(first.template, chance) : undefined;
    const where = [first.path, ...(second === undefined ? [] : [second.path])].map(formatPath).join(' and ');
    return { kind, where, template: second?.template ?? first.template };
  });
  let [agreed, refused, left] = [0, 0, 0];
  const differences: string[] = [];
  await each(cases, async ({ kind, where, template }) => {
    const ours = checkPodTemplate(template, kind);
    // What only newer versions know is behind feature gates in this one too.
    if (ours.some(({ since }) => since !== undefined)) return;
    const answer = await dryRun(cluster, kind, template);
    agreed++;
    if (ours.length > 0) refused++;
    if (taken(answer) === (ours.length === 0)) return;
    const fields = refusedFields(answer);
    if (ours.length === 0 && fields.some((field) => leftToTheServer.test(field))) {
      left++;
      return;
    }
    if (taken(answer) && ours.every(({ message }) => stricter.some((known) => known.test(message)))) return;
    const said = ours.map(({ path, message }) => `${formatPath(path)}: ${message}`).join('; ');
    differences.push(`${kind} ${where}: we say "${said}", the API server ${messageOf(answer)}`);
  });
  assert.deepEqual(differences, []);
  assert.ok(
    agreed > 1400 && refused > 500 && left < 500,
    `${refused} of ${agreed} refused, ${left} left to the server`,
  );
});

test('quantities are taken and rewritten as the API server does', async (t) => {
  const cluster = running(t);
  if (cluster === undefined) return;
  const chance = new Chance(7);
  const digits = (count: number) =>
    Array.from({ length: count }, () => chance.pick(['0', '0', '0', '1', '2', '4', '5', '8', '9'])).join('');
  const suffixes = ' n u m k M G T P E Ki Mi Gi Ti Pi Ei e3 E3 e-3 e+2 e1 e-9 e-12 E18 K i e mi e03'.split(
    ' ',
  );
  const quantities = Array.from({ length: 700 }, () => {
    const whole =
      chance.below(3) === 0 ? chance.pick(['1000', '1024', '1536', '8', '01']) : digits(chance.below(19));
    const fraction = chance.below(2) === 0 ? '' : `.${digits(chance.below(12))}`;
    return chance.pick(['', '', '', '+', '-']) + whole + fraction + chance.pick(suffixes);
  });
  await each([...quantities, 1, 0.5, 0.1, 1e21, 1e-7, 0], async (quantity) => {
    const spec = { volumes: [{ name: 'v', emptyDir: { sizeLimit: quantity } }] };
    const template = pod(spec, { resources: { limits: { memory: quantity } } });
    const answer = await dryRun(cluster, 'Deployment', template);
    const wrong = checkPodTemplate(template, 'Deployment');
    if (!taken(answer)) {
      assert.notDeepEqual(wrong, [], String(quantity));
      return;
    }
    if (values.checkQuantity(quantity) !== undefined) {
      // Refused on purpose: without a digit, or too large.
      const text = String(quantity).replace(/[KMGTPE]i?$|[num]$|[eE][-+]?\d+$/, '');
      assert.ok(
        !/\d/.test(text) || /more than/.test(values.checkQuantity(quantity)?.message ?? ''),
        String(quantity),
      );
      return;
    }
    assert.deepEqual(wrong, [], String(quantity));
    const stored = (answer.body as { spec: { template: { spec: JsonObject } } }).spec.template.spec;
    const [volume] = stored.volumes as [{ emptyDir: JsonObject }];
    const [container] = stored.containers as [{ resources: { limits: JsonObject } }];
    assert.equal(volume.emptyDir.sizeLimit, values.canonicalQuantity(quantity), String(quantity));
    assert.equal(
      container.resources.limits.memory,
      values.canonicalResourceQuantity(quantity),
      `${quantity} in resources`,
    );
  });
});

test('names and keys are taken as the API server does', async (t) => {
  const cluster = running(t);
  if (cluster === undefined) return;
  const chance = new Chance(11);
  const pieces = [
    'a',
    'b',
    'z',
    '0',
    '9',
    '-',
    '-',
    '.',
    '_',
    '/',
    'A',
    'Z',
    'ü',
    '\n',
    ' ',
    'example.com/',
    '..',
  ];
  const name = (): string => {
    if (chance.below(10) > 0) {
      const plain = chance.below(3) > 0 ? pieces.slice(0, 8) : pieces;
      return Array.from({ length: 1 + chance.below(chance.pick([2, 5, 18])) }, () => chance.pick(plain)).join(
        '',
      );
    }
    const part = chance.pick(['a', '-', 'a.', 'a-']);
    const length = chance.pick([15, 16, 62, 63, 64, 253, 254, 300]);
    return part.repeat(length).slice(0, length) + chance.pick(['', '', 'a', '/a', '-']);
  };
  const kinds: [make: (text: string) => JsonObject, check: (text: string) => unknown][] = [
    [(text) => pod({}, {}, { labels: { [text]: 'x' } }), values.checkQualifiedName],
    [(text) => pod({}, {}, { labels: { other: text } }), values.checkLabelValue],
    [(text) => pod({}, {}, { annotations: { [text]: 'x' } }), values.checkAnnotationKey],
    [(text) => pod({}, { name: text }), values.checkDnsLabel],
    [(text) => pod({ serviceAccountName: text }), values.checkDnsSubdomain],
    [(text) => pod({}, { ports: [{ containerPort: 1, name: text }] }), values.checkPortName],
    [
      (text) => pod({}, { resources: { limits: { [text]: '1' } } }),
      (text) => values.checkResourceRequirements({ limits: { [text]: '1' } })[0],
    ],
  ];
  const cases = kinds.flatMap(([make, check]) =>
    Array.from({ length: 120 }, () => ({ make, check, text: name() })).filter(({ text }) => text !== 'app'),
  );
  await each(cases, async ({ make, check, text }) => {
    const answer = await dryRun(cluster, 'Deployment', make(text));
    const ours = check(text);
    assert.equal(
      ours === undefined,
      taken(answer),
      `${JSON.stringify(text)}: ${JSON.stringify(ours)} / ${messageOf(answer)}`,
    );
    assert.equal(
      checkPodTemplate(make(text), 'Deployment').length === 0,
      taken(answer),
      JSON.stringify(text),
    );
  });
});

test('the restricted level refuses what Pod Security admission refuses', async (t) => {
  const cluster = running(t);
  if (cluster === undefined) return;
  const versions = ['v1.28', 'latest'];
  for (const version of versions) {
    const name = `restricted-${version.replace('.', '-')}`;
    const enforce = 'pod-security.kubernetes.io/enforce';
    const labels = { [enforce]: 'restricted', [`${enforce}-version`]: version };
    await cluster.request('POST', '/api/v1/namespaces', { metadata: { name, labels } });
    // No controller makes it here, and without it there is no pod.
    const account = { metadata: { name: 'default' } };
    await cluster.request('POST', `/api/v1/namespaces/${name}/serviceaccounts`, account);
  }
  const chance = new Chance(5);
  const pods = Array.from({ length: 500 }, () => unsafePod(chance));
  let [allowed, forbidden] = [0, 0];
  await each(pods, async (template) => {
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...(template.metadata as JsonObject), name: 'pod' },
    };
    const answers = await Promise.all(
      versions.map((version) => {
        const path = `/api/v1/namespaces/restricted-${version.replace('.', '-')}/pods?dryRun=All`;
        return cluster.request('POST', path, { ...body, spec: template.spec });
      }),
    );
    if (answers.some(({ status }) => status === 422)) return;
    for (const answer of answers) {
      if (!taken(answer)) assert.match(messageOf(answer), /violates PodSecurity/);
    }
    const ours = checkRestricted(template).map(({ path }) => formatPath(path));
    if (answers.every(taken)) allowed++;
    else forbidden++;
    assert.equal(ours.length === 0, answers.every(taken), `${ours} / ${answers.map(messageOf)}`);
  });
  assert.ok(allowed > 100 && forbidden > 100, `${allowed} allowed, ${forbidden} forbidden`);
});

/** A pod that the restricted level takes, with some of what it looks at changed. */
function unsafePod(chance: Chance): JsonObject {
  const safe = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const main: JsonObject = {
    name: 'main',
    image: 'a',
    securityContext: clone(safe),
    ports: [{ containerPort: 80 }],
  };
  const setup: JsonObject = { name: 'setup', image: 'a', securityContext: clone(safe) };
  const spec: JsonObject = {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [main],
    initContainers: [setup],
    volumes: [{ name: 'data', emptyDir: {} }],
  };
  const metadata: JsonObject = {};
  const set = (object: JsonObject, key: string, choices: readonly (Json | undefined)[]) => {
    const value = chance.pick(choices);
    if (value === undefined) delete object[key];
    else object[key] = clone(value);
  };
  const profiles = [
    { type: 'RuntimeDefault' },
    { type: 'Unconfined' },
    { type: 'Localhost', localhostProfile: 'a' },
  ];
  for (let count = chance.below(4); count > 0; count--) {
    const owner = chance.pick([spec, main, setup]);
    const context: JsonObject = isObject(owner.securityContext) ? owner.securityContext : {};
    const shared: [key: string, choices: (Json | undefined)[]][] = [
      ['runAsNonRoot', [true, false, undefined]],
      ['runAsUser', [0, 1, undefined]],
      ['seccompProfile', [...profiles, undefined]],
      ['appArmorProfile', profiles],
      [
        'seLinuxOptions',
        [
          {},
          { type: 'container_t' },
          { type: 'spc_t' },
          { type: 'container_engine_t' },
          { user: 'a' },
          { role: 'a' },
        ],
      ],
    ];
    const ofPod: typeof shared = [
      [
        'sysctls',
        ['net.ipv4.tcp_syncookies', 'kernel.msgmax', 'net.ipv4.tcp_rmem'].map((name) => [
          { name, value: '1' },
        ]),
      ],
    ];
    const ofContainer: typeof shared = [
      ['privileged', [true, false]],
      ['allowPrivilegeEscalation', [true, false, undefined]],
      ['procMount', ['Default', 'Unmasked']],
      [
        'capabilities',
        [
          undefined,
          {},
          { drop: ['ALL'] },
          { drop: ['all'] },
          { drop: ['ALL'], add: ['NET_BIND_SERVICE'] },
          { drop: ['ALL'], add: ['NET_RAW'] },
        ],
      ],
    ];
    switch (chance.below(10)) {
      case 0:
        set(spec, chance.pick(['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers']), [true, false]);
        break;
      case 1: {
        const volumes = [
          { hostPath: { path: '/x' } },
          { nfs: { server: 'a', path: '/b' } },
          { csi: { driver: 'a.b' } },
          { projected: {} },
          {},
        ];
        spec.volumes = [{ name: 'data', ...chance.pick<JsonObject>(volumes) }];
        break;
      }
      case 2:
        main.ports = [{ containerPort: 80, hostPort: chance.pick([0, 80]) }];
        break;
      case 3: {
        const host = chance.pick<JsonObject>([{}, { host: 'a' }]);
        const key = chance.pick(['livenessProbe', 'lifecycle']);
        const handler = { [chance.pick(['httpGet', 'tcpSocket'])]: { port: 80, ...host } };
        main[key] = key === 'lifecycle' ? { preStop: handler } : handler;
        break;
      }
      case 4:
        metadata.annotations = {
          'container.apparmor.security.beta.kubernetes.io/main': chance.pick([
            'unconfined',
            'runtime/default',
          ]),
        };
        break;
      default:
        set(context, ...chance.pick([...shared, ...(owner === spec ? ofPod : ofContainer)]));
        owner.securityContext = context;
    }
  }
  return { metadata, spec };
}
