import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseExactJson } from '../../../contracts/exact-json.ts';
import { addExactly } from '../../../compute/algorithms/exact-sum.ts';

/** The sum of two JSON texts, as JSON. */
const sumOf = (left: string, right: string): string =>
  JSON.stringify(addExactly(parseExactJson(left), parseExactJson(right)));

test.each([
  ['1', '2', '3'],
  ['0.1', '0.2', '0.30000000000000004'],
  ['1.5', '-1.5', '0'],
  ['1e3', '0.5', '1000.5'],
  ['1e300', '0.5', '1e+300'],
  ['5e-324', '5e-324', '1e-323'],
  ['9007199254740991', '1', '9007199254740992'],
  ['9007199254740991', '2', '9007199254740993'],
  ['-9007199254740991', '-2', '-9007199254740993'],
  ['12345678901234567890', '12345678901234567890', '24691357802469135780'],
  ['12345678901234567890', '-12345678901234567890', '0'],
  ['12345678901234567890', '0.5', '12345678901234567890.5'],
  ['12345678901234567890', '0.1', '12345678901234567890.1'],
  ['0.10000000000000001', '0.20000000000000001', '0.30000000000000002'],
  ['0.10000000000000001', '-0.1', '1e-17'],
  ['-0.10000000000000001', '0', '-0.10000000000000001'],
  ['0.00000000000000000000012345678901234567891', '0', '0.00000000000000000000012345678901234567891'],
  ['1e308', '1e308', `2${'0'.repeat(308)}`],
  ['1e400', '1', `1${'0'.repeat(399)}1`],
  ['1e400', '-1e400', '0'],
  ['1e-400', '1e-400', `0.${'0'.repeat(399)}2`],
  ['1e1000', '1e-1000', `1${'0'.repeat(1000)}.${'0'.repeat(999)}1`],
])('%s and %s make %s', (left, right, sum) => {
  expect(sumOf(left, right)).toBe(sum);
  expect(sumOf(right, left)).toBe(sum);
});

test.each([
  ['1e1001', '1'],
  ['1e-1001', '1'],
  ['1e999999999999', '1'],
  ['1e-999999999999', '1'],
  [`1${'0'.repeat(1_000_000)}1`, '1'],
  ['12'.repeat(1_000_000), '1'],
  ['12345678901234567890', '"1"'],
  ['1', 'null'],
  ['1', '{"rawJSON":"2"}'],
  ['[]', '1'],
])('%.40s and %s make nothing', (left, right) => {
  expect(sumOf(left, right)).toBe('null');
  expect(sumOf(right, left)).toBe('null');
});

test('integers of any size are added exactly, in any grouping', () => {
  const integer = fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n });
  fc.assert(
    fc.property(fc.array(integer, { minLength: 1, maxLength: 20 }), fc.nat(), (values, cut) => {
      const numbers = values.map((value) => parseExactJson(String(value)));
      const add = (some: unknown[]) => some.reduce(addExactly);
      const at = 1 + (cut % values.length);
      const grouped = at < numbers.length ? [add(numbers.slice(0, at)), add(numbers.slice(at))] : numbers;
      const sum = values.reduce((one, other) => one + other);
      for (const written of [add(numbers), add(grouped)].map((one) => JSON.stringify(one))) {
        const [, digits = '', exponent = '0'] =
          /^(-?\d+)(?:e\+(\d+))?$/.exec(
            written.replace(
              /^(-?\d)\.(\d+)e\+(\d+)$/,
              (_, whole: string, fraction: string, power: string) =>
                `${whole}${fraction}e+${Number(power) - fraction.length}`,
            ),
          ) ?? [];
        expect(BigInt(digits) * 10n ** BigInt(exponent)).toBe(sum);
      }
    }),
  );
});

test('ordinary numbers are added as JavaScript adds them', () => {
  const double = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 });
  fc.assert(
    fc.property(double, double, (left, right) => {
      expect(addExactly(left, right)).toBe(left + right);
    }),
  );
});
