/**
 * Checks pod templates without a cluster: the structure against the fields of all supported Kubernetes versions, then
 * containers, mounts, resources, and names that refer to each other (`pod-check/`). The rest of what the API server
 * knows of pods is left to its dry run, which `apply` asks for, and for the worker template too. Loaded only where a
 * template may hold what a user wrote.
 */

import type { JsonObject } from '../model/json.ts';
import {
  checkAnnotations,
  checkDnsSubdomain,
  checkLabels,
  checkNodeSelector,
  checkToleration,
} from '../model/kubernetes-values.ts';
import { checkContainers } from './pod-check/containers.ts';
import { Place, type PodProblem } from './pod-check/place.ts';
import { checkPodResources } from './pod-check/resources.ts';
import { checkRestrictedPod } from './pod-check/restricted.ts';
import { checkStructure } from './pod-check/structure.ts';
import { checkVolumes } from './pod-check/volumes.ts';

export type { PodProblem } from './pod-check/place.ts';

/** What a pod template is the template of. */
export type PodOwner = 'Deployment' | 'Job';

/**
 * What an API server of the supported Kubernetes versions refuses in a pod template, as far as it is checked here, and
 * what it takes but could never run. Paths begin at the template. No message holds the value of a variable. A problem
 * with `since` is none on a cluster of that version or later.
 */
export function checkPodTemplate(template: JsonObject, kind: PodOwner): PodProblem[] {
  const problems: PodProblem[] = [];
  checkStructure(template, problems);
  const root = new Place(template, [], problems);
  const spec = root.at('spec');
  checkMetadata(root.at('metadata'));
  checkOwner(spec, kind);
  checkContainers(spec);
  checkVolumes(spec.at('volumes'));
  checkPodResources(spec);
  spec.at('nodeSelector').adopt(checkNodeSelector(spec.at('nodeSelector').object));
  for (const toleration of spec.at('tolerations').items) toleration.adopt(checkToleration(toleration.object));
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

function checkMetadata(metadata: Place): void {
  const [labels, annotations] = [metadata.at('labels'), metadata.at('annotations')];
  labels.adopt(checkLabels(labels.object));
  annotations.adopt(checkAnnotations(annotations.object));
}

/** What depends on the kind of workload, and how a pod begins and ends. */
function checkOwner(spec: Place, kind: PodOwner): void {
  const policy = spec.at('restartPolicy');
  policy.oneOf(kind === 'Deployment' ? ['Always'] : ['Never', 'OnFailure']);
  if (kind === 'Job' && policy.text === '') policy.refuse('this value is required', 'use Never');
  const deadline = spec.at('activeDeadlineSeconds');
  if (kind === 'Deployment' && deadline.given)
    deadline.refuse('the pods of a Deployment cannot have this', 'remove it');
  deadline.between(1, 2 ** 31 - 1);
  spec.at('terminationGracePeriodSeconds').between(0, Number.POSITIVE_INFINITY);
  spec.at('serviceAccountName').whenGiven(checkDnsSubdomain);
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
