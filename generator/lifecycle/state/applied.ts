/** Whether an object is as the environment lists it already, so that an apply has nothing to ask of the API server. */
import { equal, isObject, type Json, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { managedFieldsOf, ownEntry } from '../api/managers.ts';
import { isPart, partOf } from './field-set.ts';

/**
 * Whether a server-side apply would change nothing: what our manager owns is what is listed, no more and no less, and
 * each value is there as it is listed. Where it is not certain, as with a quantity that the server writes otherwise, it
 * is not: then the server is asked.
 *
 * @param wanted as it would be applied
 * @param live as it was just read
 */
export function isApplied(wanted: KubernetesObject, live: KubernetesObject): boolean {
  const own = ownEntry(managedFieldsOf(live));
  const versions = [own?.apiVersion, live.apiVersion];
  if (own === undefined || versions.some((version) => version !== wanted.apiVersion)) return false;
  return isAsListed(own.fieldsV1, owned(wanted), live);
}

/** An object without what no manager owns. */
function owned({ apiVersion: _, kind: __, metadata, ...rest }: KubernetesObject): JsonObject {
  const { name: ___, namespace: ____, ...fields } = metadata;
  return Object.keys(fields).length === 0 ? rest : { ...rest, metadata: fields };
}

function isAsListed(set: JsonObject, wanted: Json, live: Json): boolean {
  const parts = Object.keys(set).filter((part) => part !== '.');
  // a value, or a map or list that is owned as a whole
  if (parts.length === 0) return equal(wanted, live);
  const isBelow = (part: string) => {
    const [below, listed, there] = [set[part], partOf(wanted, part), partOf(live, part)];
    return isObject(below) && listed !== undefined && there !== undefined && isAsListed(below, listed, there);
  };
  if (Array.isArray(wanted) && Array.isArray(live))
    return haveSameOrder(parts, wanted, live) && parts.every(isBelow);
  if (!isObject(wanted) || !isObject(live)) return false;
  return parts.length === Object.keys(wanted).length && parts.every(isBelow);
}

/** Whether each part is one item of either list and these follow each other alike; live may have others between them. */
function haveSameOrder(parts: readonly string[], wanted: readonly Json[], live: readonly Json[]): boolean {
  if (parts.length !== wanted.length) return false;
  const order = (list: readonly Json[]) =>
    list.flatMap((item) => parts.filter((part) => isPart(item, part))).join('\n');
  return order(wanted) === order(live);
}
