/**
 * The checks that the schema names: what the Kubernetes API server, a registry or the program would say of
 * a value, in words. Each gives what is wrong, or an empty list.
 */
import { faults } from '../model/finding.ts';
import type { JsonObject } from '../model/json.ts';
import {
  checkAnnotationKey,
  checkDnsLabel,
  checkDnsSubdomain,
  checkEnvName,
  checkImage,
  checkImageDigest,
  checkImageRepository,
  checkImageTag,
  checkLabelValue,
  checkQualifiedName,
  checkQuantity,
  checkResourceRequirements,
  checkToleration,
} from '../model/kubernetes-values.ts';
import { checkEgressRule, checkIngressRule, checkNetworkPeer } from '../model/network-rules.ts';
import { quote } from '../model/quote.ts';
import type { Wrong } from './problem.ts';
import {
  checkGitAddress,
  checkGitRevision,
  checkOciRepository,
  checkRepositoryFolder,
} from './repository-address.ts';

/** The names by which the schema calls a check. */
export type CheckName = keyof typeof checks;

const wrong = (message: string, hint: string): Wrong[] => [{ message, hint }];

/** The longest release name: `<name>-worker-` and eight characters of the session id fit into 63. */
const longestRelease = 63 - '-worker-'.length - 8;

/** A duration as the Prometheus operator takes it: units in this order, at least one of them. */
export const scrapeIntervalPattern =
  '^(?=.)(?:[0-9]+y)?(?:[0-9]+w)?(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?(?:[0-9]+s)?(?:[0-9]+ms)?$';

/** Every check, by its name. Each is handed a value of the type that the schema asks for. */
export const checks = {
  quantity: (value: string | number) => faults(checkQuantity(value)),
  resources: (value: JsonObject) => checkResourceRequirements(value),
  toleration: (value: JsonObject) => checkToleration(value),
  'label-key': (key: string) => faults(checkQualifiedName(key)),
  'annotation-key': (key: string) =>
    /^(?:y|n|yes|no|on|off|true|false|null|\d.*)$/i.test(key)
      ? wrong(
          `kustomize takes ${quote(key)} for something else than a name`,
          'give it a prefix: example.com/…',
        )
      : faults(checkAnnotationKey(key)),
  'label-value': (value: string) => faults(checkLabelValue(value)),
  'resource-name': (key: string) => faults(checkQualifiedName(key)),
  'secret-key': (key: string) =>
    /^[-._a-zA-Z0-9]{1,253}$/.test(key) && !key.startsWith('..') && key !== '.'
      ? []
      : wrong(`${quote(key)} is no key of a Secret`, 'use letters, digits, - _ and .'),
  'dns-label': (value: string) => faults(checkDnsLabel(value)),
  'dns-subdomain': (value: string) => faults(checkDnsSubdomain(value)),
  'release-name': checkRelease,
  'env-name': (value: string) =>
    /^[A-Za-z_][A-Za-z0-9_]*$/.test(value)
      ? faults(checkEnvName(value))
      : wrong(`${quote(value)} is no name of an environment variable`, 'use letters, digits and _'),
  'image-repository': (value: string) => faults(checkImageRepository(value)),
  'image-tag': (value: string) => faults(checkImageTag(value)),
  'image-digest': (value: string) => faults(checkImageDigest(value)),
  image: (value: string) => faults(checkImage(value)),
  url: (value: string) => checkUrl(value, ['http:', 'https:', 'ws:', 'wss:']),
  'http-url': (value: string) => checkUrl(value, ['http:', 'https:']),
  'relative-path': checkRelativePath,
  duration: (value: string) =>
    /^(?:0|(?:\d+(?:\.\d*)?(?:ns|us|\u00b5s|ms|s|m|h))+)$/.test(value)
      ? []
      : wrong(`${quote(value)} is no duration`, 'write it like 30m or 1h'),
  'scrape-interval': (value: string) =>
    new RegExp(scrapeIntervalPattern).test(value)
      ? []
      : wrong(`${quote(value)} is no interval`, 'write it like 30s or 1m30s'),
  'chart-repository': checkChartRepository,
  'chart-version': (value: string) =>
    /^v?\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/.test(value)
      ? []
      : wrong(`${quote(value)} is no exact version`, 'write all three numbers, like 1.2.3'),
  'git-address': checkGitAddress,
  'git-revision': checkGitRevision,
  'repository-folder': checkRepositoryFolder,
  'oci-repository': checkOciRepository,
  'ingress-rule': checkIngressRule,
  'egress-rule': checkEgressRule,
  'network-peer': checkNetworkPeer,
  'database-name': (value: string) =>
    /^[a-z_][a-z0-9_]{0,62}$/.test(value)
      ? []
      : wrong(
          `${quote(value)} is no plain database name`,
          'use lower-case letters, digits and _, at most 63',
        ),
} satisfies { [name: string]: (value: never) => Wrong[] };

function checkRelease(name: string): Wrong[] {
  if (name.length > longestRelease) {
    return wrong(
      `the name has ${name.length} characters, and worker Jobs allow ${longestRelease}`,
      'a Job is called <name>-worker-<8 characters> and may have 63; shorten the name',
    );
  }
  const unfit = checkDnsLabel(name);
  if (unfit !== undefined || !/^\d/.test(name)) return faults(unfit);
  return wrong(`${quote(name)} begins with a digit, which Services do not allow`, 'begin with a letter');
}

/** A URL as programs of every language read it: a scheme, two slashes, printable ASCII. */
function parseUrl(value: string): URL | undefined {
  return /^[A-Za-z]+:\/\/[\x21-\x7e]+$/.test(value) && URL.canParse(value) ? new URL(value) : undefined;
}

function checkUrl(value: string, schemes: readonly string[]): Wrong[] {
  const url = parseUrl(value);
  if (url === undefined || url.host === '') {
    const hint = 'write it like https://host.example.com:8443/path';
    return [{ message: 'this is no URL', hint, hidden: true }];
  }
  if (!schemes.includes(url.protocol)) {
    const names = schemes.map((scheme) => scheme.slice(0, -1)).join(', ');
    const message = `the scheme ${url.protocol} is not supported`;
    return [{ message, hint: `use one of ${names}`, hidden: true }];
  }
  if (url.username !== '' || url.password !== '') {
    const hint = 'hand credentials over as a secret';
    return [{ message: 'the URL carries a user name or password', hint, hidden: true }];
  }
  return url.port === '0' ? wrong('port 0 cannot be reached', 'name the port that is listened on') : [];
}

function checkChartRepository(value: string): Wrong[] {
  const url = /^[a-z]+:/.test(value) ? parseUrl(value) : undefined; // Helm knows lower-case schemes only
  if (url === undefined || !['http:', 'https:', 'oci:'].includes(url.protocol)) {
    return wrong(`${quote(value)} is no chart repository`, 'write an https:// or oci:// address');
  }
  if (url.username === '' && url.password === '') return [];
  const hint = 'leave them out; whoever fetches the charts logs in to the registry';
  return [{ message: 'the address carries a user name or password', hint, hidden: true }];
}

function checkRelativePath(value: string): Wrong[] {
  const parts = value.split(/[\\/]/);
  if (value.startsWith('/') || /^[A-Za-z]:/.test(value)) {
    return wrong('the path is absolute', "name a file inside the resource's folder");
  }
  return parts.includes('..')
    ? wrong('the path leaves the folder', "name a file inside the resource's folder")
    : [];
}
