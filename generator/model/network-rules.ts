/** The rules of a NetworkPolicy, checked as the API server does: their fields, and what it asks beyond types. */
import { type Fault, faults } from './finding.ts';
import { isObject, type Json, type JsonObject, type Path } from './json.ts';
import { checkLabelValue, checkPort, checkPortName, checkQualifiedName } from './kubernetes-values.ts';
import { quote } from './quote.ts';

/** What is wrong with a part of a rule. */
export interface NetworkProblem extends Fault {
  readonly path?: Path;
}

type Check = (value: Json) => NetworkProblem[];

const inside = (key: string | number, wrong: readonly NetworkProblem[]): NetworkProblem[] =>
  wrong.map((one) => ({ ...one, path: [key, ...(one.path ?? [])] }));

/** A map with these fields and no other. */
function map(fields: { readonly [field: string]: Check }, required: readonly string[] = []): Check {
  const hint = `known here: ${Object.keys(fields).join(', ')}`;
  return (value) => {
    if (!isObject(value)) return [{ message: 'a map is meant', hint }];
    const missing = required.filter((field) => value[field] === undefined);
    return [
      ...missing.map((field) => ({ path: [field], message: 'this value is required', hint: `add ${field}` })),
      ...Object.entries(value).flatMap(([field, item]) => {
        const check = Object.hasOwn(fields, field) ? fields[field] : undefined;
        return inside(field, check?.(item) ?? [{ message: 'this field does not exist', hint }]);
      }),
    ];
  };
}

/** A list with something in it: an empty one would mean everything, which is easily misread. */
const list =
  (check: Check): Check =>
  (value) => {
    if (Array.isArray(value) && value.length > 0) {
      return value.flatMap((item, index) => inside(index, check(item)));
    }
    const message = Array.isArray(value) ? 'the list is empty' : 'a list is meant';
    return [{ message, hint: 'remove the line for all, or add an item' }];
  };

const text =
  (check: (text: string) => Fault | undefined): Check =>
  (value) =>
    faults(
      typeof value === 'string'
        ? check(value)
        : { message: 'a string is meant', hint: 'put a text in quotes' },
    );

const oneOf = (...choices: string[]): Check =>
  text((word) =>
    choices.includes(word)
      ? undefined
      : { message: `${quote(word)} is not supported`, hint: `use one of ${choices.join(', ')}` },
  );

const labels: Check = (value) => {
  if (!isObject(value)) return [{ message: 'a map is meant', hint: 'write labels, each with its value' }];
  return Object.entries(value).flatMap(([key, item]) => {
    const wrong = checkQualifiedName(key);
    return inside(key, wrong === undefined ? text(checkLabelValue)(item) : [wrong]);
  });
};

const requirementFields = map(
  {
    key: text(checkQualifiedName),
    operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'),
    values: list(text(checkLabelValue)),
  },
  ['key', 'operator'],
);

const selector = map({
  matchLabels: labels,
  matchExpressions: list((value) => {
    const wrong = requirementFields(value);
    if (wrong.length > 0 || !isObject(value)) return wrong;
    const needs = value.operator === 'In' || value.operator === 'NotIn';
    if (needs === (value.values !== undefined)) return [];
    const message = `operator ${value.operator} ${needs ? 'needs' : 'takes no'} values`;
    return [{ message, hint: needs ? 'add values' : 'remove values' }];
  }),
});

const peerFields = map({
  podSelector: selector,
  namespaceSelector: selector,
  ipBlock: map({ cidr: text(checkRange), except: list(text(checkRange)) }, ['cidr']),
});

/** What is wrong with a peer: pods by their labels, of this namespace or of others, or a range of addresses. */
export function checkNetworkPeer(peer: JsonObject): NetworkProblem[] {
  const wrong = peerFields(peer);
  if (wrong.length > 0) return wrong;
  const { ipBlock, ...selectors } = peer;
  const count = Object.keys(selectors).length;
  if (ipBlock === undefined && count === 0) {
    return [{ message: 'nobody is named', hint: 'add podSelector, namespaceSelector or ipBlock' }];
  }
  if (ipBlock === undefined) return [];
  if (count > 0) return [{ message: 'a peer has an ipBlock or selectors', hint: 'make two peers of it' }];
  const { cidr, except = [] } = ipBlock as { cidr: string; except?: string[] };
  return except.flatMap((part, index) => {
    if (isStrictlyIn(parseRange(part) as Range, parseRange(cidr) as Range)) return [];
    const message = `${quote(part)} is no part of ${quote(cidr)}`;
    return [
      { path: ['ipBlock', 'except', index], message, hint: 'take out smaller ranges of the same block' },
    ];
  });
}

