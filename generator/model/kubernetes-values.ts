/**
 * Checks of single Kubernetes values, as the API server makes them, without a cluster.
 *
 * A check of a scalar returns undefined when the value is fine, or else what is wrong with it. A check of an
 * object or a list returns problems with paths relative to it; a wrong JSON type in there is the schema's
 * to report and passed over. None of them throws.
 *
 * The rules are those of Kubernetes 1.28 to 1.37 together: what one of these versions refuses is refused
 * here. Where a check is stricter than all of them, its comment says so. The patterns are the same rules
 * for JSON Schema, written so that the `pattern` of an HTML input takes them too (RegExp flag `v`).
 */

import type { Fault } from './finding.ts';
import { isObject, type Json, type JsonObject, type Path } from './json.ts';
import { checkQuantity, quantityMillis } from './quantity.ts';
import { quote } from './quote.ts';

export {
  checkImage,
  checkImageDigest,
  checkImageRepository,
  checkImageTag,
  imageDigestPattern,
  imageRepositoryPattern,
  imageTagPattern,
} from './image.ts';
export {
  canonicalQuantity,
  canonicalResourceQuantity,
  checkQuantity,
  compareQuantities,
  quantityPattern,
} from './quantity.ts';

/** Something that the API server would refuse, or that could never run. */
export interface ValueProblem extends Fault {
  /** Where it stands, from the checked value on. */
  readonly path: Path;
  /** Whether it is about the key rather than the value. @default 'value' */
  readonly at?: 'key' | 'value';
}

const LABEL = '[a-z0-9](?:[\\-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(?:\\.${LABEL})*`;

/** An RFC 1123 label: the name of a Namespace, a container, a volume. */
export const dnsLabelPattern = '^[a-z0-9](?:[\\-a-z0-9]{0,61}[a-z0-9])?$';
/** An RFC 1123 subdomain: the name of most objects. */
export const dnsSubdomainPattern = `^(?=.{1,253}$)${SUBDOMAIN}$`;
/** The key of a label or an annotation, its optional prefix included. */
export const labelKeyPattern = `^(?:(?=[^\\/]{1,253}/)${SUBDOMAIN}/)?[A-Za-z0-9](?:[\\-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$`;
/** The value of a label, which may be empty. */
export const labelValuePattern = '^(?:[A-Za-z0-9](?:[\\-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$';
/** The name of a port (IANA_SVC_NAME). */
export const portNamePattern = '^(?=.*[a-z])(?!.*--)[a-z0-9](?:[\\-a-z0-9]{0,13}[a-z0-9])?$';
/** The name of an environment variable. */
export const envNamePattern = '^(?!\\.$|\\.\\.)[\\-._a-zA-Z][\\-._a-zA-Z0-9]*$';

const dnsLabel = new RegExp(dnsLabelPattern);
const dnsSubdomain = new RegExp(dnsSubdomainPattern);
const labelName = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelValue = new RegExp(labelValuePattern);
const portName = new RegExp(portNamePattern);
const envName = new RegExp(envNamePattern);

/** Says what is wrong with an RFC 1123 label (at most 63 characters, no dots). */
export function checkDnsLabel(text: string): Fault | undefined {
  if (dnsLabel.test(text)) return undefined;
  return badText(
    text,
    63,
    'a DNS label',
    'use lower-case letters, digits and "-", a letter or digit at both ends',
  );
}

/** Says what is wrong with an RFC 1123 subdomain (at most 253 characters). */
export function checkDnsSubdomain(text: string): Fault | undefined {
  if (dnsSubdomain.test(text)) return undefined;
  const hint = 'use lower-case letters, digits, "-" and ".", a letter or digit at both ends of each part';
  return badText(text, 253, 'a DNS name', hint);
}

/** Says what is wrong with a label's key: a name, or a DNS name, `/` and a name. */
export function checkQualifiedName(text: string): Fault | undefined {
  const parts = text.split('/');
  const hint = 'write it like name or example.com/name';
  if (parts.length > 2) return { message: `${quote(text)} has more than one "/"`, hint };
  const name = parts.at(-1) ?? '';
  const prefix = parts.length === 2 ? checkDnsSubdomain(parts[0] ?? '') : undefined;
  if (prefix !== undefined) return { ...prefix, message: `before the "/": ${prefix.message}` };
  if (labelName.test(name)) return undefined;
  if (name === '' && parts.length === 2) return { message: `${quote(text)} has no name after "/"`, hint };
  return badText(name, 63, 'a label name', labelHint);
}

/** Says what is wrong with an annotation's key, whose prefix may have upper-case letters. */
export function checkAnnotationKey(text: string): Fault | undefined {
  return checkQualifiedName(text.toLowerCase());
}

