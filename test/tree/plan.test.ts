/** The folders of a tree: each kustomization names the files beside it, all of them and no others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isObject, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { components } from '../../generator/objects/parts.ts';
import { type FolderPlan, planTree } from '../../generator/tree/plan.ts';
import { configOf } from './law.ts';
import { resource } from './spoilt.ts';

const all = {
  sealedSecrets: { enabled: true },
  postgresql: { enabled: true },
  monitoring: { enabled: true },
};
const configWith = (spec: JsonObject, namespace?: string) =>
  configOf({
    ...resource,
    spec,
    metadata: { name: 'glyphoxa', ...(namespace !== undefined && { namespace }) },
  });

/** The kustomizations of a planned folder, by their folders in it. */
function kustomizations({ files }: FolderPlan): Map<string, JsonObject> {
  const found = [...files].filter(([file]) => file.endsWith('kustomization.yaml'));
  return new Map(
    found.map(([file, text]) => {
      const [value] = parseYaml(text);
      assert.ok(isObject(value), file);
      return [file.replace(/\/?kustomization\.yaml$/, ''), value];
    }),
  );
}

const planOf = (plans: readonly FolderPlan[], folder: string) =>
  plans.find((plan) => plan.folder === folder) ?? assert.fail(folder);

test('base, components and infrastructure are made of the files that their kustomizations name', () => {
  const plans = planTree(configWith(all), []);
  assert.deepEqual(
    plans.map(({ folder }) => folder),
    ['base', 'components', 'infrastructure', 'overlays/infrastructure'],
  );
  for (const plan of plans) {
    const named = [...kustomizations(plan)].flatMap(([folder, { kind, resources = [], patches = [] }]) => {
      assert.equal(kind, plan.folder === 'components' ? 'Component' : 'Kustomization');
      const paths = [...(resources as string[]), ...(patches as { path: string }[]).map(({ path }) => path)];
      return ['kustomization.yaml', ...paths].map((file) => (folder === '' ? file : `${folder}/${file}`));
    });
    assert.deepEqual([...plan.files.keys()].sort(), named.sort());
    for (const [file, text] of plan.files) assert.ok(isObject(parseYaml(text)[0]), file);
  }
});

test('a component says something, and nothing that is empty', () => {
  const found = kustomizations(planOf(planTree(configWith({}), []), 'components'));
  assert.deepEqual([...found.keys()].sort(), components.map(({ name }) => name).sort());
  for (const [name, value] of found) {
    const lists = ['resources', 'patches'].flatMap((field) =>
      value[field] === undefined ? [] : [value[field]],
    );
    assert.ok(
      lists.every((list) => Array.isArray(list) && list.length > 0),
      name,
    );
    assert.deepEqual(value.metadata, lists.length === 0 ? { name } : undefined, name);
    for (const patch of (value.patches ?? []) as { target: JsonObject }[])
      assert.deepEqual(Object.keys(patch.target), ['kind', 'name']);
  }
});

/** The folders of the infrastructure, with their namespaces. */
const stages = (resourceSpec: JsonObject, ...environments: (readonly [name: string, spec: JsonObject])[]) => {
  const plans = planTree(
    configWith(resourceSpec),
    environments.map(([name, spec]) => ({ name, config: configWith(spec, name) })),
  );
  const found = kustomizations(planOf(plans, 'infrastructure'));
  return [...found].map(([folder, { namespace, helmCharts }]) => {
    return [folder, namespace, Array.isArray(helmCharts) ? helmCharts.length : 0].join(' ').trim();
  });
};

test('infrastructure is written where somebody asks for it, and apart for who has it otherwise', () => {
  const on = { postgresql: { enabled: true } };
  assert.deepEqual(stages({}), []);
  assert.deepEqual(stages(on), ['operators  1', 'database glyphoxa 0']);
  assert.deepEqual(stages({}, ['a', on]), ['operators  1', 'database-a a 0']);
  assert.deepEqual(stages({}, ['a', {}], ['b', { sealedSecrets: { enabled: true } }]), ['operators  1']);
  assert.deepEqual(stages(all, ['a', on]), ['operators  2', 'database glyphoxa 0', 'database-a a 0']);
  const own = { enabled: true, charts: { operator: { version: '0.1.0' } } };
  assert.deepEqual(stages(all, ['a', { ...all, postgresql: own }]), [
    'operators  2',
    'operators-a  2',
    'database glyphoxa 0',
    'database-a a 0',
  ]);
});

test('an environment is planned with its name, its namespace and what it changes', () => {
  const config = configWith({ gateway: { replicaCount: 5 } }, 'a');
  const plan = planOf(planTree(configWith({}), [{ name: 'prod', config }]), 'overlays/prod');
  assert.deepEqual(
    [plan.about, plan.release, plan.managed?.namespace],
    [{ environments: ['prod'] }, 'glyphoxa', 'a'],
  );
  assert.deepEqual(plan.managed?.resources, ['../../base']);
  assert.deepEqual(plan.managed?.patches, [{ path: 'patches/gateway-deployment.yaml' }]);
  assert.deepEqual([...plan.files.keys()].sort(), ['patches/gateway-deployment.yaml', 'replacements.yaml']);
  assert.deepEqual(plan.managed?.components, [
    '../../components/mcp-gateway',
    '../../components/network-policy',
    '../../components/mcp-network-policy',
  ]);
});
