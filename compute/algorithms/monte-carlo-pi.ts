import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import * as v from 'valibot';
import { integerInRange } from '../../contracts/json-values.ts';
import { toIndexes, toRange } from './index-range.ts';
import { createYielder } from './yield-to-event-loop.ts';
import type { Algorithm } from './algorithm.ts';

const Parameters = v.strictObject({
  seed: v.optional(
    v.pipe(
      integerInRange(0, 4_294_967_295),
      v.description('Each seed gives different points for the same inputs'),
    ),
    0,
  ),
  samples: v.optional(
    v.pipe(integerInRange(1, 1_000_000), v.description('The number of points per input')),
    1_000,
  ),
});
type Parameters = v.InferOutput<typeof Parameters>;

/** The output of `count` inputs, starting at index `from`: the number of points drawn, and of those inside the circle. */
type Hits = { from: number; count: number; samples: number; inside: number };

/**
 * Estimates π. Each input is a stream of random points that depends only on the request's seed and the input's index, so the result is
 * the same on every worker, in any blocks and order.
 */
export const monteCarloPi: Algorithm<Parameters, number, Hits> = {
  name: 'monte-carlo-pi',
  description: 'Estimates pi from the share of the random points in a square that are inside its circle',
  parameters: Parameters,
  inputs: (_, range) => toIndexes(range),
  compute: async (inputs, { seed, samples }, signal) => {
    const { from, count } = toRange(inputs);
    const yieldIfDue = createYielder(signal);
    let inside = 0;
    for (const index of inputs) {
      const draw = createStream(seed, index);
      for (let drawn = 0; drawn < samples; drawn += chunk) {
        inside += countPointsInside(draw, Math.min(chunk, samples - drawn));
        await yieldIfDue();
      }
    }
    return { from, count, samples: count * samples, inside };
  },
  output: ({ from, count }) =>
    v.pipe(
      v.object({
        from: v.literal(from),
        count: v.literal(count),
        samples: nonNegativeInteger,
        inside: nonNegativeInteger,
      }),
      v.check(({ samples, inside }) => inside <= samples, 'expected no more points inside than samples'),
    ),
  combine: (left, right) => ({
    from: Math.min(left.from, right.from),
    count: left.count + right.count,
    samples: left.samples + right.samples,
    inside: left.inside + right.inside,
  }),
  finish: ({ samples, inside }) => {
    const share = inside / samples;
    return {
      pi: round(4 * share),
      standardError: round(4 * Math.sqrt((share * (1 - share)) / samples)),
      samples,
    };
  },
};

const nonNegativeInteger = v.pipe(
  v.number(),
  v.safeInteger('expected an integer'),
  v.minValue(0, 'expected 0 or more'),
);

/** The number of points between two checks of the clock, which take less than a millisecond. */
const chunk = 10_000;

const round = (value: number): number => Number(value.toFixed(10));

/** Returns a stream of integers from -2^31 to 2^31 - 1. */
const createStream = (seed: number, index: number): (() => number) => {
  const key = scramble(seed ^ 0x9e3779b9);
  const generator = xoroshiro128plusFromState(
    [1, 2, 3, 4].map((lane) => scramble(scramble(index + lane * 0x3c6ef372) ^ key)),
  );
  return () => generator.next();
};

/** Applies the finalizer of MurmurHash3, so that the states of neighboring indexes are unrelated. */
const scramble = (value: number): number => {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
};

/** Returns how many of `count` random points of a square are inside its circle. */
const countPointsInside = (draw: () => number, count: number): number => {
  const radius = 2 ** 31;
  let inside = 0;
  for (let point = 0; point < count; point += 1) {
    // The center of each cell of the grid, so that the square is symmetric about zero.
    const x = draw() + 0.5;
    const y = draw() + 0.5;
    if (x * x + y * y < radius * radius) inside += 1;
  }
  return inside;
};
