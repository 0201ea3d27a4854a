import { expect, test } from '@jest/globals';
import { retryCall } from '../../action/retry.ts';

const answer = (status: number, message: string, headers: Record<string, string> = {}): Error =>
  Object.assign(new Error(message), { status, response: { status, headers, data: { message } } });
const abuse = answer(403, 'You have triggered an abuse detection mechanism.');

/** Makes a call that fails with each of the errors, then succeeds. @returns the delays in between, in seconds, or the error */
const getDelays = async (faults: Error[], more: { left?: number; isOverGrace?: boolean } = {}) => {
  const pauses: number[] = [];
  const left = [...faults];
  const call = async (): Promise<void> => {
    const fault = left.shift();
    if (fault) throw fault;
  };
  await retryCall(call, {
    signal: new AbortController().signal,
    getRemaining: () => more.left ?? Infinity,
    ...(more.isOverGrace ? { graceSignal: AbortSignal.abort() } : {}),
    onRetry: () => {},
    clock: {
      now: () => 0,
      after: (milliseconds, callBack) => {
        pauses.push(milliseconds / 1_000);
        callBack();
        return () => {};
      },
    },
  });
  return pauses;
};

test('a rate limit without a time is waited out for a minute, then longer each time, with jitter', async () => {
  const pauses = await getDelays([abuse, abuse, abuse]);
  for (const [n, least] of [60, 120, 240].entries()) {
    expect(pauses[n]).toBeGreaterThanOrEqual(least);
    // The jitter of the rate limit is up to a tenth and a second; the backoff of a retry comes on top.
    expect(pauses[n]).toBeLessThanOrEqual(least * 1.1 + 1 + 1.5 ** n);
  }
});

test('a rate limit with a time is waited out for that time', async () => {
  const [pause] = await getDelays([answer(429, '', { 'retry-after': '1800' })]);
  expect(pause).toBeGreaterThanOrEqual(1_800);
});

test('a rate limit that lasts longer than the remaining time is not waited out', async () => {
  await expect(getDelays([abuse], { left: 30_000 })).rejects.toBe(abuse);
});

test('after the grace period, rate limits are still waited out, other faults are not', async () => {
  expect(await getDelays([abuse], { isOverGrace: true })).toHaveLength(1);
  const down = answer(502, 'Bad Gateway');
  await expect(getDelays([down], { isOverGrace: true })).rejects.toBe(down);
});

test('a permanent fault is thrown at once', async () => {
  const forbidden = answer(403, 'Resource not accessible by integration');
  await expect(getDelays([forbidden])).rejects.toBe(forbidden);
});
