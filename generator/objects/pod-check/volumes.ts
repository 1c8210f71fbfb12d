/** A pod's volumes: their names, one kind each, and the objects that they name. */

import { checkDnsLabel, checkDnsSubdomain } from '../../model/kubernetes-values.ts';
import schema from '../pod-schema.json' with { type: 'json' };
import { list, type Place } from './place.ts';

/** The kinds of volume: every field of a volume but its name. */
const KINDS: ReadonlySet<string> = new Set(
  Object.keys(schema.types.Volume).filter((field) => field !== 'name'),
);

/** The field of a kind of volume that names an object of the namespace. */
const NAMES: Readonly<Record<string, string>> = {
  configMap: 'name',
  persistentVolumeClaim: 'claimName',
  secret: 'secretName',
};

/** Checks a pod's `volumes`. One without a kind is an emptyDir to Kubernetes. */
export function checkVolumes(volumes: Place): void {
  for (const volume of volumes.items) {
    volume.at('name').needs(checkDnsLabel);
    const kinds = volume.fields.filter((field) => KINDS.has(field.name));
    if (kinds.length > 1)
      volume.refuse(
        `only one of ${list(kinds.map(({ name }) => name))} may be given`,
        'make a volume of each',
      );
    for (const kind of kinds) {
      const field = Object.hasOwn(NAMES, kind.name) ? NAMES[kind.name] : undefined;
      if (field !== undefined) kind.at(field).needs(checkDnsSubdomain);
      const items = kind.at('items').items;
      if (field !== undefined) for (const item of items) checkItem(item);
    }
  }
}

/** A key and the file that it becomes. */
function checkItem(item: Place): void {
  item.at('key').required();
  item.at('path').required();
}
