/** Engines that come, change and go, and what is wrong with what a file says of them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { parseYaml } from '../../../generator/model/yaml.ts';
import { runCli } from '../../support/fake-io.ts';
import { generateIn, get, put, snapshot } from '../folder.ts';
import { fleetText, makeFleet, tenants } from './fleet.ts';

const argocd = 'engine: { argocd: { repoURL: "https://git.example.com/team/deploy.git" } }\n';
const flux = 'engine: { flux: {} }\n';
const registry = 'engine: { flux: { registry: { url: "oci://registry.example.com/deploy/tenants" } } }\n';

/** All files but those of the engine that somebody else wrote. */
function files(tree: string): Map<string, string> {
  return new Map(
    [...snapshot(tree)].filter(([file]) => !file.startsWith('.git/') && file !== 'tenants.yaml'),
  );
}

test('any engine after any other leaves what it would have written alone', async (t) => {
  const { tree } = await makeFleet(t, '');
  const alone = new Map<string, Map<string, string>>();
  for (const engine of ['', argocd, flux, registry])
    alone.set(engine, files((await makeFleet(t, engine)).tree));
  for (const engine of [argocd, flux, registry, argocd, registry, flux, '', registry, '']) {
    put(tree, 'tenants.yaml', fleetText(engine));
    await generateIn(tree);
    assert.deepEqual(files(tree), alone.get(engine));
    assert.deepEqual((await generateIn(tree, { check: true })).changes, []);
  }
});

test('what somebody wrote beside the files of an engine stays when it goes', async (t) => {
  const { tree } = await makeFleet(t, flux);
  const own = ['engine/flux/root.yaml', 'engine/README.md', 'tenants/acme/flux/mine.yaml'];
  for (const file of own) put(tree, file, '# mine\n');
  put(tree, 'tenants.yaml', fleetText(argocd));
  await generateIn(tree);
  for (const file of own) assert.equal(get(tree, file), '# mine\n');
  assert.equal(existsSync(path.join(tree, 'engine/flux/kustomization.yaml')), false);
});

test('a file of an engine that somebody wrote first is not overwritten', async (t) => {
  const { tree } = await makeFleet(t, '');
  put(tree, 'engine/argocd/applicationset.yaml', 'kind: ApplicationSet\n');
  put(tree, 'tenants.yaml', fleetText(argocd));
  const { exitCode, stderr } = await runCli(['generate'], { cwd: tree });
  assert.equal(exitCode, 1);
  assert.match(stderr, /error not-ours: engine\/argocd\/applicationset.yaml/);
  assert.equal(existsSync(path.join(tree, 'tenants/acme/argocd.yaml')), false);
});

test('while a tenant has errors, its files and those of all stay as they are', async (t) => {
  const { tree } = await makeFleet(t, flux);
  const before = files(tree);
  put(
    tree,
    'tenants.yaml',
    fleetText(flux, tenants.replace('acme: { wave: canary }', 'acme: { wave: none }')),
  );
  assert.equal((await runCli(['generate'], { cwd: tree })).exitCode, 1);
  assert.deepEqual(files(tree), before);
});

test('an engine that looks for the tree in another folder of the repository is warned of', async (t) => {
  const { tree, repository } = await makeFleet(t, argocd, { below: 'deploy/games' });
  const warned = async (cwd: string) =>
    (await runCli(['generate'], { cwd })).stderr.match(/engine-path: .*/)?.[0];
  assert.match((await warned(tree)) ?? '', / deploy\/games .*\broot\b/);
  put(tree, 'tenants.yaml', fleetText(argocd.replace('{ repoURL', '{ path: deploy/games, repoURL')));
  assert.equal(await warned(tree), undefined);
  put(tree, 'tenants.yaml', fleetText(registry));
  assert.equal(await warned(tree), undefined);
  assert.equal(get(repository, 'deploy/games/engine/flux/kustomization.yaml').includes('wave'), false);
  const { tree: root } = await makeFleet(t, argocd.replace('{ repoURL', '{ path: x, repoURL'));
  assert.match((await warned(root)) ?? '', /\broot .*, .* x\b/);
});

