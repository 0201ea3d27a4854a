import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import examples from '@octokit/webhooks-examples' with { type: 'json' };
import { openServer, type TestBotServer } from '../../fixtures/bot-server.ts';

type Payload = {
  action: string;
  issue: { number: number; labels: { name: string }[]; comments: number; pull_request?: object };
  comment: Record<string, unknown> & { id: number; body: string; user: { id: number; login: string } };
  repository: { id: number; full_name: string };
  sender: { id: number; login: string };
  changes?: { body?: { from: string } };
};
const known = examples as unknown as { name: string; examples: Payload[] }[];
const payloadsOf = (event: string): Payload[] => known.find(({ name }) => name === event)?.examples ?? [];
const installation = { id: 3 };
const comments = payloadsOf('issue_comment').map((payload) => ({ ...payload, installation }));
const first = (action: string) =>
  comments.find((payload) => payload.action === action) as (typeof comments)[0];

/* GitHub's own payloads, signed, through the bot's server and Probot. */
describe('webhooks of comments', () => {
  let server: TestBotServer;
  beforeEach(async () => {
    server = await openServer();
  });
  afterEach(() => server.close());

  test('there are examples of all three actions', () => {
    expect(new Set(comments.map(({ action }) => action))).toEqual(new Set(['created', 'edited', 'deleted']));
  });

  test.each(comments.map((payload, n) => [n, payload.action, payload] as const))(
    'example %i: %s',
    async (_n, action, payload) => {
      expect((await server.deliver('issue_comment', payload)).status).toBe(200);
      if (action === 'deleted') return expect(server.receivedComments).toEqual([]);
      expect(server.receivedComments).toEqual([
        {
          host: 'github.com',
          thread: {
            repository: { id: payload.repository.id, name: payload.repository.full_name },
            number: payload.issue.number,
            kind: 'issue',
          },
          threadState: {
            labels: payload.issue.labels.map(({ name }) => name),
            comments: payload.issue.comments,
          },
          comment: {
            id: payload.comment.id,
            createdAt: payload.comment['created_at'],
            body: payload.comment.body,
          },
          author: expect.objectContaining({ login: 'Codertocat', kind: 'person' }),
          event:
            action === 'created'
              ? { kind: 'created' }
              : {
                  kind: 'edited',
                  at: payload.comment['updated_at'],
                  before: payload.changes?.body?.from,
                  editor: { id: payload.sender.id, login: payload.sender.login },
                },
          installation: 3,
          isAffiliated: payload.comment['author_association'] === 'OWNER' ? true : undefined,
        },
      ]);
    },
  );

  test('on pull requests too', async () => {
    for (const payload of comments) {
      await server.deliver('issue_comment', {
        ...payload,
        issue: { ...payload.issue, pull_request: { url: '' } },
      });
    }
    expect(new Set(server.receivedComments.map(({ thread }) => thread.kind))).toEqual(
      new Set(['pull-request']),
    );
  });

  test.each([
    ['of a bot', { user: { id: 49_699_333, login: 'dependabot[bot]', type: 'Bot' } }],
    ['of a placeholder', { user: { id: 6, login: 'mona-old', type: 'Mannequin' } }],
  ])('a comment %s is a program’s', async (_what, change) => {
    for (const payload of comments) {
      await server.deliver('issue_comment', { ...payload, comment: { ...payload.comment, ...change } });
    }
    expect(server.receivedComments.length).toBe(comments.filter(({ action }) => action !== 'deleted').length);
    expect(new Set(server.receivedComments.map(({ author }) => author.kind))).toEqual(new Set(['bot']));
  });

  test.each([
    ['by its slug', { id: 5, slug: 'relay' }, 'relay'],
    ['in lower case', { id: 5, slug: 'Relay-2_x' }, 'relay-2_x'],
    ['without a slug', { id: 5 }, null],
    ['with an empty one', { id: 5, slug: '' }, null],
    ['with null', { id: 5, slug: null }, null],
    ['that no policy can hold', { id: 5, slug: 'relay[bot]' }, null],
    ['with a letter that only looks like one', { id: 5, slug: 're\u217Cay' }, null],
    ['whose lower case is ASCII', { id: 5, slug: '\u212Aelay' }, null],
    ['with a line break', { id: 5, slug: 'relay\n' }, null],
    ['too long', { id: 5, slug: 'a'.repeat(101) }, null],
  ])('a person’s comment through another app names that app: %s', async (_what, app, slug) => {
    for (const payload of comments) {
      const comment = { ...payload.comment, performed_via_github_app: app };
      await server.deliver('issue_comment', { ...payload, comment });
    }
    const { id, login } = first('created').comment.user;
    expect(server.receivedComments.length).toBe(comments.filter(({ action }) => action !== 'deleted').length);
    for (const { author } of server.receivedComments)
      expect(author).toEqual({ id, login, kind: 'person-via-app', app: slug });
  });

  test.each([
    ['null', null],
    ['nothing', undefined],
  ])('a person’s comment through no app (%s) is that person’s', async (_what, app) => {
    const payload = first('created');
    await server.deliver('issue_comment', {
      ...payload,
      comment: { ...payload.comment, performed_via_github_app: app },
    });
    expect(server.receivedComments).toMatchObject([{ author: { kind: 'person' } }]);
  });

  test('a bot’s comment is that bot’s, whichever app it names', async () => {
    const payload = first('created');
    const user = { id: 49_699_333, login: 'dependabot[bot]', type: 'Bot' };
    const comment = { ...payload.comment, user, performed_via_github_app: { id: 5, slug: 'relay' } };
    await server.deliver('issue_comment', { ...payload, comment });
    expect(server.receivedComments.map(({ author }) => author)).toEqual([
      { id: user.id, login: user.login, kind: 'bot' },
    ]);
  });

  test.each([
    ['our own', { user: { id: 9, login: 'coxswain[bot]', type: 'Bot' } }, 'by-us'],
    ['one through our app', { performed_via_github_app: { id: 77, slug: 'coxswain' } }, 'by-us'],
    ['one of nobody any more', { user: null }, 'by-nobody'],
  ])('%s is not heard, whoever edits it', async (_what, change, outcome) => {
    for (const action of ['created', 'edited']) {
      const payload = first(action);
      await server.deliver('issue_comment', { ...payload, comment: { ...payload.comment, ...change } });
    }
    expect(server.receivedComments).toEqual([]);
    const shown = await server.metrics.registry.metrics();
    expect(shown).toContain(`coxswain_webhooks_total{event="issue_comment",outcome="${outcome}"} 2`);
  });

  test('without an installation there is nobody to answer as', async () => {
    const { installation: _left, ...payload } = first('created');
    expect((await server.deliver('issue_comment', payload)).status).toBe(200);
    expect(server.receivedComments).toEqual([]);
  });

  test('an edit without the previous text', async () => {
    await server.deliver('issue_comment', { ...first('edited'), changes: {} });
    expect(server.receivedComments).toMatchObject([{ event: { kind: 'edited', before: null } }]);
  });

  test('a deleted comment is a line in the log, with the delivery', async () => {
    const payload = first('deleted');
    await server.deliver('issue_comment', payload, { delivery: 'd-1' });
    expect(server.logged).toMatchObject([{ delivery: 'd-1', comment: payload.comment.id }]);
  });
});

