import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { toExact, exactOne, divideExact } from '../../../compute/algorithms/exact-float.ts';
import { statistics } from '../../../compute/algorithms/statistics.ts';

const never = new AbortController().signal;

/** The result of values in blocks of a size. */
const of = async (values: (number | { value: number })[], blockSize = values.length) => {
  const outputs = [];
  for (let from = 0; from < values.length; from += blockSize) {
    const inputs = values.slice(from, from + blockSize);
    const output = await statistics.compute(inputs, {}, never);
    const schema = statistics.output({ from, count: inputs.length });
    outputs.push(v.parse(schema, JSON.parse(JSON.stringify(output))));
  }
  return statistics.finish(
    outputs.reduce((left, right) => statistics.combine(left, right)),
    {},
  );
};

test('numbers, and objects with a value', async () => {
  expect(await of([2, 4, { value: 4 }, 4, { value: 5 }, 5, 7, 9])).toEqual({
    count: 8,
    sum: 40,
    min: 2,
    max: 9,
    mean: 5,
    stdev: Math.sqrt(32 / 7),
  });
  expect(await of([3])).toEqual({ count: 1, sum: 3, min: 3, max: 3, mean: 3, stdev: null });
});

test('is correct where floating-point sums are not', async () => {
  expect(await of([1e100, 1, -1e100])).toMatchObject({ sum: 1 });
  expect(await of(Array.from({ length: 10 }, () => 0.1))).toMatchObject({ sum: 1, mean: 0.1, stdev: 0 });
  expect(await of([1e9 + 1, 1e9 + 2, 1e9 + 3])).toMatchObject({ stdev: 1 });
  expect(await of([1e-300, 3e-300, 5e-300])).toMatchObject({ mean: 3e-300, stdev: 2e-300 });
  expect(await of([1e300, 3e300, 5e300])).toMatchObject({ mean: 3e300, stdev: 2e300 });
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

test('is the same in any blocks and order', async () => {
  const values = fc.array(finite, { minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(values, fc.integer({ min: 1, max: 30 }), async (given, blockSize) => {
      const whole = await of(given);
      expect(await of(given, blockSize)).toEqual(whole);
      expect(await of(given.toReversed(), blockSize)).toEqual(whole);
    }),
    { numRuns: 50 },
  );
});

test('every finite number is exact', () => {
  fc.assert(
    fc.property(finite, (value) =>
      expect(divideExact(toExact(value), exactOne)).toBe(value === 0 ? 0 : value),
    ),
  );
});

describe('accepts only numbers', () => {
  const accepts = (input: unknown) => v.is(statistics.input as v.GenericSchema, input);
  test.each([1, -0.5, { value: 7, name: 'x' }])('%j', (input) => expect(accepts(input)).toBe(true));
  test.each([null, '1', Infinity, { value: '1' }, {}, [1]])('not %j', (input) =>
    expect(accepts(input)).toBe(false),
  );

  test('also on a worker', async () => {
    await expect(statistics.compute(['1' as never], {}, never)).rejects.toThrow('expected a number');
  });
});

test('sums that are not sums of any values have no result', () => {
  const sums = { count: 2, sum: 'ff', squares: '0', min: 0, max: 1 };
  expect(() => statistics.finish(sums, {})).toThrow('are not sums');
});
