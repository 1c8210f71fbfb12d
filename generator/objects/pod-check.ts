/**
 * Checks pod templates as the API server would, without a cluster: the structure against the fields of all
 * supported Kubernetes versions, then the meaning, family by family (`pod-check/`). Loaded only where a
 * template may hold what a user wrote.
 */

import type { JsonObject } from '../model/json.ts';
import { checkDnsSubdomain, checkQualifiedName } from '../model/kubernetes-values.ts';
import { checkContainers } from './pod-check/containers.ts';
import { checkMetadata } from './pod-check/metadata.ts';
import { checkNetwork } from './pod-check/network.ts';
import { Place, type PodProblem } from './pod-check/place.ts';
import { checkPodResources } from './pod-check/resources.ts';
import { checkRestrictedPod } from './pod-check/restricted.ts';
import { checkScheduling } from './pod-check/scheduling.ts';
import { checkPodSecurity } from './pod-check/security.ts';
import { checkStructure } from './pod-check/structure.ts';
import { checkVolumes } from './pod-check/volumes.ts';

export type { PodProblem } from './pod-check/place.ts';

/** What a pod template is the template of. */
export type PodOwner = 'Deployment' | 'Job';

/**
 * What the API server of one of the supported Kubernetes versions would refuse in a pod template when it is
 * applied, and what would be taken but could never run. Paths begin at the template. No message holds the
 * value of a variable. A problem with `since` is none on a cluster of that version or later.
 */
export function checkPodTemplate(template: JsonObject, kind: PodOwner): PodProblem[] {
  const problems: PodProblem[] = [];
  checkStructure(template, problems);
  const root = new Place(template, [], problems);
  const spec = root.at('spec');
  checkMetadata(root.at('metadata'), spec);
  checkOwner(spec, kind);
  checkContainers(spec);
  checkVolumes(spec.at('volumes'));
  checkPodResources(spec);
  checkPodSecurity(spec);
  checkScheduling(spec);
  checkNetwork(spec);
  return once(problems);
}

/**
 * What the `restricted` level of Pod Security would refuse in a pod template. The template must be one that
 * `checkPodTemplate` finds nothing wrong with.
 */
export function checkRestricted(template: JsonObject): PodProblem[] {
  const problems: PodProblem[] = [];
  const root = new Place(template, [], problems);
  checkRestrictedPod(root.at('metadata'), root.at('spec'));
  return once(problems);
}

/** What depends on the kind of workload, and the rest of the pod that belongs to no family. */
function checkOwner(spec: Place, kind: PodOwner): void {
  const policy = spec.at('restartPolicy');
  policy.oneOf(kind === 'Deployment' ? ['Always'] : ['Never', 'OnFailure']);
  if (kind === 'Job' && policy.text === '') policy.refuse('this value is required', { hint: 'use Never' });
  const deadline = spec.at('activeDeadlineSeconds');
  if (kind === 'Deployment' && deadline.given) deadline.refuse('the pods of a Deployment cannot have this');
  deadline.between(1, 2 ** 31 - 1);
  spec.at('terminationGracePeriodSeconds').between(0, Number.POSITIVE_INFINITY);
  spec.at('serviceAccountName').whenGiven(checkDnsSubdomain);
  for (const gate of spec.at('readinessGates').items) {
    gate.at('conditionType').needs(checkQualifiedName);
  }
  const system = spec.at('os');
  if (system.given && system.at('name').required()) system.at('name').oneOf(['linux']);
}

/** Each problem once: two checks may see the same. */
function once(problems: readonly PodProblem[]): PodProblem[] {
  const seen = new Set<string>();
  return problems.filter((problem) => {
    const identity = JSON.stringify([problem.path, problem.message]);
    if (seen.has(identity)) return false;
    seen.add(identity);
    return true;
  });
}
