/** Secrets and ConfigMaps whose names kustomize has changed where it finds them, and not where it does not. */
import { type Finding, finding } from '../../model/finding.ts';
import { dig, isObject, type Json, type JsonObject } from '../../model/json.ts';
import { type Mention, mentionsIn } from '../../model/mentions.ts';
import { find, instanceOf, nameOf, type Release } from './release.ts';
import { prefixHint } from './template.ts';

/** Kinds that generators make, and that take the hash of what is in them into their names. */
const hashedKinds = ['Secret', 'ConfigMap'];

/** What kustomize puts behind the names of what its generators make; source: its hasher's alphabet. */
const hash = /-[2456789bcdfghkmt]{10}$/;

/** ConfigMaps that every namespace has of the cluster itself; source: Kubernetes, OpenShift, Istio. */
const ofCluster = ['kube-root-ca.crt', 'openshift-service-ca.crt', 'istio-ca-root-cert'];

/**
 * The Secrets and ConfigMaps that a workload's pods name and that are not built. Secrets may come from elsewhere, and
 * so may ConfigMaps that are not the release's; under another name here neither does.
 */
export function checkMentions(release: Release, workload: JsonObject, who: string): Finding[] {
  const template = dig(workload, ['spec', 'template']);
  const mentions = isObject(template) ? mentionsIn(template) : [];
  const lost = mentions.filter(({ kind, name }) => find(release, kind, name) === undefined);
  const unique = new Map(lost.map((mention) => [`${mention.kind} ${mention.name}`, mention]));
  return [...unique.values()].flatMap((mention) => {
    const { kind, name } = mention;
    const renamed = renamedTo(release, kind, name);
    if (renamed !== undefined) return [renamedFinding(who, kind, name, renamed)];
    const isNeeded = lost.some((other) => other.kind === kind && other.name === name && !other.optional);
    return kind === 'ConfigMap' && isNeeded ? checkConfigMap(release, name, who) : [];
  });
}

function checkConfigMap(release: Release, name: Mention['name'], who: string): Finding[] {
  const message = `${who} needs the ConfigMap ${name}, which is not there`;
  if (name.startsWith(`${instanceOf(release.gateway)}-`))
    return [finding('no-config-map', message, prefixHint)];
  if (ofCluster.includes(name) || isBundle(release, name)) return [];
  const hint = 'fine where something in the cluster makes it; "apply" looks for it there';
  return [
    finding(
      'config-map-elsewhere',
      `${who} needs the ConfigMap ${name}, which is not built here`,
      hint,
      'warning',
    ),
  ];
}

/**
 * Whether trust-manager makes it: its Bundles make a ConfigMap of their name in all namespaces. They have none themselves,
 * but kustomize gives them that of the kustomization, as it does not know their kind.
 */
function isBundle({ all }: Release, name: string): boolean {
  return all.some(({ apiVersion, kind, metadata }) => {
    return kind === 'Bundle' && apiVersion.startsWith('trust.cert-manager.io/') && metadata.name === name;
  });
}

/** Names in resources that kustomize does not know the fields of: a name there stays as it was written. */
export function checkCustomResources(release: Release): Finding[] {
  const made = release.objects.filter(
    ({ kind, metadata }) => hashedKinds.includes(kind) && hash.test(metadata.name),
  );
  return release.objects.filter(isCustom).flatMap((object) => {
    const { metadata: _, ...rest } = object;
    const names = namesIn(rest);
    return made.flatMap(({ kind, metadata }) => {
      const name = metadata.name.replace(hash, '');
      const isLost =
        names.has(name) &&
        !release.objects.some((other) => other.metadata.name === name && other.kind === kind);
      return isLost ? [renamedFinding(nameOf(object), kind, name, metadata.name)] : [];
    });
  });
}

/** Whether an object is of a group that is not of Kubernetes itself. */
function isCustom({ apiVersion }: JsonObject): boolean {
  const [group = ''] = String(apiVersion).split('/');
  return group.includes('.') && !group.endsWith('.k8s.io');
}

/** The texts below keys that name objects: `name`, `secretName`, `configMapName`. */
function namesIn(value: Json, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const item of value) namesIn(item, found);
  if (!isObject(value)) return found;
  for (const [key, item] of Object.entries(value)) {
    if (typeof item !== 'string') namesIn(item, found);
    else if (key === 'name' || key.endsWith('Name')) found.add(item);
  }
  return found;
}

/** The name under which an object of that name is built: with a prefix or suffix, or with the hash of a generator. */
function renamedTo(release: Release, kind: string, name: string): string | undefined {
  const gateway = release.gateway.metadata.name;
  const own = `${instanceOf(release.gateway)}-gateway`;
  const at = gateway.indexOf(own);
  const affixed = at < 0 ? name : `${gateway.slice(0, at)}${name}${gateway.slice(at + own.length)}`;
  const names = release.objects.filter((object) => object.kind === kind).map(({ metadata }) => metadata.name);
  return names.find((other) => other !== name && (other === affixed || other.replace(hash, '') === affixed));
}

function renamedFinding(who: string, kind: string, name: string, renamed: string): Finding {
  const message = `${who} names the ${kind} ${name}, and what is built is called ${renamed}`;
  if (!hash.test(renamed))
    return finding(kind === 'Secret' ? 'no-secret' : 'no-config-map', message, prefixHint);
  const hint = `kustomize puts the hash of its content behind a generated name, and does not find the name here: set options: { disableNameSuffixHash: true } on the generator of ${name}`;
  return finding('name-hash', message, hint);
}
