import { expect, test } from '@jest/globals';
import { createConcurrencyLimit } from '../../../runtime/async/concurrency.ts';

test('runs at most the maximum at once, in the order of the calls, also after a failure', async () => {
  const limit = createConcurrencyLimit(2);
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const started: number[] = [];
  const results = gates.map(({ promise }, index) =>
    limit(async () => {
      started.push(index);
      await promise;
      return index;
    }),
  );
  await Promise.resolve();
  expect(started).toEqual([0, 1]);
  gates[1]?.reject(new Error('failed'));
  await expect(results[1]).rejects.toThrow('failed');
  expect(started).toEqual([0, 1, 2]);
  for (const { resolve } of gates) resolve();
  await expect(Promise.all([results[0], results[2], results[3]])).resolves.toEqual([0, 2, 3]);
});
