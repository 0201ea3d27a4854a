import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { monteCarloPi } from '../../../compute/algorithms/monte-carlo-pi.ts';

const never = new AbortController().signal;
const pi = monteCarloPi;
const whole = (seed: number, samples: number, count: number) => {
  const parameters = { seed, samples };
  return pi.compute(pi.inputs!(parameters, { from: 0, count }), parameters, never);
};

test('the result is the same however the inputs are cut into blocks and the blocks are grouped', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
      fc.nat(7),
      async (cuts, split) => {
        const parameters = { seed: 5, samples: 20 };
        let from = 0;
        const blocks = [];
        for (const count of cuts) {
          blocks.push(await pi.compute(pi.inputs!(parameters, { from, count }), parameters, never));
          from += count;
        }
        const at = Math.min(split, blocks.length - 1);
        const parts = [blocks.slice(0, at), blocks.slice(at)].filter((part) => part.length > 0);
        const combined = parts
          .map((part) => part.reduce((left, right) => pi.combine(left, right)))
          .reduce((left, right) => pi.combine(left, right));
        expect(combined).toEqual(await whole(5, 20, from));
      },
    ),
    { numRuns: 40 },
  );
});

test('the estimate is within four standard errors of pi, for several seeds, which differ', async () => {
  const results = await Promise.all([0, 1, 2, 4_294_967_295].map((seed) => whole(seed, 1_000, 300)));
  expect(new Set(results.map(({ inside }) => inside)).size).toBe(4);
  for (const result of results) {
    const estimate = pi.finish(result, { seed: 0, samples: 1_000 }) as {
      pi: number;
      standardError: number;
      samples: number;
    };
    expect(Math.abs(estimate.pi - Math.PI)).toBeLessThan(4 * estimate.standardError);
    expect(estimate.samples).toBe(300_000);
  }
});

test('it is the same today as it was when outputs were first stored', async () => {
  expect(await whole(0, 1_000, 10)).toEqual({ from: 0, count: 10, samples: 10_000, inside: 7_853 });
  expect(pi.finish(await whole(0, 1_000, 10), { seed: 0, samples: 1_000 })).toEqual({
    pi: 3.1412,
    standardError: 0.0164245626,
    samples: 10_000,
  });
});

test('an output states its inputs; inputs that are not a range are refused', async () => {
  const parameters = { seed: 0, samples: 1 };
  expect(await pi.compute([7, 8, 9], parameters, never)).toMatchObject({ from: 7, count: 3, samples: 3 });
  for (const wrong of [[], [1, 3], [2, 1], ['1'], [1.5]]) {
    await expect(pi.compute(wrong as number[], parameters, never)).rejects.toThrow('not consecutive');
  }
});

describe('parameters', () => {
  const read = (input: object) => v.safeParse(monteCarloPi.parameters, input);
  test('have defaults and are taken from text', () => {
    expect(read({}).output).toEqual({ seed: 0, samples: 1_000 });
    expect(read({ samples: '50', seed: '7' }).output).toEqual({ seed: 7, samples: 50 });
  });
  test.each([
    { samples: 0 },
    { samples: 1_000_001 },
    { seed: -1 },
    { seed: 4_294_967_296 },
    { samples: 'many' },
    { other: 1 },
  ])('refuse %j', (input) => expect(read(input).success).toBe(false));
});

test('a long computation lets timers run, and stops when it is aborted', async () => {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Error('enough')), 30);
  const parameters = { seed: 0, samples: 1_000_000 };
  await expect(
    pi.compute(pi.inputs!(parameters, { from: 0, count: 1_000 }), parameters, controller.signal),
  ).rejects.toThrow('enough');
  clearTimeout(timer);
});

describe('the output of a block, which any worker can have written', () => {
  const range = { from: 3, count: 2 };
  const right = { from: 3, count: 2, samples: 40, inside: 31 };
  const fits = (output: unknown): boolean => v.safeParse(pi.output(range), output).success;

  test('is taken as our own worker writes it', async () => {
    const parameters = { seed: 1, samples: 20 };
    expect(fits(await pi.compute(pi.inputs!(parameters, range), parameters, never))).toBe(true);
  });

  test.each([
    ['text for a number', { ...right, inside: '31' }],
    ['more inside than there are', { ...right, inside: 41 }],
    ['other inputs', { ...right, from: 4 }],
    ['fewer inputs', { ...right, count: 1 }],
    ['no output', null],
  ])('is refused: %s', (_what, output) => {
    expect(fits(right)).toBe(true);
    expect(fits(output)).toBe(false);
  });
});
