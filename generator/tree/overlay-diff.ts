/** What differs between two deployments: object by object, field by field. */
import { hidden, withoutSecrets } from '../config/mask.ts';
import type { Config } from '../config/schema/resource.ts';
import { configFileKey } from '../config/secret-keys.ts';
import { suggest } from '../config/suggest.ts';
import { type DiffRules, diffValues, type FieldDifference, type ItemKey } from '../model/diff.ts';
import { Failure, failure, hasErrors } from '../model/finding.ts';
import { equal, isObject, type Json, type JsonObject, type Path } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { parseYaml } from '../model/yaml.ts';
import { generate } from '../objects/generate.ts';
import { templateKey } from '../objects/worker.ts';
import type { Tree } from './disk.ts';
import { readImages } from './environment-images.ts';
import { withImages } from './images.ts';
import { type Inputs, loadInputs } from './load.ts';
import { secretFileKeys } from './secret-generator.ts';

/** A field that differs; `before` or `after` is absent where only one side has it. What is secret in them is hidden. */
export interface FieldDiff {
  readonly path: Path;
  readonly before?: Json;
  readonly after?: Json;
}

/** An object that differs. */
export interface ObjectDiff {
  /** `Deployment glyphoxa-gateway` */
  readonly object: string;
  readonly what: 'added' | 'removed' | 'changed';
  /** Of a changed object its fields. */
  readonly fields: readonly FieldDiff[];
}

/**
 * Compares the objects of two deployments, apart from the namespaces that they are in. Files inside
 * ConfigMaps are compared as what they say; checksums, which only follow from that, and values of Secrets
 * are left out.
 */
export function diffObjects(
  before: readonly KubernetesObject[],
  after: readonly KubernetesObject[],
): ObjectDiff[] {
  const [old, now] = [before, after].map(
    (objects) => new Map(objects.map((object) => [nameOf(object), object])),
  ) as [Map<string, KubernetesObject>, Map<string, KubernetesObject>];
  const diffs: ObjectDiff[] = [];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const [a, b] = [old.get(name), now.get(name)];
    if (a === undefined || b === undefined) {
      diffs.push({ object: name, what: a === undefined ? 'added' : 'removed', fields: [] });
      continue;
    }
    if (equal(a, b)) continue;
    const fields = diffValues(comparable(a), comparable(b), rules).map(shownField);
    if (fields.length > 0) diffs.push({ object: name, what: 'changed', fields });
  }
  return diffs;
}

function shownField({ path: way, before, after }: FieldDifference): FieldDiff {
  const path = way.map((part) => (typeof part === 'object' ? keyOf(part) : part));
  return {
    path,
    ...(before === undefined ? {} : { before: withoutSecrets(before, path) }),
    ...(after === undefined ? {} : { after: withoutSecrets(after, path) }),
  };
}

/** A namespace is an object of its own in each environment, so its name does not count. */
function nameOf({ kind, metadata }: KubernetesObject): string {
  return kind === 'Namespace' ? kind : `${kind} ${metadata.name}`;
}

function comparable(object: KubernetesObject): JsonObject {
  const { namespace: _, ...metadata } = object.metadata;
  const copy: JsonObject = { ...object, metadata: metadata as JsonObject };
  if (object.kind === 'Secret' && isObject(object.data)) {
    copy.data = Object.fromEntries(Object.keys(object.data).map((key) => [key, hidden]));
  }
  if (object.kind === 'ConfigMap' && isObject(object.data)) {
    const entries = Object.entries(object.data).map(([key, text]) => [
      key,
      [configFileKey, templateKey].includes(key) ? parsed(text) : text,
    ]);
    copy.data = Object.fromEntries(entries);
  }
  if (Array.isArray(object.subjects)) {
    copy.subjects = object.subjects.map((subject) => {
      const { namespace: __, ...rest } = subject as JsonObject;
      return rest;
    });
  }
  return copy;
}

/** What files said that were compared last: environments have most of them in common. */
const known = new Map<string, Json>();

function parsed(text: Json): Json {
  if (typeof text !== 'string') return text;
  const value = known.get(text) ?? parseYaml(text)[0] ?? text;
  known.delete(text);
  known.set(text, value);
  for (const [oldest] of known) if (known.size > 64) known.delete(oldest);
  return value;
}

/** Keys by which the items of a list are known, so that one more item is one difference. */
const itemKeys = ['name', 'mountPath', 'key', 'containerPort', 'port', 'id'];

const rules: DiffRules = {
  keysOf(before, after) {
    const key = itemKeys.find((name) => [before, after].every((list) => isKeyedBy(list, name)));
    return key === undefined ? undefined : [key];
  },
  nameOf: keyOf,
  isLeftOut: (path) => path.at(-2) === 'annotations' && String(path.at(-1)).startsWith('checksum/'),
};

function isKeyedBy(list: readonly Json[], key: string): boolean {
  const values = list.map((item) => (isObject(item) ? item[key] : undefined));
  return values.every((value) => value !== undefined) && new Set(values).size === values.length;
}

/** What an item is known by. */
function keyOf({ keys }: ItemKey): string {
  return Object.values(keys)[0] as string;
}

/**
 * Compares two environments of a tree with the `images` of their kustomizations; `-` is the resource alone.
 *
 * @throws Failure where the input has errors or an environment is not known
 */
export async function diffOverlays(tree: Tree, a: string, b: string): Promise<ObjectDiff[]> {
  const inputs = await loadInputs(tree);
  const objectsOf = (name: string): KubernetesObject[] => {
    if (name === '-') return generated(inputs.config);
    const environment = inputs.environments.find((each) => each.name === name);
    const own = inputs.findings.filter(({ environments = [] }) => environments.includes(name));
    if (hasErrors(own)) throw new Failure(own);
    if (environment === undefined) throw unknownOverlay(name, inputs);
    return withImages(generated(environment.config), readImages(tree, name, environment.config).overrides);
  };
  return diffObjects(objectsOf(a), objectsOf(b));
}

/** The objects of a configuration as they are compared; of its Secret the keys alone. */
export function generated(config: Config): KubernetesObject[] {
  return generate(config, new Map(secretFileKeys(config).map((key) => [key, ''])));
}

function unknownOverlay(name: string, { environments }: Inputs): Failure {
  const names = environments.map((environment) => environment.name);
  const close = suggest(name, names);
  const known = names.length === 0 ? 'there is none' : `there are ${names.join(', ')}`;
  const hint = close === undefined ? known : `did you mean ${close}?`;
  return failure('unknown-overlay', `there is no environment ${JSON.stringify(name)}`, hint);
}
