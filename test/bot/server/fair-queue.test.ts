import { expect, test } from '@jest/globals';
import { FairQueue } from '../../../bot/server/fair-queue.ts';

/** A queue whose work ends when the test says so, and the order in which it began. */
const open = (atOnce: number) => {
  const queue = new FairQueue(atOnce);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const add = (key: string, what: string, isFirst = false): void => {
    void queue.run(key, isFirst, async () => {
      begun.push(what);
      await new Promise<void>((resolve) => ends.set(what, resolve));
    });
  };
  const end = async (what: string): Promise<void> => {
    ends.get(what)?.();
    await new Promise(setImmediate);
  };
  return { queue, begun, add, end };
};

test('keys take turns, each with one task at a time; tasks with priority do not wait for the others', async () => {
  const { queue, begun, add, end } = open(2);
  for (const what of ['a1', 'a2', 'a3']) add('a', what);
  for (const what of ['b1', 'b2']) add('b', what);
  add('c', 'c1');
  await new Promise(setImmediate);
  expect(begun).toEqual(['a1', 'b1']);
  add('d', 'd1', true);
  await end('a1');
  await end('d1');
  await end('c1');
  await end('a2');
  expect(begun).toEqual(['a1', 'b1', 'd1', 'c1', 'a2', 'a3']);
  expect(queue.length).toBe(1);
  await end('b1');
  expect(begun.at(-1)).toBe('b2');
  await Promise.all([end('a3'), end('b2'), queue.waitUntilEmpty()]);
});

test('a failed task makes room for the next', async () => {
  const queue = new FairQueue(1);
  const failing = queue.run('a', false, () => Promise.reject(new Error('no')));
  const next = queue.run('b', false, async () => 'done');
  await expect(failing).rejects.toThrow('no');
  await expect(next).resolves.toBe('done');
  await queue.waitUntilEmpty();
});
