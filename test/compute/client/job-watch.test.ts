import { expect, test } from '@jest/globals';
import { JobWatch } from '../../../compute/client/job-watch.ts';
import type { Job, JobFilter, Jobs } from '../../../compute/client/index.ts';

const at = (time: string): string => `2026-01-20T${time}Z`;
const job = (id: string, state: Job['state'], createdAt: string, endedAt: string | null = null): Job =>
  ({ id, state, createdAt, endedAt }) as Job;

/** `Jobs` over a list, with a clock; one job a page. */
const over = (listed: Job[], clock: { now: string }) => {
  const filters: JobFilter[] = [];
  const gets: string[] = [];
  let faults = 0;
  const jobs = {
    page: async (filter: JobFilter) => {
      if (filter.continue === undefined) filters.push(filter);
      const { states, since = '' } = filter;
      const found = listed.filter((one) => (states?.includes(one.state) ?? true) && one.createdAt >= since);
      const from = Number(filter.continue ?? 0);
      return {
        v: 1,
        now: clock.now,
        jobs: found.slice(from, from + 1),
        continue: from + 1 < found.length ? `${from + 1}` : null,
      };
    },
    get: async (id: string) => {
      gets.push(id);
      if (faults-- > 0) throw new Error('no answer');
      return listed.find((one) => one.id === id);
    },
  } as unknown as Jobs;
  const failGets = (times: number) => {
    faults = times;
  };
  return { watch: new JobWatch(jobs), filters, gets, failGets };
};

const ids = (jobs: Job[]): string[] => jobs.map(({ id }) => id).toSorted();

test('the first poll finds the jobs that run, on all pages, and those that ended in the last 7 days', async () => {
  const listed = [
    job('running', 'running', '2026-01-01T00:00:00Z'),
    job('queued', 'queued', at('11:00:00')),
    job('ended', 'completed', '2026-01-14T00:00:00Z', '2026-01-14T12:00:00Z'),
    job('long ended', 'completed', '2026-01-13T00:00:00Z', '2026-01-13T11:59:00Z'),
    // It waited for its approval, then for a lock.
    job('older', 'failed', '2025-12-07T00:00:00Z', '2026-01-18T00:00:00Z'),
  ];
  const { watch, filters } = over(listed, { now: at('12:00:00') });
  const look = await watch.poll('live');
  expect(ids(look.jobs)).toEqual(['ended', 'older', 'queued', 'running']);
  expect(look).toMatchObject({ now: Date.parse(at('12:00:00')), busy: true });
  expect(filters.map(({ since }) => since)).toEqual([undefined, '2025-12-06T12:00:00.000Z']);
});

test('later polls list the jobs that run, and on request those created since 2 minutes before the last poll', async () => {
  const clock = { now: at('12:00:00') };
  const listed: Job[] = [];
  const { watch, filters } = over(listed, clock);
  expect((await watch.poll('all')).busy).toBe(false);
  listed.push(job('short', 'completed', at('11:58:30'), at('11:58:31')));
  clock.now = at('12:05:00');
  expect((await watch.poll('live')).jobs).toEqual([]);
  expect(ids((await watch.poll('all')).jobs)).toEqual(['short']);
  expect(filters.at(-1)?.since).toBe('2026-01-20T11:58:00.000Z');
  await watch.poll('all');
  expect(filters.at(-1)?.since).toBe('2026-01-20T12:03:00.000Z');
});

test('an id that has left the list is fetched once, and again only if that failed', async () => {
  const clock = { now: at('12:00:00') };
  const listed = [job('a', 'running', at('10:00:00')), job('b', 'running', at('10:00:00'))];
  const { watch, gets, failGets } = over(listed, clock);
  await watch.poll('live');
  listed[0] = job('a', 'completed', at('10:00:00'), at('12:00:01'));
  failGets(1);
  expect(ids((await watch.poll('live')).jobs)).toEqual(['b']);
  const look = await watch.poll('live');
  expect(look.jobs.find(({ id }) => id === 'a')?.state).toBe('completed');
  await watch.poll('live');
  expect(gets).toEqual(['a', 'a']);
});

test('one that no longer exists is removed', async () => {
  const listed = [job('a', 'running', at('10:00:00'))];
  const { watch, gets } = over(listed, { now: at('12:00:00') });
  await watch.poll('live');
  listed.length = 0;
  await expect(watch.poll('live')).resolves.toMatchObject({ jobs: [], busy: false });
  await watch.poll('live');
  expect(gets).toEqual(['a']);
});

test('while all known jobs have ended, the recent jobs alone are enough', async () => {
  const clock = { now: at('12:00:00') };
  const listed: Job[] = [];
  const { watch, filters } = over(listed, clock);
  // The first poll lists all, and so does each while a job has not ended.
  await watch.poll('recent');
  expect(filters.splice(0)).toHaveLength(2);
  clock.now = at('12:02:00');
  listed.unshift(job('new', 'running', at('12:01:00')));
  expect(await watch.poll('recent')).toMatchObject({ now: Date.parse(clock.now), busy: true, gone: [] });
  expect(filters.splice(0).map(({ states, since }) => [states, since])).toEqual([
    [undefined, '2026-01-20T11:58:00.000Z'],
  ]);
  clock.now = at('12:04:00');
  await watch.poll('recent');
  expect(filters.splice(0)).toHaveLength(2);
  listed[0] = job('new', 'completed', at('12:01:00'), at('12:05:00'));
  clock.now = at('12:06:00');
  expect(await watch.poll('recent')).toMatchObject({ busy: false, jobs: [{ id: 'new' }] });
  expect(filters.splice(0)).toHaveLength(2);
  clock.now = at('12:08:00');
  expect((await watch.poll('recent')).busy).toBe(false);
  expect(filters).toHaveLength(1);
});
