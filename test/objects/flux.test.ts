/** What Flux's post-build substitution makes of the objects: nothing, whatever stands in them. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { unsubstituted } from '../../generator/objects/names.ts';
import { requireTool, runTool } from '../support/tools.ts';
import { objectsOf } from './samples.ts';

const trap = `\${NAME} \${OTHER:-x} $$(HOME) $$`;

/** Free text wherever the resource takes it. */
const spec = (provider: JsonObject): JsonObject => ({
  gateway: {
    serviceAccount: { annotations: { 'example.com/note': trap } },
    podPatch: {
      metadata: { annotations: { 'example.com/note': trap } },
      spec: { containers: [{ name: 'gateway', env: [{ name: 'PROMPT', value: trap }] }] },
    },
  },
  worker: {
    podPatch: { spec: { containers: [{ name: 'worker', env: [{ name: 'PROMPT', value: trap }] }] } },
  },
  config: { npcs: [{ name: 'Grimjaw', personality: trap }] },
  ...provider,
});

const providers: { [name: string]: JsonObject } = {
  existing: {},
  'external-secrets': {
    secrets: {
      provider: 'external-secrets',
      external: {
        storeRef: { name: 'vault' },
        keys: { 'admin-key': { key: trap }, 'database-dsn': { key: 'dsn' } },
      },
    },
  },
};

/** What Flux applies: an object that carries the annotation as it is, any other with its text substituted. */
async function throughFlux(flux: string, objects: readonly KubernetesObject[]): Promise<string[]> {
  const texts = objects.map((object) => writeYaml(object));
  const { stdout } = await runTool(flux, [], { input: JSON.stringify(texts) });
  const results = JSON.parse(stdout) as { text: string; error?: string }[];
  const [key] = Object.keys(unsubstituted) as [string];
  return objects.map(({ metadata }, index) => {
    const isOut = (metadata.annotations as JsonObject | undefined)?.[key] === 'disabled';
    return isOut ? (texts[index] ?? '') : (results[index]?.error ?? results[index]?.text ?? '');
  });
}

describe("Flux's substitution", () => {
  for (const [name, provider] of Object.entries(providers)) {
    it(`leaves every object as it is, with the provider ${name}`, async (t) => {
      const flux = requireTool(t, 'flux-envsubst');
      if (flux === undefined) return;
      const objects = objectsOf(spec(provider));
      assert.deepEqual(
        await throughFlux(flux, objects),
        objects.map((object) => writeYaml(object)),
      );
    });
  }

  it('would change or refuse what is not kept out of it', async (t) => {
    const flux = requireTool(t, 'flux-envsubst');
    if (flux === undefined) return;
    const bare = objectsOf(spec({})).map(({ metadata: { annotations: _, ...metadata }, ...object }) => ({
      ...object,
      metadata,
    })) as KubernetesObject[];
    const changed = (await throughFlux(flux, bare)).flatMap((text, index) =>
      text === writeYaml(bare[index] as KubernetesObject) ? [] : [bare[index]?.kind],
    );
    assert.deepEqual(changed, ['ConfigMap', 'ConfigMap', 'Deployment']);
  });
});
