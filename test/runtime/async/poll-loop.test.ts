import { expect, test } from '@jest/globals';
import { PollLoop } from '../../../runtime/async/poll-loop.ts';

const never = 3_600_000;

test('a wake brings the next run forward; one during a run is not lost', async () => {
  let runs = 0;
  const third = Promise.withResolvers<void>();
  const loop: PollLoop = new PollLoop(async () => {
    runs += 1;
    if (runs < 3) loop.wake();
    else third.resolve();
    return never;
  });
  loop.wake(never);
  loop.wake();
  await third.promise;
  await loop.stop();
  expect(runs).toBe(3);
});

test('stop waits for the current run and prevents further ones', async () => {
  const started = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  const loop = new PollLoop(async () => {
    runs += 1;
    started.resolve();
    await gate.promise;
    return 0;
  });
  loop.wake();
  await started.promise;
  const stopped = loop.stop();
  gate.resolve();
  await stopped;
  loop.wake();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(runs).toBe(1);
});

test('a loop without a next run runs when it is woken', async () => {
  let runs = 0;
  const woken = Promise.withResolvers<void>();
  const loop = new PollLoop(async () => {
    runs += 1;
    if (runs === 2) woken.resolve();
    return Infinity;
  });
  loop.wake();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(runs).toBe(1);
  loop.wake();
  await woken.promise;
  await loop.stop();
});
