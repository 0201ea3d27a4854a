import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  getExample,
  getExamples,
  getRunnerVariables,
  type WebhookExample,
} from '../fixtures/action/webhook-examples.ts';
import { completed, ActionFixture } from '../fixtures/action/action-fixture.ts';
import { startStep, type RunningStep } from '../fixtures/action/step-process.ts';

/* Runs the built bundle on GitHub's own example events of review comments and reviews. */

type ReviewEvent = 'pull_request_review_comment' | 'pull_request_review';
type ReviewExample = WebhookExample & { review: { id: number; body: string | null; submitted_at: string } };

let fixture: ActionFixture;
beforeEach(async () => {
  fixture = await new ActionFixture().open();
});
afterEach(() => fixture.close());

const run = (event: ReviewEvent, example: WebhookExample): Promise<RunningStep> => {
  const { id, full_name, private: isPrivate } = example.repository;
  fixture.github.repository = { id, full_name, private: isPrivate };
  fixture.github.permissions.set(example.sender.login, { permission: 'write', role_name: 'write' });
  const { url, key } = fixture.orchestrator;
  return startStep({
    inputs: { 'orchestrator-url': url, 'orchestrator-key': key },
    environment: { GITHUB_API_URL: fixture.github.url, ...getRunnerVariables(event, example) },
    event: example,
  });
};

const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

/** An example whose review comment was drafted long before its review was submitted. */
const reviewComment = (body: string): WebhookExample => {
  const example = getExample('pull_request_review_comment', ({ action }) => action === 'created');
  return { ...example, comment: { ...example.comment, body, updated_at: now() } };
};
const review = (body: string): ReviewExample => {
  const example = getExample('pull_request_review', ({ action }) => action === 'submitted') as ReviewExample;
  return { ...example, review: { ...example.review, body, submitted_at: now() } };
};

test.each(['pull_request_review_comment', 'pull_request_review'] as const)(
  'GitHub’s examples of %s contain no command: nobody is asked, and nothing said',
  async (event) => {
    for (const example of getExamples(event)) {
      const { code, said, outputs } = await (await run(event, example)).ended;
      expect({ code, said, outputs }).toEqual({ code: 0, said: '', outputs: {} });
    }
    expect([fixture.github.calls, fixture.orchestrator.startRequests]).toEqual([[], 0]);
  },
);

describe('a command', () => {
  test('in a review comment becomes a job, and one reply in the conversation', async () => {
    const example = reviewComment('/compute 10');
    const step = await run('pull_request_review_comment', example);
    const id = `review-comment-${example.comment.id}`;
    const job = await fixture.job();
    expect(job.origin).toMatchObject({
      host: 'github.com',
      thread: { number: example.pull_request.number, kind: 'pull-request' },
      review: { id, createdAt: example.comment.updated_at },
      sender: 'Codertocat',
    });
    expect(job.origin.comment).toBeUndefined();
    fixture.orchestrator.updateJob(job.id, completed);
    const page = `Codertocat/Hello-World/issues/${example.pull_request.number}#issuecomment-`;
    expect(await step.ended).toMatchObject({
      code: 0,
      outputs: { state: 'completed', 'job-id': job.id, 'reply-url': expect.stringContaining(page) },
    });
    const [reply, ...more] = fixture.github.comments;
    expect(reply?.body).toMatch(
      new RegExp(`^In reply to \\[this review comment\\]\\(#discussion_r${example.comment.id}\\)`),
    );
    expect(reply?.body).toContain(`"comment":"${id}"`);
    expect(more).toEqual([]);
    expect(fixture.github.reviewCommentReactions).toEqual(['eyes', 'rocket']);
    const leases = [...fixture.orchestrator.leases.keys()];
    const scope = `github.com/${example.repository.id}`;
    expect(leases).toEqual(expect.arrayContaining([`entry/${scope}/${id}`, `reply/${scope}/${id}`]));
  });

  test('in a review becomes a job and a reply; a second run finds both', async () => {
    const example = review('Please check:\n\n/compute 10');
    const step = await run('pull_request_review', example);
    const { id } = await fixture.job();
    fixture.orchestrator.updateJob(id, completed);
    expect(await step.ended).toMatchObject({ code: 0, outputs: { state: 'completed', 'job-id': id } });
    expect(fixture.github.comments).toHaveLength(1);
    fixture.expireReplyLeases();
    const again = await (await run('pull_request_review', example)).ended;
    expect(again).toMatchObject({ code: 0, outputs: { 'job-id': id } });
    expect([fixture.orchestrator.starts, fixture.github.comments.length]).toEqual([1, 1]);
    expect([fixture.github.reactions, fixture.github.reviewCommentReactions]).toEqual([[], []]);
  });

  test('in a review comment that the app has claimed is left to the app', async () => {
    const example = reviewComment('/compute 10');
    const name = `entry/github.com/${example.repository.id}/review-comment-${example.comment.id}`;
    fixture.orchestrator.leases.set(name, { holder: 'app', until: Infinity });
    const { code, said } = await (await run('pull_request_review_comment', example)).ended;
    expect([code, said]).toEqual([0, expect.stringContaining('The app answers this comment')]);
    expect([fixture.orchestrator.starts, fixture.github.comments]).toEqual([0, []]);
  });
});

describe('a sweep', () => {
  const ago = (minutes: number): string =>
    new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, 'Z');
  /** Lists a review comment that was drafted long before its review was submitted. */
  const list = (changed: { submitted: number; edited?: number }): void => {
    const { submitted, edited = submitted } = changed;
    fixture.github.more.set('GET /repos/acme/ops/pulls/comments', [
      {
        id: 1_000,
        pull_request_review_id: 5,
        pull_request_url: 'https://api.github.com/repos/acme/ops/pulls/1',
        body: '/compute 10',
        user: { id: 11, login: 'mona', type: 'User' },
        created_at: ago(300),
        updated_at: ago(edited),
        reactions: { total_count: 0 },
      },
    ]);
    fixture.github.more.set('GET /repos/acme/ops/pulls/1/reviews/5', { submitted_at: ago(submitted) });
  };
  const sweep = async () =>
    (
      await startStep(
        fixture.step({ inputs: { mode: 'sweep' }, environment: { GITHUB_EVENT_NAME: 'schedule' } }),
      )
    ).ended;

  test('answers a review comment without an answer, once, although a comment has its number', async () => {
    const { id } = fixture.github.addComment('Hello');
    expect(id).toBe(1_000);
    list({ submitted: 10 });
    expect((await sweep()).code).toBe(0);
    expect([...fixture.orchestrator.jobs.values()]).toMatchObject([
      { origin: { review: { id: 'review-comment-1000' } } },
    ]);
    expect(fixture.github.comments.map(({ body }) => body)).toEqual([
      'Hello',
      expect.stringContaining('"comment":"review-comment-1000"'),
    ]);
    fixture.expireReplyLeases();
    expect((await sweep()).code).toBe(0);
    expect([fixture.orchestrator.starts, fixture.github.comments.length]).toEqual([1, 2]);
  });

  test.each([
    ['whose own run may still start', { submitted: 4 }],
    ['that was edited, nobody knows by whom', { submitted: 60, edited: 10 }],
  ])('ignores a review comment %s', async (_what, changed) => {
    list(changed);
    expect((await sweep()).code).toBe(0);
    expect([fixture.orchestrator.startRequests, fixture.github.comments]).toEqual([0, []]);
  });
});
