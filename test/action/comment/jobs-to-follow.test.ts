import { expect, test } from '@jest/globals';
import { jobsToFollow } from '../../../action/comment/jobs-to-follow.ts';
import type { Turn } from '../../../chatops/handle-comment.ts';
import type { IncomingComment } from '../../../chatops/github/ports.ts';
import { commentOf } from '../../fixtures/incoming-comments.ts';
import { memoryJobs, type MemoryJobs } from '../../fakes/memory-jobs.ts';
import { compute } from '../../fixtures/jobs.ts';

/** An answer that was given before: what it moved then is not known any more. */
const again: Turn = {
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
  const jobs = memoryJobs();
  for (const id of comments) {
    const { thread, comment } = commentOf('', id);
    const { repository, ...on } = thread;
    const job = `job-${String(id).padStart(32, '0')}`;
    const { createdAt } = comment;
    const origin = { host, repository, thread: on, comment: { id, createdAt } };
    jobs.all.set(job, compute({ id: job, state: 'waiting', endedAt: null, createdAt, origin }));
  }
  return jobs;
};

const followed = async (turn: Turn | undefined, comment: IncomingComment, jobs: MemoryJobs) =>
  (await jobsToFollow(turn, comment, jobs)).map(({ job, moved }) => [Number(job.id.slice(4)), moved]);

test('what an answer has moved, told once more, is among the jobs asked for before it, however many there are', async () => {
  expect(await followed(again, commentOf('/approve x', 5), jobsOf([1, 2, 3, 4, 6, 7]))).toEqual([
    [4, true],
    [3, true],
    [2, true],
    [1, true],
  ]);
});

test('jobs of another GitHub are not among them', async () => {
  expect(await followed(again, commentOf('/approve x', 5), jobsOf([1], 'github.example.com'))).toEqual([]);
});

test('a comment that comes too late is followed to its own jobs of when it came first', async () => {
  expect(await followed(undefined, commentOf('/compute 3', 2), jobsOf([1, 2, 3]))).toEqual([[2, false]]);
});
