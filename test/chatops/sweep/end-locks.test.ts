import { expect, test } from '@jest/globals';
import type { Octokit } from '../../../chatops/github/api-client.ts';
import { endLocksOfClosedThreads } from '../../../chatops/sweep/end-locks.ts';
import type { Lock, Locks } from '../../../compute/client/index.ts';
import { heldLock } from '../../fixtures/jobs.ts';

const takeAt = (since: string, thread: number | null): Lock['holders'][number] => ({
  kind: 'person',
  person: { id: '7', name: 'mona' },
  reason: null,
  since,
  end: { at: null, thread },
});

const lockOf = (key: string, thread: number | null, since = '2026-03-01T12:00:00Z') =>
  heldLock({ key, holders: [takeAt(since, thread)], waiting: [] });

const run = async (locks: Lock[], states: Record<number, string | number>) => {
  const asked: number[] = [];
  const ended: Parameters<Locks['endWithThread']>[0][] = [];
  const octokit: Octokit = {
    request: async (_route, parameters) => {
      const number = Number(parameters?.['issue_number']);
      asked.push(number);
      const state = states[number];
      if (typeof state === 'number') throw Object.assign(new Error('not found'), { status: state });
      return { data: { state } };
    },
  };
  const { released } = await endLocksOfClosedThreads({
    host: 'github.com',
    repository: { id: 1, name: 'acme/ops' },
    octokit,
    locks: {
      list: async () => locks,
      endWithThread: async (end) => {
        ended.push(end);
        return [`of ${end.thread}`];
      },
    },
  });
  return { asked, ended, released };
};

test('asks GitHub once about each thread with locks, and ends those of closed and deleted threads', async () => {
  const locks = [
    lockOf('a', 7),
    lockOf('b', 7, '2026-03-01T13:00:00Z'),
    lockOf('c', 8),
    lockOf('d', 9),
    lockOf('e', null),
    heldLock({ holders: [] }),
  ];
  const { asked, ended, released } = await run(locks, { 7: 'closed', 8: 'open', 9: 410 });
  expect(asked).toEqual([7, 8, 9]);
  // A lock that was taken after the listing stays.
  expect(ended).toEqual([
    { scope: 'github.com/1', thread: 7, takenBefore: '2026-03-01T13:00:00Z' },
    { scope: 'github.com/1', thread: 9, takenBefore: '2026-03-01T12:00:00Z' },
  ]);
  expect(released).toEqual(['of 7', 'of 9']);
});

test('without such locks asks nothing, and an error of GitHub ends nothing', async () => {
  expect(await run([lockOf('a', null)], {})).toEqual({ asked: [], ended: [], released: [] });
  await expect(run([lockOf('a', 7)], { 7: 500 })).rejects.toThrow();
});
