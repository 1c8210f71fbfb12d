/** Trees that ask for plugins and hold what is encrypted: what can be built is, and the rest is said. */
import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { Failure, type Finding } from '../../generator/model/finding.ts';
import { checkFolder } from '../../generator/tree/check/check.ts';
import { findTool, requireTool } from '../support/tools.ts';
import { get, layer, makeFolder, makeTree, put } from './folder.ts';

const own = 'overlays/prod/kustomization.yaml';
const ksops = 'apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata: {name: gen}\nfiles: [./secrets.enc.yaml]\n';
const sops = `apiVersion: v1
kind: Secret
metadata: {name: glyphoxa-secrets}
stringData: {admin-key: "ENC[AES256_GCM,data:abc=,iv:abc=,tag:abc=,type:str]"}
sops: {mac: "ENC[AES256_GCM,data:x=]", version: 3.8.1}
`;

/** What `check` finds in a tree whose environment has more in it, with a kustomize of the tests. */
async function found(
  t: TestContext,
  lines: string,
  files: { readonly [file: string]: string },
  tool: 'kustomize' | 'kustomize-4.5.4' = 'kustomize',
  folder = 'overlays/prod',
): Promise<readonly Finding[]> {
  const cwd = await makeTree(t, { 'overlays/prod/config.yaml': layer('prod') });
  for (const [file, text] of Object.entries(files)) put(cwd, file, text);
  put(cwd, own, `${get(cwd, own).replace('- ../../base', '- ../../base\n- more')}${lines}`);
  if (files['overlays/prod/more/kustomization.yaml'] === undefined)
    put(cwd, 'overlays/prod/more/kustomization.yaml', 'resources: []\n');
  const bin = makeFolder(t);
  symlinkSync(findTool(tool) as string, path.join(bin, 'kustomize'));
  return checkFolder(folder, cwd, { ...process.env, PATH: bin });
}

const codesOf = (findings: readonly Finding[]) => findings.map(({ severity, code }) => `${severity} ${code}`);

for (const tool of ['kustomize', 'kustomize-4.5.4'] as const) {
  test(`check sees all but what a plugin makes, with ${tool}`, async (t) => {
    if (requireTool(t, tool) === undefined) return;
    const lines = `generators: [gen.yaml]
transformers:
- |-
  apiVersion: builtin
  kind: LabelTransformer
  metadata: {name: l}
  labels: {app.kubernetes.io/name: other}
  fieldSpecs: [{path: spec/selector, kind: Service, create: false}]
configMapGenerator:
- name: mine
  files: [key=data/file.txt]
`;
    const files = { 'overlays/prod/gen.yaml': ksops, 'overlays/prod/data/file.txt': 'text\n' };
    const findings = await found(t, lines, files, tool);
    // what kustomize carries out itself is carried out: a Service selects other pods
    assert.deepEqual([...new Set(codesOf(findings))], ['error no-pods', 'warning plugin-unseen']);
    assert.match(findings.at(-1)?.message ?? '', /: ksops .*\(gen\.yaml\)$/);
  });
}

test('plugins of layers below are left out too', async (t) => {
  if (requireTool(t, 'kustomize') === undefined) return;
  const findings = await found(
    t,
    '',
    {
      'outer/kustomization.yaml': 'resources: [../overlays/prod]\nvalidators: [v.yaml]\n',
      'outer/v.yaml': ksops.replace('ksops', 'Judge'),
      'overlays/prod/more/kustomization.yaml': 'generators: [gen.yaml]\n',
      'overlays/prod/more/gen.yaml': ksops,
    },
    'kustomize',
    'outer',
  );
  assert.deepEqual(codesOf(findings), ['warning plugin-unseen', 'warning plugin-unseen']);
});

test('what is encrypted is said, and no error', async (t) => {
  if (requireTool(t, 'kustomize') === undefined) return;
  const files = {
    'overlays/prod/more/kustomization.yaml': 'resources: [enc.yaml]\n',
    'overlays/prod/more/enc.yaml': sops,
  };
  const findings = await found(t, '', files);
  assert.deepEqual(codesOf(findings), ['warning encrypted-unseen']);
  assert.match(findings[0]?.message ?? '', /^Secret prod\/glyphoxa-secrets .*SOPS/);
});

test('a build without plugins reads no more than any build', async (t) => {
  if (requireTool(t, 'kustomize') === undefined) return;
  const secret = makeFolder(t, { 'file.txt': 'outside' });
  const lines = `generators: [gen.yaml]\nconfigMapGenerator:\n- name: mine\n  files: [${path.join(secret, 'file.txt')}]\n`;
  const error = await found(t, lines, { 'overlays/prod/gen.yaml': ksops }).catch((reason: unknown) => reason);
  assert.ok(error instanceof Failure);
  assert.deepEqual(codesOf(error.findings), ['error build']);
});

test('a kustomization of the plugin of this program is not built without it', async (t) => {
  if (requireTool(t, 'kustomize') === undefined) return;
  const cwd = await makeTree(t);
  put(cwd, 'plugin/kustomization.yaml', 'generators: [r.yaml]\n');
  put(cwd, 'plugin/r.yaml', get(cwd, 'glyphoxa.yaml'));
  const PATH = path.dirname(findTool('kustomize') as string);
  await assert.rejects(checkFolder('plugin', cwd, { ...process.env, PATH }), /external plugins/);
});
