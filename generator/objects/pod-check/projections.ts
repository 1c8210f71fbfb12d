/** Files that come from ConfigMaps, Secrets, the pod itself and tokens. */

import { checkAnnotations, checkDnsLabel, checkDnsSubdomain } from '../../model/kubernetes-values.ts';
import { quote } from '../../model/quote.ts';
import { checkFieldRef, checkResourceFieldRef } from './env.ts';
import { checkRelative } from './mounts.ts';
import { list, type Place } from './place.ts';
import { checkSelector } from './selectors.ts';

const SOURCES = [
  'secret',
  'configMap',
  'downwardAPI',
  'serviceAccountToken',
  'clusterTrustBundle',
  'podCertificate',
];

/** Checks the permissions of a file. */
export function checkMode(mode: Place): void {
  const value = mode.number;
  if (value === undefined || (value >= 0 && value <= 0o777)) return;
  mode.refuse(`${value} is not a file mode`, { hint: 'use 0 to 0777, which is 511 as a decimal number' });
}

/** Checks which keys become which files. */
export function checkKeys(items: Place): void {
  for (const item of items.items) {
    item.at('key').required();
    checkFilePath(item.at('path'));
    checkMode(item.at('mode'));
  }
}

/** Checks files with fields of the pod in them. */
export function checkFiles(items: Place): void {
  for (const item of items.items) {
    checkFilePath(item.at('path'));
    checkMode(item.at('mode'));
    const [field, resource] = [item.at('fieldRef'), item.at('resourceFieldRef')];
    if (field.given === resource.given)
      item.refuse('exactly one of fieldRef and resourceFieldRef is required');
    checkFieldRef(field);
    if (!field.given) checkResourceFieldRef(resource, 'file');
  }
}

/** Checks a projected volume. */
export function checkProjections(source: Place): void {
  checkMode(source.at('defaultMode'));
  const taken = new Set<string>();
  const take = (path: Place) => {
    if (path.text === '') return;
    if (taken.has(path.text)) path.refuse(`${quote(path.text)} is already the path of another file`);
    taken.add(path.text);
  };
  for (const projection of source.at('sources').items) {
    const given = SOURCES.filter((key) => projection.at(key).given);
    if (given.length > 1) projection.refuse(`only one of ${list(given)} may be given`);
    for (const key of ['secret', 'configMap']) {
      const each = projection.at(key);
      if (!each.given) continue;
      each.at('name').needs(checkDnsSubdomain);
      checkKeys(each.at('items'));
      for (const item of each.at('items').items) take(item.at('path'));
    }
    const files = projection.at('downwardAPI').at('items');
    checkFiles(files);
    for (const item of files.items) take(item.at('path'));
    checkToken(projection.at('serviceAccountToken'));
    checkTrustBundle(projection.at('clusterTrustBundle'), take);
    checkCertificate(projection.at('podCertificate'), take);
  }
}

function checkToken(token: Place): void {
  if (!token.given) return;
  checkFilePath(token.at('path'));
  token.at('expirationSeconds').between(600, 2 ** 32);
}

/** Certificates to trust (Kubernetes 1.29). */
function checkTrustBundle(bundle: Place, take: (path: Place) => void): void {
  if (!bundle.given) return;
  const [name, signer] = [bundle.at('name'), bundle.at('signerName')];
  if (name.given === signer.given) bundle.refuse('exactly one of name and signerName is required');
  else if (name.given) {
    name.required();
    name.whenGiven((text) => checkDnsSubdomain(text.slice(text.lastIndexOf(':') + 1)));
    if (bundle.at('labelSelector').given) bundle.at('labelSelector').refuse('this goes with signerName only');
  } else {
    signer.needs(checkSignerName);
    checkSelector(bundle.at('labelSelector'));
  }
  checkFilePath(bundle.at('path'));
  take(bundle.at('path'));
}

const KEY_TYPES = ['RSA3072', 'RSA4096', 'ECDSAP256', 'ECDSAP384', 'ECDSAP521', 'ED25519'];

/** A certificate made for the pod (Kubernetes 1.34). */
function checkCertificate(certificate: Place, take: (path: Place) => void): void {
  if (!certificate.given) return;
  certificate.at('signerName').needs(checkSignerName);
  if (certificate.at('keyType').required()) certificate.at('keyType').oneOf(KEY_TYPES);
  certificate.at('maxExpirationSeconds').between(3600, 91 * 24 * 3600);
  const annotations = certificate.at('userAnnotations');
  annotations.adopt(checkAnnotations(annotations.object));
  const paths = ['credentialBundlePath', 'keyPath', 'certificateChainPath'];
  if (paths.every((key) => certificate.at(key).text === '')) {
    certificate.refuse(`one of ${list(paths)} is required`);
  }
  for (const key of paths) {
    if (certificate.at(key).text === '') continue;
    checkFilePath(certificate.at(key));
    take(certificate.at(key));
  }
}

function checkSignerName(text: string): string | undefined {
  const [domain = '', path = '', ...more] = text.split('/');
  const labels = domain.split('.');
  const fine =
    more.length === 0 &&
    labels.length > 1 &&
    labels.every((label) => checkDnsLabel(label) === undefined) &&
    path.split('.').every((label) => checkDnsSubdomain(label) === undefined);
  return fine ? undefined : `${quote(text)} is not a signer; write it like example.com/signer`;
}

/** A path of a file in a volume: relative, never up, and not among the names that Kubernetes uses itself. */
function checkFilePath(path: Place): void {
  if (!path.required()) return;
  checkRelative(path);
  if (path.text.startsWith('..') && path.text.split('/')[0] !== '..') {
    path.refuse(`${quote(path.text)} must not begin with ".."`);
  }
}
