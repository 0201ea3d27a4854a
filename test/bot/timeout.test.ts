import { expect, test } from '@jest/globals';
import { withTimeout } from '../../bot/timeout.ts';

test('what comes in time is given, a fault too', async () => {
  await expect(withTimeout(60_000, Promise.resolve(1), 'late')).resolves.toBe(1);
  await expect(withTimeout(60_000, Promise.reject(new Error('fault')), 'late')).rejects.toThrow('fault');
});

test('what does not come in time is let go, however it ends', async () => {
  const work = Promise.withResolvers<never>();
  await expect(withTimeout(1, work.promise, 'too late')).rejects.toThrow('too late');
  work.reject(new Error('nobody hears this'));
});