test('what formatters and checkouts make of the files of an engine is no edit', async (t) => {
  for (const engine of [argocd, flux]) {
    const { tree } = await makeFleet(t, engine);
    const yamls = [...files(tree)].filter(([file]) => /^(?:engine|tenants)\/.*\.yaml$/.test(file));
    for (const [file, text] of yamls) {
      const [value] = parseYaml(text);
      const [comments] = /^(?:#.*\n)*/.exec(text) ?? [];
      const formatted = stringify(value, { indentSeq: true, lineWidth: 40, singleQuote: true });
      put(tree, file, `${comments}${formatted}`.replaceAll('\n', '\r\n'));
    }
    assert.deepEqual((await generateIn(tree)).changes, []);
    put(tree, 'tenants.yaml', fleetText(''));
    await generateIn(tree);
    assert.equal(existsSync(path.join(tree, 'engine')), false);
  }
});

test('what docs/fleets.md says of engines is right, and writes the files that it lists', async (t) => {
  const page = readFileSync(fileURLToPath(new URL('../../../docs/fleets.md', import.meta.url)), 'utf8');
  const parts = [...page.matchAll(/^```yaml\n# a part of tenants.yaml\n(engine:\n.*?)^```$/gms)].map(
    ([, part]) => part,
  );
  assert.equal(parts.length, 3);
  const written = new Set<string>();
  for (const part of parts) {
    const { tree } = await makeFleet(t, part as string);
    assert.deepEqual(
      (await generateIn(tree)).findings.filter(({ path: [section] }) => section === 'engine'),
      [],
    );
    for (const file of files(tree).keys()) written.add(file);
  }
  const listed = [...page.matchAll(/^((?:engine|tenants)\/[\w/.]+) {2,}/gm)].map(([, file = '']) => file);
  assert.ok(listed.includes('engine/gate/') && listed.includes('tenants/acme/argocd.yaml'));
  for (const file of listed)
    assert.ok(
      [...written].some((one) => one.startsWith(file)),
      file,
    );
});

const wrong: { readonly [what: string]: readonly [engine: string, code: string, at: string] } = {
  'two engines': ['{ flux: {}, argocd: { repoURL: "https://h/x.git" } }', 'two-engines', 'engine'],
  'no repository': ['{ argocd: { revision: main } }', 'required', 'argocd'],
  'a registry that is none': ['{ flux: { registry: { interval: 5m } } }', 'required', 'registry'],
  'an unknown engine': ['{ fleet: {} }', 'unknown-field', 'fleet'],
  'a URL with a password': [
    '{ argocd: { repoURL: "https://u:hunter22@h/x.git" } }',
    'invalid-value',
    '"https',
  ],
  'a URL with a token': ['{ argocd: { repoURL: "https://hunter22@h/x.git" } }', 'invalid-value', '"https'],
  'a template as URL': ['{ argocd: { repoURL: "https://h/{{hunter22}}.git" } }', 'invalid-value', '"https'],
  'a template as revision': [
    '{ argocd: { repoURL: "https://h/x", revision: "{{ .x }}" } }',
    'invalid-value',
    '"{{',
  ],
  'a folder above': ['{ flux: { path: ../x } }', 'invalid-value', '../x'],
  'a tag in the registry': ['{ flux: { registry: { url: "oci://h/x:hunter22" } } }', 'invalid-value', '"oci'],
  'a password for the registry': [
    '{ flux: { registry: { url: "oci://u:hunter22@h/x" } } }',
    'invalid-value',
    '"oci',
  ],
  'a shard twice': ['{ flux: { shards: [a, b, a] } }', 'duplicate-shard', 'a] }'],
  'a project with a template': [
    '{ argocd: { repoURL: "https://h/x", project: "{{x}}" } }',
    'invalid-value',
    '"{{',
  ],
  'a share of tenants that is none': [
    '{ argocd: { repoURL: "https://h/x", maxUpdate: 0% } }',
    'invalid-value',
    '0%',
  ],
};

for (const [what, [engine, code, at]] of Object.entries(wrong)) {
  test(`${what} is told with its place, and nothing of the fleet is written or removed`, async (t) => {
    const { tree } = await makeFleet(t, argocd);
    const before = files(tree);
    const line = `engine: ${engine}\n`;
    put(tree, 'tenants.yaml', fleetText(line));
    const told = new RegExp(`^tenants.yaml:4:${line.indexOf(at) + 1}: error ${code}: `, 'm');
    const { exitCode, stderr, stdout } = await runCli(['generate'], { cwd: tree });
    assert.equal(exitCode, 1);
    assert.match(stderr, told);
    assert.doesNotMatch(stdout + stderr, /hunter22/);
    assert.deepEqual(files(tree), before);
    const validated = await runCli(['validate', 'tenants.yaml'], { cwd: tree });
    assert.match(validated.stdout, told);
  });
}
