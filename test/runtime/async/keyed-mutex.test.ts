import { expect, test } from '@jest/globals';
import { KeyedMutex } from '../../../runtime/async/keyed-mutex.ts';

test('operations of one key run one at a time and in order, also after an error; other keys do not wait', async () => {
  const queue = new KeyedMutex();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = queue.run('1', async () => {
    await gate.promise;
    seen.push('first');
    throw new Error('fault');
  });
  const second = queue.run('1', async () => seen.push('second'));
  await queue.run('2', async () => seen.push('other'));
  expect(seen).toEqual(['other']);
  gate.resolve();
  await expect(first).rejects.toThrow('fault');
  await second;
  expect(seen).toEqual(['other', 'first', 'second']);
});

test('waitUntilIdle waits for operations that are added meanwhile, too', async () => {
  const queue = new KeyedMutex();
  const seen: string[] = [];
  void queue.run('1', async () => {
    void queue.run('2', async () => seen.push('late'));
    seen.push('early');
  });
  await queue.waitUntilIdle();
  expect(seen).toEqual(['early', 'late']);
  await queue.waitUntilIdle();
});
