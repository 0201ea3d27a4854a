import { afterEach, expect, jest, test } from '@jest/globals';
import { RE2JS } from 're2js';
import { matchesPattern, patternInWords } from '../../../chatops/command/values/pattern.ts';

afterEach(() => void jest.restoreAllMocks());

test('a pattern is compiled once for all values', () => {
  const compile = jest.spyOn(RE2JS, 'compile');
  for (let n = 0; n < 50; n += 1) expect(matchesPattern('value[0-9]+', `value${n}`)).toBe(true);
  expect(matchesPattern('value[0-9]+', 'value')).toBe(false);
  expect(compile).toHaveBeenCalledTimes(1);
});

test('a value that takes too long with a large pattern does not match, and the words name the length it may have', () => {
  const pattern = '.*[a-c].{900}';
  const most = Math.floor(10_000_000 / RE2JS.compile(pattern).programSize());
  expect(matchesPattern(pattern, 'a'.repeat(most))).toBe(true);
  expect(matchesPattern(pattern, 'a'.repeat(most + 1))).toBe(false);
  expect(patternInWords(pattern)).toBe(`matches ${pattern} as a whole and has at most ${most} characters`);
  expect(patternInWords('[a-z]+')).toBe('matches [a-z]+ as a whole');
});
