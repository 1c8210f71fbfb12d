/** What a diff says of two versions of an object, without a cluster. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatReleaseDiff, summarize } from '../../../generator/cli/print/format-release-diff.ts';
import { changedFields, createdObject } from '../../../generator/lifecycle/changes/object-change.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';

const deployment = (template: JsonObject, spec: JsonObject = {}): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'g', resourceVersion: '1', generation: 3, labels: { a: 'b' } },
  spec: { replicas: 3, ...spec, template: { spec: template } },
  status: { replicas: 3 },
});

const configMap = (data: JsonObject): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c' },
  data,
});

const secret = (data: JsonObject, annotations: JsonObject = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', annotations },
  data,
});

const changes = (before: KubernetesObject, after: KubernetesObject) =>
  changedFields(before, after, [], () => undefined);

const textOf = (before: KubernetesObject, after: KubernetesObject, color = false) =>
  formatReleaseDiff(
    {
      objects: [{ object: 'x/y', change: 'changed', fields: changes(before, after) }],
      unchanged: 0,
      findings: [],
    },
    color,
  );

test('list items are matched by what tells them apart', () => {
  const before = deployment({
    containers: [
      { name: 'gateway', image: 'a:1', ports: [{ containerPort: 80, protocol: 'TCP', name: 'x' }] },
      { name: 'side', image: 's' },
    ],
  });
  const after = deployment({
    containers: [
      { name: 'new', image: 'n' },
      { name: 'gateway', image: 'a:2', ports: [{ containerPort: 80, protocol: 'TCP', name: 'y' }] },
    ],
  });
  assert.equal(
    textOf(before, after),
    `~ x/y
    spec.template.spec.containers[gateway].image: a:1 → a:2
    spec.template.spec.containers[gateway].ports[80/TCP].name: x → "y"
    spec.template.spec.containers[side]:
      - name: side
      - image: s
    spec.template.spec.containers[new]:
      + name: new
      + image: "n"
`,
  );
});

test('the order of a list is a difference of its own', () => {
  const list = (...names: string[]) => deployment({ containers: names.map((name) => ({ name })) });
  assert.deepEqual(changes(list('a', 'b'), list('b', 'a')), [
    { field: 'spec.template.spec.containers', change: 'reordered', before: ['a', 'b'], after: ['b', 'a'] },
  ]);
});

test('lists without keys show the items that came and went', () => {
  const role = (...verbs: string[]): KubernetesObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'r' },
    rules: [{ verbs }],
  });
  assert.deepEqual(changes(role('get', 'list'), role('create', 'get', 'list')), [
    { field: 'rules[0].verbs[0]', change: 'added', after: 'create' },
  ]);
  assert.deepEqual(changes(role('get'), role('list')), [
    { field: 'rules[0].verbs[0]', change: 'changed', before: 'get', after: 'list' },
  ]);
});

test('what the server keeps for itself and the label of the set are no differences', () => {
  const before = deployment({});
  const after = { ...deployment({}), status: {} };
  after.metadata = {
    name: 'g',
    resourceVersion: '2',
    generation: 4,
    managedFields: [],
    labels: { a: 'b', 'applyset.kubernetes.io/part-of': 'applyset-x-v1' },
  };
  assert.deepEqual(changes(before, after), []);
});

test('what comes or goes as a whole is shown without the defaults of the server', () => {
  const side = {
    name: 'side',
    image: 'b',
    ports: [{ containerPort: 80, protocol: 'TCP' }],
    terminationMessagePath: '/dev/termination-log',
  };
  const port = { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } };
  const fields = { 'f:image': {}, 'f:name': {}, 'f:ports': port };
  const managed = (object: KubernetesObject): KubernetesObject => {
    const containers = { 'k:{"name":"side"}': { '.': {}, ...fields } };
    const fieldsV1 = { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': containers } } } };
    const managedFields = [{ manager: 'glyphoxa-kustomize', operation: 'Apply', fieldsV1 }];
    return { ...object, metadata: { ...object.metadata, managedFields } };
  };
  const gateway = { name: 'gateway', image: 'a' };
  const without = deployment({ containers: [gateway] });
  const withSide = managed(deployment({ containers: [gateway, side] }));
  const item = { name: 'side', image: 'b', ports: [{ containerPort: 80 }] };
  const field = 'spec.template.spec.containers[side]';
  assert.deepEqual(changes(without, withSide), [{ field, change: 'added', after: item }]);
  assert.deepEqual(changes(withSide, without), [{ field, change: 'removed', before: item }]);
});

test('texts of several lines are compared line by line', () => {
  const text = (level: string) => `a: 1\nb: 2\nc: 3\nserver:\n  log_level: ${level}\nd: 4\n`;
  assert.equal(
    textOf(configMap({ 'config.yaml': text('info') }), configMap({ 'config.yaml': text('debug') })),
    `~ x/y
    data["config.yaml"]:
        c: 3
        server:
      -   log_level: info
      +   log_level: debug
        d: 4
`,
  );
});

test('colour is only where it is wanted', () => {
  const [before, after] = [deployment({}), deployment({}, { replicas: 5 })];
  assert.equal(textOf(before, after), '~ x/y\n    spec.replicas: 3 → 5\n');
  assert.equal(
    textOf(before, after, true),
    '\x1b[1m~ x/y\x1b[22m\n    spec.replicas: \x1b[31m3\x1b[39m → \x1b[32m5\x1b[39m\n',
  );
});

test('of a Secret only the keys are told, whatever has its values', () => {
  const lastApplied = (value: string) => ({ 'kubectl.kubernetes.io/last-applied-configuration': value });
  const before = secret({ kept: 'aaaa', other: 'bbbb', gone: 'cccc' }, lastApplied('{"data":"aaaa bbbb"}'));
  const after = secret({ kept: 'aaaa', other: 'dddd', more: 'eeee' }, lastApplied('{"data":"aaaa dddd"}'));
  const text = textOf(before, after);
  assert.equal(
    text,
    `~ x/y
    data.gone: removed
    data.kept: unchanged
    data.more: added
    data.other: changed
    metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]: changed
`,
  );
  assert.deepEqual(changes(before, before), []);
  assert.doesNotMatch(
    JSON.stringify([changes(before, after), createdObject(after)]),
    /aaaa|bbbb|cccc|dddd|eeee/,
  );
});

test('secrets outside of Secrets do not show either', () => {
  const env = (...variables: JsonObject[]) =>
    deployment({ containers: [{ name: 'gateway', env: variables }] });
  const before = env(
    { name: 'GLYPHOXA_DATABASE_DSN', value: 'postgres://u:pAss1@db/x' },
    { name: 'ADDRESS', value: 'http://u:pAss2@host/' },
    { name: 'OPENAI_API_KEY', value: 'pAss3' },
    { name: 'GLYPHOXA_GRPC_ADDR', value: ':50051' },
  );
  const after = env(
    { name: 'GLYPHOXA_DATABASE_DSN', value: 'postgres://u:pAss4@db/x' },
    { name: 'ADDRESS', value: 'http://u:pAss5@host/' },
    { name: 'GLYPHOXA_GRPC_ADDR', value: ':50052' },
  );
  const text = textOf(before, after);
  assert.doesNotMatch(text, /pAss/);
  assert.match(text, /env\[GLYPHOXA_DATABASE_DSN\]\.value: changed/);
  assert.match(text, /env\[ADDRESS\]\.value: changed/);
  assert.match(text, /env\[GLYPHOXA_GRPC_ADDR\]\.value:\n +- ":50051"\n +\+ ":50052"/);

  const file = (key: string, level: string) =>
    `providers:\n  llm:\n    name: openai\n    api_key: ${key}\nmcp:\n  servers:\n    - env:\n        ANY: ${key}x\nmemory:\n  postgres_dsn: "postgres://u:${key}@h/d"\nserver:\n  log_level: ${level}\n`;
  const files = textOf(
    configMap({ 'config.yaml': file('pAss6', 'info') }),
    configMap({ 'config.yaml': file('pAss7', 'debug') }),
  );
  assert.doesNotMatch(files, /pAss/);
  assert.match(files, /- {5}api_key: \(hidden, before\)\n {6}\+ {5}api_key: \(hidden, after\)/);
  assert.match(files, /log_level: debug/);
  assert.doesNotMatch(
    JSON.stringify(createdObject(configMap({ 'config.yaml': file('pAss8', 'x') }))),
    /pAss/,
  );
  const template = 'spec:\n  automountServiceAccountToken: false\n';
  assert.match(JSON.stringify(createdObject(configMap({ 'job.yaml': template }))), /Token: false/);
});

test('secrets in what is one line, or comes and goes as a whole, do not show either', () => {
  const { data: _, ...bare } = configMap({});
  const flow = '{"providers":{"llm":{"api_key":"pAss1","name":"openai"}}}';
  const file = 'providers:\n  llm:\n    api_key: pAss2\n';
  const args = (...list: string[]) => deployment({ containers: [{ name: 'gateway', args: list }] });
  const shown = [
    textOf(configMap({ 'config.yaml': flow }), configMap({ 'config.yaml': 'a: 1' })),
    textOf(configMap({ 'config.yaml': file }), bare as KubernetesObject),
    textOf(bare as KubernetesObject, configMap({ 'config.yaml': file })),
    textOf(configMap({ a: 'OPENAI_API_KEY=pAss3' }), configMap({ a: 'host=db password=pAss4' })),
    textOf(args('--api-key=pAss5'), args('--mode=gateway')),
  ].join('');
  assert.doesNotMatch(shown, /pAss/);
  assert.match(shown, /api_key\\":\\"\(hidden, before\)\\",\\"name\\":\\"openai/);
  assert.match(shown, /- "--api-key=\(hidden\)"\n +\+ "--mode=gateway"/);
});

test('a field that somebody else has set names him', () => {
  const [before, after] = [
    deployment({ containers: [{ name: 'gateway', image: 'a' }] }),
    deployment({ containers: [{ name: 'gateway', image: 'b' }] }),
  ];
  const conflicts = [
    { field: '.spec.template.spec.containers[name="gateway"].image', manager: 'kubectl-edit' },
    { field: '.spec.template.spec.containers[name="gateway"].imagePullPolicy', manager: 'other' },
  ];
  const [change] = changedFields(before, after, conflicts, () => undefined);
  assert.equal(change?.manager, 'kubectl-edit');
});

test('the summary counts', () => {
  const object = { object: 'x', fields: [] };
  assert.equal(
    summarize({ objects: [], unchanged: 12, findings: [] }),
    'nothing would change: 12 objects compared',
  );
  assert.equal(
    summarize({
      objects: [
        { ...object, change: 'changed' },
        { ...object, change: 'changed' },
        { ...object, change: 'pruned' },
      ],
      unchanged: 1,
      findings: [],
    }),
    '2 objects would be changed, 1 pruned; 1 stays as it is',
  );
});
