import { expect, test } from '@jest/globals';
import { formatTime, formatTimeBetween } from '../../../chatops/reply/time.ts';

const start = '2026-03-01T12:00:00Z';
const after = (seconds: number): string => new Date(Date.parse(start) + seconds * 1000).toISOString();

test.each([
  [0.4, 'less than 1 s'],
  [-5, 'less than 1 s'],
  [1, '1 s'],
  [60, '1 min'],
  [65, '1 min 5 s'],
  [3600, '1 h'],
  [3665, '1 h 1 min'],
  [90_000, '1 d 1 h'],
])('%d s are %s', (seconds, words) => {
  expect(formatTimeBetween(start, after(seconds))).toBe(words);
});

test('a text that is not a time stays unchanged', () => {
  expect(formatTimeBetween(start, 'soon')).toBeUndefined();
  expect(formatTime('soon')).toBe('`soon`');
  expect(formatTime(start)).toBe('2026-03-01 12:00 UTC');
});
