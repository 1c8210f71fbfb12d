/** Names that kustomize changed where it finds them, and not where it does not; and what may come from elsewhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';
import { codes, get, made, objectsOf, type Spoil, set } from '../spoilt.ts';

const namespace = 'glyphoxa';
const hash = 't422fhk24g';

/** An object beside the others, of any group. */
const object = (
  apiVersion: string,
  kind: string,
  name: string,
  spec: JsonObject = {},
  more: JsonObject = {},
) => ({ apiVersion, kind, metadata: { name, namespace, ...more }, spec }) as KubernetesObject;

/** A resource of somebody else's, beside a Secret whose name has a hash. */
const custom =
  (spec: JsonObject, apiVersion = 'example.com/v1') =>
  (all: readonly KubernetesObject[]) => [
    ...made(all, 'Secret', `token-${hash}`),
    object(apiVersion, 'Backup', 'backup', spec),
  ];

/** The parts of a resource whose worker reads ConfigMaps. */
const reading = (...references: JsonObject[]) => ({
  worker: { podPatch: { spec: { containers: [{ name: 'worker', envFrom: references }] } } },
});
const configMap = (name: string, more: JsonObject = {}) => ({ configMapRef: { name, ...more } });
const secret = (name: string) => ({ secretRef: { name } });

/** One more object beside the gateway, which has a name with more around it, as a prefix and a suffix make it. */
const affixed =
  (kind: string, name: string, gateway = 'x-glyphoxa-gateway-y') =>
  (all: readonly KubernetesObject[]) => {
    set(get(all, 'Deployment', 'glyphoxa-gateway').metadata, ['name'], gateway);
    return made(all, kind, name);
  };

const bundle = 'trust.cert-manager.io/v1alpha1';
const cases: readonly (readonly [what: string, spoil: Spoil, codes: readonly string[], spec?: JsonObject])[] =
  [
    ['a name in a custom resource', custom({ name: 'token' }), ['name-hash']],
    ['a name deep in a custom resource', custom({ a: [{ b: { secretName: 'token' } }] }), ['name-hash']],
    ['a text that is no name', custom({ description: 'token', a: ['token'] }), []],
    ['another name', custom({ secretName: 'tokens' }), []],
    ['a resource of Kubernetes', custom({ secretName: 'token' }, 'networking.k8s.io/v1'), []],
    ['a resource of Kubernetes without a dot', custom({ secretName: 'token' }, 'batch/v1'), []],
    ['a resource of no group', custom({ secretName: 'token' }, 'v1'), []],
    [
      'a hashed Secret beside a plain one',
      (all) => made(custom({ secretName: 'token' })(all), 'Secret', 'token'),
      [],
    ],
    [
      'a hashed Secret beside something else of its name',
      (all) => made(custom({ secretName: 'token' })(all), 'ConfigMap', 'token'),
      ['name-hash'],
    ],
    [
      'another kind whose name ends like a hash',
      (all) => [
        ...all,
        object('v1', 'Service', `token-${hash}`),
        object('example.com/v1', 'Backup', 'a', { name: 'token' }),
      ],
      [],
    ],
    ...['kube-root-ca.crt', 'openshift-service-ca.crt', 'istio-ca-root-cert'].map(
      (name) => [name, () => undefined, [], reading(configMap(name))] as const,
    ),
    ['a ConfigMap of somebody’s', () => undefined, ['config-map-elsewhere'], reading(configMap('ca'))],
    ['one that may lack', () => undefined, [], reading(configMap('ca', { optional: true }))],
    [
      'one that may lack in one place',
      () => undefined,
      ['config-map-elsewhere'],
      reading(configMap('ca', { optional: true }), configMap('ca')),
    ],
    ['one of the release', () => undefined, ['no-config-map'], reading(configMap('glyphoxa-more'))],
    ['a Secret of somebody’s', () => undefined, [], reading(secret('mine'))],
    [
      'a Bundle without a namespace',
      (all) => [...all, object(bundle, 'Bundle', 'ca', {}, { namespace: '' })],
      [],
      reading(configMap('ca')),
    ],
    [
      'a Bundle that kustomize gave a namespace',
      (all) => [...all, object(bundle, 'Bundle', 'ca')],
      [],
      reading(configMap('ca')),
    ],
    [
      'a Bundle of another name',
      (all) => [...all, object(bundle, 'Bundle', 'cas')],
      ['config-map-elsewhere'],
      reading(configMap('ca')),
    ],
    [
      'another kind of trust-manager',
      (all) => [...all, object(bundle, 'Other', 'ca')],
      ['config-map-elsewhere'],
      reading(configMap('ca')),
    ],
    [
      'a Bundle of somebody else',
      (all) => [...all, object('example.com/v1', 'Bundle', 'ca')],
      ['config-map-elsewhere'],
      reading(configMap('ca')),
    ],
    ['a prefixed Secret', affixed('Secret', 'x-mine-y'), ['no-secret'], reading(secret('mine'))],
    [
      'a prefixed Secret with a hash',
      affixed('Secret', `x-mine-y-${hash}`),
      ['name-hash'],
      reading(secret('mine')),
    ],
    ['a prefixed ConfigMap', affixed('ConfigMap', 'x-ca-y'), ['no-config-map'], reading(configMap('ca'))],
    ['a prefixed Secret of another kind', affixed('ConfigMap', 'x-mine-y'), [], reading(secret('mine'))],
    [
      'a gateway of another name',
      affixed('Secret', `mine-${hash}`, 'other'),
      ['name-hash'],
      reading(secret('mine')),
    ],
  ];

/** What a renamed gateway breaks besides. */
const besides = ['no-target', 'no-pods'];

for (const [what, spoil, expected, spec] of cases) {
  test(`${what}: ${expected.join(', ') || 'no finding'}`, () => {
    const objects = objectsOf(spec);
    const found = codes(spoil(objects) ?? objects).filter((code) => !besides.includes(code));
    assert.deepEqual(found, expected);
  });
}
