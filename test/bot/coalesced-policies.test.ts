import { expect, test } from '@jest/globals';
import { coalescePolicyReads } from '../../bot/coalesced-policies.ts';
import { defaultPolicy } from '../../chatops/policy/index.ts';

const repository = { id: 501, name: 'acme/ops' };

test('concurrent requests share a read that began after them; a fault affects only that read', async () => {
  const readings: PromiseWithResolvers<string>[] = [];
  const policies = coalescePolicyReads({
    load: async () => {
      const reading = Promise.withResolvers<string>();
      readings.push(reading);
      return { state: 'none', policy: defaultPolicy, commit: await reading.promise };
    },
  });
  const commitOf = async (asked: ReturnType<typeof policies.load>) => (await asked).commit;
  const first = commitOf(policies.load(repository));
  const others = Array.from({ length: 50 }, () => commitOf(policies.load(repository)));
  const elsewhere = commitOf(policies.load({ id: 502, name: 'acme/web' }));
  expect(readings).toHaveLength(2);
  readings[1]?.resolve('other');
  expect(await elsewhere).toBe('other');
  readings[0]?.reject(new Error('down'));
  await expect(first).rejects.toThrow('down');
  await new Promise(setImmediate);
  expect(readings).toHaveLength(3);
  readings[2]?.resolve('new');
  expect(new Set(await Promise.all(others))).toEqual(new Set(['new']));
  const later = commitOf(policies.load(repository));
  readings[3]?.resolve('newer');
  expect(await later).toBe('newer');
});
