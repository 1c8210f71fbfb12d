/** How containers use the pod's volumes. */

import { quote } from '../../model/quote.ts';
import { findNamed, type Place, unique } from './place.ts';

/** Checks a container's `volumeMounts`. */
export function checkMounts(container: Place, volumes: Place): void {
  const mounts = container.at('volumeMounts').items;
  const privileged = container.at('securityContext').at('privileged').isTrue;
  for (const mount of mounts) {
    checkVolumeName(mount.at('name'), volumes);
    mount.at('mountPath').required();
    const subPath = mount.at('subPath');
    const expression = mount.at('subPathExpr');
    checkRelative(subPath);
    checkRelative(expression);
    if (subPath.text !== '' && expression.text !== '') {
      expression.refuse('only one of subPath and subPathExpr may be given');
    }
    const propagation = mount.at('mountPropagation');
    propagation.oneOf(['None', 'HostToContainer', 'Bidirectional'], 'refused');
    if (propagation.text === 'Bidirectional' && !privileged) {
      propagation.refuse('Bidirectional needs a privileged container');
    }
    const recursive = mount.at('recursiveReadOnly');
    recursive.oneOf(['Disabled', 'IfPossible', 'Enabled'], 'refused');
    if (!['Enabled', 'IfPossible'].includes(recursive.text)) continue;
    if (!mount.at('readOnly').isTrue) recursive.refuse('this needs readOnly: true');
    if (!['', 'None'].includes(propagation.text)) recursive.refuse('this needs mountPropagation: None');
  }
}

/** Checks a container's `volumeDevices`, and that they and its mounts keep apart. */
export function checkDevices(container: Place, volumes: Place): void {
  const devices = container.at('volumeDevices').items;
  const mounts = container.at('volumeMounts').items;
  unique(
    devices.map((device) => device.at('name')),
    'volume of another device of this container',
  );
  for (const device of devices) {
    const name = device.at('name');
    const volume = checkVolumeName(name, volumes);
    if (volume !== undefined && !volume.at('persistentVolumeClaim').given && !volume.at('ephemeral').given) {
      name.refuse('only a volume of a claim can be used as a device');
    }
    const path = device.at('devicePath');
    if (path.required() && path.text.split('/').includes('..')) path.refuse('".." is not allowed in a path');
    if (mounts.some((mount) => mount.at('name').text === name.text && name.text !== '')) {
      name.refuse(`volume ${quote(name.text)} is mounted too; use it as one of the two`);
    }
    if (mounts.some((mount) => mount.at('mountPath').text === path.text && path.text !== '')) {
      path.refuse(`${quote(path.text)} is the path of a mount too`);
    }
  }
}

function checkVolumeName(name: Place, volumes: Place): Place | undefined {
  if (!name.required()) return undefined;
  return findNamed(name, volumes.items, 'volume of this pod');
}

/** Checks a path below another: relative, and never up. */
export function checkRelative(path: Place): void {
  if (path.text.startsWith('/')) path.refuse(`${quote(path.text)} must be a relative path`);
  if (path.text.split('/').includes('..')) path.refuse('".." is not allowed in a path');
}
