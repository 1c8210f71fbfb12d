/** The objects of docs/publish.md and of the other pages about controllers, by the CRDs that their projects publish. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isObject, type JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { requireCrd } from '../support/published-crds.ts';
import type { ToolName } from '../support/tools.ts';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const pages = ['publish.md', 'gitops.md', 'plugin.md', 'fleets.md'];

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

for (const [tool, kind, least] of [
  ['crd-oci-repository', 'OCIRepository', 1],
  ['crd-flux-kustomization', 'Kustomization', 2],
  ['crd-argo-application', 'Application', 3],
] as const satisfies readonly (readonly [ToolName, string, number])[]) {
  test(`each ${kind} in the documentation is valid by its published CRD`, (t) => {
    const crd = requireCrd(t, tool);
    if (crd === undefined) return;
    const found = objectsOf(kind).filter(({ object }) =>
      String(object.apiVersion).startsWith(`${crd.group}/`),
    );
    assert.ok(found.length >= least, `${found.length} of ${kind}`);
    for (const { page, object } of found) assert.deepEqual(crd.errorsIn(object), [], page);
  });
}

test('a field that does not exist is noticed', (t) => {
  const crd = requireCrd(t, 'crd-oci-repository');
  if (crd === undefined) return;
  const { object } = objectsOf('OCIRepository')[0] ?? { object: {} as JsonObject };
  const wrong = crd.errorsIn({ ...object, spec: { ...(object.spec as JsonObject), tag: 'x' } });
  assert.match(wrong.join(), /additional/);
});
