/**
 * Who may talk to whom in a deployment: worked out from its NetworkPolicies, as a cluster does, and named by its
 * configuration. Pure, like all of this folder: a model ({@link trafficOf}), places for it (`layout.ts`), and two writers
 * (`svg.ts`, `mermaid.ts`).
 */
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/schema/resource.ts';
import { isObject, type JsonObject } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import { generate } from '../objects/generate.ts';
import { type Component, selectorLabels } from '../objects/names.ts';
import { databaseLabels, dns } from '../objects/network-policy.ts';
import { type Destination, destinationsOf } from './destinations.ts';
import type { Flow, Party, Traffic } from './party.ts';
import { allPorts, common, type Ports, portsOf, united, without } from './ports.ts';
import { type PeerWords, peerWords, podSelector, selects } from './selectors.ts';
import { type Workload, workloadsOf } from './workloads.ts';

/** The traffic of a configuration without errors. Reads no secret. */
export function trafficOf(config: Config): Traffic {
  const objects = generate(config, new Map());
  const workloads = workloadsOf(config, objects);
  const policies = policiesOf(config, objects);
  const destinations = destinationsOf(config);
  const found = new Found();
  for (const workload of workloads) {
    const rules = rulesOf(policies, workload, 'egress');
    for (const other of workloads) {
      if (other === workload) continue;
      const out = openTo(rules, 'to', other);
      const inside = openTo(rulesOf(policies, other, 'ingress'), 'from', workload, other);
      found.add(workload.party, other.party, common(out, inside));
    }
    outwards(config, workload, rules, destinations, found);
    inwards(config, workload, rulesOf(policies, workload, 'ingress'), found);
  }
  const { metadata, spec } = config;
  return {
    release: metadata.name,
    namespace: metadata.namespace,
    topology: spec.core.topology,
    environment: spec.core.environment,
    hasPolicies: spec.networkPolicy.enabled,
    ...found.sorted([...workloads.map(({ party }) => party), ...destinations.map(({ party }) => party)]),
  };
}

/** The policies; where there are none, those that there would be, since they open what the program needs. */
function policiesOf(config: Config, objects: readonly KubernetesObject[]): JsonObject[] {
  const { networkPolicy } = config.spec;
  const made = networkPolicy.enabled
    ? objects
    : generate(
        { ...config, spec: { ...config.spec, networkPolicy: { ...networkPolicy, enabled: true } } },
        new Map(),
      );
  return made.flatMap(({ kind, spec }) => (kind === 'NetworkPolicy' && isObject(spec) ? [spec] : []));
}

type Direction = 'egress' | 'ingress';

/** The rules of all policies that select a workload's pods: they add up. Undefined where none does: all is open. */
function rulesOf(
  policies: readonly JsonObject[],
  { labels }: Workload,
  direction: Direction,
): JsonObject[] | undefined {
  const type = direction === 'egress' ? 'Egress' : 'Ingress';
  const about = policies.filter(
    ({ podSelector: selector, policyTypes }) =>
      selects(selector as JsonObject, labels) && (policyTypes as string[]).includes(type),
  );
  if (about.length === 0) return undefined;
  return about.flatMap((policy) => (policy[direction] ?? []) as JsonObject[]);
}

/** The ports that rules open between pods of the namespace. */
function openTo(
  rules: readonly JsonObject[] | undefined,
  side: 'to' | 'from',
  peer: Workload,
  serving = peer,
): readonly Ports[] {
  if (rules === undefined) return allPorts;
  const about = rules.filter((rule) => peersOf(rule, side)?.some((one) => isPod(one, peer)) ?? true);
  return united(about.flatMap((rule) => portsOf(rule, serving.ports)));
}

function isPod(peer: JsonObject, { labels }: Workload): boolean {
  const selector = podSelector(peer);
  if (selector !== undefined) return selects(selector, labels);
  // the labels of namespaces are not known here, but for all of them
  const { namespaceSelector, podSelector: pods = {} } = peer;
  const isAll = isObject(namespaceSelector) && Object.keys(namespaceSelector).length === 0;
  return isAll && selects(pods as JsonObject, labels);
}

/** The peers of a rule; undefined for everybody. */
function peersOf(rule: JsonObject, side: 'to' | 'from'): JsonObject[] | undefined {
  return rule[side] as JsonObject[] | undefined;
}

