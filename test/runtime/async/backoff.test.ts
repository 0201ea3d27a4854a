import { expect, test } from '@jest/globals';
import { exponentialDelay, jitteredDelay } from '../../../runtime/async/backoff.ts';

const backoff = { minMilliseconds: 100, maxMilliseconds: 5_000 };

test('an exponential delay doubles up to its maximum', () => {
  const delays = [0, 1, 2, 5, 6, 2_000].map((attempts) => exponentialDelay(attempts, backoff));
  expect(delays).toEqual([100, 200, 400, 3_200, 5_000, 5_000]);
  expect(exponentialDelay(2, { ...backoff, factor: 1.5 })).toBe(225);
});

test('a jittered delay is anywhere from 0 to the exponential delay', () => {
  const delays = [0, 0.25, 0.999].map((random) => jitteredDelay(1, backoff, () => random));
  expect(delays).toEqual([0, 50, 199.8]);
  expect(jitteredDelay(3, backoff)).toBeLessThan(800);
});
