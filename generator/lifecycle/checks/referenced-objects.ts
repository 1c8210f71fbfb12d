/** Whether the Secrets and ConfigMaps are there that pods cannot start without, with their keys. */
import { advise } from '../../model/command.ts';
import { type Finding, finding } from '../../model/finding.ts';
import { isObject } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import { apiPath, knownType, shortName } from '../api/resources.ts';
import { type Reference, referencesOf } from '../state/references.ts';
import { type MadeSecret, madeSecrets } from '../state/secret-makers.ts';
import { builtObject, type Check, may, type Preflight } from './context.ts';
import { type Hinted, hintToMake } from './secret-hints.ts';

/** The keys of a Secret or ConfigMap. Of values it is only known whether there are any. */
interface Keys {
  readonly names: readonly string[];
  readonly empty: readonly string[];
}

/** Looks for each object that pods name, but for what the apply itself brings. */
export const checkReferencedObjects: Check = async (preflight) => {
  const made = madeSecrets(preflight.session.target.objects);
  const references = referencesOf(preflight.templates);
  return (await Promise.all(references.map((reference) => checkOne(preflight, reference, made)))).flat();
};

async function checkOne(
  preflight: Preflight,
  reference: Reference,
  made: readonly MadeSecret[],
): Promise<Finding[]> {
  const { session } = preflight;
  const { kind, namespace, name } = reference;
  const built = builtObject(session.target, kind, namespace, name);
  const maker = made.find((each) => kind === 'Secret' && each.name === name && each.namespace === namespace);
  const type = knownType('v1', kind);
  const isReadable = await may(preflight, 'get', type, namespace, name);
  // Nothing but the keys' names is kept of what is read.
  const live = isReadable ? keysOf(await session.client.get(apiPath(type, namespace, name))) : undefined;
  if (built !== undefined) return builtFindings(preflight, reference, keysOf(built), live);
  if (maker !== undefined) return makerFindings(preflight, reference, maker, live, isReadable);
  if (!isReadable) return [];
  if (live === undefined) return [missing(preflight, reference)];
  return keyFindings(preflight, reference, live);
}

/** What is missing of an object that has to be there with values under its keys, before anything comes with it. */
export async function demandedFindings(preflight: Hinted, reference: Reference): Promise<Finding[]> {
  const { kind, namespace, name } = reference;
  const live = keysOf(await preflight.session.client.get(apiPath(knownType('v1', kind), namespace, name)));
  if (live === undefined) return [missing(preflight, reference)];
  const names = live.names.filter((key) => !live.empty.includes(key));
  return keyFindings(preflight, reference, { names, empty: [] });
}

function keysOf(object: KubernetesObject | undefined): Keys | undefined {
  if (object === undefined) return undefined;
  const { data, binaryData, stringData } = object;
  const entries = [data, binaryData, stringData].flatMap((map) => (isObject(map) ? Object.entries(map) : []));
  return {
    names: entries.map(([name]) => name),
    empty: entries.filter(([, value]) => value === '').map(([name]) => name),
  };
}

/** What is among the objects need not be there yet. One without any keys is there for somebody else to fill. */
function builtFindings(
  preflight: Preflight,
  reference: Reference,
  built: Keys | undefined,
  live: Keys | undefined,
): Finding[] {
  if (built === undefined || built.names.length === 0) return [];
  const names = [...built.names, ...(live?.names ?? [])];
  return keyFindings(preflight, reference, { names, empty: built.empty });
}

/** What a controller makes comes after the apply; where its object has been there before, it should be there too. */
function makerFindings(
  preflight: Preflight,
  reference: Reference,
  { maker, keys }: MadeSecret,
  live: Keys | undefined,
  isReadable: boolean,
): Finding[] {
  const { session, live: release } = preflight;
  if (!isReadable) return [];
  if (live !== undefined) {
    const names = [...(keys ?? reference.keys), ...live.names];
    return keyFindings(preflight, reference, { names, empty: [] });
  }
  const { namespace, name } = reference;
  const wasApplied = release?.planned.some(
    ({ wanted, live: there }) =>
      there !== undefined && wanted.kind === maker.kind && wanted.metadata.name === maker.metadata.name,
  );
  if (wasApplied) {
    const message = `${shortName(maker)} is there, and the Secret ${name} that is to come of it is not`;
    const hint = `see its status: ${advise('secret-not-made')`kubectl -n ${namespace} describe ${shortName(maker)}`}`;
    return [finding('secret-not-made', message, hint, 'warning')];
  }
  session.report.say(`the Secret ${name} is not there yet; ${shortName(maker)} is to bring it`, {
    secret: name,
    from: shortName(maker),
  });
  return keys === undefined ? [] : keyFindings(preflight, reference, { names: keys, empty: [] });
}

function missing(preflight: Hinted, reference: Reference): Finding {
  const { kind, name, namespace, keys, owners, onlyPulls } = reference;
  const hint = hintToMake(preflight, reference);
  if (onlyPulls) {
    // The kubelet pulls without it then, which is enough for public images and nodes that can log in.
    const message = `the image pull secret ${name} of ${listed(owners)} is not there in ${namespace}`;
    return finding('pull-secret-missing', message, hint, 'warning');
  }
  const what = keys.length === 0 ? 'it' : `its ${countNamed('key', keys)}`;
  const message = `the ${kind} ${name} is not there in ${namespace}; ${needing(owners)} ${what}`;
  return finding(codeOf(kind, 'missing'), message, hint);
}

function keyFindings(preflight: Hinted, reference: Reference, { names, empty }: Keys): Finding[] {
  const { kind, name, namespace, keys, owners } = reference;
  const lacking = keys.filter((key) => !names.includes(key));
  const blank = keys.filter((key) => empty.includes(key));
  const hint = hintToMake(preflight, reference, lacking.length > 0 ? lacking : blank);
  const findings: Finding[] = [];
  if (lacking.length > 0) {
    const message = `the ${kind} ${name} in ${namespace} lacks the ${countNamed('key', lacking)}; ${needing(owners)} ${lacking.length === 1 ? 'it' : 'them'}`;
    findings.push(finding(codeOf(kind, 'key-missing'), message, hint));
  }
  if (kind === 'Secret' && blank.length > 0) {
    const message = `the Secret ${name} in ${namespace} has no value under the ${countNamed('key', blank)}`;
    findings.push(finding('secret-key-empty', message, hint, 'warning'));
  }
  return findings;
}

function codeOf(kind: Reference['kind'], what: string): string {
  return `${kind === 'Secret' ? 'secret' : 'config-map'}-${what}`;
}

function countNamed(noun: string, names: readonly string[]): string {
  return `${noun}${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
}

function needing(owners: readonly string[]): string {
  return `${listed(owners)} ${owners.length === 1 ? 'needs' : 'need'}`;
}

/** `a`, `a and b`, `a, b and c`. */
function listed(names: readonly string[]): string {
  const [last = '', ...rest] = [...names].reverse();
  return rest.length === 0 ? last : `${rest.reverse().join(', ')} and ${last}`;
}
