import { expect, test } from '@jest/globals';
import { pollJob } from '../../../action/follow/poll-job.ts';
import type { Job, JobState } from '../../../compute/client/index.ts';

/** Follows a job that is seen in these states, one after another. @returns the last one */
const followed = async (states: JobState[], settleMilliseconds: number): Promise<JobState> => {
  const left = [...states];
  const get = async (): Promise<Job> => ({ state: left.shift() ?? 'failed' }) as Job;
  const none = {
    wait: true,
    signal: new AbortController().signal,
    onView: async () => {},
    onRetry: () => {},
  };
  return (await pollJob('job', { jobs: { get }, settleMilliseconds, ...none })).state;
};

test('polling ends when a job waits', async () => {
  expect(await followed(['queued', 'waiting'], 0)).toBe('waiting');
});

test('a waiting job that was just resumed is polled a while longer', async () => {
  expect(await followed(['waiting', 'waiting', 'completed'], 60_000)).toBe('completed');
});
