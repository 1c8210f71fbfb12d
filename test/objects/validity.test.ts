import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { generate } from '../../generator/objects/generate.ts';
import { checkPodTemplate, checkRestricted } from '../../generator/objects/pod-check.ts';
import { hasKubernetesSchema, kubernetesMinors, requireTool, validateKubernetes } from '../support/tools.ts';
import { combinations, configOf, find, sampleSecrets } from './samples.ts';

const samples = [...combinations()].map(({ name, spec }) => ({
  name,
  objects: generate(configOf(spec), sampleSecrets),
}));

/** The Job template of each sample, as a Job. */
function jobIn(objects: (typeof samples)[number]['objects']): JsonObject {
  const { data } = find(objects, 'ConfigMap', 'tavern-worker-job-template') as { data?: JsonObject };
  return parseYaml(String(data?.['job-template.yaml']))[0] as JsonObject;
}

describe('the objects of every combination of optional parts', () => {
  for (const minor of kubernetesMinors) {
    it(`are valid for Kubernetes ${minor}, unknown fields forbidden, the Job template too`, (t) => {
      if (requireTool(t, 'kubernetes-schemas') === undefined) return;
      let checked = 0;
      for (const { name, objects } of samples) {
        const all = [...objects, { ...jobIn(objects), metadata: { name: 'job' } }] as typeof objects;
        assert.deepEqual(validateKubernetes(all, minor), [], name);
        checked += all.filter((object) => hasKubernetesSchema(object, minor)).length;
      }
      assert.ok(checked > 128 * 10);
    });
  }

  it('have valid, restricted pods', () => {
    for (const { name, objects } of samples) {
      for (const { kind, spec } of objects) {
        if (kind !== 'Deployment') continue;
        const { template } = spec as { template: JsonObject };
        assert.deepEqual(
          [...checkPodTemplate(template, 'Deployment'), ...checkRestricted(template)],
          [],
          name,
        );
      }
      const { template } = jobIn(objects).spec as { template: JsonObject };
      assert.deepEqual([...checkPodTemplate(template, 'Job'), ...checkRestricted(template)], [], name);
    }
  });

  it('hold no empty list or map but those that mean something, and no null', () => {
    const meaningful = new Set(['emptyDir', 'config.yaml']);
    const visit = (value: Json, key: string, where: string): void => {
      assert.notEqual(value, null, where);
      if (typeof value !== 'object' || value === null) return;
      const items = Array.isArray(value) ? value : Object.values(value);
      assert.ok(items.length > 0 || meaningful.has(key), `${where} is empty`);
      for (const [name, item] of Object.entries(value)) visit(item as Json, name, `${where}.${name}`);
    };
    for (const { name, objects } of samples) {
      for (const object of objects) visit(object, '', `${name}: ${object.kind}/${object.metadata.name}`);
    }
  });

  it('refer to nothing that is not there', () => {
    const own = /^tavern-/;
    const outside = new Set(['tavern-secrets', 'tavern-postgresql', 'tavern-postgresql-app']);
    for (const { name, objects } of samples) {
      const made = new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
      const visit = (value: Json): void => {
        if (Array.isArray(value)) value.forEach(visit);
        if (!isObject(value)) return;
        for (const [key, kind] of [
          ['configMapKeyRef', 'ConfigMap'],
          ['configMap', 'ConfigMap'],
        ] as const) {
          const reference = value[key];
          if (!isObject(reference) || reference.optional === true) continue;
          assert.ok(made.has(`${kind}/${reference.name}`), `${name}: ${kind}/${reference.name}`);
        }
        const secret = isObject(value.secretKeyRef) ? value.secretKeyRef.name : undefined;
        if (typeof secret === 'string' && own.test(secret))
          assert.ok(outside.has(secret), `${name}: ${secret}`);
        Object.values(value).forEach(visit);
      };
      for (const object of objects) visit(object);
      visit(jobIn(objects));
    }
  });

  it('come in the same order and bytes each time', () => {
    for (const { name, spec } of combinations()) {
      const again = JSON.stringify(generate(configOf(spec), sampleSecrets));
      assert.equal(again, JSON.stringify(samples.find((sample) => sample.name === name)?.objects));
    }
  });
});
