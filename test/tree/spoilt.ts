/** Objects of a release that a test spoils, and what is found in them. */
import assert from 'node:assert/strict';
import { dig, isObject, type Json, type JsonObject } from '../../generator/model/json.ts';
import type { KubernetesObject } from '../../generator/model/object.ts';
import { checkObjects } from '../../generator/tree/check/check.ts';
import { configOf, expectedObjects } from './law.ts';

/** A resource with nothing in its spec. */
export const resource = {
  apiVersion: 'deploy.glyphoxa.io/v1alpha1',
  kind: 'Glyphoxa',
  metadata: { name: 'glyphoxa' },
};

/** The objects of a resource with these parts, to be spoilt. */
export function objectsOf(spec: JsonObject = {}): KubernetesObject[] {
  return structuredClone(expectedObjects(configOf({ ...resource, spec })));
}

/** The codes of what is found, each once; each has a hint. */
export function codes(objects: readonly KubernetesObject[]): string[] {
  const findings = checkObjects(objects);
  for (const { message, hint } of findings) {
    assert.match(message, /[^.]$/);
    assert.ok(hint !== undefined && hint !== '', `a hint for: ${message}`);
  }
  return [...new Set(findings.map(({ code }) => code))].sort();
}

/** An object that is there. */
export function get(objects: readonly KubernetesObject[], kind: string, name: string): KubernetesObject {
  const object = objects.find((each) => each.kind === kind && each.metadata.name === name);
  assert.ok(object, `${kind} ${name}`);
  return object;
}

/** Sets a value in an object. */
export function set(object: JsonObject, path: readonly (string | number)[], value: Json): undefined {
  const parent = path.length === 1 ? object : dig(object, path.slice(0, -1));
  assert.ok(typeof parent === 'object' && parent !== null);
  Object.assign(parent, { [path.at(-1) as string]: value });
}

/** Takes a key out of a map. */
export function remove(object: JsonObject, key: string): undefined {
  delete object[key];
}

/** Edits the text of the worker template. */
export function editTemplate(
  objects: readonly KubernetesObject[],
  edit: (text: string) => string,
): undefined {
  const { data } = get(objects, 'ConfigMap', 'glyphoxa-worker-job-template');
  assert.ok(isObject(data));
  const text = String(data['job-template.yaml']);
  data['job-template.yaml'] = edit(text);
  assert.notEqual(data['job-template.yaml'], text, 'the template was edited');
}

/** The objects without one of them. */
export const without = (objects: readonly KubernetesObject[], kind: string, name: string) => {
  const gone = get(objects, kind, name);
  return objects.filter((object) => object !== gone);
};

/** The objects with one more beside the gateway. */
export const made = (objects: readonly KubernetesObject[], kind: string, name: string) => [
  ...objects,
  { apiVersion: 'v1', kind, metadata: { name, namespace: 'glyphoxa' } },
];

/** Where the image of a workload's first container is. */
export const image = ['spec', 'template', 'spec', 'containers', 0, 'image'];

/** Changes objects, or gives others in their place. */
export type Spoil = (objects: KubernetesObject[]) => readonly KubernetesObject[] | undefined;
