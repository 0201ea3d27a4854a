import { expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTimerSchedule } from '../../../local/functions-host/timer-schedule.ts';
import type { DurableClient } from '../../../compute/orchestrator/durable.ts';
import { createLogger } from '../../../runtime/log.ts';
import { TestClock } from '../../fakes/test-clock.ts';

const client = {} as DurableClient;
const log = createLogger('test', 'silent');

test('a timer function runs again and again, also after a failure, but never beside itself', async () => {
  const calls = { fails: 0, slow: 0, now: 0, most: 0 };
  const { promise: twice, resolve } = Promise.withResolvers<void>();
  const schedule = startTimerSchedule(
    [
      {
        name: 'fails',
        everySeconds: 0.005,
        handle: async () => {
          calls.fails += 1;
          throw new Error('a fault');
        },
      },
      {
        name: 'slow',
        everySeconds: 0.001,
        handle: async () => {
          calls.most = Math.max(calls.most, ++calls.now);
          await sleep(10);
          calls.now -= 1;
          calls.slow += 1;
          if (calls.slow >= 2 && calls.fails >= 2) resolve();
        },
      },
    ],
    client,
    log,
  );
  await twice;
  await schedule.stop();
  expect(calls).toMatchObject({ now: 0, most: 1 });
  const { slow } = calls;
  await sleep(20);
  expect(calls.slow).toBe(slow);
});

test('stopping waits only a few seconds for a timer function that does not end', async () => {
  const started = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const handle = () => {
    started.resolve();
    return ended;
  };
  const clock = new TestClock();
  const schedule = startTimerSchedule([{ name: 'hangs', everySeconds: 0.001, handle }], client, log, clock);
  await started.promise;
  const stopped = schedule.stop();
  clock.advance(5_000);
  await stopped;
  end();
});
