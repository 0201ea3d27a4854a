import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { leasePath } from '../../contracts/blob-paths.ts';
import { openStorage } from '../../compute/storage/open-storage.ts';
import type { Comment } from '../../cli/thread/github-client.ts';
import type { FinishedStep } from '../fixtures/action/step-process.ts';
import { bots, openAppAndAction, type AppAndAction } from '../fixtures/e2e/app-and-action.ts';

/* The bot and the Action receive the same comments of one repository. */

let both: AppAndAction;
beforeAll(async () => {
  both = await openAppAndAction();
  await both.desk.replacePolicy(policy);
}, 300_000);
afterAll(() => both.platform.remove(), 60_000);

const policy = `version: 1
tasks:
  Hello:
    approval: {from: {permission: maintain}}
  StopVM:
    allow: {}
`;

const { app, action } = bots;
const byApp = { code: 0, said: expect.stringContaining('The app answers this comment') };

/** Commands of each kind, with how many jobs they make and what their reply says in the end. */
const kinds: readonly (readonly [body: string, jobs: number, says: RegExp])[] = [
  ['/compute 3', 1, /completed/],
  ['/help', 0, /\/compute/],
  ['/run StopVM VMName=web-1 ResourceGroupName=rg-a', 0, /does not allow anyone/],
  ['/comptue 5', 0, /\/compute/],
  ['/compute 4\n/compute 6 samples=9\n/tasks', 2, /completed[^]*completed/],
];

/** Writes one comment of each kind. Each kind is used in one test only, because a refusal is explained once a day. */
const writeAll = (login: string): Promise<Comment[]> =>
  Promise.all(kinds.map(([body]) => both.desk.write(login, body)));

const runAll = async (comments: readonly Comment[]): Promise<FinishedStep[]> => {
  const steps = await Promise.all(comments.map((comment) => both.run(comment)));
  return Promise.all(steps.map(({ ended }) => ended));
};

/** Returns the repliers to each comment, after both have received it again. */
const findRepliers = async (comments: readonly Comment[]): Promise<string[]> => {
  await Promise.all(comments.map((comment) => both.sendWebhook(comment)));
  return Promise.all(
    comments.map((comment, at) => {
      const [, jobs, says] = kinds[at] as (typeof kinds)[number];
      return both.expectOneReply(comment, jobs, says);
    }),
  );
};

/** Requests a job that waits for approval. */
const requestApproval = (): Promise<Comment> => both.desk.write('octavia', '/run Hello who=both');

const approve = async (asked: Comment): Promise<Comment> => {
  const reply = await both.desk.waitForReply(asked, /is waiting for approval/);
  const [, code] = /approve ([0-9a-z]{10})/.exec(reply) ?? [];
  return both.desk.write('priya', `/approve ${code}`);
};

/** What app and Action have answered, and what waits for approval, for the tests that come after. */
const earlier: Record<'app' | 'action', { answered: Comment[]; waiting: Comment[] }> = {
  app: { answered: [], waiting: [] },
  action: { answered: [], waiting: [] },
};

const repeatForEachKind = (login: string): string[] => kinds.map(() => login);

test('both at once: one of them answers', async () => {
  let running: Promise<FinishedStep[]> | undefined;
  const comments = await both.withoutBot(async () => {
    const written = await writeAll('octavia');
    running = runAll(written);
    return written;
  });
  for (const { code } of (await running) ?? []) expect(code).toBe(0);
  for (const login of await findRepliers(comments)) expect([app, action]).toContain(login);
}, 300_000);

test('the bot answers first: the Action does nothing', async () => {
  const comments = await writeAll('tomas');
  expect(await findRepliers(comments)).toEqual(repeatForEachKind(app));
  for (const ended of await runAll(comments)) expect(ended).toMatchObject(byApp);
  expect(await findRepliers(comments)).toEqual(repeatForEachKind(app));
  earlier.app = { answered: comments, waiting: [await requestApproval()] };
}, 300_000);

test('the Action answers first: the bot does nothing later', async () => {
  const comments = await both.withoutBot(async () => {
    const written = await writeAll('mona');
    const waiting = [await requestApproval(), await requestApproval()];
    earlier.action = { answered: written, waiting };
    for (const { code } of await runAll(written)) expect(code).toBe(0);
    for (const { code, outputs } of await runAll(waiting))
      expect([code, outputs['state']]).toEqual([0, 'waiting']);
    return written;
  });
  expect(await findRepliers(comments)).toEqual(repeatForEachKind(action));
}, 300_000);

