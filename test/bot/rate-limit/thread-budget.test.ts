import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Thread } from '../../../chatops/github/ports.ts';
import { createBotMetrics } from '../../../bot/metrics.ts';
import { toThreadBudget } from '../../../bot/rate-limit/thread-budget.ts';
import { WriteBudget, WriteDelayedError } from '../../../bot/rate-limit/write-budget.ts';
import { createFencedThread } from '../../../chatops/reply-sync/fenced-thread.ts';

const thread: Thread = {
  findReply: async () => undefined,
  findOwnComment: async () => undefined,
  create: async (body) => ({ id: 1, body }),
  edit: async () => {},
  react: async () => {},
  getCachedReactions: () => undefined,
  hasReacted: async () => false,
};

const open = (hourly: number) => {
  const metrics = createBotMetrics();
  return new WriteBudget({ hourly, metrics, log: pino({ level: 'silent' }), now: () => 0 });
};
const target = { installation: 1, repository: 501 };
const limit = Object.assign(new Error('You have exceeded a secondary rate limit'), { status: 403 });

test('comments and reactions count, reads do not; a reaction without room is dropped', async () => {
  const given: string[] = [];
  const react: Thread['react'] = async (_comment, reaction) => void given.push(reaction);
  const metered = createFencedThread({ ...thread, react }, { budget: toThreadBudget(open(6), target) });
  for (let n = 0; n < 5; n += 1) {
    await metered.findReply({ id: 1, createdAt: '' });
    await metered.findOwnComment('', () => false);
    await metered.hasReacted(1);
  }
  // A bucket of 3, of which a reaction leaves a fifth.
  await metered.react(1, 'eyes');
  await metered.create('a reply');
  await metered.react(1, 'rocket');
  await metered.edit(1, 'another');
  await expect(metered.edit(1, 'a third')).rejects.toThrow(WriteDelayedError);
  expect(given).toEqual(['eyes']);
});

test('the writes of people without permissions are charged to them', async () => {
  const metered = createFencedThread(thread, {
    budget: toThreadBudget(open(300), { ...target, person: 12 }),
  });
  const made = async (write: () => Promise<unknown>): Promise<boolean> =>
    write().then(
      () => true,
      () => false,
    );
  const all = await Promise.all(Array.from({ length: 30 }, () => made(() => metered.create('a reply'))));
  // A bucket of 150, a tenth of which is for such people, and two fifths of that for one of them.
  expect(all.filter(Boolean)).toHaveLength(6);
});

test("GitHub's rate limit on a reaction holds everything", async () => {
  const metered = createFencedThread(
    { ...thread, react: () => Promise.reject(limit) },
    { budget: toThreadBudget(open(300), target) },
  );
  await metered.react(1, 'eyes');
  await expect(metered.create('a reply')).rejects.toThrow(WriteDelayedError);
  await expect(metered.findReply({ id: 1, createdAt: '' })).rejects.toThrow(WriteDelayedError);
});
