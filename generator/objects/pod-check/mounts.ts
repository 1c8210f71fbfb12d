/** How containers use the pod's volumes. */

import { quote } from '../../model/quote.ts';
import { findNamed, type Place } from './place.ts';

/** Checks a container's `volumeMounts` and `volumeDevices`: volumes that are there, and paths. */
export function checkMounts(container: Place, volumes: Place): void {
  for (const mount of container.at('volumeMounts').items) {
    checkVolumeName(mount.at('name'), volumes);
    mount.at('mountPath').required();
    const subPath = mount.at('subPath');
    const expression = mount.at('subPathExpr');
    checkRelative(subPath);
    checkRelative(expression);
    if (subPath.text !== '' && expression.text !== '') {
      expression.refuse('only one of subPath and subPathExpr may be given', 'remove one of the two');
    }
  }
  for (const device of container.at('volumeDevices').items) {
    checkVolumeName(device.at('name'), volumes);
    device.at('devicePath').required();
  }
}

function checkVolumeName(name: Place, volumes: Place): void {
  if (name.required()) findNamed(name, volumes.items, 'volume of this pod');
}

/** A path below another: relative, and never up. */
function checkRelative(path: Place): void {
  if (path.text.startsWith('/'))
    path.refuse(`${quote(path.text)} is an absolute path`, 'remove the "/" in front');
  if (path.text.split('/').includes('..'))
    path.refuse('".." is not allowed in a path', 'name what is inside the volume');
}
