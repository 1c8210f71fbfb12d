/** Quantities in a pod that a user has patched, as the API server stores them. */
import { isObject, type Json, type JsonObject, setKey } from '../model/json.ts';
import { canonicalQuantity, canonicalResourceQuantity } from '../model/kubernetes-values.ts';

const containers = ['containers', 'initContainers', 'ephemeralContainers'];

/** Where amounts of resources stand by their names; `*` is each item of a list. */
const resourceLists = [
  ...containers.flatMap((list) => [`${list}.*.resources.limits`, `${list}.*.resources.requests`]),
  'resources.limits',
  'resources.requests',
  'overhead',
  'volumes.*.ephemeral.volumeClaimTemplate.spec.resources.limits',
  'volumes.*.ephemeral.volumeClaimTemplate.spec.resources.requests',
];

/** Where one quantity stands. */
const quantities = [
  ...containers.map((list) => `${list}.*.env.*.valueFrom.resourceFieldRef.divisor`),
  'volumes.*.emptyDir.sizeLimit',
  'volumes.*.downwardAPI.items.*.resourceFieldRef.divisor',
  'volumes.*.projected.sources.*.downwardAPI.items.*.resourceFieldRef.divisor',
];

/** Writes all quantities of a pod's `spec` in their canonical form; lists of none go. */
export function withCanonicalQuantities(spec: JsonObject): JsonObject {
  const lists = resourceLists.reduce<Json>((pod, path) => changed(pod, path.split('.'), canonicalList), spec);
  return quantities.reduce<Json>(
    (pod, path) => changed(pod, path.split('.'), canonical),
    lists,
  ) as JsonObject;
}

/** A copy in which every value at a path is changed; where the path does not lead, nothing is. */
function changed(value: Json, [part, ...rest]: readonly string[], change: (value: Json) => Json): Json {
  if (part === undefined) return change(value);
  if (part === '*') return Array.isArray(value) ? value.map((item) => changed(item, rest, change)) : value;
  if (!isObject(value) || !Object.hasOwn(value, part)) return value;
  const next = changed(value[part] as Json, rest, change);
  const { [part]: _, ...others } = value;
  const isEmpty = change === canonicalList && isObject(next) && Object.keys(next).length === 0;
  return isEmpty ? others : { ...value, [part]: next };
}

function canonicalList(amounts: Json): Json {
  if (!isObject(amounts)) return amounts;
  const written: JsonObject = {};
  for (const [name, amount] of Object.entries(amounts))
    setKey(written, name, isAmount(amount) ? canonicalResourceQuantity(amount) : amount);
  return written;
}

function canonical(amount: Json): Json {
  return isAmount(amount) ? canonicalQuantity(amount) : amount;
}

function isAmount(value: Json): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
