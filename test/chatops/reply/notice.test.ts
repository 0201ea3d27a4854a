import { describe, expect, test } from '@jest/globals';
import type { Job } from '../../../compute/client/index.ts';
import { renderNotice, readMarker, shouldNotify } from '../../../chatops/reply/render-reply.ts';
import { jobAwaitingApproval, computeJob, finishedComputeJob, jobId, taskJob } from '../../fixtures/jobs.ts';

const failed = { state: 'failed', reason: 'internal' } as const;
const afterLong = { endedAt: '2026-03-01T12:05:02Z' };

describe('whether the end of a job is worth a comment', () => {
  test.each<[string, Partial<Job>, string[]]>([
    ['a short job that ended well', {}, ['always']],
    ['one that took just five minutes', { endedAt: '2026-03-01T12:05:01Z' }, ['always']],
    ['a long job', afterLong, ['long', 'always']],
    ['a short job that failed', failed, ['failure', 'always']],
    ['a long job that failed', { ...failed, ...afterLong }, ['failure', 'long', 'always']],
    ['one that somebody else canceled', canceledBy('mona'), ['failure', 'always']],
    ['one that its requester canceled', canceledBy('octocat'), []],
    ['one that still runs', { state: 'running', endedAt: null }, []],
  ])('%s', (_, changes, worth) => {
    const job = finishedComputeJob(changes);
    const times = ['never', 'failure', 'long', 'always'] as const;
    expect(times.filter((notify) => shouldNotify(job, { notify }))).toEqual(worth);
  });
});

function canceledBy(endedBy: string): Partial<Job> {
  return { state: 'canceled', reason: 'canceled-by-user', endedBy };
}

test('a notice calls the requester, says how it ended, and leads to the reply', () => {
  expect(renderNotice(finishedComputeJob(), { login: 'octocat' })).toBe(
    '@octocat: ✅ **`/compute 1000`** completed in 1 min 12 s. See the reply to [your comment](#issuecomment-9) for details.\n\n' +
      `<!-- coxswain {"v":1,"comment":0,"jobs":[],"state":"00000000","notice":"${jobId('a')}"} -->`,
  );
  expect(renderNotice(taskJob(), { login: 'mona_acme', reply: 11 })).toMatch(
    /^@mona_acme: .* See \[the reply\]\(#issuecomment-11\) for details\./,
  );
});

test.each([
  ['review-comment-9', '#discussion_r9'],
  ['review-9', '#pullrequestreview-9'],
] as const)('a notice about the job of %s leads to it', (id, anchor) => {
  const { comment: _none, ...origin } = finishedComputeJob().origin;
  const job = finishedComputeJob({
    origin: { ...origin, review: { id, createdAt: '2026-03-01T12:00:00Z' } },
  });
  expect(renderNotice(job, { login: 'octocat' })).toContain(`See the reply to [your comment](${anchor})`);
});

test('a notice is no reply to any comment', () => {
  expect(readMarker(renderNotice(finishedComputeJob(), { login: 'octocat' }))).toMatchObject({
    comment: 0,
    notice: jobId('a'),
  });
});

test.each(['dependabot[bot]', 'a b', '', '-a', 'a\n/compute 5'])('nobody is mentioned as %j', (login) => {
  expect(renderNotice(finishedComputeJob(), { login })).toMatch(/^✅/);
});

test('a notice names who rejected the job', () => {
  const rejected = jobAwaitingApproval({
    state: 'canceled',
    reason: 'rejected',
    endedBy: 'mona',
    waiting: null,
  });
  expect(renderNotice(rejected, { login: 'octocat' })).toContain('was rejected by `mona`.');
  const plain = computeJob({ ...failed, endedAt: '2026-03-01T12:01:00Z', origin: {} });
  expect(renderNotice(plain, { login: 'octocat' })).toContain(
    '**`compute 1000`** failed after 58 s. See its reply for details.',
  );
});
