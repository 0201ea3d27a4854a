import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Thread } from '../../../chatops/github/port.ts';
import { meteredThread } from '../../../bot/budget/metered-thread.ts';
import { WriteBudget, WritesHeld } from '../../../bot/budget/write-budget.ts';

const thread: Thread = {
  findReply: async () => undefined,
  findOurs: async () => undefined,
  create: async (body) => ({ id: 1, body }),
  edit: async () => {},
  react: async () => {},
  reactionsSeen: () => undefined,
  hasReacted: async () => false,
};

test('comments count; looks and reactions do not', async () => {
  const budget = new WriteBudget({ hourly: 4, log: pino({ level: 'silent' }), now: () => 0 });
  const metered = meteredThread(thread, budget, 1);
  for (let n = 0; n < 5; n += 1) {
    await metered.findReply({ id: 1, createdAt: '' });
    await metered.findOurs('', () => false);
    await metered.hasReacted(1);
    await metered.react(1, 'eyes');
  }
  await metered.create('a reply');
  await expect(metered.edit(1, 'another')).rejects.toThrow(WritesHeld);
  await metered.react(1, 'rocket');
});

test("GitHub's rate limit on a reaction holds everything", async () => {
  const budget = new WriteBudget({ hourly: 300, log: pino({ level: 'silent' }), now: () => 0 });
  const limit = Object.assign(new Error('You have exceeded a secondary rate limit'), { status: 403 });
  const metered = meteredThread({ ...thread, react: () => Promise.reject(limit) }, budget, 1);
  await expect(metered.react(1, 'eyes')).rejects.toThrow(WritesHeld);
  await expect(metered.create('a reply')).rejects.toThrow(WritesHeld);
  await expect(metered.findReply({ id: 1, createdAt: '' })).rejects.toThrow(WritesHeld);
});
