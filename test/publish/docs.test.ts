/** The objects of docs/publish.md and of the other pages about controllers, by the CRDs that their projects publish. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { requireTool, type ToolName } from '../support/tools.ts';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const pages = ['publish.md', 'gitops.md', 'plugin.md'];

/** The objects of a kind in the pages. */
function objectsOf(kind: string): { page: string; object: JsonObject }[] {
  return pages.flatMap((page) => {
    const text = readFileSync(path.join(docs, page), 'utf8');
    const blocks = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block = '']) => block);
    const whole = blocks.filter((block) => /^apiVersion: /m.test(block) && block.includes(`kind: ${kind}\n`));
    const objects = whole.flatMap((block) => parseYaml(block)).filter(isObject);
    return objects.filter((object) => object.kind === kind).map((object) => ({ page, object }));
  });
}

/** A schema of a CRD as the API server has it in strict mode: what is not in it is an error. */
function strict(node: Json): Json {
  if (Array.isArray(node)) return node.map(strict);
  if (!isObject(node)) return node;
  const inner = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, strict(value)]));
  const isClosed = isObject(node.properties) && node.additionalProperties === undefined;
  return isClosed && node['x-kubernetes-preserve-unknown-fields'] !== true
    ? { ...inner, additionalProperties: false }
    : inner;
}

for (const [tool, kind, least] of [
  ['crd-oci-repository', 'OCIRepository', 1],
  ['crd-flux-kustomization', 'Kustomization', 2],
  ['crd-argo-application', 'Application', 3],
] as const satisfies readonly (readonly [ToolName, string, number])[]) {
  test(`each ${kind} in the documentation is valid by its published CRD`, (t) => {
    const file = requireTool(t, tool);
    if (file === undefined) return;
    const [crd] = parseYaml(readFileSync(file, 'utf8')) as [
      { spec: { group: string; versions: { name: string; schema: { openAPIV3Schema: Json } }[] } },
    ];
    const found = objectsOf(kind).filter(({ object }) =>
      String(object.apiVersion).startsWith(`${crd.spec.group}/`),
    );
    assert.ok(found.length >= least, `${found.length} of ${kind}`);
    for (const { page, object } of found) {
      const version = crd.spec.versions.find(({ name }) => object.apiVersion === `${crd.spec.group}/${name}`);
      assert.ok(version !== undefined, `${page}: ${object.apiVersion}`);
      const { metadata, ...rest } = object;
      assert.ok(isObject(metadata) && typeof metadata.name === 'string');
      const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
      const validate = ajv.compile(strict(version.schema.openAPIV3Schema) as object);
      validate({ ...rest, metadata: {} });
      assert.deepEqual(validate.errors ?? [], [], page);
    }
  });
}

test('a field that does not exist is noticed', (t) => {
  const file = requireTool(t, 'crd-oci-repository');
  if (file === undefined) return;
  const [crd] = parseYaml(readFileSync(file, 'utf8')) as [
    { spec: { versions: { schema: { openAPIV3Schema: Json } }[] } },
  ];
  const schema = strict(crd.spec.versions[0]?.schema.openAPIV3Schema ?? {});
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema as object);
  const { object } = objectsOf('OCIRepository')[0] ?? { object: {} as JsonObject };
  assert.equal(validate({ ...object, spec: { ...(object.spec as JsonObject), tag: 'x' } }), false);
});