/** Says what is wrong with a label's value (at most 63 characters, may be empty). */
export function checkLabelValue(text: string): Fault | undefined {
  return labelValue.test(text) ? undefined : badText(text, 63, 'a label value', labelHint);
}

/** Says what is wrong with a port number. */
export function checkPort(value: number): Fault | undefined {
  if (Number.isInteger(value) && value >= 1 && value <= 65535) return undefined;
  return { message: `${value} is not a port`, hint: 'use a whole number from 1 to 65535' };
}

/** Says what is wrong with the name of a port. */
export function checkPortName(text: string): Fault | undefined {
  if (portName.test(text)) return undefined;
  const hint = 'use lower-case letters, digits and single "-" between them, at least one letter';
  return badText(text, 15, 'a port name', hint);
}

/** Says what is wrong with the name of an environment variable, by the rules before Kubernetes 1.30. */
export function checkEnvName(text: string): Fault | undefined {
  if (envName.test(text)) return undefined;
  const hint = 'use letters, digits, "_", "-" and ".", no digit first, and no ".." at the start';
  return badText(text, Number.POSITIVE_INFINITY, 'a variable name', hint);
}

/** What is wrong with a map of labels, or with a node selector, which follows the same rules. */
export function checkLabels(value: JsonObject): ValueProblem[] {
  const problems: ValueProblem[] = [];
  for (const [key, text] of Object.entries(value)) {
    report(problems, [key], checkQualifiedName(key), 'key');
    if (typeof text === 'string') report(problems, [key], checkLabelValue(text));
  }
  return problems;
}

/** What is wrong with a node selector. */
export function checkNodeSelector(value: JsonObject): ValueProblem[] {
  return checkLabels(value);
}

/** What is wrong with a map of annotations: their keys, and their size together (256 KiB). */
export function checkAnnotations(value: JsonObject): ValueProblem[] {
  const problems: ValueProblem[] = [];
  let size = 0;
  for (const [key, text] of Object.entries(value)) {
    report(problems, [key], checkAnnotationKey(key), 'key');
    size += Buffer.byteLength(key) + (typeof text === 'string' ? Buffer.byteLength(text) : 0);
  }
  if (size > ANNOTATIONS_LIMIT) {
    problems.push({
      path: [],
      message: `all keys and values together are ${size} bytes long`,
      hint: `use at most ${ANNOTATIONS_LIMIT}`,
    });
  }
  return problems;
}

const ANNOTATIONS_LIMIT = 256 * 1024;

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/**
 * What is wrong with a toleration. `Gt` and `Lt` are refused: Kubernetes before 1.35 does not know them,
 * later ones only behind a feature gate.
 */
export function checkToleration(value: JsonObject): ValueProblem[] {
  const problems: ValueProblem[] = [];
  const key = text(value.key);
  const operator = text(value.operator);
  const effect = text(value.effect);
  if (key !== '') report(problems, ['key'], checkQualifiedName(key));
  if (!['', 'Equal', 'Exists'].includes(operator)) {
    problems.push({
      path: ['operator'],
      message: `${quote(operator)} is not an operator`,
      hint: 'use Equal or Exists',
    });
  } else if (key === '' && operator !== 'Exists') {
    problems.push({
      path: ['operator'],
      message: 'there is no key to compare',
      hint: 'use Exists, or add key',
    });
  }
  if (operator === 'Exists') {
    if (text(value.value) !== '') {
      problems.push({
        path: ['value'],
        message: 'the operator Exists takes no value',
        hint: 'remove the line',
      });
    }
  } else report(problems, ['value'], checkLabelValue(text(value.value)));
  if (effect !== '' && !EFFECTS.includes(effect)) {
    problems.push({
      path: ['effect'],
      message: `${quote(effect)} is not an effect`,
      hint: `use ${EFFECTS.join(', ')} or none`,
    });
  } else if (typeof value.tolerationSeconds === 'number' && effect !== 'NoExecute') {
    const hint = 'set effect: NoExecute, or remove the line';
    problems.push({ path: ['tolerationSeconds'], message: 'this acts only with effect NoExecute', hint });
  }
  return problems;
}

