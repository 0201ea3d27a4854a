import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { findInexactNumber, parseExactJson, stringifyInexactNumbers } from '../../contracts/exact-json.ts';

describe('a number that JavaScript would round', () => {
  test.each([
    ['12345678901234567890', { source: '12345678901234567890', path: '' }],
    ['{"a":[1,{"b":9007199254740993}]}', { source: '9007199254740993', path: 'a.1.b' }],
    ['[1e400]', { source: '1e400', path: '0' }],
    ['[1e-400]', { source: '1e-400', path: '0' }],
    ['[-0.10000000000000000001]', { source: '-0.10000000000000000001', path: '0' }],
    ['[12345678901.2345678901]', { source: '12345678901.2345678901', path: '0' }],
    ['{"__proto__":12345678901234567890}', { source: '12345678901234567890', path: '__proto__' }],
  ])('%s', (text, found) => {
    expect(findInexactNumber(text)).toEqual(found);
  });
});

test.each([
  '0',
  '-0',
  '0.1',
  '1.10',
  '1e3',
  '1E+3',
  '100000000000000000000000',
  '9007199254740992',
  '5e-324',
  '1.7976931348623157e308',
  '0.0000000000000000000001',
  '0e999',
  '"12345678901234567890"',
  '{"12345678901234567890":1}',
])('%s keeps its value', (text) => {
  expect(findInexactNumber(text)).toBeUndefined();
});

test('every number that JavaScript formats is parsed back unchanged', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.double({ noNaN: true, noDefaultInfinity: true }), (value, number) => {
      expect(findInexactNumber(JSON.stringify([value, number]))).toBeUndefined();
    }),
  );
});

test('a text without rounding is written with the same numbers', () => {
  const text = '{"a":[12345678901234567890,1e400,0.1,-0.10000000000000000001],"b":"12345678901234567890"}';
  expect(JSON.stringify(parseExactJson(text))).toBe(text);
});

// With a regular expression that looks for the end from each zero, this took a quarter of an hour.
test('a number of a megabyte of zeros is read in proportion to its length', () => {
  const zeros = '0'.repeat(1_000_000);
  expect(findInexactNumber(`[1.${zeros}]`)).toBeUndefined();
  expect(findInexactNumber(`{"a":1.${zeros}1}`)).toMatchObject({ path: 'a' });
});

test('an integer of any size is found exactly if a number cannot represent it', () => {
  fc.assert(
    fc.property(fc.bigInt(), (integer) => {
      const isHeld =
        BigInt(String(integer).replace(/0+$/, '') || 0) === BigInt(decimal(Number(integer)) || 0);
      expect(findInexactNumber(String(integer)) === undefined).toBe(isHeld);
    }),
  );
});

/** The digits of the shortest decimal of a number, without zeros at its end. */
const decimal = (number: number): string =>
  number.toExponential().replace('.', '').replace(/e.*$/, '').replace(/0+$/, '');

test.each([
  ['zeros in the middle', `1${'0'.repeat(2_000_000)}1`],
  ['zeros after the point', `0.${'0'.repeat(2_000_000)}1`],
  ['zeros at the end', `1${'0'.repeat(2_000_000)}`],
  ['many digits', '12'.repeat(1_000_000)],
  ['many numbers', `[${'12345678901234567890,'.repeat(100_000)}0]`],
  ['a long exponent', `1e${'9'.repeat(2_000_000)}`],
])('a long number is found without quadratic work: %s', (_, text) => {
  expect(findInexactNumber(text)).toMatchObject({ source: expect.any(String) });
});

test('a number is found at any place, with any text around it', () => {
  const blank = fc.constantFrom('', ' ', '\n', '\t', '\r\n');
  const number = fc.constantFrom('12345678901234567890', '-1e400', '0.10000000000000000001', '1E-400');
  // Of two values with one name, the last counts.
  const text = fc
    .string()
    .filter((one) => one !== 'z')
    .map((one) => JSON.stringify(one));
  const around = fc.constantFrom<(one: string, name: string, gap: string) => string>(
    (one) => one,
    (one, name, gap) => `[${name},${gap}${one}${gap}]`,
    (one, name, gap) => `{${name}${gap}:${gap}${one},"z":1}`,
    (one, name, gap) => `${gap}[${gap}[${one}],${name}]`,
  );
  fc.assert(
    fc.property(around, number, text, blank, (write, source, name, gap) => {
      const json = write(source, name, gap);
      JSON.parse(json);
      expect(findInexactNumber(json)?.source).toBe(source);
    }),
  );
});

test('a number that would be rounded becomes a string of its digits; all else is unchanged', () => {
  const text =
    '{"a":[12345678901234567890,1e400],"b":{"c":-0.10000000000000000001,"d":1.5,"e":"1e400","f":null}}';
  expect(stringifyInexactNumbers(parseExactJson(text))).toEqual({
    a: ['12345678901234567890', '1e400'],
    b: { c: '-0.10000000000000000001', d: 1.5, e: '1e400', f: null },
  });
  const ordinary = { sum: 3, list: [1e300, 0.1] };
  expect(stringifyInexactNumbers(ordinary)).toEqual(ordinary);
  expect(stringifyInexactNumbers(null)).toBeNull();
});
