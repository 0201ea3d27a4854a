import { expect, test } from '@jest/globals';
import { within } from '../../bot/timeout.ts';

test('what comes in time is given, a fault too', async () => {
  await expect(within(60_000, Promise.resolve(1), 'late')).resolves.toBe(1);
  await expect(within(60_000, Promise.reject(new Error('fault')), 'late')).rejects.toThrow('fault');
});

test('what does not come in time is let go, however it ends', async () => {
  const work = Promise.withResolvers<never>();
  await expect(within(1, work.promise, 'too late')).rejects.toThrow('too late');
  work.reject(new Error('nobody hears this'));
});
