/**
 * Kubernetes quantities (`500m`, `1.5Gi`, `12e6`), with the meaning and the canonical text of the API
 * server (apimachinery's `resource.Quantity`).
 */

import type { Fault } from './finding.ts';
import { quote } from './quote.ts';

/** How quantities are written, for JSON Schema; the same grammar that `checkQuantity` reads. */
export const quantityPattern =
  '^[\\-+]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[numkMGTPE]|[KMGTPE]i|[eE][\\-+]?[0-9]{1,3})?$';

/** The family of the suffix; the canonical text stays in it. */
type Format = 'decimal' | 'binary' | 'exponent';

interface Quantity {
  readonly text: string;
  readonly format: Format;
  /** The value in billionths, rounded away from zero, as Kubernetes does. */
  readonly nanos: bigint;
  /** Whether the canonical text is the text as it was written. */
  readonly keepsText: boolean;
}

const NANO = 10n ** 9n;
const MICRO = 10n ** 6n;
const MAX_NANOS = (2n ** 63n - 1n) * NANO;
const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const grammar = new RegExp(quantityPattern);

/**
 * Says what is wrong with a quantity. Two kinds are refused that the API server takes and then stores as
 * another number: those without a digit (`Gi` is 0 to it) and those beyond 2^63 - 1.
 */
export function checkQuantity(value: string | number): Fault | undefined {
  const parsed = parse(value);
  if (parsed === undefined)
    return { message: `${quote(value)} is not a quantity`, hint: 'write it like 500m, 1 or 2Gi' };
  if (abs(parsed.nanos) <= MAX_NANOS) return undefined;
  return { message: `${quote(value)} is more than a quantity can hold`, hint: 'use at most 2^63 - 1' };
}

/**
 * Compares two quantities by value: negative, 0 or positive, as for sorting.
 * @throws RangeError where one of them is not a quantity
 */
export function compareQuantities(a: string | number, b: string | number): number {
  const difference = nanos(a) - nanos(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/**
 * A quantity as the API server writes it: `1000m` is `1`, `0.5` is `500m`, `1024Mi` is `1Gi`. What
 * `checkQuantity` refuses comes back as it is.
 */
export function canonicalQuantity(value: string | number): string {
  const parsed = parse(value);
  if (parsed === undefined || abs(parsed.nanos) > MAX_NANOS) return String(value);
  return parsed.keepsText ? parsed.text : format(parsed.nanos, parsed.format);
}

/**
 * A quantity as the API server writes it in `resources` (requests, limits), where it also rounds up to
 * thousandths: `100u` is `1m`. What `checkQuantity` refuses comes back as it is.
 */
export function canonicalResourceQuantity(value: string | number): string {
  const parsed = parse(value);
  if (parsed === undefined || abs(parsed.nanos) > MAX_NANOS) return String(value);
  const rounded = divideAway(parsed.nanos, MICRO) * MICRO;
  if (parsed.keepsText && rounded === parsed.nanos) return parsed.text;
  return format(rounded, parsed.format);
}

/** The value of a quantity in thousandths, rounded away from zero; undefined where it is not a quantity. */
export function quantityMillis(value: string | number): bigint | undefined {
  const parsed = parse(value);
  return parsed === undefined ? undefined : divideAway(parsed.nanos, MICRO);
}

function nanos(value: string | number): bigint {
  const parsed = parse(value);
  if (parsed === undefined) throw new RangeError(`${quote(value)} is not a quantity`);
  return parsed.nanos;
}

/** What was read lately: few quantities are in use, and each is asked for several times. */
const recent = new Map<string, Quantity | undefined>();

function parse(value: string | number): Quantity | undefined {
  const text = String(value);
  if (recent.has(text)) return recent.get(text);
  if (recent.size >= 256) recent.clear();
  const parsed = parseText(text);
  recent.set(text, parsed);
  return parsed;
}

function parseText(text: string): Quantity | undefined {
  if (!grammar.test(text)) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] =
    /^([-+]?)0*([0-9]*)(?:\.([0-9]*))?(.*)$/.exec(text) ?? [];
  const integer = whole === '' ? '0' : whole;
  const digits = BigInt(integer + fraction);
  const signed = (amount: bigint) => (sign === '-' ? -amount : amount);

  const binary = BINARY_SUFFIXES.indexOf(suffix, 1);
  if (binary > 0) {
    const exact = digits * 1024n ** BigInt(binary) * NANO;
    // The server's fast path for short whole numbers keeps the text if no factor of 8 can be taken out.
    const fast = fraction === '' && integer.length + binary * 3 < 15;
    return {
      text,
      format: 'binary',
      nanos: signed(divideAway(exact, 10n ** BigInt(fraction.length))),
      keepsText: fast && digits % 8n !== 0n,
    };
  }

  const decimal = DECIMAL_SUFFIXES.indexOf(suffix);
  const exponent = decimal >= 0 ? decimal * 3 - 9 : Number(suffix.slice(1));
  const scale = exponent - fraction.length;
  const shift = scale + 9;
  const written = integer + fraction;
  return {
    text,
    format: decimal >= 0 ? 'decimal' : 'exponent',
    nanos: signed(shift >= 0 ? digits * 10n ** BigInt(shift) : divideAway(digits, 10n ** BigInt(-shift))),
    keepsText:
      shift >= 0 &&
      written.length <= 18 &&
      scale % 3 === 0 &&
      !written.endsWith('000') &&
      !written.startsWith('0'),
  };
}

/** Writes a value with the largest suffix of its format that needs no fraction. */
function format(nanos: bigint, wanted: Format): string {
  if (nanos === 0n) return '0';
  if (wanted === 'binary' && nanos % NANO === 0n && abs(nanos) >= 1024n * NANO) {
    const [amount, power] = takeOut(nanos / NANO, 1024n);
    return `${amount}${BINARY_SUFFIXES[power]}`;
  }
  const [amount, power] = takeOut(nanos, 1000n);
  if (wanted !== 'exponent') return `${amount}${DECIMAL_SUFFIXES[power]}`;
  return power === 3 ? String(amount) : `${amount}e${power * 3 - 9}`;
}

function takeOut(amount: bigint, factor: bigint): [bigint, number] {
  let rest = amount;
  let power = 0;
  while (rest % factor === 0n) {
    rest /= factor;
    power++;
  }
  return [rest, power];
}

/** Division that rounds away from zero. */
function divideAway(amount: bigint, divisor: bigint): bigint {
  const quotient = amount / divisor;
  if (quotient * divisor === amount) return quotient;
  return amount < 0n ? quotient - 1n : quotient + 1n;
}

function abs(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}
