/** Real Kustomize as the judge of strategic merge patches. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../generator/model/json.ts';
import { parseYaml, writeYaml } from '../../generator/model/yaml.ts';
import type { Kustomizer } from '../support/tools.ts';

/** An object and the patch that is laid over it. */
export interface Patched {
  readonly base: JsonObject;
  readonly patch: JsonObject;
}

/** The same object under another name. */
export function named(object: JsonObject, name: string): JsonObject {
  return { ...object, metadata: { ...(object.metadata as JsonObject), name } };
}

/**
 * Lets a real Kustomize apply many patches in one build, each from a file of its own to an object of its own;
 * the names of the pairs are made different for that. Kustomize lets a patch's scalar keep the quotes of the
 * one it replaces, so the files are JSON and YAML in all four combinations.
 *
 * @returns what became of the bases, in the same order and with their own names
 * @throws Error with the program's message if the build fails
 */
export async function patchAll(kustomize: Kustomizer, pairs: readonly Patched[]): Promise<JsonObject[]> {
  const dir = mkdtempSync(join(tmpdir(), 'strategic-'));
  try {
    const kustomization = { resources: [] as string[], patches: [] as { path: string }[] };
    for (const [i, { base, patch }] of pairs.entries()) {
      writeFileSync(join(dir, `base-${i}.yaml`), text(named(base, `pair-${i}`), i % 2 === 0));
      writeFileSync(join(dir, `patch-${i}.yaml`), text(named(patch, `pair-${i}`), i % 4 < 2));
      kustomization.resources.push(`base-${i}.yaml`);
      kustomization.patches.push({ path: `patch-${i}.yaml` });
    }
    writeFileSync(join(dir, 'kustomization.yaml'), JSON.stringify(kustomization));
    const { stdout, stderr, exitCode } = await kustomize.build(dir);
    if (exitCode !== 0) throw new Error(`${kustomize.name}: ${stderr}`);
    const built = new Map<string, JsonObject>();
    for (const object of parseYaml(stdout) as JsonObject[]) built.set(nameOf(object), object);
    return pairs.map(({ base }, i) => named(built.get(`pair-${i}`) ?? {}, nameOf(base)));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function text(object: JsonObject, asYaml: boolean): string {
  return asYaml ? writeYaml(object) : JSON.stringify(object);
}

function nameOf(object: JsonObject): string {
  return String((object.metadata as JsonObject).name);
}
