/** Sets of ports, as the rules of NetworkPolicies open them. */
import { isObject, type JsonObject } from '../model/json.ts';

/** The protocols of a NetworkPolicy. */
export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** Ports of one protocol, from the first to the last; or a port by a name that pods elsewhere give it. */
export type Ports =
  | { readonly protocol: Protocol; readonly first: number; readonly last: number }
  | { readonly protocol: Protocol; readonly name: string };

/** A range of ports. */
type Range = Extract<Ports, { first: number }>;

const protocols: readonly Protocol[] = ['TCP', 'UDP', 'SCTP'];

/** Every port of every protocol. */
export const allPorts: readonly Ports[] = protocols.map((protocol) => range(protocol, 1, 65535));

/** A range of ports. */
export function range(protocol: Protocol, first: number, last: number = first): Range {
  return { protocol, first, last };
}

/**
 * The ports of a rule.
 *
 * @param names the named ports of the pods that it leads to, as far as they are known
 */
export function portsOf(
  { ports }: JsonObject,
  names: ReadonlyMap<string, number> = new Map(),
): readonly Ports[] {
  if (!Array.isArray(ports)) return allPorts;
  return united(ports.filter(isObject).map((item) => portOf(item, names)));
}

function portOf({ port, endPort, protocol = 'TCP' }: JsonObject, names: ReadonlyMap<string, number>): Ports {
  const by = protocol as Protocol;
  if (port === undefined) return range(by, 1, 65535);
  const number = typeof port === 'number' ? port : names.get(String(port));
  if (number === undefined) return { protocol: by, name: String(port) };
  return range(by, number, endPort === undefined ? number : Number(endPort));
}

/** Each port once, in ascending order: TCP first, names last. */
export function united(ports: readonly Ports[]): readonly Ports[] {
  const sorted = ports.filter(isRange).sort((a, b) => rank(a) - rank(b) || a.first - b.first);
  const joined: Range[] = [];
  for (const next of sorted) {
    const last = joined.at(-1);
    if (last === undefined || last.protocol !== next.protocol || next.first > last.last + 1)
      joined.push(next);
    else joined[joined.length - 1] = { ...last, last: Math.max(last.last, next.last) };
  }
  const names = new Map(
    ports.flatMap((port) => ('name' in port ? [[`${port.protocol} ${port.name}`, port] as const] : [])),
  );
  return [...joined, ...[...names.keys()].sort().map((key) => names.get(key) as Ports)];
}

/** The ports that are in both. */
export function common(a: readonly Ports[], b: readonly Ports[]): readonly Ports[] {
  return united(a.flatMap((one) => b.flatMap((other) => shared(one, other))));
}

function shared(a: Ports, b: Ports): Ports[] {
  if (a.protocol !== b.protocol) return [];
  if (!isRange(a) || !isRange(b)) return !isRange(a) && !isRange(b) && a.name === b.name ? [a] : [];
  const [first, last] = [Math.max(a.first, b.first), Math.min(a.last, b.last)];
  return first <= last ? [range(a.protocol, first, last)] : [];
}

/** The ports of the first that are not in the second. */
export function without(a: readonly Ports[], b: readonly Ports[]): readonly Ports[] {
  let left = a;
  for (const taken of b) left = left.flatMap((port) => cut(port, taken));
  return united(left);
}

function cut(port: Ports, taken: Ports): Ports[] {
  if (shared(port, taken).length === 0) return [port];
  if (!isRange(port) || !isRange(taken)) return [];
  const parts = [
    range(port.protocol, port.first, taken.first - 1),
    range(port.protocol, taken.last + 1, port.last),
  ];
  return parts.filter(({ first, last }) => first <= last);
}

const isRange = (ports: Ports): ports is Range => 'first' in ports;

const rank = ({ protocol }: Ports) => protocols.indexOf(protocol);

/** Ports in words: `443, 6443`, `53 TCP and UDP`, `UDP 1024–65535`, `any port`. */
export function portWords(ports: readonly Ports[]): string {
  if (JSON.stringify(ports) === JSON.stringify(allPorts)) return 'any port';
  const byProtocol = protocols.map((protocol) => ({
    protocol,
    texts: ports.filter((port) => port.protocol === protocol).map(one),
  }));
  const [tcp, udp] = byProtocol.map(({ texts }) => texts.join(', '));
  if (tcp !== '' && tcp === udp) return `${tcp} TCP+UDP`;
  return byProtocol
    .filter(({ texts }) => texts.length > 0)
    .map(({ protocol, texts }) => (protocol === 'TCP' ? '' : `${protocol} `) + texts.join(', '))
    .join(', ');
}

function one(port: Ports): string {
  if (!isRange(port)) return port.name;
  if (port.first === 1 && port.last === 65535) return 'any';
  return port.first === port.last ? String(port.first) : `${port.first}–${port.last}`;
}
