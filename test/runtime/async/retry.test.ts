import { describe, expect, test } from '@jest/globals';
import { retry, type FailedAttempt, type RetryOptions } from '../../../runtime/async/retry.ts';
import { TestClock } from '../../fakes/test-clock.ts';

const backoff = { minMilliseconds: 1_000, maxMilliseconds: 8_000 };

/** Fails so many times, then returns the number of attempts. */
const failing = (times: number) => async (attempts: number) => {
  if (attempts < times) throw new Error(`failure ${attempts + 1}`);
  return attempts + 1;
};

/** Runs an operation by a test clock. */
const run = async <T>(operation: (attempts: number) => Promise<T>, options: Partial<RetryOptions> = {}) => {
  const clock = new TestClock();
  const failed: FailedAttempt[] = [];
  const onRetry = (attempt: FailedAttempt) => failed.push(attempt);
  const result = retry(operation, { backoff, onRetry, clock, random: () => 0.5, ...options });
  return {
    result: clock.runUntilSettled(result),
    delays: () => failed.map((one) => one.delayMilliseconds),
    clock,
  };
};

describe('retry', () => {
  test('repeats an operation after random parts of doubling delays', async () => {
    const { result, delays } = await run(failing(6));
    await expect(result).resolves.toBe(7);
    expect(delays()).toEqual([500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  });

  test('throws an error that is not transient at once', async () => {
    const isRetryable = (error: unknown) => (error as Error).message !== 'failure 2';
    const { result, delays } = await run(failing(5), { isRetryable });
    await expect(result).rejects.toThrow('failure 2');
    expect(delays()).toHaveLength(1);
  });

  test('throws the last error after the maximum number of attempts', async () => {
    const { result, delays } = await run(failing(5), { maxAttempts: 3 });
    await expect(result).rejects.toThrow('failure 3');
    expect(delays()).toHaveLength(2);
  });

  test('adds its random delay to the delay that the service asks for', async () => {
    const { result, delays } = await run(failing(2), { getMinDelay: () => 60_000 });
    await result;
    expect(delays()).toEqual([60_500, 61_000]);
  });

  test('ends a wait when the signal is aborted, with the last error', async () => {
    const controller = new AbortController();
    const onRetry = ({ attempts }: FailedAttempt) => attempts === 2 && controller.abort(new Error('stop'));
    const { result, clock } = await run(failing(5), { signal: controller.signal, onRetry });
    await expect(result).rejects.toThrow('failure 2');
    expect([clock.now(), clock.pending]).toEqual([500, 0]);
  });

  test('makes no attempt when the signal is aborted before it', async () => {
    const { result } = await run(failing(0), { signal: AbortSignal.abort(new Error('stop')) });
    await expect(result).rejects.toThrow('stop');
  });

  test('spreads a hundred workers that fail in the same second over many seconds', async () => {
    const clock = new TestClock();
    let seed = 1;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    const times = Array.from({ length: 5 }, (): number[] => []);
    const worker = () =>
      retry(
        async (attempts) => {
          times[attempts]?.push(clock.now());
          if (attempts < 4) throw new Error('storage is down');
        },
        { backoff: { minMilliseconds: 4_000, maxMilliseconds: 60_000 }, clock, random },
      );
    await clock.runUntilSettled(Promise.all(Array.from({ length: 100 }, worker)));
    const largestCrowds = times.map((attempt) => {
      const bySecond = Map.groupBy(attempt, (time) => Math.floor(time / 1_000));
      return Math.max(...bySecond.values().map((crowd) => crowd.length));
    });
    expect(times.map((attempt) => attempt.length)).toEqual([100, 100, 100, 100, 100]);
    expect(largestCrowds[0]).toBe(100);
    expect(Math.max(...largestCrowds.slice(1))).toBeLessThan(40);
    expect(largestCrowds[4]).toBeLessThan(12);
  });
});
