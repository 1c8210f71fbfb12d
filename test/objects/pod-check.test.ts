import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { faultText } from '../../generator/model/finding.ts';
import { clone, formatPath, isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { checkPodTemplate, checkRestricted, type PodOwner } from '../../generator/objects/pod-check.ts';
import { Chance } from '../support/chance.ts';
import { requireTool } from '../support/tools.ts';
import { fullTemplate, mutate } from './pod-mutations.ts';

/** A full template with the value at a path like `spec.containers.0.image` replaced, or removed (undefined). */
function changed(kind: PodOwner, path: string, value: Json | undefined): JsonObject {
  const template = fullTemplate(kind);
  const parts = path.split('.');
  const last = parts.pop() ?? '';
  let at: Json = template;
  for (const part of parts) {
    const next: Json | undefined = Array.isArray(at) ? at[Number(part)] : isObject(at) ? at[part] : undefined;
    if (next === undefined) throw new Error(`no ${part} in ${path}`);
    at = next;
  }
  if (Array.isArray(at)) {
    if (value === undefined) at.splice(Number(last), 1);
    else at[Number(last)] = value;
  } else if (isObject(at)) {
    if (value === undefined) delete at[last];
    else at[last] = value;
  }
  return template;
}

function said(template: JsonObject, kind: PodOwner): string[] {
  return checkPodTemplate(template, kind).map((fault) => `${formatPath(fault.path)}: ${faultText(fault)}`);
}

test('a template with nearly every field in it is fine', () => {
  for (const kind of ['Deployment', 'Job'] as const) {
    assert.deepEqual(checkPodTemplate(fullTemplate(kind), kind), []);
  }
});

const main = 'spec.containers.0';

/** Changes of a template of a Deployment that leave it fine. */
const fine: [path: string, value: Json | undefined][] = [
  ['metadata.annotations', null],
  ['spec.restartPolicy', undefined],
  ['spec.terminationGracePeriodSeconds', 0],
  ['spec.volumes.0', { name: 'data' }],
  ['spec.os', undefined],
  ['spec.dnsConfig.nameservers', ['::1', '2001:DB8::1', '10.0.0.1']],
  ['spec.containers.1', { name: 'two', image: 'a', ports: [{ containerPort: 8080, name: 'http' }] }],
  [`${main}.image`, 'busybox'],
  [`${main}.imagePullPolicy`, ''],
  [`${main}.ports.1.hostPort`, 0],
  [`${main}.resources.requests.cpu`, 0.25],
  [`${main}.env.1.valueFrom.fieldRef`, { apiVersion: 'v1', fieldPath: 'status.podIP' }],
  [`${main}.livenessProbe.successThreshold`, 1],
  [`${main}.livenessProbe.httpGet.port`, 8080],
  [`${main}.volumeMounts.0.subPath`, 'a..b'],
  ['spec.tolerations.1', { operator: 'Exists' }],
];

test('what the API server takes is taken', () => {
  for (const [path, value] of fine) {
    assert.deepEqual(said(changed('Deployment', path, value), 'Deployment'), [], path);
  }
});

const label = 'use letters, digits, "-", "_" and ".", a letter or digit at both ends';
const dnsLabel = 'use lower-case letters, digits and "-", a letter or digit at both ends';

/** Changes of a template of a Deployment and all that is then said. */
const broken: [path: string, value: Json | undefined, ...says: string[]][] = [
  // Structure
  ['spec.contaners', [], 'spec.contaners: this field does not exist; did you mean "containers"?'],
  [
    `${main}.imagePullpolicy`,
    'Always',
    'spec.containers[0].imagePullpolicy: this field does not exist; did you mean "imagePullPolicy"?',
  ],
  [
    'spec.volumes.0.qqqqq',
    {},
    'spec.volumes[0].qqqqq: this field does not exist; remove it: Volume has no such field',
  ],
  [
    'spec.volumes.0.constructor',
    {},
    'spec.volumes[0].constructor: this field does not exist; remove it: Volume has no such field',
  ],
  [
    `${main}.env.0.value`,
    5,
    'spec.containers[0].env[0].value: a number where text is meant; put it in quotes',
  ],
  [
    `${main}.env.0.value`,
    true,
    'spec.containers[0].env[0].value: true or false where text is meant; put it in quotes',
  ],
  [`${main}.args`, 'x', 'spec.containers[0].args: text where a list is meant; write a list'],
  [`${main}.args`, [null], 'spec.containers[0].args[0]: nothing where text is meant; write text'],
  [`${main}.tty`, 'true', 'spec.containers[0].tty: text where true or false is meant; write true or false'],
  ['spec.priority', 1.5, 'spec.priority: a number where a whole number is meant; write a whole number'],
  ['spec.priority', 3_000_000_000, 'spec.priority: this number is too large; use a smaller one'],
  ['spec.nodeSelector', ['a'], 'spec.nodeSelector: a list where a map is meant; write a map'],
  ['spec.nodeSelector', { a: 1 }, 'spec.nodeSelector.a: a number where text is meant; put it in quotes'],
  [
    'metadata.creationTimestamp',
    'today',
    'metadata.creationTimestamp: this is not a time; write it like 2025-01-31T12:00:00Z',
  ],
  [
    'spec.volumes.0.emptyDir.sizeLimit',
    '1GB',
    'spec.volumes[0].emptyDir.sizeLimit: "1GB" is not a quantity; write it like 500m, 1 or 2Gi',
  ],
  [
    `${main}.env.1`,
    { name: 'A' },
    'spec.containers[0].env[1]: name "A" stands in this list already; remove one of the two',
  ],
  [
    `${main}.ports.1`,
    { containerPort: 8080, protocol: 'TCP' },
    'spec.containers[0].ports[1]: containerPort 8080 and protocol "TCP" stands in this list already; remove one of the two',
  ],
  // Versions
  [
    `${main}.securityContext.appArmorProfile`,
    { type: 'RuntimeDefault' },
    'spec.containers[0].securityContext.appArmorProfile: Kubernetes before 1.30 does not know this field; remove it, or make sure that no older cluster is used',
  ],
  // Metadata
  ['metadata.labels', { app: 'a b' }, `metadata.labels.app: "a b" is not a label value; ${label}`],
  [
    'metadata.annotations',
    { 'a b': 'x' },
    `metadata.annotations["a b"]: "a b" is not a label name; ${label}`,
  ],
  // The pod
  ['spec.restartPolicy', 'Never', 'spec.restartPolicy: "Never" is not supported; use Always'],
  [
    'spec.activeDeadlineSeconds',
    60,
    'spec.activeDeadlineSeconds: the pods of a Deployment cannot have this; remove it',
  ],
  [
    'spec.terminationGracePeriodSeconds',
    -1,
    'spec.terminationGracePeriodSeconds: -1 is below the minimum 0; use 0 or more',
  ],
  [
    'spec.serviceAccountName',
    'A',
    'spec.serviceAccountName: "A" is not a DNS name; use lower-case letters, digits, "-" and ".", a letter or digit at both ends of each part',
  ],
  [
    'spec.ephemeralContainers',
    [{ name: 'x', image: 'y' }],
    'spec.ephemeralContainers: a pod template cannot have ephemeral containers; remove them',
  ],
  // Containers
  ['spec.containers', [], 'spec.containers: a pod needs at least one container; add one'],
  [
    'spec.initContainers.0.name',
    'main',
    'spec.initContainers[0].name: "main" is already the name of a container of this pod; choose another name',
  ],
  [
    'spec.initContainers.0.name',
    'Main',
    `spec.initContainers[0].name: "Main" is not a DNS label; ${dnsLabel}`,
  ],
  [`${main}.image`, undefined, 'spec.containers[0].image: this value is required; add image'],
  [
    `${main}.image`,
    'a b',
    'spec.containers[0].image: "a b" is not an image repository; write it like ghcr.io/team/app',
  ],
  [
    `${main}.imagePullPolicy`,
    'always',
    'spec.containers[0].imagePullPolicy: "always" is not supported; did you mean "Always"?',
  ],
  [
    `${main}.ports.0.containerPort`,
    0,
    'spec.containers[0].ports[0].containerPort: 0 is not a port; use a whole number from 1 to 65535',
  ],
  [
    `${main}.ports.1.name`,
    'http',
    'spec.containers[0].ports[1].name: "http" is already the name of a port of this container; choose another name',
  ],
  [`${main}.ports.0.hostPort`, 9000],
  // Environment
  [
    `${main}.env.0.name`,
    '1A',
    'spec.containers[0].env[0].name: "1A" is not a variable name; use letters, digits, "_", "-" and ".", no digit first, and no ".." at the start',
  ],
  [
    `${main}.env.1.value`,
    'hidden',
    'spec.containers[0].env[1].valueFrom: a variable has either value or valueFrom; remove one of the two',
  ],
  [
    `${main}.env.1.valueFrom`,
    {},
    'spec.containers[0].env[1].valueFrom: one of fieldRef, resourceFieldRef, configMapKeyRef or secretKeyRef is required; add one of them',
  ],
  [
    `${main}.env.4.valueFrom.fieldRef`,
    { fieldPath: 'metadata.name' },
    'spec.containers[0].env[4].valueFrom: only one of fieldRef or secretKeyRef may be given; remove the others',
  ],
  [
    `${main}.env.4.valueFrom.secretKeyRef.key`,
    'a/b',
    'spec.containers[0].env[4].valueFrom.secretKeyRef.key: "a/b" is not a key; use letters, digits, "-", "_" and ".", and no ".." at the start',
  ],
  [
    `${main}.envFrom.0.secretRef`,
    { name: 'a' },
    'spec.containers[0].envFrom[0]: exactly one of configMapRef and secretRef is required; name one object',
  ],
  // Volumes
  [
    `${main}.volumeMounts.0.name`,
    'dat',
    'spec.containers[0].volumeMounts[0].name: no volume of this pod is called "dat"; did you mean "data"?',
  ],
  [
    `${main}.volumeMounts.1.mountPath`,
    '/data',
    'spec.containers[0].volumeMounts[1]: mountPath "/data" stands in this list already; remove one of the two',
  ],
  [
    `${main}.volumeMounts.0.subPath`,
    '/a',
    'spec.containers[0].volumeMounts[0].subPath: "/a" is an absolute path; remove the "/" in front',
  ],
  [
    `${main}.volumeMounts.0.subPath`,
    'a/../b',
    'spec.containers[0].volumeMounts[0].subPath: ".." is not allowed in a path; name what is inside the volume',
  ],
  [
    'spec.volumes.4.name',
    'data',
    'spec.volumes[4]: name "data" stands in this list already; remove one of the two',
  ],
  [
    'spec.volumes.0.hostPath',
    { path: '/x' },
    'spec.volumes[0]: only one of emptyDir or hostPath may be given; make a volume of each',
  ],
  [
    'spec.volumes.1.configMap.name',
    undefined,
    'spec.volumes[1].configMap.name: this value is required; add name',
  ],
  // Probes and hooks
  [
    `${main}.livenessProbe.httpGet.port`,
    'htp',
    'spec.containers[0].livenessProbe.httpGet.port: no port of this container is called "htp"; did you mean "http"?',
  ],
  // Resources
  [
    `${main}.resources.requests.cpu`,
    '2',
    'spec.containers[0].resources.requests.cpu: 2 is more than the limit, 1; let the request be at most the limit; set both',
  ],
  [
    `${main}.resources.claims`,
    [{ name: 'a' }],
    'spec.containers[0].resources.claims[0].name: no resource claim of this pod is called "a"; add one with this name',
  ],
  // Security
  [
    `${main}.securityContext.runAsUser`,
    0,
    'spec.containers[0].securityContext.runAsUser: user 0 is root, and runAsNonRoot forbids to start it; use another user than 0',
  ],
  // Scheduling
  ['spec.nodeSelector', { a: 'b c' }, `spec.nodeSelector.a: "b c" is not a label value; ${label}`],
  [
    'spec.tolerations.0.operator',
    'Exists',
    'spec.tolerations[0].value: the operator Exists takes no value; remove the line',
  ],
  [
    'spec.topologySpreadConstraints.1.whenUnsatisfiable',
    'DoNotSchedule',
    'spec.topologySpreadConstraints[1]: topologyKey "zone" and whenUnsatisfiable "DoNotSchedule" stands in this list already; remove one of the two',
  ],
];

test('what the API server refuses is refused, with all that is wrong and nothing else', () => {
  for (const [path, value, ...says] of broken) {
    assert.deepEqual(said(changed('Deployment', path, value), 'Deployment'), says, path);
  }
});

test('a Job must end: Always is refused, and so is saying nothing', () => {
  assert.deepEqual(said(changed('Job', 'spec.restartPolicy', 'OnFailure'), 'Job'), []);
  assert.deepEqual(said(changed('Job', 'spec.restartPolicy', 'Always'), 'Job'), [
    'spec.restartPolicy: "Always" is not supported; use Never or OnFailure',
  ]);
  assert.deepEqual(said(changed('Job', 'spec.restartPolicy', undefined), 'Job'), [
    'spec.restartPolicy: this value is required; use Never',
  ]);
  assert.deepEqual(said(changed('Job', 'spec.activeDeadlineSeconds', 0), 'Job'), [
    'spec.activeDeadlineSeconds: 0 is out of range; use a number from 1 to 2147483647',
  ]);
});

test('fields that only newer versions know are told with the version', () => {
  const template = changed('Deployment', `${main}.securityContext.appArmorProfile`, { type: 'Localhost' });
  const problems = checkPodTemplate(template, 'Deployment');
  assert.deepEqual(
    problems.map(({ path, since }) => [path.at(-1), since]),
    [['appArmorProfile', '1.30']],
  );
});

test('no message holds the value of a variable, an argument or a header', () => {
  const secret = 's3cr3t-value';
  const chance = new Chance(1);
  for (let round = 0; round < 300; round++) {
    const base = changed('Deployment', `${main}.env.0.value`, secret);
    const text = JSON.stringify(base)
      .replace('--mode=x', secret)
      .replace('"value":"b"', `"value":"${secret}"`);
    const { template } = mutate(JSON.parse(text) as JsonObject, chance);
    for (const line of said(template, 'Deployment')) assert.doesNotMatch(line, /s3cr3t/);
  }
  assert.doesNotMatch(
    said(changed('Deployment', `${main}.env.0.value`, 123456), 'Deployment').join(),
    /123456/,
  );
});

test('no template, however wrong, breaks the check', () => {
  const chance = new Chance(2);
  for (let round = 0; round < 500; round++) {
    let template = fullTemplate('Deployment');
    for (let count = chance.below(6); count >= 0; count--) template = mutate(template, chance).template;
    const before = clone(template);
    checkPodTemplate(template, 'Deployment');
    checkRestricted(template);
    assert.deepEqual(template, before, 'the template is left as it is');
  }
  for (const odd of [{}, { spec: null }, { spec: [] }, { spec: { containers: {} } }, { metadata: 'x' }]) {
    checkPodTemplate(odd as JsonObject, 'Job');
    checkRestricted(odd as JsonObject);
  }
});

/** A pod that the restricted level takes. */
function restricted(): JsonObject {
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  return {
    spec: {
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{ name: 'main', image: 'a', securityContext }],
      volumes: [{ name: 'data', emptyDir: {} }],
    },
  };
}

