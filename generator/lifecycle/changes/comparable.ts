/** Objects without what the API server keeps about them, so that only what people mean is compared. */
import { isObject, type JsonObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { memberLabel } from '../state/inventory.ts';

/** What the API server writes into metadata by itself. */
const bookkeeping = [
  'managedFields',
  'resourceVersion',
  'generation',
  'uid',
  'creationTimestamp',
  'selfLink',
];

/** An object without bookkeeping, status and the label that makes it a member of the release's set. */
export function comparable({ status: _, ...object }: KubernetesObject): KubernetesObject {
  const metadata: JsonObject = { ...object.metadata };
  for (const name of bookkeeping) delete metadata[name];
  if (isObject(metadata.labels)) {
    const { [memberLabel]: __, ...labels } = metadata.labels;
    if (Object.keys(labels).length > 0) metadata.labels = labels;
    else delete metadata.labels;
  }
  return { ...object, metadata } as KubernetesObject;
}
