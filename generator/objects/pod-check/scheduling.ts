/** Where a pod may run: node selector, tolerations, affinities and spreading. */

import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkNodeSelector,
  checkQualifiedName,
  checkToleration,
} from '../../model/kubernetes-values.ts';
import { quote } from '../../model/quote.ts';
import type { Place } from './place.ts';
import { checkRequirement, checkSelector } from './selectors.ts';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';
const NODE_OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Gt', 'Lt'];

/** Checks everything that the scheduler goes by. */
export function checkScheduling(spec: Place): void {
  const nodes = spec.at('nodeSelector');
  nodes.adopt(checkNodeSelector(nodes.object));
  for (const toleration of spec.at('tolerations').items) toleration.adopt(checkToleration(toleration.object));
  const affinity = spec.at('affinity');
  checkNodeAffinity(affinity.at('nodeAffinity'));
  checkPodAffinity(affinity.at('podAffinity'));
  checkPodAffinity(affinity.at('podAntiAffinity'));
  checkSpread(spec.at('topologySpreadConstraints').items);
  for (const gate of spec.at('schedulingGates').items) gate.at('name').needs(checkQualifiedName);
  spec.at('nodeName').whenGiven(checkDnsSubdomain);
  spec.at('priorityClassName').whenGiven(checkDnsSubdomain);
  const runtime = spec.at('runtimeClassName');
  if (runtime.given) runtime.needs(checkDnsSubdomain);
  spec.at('preemptionPolicy').oneOf(['PreemptLowerPriority', 'Never'], 'refused');
}

function checkNodeAffinity(affinity: Place): void {
  const required = affinity.at(REQUIRED);
  const terms = required.at('nodeSelectorTerms');
  if (required.given && terms.items.length === 0) terms.refuse('at least one term is required');
  for (const term of terms.items) checkNodeTerm(term, 'checked');
  for (const preferred of affinity.at(PREFERRED).items) {
    checkWeight(preferred.at('weight'));
    checkNodeTerm(preferred.at('preference'), 'free');
  }
}

function checkNodeTerm(term: Place, labelValues: 'checked' | 'free'): void {
  for (const expression of term.at('matchExpressions').items) {
    checkRequirement(expression, NODE_OPERATORS, labelValues);
  }
  for (const field of term.at('matchFields').items) {
    const [key, operator, values] = [field.at('key'), field.at('operator'), field.at('values')];
    if (key.required()) key.oneOf(['metadata.name']);
    if (operator.required()) operator.oneOf(['In', 'NotIn']);
    if (values.items.length !== 1) values.refuse('exactly one value is required for a field');
    for (const value of values.items) value.verify(checkDnsSubdomain(value.text));
  }
}

function checkWeight(weight: Place): void {
  if (weight.given) weight.between(1, 100);
  else weight.refuse('this value is required');
}

function checkPodAffinity(affinity: Place): void {
  for (const term of affinity.at(REQUIRED).items) checkPodTerm(term);
  for (const preferred of affinity.at(PREFERRED).items) {
    checkWeight(preferred.at('weight'));
    checkPodTerm(preferred.at('podAffinityTerm'));
  }
}

function checkPodTerm(term: Place): void {
  checkSelector(term.at('labelSelector'));
  checkSelector(term.at('namespaceSelector'));
  for (const namespace of term.at('namespaces').items) namespace.verify(checkDnsLabel(namespace.text));
  term.at('topologyKey').needs(checkQualifiedName);
  checkLabelKeys(term, 'matchLabelKeys');
  checkLabelKeys(term, 'mismatchLabelKeys');
  const mismatched = new Set(term.at('mismatchLabelKeys').items.map((key) => key.text));
  for (const key of term.at('matchLabelKeys').items) {
    if (mismatched.has(key.text)) key.refuse('this key stands in mismatchLabelKeys too');
  }
}

function checkSpread(constraints: readonly Place[]): void {
  for (const constraint of constraints) {
    const skew = constraint.at('maxSkew');
    if (skew.given) skew.between(1, Number.POSITIVE_INFINITY);
    else skew.refuse('this value is required');
    constraint.at('topologyKey').required();
    const action = constraint.at('whenUnsatisfiable');
    if (action.required()) action.oneOf(['DoNotSchedule', 'ScheduleAnyway']);
    const domains = constraint.at('minDomains');
    domains.between(1, Number.POSITIVE_INFINITY);
    if (domains.given && action.text !== 'DoNotSchedule') {
      domains.refuse('this needs whenUnsatisfiable: DoNotSchedule');
    }
    for (const key of ['nodeAffinityPolicy', 'nodeTaintsPolicy']) {
      constraint.at(key).oneOf(['Honor', 'Ignore'], 'refused');
    }
    checkSelector(constraint.at('labelSelector'));
    checkLabelKeys(constraint, 'matchLabelKeys');
  }
}

/** Keys whose values a selector takes from the pod itself: not with the same key in the selector. */
function checkLabelKeys(term: Place, field: 'matchLabelKeys' | 'mismatchLabelKeys'): void {
  const keys = term.at(field);
  if (keys.items.length === 0) return;
  const selector = term.at('labelSelector');
  if (!selector.given) keys.refuse('this needs a labelSelector beside it');
  const selected = [
    ...Object.keys(selector.at('matchLabels').object),
    ...selector.at('matchExpressions').items.map((expression) => expression.at('key').text),
  ];
  for (const key of keys.items) {
    key.verify(checkQualifiedName(key.text));
    if (field === 'matchLabelKeys' && selected.includes(key.text)) {
      key.refuse(`labelSelector has ${quote(key.text)} too`);
    }
  }
}
