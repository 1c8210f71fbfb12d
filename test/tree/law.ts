/** The law of the tree: what kustomize builds from it is what `generate` returns. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../generator/config/load.ts';
import type { Config } from '../../generator/config/schema/resource.ts';
import { configFileKey } from '../../generator/config/secret-keys.ts';
import { equal, isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { parseYaml } from '../../generator/model/yaml.ts';
import { writeYaml } from '../../generator/model/yaml-writer.ts';
import { appFile } from '../../generator/objects/app-file.ts';
import { generate } from '../../generator/objects/generate.ts';
import { newKustomization } from '../../generator/tree/kustomization.ts';
import { secretsEnvFile } from '../../generator/tree/layout.ts';
import { planTree } from '../../generator/tree/plan.ts';
import { secretFileKeys, secretFiles } from '../../generator/tree/secret-generator.ts';
import { resolvedSecrets } from '../support/configs.ts';
import type { Kustomizer } from '../support/tools.ts';

/** A resource and the layer of an environment over it, as values. */
export interface Layers {
  readonly resource: JsonObject;
  readonly environment: JsonObject;
}

/** Reads layers that must be valid. */
export function configOf(resource: JsonObject, environment?: JsonObject): Config {
  const source = (value: JsonObject) => ({ value, findings: [] });
  const { config, findings } = loadConfig(
    source(resource),
    environment === undefined ? undefined : source(environment),
  );
  const errors = findings.filter(({ severity }) => severity === 'error');
  assert.deepEqual(errors, [], 'the configuration is valid');
  assert.ok(config);
  return config;
}

/** The configurations of resource and environment; the resource alone may lack what the environment gives. */
export function configsOf({ resource, environment }: Layers): { base: Config; config: Config } {
  const base = loadConfig({ value: resource, findings: [] }).config;
  assert.ok(base);
  return { base, config: configOf(resource, environment) };
}

/** Writes the planned tree of one environment, and its secret values, without any ceremony. */
export function writePlan(root: string, { base, config }: { base: Config; config: Config }): void {
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };
  for (const { folder, files, managed } of planTree(base, [{ name: 'env', config }])) {
    for (const [file, text] of files) write(`${folder}/${file}`, text);
    if (managed === undefined) continue;
    write(`${folder}/kustomization.yaml`, newKustomization(managed));
    writeSecrets(path.join(root, folder), config, managed.secretGenerator);
  }
}

/** Writes the git-ignored files that the `secretGenerator` of an environment reads. */
function writeSecrets(folder: string, config: Config, generators: readonly JsonObject[]): void {
  for (const { files = [] } of generators) {
    const keys = secretFileKeys(config);
    const secrets = new Map([...resolvedSecrets(config)].filter(([key]) => keys.includes(key)));
    if (keys.includes(configFileKey)) secrets.set(configFileKey, appFile(config).text(secrets));
    for (const [file, text] of secretFiles(secrets, files as string[])) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      // What nothing reads goes nowhere.
      const unread = file === secretsEnvFile ? 'discord-bot-token=unread\n' : '';
      writeFileSync(path.join(folder, file), text + unread);
    }
  }
}

/** What a build of the environment must yield. */
export function expectedObjects(config: Config): KubernetesObject[] {
  return generate(config, resolvedSecrets(config));
}

/** Builds a folder; a failure of the build is one of the test. */
export async function build(kustomize: Kustomizer, folder: string): Promise<KubernetesObject[]> {
  const { stdout, stderr, exitCode } = await kustomize.build(folder);
  assert.equal(exitCode, 0, `${kustomize.name}: ${stderr}`);
  return parseYaml(stdout) as KubernetesObject[];
}

/** How built objects differ from the expected ones, a line each; empty if they are the same. */
export function differences(
  built: readonly KubernetesObject[],
  expected: readonly KubernetesObject[],
): string[] {
  const [found, wanted] = [built, expected].map(
    (objects) => new Map(objects.map((object) => [idOf(object), comparable(object)])),
  ) as [Map<string, Json>, Map<string, Json>];
  const lines: string[] = [];
  if (found.size !== built.length) lines.push('two built objects have the same id');
  for (const [id, object] of wanted) {
    if (!found.has(id)) lines.push(`${id}: is missing`);
    else lines.push(...valueDifferences(found.get(id) as Json, object, id));
  }
  for (const id of found.keys()) if (!wanted.has(id)) lines.push(`${id}: is not expected`);
  return lines;
}

/** kustomize folds long base64 text, which every reader joins again. */
function comparable(object: KubernetesObject): Json {
  if (object.kind !== 'Secret' || !isObject(object.data)) return object;
  const data = Object.entries(object.data).map(([key, value]) => [key, String(value).replace(/\s/g, '')]);
  return { ...object, data: Object.fromEntries(data) };
}

function valueDifferences(found: Json, wanted: Json, at: string): string[] {
  if (equal(found, wanted)) return [];
  if (isObject(found) && isObject(wanted)) {
    const keys = [...new Set([...Object.keys(found), ...Object.keys(wanted)])];
    return keys.flatMap((key) =>
      found[key] === undefined || wanted[key] === undefined
        ? [`${at} ${key}: ${JSON.stringify(found[key])} instead of ${JSON.stringify(wanted[key])}`]
        : valueDifferences(found[key], wanted[key], `${at}/${key}`),
    );
  }
  if (Array.isArray(found) && Array.isArray(wanted) && found.length === wanted.length) {
    return found.flatMap((item, i) => valueDifferences(item, wanted[i] as Json, `${at}/${i}`));
  }
  return [`${at}: ${JSON.stringify(found)} instead of ${JSON.stringify(wanted)}`];
}

function idOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  return `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Writes several trees and a kustomization over them all, which one process builds at once. */
export function writeBatch(root: string, cases: readonly { base: Config; config: Config }[]): void {
  for (const [index, configs] of cases.entries()) writePlan(path.join(root, `case-${index}`), configs);
  const resources = cases.map((_, index) => `case-${index}/overlays/env`);
  writeFileSync(path.join(root, 'kustomization.yaml'), writeYaml({ resources }));
}
