import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { dig, isObject, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { runCli } from '../support/fake-io.ts';
import { requireKustomizers } from '../support/tools.ts';
import { generateIn, get, makeFolder, minimal, put } from './folder.ts';
import { build } from './law.ts';

const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf'];
const map = (value: string) => `{ ${names.map((name) => `${name}: ${value}`).join(', ')} }`;

test('a key that names an object of the language is a key: in resource, environment, --set, build and tree', async (t) => {
  const all = requireKustomizers(t);
  if (all === undefined) return;
  const cwd = makeFolder(t, {
    'glyphoxa.yaml': `${minimal}spec:
  core: { image: { tag: "0.1.0" } }
  gateway:
    nodeSelector: ${map('base')}
    podPatch: { metadata: { annotations: ${map('patched')} } }
  config:
    providers: { llm: { name: openai, model: m, options: { __proto__: { a: 1 }, constructor: 2 } } }
`,
  });
  const set = ['--set', 'spec.gateway.nodeSelector.toString=set'];
  const created = await runCli(['overlay', 'create', 'e', ...set], { cwd });
  assert.equal(created.exitCode, 0, created.stderr);
  const layer = 'overlays/e/config.yaml';
  put(cwd, layer, get(cwd, layer).replace('toString: set', 'toString: set\n      valueOf: null'));
  await generateIn(cwd);
  assert.deepEqual((await generateIn(cwd, { check: true })).changes, []);
  const printed = await runCli(['build', layer], { cwd });
  assert.equal(printed.exitCode, 0, printed.stderr);
  const inTree = await Promise.all(
    [all[0], all.at(-1)].map((one) => build(one as never, path.join(cwd, 'overlays/e'))),
  );
  for (const objects of [
    parseYaml(printed.stdout) as JsonObject[],
    ...(inTree as unknown as JsonObject[][]),
  ]) {
    const gateway = objects.find(
      ({ kind, metadata }) => kind === 'Deployment' && dig(metadata, ['name']) === 'glyphoxa-gateway',
    );
    const template = dig(gateway, ['spec', 'template']);
    const { valueOf: _, ...selector } = Object.fromEntries(names.map((name) => [name, 'base']));
    assert.deepEqual(dig(template, ['spec', 'nodeSelector']), { ...selector, toString: 'set' });
    const annotations = dig(template, ['metadata', 'annotations']);
    assert.ok(isObject(annotations));
    for (const name of names)
      assert.equal(Object.getOwnPropertyDescriptor(annotations, name)?.value, 'patched');
    const file = objects.find(({ metadata }) => dig(metadata, ['name']) === 'glyphoxa-config');
    const text = String(dig(file, ['data', 'config.yaml']));
    assert.match(text, /"?__proto__"?:\n +a: 1\n/);
    assert.match(text, /constructor: 2\n/);
  }
});