/** What is wrong with a container's `resources`: names, quantities, and requests against limits. */
export function checkResourceRequirements(value: JsonObject): ValueProblem[] {
  const requests = isObject(value.requests) ? value.requests : {};
  const limits = isObject(value.limits) ? value.limits : {};
  const problems = [...checkResources(requests, 'requests'), ...checkResources(limits, 'limits')];
  for (const [name, quantity] of Object.entries(requests)) {
    const request = millis(quantity);
    const limit = Object.hasOwn(limits, name) ? millis(limits[name]) : undefined;
    if (request === undefined) continue;
    if (limit === undefined) {
      if (!mayOvercommit(name) && !Object.hasOwn(limits, name)) {
        const message = 'there is no limit, and it cannot be overcommitted';
        problems.push({ path: ['requests', name], message, hint: 'add a limit of the same size' });
      }
    } else if (request !== limit && !mayOvercommit(name)) {
      const message = `${quantity} is not the limit, ${limits[name]}, and it cannot be overcommitted`;
      problems.push({ path: ['requests', name], message, hint: 'let both be the same' });
    } else if (request > limit) {
      problems.push({
        path: ['requests', name],
        message: `${quantity} is more than the limit, ${limits[name]}`,
        hint: 'let the request be at most the limit; set both',
      });
    }
  }
  const names = [...Object.keys(requests), ...Object.keys(limits)];
  if (
    names.some((name) => name.startsWith(HUGE_PAGES)) &&
    !names.includes('cpu') &&
    !names.includes('memory')
  ) {
    problems.push({ path: [], message: 'huge pages stand alone', hint: 'add cpu or memory beside them' });
  }
  return problems;
}

const HUGE_PAGES = 'hugepages-';
const STANDARD_RESOURCES = ['cpu', 'memory', 'ephemeral-storage'];

function checkResources(resources: JsonObject, field: string): ValueProblem[] {
  const problems: ValueProblem[] = [];
  for (const [name, quantity] of Object.entries(resources)) {
    const path = [field, name];
    report(problems, path, checkResourceName(name), 'key');
    if (typeof quantity !== 'string' && typeof quantity !== 'number') continue;
    const wrong = checkQuantity(quantity);
    report(problems, path, wrong);
    const amount = millis(quantity);
    if (wrong !== undefined || amount === undefined) continue;
    if (amount < 0n) problems.push({ path, message: `${quantity} is negative`, hint: 'use 0 or more' });
    if (isExtended(name) && amount % 1000n !== 0n) {
      const message = `${quantity} is not whole, and ${name} cannot be split`;
      problems.push({ path, message, hint: 'use a whole number' });
    }
    if (name.startsWith(HUGE_PAGES)) report(problems, path, checkHugePages(name, quantity, amount));
  }
  return problems;
}

function checkResourceName(name: string): Fault | undefined {
  const wrong = checkQualifiedName(name);
  if (wrong !== undefined) return wrong;
  if (!name.includes('/')) {
    if (STANDARD_RESOURCES.includes(name) || name.startsWith(HUGE_PAGES)) return undefined;
    const hint = `use ${STANDARD_RESOURCES.join(', ')}, ${HUGE_PAGES}<size> or a name with a domain`;
    return { message: `${quote(name)} is not a resource of containers`, hint };
  }
  if (mayOvercommit(name) || isExtended(name)) return undefined;
  const hint = 'use a domain of at most 244 characters that does not start with "requests."';
  return { message: `${quote(name)} is not a resource name`, hint };
}

/** Pages are handed out whole: the amount must be a multiple of the page size in the name. */
function checkHugePages(name: string, quantity: Json, amount: bigint): Fault | undefined {
  const size = name.slice(HUGE_PAGES.length);
  const page = quantityMillis(size);
  if (page === undefined || page <= 0n || page % 1000n !== 0n)
    return { message: `${quote(size)} is not a page size`, hint: `write it like ${HUGE_PAGES}2Mi` };
  const whole = amount % 1000n === 0n ? amount : (amount / 1000n + 1n) * 1000n;
  if (whole % page === 0n) return undefined;
  const message = `${quantity} is not a multiple of the page size ${size}`;
  return { message, hint: 'ask for whole pages' };
}

/** Resources of devices and the like, which are counted: any domain but Kubernetes' own. */
function isExtended(name: string): boolean {
  if (!name.includes('/') || name.includes('kubernetes.io/') || name.startsWith('requests.')) return false;
  return checkQualifiedName(`requests.${name}`) === undefined;
}

function mayOvercommit(name: string): boolean {
  return (!name.includes('/') || name.includes('kubernetes.io/')) && !name.startsWith(HUGE_PAGES);
}

function millis(value: Json | undefined): bigint | undefined {
  return typeof value === 'string' || typeof value === 'number' ? quantityMillis(value) : undefined;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

function report(problems: ValueProblem[], path: Path, fault: Fault | undefined, at?: 'key'): void {
  if (fault !== undefined) problems.push({ path, ...fault, ...(at === undefined ? {} : { at }) });
}

const labelHint = 'use letters, digits, "-", "_" and ".", a letter or digit at both ends';

/** What is wrong with a text that has not the form of something. */
function badText(text: string, limit: number, what: string, hint: string): Fault {
  if (text === '') return { message: 'the text is empty', hint };
  if (text.length <= limit) return { message: `${quote(text)} is not ${what}`, hint };
  return { message: `${quote(text)} is ${text.length} characters long`, hint: `use at most ${limit}` };
}
