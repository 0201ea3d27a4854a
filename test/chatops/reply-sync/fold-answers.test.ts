import { expect, test } from '@jest/globals';
import { foldEarlierAnswers } from '../../../chatops/reply-sync/fold-answers.ts';
import { readMarker, refreshReply } from '../../../chatops/reply/render-reply.ts';
import { buildComment, people } from '../../fixtures/incoming-comments.ts';
import { finishedComputeJob } from '../../fixtures/jobs.ts';
import { createCommentPorts, deliver, type FakeCommentPorts } from '../../fakes/comment-ports.ts';

type Author = (typeof people)[keyof typeof people];

/** Answers a comment, and folds earlier answers, as bot and Action do. Returns the reply. */
const answer = async (
  ports: FakeCommentPorts,
  body: string,
  id: number,
  author: Author = people.octocat,
): Promise<string> => {
  const comment = buildComment(body, id, { author });
  const { reads } = await deliver(comment, ports);
  await foldEarlierAnswers(comment, reads, {
    thread: ports.thread,
    withReplyLease: async (_comment, work) => work(ports.thread),
  });
  return getReply(ports, id);
};

const getReply = ({ bodies }: FakeCommentPorts, comment: number): string =>
  [...bodies.values()].find((body) => readMarker(body)?.comment === comment) ?? '';

const isFolded = (body: string): boolean => body.includes('<details><summary>Earlier answer to ');

test.each(['/status', '/help', '/tasks', '/locks', '/explain compute 5'])(
  '%s folds the earlier answer to the same person',
  async (command) => {
    const ports = createCommentPorts();
    const first = await answer(ports, command, 1);
    const second = await answer(ports, command, 2);
    const folded = getReply(ports, 1);
    expect([isFolded(first), isFolded(folded), isFolded(second)]).toEqual([false, true, false]);
    expect(folded).toMatch(
      /Earlier answer to \/[a-z]+<\/summary>\n\n[^]+\n\n<\/details>\n\n<!-- coxswain \{/,
    );
    // It is folded once: a third answer folds the second.
    await answer(ports, command, 3);
    expect(getReply(ports, 1)).toBe(folded);
    expect(isFolded(getReply(ports, 2))).toBe(true);
  },
);

test.each([
  ['to another person', '/status', '/status', people.mona],
  ['to another command', '/status', '/locks', people.octocat],
  ['about another command', '/explain compute 5', '/explain compute 6', people.octocat],
])('an answer %s stays', async (_what, first, second, author) => {
  const ports = createCommentPorts();
  const before = await answer(ports, first, 1);
  await answer(ports, second, 2, author);
  expect(getReply(ports, 1)).toBe(before);
});

test('an answer about another job stays; one about the same job is folded, however its id is written', async () => {
  const ports = createCommentPorts();
  await answer(ports, '/compute 5\n/compute 6', 1);
  const [one = '', other = ''] = ports.jobs.all.keys();
  const first = await answer(ports, `/status ${one}`, 2);
  await answer(ports, `/status ${other}`, 3);
  expect(getReply(ports, 2)).toBe(first);
  await answer(ports, `/status ${one.slice(0, 12)}`, 4);
  expect([2, 3, 4].map((id) => isFolded(getReply(ports, id)))).toEqual([true, false, false]);
});

test('a job and a refusal in the same reply stay as they are, also when the job ends later', async () => {
  const ports = createCommentPorts();
  await answer(ports, '/compute 5\n/status\n/cancel it', 1);
  await answer(ports, '/status', 2);
  const folded = getReply(ports, 1);
  const [queued = '', answered = '', refused = ''] = folded.split('\n\n---\n\n');
  expect([queued, answered, refused].map(isFolded)).toEqual([false, true, false]);
  const [job] = ports.jobs.all.values();
  const { body } = refreshReply(folded, {
    comment: 1,
    isPublic: false,
    jobs: [finishedComputeJob({ id: job?.id ?? '', origin: job?.origin ?? {} })],
  });
  expect(body).toContain('completed in');
  expect(body).toContain(answered);
  expect(body).toContain(refused.split('\n\n<!-- coxswain {')[0]);
});

test('what changes something is never folded', async () => {
  const ports = createCommentPorts();
  const first = await answer(ports, '/lock vm/web-1', 1);
  await answer(ports, '/lock vm/web-1', 2);
  expect(getReply(ports, 1)).toBe(first);
});

test('a comment that is delivered again does not fold the answer to a newer one', async () => {
  const ports = createCommentPorts();
  await answer(ports, '/locks', 1);
  const newer = await answer(ports, '/locks', 2);
  await answer(ports, '/locks', 1);
  expect(getReply(ports, 2)).toBe(newer);
});

test('a reply of an older version, without what it answers, stays', async () => {
  const ports = createCommentPorts();
  await answer(ports, '/locks', 1);
  const older = getReply(ports, 1).replace(/,"reads":\{"by":\d+,"what":\{[^}]*\}\}/, '');
  ports.bodies.set(70, older);
  await answer(ports, '/locks', 2);
  expect([readMarker(older)?.reads, getReply(ports, 1)]).toEqual([undefined, older]);
});

test('an answer folds only answers to comments of its kind, whose order their numbers show', async () => {
  const ports = createCommentPorts();
  const answerReview = async (id: `review-comment-${number}`, at: number): Promise<void> => {
    const plain = buildComment('/status', at);
    const comment = { ...plain, comment: { ...plain.comment, id } };
    const { reads } = await deliver(comment, ports);
    await foldEarlierAnswers(comment, reads, {
      thread: ports.thread,
      withReplyLease: async (_comment, work) => work(ports.thread),
    });
  };
  const getReviewReply = (id: string): string =>
    [...ports.bodies.values()].find((body) => readMarker(body)?.comment === id) ?? '';
  await answer(ports, '/status', 1);
  await answerReview('review-comment-5', 2);
  expect([isFolded(getReply(ports, 1)), isFolded(getReviewReply('review-comment-5'))]).toEqual([
    false,
    false,
  ]);
  await answerReview('review-comment-6', 3);
  expect([isFolded(getReply(ports, 1)), isFolded(getReviewReply('review-comment-5'))]).toEqual([false, true]);
});
