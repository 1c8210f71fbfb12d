/** Quantities: their values against exact fractions, and their texts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  canonicalQuantity,
  canonicalResourceQuantity,
  checkQuantity,
  compareQuantities,
  quantityMillis,
} from '../../generator/model/quantity.ts';

const powers: { readonly [suffix: string]: bigint } = {
  n: 1n,
  u: 10n ** 3n,
  m: 10n ** 6n,
  '': 10n ** 9n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
  Ki: 10n ** 9n * 2n ** 10n,
  Mi: 10n ** 9n * 2n ** 20n,
  Gi: 10n ** 9n * 2n ** 30n,
  Ti: 10n ** 9n * 2n ** 40n,
  Pi: 10n ** 9n * 2n ** 50n,
  Ei: 10n ** 9n * 2n ** 60n,
};

/** A quantity as a fraction of billionths. */
function fractionOf(text: string): { top: bigint; bottom: bigint } {
  const [, sign = '', whole = '', part = '', suffix = ''] = /^([-+]?)(\d*)\.?(\d*)(.*)$/.exec(text) ?? [];
  const exponent = /^[eE]([-+]?\d+)$/.exec(suffix)?.[1];
  const power = exponent === undefined ? (powers[suffix] as bigint) : 10n ** 9n;
  const top = BigInt(`${whole}${part}`) * power * (sign === '-' ? -1n : 1n);
  const shift = Number(exponent ?? 0) - part.length;
  return shift >= 0
    ? { top: top * 10n ** BigInt(shift), bottom: 1n }
    : { top, bottom: 10n ** BigInt(-shift) };
}

/** Rounded away from zero to a multiple of so many billionths. */
function roundedTo(step: bigint, text: string): bigint {
  const { top, bottom } = fractionOf(text);
  const size = top < 0n ? -top : top;
  const count = (size + bottom * step - 1n) / (bottom * step);
  return top < 0n ? -count * step : count * step;
}

const suffixes = fc.oneof(
  fc.constantFrom(...Object.keys(powers)),
  fc.integer({ min: -12, max: 12 }).map((exponent) => `e${exponent}`),
  fc.constantFrom('E3', 'e+6', 'E-3'),
);

const numbers = fc.oneof(
  fc.bigInt({ min: 0n, max: 10n ** 6n }).map(String),
  fc.constantFrom('0', '00', '007', '1000', '1024', '1000000', '8', '1e', '123456789012345678', '1048576'),
  fc.tuple(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 99999 })).map((n) => n.join('.')),
  fc.constantFrom('.5', '5.', '0.10', '1.100', '0.000', '1.0000000001', '2.5000'),
);

const quantities = fc
  .tuple(fc.constantFrom('', '', '-', '+'), numbers, suffixes)
  .map((parts) => parts.join(''))
  .filter((text) => checkQuantity(text) === undefined);

test('a value is what its text says, rounded away from zero', () => {
  fc.assert(
    fc.property(quantities, quantities, (a, b) => {
      const [left, right] = [roundedTo(1n, a), roundedTo(1n, b)];
      assert.equal(Math.sign(compareQuantities(a, b)), left < right ? -1 : left > right ? 1 : 0);
      assert.equal(quantityMillis(a), roundedTo(10n ** 6n, a) / 10n ** 6n);
    }),
    { numRuns: 500 },
  );
});

test('the canonical text has the same value, in the fewest digits, and is its own', () => {
  fc.assert(
    fc.property(quantities, (text) => {
      for (const [canonical, step] of [
        [canonicalQuantity(text), 1n],
        [canonicalResourceQuantity(text), 10n ** 6n],
      ] as const) {
        assert.equal(roundedTo(1n, canonical), roundedTo(step, text), canonical);
        assert.equal(canonicalQuantity(canonical), canonical);
        if (canonical === text) continue;
        const [, digits = '', suffix = ''] = /^-?(\d+)(.*)$/.exec(canonical) ?? [];
        assert.ok(digits === '0' ? suffix === '' : !digits.startsWith('0'), canonical);
        if (suffix.endsWith('i')) assert.notEqual(BigInt(digits) % 1024n, 0n);
        else if (digits !== '0' && !/Ki|Mi|Gi|Ti|Pi|Ei/.test(text))
          assert.ok(!digits.endsWith('000'), canonical);
      }
    }),
    { numRuns: 500 },
  );
});

test('a text takes the largest suffix of its family that needs no fraction', () => {
  const table: [text: string, canonical: string][] = [
    ['1024Mi', '1Gi'],
    ['300Mi', '300Mi'],
    ['6Gi', '6Gi'],
    ['1001Mi', '1001Mi'],
    ['1024Ki', '1Mi'],
    ['1Ki', '1Ki'],
    ['1.0Ki', '1Ki'],
    ['-1.0Ki', '-1Ki'],
    ['1023.0', '1023'],
    ['1000', '1k'],
    ['1000k', '1M'],
    ['1000000m', '1k'],
    ['3m', '3m'],
    ['1080m', '1080m'],
    ['1080k', '1080k'],
    ['1e6', '1e6'],
    ['1000e6', '1e9'],
    ['1000e-3', '1'],
    ['3e-3', '3e-3'],
    ['3e3', '3e3'],
    ['0.3e3', '300'],
    ['1234e-3', '1234e-3'],
    ['0Mi', '0'],
    ['0.0', '0'],
    ['-0', '0'],
    ['1.1E', '1100P'],
    ['0.5Mi', '512Ki'],
    ['0.25Ki', '256'],
    ['1023', '1023'],
    ['2048Ei', '2048Ei'],
    ['512.5Ki', '524800'],
    ['-512Ki', '-512Ki'],
    ['-1024Ki', '-1Mi'],
  ];
  for (const [text, canonical] of table) assert.equal(canonicalQuantity(text), canonical, text);
});

test('what a quantity can hold goes to 2^63 - 1 on both sides', () => {
  for (const sign of ['', '-']) {
    assert.equal(checkQuantity(`${sign}9223372036854775807`), undefined);
    assert.notEqual(checkQuantity(`${sign}9223372036854775808`), undefined);
    assert.equal(canonicalQuantity(`${sign}9223372036854775807000m`), `${sign}9223372036854775807`);
    assert.equal(canonicalResourceQuantity(`${sign}9223372036854775808`), `${sign}9223372036854775808`);
    assert.equal(canonicalResourceQuantity(`${sign}9223372036854775807000m`), `${sign}9223372036854775807`);
  }
});

test('many quantities after one another are each what they are', () => {
  for (let round = 0; round < 2; round++) {
    for (let i = 1; i <= 600; i++) assert.equal(quantityMillis(`${i}m`), BigInt(i));
    assert.equal(quantityMillis('x'), undefined);
  }
});