/** What a workload may reach besides the other workloads. */
function outwards(
  config: Config,
  workload: Workload,
  rules: readonly JsonObject[] = [{}],
  destinations: readonly Destination[],
  found: Found,
): void {
  const called = destinations.filter(({ callers }) => callers.some((caller) => caller === workload.party.id));
  const toDatabase = { podSelector: { matchLabels: databaseLabels(config) } };
  let toAnyone: readonly Ports[] = [];
  for (const rule of rules) {
    const ports = portsOf(rule);
    const peers = peersOf(rule, 'to');
    const service = isDeepStrictEqual(rule, dns(config)) ? 'dns' : undefined;
    if (service !== undefined)
      found.add(workload.party, partyOf(destinations, service), ports, peers?.map(peerWords));
    else if (peers === undefined) toAnyone = united([...toAnyone, ...ports]);
    else
      for (const peer of peers) {
        if (isDeepStrictEqual(peer, toDatabase))
          found.add(workload.party, partyOf(destinations, 'database'), ports);
        else if (!isOwn(peer, config)) found.add(workload.party, peerParty(peer, 'peer'), ports);
      }
  }
  for (const { party, ports } of called)
    if (!party.isInside) found.add(workload.party, party, common(ports, toAnyone));
  const named = called.filter(({ party }) => !party.isInside).flatMap(({ ports }) => ports);
  found.add(workload.party, anywhere, without(toAnyone, named));
}

const anywhere: Party = {
  id: 'anywhere',
  kind: 'peer',
  name: 'Any address',
  details: ['for servers that are not named'],
  isInside: false,
};

const anyone: Party = {
  id: 'anyone',
  kind: 'client',
  name: 'Anyone',
  details: ['metrics and probes'],
  isInside: false,
};

/** Who may reach a workload besides the other workloads. */
function inwards(
  config: Config,
  workload: Workload,
  rules: readonly JsonObject[] = [{}],
  found: Found,
): void {
  for (const rule of rules) {
    const ports = portsOf(rule, workload.ports);
    const peers = peersOf(rule, 'from');
    if (peers === undefined) found.add(anyone, workload.party, ports);
    for (const peer of peers ?? [])
      if (!isOwn(peer, config))
        found.add(withIngress(peerParty(peer, 'client'), config), workload.party, ports);
  }
}

/** Whether a peer names pods of the release alone. */
function isOwn(peer: JsonObject, config: Config): boolean {
  const labels = podSelector(peer)?.matchLabels;
  const workloads: readonly Component[] = ['gateway', 'worker', 'mcp-gateway'];
  return workloads.some((component) => isDeepStrictEqual(labels, selectorLabels(config, component)));
}

function partyOf(destinations: readonly Destination[], id: string): Party {
  return (destinations.find(({ party }) => party.id === id) as Destination).party;
}

function peerParty(peer: JsonObject, kind: 'client' | 'peer'): Party {
  const { name, details } = peerWords(peer);
  return { id: `${kind} ${name} ${details.join(' ')}`, kind, name, details, isInside: false };
}

/** The ingress controller's namespace, with the host name that it serves. */
function withIngress(party: Party, { spec }: Config): Party {
  const { enabled, controllerNamespace, host } = spec.ingress;
  if (!enabled || host === undefined || party.name !== `Namespace ${controllerNamespace}`) return party;
  return { ...party, details: [`ingress for ${host}`, ...party.details] };
}

/** Parties and flows as they are found. */
class Found {
  readonly #parties = new Map<string, Party>();
  readonly #flows = new Map<string, Flow>();

  /** Adds ports between two; nothing where there are none. */
  add(from: Party, to: Party, ports: readonly Ports[], where: readonly PeerWords[] = []): void {
    if (ports.length === 0) return;
    const places = where.map(({ name, details }) => [name, ...details].join(', '));
    this.#parties.set(from.id, from);
    this.#parties.set(to.id, places.length === 0 ? to : { ...to, details: [...to.details, ...places] });
    const key = `${from.id}\0${to.id}`;
    const before = this.#flows.get(key)?.ports ?? [];
    this.#flows.set(key, { from: from.id, to: to.id, ports: united([...before, ...ports]) });
  }

  /** Everything, in an order that does not depend on how it was found: first the known parties, in their order. */
  sorted(known: readonly Party[]): Pick<Traffic, 'parties' | 'flows'> {
    const order = new Map(known.map(({ id }, index) => [id, index]));
    const place = (id: string) => order.get(id) ?? order.size + (id === anywhere.id ? 1 : 0);
    const byPlace = (a: string, b: string) => place(a) - place(b) || (a < b ? -1 : Number(a > b));
    for (const party of known)
      if (party.isInside && !this.#parties.has(party.id)) this.#parties.set(party.id, party);
    return {
      parties: [...this.#parties.values()].sort((a, b) => byPlace(a.id, b.id)),
      flows: [...this.#flows.values()].sort((a, b) => byPlace(a.from, b.from) || byPlace(a.to, b.to)),
    };
  }
}
