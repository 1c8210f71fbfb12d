import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Failure } from '../../../generator/model/finding.ts';
import { type JsonObject, maps } from '../../../generator/model/json.ts';
import { checkObjects, readObjects } from '../../../generator/tree/check/check.ts';
import { configOf, expectedObjects } from '../law.ts';
import {
  codes,
  editTemplate,
  get,
  image,
  made,
  objectsOf,
  remove,
  resource,
  type Spoil,
  set,
  without,
} from '../spoilt.ts';

/** A pod patch that reads a ConfigMap. */
const reading = (name: string) => ({
  spec: { containers: [{ name: 'worker', envFrom: [{ configMapRef: { name } }] }] },
});

const cases: readonly (readonly [what: string, spoil: Spoil, codes: readonly string[], spec?: JsonObject])[] =
  [
    ['nothing', () => undefined, []],
    [
      'no optional part',
      () => undefined,
      [],
      { mcpGateway: { enabled: false }, networkPolicy: { enabled: false } },
    ],
    ['all parts', () => undefined, [], { autoscaling: { enabled: true }, core: { createNamespace: true } }],
    [
      'a foreign ServiceAccount',
      () => undefined,
      [],
      { gateway: { serviceAccount: { create: false, name: 'foreign' } } },
    ],
    ['a database in the namespace', () => undefined, [], { postgresql: { enabled: true } }],
    [
      'another image of the workers',
      (all) => editTemplate(all, (text) => text.replace(/'[^']*'/, "'other:1'")),
      ['worker-image'],
    ],
    [
      'another image of the MCP gateway',
      (all) => set(get(all, 'Deployment', 'glyphoxa-mcp-gateway'), image, 'other:1'),
      ['mcp-image'],
    ],
    [
      'another configuration file',
      (all) => set(get(all, 'ConfigMap', 'glyphoxa-config'), ['data', 'config.yaml'], 'a: b\n'),
      ['stale-checksum'],
    ],
    [
      'another time limit in the template',
      (all) => editTemplate(all, (text) => text.replace('14400', '60')),
      ['stale-checksum'],
    ],
    [
      'replicas beside a scaler',
      (all) => set(get(all, 'Deployment', 'glyphoxa-gateway'), ['spec', 'replicas'], 3),
      ['replicas-and-scaler'],
      { autoscaling: { enabled: true } },
    ],
    [
      'MCP and policies without what joins them',
      (all) =>
        without(
          without(all, 'NetworkPolicy', 'glyphoxa-worker-mcp'),
          'NetworkPolicy',
          'glyphoxa-mcp-gateway',
        ),
      ['mcp-policy'],
    ],
    [
      'a missing configuration file',
      (all) => without(all, 'ConfigMap', 'glyphoxa-config'),
      ['no-config-map'],
    ],
    [
      'a missing template',
      (all) => without(all, 'ConfigMap', 'glyphoxa-worker-job-template'),
      ['no-pods', 'no-template'],
    ],
    ['a missing Service', (all) => without(all, 'Service', 'glyphoxa-gateway'), ['no-service']],
    [
      'a missing Service of the MCP gateway',
      (all) => without(all, 'Service', 'glyphoxa-mcp-gateway'),
      ['no-service'],
    ],
    [
      'a missing URL of the MCP gateway',
      (all) => without(all, 'ConfigMap', 'glyphoxa-mcp-gateway'),
      ['no-config-map'],
    ],
    [
      'another port of the Service',
      (all) => set(get(all, 'Service', 'glyphoxa-gateway'), ['spec', 'ports', 1, 'port'], 50052),
      ['no-service'],
    ],
    ['a missing Role', (all) => without(all, 'Role', 'glyphoxa-job-manager'), ['no-rights']],
    ['a missing RoleBinding', (all) => without(all, 'RoleBinding', 'glyphoxa-job-manager'), ['no-rights']],
    [
      'a Role for another template',
      (all) => set(get(all, 'Role', 'glyphoxa-job-manager'), ['rules', 2, 'resourceNames'], ['other']),
      ['no-rights'],
    ],
    [
      'a subject in another namespace',
      (all) => set(get(all, 'RoleBinding', 'glyphoxa-job-manager'), ['subjects', 0, 'namespace'], 'other'),
      ['other-namespace'],
    ],
    [
      'an object without namespace',
      (all) => remove(get(all, 'Service', 'glyphoxa-mcp-gateway').metadata, 'namespace'),
      ['no-namespace', 'no-service'],
    ],
    [
      'a scaler of nothing',
      (all) =>
        set(
          get(all, 'HorizontalPodAutoscaler', 'glyphoxa-gateway'),
          ['spec', 'scaleTargetRef', 'name'],
          'other',
        ),
      ['no-target'],
      { autoscaling: { enabled: true } },
    ],
    [
      'a Service that selects nothing',
      (all) => set(get(all, 'Service', 'glyphoxa-gateway'), ['spec', 'selector', 'a'], 'b'),
      ['no-pods'],
    ],
    [
      'a policy that selects nothing',
      (all) =>
        set(get(all, 'NetworkPolicy', 'glyphoxa-worker'), ['spec', 'podSelector', 'matchLabels', 'a'], 'b'),
      ['no-pods'],
    ],
    [
      'a Deployment that does not select its pods',
      (all) => set(get(all, 'Deployment', 'glyphoxa-gateway'), ['spec', 'selector', 'matchLabels', 'a'], 'b'),
      ['no-pods'],
    ],
    [
      'a template that is no YAML',
      (all) => editTemplate(all, (text) => `${text}]: [\n`),
      ['no-pods', 'stale-checksum', 'template'],
    ],
    [
      'a template of another kind',
      (all) => editTemplate(all, (text) => text.replace('kind: Job', 'kind: Pod')),
      ['stale-checksum', 'template'],
    ],
    [
      'a template without room for the session',
      (all) => editTemplate(all, (text) => text.replace('-SESSION_ID', '')),
      ['stale-checksum', 'template'],
    ],
    [
      'a template with another gRPC port',
      (all) => editTemplate(all, (text) => text.replace('containerPort: 50051', 'containerPort: 50052')),
      ['stale-checksum', 'template'],
    ],
    [
      'an apostrophe before the image',
      (all) => editTemplate(all, (text) => `# don't\n${text}`),
      ['stale-checksum', 'template', 'worker-image'],
    ],
    ['a hashed Secret', (all) => made(all, 'Secret', 'glyphoxa-secrets-t422fhk24g'), ['name-hash']],
    ['a hashed Secret of another name', (all) => made(all, 'Secret', 'other-t422fhk24g'), []],
    ['a Secret with something like a hash', (all) => made(all, 'Secret', 'glyphoxa-secrets-t422fhk240'), []],
    [
      'a hashed Secret beside the plain one',
      (all) => [
        ...made(all, 'Secret', 'glyphoxa-secrets-t422fhk24g'),
        ...made([], 'Secret', 'glyphoxa-secrets'),
      ],
      [],
    ],
    [
      'a hashed ConfigMap that only a sidecar of the worker names',
      (all) => made(all, 'ConfigMap', 'rules-t422fhk24g'),
      ['name-hash'],
      { worker: { podPatch: reading('rules') } },
    ],
    [
      'a hashed Secret that a custom resource names',
      (all) => [
        ...made(all, 'Secret', 'token-t422fhk24g'),
        {
          apiVersion: 'example.com/v1',
          kind: 'Backup',
          metadata: { name: 'token', namespace: 'glyphoxa' },
          spec: { secretName: 'token' },
        },
      ],
      ['name-hash'],
    ],
    [
      'what the cluster makes in each namespace',
      () => undefined,
      [],
      { worker: { podPatch: reading('kube-root-ca.crt') } },
    ],
    [
      'what a Bundle that is built makes',
      (all) => [
        ...all,
        { apiVersion: 'trust.cert-manager.io/v1alpha1', kind: 'Bundle', metadata: { name: 'ca' } },
      ],
      [],
      { worker: { podPatch: reading('ca') } },
    ],
    [
      'what something else makes',
      () => undefined,
      ['config-map-elsewhere'],
      { worker: { podPatch: reading('company-ca') } },
    ],
    ['no gateway', (all) => without(all, 'Deployment', 'glyphoxa-gateway'), ['no-gateway']],
  ];

for (const [what, spoil, expected, spec] of cases) {
  test(`check with ${what}: ${expected.join(', ') || 'no finding'}`, () => {
    const objects = objectsOf(spec);
    assert.deepEqual(codes(spoil(objects) ?? objects), expected);
  });
}

test('two releases are checked each by itself', () => {
  const other = structuredClone(
    expectedObjects(configOf({ ...resource, metadata: { name: 'other', namespace: 'glyphoxa' } })),
  );
  assert.deepEqual(codes([...objectsOf(), ...other]), []);
  set(get(other, 'Deployment', 'other-mcp-gateway'), image, 'other:1');
  const findings = checkObjects([...objectsOf(), ...other]);
  assert.ok(findings.every(({ message }) => message.includes('other-mcp-gateway')));
});

function refusal(text: string): string[] {
  try {
    readObjects(text);
  } catch (error) {
    if (error instanceof Failure) return error.findings.map(({ code }) => code);
    throw error;
  }
  return [];
}

test('a number whose digits are not kept is refused, and objects without one are read', () => {
  const object = (value: string) => `apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: {b: ${value}}\n`;
  assert.deepEqual(refusal(object('12345678901234567890')), ['digits-lost']);
  assert.equal(readObjects(`${object('1')}---\n${object('"12345678901234567890"')}`).length, 2);
});

test('what is no YAML of objects is refused', () => {
  for (const text of ['a: [', '- a\n', 'text\n', '{}\n', 'metadata: a\n'])
    assert.deepEqual(refusal(text), ['not-objects']);
  assert.deepEqual(readObjects(''), []);
  assert.equal(maps(undefined).length, 0);
});
