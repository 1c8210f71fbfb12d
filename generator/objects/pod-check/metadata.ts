/** The labels and annotations of a pod template. */

import { checkAnnotations, checkLabels } from '../../model/kubernetes-values.ts';
import type { Place } from './place.ts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const APPARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

/** Checks labels and annotations, and the values of those annotations that Kubernetes itself reads. */
export function checkMetadata(metadata: Place, spec: Place): void {
  const labels = metadata.at('labels');
  labels.adopt(checkLabels(labels.object));
  const annotations = metadata.at('annotations');
  annotations.adopt(checkAnnotations(annotations.object));
  const containers = [...spec.at('containers').items, ...spec.at('initContainers').items];
  for (const annotation of annotations.fields) {
    const { name, text } = annotation;
    if (name === DELETION_COST) {
      if (!/^(?:0|-?[1-9]\d*|-0+\d*)$/.test(text) || Math.abs(Number(text) + 0.5) > 2 ** 31) {
        annotation.refuse('this must be a whole number of 32 bits');
      }
    } else if (name === SECCOMP_POD) {
      checkSeccomp(annotation, spec.at('securityContext').at('seccompProfile'));
    } else if (name.startsWith(SECCOMP_CONTAINER)) {
      const container = find(containers, name.slice(SECCOMP_CONTAINER.length));
      checkSeccomp(annotation, container?.at('securityContext').at('seccompProfile'));
    } else if (name.startsWith(APPARMOR)) {
      const container = find(containers, name.slice(APPARMOR.length));
      if (container === undefined) annotation.refuse('no container has this name', { at: 'key' });
      checkAppArmor(annotation, spec, container);
    }
  }
}

function find(containers: readonly Place[], name: string): Place | undefined {
  return containers.find((container) => container.at('name').text === name);
}

/** An old seccomp annotation: its form, and that it says the same as the field that replaced it. */
function checkSeccomp(annotation: Place, field: Place | undefined): void {
  const { text } = annotation;
  const defaults = ['runtime/default', 'docker/default'];
  if (![...defaults, 'unconfined'].includes(text) && !text.startsWith('localhost/')) {
    annotation.refuse('this is not a seccomp profile', {
      hint: 'set securityContext.seccompProfile instead, which replaced the annotation',
    });
    return;
  }
  if (text.startsWith('localhost/') && (text.startsWith('localhost//') || text.split('/').includes('..'))) {
    annotation.refuse('the path of the profile must be relative, without ".."');
  }
  if (field === undefined || !field.given) return;
  const type = field.at('type').text;
  const agrees =
    (type === 'Unconfined' && text === 'unconfined') ||
    (type === 'RuntimeDefault' && defaults.includes(text)) ||
    (type === 'Localhost' && text === `localhost/${field.at('localhostProfile').text}`) ||
    !['Unconfined', 'RuntimeDefault', 'Localhost'].includes(type);
  if (!agrees) annotation.refuse('securityContext.seccompProfile says something else; leave this out');
}

/** An old AppArmor annotation: its form, and that it says the same as the field that replaced it. */
function checkAppArmor(annotation: Place, spec: Place, container: Place | undefined): void {
  const { text } = annotation;
  if (!['', 'runtime/default', 'unconfined'].includes(text) && !text.startsWith('localhost/')) {
    annotation.refuse('this is not an AppArmor profile', {
      hint: 'use runtime/default, unconfined or localhost/<profile>',
    });
    return;
  }
  const own = container?.at('securityContext').at('appArmorProfile');
  const field = own?.given ? own : spec.at('securityContext').at('appArmorProfile');
  if (container === undefined || !field.given) return;
  const type = field.at('type').text;
  const agrees =
    (type === 'Unconfined' && text === 'unconfined') ||
    (type === 'RuntimeDefault' && text === 'runtime/default') ||
    (type === 'Localhost' && text === `localhost/${field.at('localhostProfile').text}`) ||
    !['Unconfined', 'RuntimeDefault', 'Localhost'].includes(type);
  if (!agrees) annotation.refuse('securityContext.appArmorProfile says something else; leave this out');
}
