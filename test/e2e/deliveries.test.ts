import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHmac, randomUUID } from 'node:crypto';
import { follow } from '../../cli/thread/follow.ts';
import type { Comment } from '../../cli/thread/github.ts';
import { jobOf, localPlatform, until, type LocalPlatform } from './local-platform.ts';

let platform: LocalPlatform;
beforeAll(async () => {
  platform = await localPlatform();
});
afterAll(() => platform.remove());

/** Sends the bot the webhook of a comment, as GitHub would, signed. */
const deliver = async (comment: Comment, delivery = randomUUID()): Promise<number> => {
  const { bot, github } = await platform.file();
  const [owner, name] = github.repository.split('/');
  const body = JSON.stringify({
    action: 'created',
    issue: { number: github.issue },
    comment: await raw(comment.id),
    repository: {
      id: (await get('')).id,
      name,
      full_name: github.repository,
      private: true,
      owner: { login: owner },
    },
    installation: { id: github.installation },
    sender: (await raw(comment.id)).user,
  });
  const signature = createHmac('sha256', bot.webhookSecret).update(body).digest('hex');
  const response = await fetch(bot.webhookUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'issue_comment',
      'x-github-delivery': delivery,
      'x-hub-signature-256': `sha256=${signature}`,
    },
    body,
  });
  return response.status;
};

type Raw = { id: number; user?: object };

/** Something of the repository, whole, as the API answers it. */
const get = async (path: string): Promise<Raw> => {
  const { github } = await platform.file();
  const url = `${github.url}/api/v3/repos/${github.repository}${path}`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${github.token}` } });
  return (await response.json()) as Raw;
};
const raw = (comment: number): Promise<Raw> => get(`/issues/comments/${comment}`);

const tenTimes = async (comment: Comment): Promise<number[]> => {
  const delivery = randomUUID();
  return Promise.all(Array.from({ length: 10 }, () => deliver(comment, delivery)));
};

/** How many jobs and replies a comment has. */
const counted = async (comment: Comment) => {
  const me = await platform.as('write');
  const { github } = await platform.file();
  const jobs = await (await platform.jobs()).page({});
  const replies = (await me.commentsSince(github.issue, comment)).filter(({ body }) =>
    body.includes(`"comment":${comment.id},`),
  );
  return {
    jobs: jobs.jobs.filter(({ origin }) => origin.comment?.id === comment.id).length,
    replies: replies.length,
  };
};

test('one webhook ten times at once, after the end, and after a restart: one job, one reply', async () => {
  const me = await platform.as('write');
  const { github } = await platform.file();
  const comment = await me.comment(github.issue, '/compute 20');
  expect(new Set(await tenTimes(comment))).toEqual(new Set([200]));
  const story = await follow(await platform.file(), me, github.issue, comment, () => {}, 60);
  expect(story.jobs).toMatchObject([{ state: 'completed' }]);
  expect(new Set(await tenTimes(comment))).toEqual(new Set([200]));
  expect(await counted(comment)).toEqual({ jobs: 1, replies: 1 });

  expect(await platform.stop()).toBe(0);
  await platform.start();
  expect(new Set(await tenTimes(comment))).toEqual(new Set([200]));
  // A further comment passes through the same queue: once it is answered, the deliveries before it have been too.
  await platform.say('/tasks');
  expect(await counted(comment)).toEqual({ jobs: 1, replies: 1 });
  const [job] = (await (await platform.jobs()).page({})).jobs.filter(
    ({ origin }) => origin.comment?.id === comment.id,
  );
  expect(job).toEqual({ ...story.jobs[0], links: expect.anything() });
}, 120_000);

test('the bot killed at the start of a job: one job, one reply that ends right', async () => {
  const me = await platform.as('write');
  const { github } = await platform.file();
  const comment = await me.comment(github.issue, '/compute 50');
  const jobs = await platform.jobs();
  await until('the start', async () =>
    (await jobs.page({})).jobs.some(({ origin }) => origin.comment?.id === comment.id),
  );
  await platform.kill('bot');
  const story = await follow(await platform.file(), me, github.issue, comment, () => {}, 60);
  expect(story.jobs).toMatchObject([{ state: 'completed', progress: { done: 50 } }]);
  expect(await counted(comment)).toEqual({ jobs: 1, replies: 1 });
  expect((await jobOf(platform, comment)).state).toBe('completed');
}, 120_000);

test('a comment written while the bot is down is answered once it is back', async () => {
  const me = await platform.as('write');
  const { github } = await platform.file();
  await platform.kill('bot');
  const comment = await me.comment(github.issue, '/run Hello who=world');
  const story = await follow(await platform.file(), me, github.issue, comment, () => {}, 60);
  expect(story.jobs).toMatchObject([{ state: 'completed', result: { exitCode: 0 } }]);
  expect(await counted(comment)).toEqual({ jobs: 1, replies: 1 });
}, 120_000);
