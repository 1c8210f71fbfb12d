/** Folders with a resource, for the tests of the function. */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { JsonObject } from '../../generator/model/json.ts';
import { parseYaml } from '../../generator/model/yaml.ts';

/** The clone. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** A resource that uses every optional part. */
export const fullResource = `apiVersion: deploy.glyphoxa.io/v1alpha1
kind: Glyphoxa
metadata:
  name: tavern
  namespace: games
spec:
  core:
    createNamespace: true
    tierScheduling: true
    image: {tag: build-17}
    imagePullSecrets: [{name: registry}]
  gateway:
    podPatch:
      spec:
        priorityClassName: high
  autoscaling: {enabled: true}
  vault: {enabled: true, addr: "https://vault.example.com:8200"}
  config:
    server: {log_level: debug}
    providers:
      llm: {name: ollama, base_url: "http://ollama.example.com:11434", model: "1.10"}
    npcs:
      - name: Greymantle
        personality: |
          Says "yes" to gold,
          and no to elves.
`;

/** A new folder that goes with the test; its name holds a space. */
export async function folder(t: TestContext, files: { [name: string]: string } = {}): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'glyphoxa test '));
  t.after(() => rm(made, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(made, name), text);
  return made;
}

/** A folder whose kustomization names the resource as a generator. */
export function deployment(t: TestContext, resource: string): Promise<string> {
  return folder(t, { 'glyphoxa.yaml': resource, 'kustomization.yaml': 'generators: [glyphoxa.yaml]\n' });
}

/** The resource with the annotation by which kustomize runs it as an exec function. */
export function withFunction(resource: string, executable: string): string {
  const annotation = `  annotations:\n    config.kubernetes.io/function: |\n      exec:\n        path: ${JSON.stringify(executable)}\n`;
  return resource.replace(/^metadata:\n/m, `metadata:\n${annotation}`);
}

/** A copy of what is installed, as a clone elsewhere: launchers and bundles, but no node_modules. */
export async function installedCopy(t: TestContext, name: string): Promise<string> {
  const copy = path.join(await folder(t), name);
  for (const part of ['dist', 'generator/bin', 'generator/plugin']) {
    await cp(path.join(root, part), path.join(copy, part), { recursive: true, verbatimSymlinks: true });
  }
  return copy;
}

/** The objects of a YAML stream. */
export function objectsIn(text: string): JsonObject[] {
  return parseYaml(text) as JsonObject[];
}
