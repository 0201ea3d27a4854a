import * as v from 'valibot';
import { toExact, exactOne, divideExact, sqrtOfQuotient } from './exact-float.ts';
import { createYielder } from './yield-to-event-loop.ts';
import type { Algorithm } from './algorithm.ts';

const message = 'expected a number, or an object with a number as "value"';
const number = v.pipe(v.number(message), v.finite(message));
const Input = v.union([number, v.looseObject({ value: number })], message);
type Input = v.InferOutput<typeof Input>;

const Parameters = v.strictObject({});

const hex = v.pipe(v.string(), v.regex(/^-?[0-9a-f]{1,1100}$/, 'expected a hexadecimal integer'));

/** The exact sums of `count` values, in units of 2^-1074, and of their squares, in units of 2^-2148, as hexadecimal integers. */
type Sums = { count: number; sum: string; squares: string; min: number; max: number };

/**
 * Returns count, sum, minimum, maximum, mean and standard deviation of uploaded values. Sums are exact until the end, so the result is
 * the same in any blocks and order, and correct where floating-point sums lose digits.
 */
export const statistics: Algorithm<object, Input, Sums> = {
  name: 'statistics',
  description: 'Computes count, sum, minimum, maximum, mean and standard deviation of numbers',
  parameters: Parameters,
  input: Input,
  compute: async (inputs, _parameters, signal) => {
    const yieldIfDue = createYielder(signal);
    let [sum, squares, min, max] = [0n, 0n, Infinity, -Infinity];
    for (const input of inputs) {
      const value = readValue(input);
      const exact = toExact(value);
      sum += exact;
      squares += exact * exact;
      min = Math.min(min, value);
      max = Math.max(max, value);
      await yieldIfDue();
    }
    return { count: inputs.length, sum: toHex(sum), squares: toHex(squares), min, max };
  },
  output: ({ count }) =>
    v.object({ count: v.literal(count), sum: hex, squares: hex, min: v.number(), max: v.number() }),
  combine: (left, right) => ({
    count: left.count + right.count,
    sum: toHex(fromHex(left.sum) + fromHex(right.sum)),
    squares: toHex(fromHex(left.squares) + fromHex(right.squares)),
    min: Math.min(left.min, right.min),
    max: Math.max(left.max, right.max),
  }),
  finish: ({ count, min, max, ...texts }) => {
    const [sum, squares] = [fromHex(texts.sum), fromHex(texts.squares)];
    return {
      count,
      sum: divideExact(sum, exactOne),
      min,
      max,
      mean: divideExact(sum, BigInt(count) * exactOne),
      stdev: getStandardDeviation(BigInt(count), sum, squares),
    };
  },
};

const readValue = (input: Input): number => {
  const value = v.parse(Input, input);
  return typeof value === 'number' ? value : value.value;
};

/** Returns the standard deviation of a sample (by `count - 1`); null for a single value. */
const getStandardDeviation = (count: bigint, sum: bigint, squares: bigint): number | null => {
  if (count < 2n) return null;
  const spread = count * squares - sum * sum;
  // Any worker can have written the sums.
  if (spread < 0n) throw new Error('The sums of the outputs are not sums of any values');
  return sqrtOfQuotient(spread, count * (count - 1n) * exactOne * exactOne);
};

const toHex = (integer: bigint): string => integer.toString(16);

const fromHex = (text: string): bigint =>
  text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
