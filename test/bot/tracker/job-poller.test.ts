import { beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createBotMetrics } from '../../../bot/metrics.ts';
import { JobPoller } from '../../../bot/tracker/job-poller.ts';
import type { Job, JobFilter, Jobs } from '../../../compute/client/index.ts';

const [second, minute] = [1_000, 60_000];

let now: number;
/** The lists of each poll, in order. */
let lists: { at: number; filters: ('live' | 'recent')[] }[];
let jobs: Pick<Job, 'id' | 'state' | 'createdAt' | 'endedAt' | 'waiting'>[];
let isAway: boolean;

beforeEach(() => {
  now = 0;
  lists = [];
  jobs = [];
  isAway = false;
});

const orchestrator = {
  page: async ({ states, since }: JobFilter) => {
    lists.at(-1)?.filters.push(states ? 'live' : 'recent');
    if (isAway) throw new Error('no answer');
    const found = jobs.filter(
      ({ state, createdAt }) => (!states || states.includes(state)) && (!since || createdAt >= since),
    );
    return { v: 1, now: new Date(now).toISOString(), jobs: found, continue: null };
  },
  get: async (id: string) => jobs.find((job) => job.id === id),
} as unknown as Jobs;

const openPoller = (idleInterval?: number): JobPoller =>
  new JobPoller({
    jobs: orchestrator,
    interval: 5 * second,
    ...(idleInterval === undefined ? {} : { idleInterval }),
    metrics: createBotMetrics(),
    log: pino({ level: 'silent' }),
    now: () => now,
  });

/** Polls whenever a poll is due, until a time. Returns the jobs that the polls found. */
const pollUntil = async (poller: JobPoller, until: number): Promise<string[]> => {
  const found: string[] = [];
  while (poller.dueAt <= until) {
    now = Math.max(now, poller.dueAt);
    lists.push({ at: now, filters: [] });
    const poll = await poller.poll();
    found.push(...(poll?.jobs ?? []).map(({ id }) => id));
  }
  now = until;
  return found;
};

const startJob = (id: string, createdAt = now): void =>
  void jobs.push({
    id,
    state: 'running',
    createdAt: new Date(createdAt).toISOString(),
    endedAt: null,
    waiting: null,
  });
const endJobs = (): void => {
  jobs = jobs.map((job) => ({ ...job, state: 'completed', endedAt: new Date(now).toISOString() }));
};

test('while nothing happens, the bot requests one list every two minutes', async () => {
  await pollUntil(openPoller(2 * minute), 10 * minute);
  expect(lists.map(({ at, filters }) => [at / minute, ...filters])).toEqual([
    [0, 'live', 'recent'],
    [2, 'recent'],
    [4, 'recent'],
    [6, 'recent'],
    [8, 'recent'],
    [10, 'recent'],
  ]);
});

test('while nothing happens, a poll lists all once an hour', async () => {
  await pollUntil(openPoller(2 * minute), 130 * minute);
  const all = lists.filter(({ filters }) => filters.length === 2);
  expect(all.map(({ at }) => at / minute)).toEqual([0, 60, 120]);
});

test('a job that another caller starts is found within two minutes, and followed to its end as often as ever', async () => {
  const poller = openPoller(2 * minute);
  await pollUntil(poller, 5 * minute);
  startJob('job-a');
  expect(await pollUntil(poller, now + 2 * minute)).toContain('job-a');
  const before = lists.length;
  await pollUntil(poller, now + minute);
  expect(lists.length - before).toBe(12);
  endJobs();
  expect(await pollUntil(poller, now + 5 * second)).toContain('job-a');
  // Idle again.
  const ended = lists.length;
  await pollUntil(poller, now + 10 * minute);
  expect(lists.length - ended).toBe(5);
});

test('a job that starts and ends between two polls is found', async () => {
  const poller = openPoller(2 * minute);
  await pollUntil(poller, 5 * minute);
  startJob('job-a');
  endJobs();
  expect(await pollUntil(poller, now + 2 * minute)).toContain('job-a');
});

test('a job that was created during the last list is found', async () => {
  const poller = openPoller(2 * minute);
  await pollUntil(poller, 4 * minute);
  startJob('job-a', now - second);
  expect(await pollUntil(poller, now + 2 * minute)).toContain('job-a');
});

test('a command ends idleness at once, for two minutes', async () => {
  const poller = openPoller(2 * minute);
  await pollUntil(poller, 5 * minute);
  const before = lists.length;
  poller.expectJob();
  expect(poller.dueAt).toBe(now + 15 * second);
  await pollUntil(poller, now + 2 * minute - 1);
  expect(lists.length - before).toBe(7);
  await pollUntil(poller, now + 20 * minute);
  expect(lists.length - before).toBeLessThanOrEqual(18);
});

test('a job that waits for an approval can wait for days: polls are as rare as without a job, until a command comes', async () => {
  const poller = openPoller(2 * minute);
  startJob('job-a');
  const requester = { login: 'a', id: 1 } as never;
  const waiting = { for: 'approval', code: 'c', count: 1, requester, expiresAt: '' } as const;
  jobs = jobs.map((job) => ({ ...job, state: 'waiting', waiting }));
  await pollUntil(poller, 60 * minute);
  expect(lists).toHaveLength(31);
  poller.expectJob();
  jobs = jobs.map((job) => ({ ...job, state: 'running', waiting: null }));
  const before = lists.length;
  await pollUntil(poller, now + minute);
  expect(lists.length - before).toBe(10);
});

test('many commands cause no more polls than one', async () => {
  const poller = openPoller(2 * minute);
  await pollUntil(poller, 5 * minute);
  for (let at = now; at < 6 * minute; at += second) {
    poller.expectJob();
    await pollUntil(poller, at);
  }
  expect(lists.filter(({ at }) => at > 5 * minute).length).toBeLessThanOrEqual(4);
});

test('a start through this bot is polled for at once, with both lists', async () => {
  const poller = openPoller(2 * minute);
  await pollUntil(poller, 5 * minute);
  poller.requestPoll();
  await pollUntil(poller, now);
  expect(lists.at(-1)).toEqual({ at: 5 * minute, filters: ['live', 'recent'] });
});

test('after an outage, the first poll has both lists', async () => {
  const poller = openPoller(2 * minute);
  await pollUntil(poller, 5 * minute);
  isAway = true;
  await pollUntil(poller, 20 * minute);
  isAway = false;
  const before = lists.length;
  await pollUntil(poller, now + minute);
  expect(lists[before]?.filters).toEqual(['live', 'recent']);
});

test('without an interval for idleness, it polls as while no job runs', async () => {
  await pollUntil(openPoller(), minute);
  expect(lists.map(({ at }) => at / second)).toEqual([0, 15, 30, 45, 60]);
  expect(new Set(lists.map(({ filters }) => filters.join()))).toEqual(new Set(['live,recent']));
});