type ReviewPayload = Omit<Payload, 'issue' | 'comment'> & {
  pull_request: { number: number; labels: { name: string }[] };
  comment?: Payload['comment'];
  review?: { id: number; body: string | null; submitted_at: string; state: string };
};
const reviewPayloads = (event: string): ReviewPayload[] =>
  (payloadsOf(event) as unknown as ReviewPayload[]).map((payload) => ({ ...payload, installation }));

describe('webhooks of review comments and reviews', () => {
  let server: TestBotServer;
  beforeEach(async () => {
    server = await openServer();
  });
  afterEach(() => server.close());

  const ofComments = reviewPayloads('pull_request_review_comment');
  test.each(ofComments.map((payload, n) => [n, payload.action, payload] as const))(
    'example %i of a review comment: %s',
    async (_n, action, payload) => {
      const { comment, pull_request: pull, repository, sender } = payload;
      expect((await server.deliver('pull_request_review_comment', payload)).status).toBe(200);
      if (action === 'deleted') return expect(server.receivedComments).toEqual([]);
      expect(server.receivedComments).toMatchObject([
        {
          thread: {
            repository: { id: repository.id, name: repository.full_name },
            number: pull.number,
            kind: 'pull-request',
          },
          threadState: { labels: pull.labels.map(({ name }) => name), comments: 0 },
          comment: {
            id: `review-comment-${comment?.id}`,
            // It was drafted before its review was submitted.
            createdAt: comment?.[action === 'created' ? 'updated_at' : 'created_at'],
            body: comment?.body,
          },
          author: { login: 'Codertocat', kind: 'person' },
          event:
            action === 'created'
              ? { kind: 'created' }
              : {
                  kind: 'edited',
                  at: comment?.['updated_at'],
                  before: payload.changes?.body?.from,
                  editor: { id: sender.id },
                },
        },
      ]);
    },
  );

  const ofReviews = reviewPayloads('pull_request_review');
  test.each(ofReviews.map((payload, n) => [n, payload.action, payload] as const))(
    'example %i of a review: %s',
    async (_n, action, payload) => {
      const { review, pull_request: pull } = payload;
      expect((await server.deliver('pull_request_review', payload)).status).toBe(200);
      if (action === 'dismissed') return expect(server.receivedComments).toEqual([]);
      expect(server.receivedComments).toMatchObject([
        {
          thread: { number: pull.number, kind: 'pull-request' },
          comment: { id: `review-${review?.id}`, createdAt: review?.submitted_at, body: review?.body ?? '' },
          author: { login: 'Codertocat', kind: 'person' },
          event: { kind: 'created' },
        },
      ]);
    },
  );

  test.each([
    ['the text before', { body: { from: '/compute 1' } }, '/compute 1'],
    ['no text before', { body: { from: null } }, ''],
    ['nothing about the text', {}, null],
  ])('an edited review that had %s', async (_what, changes, before) => {
    const payload = ofReviews.find(({ action }) => action === 'submitted');
    await server.deliver('pull_request_review', { ...payload, action: 'edited', changes });
    expect(server.receivedComments).toMatchObject([{ event: { kind: 'edited', before, at: null } }]);
  });

  test('our own reviews are not heard, and neither are reviews of deleted accounts', async () => {
    const payload = ofReviews.find(({ action }) => action === 'submitted');
    for (const user of [{ id: 9, login: 'coxswain[bot]', type: 'Bot' }, null])
      await server.deliver('pull_request_review', { ...payload, review: { ...payload?.review, user } });
    expect(server.receivedComments).toEqual([]);
  });

  test('a payload without its pull request is refused, and names the field', async () => {
    const { pull_request: _left, ...payload } = ofComments[0] as ReviewPayload;
    const answer = await server.deliver('pull_request_review_comment', payload);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(server.logged)).toContain(
      'The pull_request_review_comment webhook is not valid at pull_request',
    );
  });
});

