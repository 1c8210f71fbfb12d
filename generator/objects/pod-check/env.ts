/** Environment variables, and the ConfigMaps and Secrets that they take from. */

import type { Fault } from '../../model/finding.ts';
import { checkDnsSubdomain, checkEnvName } from '../../model/kubernetes-values.ts';
import { quote } from '../../model/quote.ts';
import { list, type Place } from './place.ts';

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const;

/** Checks a container's `env`. */
export function checkEnv(env: Place): void {
  for (const variable of env.items) {
    variable.at('name').needs(checkEnvName);
    const from = variable.at('valueFrom');
    if (!from.given) continue;
    const given = SOURCES.filter((source) => from.at(source).given);
    if (given.length === 0) from.refuse(`one of ${list(SOURCES.slice(0, 4))} is required`, 'add one of them');
    else if (given.length > 1) from.refuse(`only one of ${list(given)} may be given`, 'remove the others');
    else if (variable.at('value').text !== '')
      from.refuse('a variable has either value or valueFrom', 'remove one of the two');
    for (const ref of [from.at('configMapKeyRef'), from.at('secretKeyRef')]) {
      if (!ref.given) continue;
      ref.at('name').needs(checkDnsSubdomain);
      ref.at('key').needs(checkDataKey);
    }
  }
}

/** Checks a container's `envFrom`. */
export function checkEnvFrom(envFrom: Place): void {
  for (const source of envFrom.items) {
    source.at('prefix').whenGiven(checkEnvName);
    const given = ['configMapRef', 'secretRef'].map((key) => source.at(key)).filter((ref) => ref.given);
    if (given.length !== 1)
      source.refuse('exactly one of configMapRef and secretRef is required', 'name one object');
    for (const ref of given) ref.at('name').needs(checkDnsSubdomain);
  }
}

/** Says what is wrong with a key of a ConfigMap or Secret. */
function checkDataKey(key: string): Fault | undefined {
  if (key.length > 253)
    return { message: `${quote(key)} is ${key.length} characters long`, hint: 'use at most 253' };
  if (/^[-._a-zA-Z0-9]+$/.test(key) && key !== '.' && !key.startsWith('..')) return undefined;
  const hint = 'use letters, digits, "-", "_" and ".", and no ".." at the start';
  return { message: `${quote(key)} is not a key`, hint };
}
