import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Comment } from '../../cli/thread/github-client.ts';
import type { FinishedStep } from '../fixtures/action/step-process.ts';
import { bots, openAppAndAction, type AppAndAction } from '../fixtures/e2e/app-and-action.ts';
import { restoreActionBundle } from '../fixtures/older/action-bundle.ts';

/* The bot and an Action of an older version share one repository: no comment gets a second reply, and no command a second job. */

let both: AppAndAction;
let folder: string;
/** The older bundle. */
let bundle: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coxswain-older-'));
  bundle = restoreActionBundle(folder);
  both = await openAppAndAction();
  await both.desk.replacePolicy(policy);
}, 300_000);
afterAll(async () => {
  await both.platform.remove();
  await rm(folder, { recursive: true });
}, 60_000);

const policy = `version: 1
tasks:
  Hello:
    approval: {from: {permission: maintain}}
`;

const { app, action } = bots;
const byApp = { code: 0, said: expect.stringContaining('The app answers this comment') };

/** Commands with the number of jobs that they start and the text of their final reply. */
const commands: readonly (readonly [body: string, jobs: number, says: RegExp])[] = [
  ['/compute 3', 1, /completed/],
  ['/help', 0, /\/compute/],
  ['/comptue 5', 0, /\/compute/],
  ['/compute 4\n/compute 6 samples=9', 2, /completed[^]*completed/],
];

const writeAll = (login: string): Promise<Comment[]> =>
  Promise.all(commands.map(([body]) => both.desk.write(login, body)));

const runAll = async (comments: readonly Comment[], version = bundle): Promise<FinishedStep[]> => {
  const steps = await Promise.all(comments.map((comment) => both.run(comment, { bundle: version })));
  return Promise.all(steps.map(({ ended }) => ended));
};

/** Delivers each comment's webhook again. @returns the accounts that replied, after checking that there is one reply each */
const getRepliers = async (comments: readonly Comment[]): Promise<string[]> => {
  await Promise.all(comments.map((comment) => both.sendWebhook(comment)));
  return Promise.all(
    comments.map((comment, at) => {
      const [, jobs, says] = commands[at] as (typeof commands)[number];
      return both.expectOneReply(comment, jobs, says);
    }),
  );
};

const repeat = (login: string): string[] => commands.map(() => login);

const requestApproval = (): Promise<Comment> => both.desk.write('octavia', '/run Hello who=older');

const approve = async (asked: Comment): Promise<Comment> => {
  const reply = await both.desk.waitForReply(asked, /approve [0-9a-z]{10}/);
  const [, code] = /approve ([0-9a-z]{10})/.exec(reply) ?? [];
  return both.desk.write('priya', `/approve ${code}`);
};

/** Comments that the older Action and the bot have answered, for later tests. */
const answered: Record<'app' | 'action', Comment[]> = { app: [], action: [] };

test('both start at the same time: one of them answers', async () => {
  let running: Promise<FinishedStep[]> | undefined;
  const comments = await both.withoutBot(async () => {
    const written = await writeAll('octavia');
    running = runAll(written);
    return written;
  });
  for (const { code } of (await running) ?? []) expect(code).toBe(0);
  for (const login of await getRepliers(comments)) expect([app, action]).toContain(login);
}, 300_000);

test('the bot answers first: the older Action does nothing', async () => {
  const comments = await writeAll('tomas');
  expect(await getRepliers(comments)).toEqual(repeat(app));
  for (const ended of await runAll(comments)) expect(ended).toMatchObject(byApp);
  expect(await getRepliers(comments)).toEqual(repeat(app));
  answered.app = comments;
}, 300_000);

test('the older Action answers first: the bot, and a later run of this version, do nothing', async () => {
  const comments = await both.withoutBot(async () => {
    const written = await writeAll('mona');
    for (const { code } of await runAll(written)) expect(code).toBe(0);
    return written;
  });
  expect(await getRepliers(comments)).toEqual(repeat(action));
  for (const { code } of await runAll(comments, 'action/dist')) expect(code).toBe(0);
  expect(await getRepliers(comments)).toEqual(repeat(action));
  answered.action = comments;
}, 300_000);

test('an edited comment is answered by the one that answered it before', async () => {
  const { desk, run, sendWebhook, expectOneReply } = both;
  const comments = [answered.app[0], answered.action[0]] as [Comment, Comment];
  const edit = async (comment: Comment): Promise<FinishedStep> => {
    const body = `${comment.body}\n/compute 5`;
    await desk.edit(comment.user.login, comment, body);
    return (await run({ ...comment, body }, { before: comment.body, bundle })).ended;
  };
  expect(await Promise.all(comments.map(edit))).toMatchObject([byApp, { code: 0 }]);
  for (const [at, login] of [app, action].entries()) {
    await sendWebhook(comments[at] as Comment);
    expect(await expectOneReply(comments[at] as Comment, 2, /completed[^]*completed/)).toBe(login);
  }
}, 300_000);

test('the bot approves a job of the older Action, whose reply is completed', async () => {
  const { withoutBot, expectOneReply } = both;
  const asked = await withoutBot(async () => {
    const written = await requestApproval();
    const [ended] = await runAll([written]);
    expect(ended).toMatchObject({ code: 0, outputs: { state: 'waiting' } });
    return written;
  });
  const approval = await approve(asked);
  expect(await expectOneReply(approval, 0, /approved/)).toBe(app);
  const [ended] = await runAll([approval]);
  expect(ended).toMatchObject({ code: 0, outputs: { state: 'completed' } });
  expect(await expectOneReply(asked, 1, /completed/)).toBe(action);
}, 300_000);

test('the older Action approves a job of the bot, whose reply is completed', async () => {
  const { withoutBot, expectOneReply } = both;
  const asked = await requestApproval();
  await both.desk.waitForReply(asked, /approve [0-9a-z]{10}/);
  const approval = await withoutBot(async () => {
    const written = await approve(asked);
    const [ended] = await runAll([written]);
    expect(ended).toMatchObject({ code: 0 });
    return written;
  });
  expect(await expectOneReply(approval, 0, /approved/)).toBe(action);
  expect(await expectOneReply(asked, 1, /completed/)).toBe(app);
}, 300_000);
