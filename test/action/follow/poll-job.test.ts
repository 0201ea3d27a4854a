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

test('a job that waits is not followed any more', async () => {
  expect(await followed(['queued', 'waiting'], 0)).toBe('waiting');
});

test('one that was let go on a moment ago is given the time for it', async () => {
  expect(await followed(['waiting', 'waiting', 'completed'], 60_000)).toBe('completed');
});
