import * as v from 'valibot';
import type { Algorithm } from '../../../compute/algorithms/port.ts';

const Parameters = v.object({
  /** Blocks that fail, separated by commas. */
  fail: v.optional(v.string(), ''),
  breaks: v.optional(
    v.picklist(['combine', 'finish', 'nothing'], 'expected combine, finish or nothing'),
    'nothing',
  ),
  size: v.optional(
    v.pipe(v.union([v.string(), v.number()]), v.transform(Number), v.integer('expected an integer')),
    0,
  ),
});
type Parameters = v.InferOutput<typeof Parameters>;

/** Adds its inputs up; so a job of N inputs comes to N(N-1)/2, if each counts exactly once. */
const sum: Algorithm<Parameters, number, number> = {
  name: 'sum',
  description: 'Adds up.',
  parameters: Parameters,
  inputs: (_parameters, { from, count }) => Array.from({ length: count }, (_, n) => from + n),
  compute: async (inputs) => inputs.reduce((a, b) => a + b, 0),
  output: () => v.number(),
  combine: (left, right) => left + right,
  finish: (total, { breaks, size }) => {
    if (breaks === 'finish') throw new Error('cannot finish');
    return size > 0 ? { sum: total, filling: 'x'.repeat(size) } : { sum: total };
  },
};

/** As `sum`, but its `combine` throws. */
const torn: Algorithm<Parameters, number, number> = {
  ...sum,
  name: 'torn',
  combine: () => {
    throw new Error('cannot combine');
  },
};

/** As `sum`, but its inputs cannot be made. */
const faulty: Algorithm<Parameters, number, number> = {
  ...sum,
  name: 'faulty',
  inputs: () => {
    throw new Error('no inputs');
  },
};

export const testAlgorithms: ReadonlyMap<string, Algorithm> = new Map(
  [sum, torn, faulty].map((algorithm) => [algorithm.name, algorithm as unknown as Algorithm]),
);

/** The sum of 0 … n-1. */
export const sumOf = (n: number): number => (n * (n - 1)) / 2;
