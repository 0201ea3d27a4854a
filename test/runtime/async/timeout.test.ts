import { expect, test } from '@jest/globals';
import { resolvesWithin, TimeoutError, withTimeout } from '../../../runtime/async/timeout.ts';
import { TestClock } from '../../fakes/test-clock.ts';

test('withTimeout returns what settles in time, errors included', async () => {
  await expect(withTimeout(60_000, Promise.resolve(1), 'late')).resolves.toBe(1);
  await expect(withTimeout(60_000, Promise.reject(new Error('fault')), 'late')).rejects.toThrow('fault');
});

test('withTimeout throws after the time, and ignores how the operation ends', async () => {
  const work = Promise.withResolvers<never>();
  await expect(withTimeout(1, work.promise, 'too late')).rejects.toThrow('too late');
  work.reject(new Error('nobody hears this'));
});

test('a promise that does not settle in time is a timeout, by the clock', async () => {
  const clock = new TestClock();
  const never = new Promise<never>(() => {});
  await expect(clock.runUntilSettled(resolvesWithin(2_000, never, clock))).resolves.toBe(false);
  await expect(clock.runUntilSettled(withTimeout(3_000, never, 'too late', clock))).rejects.toThrow(
    new TimeoutError('too late'),
  );
  expect(clock.now()).toBe(5_000);
});

test('a promise that settles in time leaves no timer', async () => {
  const clock = new TestClock();
  await expect(resolvesWithin(1_000, Promise.resolve(), clock)).resolves.toBe(true);
  await expect(resolvesWithin(1_000, Promise.reject(new Error('failed')), clock)).rejects.toThrow('failed');
  expect(clock.pending).toBe(0);
});
