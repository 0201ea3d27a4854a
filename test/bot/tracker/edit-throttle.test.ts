import { expect, test } from '@jest/globals';
import { createEditThrottle, getEditDelay } from '../../../bot/tracker/edit-throttle.ts';

/** The times of all edits of a job that runs so long, in seconds. */
const editsOf = (apart: number, until: number): number[] => {
  const times: number[] = [];
  for (let at = 0; ; times.push(at / 1_000)) {
    at += getEditDelay(createEditThrottle(apart), at);
    if (at > until) return times;
  }
};

test('edits come after 2, 5, 10 and 20 s, then each 30 s', () => {
  expect(editsOf(30_000, 120_000)).toEqual([2, 5, 10, 20, 50, 80, 110]);
});

test('a job that runs for an hour waits 5 % of its time', () => {
  expect(getEditDelay(createEditThrottle(30_000), 3_600_000)).toBe(180_000);
});

test('the local platform is faster in proportion', () => {
  expect(editsOf(1_500, 4_000)).toEqual([0.1, 0.25, 0.5, 1, 2.5, 4]);
});

test('what does not run has no beginning to count from', () => {
  expect(getEditDelay(createEditThrottle(30_000), undefined)).toBe(30_000);
});
