import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dig, isObject, type JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { checkObjects } from '../../generator/tree/check/check.ts';
import { requireKustomizers, validateKubernetes } from '../support/tools.ts';
import { generateIn, get, snapshot } from './folder.ts';
import { build, configOf, differences, expectedObjects } from './law.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('base, components and overlays of this repository are up to date', async () => {
  const { changes } = await generateIn(root, { check: true });
  assert.deepEqual(changes, [], 'run "npx glyphoxa-kustomize generate" and commit what it writes');
});

test('every written file names the command that wrote it, but the two that are content of ConfigMaps', () => {
  for (const folder of ['base', 'components', 'overlays/shared', 'overlays/dedicated']) {
    for (const [file, text] of snapshot(path.join(root, folder))) {
      if (file === 'config.yaml' || /(?:^|\/)files\//.test(file)) continue;
      assert.match(text.split('\n').slice(0, 3).join('\n'), /^# .*glyphoxa-kustomize/m, `${folder}/${file}`);
    }
  }
});

test('the files of base and components carry no namespace', () => {
  for (const folder of ['base', 'components']) {
    for (const [file, text] of snapshot(path.join(root, folder))) {
      if (
        !file.endsWith('.yaml') ||
        /(?:^|\/)(?:files|postgresql|postgresql-operator|sealed-secrets)\//.test(file)
      )
        continue;
      const [object] = parseYaml(text);
      assert.equal(dig(object, ['metadata', 'namespace']), undefined, `${folder}/${file}`);
      assert.equal(dig(object, ['namespace']), undefined, `${folder}/${file}`);
      assert.equal(dig(object, ['subjects', 0, 'namespace']), undefined, `${folder}/${file}`);
    }
  }
});

test('without MCP the worker keeps only its optional reference', () => {
  const text = [...snapshot(path.join(root, 'base')).values()].join('\n');
  const mentions = text.split('\n').filter((line) => /mcp/i.test(line) && !line.startsWith('#'));
  assert.deepEqual(
    mentions.map((line) => line.trim()),
    ['- name: GLYPHOXA_MCP_GATEWAY_URL', 'name: glyphoxa-mcp-gateway'],
  );
  assert.match(text, /name: glyphoxa-mcp-gateway\n +key: url\n +optional: true/);
});

for (const { name, namespace, replicas, spread } of [
  { name: 'shared', namespace: 'glyphoxa', replicas: 3, spread: true },
  { name: 'dedicated', namespace: 'glyphoxa-dedicated', replicas: 1, spread: false },
]) {
  test(`overlays/${name} builds to what generate returns, with kubectl's and kustomize's defaults`, async (t) => {
    const kustomizers = requireKustomizers(t);
    if (kustomizers === undefined) return;
    const expected = expectedObjects(configOf(read('glyphoxa.yaml'), read(`overlays/${name}/config.yaml`)));
    for (const kustomize of kustomizers) {
      const built = await build(kustomize, path.join(root, 'overlays', name));
      assert.deepEqual(differences(built, expected), [], kustomize.name);
    }
    assert.deepEqual(checkObjects(expected), []);
    assert.deepEqual(validateKubernetes(expected, '1.34'), []);
  });

  test(`overlays/${name} does what the topology says`, () => {
    const objects = expectedObjects(configOf(read('glyphoxa.yaml'), read(`overlays/${name}/config.yaml`)));
    const gateway = objects.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'glyphoxa-gateway',
    );
    assert.equal(gateway?.metadata.namespace, namespace);
    assert.equal(dig(gateway, ['spec', 'replicas']), replicas);
    const pod = dig(gateway, ['spec', 'template', 'spec']);
    assert.equal(dig(pod, ['affinity', 'podAntiAffinity']) !== undefined, spread);
    for (const spec of [pod, dig(workerJob(objects), ['spec', 'template', 'spec'])]) {
      assert.deepEqual(dig(spec, ['nodeSelector']), { 'glyphoxa.io/tier': name });
      assert.deepEqual(dig(spec, ['tolerations']), [
        { key: 'glyphoxa.io/tier', value: name, effect: 'NoSchedule' },
      ]);
    }
  });
}

function workerJob(objects: readonly KubernetesObject[]): JsonObject {
  const text = objects
    .map(({ data }) => dig(data, ['job-template.yaml']))
    .find((value) => value !== undefined);
  const [job] = parseYaml(String(text));
  assert.ok(isObject(job));
  return job;
}

function read(file: string): JsonObject {
  const [value] = parseYaml(get(root, file));
  assert.ok(isObject(value));
  return value;
}
