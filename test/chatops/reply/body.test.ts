import { expect, test } from '@jest/globals';
import { readMarker, refreshReply, updateReply } from '../../../chatops/reply/render-reply.ts';
import { jobAwaitingApproval, computeJob, finishedComputeJob } from '../../fixtures/jobs.ts';

const here = { comment: 9, isPublic: false } as const;
const inCrowd = (comments: number) => ({ origin: { ...computeJob().origin, notes: { comments } } });
const saidIn = (body: string) => body.match(/This thread has \d+ comments/g);

test.each([
  [2_399, null],
  [2_400, ['This thread has 2400 comments']],
])('on a thread of %i comments, the warning is %j', (comments, said) => {
  const { body } = refreshReply(undefined, { ...here, jobs: [computeJob(inCrowd(comments))] });
  expect(saidIn(body)).toEqual(said);
  const sections = [{ kind: 'answer', key: '00000001', index: 1, markdown: 'Help.' }] as const;
  expect(saidIn(updateReply(undefined, { ...here, sections, keep: 'jobs', comments }).body)).toEqual(said);
});

test('a reply keeps its first warning, also without the mention of the approvers', () => {
  const sections = [
    { kind: 'job', key: '00000000', index: 0, job: jobAwaitingApproval() },
    { kind: 'answer', key: '00000001', index: 1, markdown: 'Help.' },
  ] as const;
  const first = updateReply(undefined, { ...here, sections, keep: 'jobs', comments: 2_410 });
  expect(first.body).toMatch(/^For approval by [^]*?\n\n⚠️ This thread has 2410 comments/);
  const again = { ...here, sections, keep: 'jobs', comments: 2_420 } as const;
  expect(updateReply(first.body.replaceAll('\n', '\r\n'), again)).toMatchObject({
    body: first.body,
    changed: false,
  });
  const { body } = refreshReply(first.body, { ...here, jobs: [finishedComputeJob(inCrowd(2_430))] });
  expect(saidIn(body)).toEqual(['This thread has 2410 comments']);
  expect(body).toMatch(/^⚠️ This thread has 2410 comments/);
});

test('the warning appears as soon as the thread is nearly full', () => {
  const { body } = refreshReply(undefined, { ...here, jobs: [computeJob()] });
  const next = refreshReply(body, { ...here, jobs: [computeJob(inCrowd(2_450))] });
  expect([next.changed, saidIn(next.body)]).toEqual([true, ['This thread has 2450 comments']]);
});

test.each([
  ['review-comment-9', 'In reply to [this review comment](#discussion_r9)'],
  ['review-9', 'In reply to [this review](#pullrequestreview-9)'],
] as const)(
  'a reply to %s links it once, below the mention and the warning, at each edit',
  (comment, line) => {
    const review = { ...here, comment };
    const sections = [{ kind: 'job', key: '00000000', index: 0, job: jobAwaitingApproval() }] as const;
    const first = updateReply(undefined, { ...review, sections, keep: 'jobs', comments: 2_410 });
    const [mention, warning, reference] = first.body.split('\n\n');
    expect([mention, warning, reference]).toEqual([
      expect.stringMatching(/^For approval by /),
      expect.stringMatching(/^⚠️ This thread has 2410 comments/),
      line,
    ]);
    expect(readMarker(first.body)).toMatchObject({ comment });
    const next = refreshReply(first.body, { ...review, jobs: [finishedComputeJob()] });
    // The mention goes once no job waits for approval.
    expect(next.body.split('\n\n').slice(0, 2)).toEqual([warning, line]);
    expect(refreshReply(next.body, { ...review, jobs: [finishedComputeJob()] }).changed).toBe(false);
  },
);

test('a reply to a comment of the conversation links nothing: it follows the comment', () => {
  expect(refreshReply(undefined, { ...here, jobs: [computeJob()] }).body).not.toContain('In reply to');
});
