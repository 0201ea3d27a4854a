import { describe, expect, test } from '@jest/globals';
import type { Job } from '../../../compute/client/index.ts';
import { cancelJob } from '../../../chatops/job/index.ts';
import { compute, id } from '../reply/jobs.ts';
import { commentOf } from './comments.ts';
import { memoryJobs, type MemoryJobs } from './memory-jobs.ts';

/** A job that the comment `comment` asked for; see `commentOf` for its time. */
const jobAsked = (digit: string, comment: number, changes: Partial<Job> = {}): Job => {
  const { id: commentId, createdAt } = commentOf('', comment).comment;
  const origin = { ...compute().origin, comment: { id: commentId, createdAt, index: 0 } };
  return compute({ id: id(digit), origin, createdAt, ...changes });
};

const jobsOf = (...list: Job[]): MemoryJobs => {
  const jobs = memoryJobs();
  for (const job of list) jobs.all.set(job.id, job);
  return jobs;
};

const endedAt = (second: number) => commentOf('', second).comment.createdAt;
const cancel = commentOf('/cancel', 20);
const canceled = (jobs: MemoryJobs): string[] => jobs.asked.filter((call) => call.startsWith('cancel'));

describe('without an id', () => {
  test('the newest job of the thread that still runs, on whatever page', async () => {
    const done = { state: 'completed', endedAt: endedAt(10) } as const;
    const jobs = jobsOf(
      jobAsked('1', 1),
      jobAsked('2', 2),
      ...['3', '4', '5', '6'].map((n) => jobAsked(n, Number(n), done)),
    );
    expect(await cancelJob(cancel, undefined, jobs)).toMatchObject({
      outcome: 'stopping',
      job: { id: id('2') },
    });
    expect(canceled(jobs)).toEqual([`cancel ${id('2')}`]);
  });

  test('delivered again, it stops nothing more', async () => {
    const jobs = jobsOf(jobAsked('1', 1), jobAsked('2', 2));
    const first = await cancelJob(cancel, undefined, jobs);
    const again = await cancelJob(cancel, undefined, jobs);
    expect([first, again]).toMatchObject([
      { outcome: 'stopping' },
      { outcome: 'stopping', job: { id: id('2') } },
    ]);
    expect(canceled(jobs)).toHaveLength(1);
  });

  test('delivered late, it leaves newer jobs alone, also one of the same second', async () => {
    const sameSecond = jobAsked('3', 20);
    const { createdAt } = cancel.comment;
    const origin = { ...sameSecond.origin, comment: { id: 21, createdAt } };
    const jobs = jobsOf(jobAsked('2', 25), { ...sameSecond, origin });
    expect(await cancelJob(cancel, undefined, jobs)).toEqual({ outcome: 'nothing-runs' });
  });

  test('a job that has ended since it was written is the one that was meant', async () => {
    const jobs = jobsOf(jobAsked('1', 1), jobAsked('2', 2, { state: 'completed', endedAt: endedAt(21) }));
    expect(await cancelJob(cancel, undefined, jobs)).toMatchObject({
      outcome: 'ended',
      job: { id: id('2') },
    });
    expect(canceled(jobs)).toEqual([]);
  });

  test('of two jobs of one comment, the later command', async () => {
    const first = jobAsked('1', 1);
    const second = {
      ...jobAsked('2', 1),
      origin: { ...first.origin, comment: { ...first.origin.comment!, index: 1 } },
    };
    expect(await cancelJob(cancel, undefined, jobsOf(second, first))).toMatchObject({ job: { id: id('2') } });
  });
});

describe('with an id', () => {
  test('stops that job', async () => {
    const jobs = jobsOf(jobAsked('1', 1), jobAsked('2', 2));
    expect(await cancelJob(cancel, id('1'), jobs)).toMatchObject({
      outcome: 'stopping',
      job: { id: id('1') },
    });
  });

  test.each(['job-1', id('9'), '../../x'])('%s is not found', async (unknown) => {
    expect(await cancelJob(cancel, unknown, jobsOf(jobAsked('1', 1)))).toEqual({
      outcome: 'not-found',
      id: unknown,
    });
  });

  test('a job of another repository, of another host or of none is not found', async () => {
    const { origin } = jobAsked('1', 1);
    const elsewhere = [
      { ...origin, repository: { id: 2, name: 'acme/ops' } },
      { ...origin, host: 'ghe.example' },
      {},
    ];
    for (const other of elsewhere) {
      const jobs = jobsOf(jobAsked('1', 1, { origin: other }));
      expect(await cancelJob(cancel, id('1'), jobs)).toEqual({ outcome: 'not-found', id: id('1') });
      expect(canceled(jobs)).toEqual([]);
    }
  });

  test('one that has ended is said to have', async () => {
    const jobs = jobsOf(jobAsked('1', 1, { state: 'canceled', endedBy: 'octocat', endedAt: endedAt(10) }));
    expect(await cancelJob(cancel, id('1'), jobs)).toMatchObject({
      outcome: 'ended',
      job: { state: 'canceled' },
    });
  });

  test('one that ends in the meantime is told as it ended', async () => {
    const jobs = jobsOf(jobAsked('1', 1));
    const racing = {
      ...jobs,
      cancel: async () => {
        jobs.all.set(id('1'), jobAsked('1', 1, { state: 'completed', endedAt: endedAt(21) }));
        return 'ended' as const;
      },
    };
    expect(await cancelJob(cancel, id('1'), racing)).toMatchObject({
      outcome: 'ended',
      job: { state: 'completed' },
    });
  });
});
