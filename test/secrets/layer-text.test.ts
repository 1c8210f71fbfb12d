import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { readYaml } from '../../generator/model/yaml.ts';
import { withCiphertexts } from '../../generator/secrets/layer-text.ts';

const head = 'apiVersion: deploy.glyphoxa.io/v1alpha1\nkind: Glyphoxa\n';

/** Layers as people write them. */
const layers: { [style: string]: string } = {
  'nothing but the head': head,
  'spec is null': `${head}spec: null\n`,
  'spec is empty': `${head}spec:\n`,
  'an empty flow map': `${head}spec: {}\n`,
  'flow maps': `${head}spec: {secrets: {provider: sealed-secrets}} # flow\n`,
  'one flow map':
    '{apiVersion: deploy.glyphoxa.io/v1alpha1, kind: Glyphoxa, spec: {secrets: {sealed: {a: YQ==}}}}\n',
  'four spaces': `${head}spec:\n    # about secrets\n    secrets:\n        provider: sealed-secrets\n    core:\n        tierScheduling: true\n`,
  'lists that are not indented': `${head}spec:\n  core:\n    imagePullSecrets:\n    - name: a # first\n    - name: b\n  secrets:\n    sealed:\n      # the admin's\n      admin-key: T2xk # old\n      "database-dsn": 'T2xk'\n`,
  'comments everywhere': `# top\n\n${head}\n# before spec\nspec: # beside spec\n  # before secrets\n  secrets: # beside secrets\n    # before sealed\n    sealed: {} # beside sealed\n    # after sealed\n  # end of spec\n# end\n`,
  'a null that has a comment': `${head}spec:\n  secrets:\n    sealed: ~ # none yet\n`,
  'a last line without an end': `${head}spec:\n  secrets:\n    sealed:\n      admin-key: T2xk`,
};
const ciphertexts = new Map([
  ['admin-key', 'QWRtaW4='],
  ['database-dsn', 'RFNO'],
]);

const comments = (text: string) => [...text.matchAll(/# [\w' ]+/g)].map(([comment]) => comment.trim()).sort();

/** A value with a ciphertext laid over it. */
function expected(value: Json | undefined): JsonObject {
  const layer = structuredClone(isObject(value) ? value : {});
  let at: JsonObject = layer;
  for (const key of ['spec', 'secrets', 'sealed']) {
    if (!isObject(at[key])) at[key] = {};
    at = at[key] as JsonObject;
  }
  for (const [key, ciphertext] of ciphertexts) at[key] = ciphertext;
  return layer;
}

for (const [style, text] of Object.entries(layers)) {
  test(`ciphertexts go into a layer with ${style}, and nothing else changes`, () => {
    const written = withCiphertexts(text, ciphertexts);
    const read = readYaml(written, 'config.yaml');
    assert.deepEqual(read.findings, [], written);
    assert.deepEqual(read.value, expected(readYaml(text, 'config.yaml').value), written);
    assert.deepEqual(comments(written), comments(text), written);
    assert.equal(withCiphertexts(written, ciphertexts), written, 'once more changes nothing');
    const again = withCiphertexts(written, new Map([['admin-key', 'TmV3']]));
    assert.equal(
      again,
      written.replace('QWRtaW4=', 'TmV3'),
      'a value that is there is replaced in its place',
    );
  });
}
