import { expect, test } from '@jest/globals';
import { toNcrontab } from '../../../compute/orchestrator/azure-functions/ncrontab.ts';
import { findNextTime, parseNcrontab } from '../../../local/hosted-app/triggers/ncrontab.ts';

const now = Date.parse('2026-11-30T23:59:58.500Z');

test.each([
  ['* * * * * *', '2026-11-30T23:59:59.000Z'],
  ['*/10 * * * * *', '2026-12-01T00:00:00.000Z'],
  ['0 */5 * * * *', '2026-12-01T00:00:00.000Z'],
  ['30 7 * * * *', '2026-12-01T00:07:30.000Z'],
  ['0 0 */6 * * *', '2026-12-01T00:00:00.000Z'],
  ['58 59 23 * * *', '2026-12-01T23:59:58.000Z'],
])('%s is due next at %s', (text, expected) => {
  expect(new Date(findNextTime(parseNcrontab(text), now)).toISOString()).toBe(expected);
});

test.each([10, 60, 300, 3_600])('a schedule of the app, every %s s, has this interval', (seconds) => {
  const schedule = parseNcrontab(toNcrontab(seconds));
  const first = findNextTime(schedule, now);
  expect(findNextTime(schedule, first) - first).toBe(seconds * 1_000);
  expect(first % (seconds * 1_000)).toBe(0);
});

test.each(['', '* * * * *', '60 * * * * *', '*/0 * * * * *', '1-5 * * * * *', '0 0 0 1 * *', '0 0 24 * * *'])(
  'a schedule that is not supported is an error: %s',
  (text) => {
    expect(() => parseNcrontab(text)).toThrow('cannot follow the schedule');
  },
);
