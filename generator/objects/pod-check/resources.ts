/** Requests and limits of containers and of the pod. */

import { checkDnsLabel, checkResourceRequirements } from '../../model/kubernetes-values.ts';
import { findNamed, type Place } from './place.ts';

/** Checks a container's `resources`, and that its claims are the pod's. */
export function checkContainerResources(container: Place, spec: Place): void {
  const resources = container.at('resources');
  resources.adopt(checkResourceRequirements(resources.object));
  for (const claim of resources.at('claims').items) {
    const name = claim.at('name');
    if (name.required()) findNamed(name, spec.at('resourceClaims').items, 'resource claim of this pod');
  }
}

/** Checks what a pod asks for as a whole. */
export function checkPodResources(spec: Place): void {
  const resources = spec.at('resources');
  resources.adopt(checkResourceRequirements(resources.object));
  for (const claim of spec.at('resourceClaims').items) claim.at('name').needs(checkDnsLabel);
}
