/** What is replaced in an environment: the image in the worker template, and the namespace of a foreign account. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { imageReplacements, subjectReplacement } from '../../generator/tree/environment.ts';
import { treeId, treeObjects } from '../../generator/tree/objects.ts';
import { configOf } from './law.ts';
import { resource } from './spoilt.ts';

const config = configOf(resource);
const byId = (objects: readonly KubernetesObject[]) =>
  new Map(objects.map((object) => [treeId(object), object]));

test('the worker template gets the image at each place between two apostrophes, once it was read behind the last', () => {
  const select = { kind: 'ConfigMap', name: 'glyphoxa-worker-job-template' };
  const fieldPath = 'data.job-template\\.yaml';
  const at = (index: number) => ({ delimiter: "'", index });
  const target = (index: number) => ({ select, fieldPaths: [fieldPath], options: at(index) });
  const gateway = {
    kind: 'Deployment',
    name: 'glyphoxa-gateway',
    fieldPath: 'spec.template.spec.containers.[name=gateway].image',
  };
  const of = (text: string) => {
    const data = { 'job-template.yaml': text };
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: select.name }, data };
    return imageReplacements(config, byId([object]));
  };
  const source = (index: number) => ({ ...select, fieldPath, options: at(index) });
  assert.deepEqual(of("a: 'x:1'\nb: 'x:1'\n"), [
    { source: source(4), targets: [target(4)] },
    { source: gateway, targets: [target(1), target(3)] },
  ]);
  assert.deepEqual(of("a: 'x:1'\n"), [
    { source: source(2), targets: [target(2)] },
    { source: gateway, targets: [target(1)] },
  ]);
  assert.deepEqual(imageReplacements(config, new Map()), [
    { source: source(0), targets: [target(0)] },
    { source: gateway, targets: [] },
  ]);
});

test('the namespace of an account is replaced where the account is not in every build below', () => {
  const objects = byId(treeObjects(config));
  const without = (kind: string) => byId([...objects.values()].filter((object) => object.kind !== kind));
  const foreign = without('ServiceAccount');
  const name = 'glyphoxa-job-manager';
  const replaced = [
    {
      source: { kind: 'RoleBinding', name, fieldPath: 'metadata.namespace' },
      targets: [
        {
          select: { kind: 'RoleBinding', name },
          fieldPaths: ['subjects.0.namespace'],
          options: { create: true },
        },
      ],
    },
  ];
  assert.deepEqual(subjectReplacement(objects), []);
  assert.deepEqual(subjectReplacement(foreign), replaced);
  assert.deepEqual(subjectReplacement(objects, [objects, foreign]), replaced);
  assert.deepEqual(subjectReplacement(objects, [objects]), []);
  assert.deepEqual(subjectReplacement(new Map()), []);
});
