import type { CommentId } from '../../contracts/comment-id.ts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import type { Comment } from '../../cli/thread/github-client.ts';
import { readMarker } from '../../chatops/reply/render-reply.ts';
import { isUnanswered } from '../fixtures/is-unanswered.ts';
import { startTestPlatform, waitUntil, type LocalPlatform } from '../fixtures/local-platform.ts';
import { createWebhook } from '../fixtures/signed-webhook.ts';

let platform: LocalPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.remove());

const comments = 50;
/** Webhooks in all: 50 first ones, 900 duplicates, 50 with a wrong signature. */
const webhooks = 1_000;
/** Connections at once: here each has a start behind it. The bot's own server is tested with all of them at the same time. */
const atOnce = 8;
/** How often a webhook is delivered at most: GitHub's answer to one that the bot could not finish in time, as on a busy machine. */
const maxDeliveries = 20;

/** Returns the bot's memory in MiB; undefined if the system does not report it. */
const memory = async (): Promise<number | undefined> => {
  const pid = (await platform.file()).children.find(({ name }) => name === 'bot')?.pid;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmRSS:\s+(\d+)/m.exec(status)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
};

/**
 * Delivers a webhook, and delivers it again while the bot's answer is "not in time" or does not arrive, as GitHub does on request.
 * Resolves with the last status.
 */
const deliver = async (send: () => Promise<number>): Promise<number> => {
  for (let n = 1; n < maxDeliveries; n += 1) {
    const status = await send().catch((error: unknown) => {
      if (!isUnanswered(error)) throw error;
    });
    if (status !== undefined && status !== 500) return status;
  }
  return send();
};

const inTurns = async <T>(work: readonly (() => Promise<T>)[]): Promise<T[]> => {
  const results: T[] = [];
  for (let at = 0; at < work.length; at += atOnce)
    results.push(...(await Promise.all(work.slice(at, at + atOnce).map((one) => one()))));
  return results;
};

test('a burst of webhooks, most of them duplicates, some badly signed: each command runs once', async () => {
  const me = await platform.as('write');
  const { github } = await platform.file();
  const written: Comment[] = [];
  for (let n = 0; n < comments; n += 1)
    written.push(await me.comment(github.issue, `/compute 1 samples=${n + 1}`));
  const hooks = await Promise.all(written.map((comment) => createWebhook(platform, comment)));

  const work = Array.from({ length: webhooks }, (_, n) => {
    const { send } = hooks[n % comments]!;
    const isForged = n >= webhooks - comments;
    return async () => ({
      isForged,
      status: await deliver(() => (isForged ? send(undefined, 'wrong') : send())),
    });
  });
  const before = await memory();
  const answers = await inTurns(work);
  const tally = Map.groupBy(answers, ({ isForged, status }) => `${isForged ? 'forged' : 'signed'} ${status}`);
  expect(Object.fromEntries([...tally].map(([kind, { length }]) => [kind, length]))).toEqual({
    'signed 200': webhooks - comments,
    'forged 400': comments,
  });

  const jobs = await platform.jobs();
  const ids = new Set<CommentId>(written.map(({ id }) => id));
  const started = (await jobs.page({ top: 500 })).jobs.filter(({ origin }) =>
    ids.has(origin.comment?.id ?? 0),
  );
  expect(started).toHaveLength(comments);
  const answered = await waitUntil('a reply to each', async () => {
    const replies = (await me.commentsSince(github.issue, written[0] as Comment))
      .map(({ body }) => readMarker(body)?.comment)
      .filter((comment) => comment !== undefined && ids.has(comment));
    return replies.length >= comments && replies;
  });
  expect(answered).toHaveLength(comments);
  expect(new Set(answered)).toEqual(ids);

  const after = await memory();
  if (before === undefined || after === undefined) return;
  // Includes garbage that is not collected yet, of which a busy machine has more. test/bot/memory.test.ts checks for leaks.
  expect(after - before).toBeLessThan(400);
}, 600_000);
