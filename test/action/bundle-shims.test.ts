import { expect, jest, test } from '@jest/globals';
import { LRUCache } from '../../action/bundle-shims.ts';

test('the cache of the bundle evicts its oldest entry when it is full', () => {
  const cache = new LRUCache<string, string>({ max: 2 });
  for (const key of ['a', 'b', 'c']) cache.set(key, `value of ${key}`);
  expect(['a', 'b', 'c'].map((key) => cache.get(key))).toEqual([undefined, 'value of b', 'value of c']);
  cache.set('b', 'again');
  cache.set('d', 'new');
  expect(['b', 'c', 'd'].map((key) => cache.has(key))).toEqual([true, false, true]);
  cache.delete('b');
  expect(cache.get('b')).toBeUndefined();
});

test('an entry of the cache of the bundle expires', () => {
  const now = jest.spyOn(performance, 'now').mockReturnValue(1_000);
  const cache = new LRUCache<string, string>({ max: 2, ttl: 500 });
  cache.set('a', 'value');
  expect(cache.get('a')).toBe('value');
  now.mockReturnValue(1_501);
  expect([cache.get('a'), cache.has('a')]).toEqual([undefined, false]);
  now.mockRestore();
});
