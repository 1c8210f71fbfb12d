/** Requests and limits of containers and of the pod. */

import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkResourceRequirements,
} from '../../model/kubernetes-values.ts';
import { quantityMillis } from '../../model/quantity.ts';
import { findNamed, list, type Place, unique } from './place.ts';

/** Checks a container's `resources` and `resizePolicy`. */
export function checkContainerResources(container: Place, spec: Place): void {
  const resources = container.at('resources');
  resources.adopt(checkResourceRequirements(resources.object));
  for (const claim of resources.at('claims').items) {
    claim.at('request').whenGiven(checkDnsLabel);
    const name = claim.at('name');
    if (name.required()) findNamed(name, spec.at('resourceClaims').items, 'resource claim of this pod');
  }
  checkResizePolicy(container, spec);
}

function checkResizePolicy(container: Place, spec: Place): void {
  const policies = container.at('resizePolicy').items;
  unique(
    policies.map((policy) => policy.at('resourceName')),
    'resource of another rule',
  );
  const init = container.path.includes('initContainers');
  const sidecar = container.at('restartPolicy').text === 'Always';
  for (const policy of policies) {
    const name = policy.at('resourceName');
    if (name.required()) name.oneOf(['cpu', 'memory']);
    const restart = policy.at('restartPolicy');
    if (restart.required()) restart.oneOf(['NotRequired', 'RestartContainer']);
    if (restart.text !== 'RestartContainer') continue;
    if (spec.at('restartPolicy').text === 'Never')
      restart.refuse('must be NotRequired with restartPolicy: Never');
    else if (init && !sidecar) restart.refuse('must be NotRequired in init containers that are not sidecars');
  }
  if (init && policies.length > 0) {
    container.at('resizePolicy').refuse('Kubernetes before 1.33 refuses this in init containers', {
      since: '1.33',
    });
  }
}

/** Checks what a pod asks for as a whole: overhead, claims and pod-level resources. */
export function checkPodResources(spec: Place): void {
  const overhead = spec.at('overhead');
  for (const { path, ...problem } of checkResourceRequirements({ limits: overhead.object })) {
    overhead.adopt([{ ...problem, path: path.slice(1) }]);
  }
  const claims = spec.at('resourceClaims').items;
  for (const claim of claims) {
    claim.at('name').needs(checkDnsLabel);
    const names = ['resourceClaimName', 'resourceClaimTemplateName'];
    const given = names.filter((key) => claim.at(key).given);
    if (given.length !== 1 && !claim.at('source').given)
      claim.refuse(`exactly one of ${list(names)} is required`);
    for (const key of given) claim.at(key).needs(checkDnsSubdomain);
  }
  checkPodLevel(spec);
}

/** Resources of the pod as a whole (Kubernetes 1.32), which must hold those of its containers. */
function checkPodLevel(spec: Place): void {
  const resources = spec.at('resources');
  if (!resources.given) return;
  if (resources.at('claims').given) resources.at('claims').refuse('only containers may have claims');
  resources.adopt(checkResourceRequirements(resources.object));
  for (const field of ['requests', 'limits']) {
    for (const quantity of resources.at(field).fields) {
      if (!['cpu', 'memory'].includes(quantity.name) && !quantity.name.startsWith('hugepages-')) {
        quantity.refuse(`only cpu, memory and hugepages-<size> are supported for the whole pod`, {
          at: 'key',
        });
      }
    }
  }
  const containers = spec.at('containers').items;
  for (const request of resources.at('requests').fields) {
    const sum = containers.reduce((total, each) => total + amount(each, 'requests', request.name), 0n);
    if (sum > (millis(request) ?? sum)) request.refuse('the containers ask for more than that together');
  }
  for (const limit of resources.at('limits').fields) {
    const bound = millis(limit);
    for (const container of containers) {
      const own = container.at('resources').at('limits').at(limit.name);
      if (bound !== undefined && (millis(own) ?? 0n) > bound) own.refuse("this is more than the pod's limit");
    }
  }
}

function amount(container: Place, field: string, name: string): bigint {
  return millis(container.at('resources').at(field).at(name)) ?? 0n;
}

function millis(quantity: Place): bigint | undefined {
  return quantity.given ? quantityMillis(quantity.number ?? quantity.text) : undefined;
}
