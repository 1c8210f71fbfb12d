/** Which folders are environments, what is told of the others, and which environments stand in each other's way. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Failure, type Finding, finding } from '../../generator/model/finding.ts';
import { environmentNames, loadInputs, readResource, treeFindings } from '../../generator/tree/load.ts';
import { sumsFile } from '../../generator/tree/sums.ts';
import { layer, makeFolder, minimal, treeIn } from './folder.ts';

type Files = { readonly [file: string]: string };
const told = (findings: readonly Finding[]) =>
  findings.map(({ severity, code, path, environments = [], position }) => {
    const place = position === undefined ? '' : `${position.file}:${position.line} `;
    return `${place}${severity} ${code} ${path.join('.')} ${environments.join()}`.trim();
  });

test('environments are the folders with a layer and a name that needs no quotes', (t) => {
  const findings: Finding[] = [];
  const folder = makeFolder(t, {
    'overlays/b/config.yaml': '',
    'overlays/a.1/config.yaml': '',
    'overlays/file': '',
    'overlays/.hidden/config.yaml': '',
    'overlays/theirs/kustomization.yaml': '',
    'overlays/folder/config.yaml/x': '',
    [`overlays/left/${sumsFile}`]: '',
    [`overlays/infrastructure/${sumsFile}`]: '',
    'overlays/My Own/config.yaml': '',
    [`overlays/Left/${sumsFile}`]: '',
  });
  assert.deepEqual(environmentNames(treeIn(folder), findings), ['a.1', 'b']);
  assert.deepEqual(told(findings), [
    'warning no-environment',
    'error environment-name  My Own',
    'warning no-environment',
  ]);
  assert.deepEqual(environmentNames(treeIn(makeFolder(t))), []);
});

test('the folder that earlier versions wrote is no environment', (t) => {
  const findings: Finding[] = [];
  const folder = makeFolder(t, { 'overlays/infrastructure/config.yaml': '', 'overlays/a/config.yaml': '' });
  assert.deepEqual(environmentNames(treeIn(folder), findings), ['a']);
  assert.deepEqual(told(findings), ['error environment-name  infrastructure']);
});

/** The names of the environments that are loaded, or none for a failure, and what is told. */
async function load(t: TestContext, files: Files, resource = minimal) {
  const texts = new Map<string, string>();
  const tree = treeIn(makeFolder(t, { 'glyphoxa.yaml': resource, ...files }));
  const inputs = await loadInputs(tree, texts).catch((error: unknown) => error);
  if (inputs instanceof Failure) return { names: undefined, told: told(inputs.findings), texts };
  assert.ok(typeof inputs === 'object' && inputs !== null && 'environments' in inputs, String(inputs));
  const { environments, findings } = inputs as Awaited<ReturnType<typeof loadInputs>>;
  return { names: environments.map(({ name }) => name), told: told(findings), texts };
}
const at = (name: string, namespace: string, rest?: string): Files => ({
  [`overlays/${name}/config.yaml`]: layer(namespace, rest),
});
const wrong = 'spec: { gateway: { replicaCount: -1 } }\n';
const lacking = 'spec: { secrets: { provider: kubernetes } }\n';

test('environments are loaded beside those with errors, and their texts are kept', async (t) => {
  const fine = await load(t, { ...at('a', 'a'), ...at('b', 'b') });
  assert.deepEqual([fine.names, fine.told], [['a', 'b'], []]);
  assert.deepEqual(
    [...fine.texts.keys()],
    ['glyphoxa.yaml', 'overlays/a/config.yaml', 'overlays/b/config.yaml'],
  );
  assert.equal(fine.texts.get('overlays/a/config.yaml'), layer('a'));
  const partly = await load(t, { ...at('a', 'a', wrong), ...at('b', 'b') });
  assert.deepEqual(partly.names, ['b']);
  assert.deepEqual(partly.told, ['overlays/a/config.yaml:5 error out-of-range spec.gateway.replicaCount a']);
  const none = await load(t, at('a', 'a', wrong));
  assert.deepEqual(none.names, undefined);
  assert.deepEqual((await load(t, {})).names, []);
});

test('what a resource lacks an environment may supply, and what is wrong in it stops all', async (t) => {
  const spec = `${minimal}${lacking}`;
  const rest = 'spec: { secrets: { provider: existing } }\n';
  assert.deepEqual((await load(t, at('a', 'a', rest), spec)).names, ['a']);
  assert.equal((await load(t, {}, spec)).names, undefined);
  assert.equal((await load(t, at('a', 'a'), `${minimal}${wrong}`)).names, undefined);
  const broken = await load(t, at('a', 'a'), 'a: [\n');
  assert.deepEqual([broken.names, broken.told], [undefined, ['glyphoxa.yaml:2 error syntax']]);
});

test('of two environments in one namespace the second is told with its place, and neither is loaded', async (t) => {
  const found = await load(t, { ...at('a', 'x'), ...at('b', 'other'), ...at('c', 'x') });
  assert.deepEqual(found.names, ['b']);
  assert.deepEqual(found.told, ['overlays/c/config.yaml:4 error same-target metadata.namespace a,c']);
});

test('findings are told once and in order, those of the resource alone where no environment is', () => {
  const own = { name: 'a', layer: undefined as never, config: undefined };
  const codes = (...all: Parameters<typeof treeFindings>) => treeFindings(...all).map(({ code }) => code);
  const [x, y] = [finding('x', 'm', 'h'), finding('y', 'm', 'h')];
  assert.deepEqual(codes([x], []), ['x']);
  assert.deepEqual(codes([x], [{ ...own, findings: [y, y] }]), ['y']);
  assert.deepEqual(codes([], [{ ...own, findings: [y] }], [x]).sort(), ['x', 'y']);
});

test('a tree without a resource is refused', (t) => {
  assert.throws(
    () => readResource(treeIn(makeFolder(t))),
    (error) => {
      return error instanceof Failure && told(error.findings).join() === 'error no-resource';
    },
  );
});
