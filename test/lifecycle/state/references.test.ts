/** What pods name, and what a target makes. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PodTemplate } from '../../../generator/lifecycle/state/pod-templates.ts';
import { referencesOf } from '../../../generator/lifecycle/state/references.ts';
import { madeSecrets } from '../../../generator/lifecycle/state/secret-makers.ts';
import type { JsonObject } from '../../../generator/model/json.ts';
import type { KubernetesObject } from '../../../generator/model/object.ts';

const pod = (spec: JsonObject, owner = 'a'): PodTemplate => ({
  owner,
  namespace: 'voice',
  workload: undefined,
  template: { spec },
});
const container = (fields: JsonObject): JsonObject => ({ containers: [{ name: 'main', ...fields }] });
const secretKey = (name: string, key: string, optional?: boolean) => ({
  name: 'A',
  valueFrom: { secretKeyRef: { name, key, ...(optional === undefined ? {} : { optional }) } },
});

/** References as `Kind name: keys`. */
const found = (...templates: PodTemplate[]) =>
  referencesOf(templates).map(({ kind, name, keys }) => `${kind} ${name}: ${keys.join(' ')}`);

describe('references of pods', () => {
  const cases: readonly (readonly [name: string, spec: JsonObject, expected: string[]])[] = [
    ['a key of a variable', container({ env: [secretKey('s', 'k')] }), ['Secret s: k']],
    ['one that is not optional by name', container({ env: [secretKey('s', 'k', false)] }), ['Secret s: k']],
    ['no optional key', container({ env: [secretKey('s', 'k', true)] }), []],
    [
      'a key of a ConfigMap',
      container({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'c', key: 'k' } } }] }),
      ['ConfigMap c: k'],
    ],
    [
      'whole objects, without keys',
      container({ envFrom: [{ secretRef: { name: 's' } }, { configMapRef: { name: 'c' } }] }),
      ['ConfigMap c: ', 'Secret s: '],
    ],
    [
      'no whole object that is optional',
      container({ envFrom: [{ secretRef: { name: 's', optional: true } }] }),
      [],
    ],
    [
      'containers that run before',
      { initContainers: [{ name: 'first', env: [secretKey('s', 'k')] }] },
      ['Secret s: k'],
    ],
    [
      'volumes with their items',
      {
        volumes: [
          { name: 'a', secret: { secretName: 's', items: [{ key: 'x', path: 'x' }] } },
          { name: 'b', configMap: { name: 'c' } },
          { name: 'c', secret: { secretName: 'o', optional: true, items: [{ key: 'x', path: 'x' }] } },
        ],
      },
      ['ConfigMap c: ', 'Secret s: x'],
    ],
    [
      'projected volumes',
      {
        volumes: [
          {
            name: 'a',
            projected: {
              sources: [
                { secret: { name: 's', items: [{ key: 'x', path: 'x' }] } },
                { configMap: { name: 'c', optional: true } },
                { serviceAccountToken: { path: 't' } },
              ],
            },
          },
        ],
      },
      ['Secret s: x'],
    ],
    [
      "storage drivers' credentials",
      { volumes: [{ name: 'a', csi: { driver: 'd', nodePublishSecretRef: { name: 's' } } }] },
      ['Secret s: '],
    ],
    ['image pull secrets', { imagePullSecrets: [{ name: 'registry' }] }, ['Secret registry: ']],
    ['nothing of an empty pod', {}, []],
  ];
  for (const [name, spec, expected] of cases) {
    it(name, () => assert.deepEqual(found(pod(spec)), expected));
  }

  it('come once, with the keys and owners of all', () => {
    const [reference, ...others] = referencesOf([
      pod(container({ env: [secretKey('s', 'b'), secretKey('s', 'a')] }), 'one'),
      pod({ ...container({ env: [secretKey('s', 'a')] }), imagePullSecrets: [{ name: 's' }] }, 'two'),
    ]);
    assert.deepEqual(
      [reference, others],
      [
        {
          kind: 'Secret',
          namespace: 'voice',
          name: 's',
          keys: ['a', 'b'],
          owners: ['one', 'two'],
          onlyPulls: false,
        },
        [],
      ],
    );
  });

  it('say where a Secret is for pulling alone', () => {
    assert.equal(referencesOf([pod({ imagePullSecrets: [{ name: 'r' }] })])[0]?.onlyPulls, true);
  });
});

describe('Secrets that objects of a target make', () => {
  const made = (kind: string, spec: JsonObject) => {
    const metadata = { name: 'own', namespace: 'voice' };
    return madeSecrets([{ apiVersion: 'x/v1', kind, metadata, spec } as KubernetesObject]).map(
      ({ name, keys }) => `${name}: ${keys?.join(' ')}`,
    );
  };

  it('have the name and the keys that the object gives', () => {
    assert.deepEqual(made('SealedSecret', { encryptedData: { a: 'x' }, template: { data: { b: 'y' } } }), [
      'own: a b',
    ]);
    assert.deepEqual(made('SealedSecret', { template: { metadata: { name: 'other' } } }), ['other: ']);
    assert.deepEqual(made('ExternalSecret', { target: { name: 'other' }, data: [{ secretKey: 'a' }] }), [
      'other: a',
    ]);
    assert.deepEqual(made('ExternalSecret', { dataFrom: [{}] }), ['own: undefined']);
    assert.deepEqual(made('Certificate', { secretName: 'tls' }), ['tls: undefined']);
    assert.deepEqual(made('Secret', {}), []);
  });
});