const portFields = map({
  port: (port) => (typeof port === 'number' ? faults(checkPort(port)) : text(checkPortName)(port)),
  endPort: (port) =>
    typeof port === 'number'
      ? faults(checkPort(port))
      : [{ message: 'a number is meant', hint: 'use a whole number from 1 to 65535' }],
  protocol: oneOf('TCP', 'UDP', 'SCTP'),
});

const ports = list((value) => {
  const wrong = portFields(value);
  if (wrong.length > 0 || !isObject(value)) return wrong;
  const { port, endPort } = value;
  if (endPort === undefined || (typeof port === 'number' && Number(endPort) >= port)) return [];
  const message = typeof port === 'number' ? `${endPort} is below ${port}` : 'a range begins with a number';
  return [{ path: ['endPort'], message, hint: 'give the first port as port and the last as endPort' }];
});

const peers = list((value) => (isObject(value) ? checkNetworkPeer(value) : peerFields(value)));

/** What is wrong with a rule of `ingress`. */
export const checkIngressRule: (rule: JsonObject) => NetworkProblem[] = map({ from: peers, ports });

/** What is wrong with a rule of `egress`. */
export const checkEgressRule: (rule: JsonObject) => NetworkProblem[] = map({ to: peers, ports });

/** Whether a rule lets TCP to a port by its number through, to whomever. */
export function opensTcpPort({ ports }: JsonObject, wanted: number): boolean {
  if (!Array.isArray(ports)) return true;
  return ports.filter(isObject).some(({ port, endPort = port, protocol = 'TCP' }) => {
    if (protocol !== 'TCP') return false;
    return port === undefined || (Number(port) <= wanted && wanted <= Number(endPort));
  });
}

/** A range of addresses as newer API servers want it: no bits behind the prefix, no zeros in front of a number. */
function checkRange(text: string): Fault | undefined {
  const range = parseRange(text);
  if (range === undefined)
    return { message: `${quote(text)} is no range of addresses`, hint: 'write it like 10.0.0.0/8' };
  if ((range.first & hostBits(range)) === 0n) return undefined;
  const message = `${quote(text)} has bits behind the first ${range.prefix}`;
  return { message, hint: 'write the first address of the range' };
}

interface Range {
  readonly first: bigint;
  readonly prefix: number;
  /** Bits of an address. */
  readonly width: 32 | 128;
}

function parseRange(text: string): Range | undefined {
  const [, address = '', bits = ''] = /^([\da-f.:]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const range = address.includes(':') ? parseIpv6(address) : parseIpv4(address);
  const prefix = Number(bits);
  return range === undefined || prefix > range.width ? undefined : { ...range, prefix };
}

function parseIpv4(address: string): Omit<Range, 'prefix'> | undefined {
  const parts = address.split('.');
  const isPart = (part: string) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
  if (parts.length !== 4 || !parts.every(isPart)) return undefined;
  return { first: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n), width: 32 };
}

function parseIpv6(address: string): Omit<Range, 'prefix'> | undefined {
  if (address.includes('.') || !URL.canParse(`http://[${address}]`)) return undefined;
  const sides = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [before = [], after = []] = sides.map((side) => (side === '' ? [] : side.split(':')));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const groups = [...before, ...zeros, ...after];
  return { first: groups.reduce((sum, part) => sum * 65536n + BigInt(`0x${part}`), 0n), width: 128 };
}

const hostBits = ({ width, prefix }: Range) => (1n << BigInt(width - prefix)) - 1n;

function isStrictlyIn(part: Range, block: Range): boolean {
  if (part.width !== block.width || part.prefix <= block.prefix) return false;
  return (part.first | hostBits(block)) === (block.first | hostBits(block));
}
