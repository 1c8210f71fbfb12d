/** Selectors of labels, as affinities and claims use them. */

import { checkLabels, checkLabelValue, checkQualifiedName } from '../../model/kubernetes-values.ts';
import { quote } from '../../model/quote.ts';
import type { Place } from './place.ts';

/** Checks a label selector. */
export function checkSelector(selector: Place): void {
  const labels = selector.at('matchLabels');
  labels.adopt(checkLabels(labels.object));
  for (const expression of selector.at('matchExpressions').items) {
    checkRequirement(expression, ['In', 'NotIn', 'Exists', 'DoesNotExist'], 'checked');
  }
}

/**
 * Checks one requirement of a selector. Values need not be label values in preferences for nodes, which
 * Kubernetes leaves unchecked.
 */
export function checkRequirement(
  requirement: Place,
  operators: readonly string[],
  labelValues: 'checked' | 'free',
): void {
  const operator = requirement.at('operator');
  const values = requirement.at('values');
  if (operator.required()) operator.oneOf(operators);
  const count = values.items.length;
  switch (operator.text) {
    case 'In':
    case 'NotIn':
      if (count === 0) values.refuse(`operator ${operator.text} needs at least one value`);
      break;
    case 'Exists':
    case 'DoesNotExist':
      if (count > 0) values.refuse(`operator ${operator.text} takes no values`);
      break;
    case 'Gt':
    case 'Lt':
      if (count !== 1) values.refuse(`operator ${operator.text} needs exactly one value`);
      else checkInteger(values.items[0]);
      break;
  }
  requirement.at('key').needs(checkQualifiedName);
  if (labelValues === 'checked') for (const value of values.items) value.verify(checkLabelValue(value.text));
}

/** The API server takes any text here, the scheduler then only whole numbers. */
function checkInteger(value: Place | undefined): void {
  if (value === undefined || /^[-+]?\d+$/.test(value.text)) return;
  value.refuse(`${quote(value.text)} is not a whole number`);
}
