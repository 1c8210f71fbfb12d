/**
 * Checks of single Kubernetes values, as the API server makes them, without a cluster.
 *
 * A check of a scalar returns undefined when the value is fine, or else a short message. A check of an
 * object or a list returns problems with paths relative to it; a wrong JSON type in there is the schema's
 * to report and passed over. None of them throws.
 *
 * The rules are those of Kubernetes 1.28 to 1.37 together: what one of these versions refuses is refused
 * here. Where a check is stricter than all of them, its comment says so. The patterns are the same rules
 * for JSON Schema, written so that the `pattern` of an HTML input takes them too (RegExp flag `v`).
 */

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
export interface ValueProblem {
  /** Where it stands, from the checked value on. */
  readonly path: Path;
  /** What is wrong, understandable with the path alone. */
  readonly message: string;
  /** What to do about it, where the message does not say. */
  readonly hint?: string;
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
export function checkDnsLabel(text: string): string | undefined {
  if (dnsLabel.test(text)) return undefined;
  return (
    emptyOrLong(text, 63) ??
    `${quote(text)} is not a DNS label; use lower-case letters, digits and "-", a letter or digit at both ends`
  );
}

/** Says what is wrong with an RFC 1123 subdomain (at most 253 characters). */
export function checkDnsSubdomain(text: string): string | undefined {
  if (dnsSubdomain.test(text)) return undefined;
  return (
    emptyOrLong(text, 253) ??
    `${quote(text)} is not a DNS name; use lower-case letters, digits, "-" and ".", a letter or digit at both ends of each part`
  );
}

/** Says what is wrong with a label's key: a name, or a DNS name, `/` and a name. */
export function checkQualifiedName(text: string): string | undefined {
  const parts = text.split('/');
  if (parts.length > 2) return `${quote(text)} has more than one "/"`;
  const name = parts.at(-1) ?? '';
  if (parts.length === 2) {
    const prefix = checkDnsSubdomain(parts[0] ?? '');
    if (prefix !== undefined)
      return `the part before "/" ${/^must/.test(prefix) ? prefix : `in ${quote(text)}: ${prefix}`}`;
  }
  if (labelName.test(name)) return undefined;
  if (name === '') return parts.length === 2 ? `${quote(text)} has no name after "/"` : 'must not be empty';
  return (
    emptyOrLong(name, 63) ??
    `${quote(name)} is not a label name; use letters, digits, "-", "_" and ".", a letter or digit at both ends`
  );
}

/** Says what is wrong with an annotation's key, whose prefix may have upper-case letters. */
export function checkAnnotationKey(text: string): string | undefined {
  return checkQualifiedName(text.toLowerCase());
}

/** Says what is wrong with a label's value (at most 63 characters, may be empty). */
export function checkLabelValue(text: string): string | undefined {
  if (labelValue.test(text)) return undefined;
  return (
    emptyOrLong(text, 63) ??
    `${quote(text)} is not a label value; use letters, digits, "-", "_" and ".", a letter or digit at both ends`
  );
}

/** Says what is wrong with a port number. */
export function checkPort(value: number): string | undefined {
  if (Number.isInteger(value) && value >= 1 && value <= 65535) return undefined;
  return `${value} is not a port; use a whole number from 1 to 65535`;
}

/** Says what is wrong with the name of a port. */
export function checkPortName(text: string): string | undefined {
  if (portName.test(text)) return undefined;
  return (
    emptyOrLong(text, 15) ??
    `${quote(text)} is not a port name; use lower-case letters, digits and single "-" between them, at least one letter`
  );
}

/** Says what is wrong with the name of an environment variable, by the rules before Kubernetes 1.30. */
export function checkEnvName(text: string): string | undefined {
  if (text === '') return 'must not be empty';
  if (envName.test(text)) return undefined;
  return `${quote(text)} is not a variable name; use letters, digits, "_", "-" and ".", no digit first, and no ".." at the start`;
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
      message: `is ${size} bytes long with all keys and values; the limit is ${ANNOTATIONS_LIMIT}`,
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
      message: `${quote(operator)} is not an operator; use Equal or Exists`,
    });
  } else if (key === '' && operator !== 'Exists') {
    problems.push({ path: ['operator'], message: 'must be Exists where there is no key' });
  }
  if (operator === 'Exists') {
    if (text(value.value) !== '') {
      problems.push({ path: ['value'], message: 'must be empty with operator Exists' });
    }
  } else report(problems, ['value'], checkLabelValue(text(value.value)));
  if (effect !== '' && !EFFECTS.includes(effect)) {
    problems.push({
      path: ['effect'],
      message: `${quote(effect)} is not an effect; use ${EFFECTS.join(', ')} or none`,
    });
  } else if (typeof value.tolerationSeconds === 'number' && effect !== 'NoExecute') {
    problems.push({ path: ['tolerationSeconds'], message: 'acts only with effect NoExecute' });
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
        problems.push({ path: ['requests', name], message: 'needs a limit of the same size' });
      }
    } else if (request !== limit && !mayOvercommit(name)) {
      problems.push({ path: ['requests', name], message: `must equal the limit, ${limits[name]}` });
    } else if (request > limit) {
      problems.push({
        path: ['requests', name],
        message: `${quantity} is more than the limit, ${limits[name]}`,
      });
    }
  }
  const names = [...Object.keys(requests), ...Object.keys(limits)];
  if (
    names.some((name) => name.startsWith(HUGE_PAGES)) &&
    !names.includes('cpu') &&
    !names.includes('memory')
  ) {
    problems.push({ path: [], message: 'huge pages need cpu or memory beside them' });
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
    if (amount < 0n) problems.push({ path, message: `${quantity} is negative` });
    if (isExtended(name) && amount % 1000n !== 0n) {
      problems.push({ path, message: `${quantity} is not whole, and ${name} cannot be split` });
    }
    if (name.startsWith(HUGE_PAGES)) report(problems, path, checkHugePages(name, quantity, amount));
  }
  return problems;
}

function checkResourceName(name: string): string | undefined {
  const wrong = checkQualifiedName(name);
  if (wrong !== undefined) return wrong;
  if (!name.includes('/')) {
    if (STANDARD_RESOURCES.includes(name) || name.startsWith(HUGE_PAGES)) return undefined;
    return `${quote(name)} is not a resource of containers; use ${STANDARD_RESOURCES.join(', ')}, ${HUGE_PAGES}<size> or a name with a domain`;
  }
  if (mayOvercommit(name) || isExtended(name)) return undefined;
  return `${quote(name)} is not a resource name; its domain must not start with "requests." and have at most 244 characters`;
}

/** Pages are handed out whole: the amount must be a multiple of the page size in the name. */
function checkHugePages(name: string, quantity: Json, amount: bigint): string | undefined {
  const size = name.slice(HUGE_PAGES.length);
  const page = quantityMillis(size);
  if (page === undefined || page <= 0n || page % 1000n !== 0n) return `${quote(size)} is not a page size`;
  const whole = amount % 1000n === 0n ? amount : (amount / 1000n + 1n) * 1000n;
  return whole % page === 0n ? undefined : `${quantity} is not a multiple of the page size ${size}`;
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

function report(problems: ValueProblem[], path: Path, message: string | undefined, at?: 'key'): void {
  if (message !== undefined) problems.push({ path, message, ...(at === undefined ? {} : { at }) });
}

function emptyOrLong(text: string, limit: number): string | undefined {
  if (text === '') return 'must not be empty';
  if (text.length > limit) return `${quote(text)} is ${text.length} characters long; the limit is ${limit}`;
  return undefined;
}
