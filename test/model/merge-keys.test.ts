/** The merge keys of pods against the list keys of Kubernetes' own OpenAPI document, which the pod schema was made of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import { podTemplate, pointAt, type SchemaPoint, schemaOf } from '../../generator/model/merge-keys.ts';
import schema from '../../generator/objects/pod-schema.json' with { type: 'json' };

const types: { readonly [type: string]: { readonly [field: string]: string } } = schema.types;

/** Lists that Kubernetes merges by keys and Kustomize, which goes by Kubernetes 1.21, does not. */
const newer = ['PodSpec.resourceClaims', 'PodSpec.schedulingGates', 'PodSpec.evictionResponders'];
const otherwise = [
  'ResourceRequirements.claims',
  'VolumeResourceRequirements.claims',
  'EphemeralContainer.ports',
];
const sets = ['VolumeMount.bindMountOptions', 'ContainerRestartRuleOnExitCodes.values'];

/** Each list below a type with the keys of Kubernetes, and what the table knows of it. */
function* lists(
  type: string,
  at: SchemaPoint | undefined,
  above: readonly string[] = [],
): Generator<[string, string, SchemaPoint | undefined]> {
  for (const [field, notation] of Object.entries(types[type] ?? {})) {
    const [, element = '', keys] = /^([\w-]+)(?:\[([^\]]*)\])?/.exec(notation) ?? [];
    const inside = pointAt(at, field);
    if (keys !== undefined) yield [`${type}.${field}`, keys, inside];
    if (!above.includes(element)) yield* lists(element, inside, [...above, type]);
  }
}

const written = (point: SchemaPoint | undefined) =>
  point?.keys === undefined ? '' : point.keys.length === 0 ? '*' : point.keys.join();

test('lists of pods are merged by the keys of Kubernetes, as far as Kustomize knows them', () => {
  const known = [...lists('PodTemplateSpec', podTemplate)];
  assert.ok(known.length > 40);
  for (const [name, keys, point] of known) {
    const atomic = [...newer, ...otherwise, ...sets].includes(name);
    assert.equal(written(point), atomic ? '' : keys.replace(/=\w*/g, ''), name);
  }
});

test('workloads have the point of their pods in them, and every object that of its metadata', () => {
  const kinds = [
    'apps/v1 Deployment',
    'batch/v1 Job',
    'networking.k8s.io/v1 Ingress',
    'networking.k8s.io/v1 NetworkPolicy',
    'policy/v1 PodDisruptionBudget',
    'rbac.authorization.k8s.io/v1 Role',
    'rbac.authorization.k8s.io/v1 RoleBinding',
    'v1 ConfigMap',
    'v1 Namespace',
    'v1 Secret',
    'v1 Service',
    'v1 ServiceAccount',
  ];
  const objectOf = (text: string): JsonObject => {
    const [apiVersion = '', kind = ''] = text.split(' ');
    return { apiVersion, kind };
  };
  for (const kind of kinds) {
    const metadata = pointAt(schemaOf(objectOf(kind)), 'metadata');
    assert.equal(written(pointAt(metadata, 'finalizers')), '*', kind);
    assert.equal(written(pointAt(metadata, 'ownerReferences')), 'uid', kind);
  }
  for (const kind of kinds.slice(0, 2))
    assert.equal(pointAt(pointAt(schemaOf(objectOf(kind)), 'spec'), 'template'), podTemplate, kind);
  const service = pointAt(schemaOf(objectOf('v1 Service')), 'spec');
  assert.equal(written(pointAt(service, 'ports')), 'port,protocol');
  assert.equal(written(pointAt(schemaOf(objectOf('v1 ServiceAccount')), 'secrets')), 'name');
  assert.deepEqual(schemaOf(objectOf('autoscaling/v2 HorizontalPodAutoscaler')), {});
  assert.deepEqual(schemaOf(objectOf('example.com/v1 Anything')), {});
  for (const unknown of ['v1 Pod', 'apps/v1 StatefulSet', 'storage.k8s.io/v1 StorageClass'])
    assert.throws(() => schemaOf(objectOf(unknown)), unknown);
  assert.equal(pointAt(podTemplate, 'constructor'), undefined);
  assert.equal(pointAt(undefined, 'spec'), undefined);
});
