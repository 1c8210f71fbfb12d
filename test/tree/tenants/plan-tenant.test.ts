/** The files of a tenant, by what it has of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFleet } from '../../../generator/config/fleet.ts';
import { isObject, type JsonObject } from '../../../generator/model/json.ts';
import { parseYaml } from '../../../generator/model/yaml.ts';
import { planShared, planTenant } from '../../../generator/tree/tenants/plan-tenant.ts';
import { fleetText } from '../engine/fleet.ts';
import { configOf } from '../law.ts';
import { resource } from '../spoilt.ts';

const [tenant] = readFleet(fleetText('', 'tenants:\n  acme: { labels: { plan: gold } }\n'), 'f').tenants;
const template = configOf({ ...resource, metadata: { name: 'glyphoxa', namespace: 'prod' } });
const { base, files: shared } = planShared('prod', template, template, {}, []);

/** What is written for a tenant with these values: its kustomization, and the files beside it. */
function planned(spec: JsonObject, name = 'glyphoxa', over = base) {
  assert.ok(tenant);
  const config = configOf({ ...resource, metadata: { name, namespace: 'glyphoxa-tenant-acme' }, spec });
  const files = planTenant(over, config, tenant);
  const [value] = parseYaml(files.get('kustomization.yaml') ?? '');
  assert.ok(isObject(value));
  const patches = (value.patches ?? []) as { patch: string }[];
  return {
    value,
    patched: patches.map(({ patch }) => {
      const { kind, metadata } = parseYaml(patch)[0] as { kind: string; metadata: { name: string } };
      return `${kind} ${metadata.name}`;
    }),
    replaces: (value.replacements as { source: { kind: string } }[] | undefined)?.map(
      ({ source }) => source.kind,
    ),
    files: [...files.keys()].sort(),
    texts: files,
  };
}

test('a tenant like the others names what they have in common, its namespace and its labels', () => {
  const { value, files } = planned({});
  assert.deepEqual(value, {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: 'glyphoxa-tenant-acme',
    resources: ['../_shared'],
    labels: [{ pairs: { 'glyphoxa.io/tenant': 'acme', plan: 'gold' } }],
  });
  assert.deepEqual(files, ['kustomization.yaml']);
  const [common] = parseYaml(shared.get('kustomization.yaml') ?? '') as { resources: string[] }[];
  assert.deepEqual(common?.resources, ['../../overlays/prod']);
});

test('a value of its own is a patch, and one that is no image moves none', () => {
  const { patched, replaces } = planned({ gateway: { replicaCount: 7 } });
  assert.deepEqual([patched, replaces], [['Deployment glyphoxa-gateway'], undefined]);
});

test('an image of its own reaches the worker template by the replacement alone', () => {
  const { patched, replaces } = planned({ core: { image: { tag: 'own' } } });
  assert.deepEqual(patched.sort(), ['Deployment glyphoxa-gateway', 'Deployment glyphoxa-mcp-gateway']);
  assert.deepEqual(replaces, ['ConfigMap', 'Deployment']);
});

test('a worker template that differs in more than the image is patched, and gets the image anew', () => {
  const { patched, replaces } = planned({ worker: { ttlSecondsAfterFinished: 9 } });
  assert.ok(patched.includes('ConfigMap glyphoxa-worker-job-template'));
  assert.deepEqual(replaces, ['ConfigMap', 'Deployment']);
});

test('a tenant with a release of its own has all of its objects, with the images of the template', () => {
  const own = planned({}, 'moved', {
    ...base,
    images: [{ name: 'ghcr.io/mrwong99/glyphoxa', newTag: 'set' }],
  });
  assert.deepEqual(own.files, ['kustomization.yaml', 'objects.yaml']);
  assert.deepEqual([own.value.kind, own.value.resources], ['Kustomization', ['objects.yaml']]);
  assert.deepEqual(own.replaces, ['ConfigMap', 'Deployment']);
  const [list] = parseYaml(own.texts.get('objects.yaml') ?? '') as { kind: string; items: JsonObject[] }[];
  assert.equal(list?.kind, 'List');
  assert.ok(JSON.stringify(list?.items).includes('ghcr.io/mrwong99/glyphoxa:set"'));
  assert.ok(list?.items.every(({ metadata }) => isObject(metadata) && metadata.namespace === undefined));
});
