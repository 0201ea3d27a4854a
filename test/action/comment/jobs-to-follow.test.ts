import { expect, test } from '@jest/globals';
import { selectJobsToFollow } from '../../../action/comment/jobs-to-follow.ts';
import type { CommentResult } from '../../../chatops/handle-comment.ts';
import type { IncomingComment } from '../../../chatops/incoming-comment.ts';
import { buildComment } from '../../fixtures/incoming-comments.ts';
import { createMemoryJobs, type MemoryJobs } from '../../fakes/memory-jobs.ts';
import { computeJob } from '../../fixtures/jobs.ts';

/** An answer that was given before: what it moved then is not known any more. */
const again: CommentResult = {
  reaction: 'eyes',
  sections: [],
  edited: false,
  explained: {},
  toReader: false,
  news: false,
  moves: undefined,
};

/** The jobs of comments on one thread: of each comment, by its id, one that waits. @param host their GitHub */
const jobsOf = (comments: readonly number[], host = 'github.com'): MemoryJobs => {
  const jobs = createMemoryJobs();
  for (const id of comments) {
    const { thread, comment } = buildComment('', id);
    const { repository, ...on } = thread;
    const job = `job-${String(id).padStart(32, '0')}`;
    const { createdAt } = comment;
    const origin = { host, repository, thread: on, comment: { id, createdAt } };
    jobs.all.set(job, computeJob({ id: job, state: 'waiting', endedAt: null, createdAt, origin }));
  }
  return jobs;
};

const followed = async (turn: CommentResult | undefined, comment: IncomingComment, jobs: MemoryJobs) =>
  (await selectJobsToFollow(turn, comment, jobs)).map(({ job, resumed }) => [
    Number(job.id.slice(4)),
    resumed,
  ]);

test('the jobs that an earlier answer resumed are found among all earlier jobs of the thread', async () => {
  expect(await followed(again, buildComment('/approve x', 5), jobsOf([1, 2, 3, 4, 6, 7]))).toEqual([
    [4, true],
    [3, true],
    [2, true],
    [1, true],
  ]);
});

test('jobs of another GitHub host are ignored', async () => {
  expect(await followed(again, buildComment('/approve x', 5), jobsOf([1], 'github.example.com'))).toEqual([]);
});

test('for a comment that is too old, the jobs of its first run are followed', async () => {
  expect(await followed(undefined, buildComment('/compute 3', 2), jobsOf([1, 2, 3]))).toEqual([[2, false]]);
});