test('the restricted level takes what it takes', () => {
  assert.deepEqual(checkRestricted(restricted()), []);
});

test('what the restricted level refuses is told at its place', () => {
  const table: [change: (spec: JsonObject, container: JsonObject) => void, ...paths: string[]][] = [
    [(spec) => Object.assign(spec, { hostNetwork: true, hostPID: true }), 'spec.hostNetwork', 'spec.hostPID'],
    [
      (spec) => delete spec.securityContext,
      'spec.containers[0].securityContext.runAsNonRoot',
      'spec.containers[0].securityContext.seccompProfile',
    ],
    [
      (spec) =>
        Object.assign(spec, {
          securityContext: { runAsNonRoot: false, seccompProfile: { type: 'Unconfined' }, runAsUser: 0 },
        }),
      'spec.securityContext.runAsUser',
      'spec.securityContext.runAsNonRoot',
      'spec.securityContext.seccompProfile.type',
      'spec.containers[0].securityContext.runAsNonRoot',
    ],
    [
      (spec) => Object.assign(spec, { volumes: [{ name: 'a', hostPath: { path: '/' } }] }),
      'spec.volumes[0].hostPath',
    ],
    [
      (_, container) => delete container.securityContext,
      'spec.containers[0].securityContext.allowPrivilegeEscalation',
      'spec.containers[0].securityContext.capabilities.drop',
    ],
    [
      (_, container) => Object.assign(container, { ports: [{ containerPort: 1, hostPort: 1 }] }),
      'spec.containers[0].ports[0].hostPort',
    ],
    [
      (_, container) => Object.assign(container, { livenessProbe: { httpGet: { port: 1, host: 'a' } } }),
      'spec.containers[0].livenessProbe.httpGet.host',
    ],
    [
      (_, container) =>
        Object.assign(container.securityContext as JsonObject, {
          privileged: true,
          procMount: 'Unmasked',
          capabilities: { drop: ['ALL'], add: ['NET_RAW'] },
        }),
      'spec.containers[0].securityContext.privileged',
      'spec.containers[0].securityContext.procMount',
      'spec.containers[0].securityContext.capabilities.add[0]',
    ],
    [
      (spec) => Object.assign(spec, { initContainers: [{ name: 'i', image: 'a' }] }),
      'spec.initContainers[0].securityContext.allowPrivilegeEscalation',
      'spec.initContainers[0].securityContext.capabilities.drop',
    ],
  ];
  for (const [change, ...paths] of table) {
    const template = restricted();
    const spec = template.spec as JsonObject;
    change(spec, (spec.containers as JsonObject[])[0] as JsonObject);
    assert.deepEqual(
      checkRestricted(template).map(({ path }) => formatPath(path)),
      paths,
    );
  }
});

test('the committed pod schema is what its script writes', (t) => {
  const schemas = requireTool(t, 'kubernetes-schemas');
  if (schemas === undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'pod-schema-'));
  try {
    const output = join(folder, 'pod-schema.json');
    execFileSync(process.execPath, ['scripts/pod-schema.mjs', schemas, output], { stdio: 'pipe' });
    const committed = readFileSync('generator/objects/pod-schema.json', 'utf8');
    assert.equal(readFileSync(output, 'utf8'), committed);
    assert.ok(committed.length < 30_000, 'the schema stays small');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
