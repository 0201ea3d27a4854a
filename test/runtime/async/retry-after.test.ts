import { expect, test } from '@jest/globals';
import { parseRetryAfter } from '../../../runtime/async/retry-after.ts';

const now = Date.UTC(2026, 11, 1);

test.each([
  ['30', 30],
  [' 1.5 ', 1.5],
  [7, 7],
  ['Tue, 01 Dec 2026 00:01:30 GMT', 90],
  ['Mon, 30 Nov 2026 00:00:00 GMT', 0],
  ['soon', undefined],
  ['-1', undefined],
  ['', undefined],
  [null, undefined],
  [undefined, undefined],
])('Retry-After: %j', (header, seconds) => {
  expect(parseRetryAfter(header, now)).toBe(seconds);
});
