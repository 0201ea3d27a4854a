import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createBotMetrics } from '../../../bot/metrics.ts';
import {
  priorities,
  WriteBudget,
  WriteDelayedError,
  type Priority,
} from '../../../bot/rate-limit/write-budget.ts';

const log = pino({ level: 'silent' });
const metrics = createBotMetrics();
const target = { installation: 1, repository: 501 };
const elsewhere = { installation: 2, repository: 501 };
const hour = 3_600_000;

const open = (hourly: number) => {
  const time = { now: 0 };
  const budget = new WriteBudget({ hourly, metrics, log, now: () => time.now });
  /** How many writes of a kind go through, one right after the other. */
  const writes = async (priority: Priority): Promise<number> => {
    for (let n = 0; ; n += 1) {
      const held = await budget.write(target, priority, async () => false).catch((error: unknown) => error);
      if (held instanceof WriteDelayedError) return n;
    }
  };
  return { time, budget, writes };
};

test('progress leaves a fifth for more urgent writes, and each repository leaves the others their parts', async () => {
  const { writes } = open(200);
  expect([await writes('progress'), await writes('news'), await writes('final')]).toEqual([65, 15, 5]);
});

test('no hour sees more than its budget, however the writes fall', async () => {
  const { time, writes } = open(300);
  let sum = await writes('final');
  for (time.now = 0; time.now < hour - 1; time.now += 60_000) sum += await writes('final');
  expect(sum).toBeLessThanOrEqual(300);
  expect(sum).toBeGreaterThan(270);
});

test('it says when the next may be made; another installation has its own', async () => {
  const { time, budget, writes } = open(120);
  await writes('final');
  expect(priorities.map((priority) => Math.round(budget.getWait(target, priority) / 60_000))).toEqual([
    1, 1, 5, 7, 7, 15, 15,
  ]);
  expect(budget.getWait(elsewhere, 'progress')).toBe(0);
  time.now += budget.getWait(target, 'final');
  expect(budget.getWait(target, 'final')).toBe(0);
});

test('the smallest budget lets everything through in the end', async () => {
  const { time, writes } = open(1);
  expect(await writes('progress')).toBe(1);
  time.now += 2 * hour;
  expect(await writes('progress')).toBe(1);
});

const limited = (status: number, message: string, headers: Record<string, string>) =>
  Object.assign(new Error(message), { status, response: { headers } });

test.each([
  ['a secondary limit', limited(403, 'secondary rate limit', { 'retry-after': '30' }), 30_000],
  ['one that names no time', limited(403, 'You have exceeded a secondary rate limit', {}), 60_000],
  ['too many requests', limited(429, 'Too Many Requests', { 'retry-after': '5' }), 5_000],
  [
    'a primary limit',
    limited(403, 'API rate limit exceeded', {
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(Math.floor(Date.now() / 1_000) + 1_000),
    }),
    990_000,
  ],
])('%s holds all writes of the installation for as long, the final ones too', async (_, error, least) => {
  const { time, budget } = open(300);
  const failing = () => Promise.reject(error);
  await expect(budget.write(target, 'final', failing)).rejects.toThrow(WriteDelayedError);
  const waits = priorities.map((priority) => budget.getWait(target, priority));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(least);
  expect(Math.max(...waits)).toBeLessThanOrEqual((least + 12_000) * 1.1 + 1_000);
  await expect(budget.call(1, async () => 'a read')).rejects.toThrow(WriteDelayedError);
  expect(budget.getWait(elsewhere, 'progress')).toBe(0);
  time.now += waits[0] ?? 0;
  await expect(budget.write(target, 'final', async () => 'written')).resolves.toBe('written');
});

test('any other fault is passed on, and delays nothing', async () => {
  const { budget } = open(300);
  const denied = limited(403, 'Resource not accessible by integration', { 'x-ratelimit-remaining': '4999' });
  await expect(budget.write(target, 'news', () => Promise.reject(denied))).rejects.toBe(denied);
  expect(budget.getWait(target, 'progress')).toBe(0);
});
