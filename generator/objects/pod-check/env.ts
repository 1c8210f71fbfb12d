/** Environment variables, and what they and volumes take from the pod and its containers. */

import {
  canonicalQuantity,
  checkAnnotationKey,
  checkDnsLabel,
  checkDnsSubdomain,
  checkEnvName,
  checkQualifiedName,
  checkQuantity,
  compareQuantities,
} from '../../model/kubernetes-values.ts';
import { quote } from '../../model/quote.ts';
import { findNamed, list, type Place } from './place.ts';

const SOURCES = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const;

/** Fields of the pod that a variable can have. */
const ENV_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

/** Fields of the pod that a file in a volume can have. */
const FILE_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.labels',
  'metadata.annotations',
  'metadata.uid',
];

const RESOURCES = ['cpu', 'memory', 'ephemeral-storage'];
const SIZE_DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];

/** Checks a container's `env`. */
export function checkEnv(env: Place, spec: Place): void {
  for (const variable of env.items) {
    variable.at('name').needs(checkEnvName);
    const from = variable.at('valueFrom');
    if (!from.given) continue;
    const given = SOURCES.filter((source) => from.at(source).given);
    if (given.length === 0) from.refuse(`one of ${list(SOURCES.slice(0, 4))} is required`);
    else if (given.length > 1) from.refuse(`only one of ${list(given)} may be given`);
    else if (variable.at('value').text !== '') from.refuse('a variable has either value or valueFrom');
    checkFieldRef(from.at('fieldRef'), ENV_FIELDS);
    checkResourceFieldRef(from.at('resourceFieldRef'), 'env');
    checkKeyRef(from.at('configMapKeyRef'));
    checkKeyRef(from.at('secretKeyRef'));
    checkFileKeyRef(from.at('fileKeyRef'), spec);
  }
}

/** Checks a container's `envFrom`. */
export function checkEnvFrom(envFrom: Place): void {
  for (const source of envFrom.items) {
    source.at('prefix').whenGiven(checkEnvName);
    const given = ['configMapRef', 'secretRef'].map((key) => source.at(key)).filter((ref) => ref.given);
    if (given.length !== 1) source.refuse('exactly one of configMapRef and secretRef is required');
    for (const ref of given) ref.at('name').needs(checkDnsSubdomain);
  }
}

/** Checks a reference to a field of the pod. */
export function checkFieldRef(ref: Place, fields: readonly string[] = FILE_FIELDS): void {
  if (!ref.given) return;
  const version = ref.at('apiVersion');
  if (!['', 'v1'].includes(version.text)) version.refuse(`${quote(version.text)} is not supported; use v1`);
  const path = ref.at('fieldPath');
  if (!path.required()) return;
  const [, map, key] = /^(.+?)\['(.*)'\]$/s.exec(path.text) ?? [];
  if (map === undefined || key === undefined) {
    const known = path.text === 'spec.host' ? 'spec.nodeName' : path.text;
    if (!fields.includes(known)) {
      path.refuse(`${quote(path.text)} cannot be taken from the pod`, { hint: `use ${list(fields)}` });
    } else if (path.text === 'status.hostIPs') {
      path.refuse('Kubernetes before 1.29 does not offer this field', { since: '1.29' });
    }
  } else if (map === 'metadata.labels') path.verify(checkQualifiedName(key));
  else if (map === 'metadata.annotations') path.verify(checkAnnotationKey(key));
  else path.refuse(`${quote(map)} has no keys; only metadata.labels and metadata.annotations have`);
}

/** Checks a reference to a container's resources; a file must say whose, a variable need not. */
export function checkResourceFieldRef(ref: Place, use: 'env' | 'file'): void {
  if (!ref.given) return;
  if (use === 'file' && !ref.at('containerName').required()) return;
  const resource = ref.at('resource');
  if (!resource.required()) return;
  const [, name = ''] = /^(?:limits|requests)\.(.*)$/.exec(resource.text) ?? [];
  const huge = name.startsWith('hugepages-');
  if (!huge && !RESOURCES.includes(name)) {
    const known = RESOURCES.flatMap((each) => [`limits.${each}`, `requests.${each}`]);
    resource.refuse(`${quote(resource.text)} is not supported`, { hint: `use ${list(known)}` });
    return;
  }
  const divisor = ref.at('divisor');
  const value = divisor.number ?? (divisor.text || undefined);
  if (value === undefined || checkQuantity(value) !== undefined || compareQuantities(value, 0) === 0) return;
  const known = name === 'cpu' ? ['1', '1m'] : SIZE_DIVISORS;
  if (!known.includes(canonicalQuantity(value))) {
    divisor.refuse(`${quote(value)} is not supported`, { hint: `use ${list(known)}` });
  }
}

/** Checks a reference to a key of a ConfigMap or Secret. */
function checkKeyRef(ref: Place): void {
  if (!ref.given) return;
  ref.at('name').needs(checkDnsSubdomain);
  ref.at('key').needs(checkDataKey);
}

/** Says what is wrong with a key of a ConfigMap or Secret. */
function checkDataKey(key: string): string | undefined {
  if (key.length > 253) return `${quote(key)} is ${key.length} characters long; the limit is 253`;
  if (/^[-._a-zA-Z0-9]+$/.test(key) && key !== '.' && !key.startsWith('..')) return undefined;
  return `${quote(key)} is not a key; use letters, digits, "-", "_" and ".", and no ".." at the start`;
}

/** A variable from a file in an emptyDir (Kubernetes 1.34). */
function checkFileKeyRef(ref: Place, spec: Place): void {
  if (!ref.given) return;
  ref.at('key').required();
  const path = ref.at('path');
  if (path.required() && path.text.split('/').includes('..')) path.refuse('".." is not allowed in a path');
  const name = ref.at('volumeName');
  name.needs(checkDnsLabel);
  if (name.text === '') return;
  const volume = findNamed(name, spec.at('volumes').items, 'volume of this pod');
  if (volume !== undefined && !volume.at('emptyDir').given) name.refuse('the volume must be an emptyDir');
}
