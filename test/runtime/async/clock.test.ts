import { expect, test } from '@jest/globals';
import { sleep, systemClock } from '../../../runtime/async/clock.ts';
import { TestClock } from '../../fakes/test-clock.ts';

test('sleep waits for its time', async () => {
  const clock = new TestClock();
  await clock.runUntilSettled(sleep(1_500, { clock }));
  expect(clock.now()).toBe(1_500);
});

test('sleep ends at once when its signal is aborted, and never rejects', async () => {
  const clock = new TestClock();
  const controller = new AbortController();
  const slept = sleep(1_500, { clock, signal: controller.signal });
  controller.abort();
  await slept;
  await sleep(1_500, { clock, signal: controller.signal });
  expect([clock.now(), clock.pending]).toEqual([0, 0]);
});

test('the system clock waits for a delay that is too long for a timer of Node', async () => {
  let called = false;
  const cancel = systemClock.after(Infinity, () => (called = true));
  await sleep(20);
  cancel();
  expect(called).toBe(false);
});
