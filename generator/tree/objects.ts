/** The objects of a deployment as the files of a tree say them: without namespace, and by their parts. */
import type { Config } from '../config/schema/resource.ts';
import { equal, isObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { isPlain } from '../model/yaml-writer.ts';
import { generate } from '../objects/generate.ts';
import { type Component, componentsOf, withSections } from '../objects/parts.ts';

/** What makes an object the same in all layers of a tree. */
export function treeId(object: KubernetesObject): string {
  return `${object.apiVersion} ${object.kind} ${object.metadata.name}`;
}

/**
 * The objects of a configuration without namespaces, which the environment's kustomization sets. A Secret is
 * left out: its values stand in no file that is written.
 */
export function treeObjects(config: Config): KubernetesObject[] {
  return generate(config, new Map())
    .filter(({ kind }) => kind !== 'Secret')
    .map(withoutNamespace);
}

function withoutNamespace(object: KubernetesObject): KubernetesObject {
  const { namespace: _, ...metadata } = object.metadata;
  const bare = { ...object, metadata } as KubernetesObject;
  if (!Array.isArray(object.subjects)) return bare;
  const subjects = object.subjects.map((subject) => {
    if (!isObject(subject)) return subject;
    const { namespace, ...rest } = subject;
    // A replacement copies a text as it stands, and what reads as a number into nothing but a text becomes one.
    return typeof namespace === 'string' && !isPlain(namespace) ? subject : rest;
  });
  return { ...bare, subjects };
}

/** The kinds that every environment has for itself: its values are no one else's. */
const environmentKinds = ['Namespace', 'SealedSecret', 'ExternalSecret'];

/** What was made of configurations: base and components are asked for by each environment. */
const made = new WeakMap<Config, Map<string, unknown>>();

function once<T>(config: Config, what: string, make: () => T): T {
  const known = made.get(config) ?? new Map<string, unknown>();
  made.set(config, known);
  if (!known.has(what)) known.set(what, make());
  return known.get(what) as T;
}

/** The objects of the base: what is there whatever is switched on or off. */
export function baseObjects(config: Config): readonly KubernetesObject[] {
  return once(config, 'base', () =>
    treeObjects(withSections(config, [])).filter(({ kind }) => !environmentKinds.includes(kind)),
  );
}

/** What a component adds, and the base's objects that it changes. */
export interface ComponentObjects {
  readonly added: KubernetesObject[];
  /** Objects of the base as they are with the component. */
  readonly changed: KubernetesObject[];
}

/** The objects of a component: what is there with it and not without it. */
export function componentObjects(config: Config, component: Component): ComponentObjects {
  return once(config, `component ${component.name}`, () => makeComponent(config, component));
}

function makeComponent(config: Config, { sections }: Component): ComponentObjects {
  // What two parts have between them is what neither of them has alone.
  const without = sections.map((section) => sections.filter((other) => other !== section));
  const old = new Map<string, KubernetesObject>();
  for (const object of without.flatMap((some) => treeObjects(withSections(config, some)))) {
    old.set(treeId(object), object);
  }
  const now = treeObjects(withSections(config, sections));
  const changes = (object: KubernetesObject) =>
    old.has(treeId(object)) && !equal(old.get(treeId(object)), object);
  return { added: now.filter((object) => !old.has(treeId(object))), changed: now.filter(changes) };
}

/** The objects that base and components make together, before an environment changes anything. */
export function composedObjects(base: Config, environment: Config): Map<string, KubernetesObject> {
  const composed = new Map(baseObjects(base).map((object) => [treeId(object), object]));
  for (const component of componentsOf(environment)) {
    const { added, changed } = componentObjects(base, component);
    for (const object of [...changed, ...added]) composed.set(treeId(object), object);
  }
  return composed;
}