test('an edited comment is answered by the one that answered it before', async () => {
  const { desk, run, sendWebhook, expectOneReply } = both;
  const comments = [earlier.app.answered[0], earlier.action.answered[0]] as [Comment, Comment];
  const edit = async (comment: Comment): Promise<FinishedStep> => {
    const body = `${comment.body}\n/compute 5`;
    await desk.edit(comment.user.login, comment, body);
    return (await run({ ...comment, body }, { before: comment.body })).ended;
  };
  expect(await Promise.all(comments.map(edit))).toMatchObject([byApp, { code: 0 }]);
  for (const [at, login] of [app, action].entries()) {
    await sendWebhook(comments[at] as Comment);
    expect(await expectOneReply(comments[at] as Comment, 2, /completed[^]*completed/)).toBe(login);
  }
}, 300_000);

test('the app approves a job of the Action, whose reply is completed', async () => {
  const { desk, run, withoutBot, leases, scope, expectOneReply } = both;
  const [soon, late] = earlier.action.waiting as [Comment, Comment];
  // The run is there before the app has seen to it.
  const { early, following } = await withoutBot(async () => {
    const written = await approve(soon);
    await leases.take(`entry/${scope}/${written.id}`, 'app', 60);
    const step = await run(written);
    await step.waitForText('The app answers');
    return { early: written, following: step };
  });
  // The run is there only after the job has ended.
  const approval = await approve(late);
  await desk.waitForJob(late, 'completed');
  expect(await expectOneReply(approval, 0, /You approved/)).toBe(app);
  const after = await run(approval);
  for (const step of [following, after])
    expect(await step.ended).toMatchObject({ code: 0, outputs: { state: 'completed' } });
  expect(await expectOneReply(early, 0, /You approved/)).toBe(app);
  for (const asked of [soon, late]) expect(await expectOneReply(asked, 1, /completed/)).toBe(action);
}, 300_000);

test('the Action approves a job of the app, whose reply is completed', async () => {
  const { desk, run, withoutBot, expectOneReply } = both;
  const [asked] = earlier.app.waiting as [Comment];
  // Only the bot can bring its reply so far.
  await desk.waitForReply(asked, /is waiting for approval/);
  const approval = await withoutBot(async () => {
    const written = await approve(asked);
    expect((await (await run(written)).ended).code).toBe(0);
    return written;
  });
  expect(await expectOneReply(approval, 0, /You approved/)).toBe(action);
  expect(await expectOneReply(asked, 1, /completed/)).toBe(app);
}, 300_000);

test('an Action that dies between claim and answer is replaced by its next run, not by the bot', async () => {
  const { desk, actionLeases, scope, run, withoutBot } = both;
  const comments = await withoutBot(async () => {
    const written = [await desk.write('octavia', '/help'), await desk.write('octavia', '/compute 2')];
    await Promise.all(
      written.map(async (comment) => {
        const reply = `reply/${scope}/${comment.id}`;
        await actionLeases.take(reply, 'nobody', 60);
        const step = await run(comment);
        await step.waitForText('::group::Audit');
        step.kill('SIGKILL');
        expect((await step.ended).code).toBeNull();
        await actionLeases.release(reply, 'nobody');
      }),
    );
    return written as [Comment, Comment];
  });
  for (const comment of comments) await both.sendWebhook(comment);
  const bodies = (await desk.listComments()).map(({ body }) => body);
  for (const { id } of comments) expect(bodies.join('')).not.toContain(`"comment":${id},`);
  const [help, compute] = comments;
  for (const { code } of await runAll(comments)) expect(code).toBe(0);
  expect(await both.expectOneReply(compute, 1, /completed/)).toBe(action);
  await desk.waitForReply(help, /\/compute/);
}, 300_000);

test('a bot that dies between claim and answer is replaced by its successor, not by the Action', async () => {
  const { desk, run } = both;
  const next = Math.max(...(await desk.listComments()).map(({ id }) => id)) + 1;
  const comment = await desk.killBeforeReply(next, () => desk.write('octavia', '/compute 2'));
  expect(await (await run(comment)).ended).toMatchObject(byApp);
  expect(await both.expectOneReply(comment, 1, /completed/)).toBe(app);
}, 300_000);

test.each([
  ['app', app],
  ['action', action],
])(
  'with the policy "entry: %s", the other entry does nothing and there is no claim',
  async (entry, login) => {
    const { desk, run, sendWebhook, platform, scope } = both;
    await desk.replacePolicy(`${policy}entry: ${entry}\n`);
    const comment = await desk.write('octavia', '/help');
    const { code, said } = await (await run(comment)).ended;
    expect([code, said.includes('Audit')]).toEqual([0, entry === 'action']);
    await sendWebhook(comment);
    expect(await both.expectOneReply(comment, 0, /\/compute/)).toBe(login);
    const { blobs } = openStorage((await platform.file()).storage.connectionString);
    const isClaimed = ({ id }: Comment): Promise<boolean> => blobs.exists(leasePath(`entry/${scope}/${id}`));
    expect(await Promise.all([earlier.app.answered[0] as Comment, comment].map(isClaimed))).toEqual([
      true,
      false,
    ]);
  },
  60_000,
);