test('what happens to a webhook is logged with its delivery; a fault is a 500, and asked for again', async () => {
  const server = await openServer({
    handleComment: async (comment, log) => {
      log.info('hears');
      throw Object.assign(new Error(`no answer for ${comment.comment.id}`), { status: 404 });
    },
  });
  try {
    const { status } = await server.deliver('issue_comment', first('created'), { delivery: 'd-2' });
    expect(status).toBe(500);
    expect(server.failures()).toBe(1);
    expect(server.logged.find(({ msg }) => msg === 'hears')).toMatchObject({
      delivery: 'd-2',
      action: 'created',
      comment: first('created').comment.id,
      repository: first('created').repository.full_name,
    });
    const faults = server.logged.filter(({ level }) => level >= 50);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.filter((line) => !JSON.stringify(line).includes('d-2'))).toEqual([]);
  } finally {
    await server.close();
  }
});

describe('webhooks of pull requests', () => {
  let server: TestBotServer;
  beforeEach(async () => {
    server = await openServer();
  });
  afterEach(() => server.close());

  test('only new commits are checked', async () => {
    const payloads = payloadsOf('pull_request') as unknown as {
      action: string;
      number: number;
      pull_request: { head: { sha: string } };
    }[];
    for (const payload of payloads) {
      expect((await server.deliver('pull_request', { ...payload, installation })).status).toBe(200);
    }
    const fresh = payloads.filter(({ action }) => ['opened', 'synchronize', 'reopened'].includes(action));
    expect(fresh.length).toBeGreaterThan(3);
    expect(server.pulls.map(({ number, head }) => ({ number, head }))).toEqual(
      fresh.map(({ number, pull_request: pull }) => ({ number, head: pull.head.sha })),
    );
  });
});

describe('a flood', () => {
  test('1 000 webhooks at once, most of them known and some badly signed: no 5xx, and nothing is held after', async () => {
    let under = 0;
    const server = await openServer({
      handleComment: async () => {
        under += 1;
        await new Promise((resolve) => setImmediate(resolve));
        return 'accepted';
      },
    });
    try {
      const body = JSON.stringify(first('created'));
      const answers = await Promise.all(
        Array.from({ length: 1_000 }, (_, n) =>
          server.deliver('issue_comment', body, n % 20 === 0 ? { signature: '0'.repeat(64) } : {}),
        ),
      );
      const statuses = answers.map(({ status }) => status);
      await Promise.all(answers.map((answer) => answer.text()));
      expect(statuses.filter((status) => status === 200)).toHaveLength(950);
      expect(statuses.filter((status) => status === 400)).toHaveLength(50);
      expect(under).toBe(950);
    } finally {
      await server.close();
    }
  });
});

describe('webhooks of closed threads', () => {
  let server: TestBotServer;
  beforeEach(async () => {
    server = await openServer();
  });
  afterEach(() => server.close());

  test.each(['issues', 'pull_request'])('%s: only a closed thread ends locks', async (event) => {
    const payloads = payloadsOf(event).map((payload) => ({ ...payload, installation }));
    for (const payload of payloads) expect((await server.deliver(event, payload)).status).toBe(200);
    const closed = payloads.filter(({ action }) => action === 'closed');
    expect(server.closed.map(({ number }) => number)).toEqual(
      closed.map((payload) => (payload.issue ?? (payload as unknown as { number: number })).number),
    );
    for (const { closedAt, repository } of server.closed)
      expect([Date.parse(closedAt) > 0, repository.name]).toEqual([true, 'Codertocat/Hello-World']);
  });

  test('an issue that was closed', async () => {
    const [example] = payloadsOf('issues');
    const issue = { ...example?.issue, number: 7, closed_at: '2026-03-01T12:00:00Z' };
    await server.deliver('issues', { ...example, action: 'closed', issue, installation });
    expect(server.closed).toMatchObject([{ number: 7, closedAt: '2026-03-01T12:00:00Z' }]);
  });
});
