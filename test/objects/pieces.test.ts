/** Objects and parts of them by their values: bounds of tenants, quantities, sizes, secrets, access. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config } from '../../generator/config/schema/resource.ts';
import { dig, type Json, type JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { ingress, ingressPolicy } from '../../generator/objects/ingress.ts';
import { imageOf, unlessEmpty } from '../../generator/objects/names.ts';
import { isTooLarge, tooLarge } from '../../generator/objects/object-size.ts';
import { literal, placement } from '../../generator/objects/pod.ts';
import { withCanonicalQuantities } from '../../generator/objects/pod-quantities.ts';
import { secretObjects } from '../../generator/objects/secrets.ts';
import { boundObjects, tenantObjects } from '../../generator/objects/tenant.ts';
import { configOf, find, objectsOf } from './samples.ts';

const plain = configOf({});
const nothing = new Map<string, string>();

describe('a tenant', () => {
  const bounds = {
    resourceQuota: { hard: { pods: 10, 'requests.cpu': '2000m' } },
    limitRange: { default: { cpu: '1000m' }, defaultRequest: { memory: '1024Mi' }, max: {} },
    defaultDeny: true,
  };

  it('has a quota, limits and a policy that denies, each in its namespace', () => {
    const objects = boundObjects(plain, bounds as never);
    assert.deepEqual(
      objects.map(({ apiVersion, kind, metadata, spec }) => [apiVersion, kind, metadata.name, spec]),
      [
        ['v1', 'ResourceQuota', 'tavern-quota', { hard: { pods: '10', 'requests.cpu': '2' } }],
        [
          'v1',
          'LimitRange',
          'tavern-limits',
          { limits: [{ type: 'Container', default: { cpu: '1' }, defaultRequest: { memory: '1Gi' } }] },
        ],
        [
          'networking.k8s.io/v1',
          'NetworkPolicy',
          'tavern-default-deny',
          { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
        ],
      ],
    );
    for (const { metadata } of objects) {
      assert.equal(metadata.namespace, 'games');
      assert.equal(dig(metadata, ['labels', 'app.kubernetes.io/instance']), 'tavern');
      assert.deepEqual(metadata.annotations, { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' });
    }
  });

  it('has none of them where nothing is bounded', () => {
    const empty = { resourceQuota: { hard: {} }, limitRange: { default: {} }, defaultDeny: false };
    for (const none of [{}, empty]) assert.deepEqual(boundObjects(plain, none as never), []);
    const removed = boundObjects(plain, { resourceQuota: { hard: { pods: null, cpu: 1 } } } as never);
    assert.deepEqual(
      removed.map(({ spec }) => spec),
      [{ hard: { cpu: '1' } }],
    );
  });

  it('has its labels on every object, in the order of a build', () => {
    const labels = { 'glyphoxa.io/tenant': 'a', 'app.kubernetes.io/name': 'other' };
    const deployment = objectsOf({});
    const objects = tenantObjects(deployment, plain, { bounds: bounds as never, labels });
    assert.equal(objects.length, deployment.length + 3);
    for (const { metadata } of objects) {
      const own = metadata.labels as JsonObject;
      assert.equal(own['glyphoxa.io/tenant'], 'a');
      assert.equal(own['app.kubernetes.io/name'], 'other');
      assert.equal(own['app.kubernetes.io/managed-by'], 'glyphoxa-kustomize');
    }
    assert.equal(objects[0]?.kind, 'ResourceQuota');
  });
});

it('every quantity of a pod is canonical, wherever one may stand, and nothing else is touched', () => {
  const amounts = (value: Json) => ({ limits: { cpu: value }, requests: { cpu: value, memory: null } });
  const container = (cpu: Json, divisor: Json) => ({
    name: 'a',
    args: ['1000m'],
    resources: amounts(cpu),
    env: [{ name: 'A', value: '1000m', valueFrom: { resourceFieldRef: { divisor } } }, { name: 'B' }],
  });
  const item = (divisor: Json) => ({
    downwardAPI: { items: [{ path: '1000m', resourceFieldRef: { divisor } }] },
  });
  const pod = (cpu: Json, other: Json) => ({
    containers: [container(cpu, other)],
    initContainers: [container(cpu, other)],
    ephemeralContainers: [container(cpu, other)],
    resources: amounts(cpu),
    overhead: { cpu },
    hostname: '1000m',
    volumes: [
      { emptyDir: { sizeLimit: other } },
      item(other),
      { projected: { sources: [item(other), {}] } },
      { ephemeral: { volumeClaimTemplate: { spec: { resources: amounts(cpu) } } } },
    ],
  });
  assert.deepEqual(withCanonicalQuantities(pod('1000m', '1000m')), pod('1', '1'));
  assert.deepEqual(withCanonicalQuantities(pod(1000, 1000)), pod('1k', '1k'));
  assert.deepEqual(withCanonicalQuantities(pod('100u', '100u')), pod('1m', '100u'));
  for (const odd of [true, 'no quantity', [], { a: 1 }] as Json[]) {
    assert.deepEqual(withCanonicalQuantities(pod(odd, odd)), pod(odd, odd));
  }
  const empty = {
    containers: [{ name: 'a', resources: { limits: {}, requests: { cpu: 1 } } }],
    overhead: {},
  };
  assert.deepEqual(withCanonicalQuantities(empty), {
    containers: [{ name: 'a', resources: { requests: { cpu: '1' } } }],
  });
  const odd = { containers: 'x', volumes: [null, 'x'], overhead: 'x' } as unknown as JsonObject;
  assert.deepEqual(withCanonicalQuantities(odd), odd);
});

describe('an object', () => {
  it('holds 1 MiB of values together, in UTF-8', () => {
    const most = 1024 * 1024;
    assert.ok(!isTooLarge(['x'.repeat(most - 1), 'y']));
    assert.ok(isTooLarge(['x'.repeat(most), 'y']));
    assert.ok(isTooLarge(['ü'.repeat(most / 2 + 1)]));
    assert.ok(!isTooLarge([]));
  });

  it('is refused where the configuration file in it is larger', () => {
    const paths = (config: Config) => tooLarge(config).map(({ code, path }) => [code, ...path]);
    const large = (config: Config): Config => {
      const npcs = [{ name: 'a', engine: 'cascaded', personality: 'x'.repeat(1024 * 1024) }];
      return { ...config, spec: { ...config.spec, config: { ...config.spec.config, npcs } } } as Config;
    };
    assert.deepEqual(paths(large(plain)), [['object-too-large', 'spec', 'config']]);
    const elsewhere = configOf({ secrets: { configSecret: { name: 'mine' } } });
    assert.deepEqual(paths(large(elsewhere)), []);
  });

  it('is refused where its values are larger together', () => {
    const config = configOf({
      secrets: { provider: 'kubernetes' },
      gateway: { adminKey: { fromEnv: 'A' } },
      database: { dsn: { fromEnv: 'B' } },
    });
    const found = (size: number) =>
      tooLarge(config, new Map([['admin-key', 'x'.repeat(size)]])).map(({ code, path }) => [code, ...path]);
    assert.deepEqual(found(1024 * 1024), []);
    assert.deepEqual(found(1024 * 1024 + 1), [['object-too-large', 'spec', 'secrets']]);
    assert.deepEqual(tooLarge(plain), []);
  });
});

describe('secrets', () => {
  it('of the resource are a Secret of the keys that it reads, in their order', () => {
    const config = configOf({
      secrets: { provider: 'kubernetes', name: 'own' },
      gateway: { adminKey: { fromEnv: 'A' } },
      database: { dsn: { fromEnv: 'B' } },
    });
    const values = new Map([
      ['database-dsn', 'd'],
      ['admin-key', 'ü'],
      ['other', 'x'],
    ]);
    const [secret, ...more] = secretObjects(config, values);
    assert.deepEqual(more, []);
    assert.deepEqual([secret?.kind, secret?.metadata.name, secret?.type], ['Secret', 'own', 'Opaque']);
    assert.equal(JSON.stringify(secret?.data), '{"admin-key":"w7w=","database-dsn":"ZA=="}');
    assert.deepEqual(secretObjects(config, nothing), []);
    assert.deepEqual(secretObjects(plain, values), []);
  });

  it('that are sealed say what they are bound to, on themselves and in their template', () => {
    const sealed = { 'admin-key': 'AgA=', 'database-dsn': 'AgB=' };
    const of = (sealedScope: string): KubernetesObject => {
      const config = configOf({ secrets: { provider: 'sealed-secrets', name: 'own', sealed, sealedScope } });
      const [secret, ...more] = secretObjects(config, nothing);
      assert.deepEqual(more, []);
      return secret as KubernetesObject;
    };
    for (const scope of ['namespace-wide', 'cluster-wide']) {
      const annotations = { [`sealedsecrets.bitnami.com/${scope}`]: 'true' };
      assert.deepEqual(of(scope).metadata.annotations, annotations);
      assert.deepEqual(dig(of(scope), ['spec', 'template', 'metadata', 'annotations']), annotations);
    }
    const { metadata, spec } = of('strict');
    assert.ok(!('annotations' in metadata));
    assert.deepEqual(spec, {
      encryptedData: sealed,
      template: { metadata: { name: 'own', labels: metadata.labels }, type: 'Opaque' },
    });
  });

  it('of a store are an ExternalSecret with each key where it is', () => {
    const keys = { 'database-dsn': { key: 'b', property: 'p' }, 'admin-key': { key: 'a' } };
    const external = { storeRef: { name: 'store', kind: 'SecretStore' }, keys, refreshInterval: '5m' };
    const config = configOf({ secrets: { provider: 'external-secrets', name: 'own', external } });
    const [secret] = secretObjects(config, nothing);
    assert.deepEqual(secret?.spec, {
      refreshInterval: '5m',
      secretStoreRef: { name: 'store', kind: 'SecretStore' },
      target: { name: 'own', creationPolicy: 'Owner' },
      data: [
        { secretKey: 'admin-key', remoteRef: { key: 'a' } },
        { secretKey: 'database-dsn', remoteRef: { key: 'b', property: 'p' } },
      ],
    });
  });
});

describe('pods', () => {
  it('run the image by its digest where there is one, else by its tag', () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    assert.equal(imageOf(configOf({ core: { image: { repository: 'a/b', tag: '1' } } })), 'a/b:1');
    assert.equal(
      imageOf(configOf({ core: { image: { repository: 'a/b', tag: '1', digest } } })),
      `a/b@${digest}`,
    );
  });

  it('have their dollars escaped only where Kubernetes would expand them', () => {
    assert.equal(literal('A', '$(B) $$ $C a$').value, '$$(B) $$$ $C a$');
  });

  it('go where the workload says first, then its tier, then what nodes of a kind ask for', () => {
    const config = configOf({ core: { tierScheduling: true, topology: 'dedicated' } });
    const [own, other] = [
      { key: 'a', operator: 'Exists' },
      { key: 'b', operator: 'Exists' },
    ];
    const workload = { nodeSelector: { a: '1' }, tolerations: [own] };
    const kind = { nodeSelector: { a: '2', b: '2' }, tolerations: [own, other] };
    const tier = { key: 'glyphoxa.io/tier', value: 'dedicated', effect: 'NoSchedule' };
    assert.deepEqual(placement(config, workload, true, kind), {
      nodeSelector: { a: '1', b: '2', 'glyphoxa.io/tier': 'dedicated' },
      tolerations: [own, tier, other],
    });
    assert.deepEqual(placement(config, workload, false), workload);
    assert.deepEqual(placement(plain, { nodeSelector: {}, tolerations: [] }, true), {});
  });

  it('have their lists and maps left out where they are empty', () => {
    assert.deepEqual([unlessEmpty('a', []), unlessEmpty('a', {})], [{}, {}]);
    assert.deepEqual([unlessEmpty('a', [0]), unlessEmpty('a', { b: 1 })], [{ a: [0] }, { a: { b: 1 } }]);
  });
});

describe('the gateway', () => {
  it('has the account that is named, of ours or of others', () => {
    const account = (serviceAccount: JsonObject) =>
      objectsOf({ gateway: { serviceAccount } }).filter(({ kind }) => kind === 'ServiceAccount');
    assert.deepEqual(account({ create: false, name: 'other' }), []);
    const [own] = account({ name: 'own', annotations: { a: 'b' } });
    assert.deepEqual([own?.metadata.name, dig(own, ['metadata', 'annotations', 'a'])], ['own', 'b']);
    const binding = find(
      objectsOf({ gateway: { serviceAccount: { create: false, name: 'other' } } }),
      'RoleBinding',
      'tavern-job-manager',
    );
    assert.deepEqual(binding.subjects, [{ kind: 'ServiceAccount', name: 'other', namespace: 'games' }]);
    assert.deepEqual(binding.roleRef, {
      kind: 'Role',
      name: 'tavern-job-manager',
      apiGroup: 'rbac.authorization.k8s.io',
    });
  });

  it('is behind an Ingress with the host, class and certificate that are given', () => {
    const spec = (values: JsonObject) =>
      ingress(configOf({ ingress: { enabled: true, ...values } }))[0] as KubernetesObject;
    const backend = { service: { name: 'tavern-gateway', port: { name: 'admin' } } };
    const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] };
    assert.deepEqual(spec({ host: 'a.example.com' }).spec, { rules: [{ host: 'a.example.com', http }] });
    const full = { host: 'a.example.com', className: 'nginx', tlsSecret: 'tls', annotations: { a: 'b' } };
    assert.deepEqual(spec(full).spec, {
      ingressClassName: 'nginx',
      tls: [{ hosts: ['a.example.com'], secretName: 'tls' }],
      rules: [{ host: 'a.example.com', http }],
    });
    assert.deepEqual(spec(full).metadata.annotations, { a: 'b' });
    assert.deepEqual(ingressPolicy(plain), []);
  });
});
